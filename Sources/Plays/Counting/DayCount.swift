internal import Storage

/// Counts a day whose events are in buckets, phase by phase.
struct DayCount {
    private let day: DayEvents
    private let workers: Int
    /// Of so many listeners one goes into the pairs.
    private let coplaySample: Int

    init(_ day: DayEvents, coplaySample: Int, workers: Int) {
        self.day = day
        self.coplaySample = coplaySample
        self.workers = workers
    }

    /// Writes the day's files but the rejects, and adds what became of the events to `accounting`.
    func write(into folder: StagedDirectory, _ accounting: inout PlayAccounting) throws {
        let drops = try IDPhase(day, workers: workers).run()
        let farms = try FarmPhase(day, workers: workers).run { drops }
        let songs = Shuffle(buckets: PlayBuckets.songs, pool: day.pool)
        let sittings = SittingPairs(day.pool, sample: coplaySample)
        let totals = try ListenerPhase(
            day, drops: drops, farms: HashSet(farms), into: songs, sittings: sittings,
            workers: workers
        ).run()
        let runs = Shuffle(buckets: PlayBuckets.songs, pool: day.pool)
        let names = try SongPhase(
            songs, names: day.songNames, into: runs,
            wanted: Set(totals.exclusions.compactMap(\.song)), workers: workers
        ).run()
        try writeFiles(runs, sittings, totals, names, into: folder, &accounting)
    }

    /// The last phase: what songs and listeners have come to becomes files.
    func writeFiles(
        _ runs: Shuffle, _ sittings: SittingPairs, _ totals: ListenerTotals,
        _ names: [SongHash: [UInt8]], into folder: StagedDirectory,
        _ accounting: inout PlayAccounting
    ) throws {
        let list = try SongList(day.pool)
        try folder.write(CountsFile.fileName) { counts in
            try folder.write(SketchesFile.fileName) { sketches in
                try DayMerge(runs, regions: day.regions.sorted().names)
                    .write(counts: counts, sketches: sketches, list)
            }
        }
        try list.finish()
        try folder.write(CoplaysFile.fileName) {
            try CoplayPhase(sittings, list, workers: workers).write($0)
        }
        try folder.write(ExclusionsFile.fileName) {
            try ExclusionsFile(totals, songs: names).write($0, day)
        }
        accounting.streams += totals.streams
        accounting.short += totals.short
        accounting.chartStreams += totals.chartStreams
        accounting.listeners += totals.listeners
        accounting.duplicates += totals.duplicates
        accounting.impossibleHours += totals.impossibleHours
        accounting.addressFarm += totals.addressFarm
        accounting.thresholdLoop += totals.thresholdLoop
    }
}
