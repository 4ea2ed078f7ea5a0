extension PlacementPricing.Sample {
    /// Songs that a sample has, at most.
    static let songsMax = 30_000

    /// All of the head and a share of every stratum of the tail, by expected streams.
    ///
    /// - Returns: nil when all songs are few enough.
    init?(_ problem: PlacementProblem) {
        let count = problem.songs.count
        guard count > Self.songsMax else { return nil }
        // Strata are powers of two of USD-like weight: streams × size, in halves.
        let strata = 256
        func stratum(_ song: Int) -> Int {
            let bytes = problem.demand.total(song) * Double(problem.songs.sizesBytes[song])
            guard bytes > 0 else { return 0 }
            return max(
                1, min(strata - 1, 64 + Int(bytes.exponent) * 2 + (bytes.significand < 1.5 ? 0 : 1))
            )
        }
        var sizes = Array(repeating: 0, count: strata)
        for song in 0..<count { sizes[stratum(song)] += 1 }
        // Whole strata from the top, as far as half of the sample goes; of the rest every nth.
        var steps = Array(repeating: 1, count: strata)
        var room = Self.songsMax / 2
        var top = strata
        while top > 0, sizes[top - 1] <= room {
            top -= 1
            room -= sizes[top]
        }
        let rest = sizes[..<top].reduce(0, +)
        let share = Double(Self.songsMax / 2 + room) / Double(max(1, rest))
        // A stratum of few songs in the tail keeps a hundred at least.
        for index in 0..<top where sizes[index] > 0 {
            let wanted = max(min(100, Double(sizes[index])), Double(sizes[index]) * share)
            steps[index] = max(1, Int((Double(sizes[index]) / wanted).rounded(.down)))
        }
        var seen = Array(repeating: 0, count: strata)
        var songs: [UInt32] = []
        var taken = Array(repeating: 0, count: strata)
        // Songs stand by their ids, which are hashes: every nth is a random choice.
        for song in 0..<count {
            let index = stratum(song)
            if seen[index] % steps[index] == steps[index] / 2 {
                songs.append(UInt32(song))
                taken[index] += 1
            }
            seen[index] += 1
        }
        self.init(
            songs: songs,
            weights: songs.map {
                let index = stratum(Int($0))
                return Double(sizes[index]) / Double(taken[index])
            })
    }
}
