/// The simple forecasts of a song in a region that the model mixes, each in streams on the target.
enum DemandFeatures {
    typealias Vector = SIMD16<Double>

    /// In the order in which they stand in a vector; the places behind them are 0.
    static let names = [
        "yesterday", "ewma50", "ewma25", "ewma10", "weekday", "overall_yesterday",
        "overall_ewma50", "overall_ewma25", "overall_ewma10", "album", "artist", "half_week",
    ]
    static var count: Int { names.count }
}

/// Songs and regions that are forecast alike: where much is heard yesterday says most, where little
/// is heard the long run and the company do.
enum DemandStratum {
    /// Streams a day that part the strata of songs that neither rise nor fall nor are new.
    private static let bounds = [0.1, 0.4, 1.5, 6, 25]
    static let names = [
        "below 0.1", "0.1 to 0.4", "0.4 to 1.5", "1.5 to 6", "6 to 25", "25 and more", "rising",
        "rising, 6 and more", "falling", "out for 1 to 2 days", "out for 3 to 6 days",
        "out for 7 to 14 days",
    ]
    static var count: Int { names.count }

    /// - Parameters:
    ///   - level: Streams a day in the region.
    ///   - fast: Streams a day in all regions, by a mean of the last days.
    ///   - slow: The same by a mean of weeks.
    static func of(level: Double, fast: Double, slow: Double, age: Int) -> Int {
        if age <= DemandGroups.newDays { return age <= 2 ? 9 : age <= 6 ? 10 : 11 }
        if stands(fast, outFrom: slow) { return level < 6 ? 6 : 7 }
        if stands(slow, outFrom: fast) { return 8 }
        return bounds.count { $0 <= level }
    }

    /// More by three tenths and by three standard deviations of a Poisson count.
    private static func stands(_ a: Double, outFrom b: Double) -> Bool {
        a > 1.3 * b + 3 * b.squareRoot() + 1
    }

    /// What the mix is before anything was learnt, and what it is drawn to where little was: the
    /// weights of `DemandFeatures`. New songs lose, hence theirs sum to less than 1.
    static let priors: [DemandFeatures.Vector] = [
        prior([3: 0.1, 8: 0.7, 9: 0.1, 10: 0.1]),
        prior([3: 0.15, 8: 0.75, 9: 0.05, 10: 0.05]),
        prior([3: 0.2, 7: 0.2, 8: 0.55, 9: 0.05]),
        prior([2: 0.15, 3: 0.2, 7: 0.3, 8: 0.35]),
        prior([1: 0.1, 2: 0.3, 3: 0.2, 6: 0.15, 7: 0.2, 8: 0.05]),
        prior([0: 0.2, 1: 0.2, 2: 0.3, 3: 0.1, 5: 0.05, 6: 0.15]),
        prior([0: 0.4, 1: 0.2, 5: 0.2, 6: 0.2]),
        prior([0: 0.6, 1: 0.2, 5: 0.1, 6: 0.1]),
        prior([1: 0.3, 2: 0.4, 6: 0.3]),
        prior([0: 0.45, 5: 0.35]),
        prior([0: 0.2, 1: 0.25, 5: 0.2, 6: 0.25]),
        prior([1: 0.2, 2: 0.3, 6: 0.2, 7: 0.25]),
    ]

    private static func prior(_ weights: [Int: Double]) -> DemandFeatures.Vector {
        var vector = DemandFeatures.Vector.zero
        for (place, weight) in weights { vector[place] = weight }
        return vector
    }
}
