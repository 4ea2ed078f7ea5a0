internal import Storage

/// What a count may take, and how it is shared out.
struct CountingMemory {
    /// All of it, in bytes.
    let bytes: Int
    let workers: Int
    /// Of the songs that a worker remembers while it reads.
    let tableBits: Int

    /// - Parameter inputBytes: Of the logs, as they lie there.
    init(bytes: Int, workers: Int, inputBytes: Int) {
        self.bytes = bytes
        self.workers = workers
        // Packed logs hold some eight times their size, and a line 200 bytes.
        var bits = 8
        while bits < DayIntake.maximumTableBits, 25 << bits < inputBytes,
            DayIntake.tableBytes(bits: bits + 1) * workers < bytes / 8
        {
            bits += 1
        }
        tableBits = bits
    }

    /// For the shuffles' blocks: what reading and counting leave of the whole.
    var poolBytes: Int {
        let reading =
            PlayLogReader.bufferBytes(workers: workers)
            + workers * DayIntake.tableBytes(bits: tableBits)
        let counting = workers * Self.phaseBytes
        return max(bytes - max(reading, counting), bytes / 4)
    }

    /// A worker's tables in any of the phases, at 50 million events a day.
    private static let phaseBytes = 24 << 20
}

/// Takes a day's events in from several workers at once and counts them.
struct DayTally: ~Copyable {
    private let day: DayEvents
    private let workers: Int
    private let intakes: UnsafeMutablePointer<DayIntake>
    private let coplaySample: Int?
    private var isOpen = true

    /// Of how many listeners one goes into the pairs of songs.
    static func sample(_ chosen: Int?, events: Int) -> Int {
        chosen ?? (events < manyEvents ? 1 : 8)
    }

    /// Events that came into the day by another way.
    private let before: Int

    /// Events from which one of eight listeners suffices for pairs of songs.
    private static let manyEvents = 1_000_000

    /// - Parameters:
    ///   - coplaySample: A power of two; nil for what the count of events suggests.
    ///   - allNames: Whether others will count as well, so that nobody can be ruled out here.
    ///   - partials: What was read elsewhere.
    init(
        _ rules: PlayRules, _ memory: CountingMemory, coplaySample: Int?, in warehouse: Warehouse,
        allNames: Bool = false, partials: PartialSet? = nil
    ) throws {
        try FileSystem.makeDirectories(warehouse.temporaryPath)
        let pool = BlockPool(
            bytes: memory.poolBytes, streams: DayEvents.streams * memory.workers,
            folder: warehouse.temporaryPath)
        let day = try partials?.day(rules, pool) ?? DayEvents(rules, pool)
        for content in ShuffleContent.allCases { try partials?.load(content, into: day) }
        self.day = day
        before = partials?.union.events ?? 0
        self.coplaySample = coplaySample
        workers = memory.workers
        intakes = .allocate(capacity: workers)
        for worker in 0..<workers {
            (intakes + worker).initialize(
                to: DayIntake(
                    day, workers: workers, tableBits: memory.tableBits, allNames: allNames))
        }
    }

    deinit {
        if isOpen { intakes.deinitialize(count: workers) }
        intakes.deallocate()
    }

    /// What was taken in, once nothing more comes: for partials, which are counted elsewhere.
    mutating func gathered() -> (day: DayEvents, events: Int) {
        var events = 0
        for worker in 0..<workers {
            intakes[worker].finish()
            events += intakes[worker].count
        }
        intakes.deinitialize(count: workers)
        isOpen = false
        return (day, events)
    }

    /// Takes an event of the day in; each worker may do so at the same time.
    ///
    /// - Parameter timeMs: Since the day began.
    @inline(__always)
    borrowing func add(_ event: PlayEvent, timeMs: Int, worker: Int) throws {
        let intake = intakes + worker
        let region = try intake.pointee.region(event.region)
        try intake.pointee.add(event, timeMs: timeMs, region: region)
    }

    /// Applies the rules and writes the day's files but the rejects.
    ///
    /// - Returns: Of how many listeners one went into the pairs of songs.
    mutating func finish(into folder: StagedDirectory, _ accounting: inout PlayAccounting) throws
        -> Int
    {
        let (day, events) = gathered()
        let sample = Self.sample(coplaySample, events: events + before)
        try DayCount(day, coplaySample: sample, workers: workers).write(into: folder, &accounting)
        return sample
    }
}
