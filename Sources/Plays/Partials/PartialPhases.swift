package import Storage

/// Counts a day's partials phase by phase and bucket by bucket, each task a process of its own.
///
/// Everything lies in one folder that all tasks see: `partials/` with a folder a partial, and for
/// each phase one with a folder a task, `listeners/0003-of-0008` say. A task's folder is there whole
/// or not at all; one that runs twice makes the same again.
package struct PartialPhases {
    package enum Phase: String, CaseIterable, Sendable {
        /// Which events are another listener's.
        case events
        /// From which addresses machines play.
        case addresses
        /// Each listener's day.
        case listeners
        /// Each song's plays.
        case songs
    }

    private let job: String
    private let options: PlayOptions

    package init(_ job: String, options: PlayOptions) {
        self.job = job
        self.options = options
    }

    /// Does what is one task's of a phase; all tasks of the phases before must be done.
    ///
    /// - Parameters:
    ///   - task: From 0.
    ///   - count: Into how many tasks the phase is cut; each phase may have another number.
    package func run(_ phase: Phase, task: Int, of count: Int) throws {
        let set = try PartialSet(folders(in: "partials"))
        let name = "\(padded(task, 4))-of-\(padded(count, 4))"
        let target = "\(job)/\(phase.rawValue)/\(name)"
        try PlayCounter.inScratch(beside: target) { scratch in
            let pool = pool(scratch.temporaryPath)
            let day = try set.day(options.rules, pool)
            let folder = try StagedDirectory(in: scratch, name: phase.rawValue)
            func part(_ buckets: Int) -> Range<Int> {
                task * buckets / count..<(task + 1) * buckets / count
            }
            switch phase {
            case .events: try events(set, day, part(PlayBuckets.events), folder)
            case .addresses: try addresses(set, day, part(PlayBuckets.addresses), folder)
            case .listeners: try listeners(set, day, part(PlayBuckets.listeners), folder)
            case .songs: try songs(set, day, part(PlayBuckets.songs), folder)
            }
            try folder.commit(to: target)
        }
    }

    private func pool(_ folder: String) -> BlockPool {
        let memory = CountingMemory(
            bytes: options.memoryBytes, workers: options.threads, inputBytes: 0)
        return BlockPool(
            bytes: memory.poolBytes, streams: DayEvents.streams * options.threads, folder: folder)
    }

    /// The folders of what is there, without those in the making.
    private func folders(in name: String) throws -> [String] {
        let path = "\(job)/\(name)"
        let names =
            FileSystem.exists(path)
            ? try FileSystem.list(path).filter { !$0.hasPrefix(".") } : []
        guard !names.isEmpty else {
            throw FormatError(path, "holds nothing yet", hint: "run the phases before this one")
        }
        return names.map { "\(path)/\($0)" }
    }

    /// The tasks of a phase, all of them.
    ///
    /// - Throws: `FormatError` where one is missing, or where it was cut in two ways.
    private func tasks(of phase: Phase) throws -> [String] {
        let folders = try folders(in: phase.rawValue)
        let count = FileSystem.name(of: folders[0]).split(separator: "-").last.flatMap { Int($0) }
        let expected = (0..<(count ?? 0)).map {
            "\(job)/\(phase.rawValue)/\(padded($0, 4))-of-\(padded(count ?? 0, 4))"
        }
        guard folders == expected else {
            throw FormatError(
                "\(job)/\(phase.rawValue)", "is not one whole set of \(count ?? 0) tasks",
                hint: "run the tasks that are missing, and remove what is of another cut")
        }
        return folders
    }

    // MARK: The phases

    private static let dropsName = "drops.bin"
    private static let farmsName = "farms.bin"
    private static let songsName = "songs.bin"
    private static let pairsName = "pairs.bin"
    private static let runsName = "runs.bin"
    private static let totalsName = "totals.json"
    private static let namesName = "names.json"

    private func events(
        _ set: PartialSet, _ day: DayEvents, _ buckets: Range<Int>, _ folder: StagedDirectory
    ) throws {
        try set.load(.ids, into: day, buckets: buckets)
        let drops = try IDPhase(day, workers: options.threads).run {
            try set.load(.events, into: day)
        }
        try folder.write(Self.dropsName) {
            try ShuffleFile.write(
                drops ?? Shuffle(buckets: PlayBuckets.listeners, pool: day.pool), to: $0)
        }
    }

    private func addresses(
        _ set: PartialSet, _ day: DayEvents, _ buckets: Range<Int>, _ folder: StagedDirectory
    ) throws {
        try set.load(.thresholds, into: day, buckets: buckets)
        let farms = try FarmPhase(day, workers: options.threads).run {
            try set.load(.events, into: day)
            return try drops(day, 0..<PlayBuckets.listeners)
        }
        try folder.write(Self.farmsName) { writer in
            try farms.withUnsafeBytes { try writer.write($0) }
        }
    }

    private func drops(_ day: DayEvents, _ buckets: Range<Int>) throws -> Shuffle {
        try gather(
            .events, Self.dropsName, PlayBuckets.listeners, DropRecord.bytes, buckets, day.pool)
    }

    private func farms() throws -> HashSet {
        var farms: [UInt64] = []
        for folder in try tasks(of: .addresses) {
            let bytes = try FileSystem.readAll("\(folder)/\(Self.farmsName)")
            bytes.withUnsafeBytes { bytes in
                for offset in stride(from: 0, to: bytes.count / 8 * 8, by: 8) {
                    farms.append(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                }
            }
        }
        return HashSet(farms)
    }

    private func listeners(
        _ set: PartialSet, _ day: DayEvents, _ buckets: Range<Int>, _ folder: StagedDirectory
    ) throws {
        try set.load(.events, into: day, buckets: buckets)
        let songs = Shuffle(buckets: PlayBuckets.songs, pool: day.pool)
        let sittings = SittingPairs(day.pool, sample: sample(set))
        let totals = try ListenerPhase(
            day, drops: try drops(day, buckets), farms: try farms(), into: songs,
            sittings: sittings, workers: options.threads
        ).run()
        try folder.write(Self.songsName) { try ShuffleFile.write(songs, to: $0) }
        try folder.write(Self.pairsName) { try ShuffleFile.write(sittings.pairs, to: $0) }
        try folder.write(Self.totalsName) { writer in
            var json = JSONWriter()
            json.value(totals.json)
            json.newline()
            try writer.write(json.bytes)
        }
    }

    private func sample(_ set: PartialSet) -> Int {
        DayTally.sample(options.coplaySample, events: set.union.events)
    }

    private func totals() throws -> ListenerTotals {
        var sum = ListenerTotals()
        for folder in try tasks(of: .listeners) {
            let path = "\(folder)/\(Self.totalsName)"
            guard let totals = ListenerTotals(try JSONValue.read(path)) else {
                throw FormatError(
                    path, "is damaged", hint: "remove the folder that it lies in and run its task")
            }
            sum += totals
        }
        return sum
    }

    private func songs(
        _ set: PartialSet, _ day: DayEvents, _ buckets: Range<Int>, _ folder: StagedDirectory
    ) throws {
        try set.load(.songNames, into: day, buckets: buckets)
        let songs = try gather(
            .listeners, Self.songsName, PlayBuckets.songs, SongRecord.bytes, buckets, day.pool)
        let runs = Shuffle(buckets: PlayBuckets.songs, pool: day.pool)
        let names = try SongPhase(
            songs, names: day.songNames, into: runs,
            wanted: Set(try totals().exclusions.compactMap(\.song)), workers: options.threads
        ).run()
        try folder.write(Self.runsName) { try ShuffleFile.write(runs, to: $0) }
        try folder.write(Self.namesName) { writer in
            var json = JSONWriter()
            json.value(
                .array(
                    names.map { hash, name in
                        .array([
                            .string(hexadecimal(hash.low)), .string(hexadecimal(hash.high)),
                            .string(String(decoding: name, as: UTF8.self)),
                        ])
                    }.sorted { $0.array![0].string! < $1.array![0].string! }))
            json.newline()
            try writer.write(json.bytes)
        }
    }

    /// Some buckets of what the tasks of a phase have left.
    private func gather(
        _ phase: Phase, _ name: String, _ bucketCount: Int, _ recordBytes: Int,
        _ buckets: Range<Int>, _ pool: BlockPool
    ) throws -> Shuffle {
        let shuffle = Shuffle(buckets: bucketCount, pool: pool)
        var writer = ShuffleWriter(shuffle)
        for folder in try tasks(of: phase) {
            let reader = try ShuffleFile.Reader("\(folder)/\(name)", buckets: bucketCount)
            for bucket in buckets {
                try reader.bytes(of: bucket).withUnsafeBytes { bytes in
                    for offset in stride(
                        from: 0, to: bytes.count / recordBytes * recordBytes, by: recordBytes)
                    {
                        try writer.room(bucket, recordBytes).copyMemory(
                            from: bytes.baseAddress! + offset, byteCount: recordBytes)
                    }
                }
            }
        }
        writer.finish()
        return shuffle
    }

    // MARK: The day

    /// Makes the day's partition from what all phases have left.
    package func finish(in warehouse: Warehouse) throws -> (CalendarDate, PlayAccounting) {
        let set = try PartialSet(folders(in: "partials"))
        let counter = PlayCounter(warehouse: warehouse, logs: [], options: options)
        let accounting = try counter.finish(set) { set, date, spools, folder, accounting in
            guard set.union.spools == LateSpool.inputs(spools, of: date) else {
                throw FormatError(
                    job, "holds no partial of the day's late events",
                    hint: "spindle plays map --late, and the phases again")
            }
            let pool = pool(warehouse.temporaryPath)
            let day = try set.day(options.rules, pool)
            try set.load(.userNames, into: day)
            try set.load(.addressNames, into: day)
            let runs = Shuffle(buckets: PlayBuckets.songs, pool: pool)
            var writer = ShuffleWriter(runs)
            var names: [SongHash: [UInt8]] = [:]
            for task in try tasks(of: .songs) {
                let reader = try ShuffleFile.Reader(
                    "\(task)/\(Self.runsName)", buckets: PlayBuckets.songs)
                for bucket in 0..<PlayBuckets.songs {
                    try reader.bytes(of: bucket).withUnsafeBytes {
                        if $0.count > 0 { try writer.append($0, to: bucket) }
                    }
                }
                for entry in try JSONValue.read("\(task)/\(Self.namesName)").array ?? [] {
                    guard let fields = entry.array, fields.count == 3,
                        let low = fields[0].string.flatMap({ UInt64($0, radix: 16) }),
                        let high = fields[1].string.flatMap({ UInt64($0, radix: 16) }),
                        let name = fields[2].string
                    else { continue }
                    names[SongHash(low: low, high: high)] = Array(name.utf8)
                }
            }
            writer.finish()
            let sittings = SittingPairs(
                try gather(
                    .listeners, Self.pairsName, SittingPairs.buckets, SittingPairs.bytes,
                    0..<SittingPairs.buckets, pool), sample: sample(set))
            try DayCount(day, coplaySample: sittings.sample, workers: options.threads)
                .writeFiles(runs, sittings, try totals(), names, into: folder, &accounting)
            return sittings.sample
        }
        return (set.union.date, accounting)
    }
}

/// As text, since numbers of 64 bits do not fit JSON's.
func hexadecimal(_ value: UInt64) -> String { String(value, radix: 16) }

extension ListenerTotals {
    private static var fields: [(name: String, path: WritableKeyPath<ListenerTotals, Int>)] {
        [
            ("streams", \.streams), ("short", \.short), ("chart_streams", \.chartStreams),
            ("listeners", \.listeners), ("duplicates", \.duplicates),
            ("impossible_hours", \.impossibleHours), ("address_farm", \.addressFarm),
            ("threshold_loop", \.thresholdLoop),
        ]
    }

    var json: JSONValue {
        var object: [String: JSONValue] = [:]
        for (name, path) in Self.fields { object[name] = .integer(self[keyPath: path]) }
        object["exclusions"] = .array((exclusions + farms.values).map(\.json))
        return .object(object)
    }

    /// - Returns: nil when a figure is missing.
    init?(_ json: JSONValue) {
        self.init()
        for (name, path) in Self.fields {
            guard let value = json[name]?.int else { return nil }
            self[keyPath: path] = value
        }
        for entry in json["exclusions"]?.array ?? [] {
            guard let exclusion = Exclusion(entry) else { return nil }
            if exclusion.reason == .addressFarm, let address = exclusion.address {
                addFarm(address, exclusion)
            } else {
                exclusions.append(exclusion)
            }
        }
    }
}

extension Exclusion {
    fileprivate var json: JSONValue {
        var object: [String: JSONValue] = [
            "reason": .string(reason.rawValue), "events": .integer(events),
            "played_ms": .integer(playedMs),
        ]
        if let listener { object["listener"] = .string(hexadecimal(listener)) }
        if let address { object["address"] = .string(hexadecimal(address)) }
        if let song {
            object["song"] = .array([
                .string(hexadecimal(song.low)), .string(hexadecimal(song.high)),
            ])
        }
        return .object(object)
    }

    fileprivate init?(_ json: JSONValue) {
        guard let reason = json["reason"]?.string.flatMap({ Reason(rawValue: $0) }),
            let events = json["events"]?.int, let playedMs = json["played_ms"]?.int
        else { return nil }
        self.init(reason: reason, events: events, playedMs: playedMs)
        func hash(_ value: JSONValue?) -> UInt64? {
            value?.string.flatMap { UInt64($0, radix: 16) }
        }
        listener = hash(json["listener"])
        address = hash(json["address"])
        if let words = json["song"]?.array, words.count == 2, let low = hash(words[0]),
            let high = hash(words[1])
        {
            song = SongHash(low: low, high: high)
        }
    }
}
