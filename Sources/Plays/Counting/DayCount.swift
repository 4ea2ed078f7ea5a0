internal import Storage

/// Counts a day whose events are in buckets, phase by phase.
struct DayCount {
    private let day: DayEvents
    private let workers: Int

    init(_ day: DayEvents, workers: Int) {
        self.day = day
        self.workers = workers
    }

    /// Writes the day's files but the rejects, and adds what became of the events to `accounting`.
    func write(into folder: StagedDirectory, _ accounting: inout PlayAccounting) throws {
        let drops = try IDPhase(day, workers: workers).run()
        let farms = try FarmPhase(day, drops: drops, workers: workers).run()
        let songs = Shuffle(buckets: PlayBuckets.songs, pool: day.pool)
        let totals = try ListenerPhase(
            day, drops: drops, farms: farms, into: songs, sittings: nil, workers: workers
        ).run()
        let runs = Shuffle(buckets: PlayBuckets.songs, pool: day.pool)
        let wanted = Set(totals.exclusions.compactMap(\.song))
        let songNames = try SongPhase(
            songs, names: day.songNames, into: runs, wanted: wanted, workers: workers
        ).run()
        try folder.write(CountsFile.fileName) { counts in
            try folder.write("listeners.hll.zst") { sketches in
                try DayMerge(runs, regions: day.regions.sorted().names)
                    .write(counts: counts, sketches: sketches)
            }
        }
        accounting.streams += totals.streams
        accounting.short += totals.short
        accounting.chartStreams += totals.chartStreams
        accounting.listeners += totals.listeners
        accounting.duplicates += totals.duplicates
        accounting.impossibleHours += totals.impossibleHours
        accounting.addressFarm += totals.addressFarm
        accounting.thresholdLoop += totals.thresholdLoop
        _ = songNames
    }
}
