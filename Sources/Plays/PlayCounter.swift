package import Storage

/// Turns play logs into counts, a partition a day.
///
/// Each event belongs to the UTC day of its `ts`, whatever log it is in. A log is read when it is
/// new or changed; what it holds of earlier days is set aside (`LateSpool`), and a day is counted
/// again when something came for it. Days are counted newest first, so that all late events are
/// known before the day to which they belong. Which nights were run, and in which order, leaves
/// no trace in the partitions.
///
/// Counted days wait in `plays/counted/` until all are done and the rejects are within the limit;
/// a run that was killed goes on from there.
package struct PlayCounter {
    let warehouse: Warehouse
    private let logs: [String]
    let options: PlayOptions
    private let songs: SongResolver

    /// - Parameter logs: Files, folders and patterns.
    package init(warehouse: Warehouse, logs: [String], options: PlayOptions = PlayOptions()) {
        self.warehouse = warehouse
        self.logs = logs
        self.options = options
        songs = SongResolver(options.reading, in: warehouse)
    }

    /// The files that a night would read, and what tells that they have changed.
    package func fingerprints(date: CalendarDate) throws -> [(name: String, fingerprint: String)] {
        try LogFile.find(logs).filter { isInWindow($0, date) }.map { ($0.path, $0.fingerprint) }
    }

    /// The latest day that a log's path names; nil when none does.
    package static func newestLogDay(in logs: [String]) throws -> CalendarDate? {
        try LogFile.find(logs).compactMap(\.day).max()
    }

    /// Counts what is new up to the night of `date`.
    ///
    /// - Throws: `FileError` for a log that is missing or cannot be read, `RejectLimitExceeded`; then no partition has changed.
    package func run(date: CalendarDate, progress: (String) -> Void = { _ in }) throws
        -> PlaySummary
    {
        var summary = PlaySummary(date: date)
        let files = try LogFile.find(logs, setAside: &summary.warnings)
        let undated = files.filter { $0.day == nil }
        summary.undatedWasRead = try spoolUndated(undated, &summary, progress)

        var logsOfDay: [CalendarDate: [LogFile]] = [:]
        for file in files where isInWindow(file, date) {
            if let day = file.day { logsOfDay[day, default: []].append(file) }
        }
        let firstDay = logsOfDay.keys.min() ?? date
        var days: [CountedDay] = []
        if options.timeZones?.hasRegionsAhead == true {
            for (day, logs) in logsOfDay { try readAhead(day, logs, progress) }
        }
        for day in (0..<options.days).map({ date - $0 }) {
            let logs = logsOfDay[day] ?? []
            if logs.isEmpty, day == date {
                summary.warnings.append("no logs of \(date)")
            }
            if let counted = try count(day, logs, isDue: day >= firstDay, &summary, progress) {
                days.append(counted)
            }
        }
        if let accounting = LateSpool(warehouse, nil).accounting {
            summary.undated = accounting
            for (day, count) in LateSpool(warehouse, nil).events where day > date {
                summary.undated.lateOut -= count
                summary.undated.pending += count
            }
        }
        // A run that stopped before has looked at nothing.
        let isUnchecked = summary.undatedWasRead || FileSystem.exists(uncheckedMark)
        try checkRejects(days, undated: isUnchecked ? summary.undated : nil)
        try FileSystem.remove(uncheckedMark)
        try publish(days)
        if let warning = songs.warning { summary.warnings.append(warning) }
        days.sort { $0.date < $1.date }
        summary.days = days.map {
            .init(date: $0.date, outcome: $0.outcome, accounting: $0.accounting)
        }
        summary.rejectLists = days.filter {
            $0.accounting.rejected + $0.accounting.damagedFiles > 0
        }
        .map { "\(partition($0.date))/\(RejectList.fileName)" }
        if summary.undated.rejected + summary.undated.damagedFiles > 0 {
            summary.rejectLists.append("\(LateSpool(warehouse, nil).path)/\(RejectList.fileName)")
        }
        return summary
    }

    // MARK: One day

    private struct CountedDay {
        let date: CalendarDate
        let outcome: PlaySummary.Day.Outcome
        let accounting: PlayAccounting
        /// In `plays/counted/`, not yet in its place.
        var waits = false
    }

    private func isInWindow(_ file: LogFile, _ date: CalendarDate) -> Bool {
        guard let day = file.day else { return true }
        return day <= date && day > date - options.days
    }

    func partition(_ day: CalendarDate) -> String { warehouse.artefact("plays", day) }
    private func waiting(_ day: CalendarDate) -> String {
        warehouse.artefact("plays/counted", day)
    }

    /// - Parameter isDue: A day without a line has an empty partition too, when there are logs before it.
    /// - Returns: nil for a day about which nothing is known.
    private func count(
        _ day: CalendarDate, _ logs: [LogFile], isDue: Bool,
        _ summary: inout PlaySummary, _ progress: (String) -> Void
    ) throws -> CountedDay? {
        let spool = LateSpool(warehouse, day)
        let spoolRecord = options.record(day, inputs(logs))
        let spoolIsFresh = logs.isEmpty || spoolRecord.isMadeOfTheSame(as: spool.record)
        let spools = spoolsBehind(day)
        var record = options.record(day, inputs(logs) + LateSpool.inputs(spools, of: day))
        let existing = ArtefactRecord.readComplete(partition(day))
        let accounting = PlayAccounting(existing?.details["counts"])

        if let existing, let accounting {
            // Logs may be archived once they are counted; a day without all of them cannot be
            // counted. A log in their place may be one of them, packed or moved: then it is.
            let own = existing.inputs.filter { !$0.name.hasPrefix("late/") }
            let gone = archived(own, now: record.inputs)
            if !gone.isEmpty {
                if !logs.isEmpty {
                    summary.warnings.append(
                        "\(gone.count) of the \(own.count) logs of \(day) are gone, as "
                            + "\(gone[0].name.withoutControlCharacters): the day stays as it was counted"
                    )
                }
                if existing.inputs.filter({ $0.name.hasPrefix("late/") })
                    != LateSpool.inputs(spools, of: day)
                {
                    summary.warnings.append(
                        "late events of \(day) are left out: logs of that day are gone")
                }
                return CountedDay(date: day, outcome: .kept, accounting: accounting)
            }
        }
        if record.inputs.isEmpty, !isDue, existing == nil { return nil }
        if spoolIsFresh, record.isMadeOfTheSame(as: existing), let accounting {
            return CountedDay(date: day, outcome: .unchanged, accounting: accounting)
        }
        if spoolIsFresh, let done = ArtefactRecord.readComplete(waiting(day)),
            record.isMadeOfTheSame(as: done),
            let accounting = PlayAccounting(done.details["counts"])
        {
            return CountedDay(date: day, outcome: .counted, accounting: accounting, waits: true)
        }
        progress("counting \(day): \(logs.count) logs")
        let late = spoolIsFresh ? nil : try LateSpoolWriter(spool, in: warehouse)
        let folder = try StagedDirectory(in: warehouse, name: "plays-\(day)")
        do {
            let before = accounting
            let (accounting, sample) = try tally(day, logs, spools, into: folder, late: late)
            warn(&summary, day, accounting, before: before, record.inputs, existing)
            precondition(accounting.addsUp, "the accounts of \(day) do not add up: \(accounting)")
            record.details["counts"] = accounting.json
            record.details["coplay_sample"] = .integer(sample)
            try record.write(to: folder)
            try late?.commit(spoolRecord)
            try folder.commit(to: waiting(day))
            return CountedDay(date: day, outcome: .counted, accounting: accounting, waits: true)
        } catch {
            late?.discard()
            folder.discard()
            throw error
        }
    }

    /// Says what makes a day's count less than it was or should be.
    private func warn(
        _ summary: inout PlaySummary, _ day: CalendarDate, _ accounting: PlayAccounting,
        before: PlayAccounting?, _ inputs: [ArtefactRecord.Input], _ existing: ArtefactRecord?
    ) {
        if accounting.damagedFiles > 0 {
            summary.warnings.append(
                "\(accounting.damagedFiles) of the logs of \(day) are damaged: what stands behind the "
                    + "damage is lost (spindle rejects --stage plays lists them)")
        }
        guard let before, let existing, accounting.lines < before.lines else { return }
        let names = Set(inputs.map { ByteKey($0.name) })
        let gone = existing.inputs.filter {
            !$0.name.hasPrefix("late/") && !names.contains(ByteKey($0.name))
        }
        if let first = gone.first {
            summary.warnings.append(
                "logs of \(day) are gone, as \(first.name.withoutControlCharacters), and others have "
                    + "changed: the day was counted again from what is there, \(accounting.lines) "
                    + "lines instead of \(before.lines)")
        }
    }

    /// The recorded logs that are gone, when nothing new or changed has come that could hold what
    /// they held; else none.
    private func archived(_ recorded: [ArtefactRecord.Input], now: [ArtefactRecord.Input])
        -> [ArtefactRecord.Input]
    {
        let own = now.filter { !$0.name.hasPrefix("late/") }
        let fingerprints = Dictionary(
            recorded.map { (ByteKey($0.name), $0.fingerprint) }, uniquingKeysWith: { $1 })
        guard own.allSatisfy({ fingerprints[ByteKey($0.name)] == $0.fingerprint }) else {
            return []
        }
        let names = Set(own.map { ByteKey($0.name) })
        return recorded.filter { !names.contains(ByteKey($0.name)) }
    }

    func inputs(_ logs: [LogFile]) -> [ArtefactRecord.Input] {
        logs.map { .init(name: $0.path, fingerprint: $0.fingerprint) }
    }

    /// What later logs hold of a day, in the order in which it is counted. Spools of days after the
    /// night count too when they are there: to run an old night again must not undo a later one.
    func spoolsBehind(_ day: CalendarDate) -> [(LateSpool, ArtefactRecord)] {
        var days: [CalendarDate?] = (0..<options.lateDays).map { day + ($0 + 1) } + [nil]
        if options.timeZones?.hasRegionsAhead == true { days.insert(day - 1, at: 0) }
        return days.compactMap { day in
            let spool = LateSpool(warehouse, day)
            return spool.record.map { (spool, $0) }
        }
    }

    /// Reads a day's logs and late events, and writes its counts and rejects.
    private func tally(
        _ day: CalendarDate, _ logs: [LogFile], _ spools: [(LateSpool, ArtefactRecord)],
        into folder: StagedDirectory, late: LateSpoolWriter?
    ) throws -> (PlayAccounting, coplaySample: Int) {
        var accounting = PlayAccounting()
        let inputBytes = try logs.reduce(0) { try $0 + (FileStatus.of($1.path)?.sizeBytes ?? 0) }
        let memory = CountingMemory(
            bytes: options.memoryBytes, workers: options.threads, inputBytes: inputBytes)
        var tally = try DayTally(
            options.rules, memory, coplaySample: options.coplaySample, in: warehouse)
        try folder.write(RejectList.fileName) { writer in
            accounting += try read(
                day, logs, RejectList(writer: writer), setAside: add(to: late)
            ) { worker, event, timeMs in
                try tally.add(event, timeMs: timeMs, worker: worker)
            }
        }
        try addLate(spools, of: day, to: tally, &accounting)
        let sample = try tally.finish(into: folder, &accounting)
        return (accounting, sample)
    }

    /// Hands on the events of a day in its own logs; sets aside those of other days.
    ///
    /// - Parameters:
    ///   - atSessions: Told, when all logs were read and before what sessions came to is handed on,
    ///     whether there are any.
    ///   - take: Called with the worker, the event and its time of day, by all workers at once.
    func read(
        _ day: CalendarDate, _ logs: [LogFile], _ rejects: RejectList, range: Range<Int>? = nil,
        setAside: PlayLogReader.SetAside, atSessions: (Bool) -> Void = { _ in },
        _ take: (Int, PlayEvent, Int) throws -> Void
    ) throws -> PlayAccounting {
        // A cache line each, as all workers count at once.
        let lateOut = UnsafeMutablePointer<Int>.allocate(capacity: options.threads * 16)
        lateOut.initialize(repeating: 0, count: options.threads * 16)
        defer { lateOut.deallocate() }
        var accounting = try forEachEvent(
            of: logs, rejects, range: range, setAside, atSessions: atSessions
        ) { worker, event in
            let local = options.local(event)
            let age = day.dayNumber - local.day
            if age == 0 {
                try take(worker, event, local.timeMs - local.day * 86_400_000)
                return .taken
            }
            if age < 0, event.dayNumber > day.dayNumber {
                return .refused(
                    Rejection(reason: .future, detail: "ts is later than the log's day"))
            }
            if age > options.lateDays {
                return .refused(
                    Rejection(
                        reason: .tooOld,
                        detail: "ts is more than \(options.lateDays) days before the log's day"))
            }
            // It was late, or the clocks of its region are ahead of the log's.
            lateOut[worker * 16] += 1
            return .setAside(day: local.day)
        }
        for worker in 0..<options.threads { accounting.lateOut += lateOut[worker * 16] }
        return accounting
    }

    /// Adds what other logs hold of a day.
    func addLate(
        _ spools: [(LateSpool, ArtefactRecord)], of day: CalendarDate,
        to tally: borrowing DayTally, _ accounting: inout PlayAccounting
    ) throws {
        var parser = PlayEventParser()
        for (spool, record) in spools {
            for input in LateSpool.inputs([(spool, record)], of: day) {
                let path = warehouse.path + "/plays/" + input.name
                try LateSpool.forEachLine(path) { line in
                    guard parser.parse(line) == nil,
                        case let local = options.local(parser.event), local.day == day.dayNumber
                    else {
                        throw FormatError(
                            path, "holds a line that is no event of \(day)",
                            hint: "remove the folder plays/late and run spindle plays again")
                    }
                    accounting.lateIn += 1
                    try tally.add(
                        parser.event, timeMs: local.timeMs - local.day * 86_400_000, worker: 0)
                }
            }
        }
    }

    /// Sets aside what a day's logs hold of the next day by the clocks of regions ahead of UTC, as
    /// that day is counted before.
    private func readAhead(
        _ day: CalendarDate, _ logs: [LogFile], _ progress: (String) -> Void
    ) throws {
        let spool = LateSpool(warehouse, day)
        let record = options.record(day, inputs(logs))
        guard !logs.isEmpty, !record.isMadeOfTheSame(as: spool.record) else { return }
        let recorded = ArtefactRecord.readComplete(partition(day))?.inputs ?? []
        let own = recorded.filter { !$0.name.hasPrefix("late/") }
        guard archived(own, now: record.inputs).isEmpty else { return }
        progress("reading ahead \(day): \(logs.count) logs")
        let writer = try LateSpoolWriter(spool, in: warehouse)
        // They are listed when the day is counted.
        let list = warehouse.temporaryPath("plays-rejects")
        defer { try? FileSystem.remove(list) }
        do {
            _ = try read(
                day, logs, RejectList(writer: try FileWriter(list)), setAside: add(to: writer)
            ) { _, _, _ in }
            try writer.commit(record)
        } catch {
            writer.discard()
            throw error
        }
    }

    /// Calls `body` for each well-formed event of the logs; spools what it sets aside, lists what is
    /// not well-formed and what it refuses.
    ///
    /// - Returns: Counts of lines and rejects.
    func forEachEvent(
        of logs: [LogFile], _ rejects: RejectList, range: Range<Int>? = nil,
        _ setAside: PlayLogReader.SetAside, atSessions: (Bool) -> Void = { _ in },
        _ body: (Int, PlayEvent) throws -> PlayOutcome
    ) throws -> PlayAccounting {
        try withoutActuallyEscaping(body) { body in
            try withoutActuallyEscaping(setAside) { setAside in
                let reader = PlayLogReader(
                    warehouse, options.reading, songs, rejects, workers: options.threads,
                    setAside: setAside
                ) { worker, event, _, _ in try body(worker, event) }
                return try reader.read(logs, range: range, atSessions: atSessions)
            }
        }
    }

    private func add(to late: LateSpoolWriter?) -> PlayLogReader.SetAside {
        { day, line, log, number in try late?.add(day: day, file: log, line: number, line) }
    }

    // MARK: Logs without a day

    /// There while the rejects of logs without a day have not been held against the limit.
    private var uncheckedMark: String { warehouse.path + "/plays/late/.undated-unchecked" }

    /// Spools the logs whose paths have no date, all together, when any of them is new or changed.
    ///
    /// - Returns: Whether they were read.
    private func spoolUndated(
        _ logs: [LogFile], _ summary: inout PlaySummary, _ progress: (String) -> Void
    ) throws -> Bool {
        let spool = LateSpool(warehouse, nil)
        let record = options.record(nil, inputs(logs))
        let existing = spool.record
        if logs.isEmpty || record.isMadeOfTheSame(as: existing) { return false }
        let recorded = existing?.inputs ?? []
        if let gone = archived(recorded, now: record.inputs).first {
            summary.warnings.append(
                "logs without a date are gone, as \(gone.name.withoutControlCharacters): "
                    + "what they held stays as it was read")
            return false
        }
        progress("reading \(logs.count) logs without a date")
        let writer = try LateSpoolWriter(spool, in: warehouse)
        do {
            var accounting = PlayAccounting()
            try writer.listRejects { rejects in
                accounting += try forEachEvent(of: logs, rejects, add(to: writer)) { _, event in
                    .setAside(day: options.local(event).day)
                }
            }
            accounting.lateOut = writer.count
            try FileSystem.makeDirectories(FileSystem.parent(of: uncheckedMark))
            try writeAtomically([], to: uncheckedMark, in: warehouse)
            try writer.commit(record, accounting: accounting)
        } catch {
            writer.discard()
            throw error
        }
        return true
    }

    // MARK: The run's end

    private func checkRejects(_ days: [CountedDay], undated: PlayAccounting?) throws {
        var read = PlayAccounting()
        for day in days where day.waits { read += day.accounting }
        if let undated { read += undated }
        let list = warehouse.rejects("plays")
        let rejected = read.rejected + read.damagedFiles
        // What an earlier run has listed is no longer so, whether this one is within the limit or not.
        try FileSystem.removeTree(list)
        guard options.rejectLimit.isExceeded(rejected: rejected, of: read.lines) else { return }
        for day in days where day.waits && day.accounting.rejected + day.accounting.damagedFiles > 0
        {
            try writeAtomically(
                try FileSystem.readAll("\(waiting(day.date))/\(RejectList.fileName)"),
                to: "\(list)/\(day.date).ndjson", in: warehouse)
        }
        if let undated, undated.rejected + undated.damagedFiles > 0 {
            let spool = LateSpool(warehouse, nil)
            try writeAtomically(
                try FileSystem.readAll("\(spool.path)/\(RejectList.fileName)"),
                to: "\(list)/undated.ndjson", in: warehouse)
            // The next run must count these rejects against the limit again.
            try FileSystem.removeTree(spool.path)
        }
        throw RejectLimitExceeded(
            rejected: rejected, total: read.lines, what: "lines", limit: options.rejectLimit,
            list: list)
    }

    private func publish(_ days: [CountedDay]) throws {
        // The newest last: whoever sees it sees all.
        for day in days.reversed() where day.waits {
            try FileSystem.replaceDirectory(partition(day.date), with: waiting(day.date))
        }
        try FileSystem.removeTree(warehouse.path + "/plays/counted")
    }
}
