internal import Plays
internal import Storage

/// The demand of the day behind a run of days, for all songs: those that were heard by the model,
/// those that come out by what their artists' releases do.
struct DemandForecast {
    let model: DemandModel
    let releases: ReleaseDemand
    private let traits: SongTraits

    /// - Parameters:
    ///   - ids: Of the history's songs.
    ///   - dates: The history's days.
    ///   - days: Those to go by; what the history has of later ones is not looked at.
    init(
        _ ids: borrowing ByteTable, _ history: DemandHistory, _ ledger: borrowing LedgerIndex,
        _ announced: [Release], dates: [CalendarDate], days: Range<Int>
    ) {
        self.init(
            ids, history, ledger, announced,
            SongTraits(ids, ledger, history, releases: announced, firstDate: dates[0]),
            dates: dates, days: days)
    }

    /// The same, where the traits are known already.
    init(
        _ ids: borrowing ByteTable, _ history: DemandHistory, _ ledger: borrowing LedgerIndex,
        _ announced: [Release], _ traits: SongTraits, dates: [CalendarDate], days: Range<Int>
    ) {
        self.traits = traits
        model = DemandModel(history, traits, days: days)
        releases = ReleaseDemand(
            announced, planDate: dates[days.upperBound - 1].next, ids, history, traits, ledger,
            model)
    }

    /// Calls `body` for each song that may be heard, in byte order of the ids, with what is expected
    /// by region.
    func forEachSong(
        _ ids: borrowing ByteTable, _ history: DemandHistory,
        _ body: (_ id: [UInt8], _ demand: [Double]) throws -> Void
    ) rethrows {
        var row = DemandRow(regions: model.shares.count)
        var raised = releases.expected[...]
        for song in 0..<ids.count {
            while let release = raised.first, bytesPrecede(release.songID, ids[song]) {
                try body(Array(release.songID.utf8), release.demand)
                raised.removeFirst()
            }
            var demand = model.expected(song, history, traits, &row)
            if let release = raised.first, isSame(release.songID, ids[song]) {
                // Played before its day, it is still raised, but never lowered.
                demand = demand.map { zip($0, release.demand).map(max) } ?? release.demand
                raised.removeFirst()
            }
            guard let demand, !releases.isWithheld(ids[song]) else { continue }
            try body(Array(ids[song]), demand)
        }
        for release in raised { try body(Array(release.songID.utf8), release.demand) }
    }

    private func bytesPrecede(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        text.utf8.lexicographicallyPrecedes(bytes)
    }

    private func isSame(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        text.utf8.elementsEqual(bytes)
    }
}
