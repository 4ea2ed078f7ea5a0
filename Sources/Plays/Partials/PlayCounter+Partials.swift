internal import Glibc
package import Storage

/// Counting a day whose logs are read by many machines: each makes a partial, and what they come to
/// is counted once.
extension PlayCounter {
    // MARK: Map

    /// Reads logs of a day into a partial, a new folder that is there whole or not at all.
    ///
    /// - Parameters:
    ///   - range: Of the bytes of the only log: the lines that begin there.
    ///   - folder: What is there of an earlier try is replaced.
    package static func map(
        _ logs: [String], of day: CalendarDate, range: Range<Int>?, options: PlayOptions,
        to folder: String
    ) throws -> PlayAccounting {
        try checkMayBeReplaced(folder)
        return try inScratch(beside: folder) { scratch in
            let counter = PlayCounter(warehouse: scratch, logs: logs, options: options)
            let files = try LogFile.find(logs)
            if let other = files.first(where: { $0.day ?? day != day }) {
                throw FormatError(
                    other.path,
                    "is a log of \(other.day!) by its path, and the partial is of \(day)",
                    hint:
                        "map it with --date \(other.day!); a day's late events stand in later logs")
            }
            if range != nil, files.count != 1 {
                throw FormatError(
                    logs.first ?? "", "is not one log, and a range is of one",
                    hint: "name one plain log with --logs")
            }
            let staged = try StagedDirectory(in: scratch, name: "partial")
            let accounting = try counter.map(files, day, range, into: staged)
            try staged.commit(to: folder)
            return accounting
        }
    }

    private func map(
        _ logs: [LogFile], _ day: CalendarDate, _ range: Range<Int>?, into folder: StagedDirectory
    ) throws -> PlayAccounting {
        let inputBytes = try logs.reduce(0) { try $0 + (FileStatus.of($1.path)?.sizeBytes ?? 0) }
        let memory = CountingMemory(
            bytes: options.memoryBytes, workers: options.threads, inputBytes: inputBytes)
        var tally = try DayTally(
            options.rules, memory, coplaySample: nil, in: warehouse, allNames: true)
        var part = PlayPartial.Part(
            logs: inputs(logs), range: range,
            rejectBytes: Array(repeating: 0, count: logs.count + 1),
            lateBytes: Array(repeating: 0, count: logs.count + 1))
        let places = Dictionary(
            uniqueKeysWithValues: logs.enumerated().map { (ByteKey($1.path), $0) })
        var areSessions = false
        try folder.write(PlayPartial.lateName) { late in
            try folder.write(PlayPartial.rejectsName) { rejects in
                let list = RejectList { rejection, file, line, original in
                    let text = RejectList.line(rejection, file: file, line: line, original)
                    part.rejectBytes[areSessions ? logs.count : places[ByteKey(file)]!] +=
                        text.count
                    try rejects.write(text)
                }
                part.accounting = try read(
                    day, logs, list, range: range,
                    setAside: { date, line, log, number in
                        let place = places[ByteKey(log.path)]!
                        let start = "\(CalendarDate(dayNumber: date))\t\(place)\t\(number)\t"
                        part.lateBytes[areSessions ? logs.count : place] +=
                            start.utf8.count + line.count + 1
                        try late.write(start)
                        try late.write(line)
                        try late.write("\n")
                    },
                    atSessions: {
                        areSessions = true
                        part.hasSessions = $0
                    },
                    { worker, event, timeMs in
                        try tally.add(event, timeMs: timeMs, worker: worker)
                    })
            }
        }
        if let range { part.lineFeeds = try Self.lineFeeds(in: logs[0].path, range) }
        try writePartial(&tally, part, day, into: folder)
        return part.accounting
    }

    private func writePartial(
        _ tally: inout DayTally, _ part: PlayPartial.Part, _ day: CalendarDate,
        into folder: StagedDirectory
    ) throws {
        let (events, count) = tally.gathered()
        for content in ShuffleContent.allCases {
            try folder.write(content.fileName) {
                try ShuffleFile.write(content.shuffle(of: events), to: $0)
            }
        }
        // Here regions keep the numbers in which they came.
        let (names, ranks) = events.regions.sorted()
        let partial = PlayPartial(
            date: day, tool: options.tool, parameters: options.record(day, []).parameters,
            regions: ranks.map { String(decoding: names[Int($0)], as: UTF8.self) }, events: count,
            parts: [part])
        try folder.write(PlayPartial.recordName) { writer in
            var json = JSONWriter(indented: true)
            json.value(partial.json)
            json.newline()
            try writer.write(json.bytes)
        }
    }

    /// Reads into a partial what later logs, and logs without a day, hold of a day.
    package func mapLate(of day: CalendarDate, to folder: String) throws -> PlayAccounting {
        try Self.checkMayBeReplaced(folder)
        let spools = spoolsBehind(day)
        let late = LateSpool.inputs(spools, of: day)
        let none = Array(repeating: 0, count: late.count + 1)
        var part = PlayPartial.Part(logs: late, rejectBytes: none, lateBytes: none)
        let memory = CountingMemory(
            bytes: options.memoryBytes, workers: options.threads, inputBytes: 1 << 20)
        var tally = try DayTally(
            options.rules, memory, coplaySample: nil, in: warehouse, allNames: true)
        try addLate(spools, of: day, to: tally, &part.accounting)
        return try Self.inScratch(beside: folder) { scratch in
            let staged = try StagedDirectory(in: scratch, name: "partial")
            for name in [PlayPartial.lateName, PlayPartial.rejectsName] {
                try staged.write(name) { _ in }
            }
            try writePartial(&tally, part, day, into: staged)
            try staged.commit(to: folder)
            return part.accounting
        }
    }

    /// How many lines begin in a range, the first of the file included.
    private static func lineFeeds(in path: String, _ range: Range<Int>) throws -> Int {
        let file = try FileDescriptor(path, .read)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        let size = try file.status().sizeBytes
        // A line begins behind a line feed.
        var offset = max(range.lowerBound - 1, 0)
        let end = min(range.upperBound, size) - 1
        var count = range.lowerBound == 0 && size > 0 && !range.isEmpty ? 1 : 0
        while offset < end {
            let wanted = min(buffer.count, end - offset)
            let got = try file.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: offset)
            if got == 0 { break }
            for byte in buffer[..<got] where byte == 10 { count += 1 }
            offset += got
        }
        return count
    }

    /// - Throws: `FormatError` for a folder that holds something and is no partial.
    private static func checkMayBeReplaced(_ folder: String) throws {
        guard FileSystem.exists(folder), !FileSystem.exists("\(folder)/\(PlayPartial.recordName)"),
            try !FileSystem.list(folder).isEmpty
        else { return }
        throw FormatError(
            folder, "is not empty and no partial", hint: "name a folder that is not there yet")
    }

    /// A folder for what is in the making, on the file system of the result.
    static func inScratch<Result>(beside folder: String, _ body: (Warehouse) throws -> Result)
        throws -> Result
    {
        let parent = FileSystem.parent(of: folder)
        try FileSystem.makeDirectories(parent)
        let name = ".\(FileSystem.name(of: folder)).\(UInt64.random(in: 0...UInt64.max))"
        let scratch = Warehouse(path: parent + "/" + name)
        defer { try? FileSystem.removeTree(scratch.path) }
        try FileSystem.makeDirectories(scratch.temporaryPath)
        return try body(scratch)
    }

    // MARK: Merge

    /// Makes one partial of several.
    package static func merge(_ folders: [String], to folder: String) throws {
        try checkMayBeReplaced(folder)
        let set = try PartialSet(folders)
        try inScratch(beside: folder) { scratch in
            let staged = try StagedDirectory(in: scratch, name: "partial")
            try set.write(into: staged)
            try staged.commit(to: folder)
        }
    }

    // MARK: Finish

    /// Counts a day from its partials; the partition is what `run` would make of the same logs.
    ///
    /// - Parameter count: Writes the day's files but the rejects from the partials and from what
    ///   later logs hold of the day; returns of how many listeners one went into the pairs.
    package func finish(_ folders: [String]) throws -> PlayAccounting {
        try finish(try PartialSet(folders)) { set, day, spools, folder, accounting in
            let bytes = try folders.reduce(0) {
                try $0 + (FileStatus.of("\($1)/\(ShuffleContent.events.fileName)")?.sizeBytes ?? 0)
            }
            var tally = try DayTally(
                options.rules,
                CountingMemory(
                    bytes: options.memoryBytes, workers: options.threads, inputBytes: bytes),
                coplaySample: options.coplaySample, in: warehouse, partials: set)
            if set.union.spools.isEmpty { try addLate(spools, of: day, to: tally, &accounting) }
            return try tally.finish(into: folder, &accounting)
        }
    }

    typealias Finish = (
        PartialSet, CalendarDate, [(LateSpool, ArtefactRecord)], StagedDirectory,
        inout PlayAccounting
    ) throws -> Int

    func finish(_ set: PartialSet, _ count: Finish) throws -> PlayAccounting {
        let union = set.union
        let day = union.date
        guard union.tool == options.tool, union.parameters == options.record(day, []).parameters
        else {
            throw FormatError(
                set.folders[0], "was made with another version or other options",
                hint: "give map and merge the same options")
        }
        try union.checkIsWhole()
        let spools = spoolsBehind(day)
        let lateInputs = LateSpool.inputs(spools, of: day)
        guard union.spools.isEmpty || union.spools == lateInputs else {
            throw FormatError(
                set.folders[0], "or another one holds other late events than the warehouse has now",
                hint: "make the partial of late events again: spindle plays map --late")
        }
        var record = options.record(day, union.logs + lateInputs)
        let late = try LateSpoolWriter(LateSpool(warehouse, day), in: warehouse)
        let folder = try StagedDirectory(in: warehouse, name: "plays-\(day)")
        do {
            var accounting = union.parts.reduce(into: PlayAccounting()) { $0 += $1.accounting }
            try folder.write(RejectList.fileName) { try writeRejects(set, to: $0) }
            try spoolLate(set, late)
            let sample = try count(set, day, spools, folder, &accounting)
            precondition(accounting.addsUp, "the accounts of \(day) do not add up: \(accounting)")
            if options.rejectLimit.isExceeded(
                rejected: accounting.rejected + accounting.damagedFiles, of: accounting.lines)
            {
                try writeAtomically(
                    try FileSystem.readAll("\(folder.path)/\(RejectList.fileName)"),
                    to: "\(warehouse.rejects("plays"))/\(day).ndjson", in: warehouse)
                throw RejectLimitExceeded(
                    rejected: accounting.rejected + accounting.damagedFiles,
                    total: accounting.lines, what: "lines", limit: options.rejectLimit,
                    list: warehouse.rejects("plays"))
            }
            record.details["counts"] = accounting.json
            record.details["coplay_sample"] = .integer(sample)
            try record.write(to: folder)
            try late.commit(options.record(day, union.logs))
            try folder.commit(to: partition(day))
            return accounting
        } catch {
            late.discard()
            folder.discard()
            throw error
        }
    }

    /// The lines before each part of a log that was read in ranges.
    private func linesBefore(_ part: PlayPartial.Part, _ union: PlayPartial) -> Int {
        guard let range = part.range, range.lowerBound > 0 else { return 0 }
        return union.parts.reduce(0) { sum, other in
            guard let before = other.range, before.upperBound <= range.lowerBound,
                other.logs[0].name.hasSameBytes(as: part.logs[0].name)
            else { return sum }
            return sum + other.lineFeeds
        }
    }

    private func writeRejects(_ set: PartialSet, to writer: FileWriter) throws {
        try set.forEachPiece(of: PlayPartial.rejectsName, { $0.rejectBytes }) { part, bytes in
            let before = linesBefore(part, set.union)
            if before == 0 { return try writer.write(bytes) }
            // In a name a quote has a backslash before it, so this is the first such place.
            let mark = Array("\",\"line\":".utf8)
            for line in bytes.split(separator: 10) {
                let text = UnsafeRawBufferPointer(rebasing: line)
                let start = text.indices.first { text[$0...].starts(with: mark) }! + mark.count
                var end = start
                var number = 0
                while (48...57).contains(text[end]) {
                    number = number * 10 + Int(text[end] - 48)
                    end += 1
                }
                try writer.write(UnsafeRawBufferPointer(rebasing: text[..<start]))
                try writer.write("\(number + before)")
                try writer.write(UnsafeRawBufferPointer(rebasing: text[end...]))
                try writer.write("\n")
            }
        }
    }

    private func spoolLate(_ set: PartialSet, _ writer: LateSpoolWriter) throws {
        try set.forEachPiece(of: PlayPartial.lateName, { $0.lateBytes }) { part, bytes in
            let before = linesBefore(part, set.union)
            for line in bytes.split(separator: 10) {
                let fields = line.split(
                    separator: 9, maxSplits: 3, omittingEmptySubsequences: false)
                guard fields.count == 4,
                    let day = CalendarDate(String(decoding: fields[0], as: UTF8.self)),
                    let log = Int(String(decoding: fields[1], as: UTF8.self)),
                    let number = Int(String(decoding: fields[2], as: UTF8.self)),
                    part.logs.indices.contains(log)
                else {
                    throw FormatError(
                        set.folders[0], "or another one holds a damaged \(PlayPartial.lateName)",
                        hint: "make the partials again: spindle plays map")
                }
                try writer.add(
                    day: day.dayNumber,
                    file: LogFile(path: part.logs[log].name, day: nil, fingerprint: ""),
                    line: number + before, UnsafeRawBufferPointer(rebasing: fields[3]))
            }
        }
    }
}
