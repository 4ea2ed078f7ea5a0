internal import Storage

/// Reads logs of any format: hands on their events and lists what is none.
///
/// Logs of Spindle's own format are read by several workers at once; others, in between, by the first.
/// Events of access logs come when all logs have been read, as a session may lie in several.
final class PlayLogReader {
    /// Takes an event: the worker that read it, the event, a line of Spindle's log from which it can
    /// be read again (empty when it is of the day of its log), and the place of its log among the logs.
    ///
    /// Called by all workers at once, so what it touches must be of its worker, or guarded; in no
    /// order between workers. Event and line are valid during the call.
    typealias Body = (Int, PlayEvent, UnsafeRawBufferPointer, Int) throws -> PlayOutcome
    /// Takes what `Body` has set aside: the event's day, the line, its log and its number.
    ///
    /// Called in the order of logs and lines, by one worker at a time.
    typealias SetAside = (Int, UnsafeRawBufferPointer, LogFile, Int) throws -> Void

    static let maximumLineBytes = PlayEventParser.maximumLineBytes
    /// How long after its last change a log may still be in the making.
    static let settlingMs = 60_000
    /// A quoted field may go over so many line feeds.
    static let maximumLineFeeds = 16

    private let warehouse: Warehouse
    private let commonOptions: PlayLogOptions
    private let songs: SongResolver
    private let rejects: RejectList
    private let workers: Int
    private let setAside: SetAside
    private let body: Body
    // One thread, and no call while one of these changes: checking that costs a quarter of the time.
    @exclusivity(unchecked) private var read = PlayAccounting()
    private var logs: [LogFile] = []
    private var sessions: ListeningSessions?
    @exclusivity(unchecked) private var eventLine = EventLine()

    // The log that is being read.
    private var fileNumber = 0
    private var isGrowing = false
    private var options: PlayLogOptions

    init(
        _ warehouse: Warehouse, _ options: PlayLogOptions, _ songs: SongResolver,
        _ rejects: RejectList, workers: Int = 1,
        setAside: @escaping SetAside = { _, _, _, _ in }, _ body: @escaping Body
    ) {
        self.warehouse = warehouse
        commonOptions = options
        self.options = options
        self.songs = songs
        self.rejects = rejects
        self.workers = workers
        self.setAside = setAside
        self.body = body
    }

    /// What the reading of Spindle's own logs holds in memory, without the windows of zstd: those are
    /// as large as the files say (8 MiB up to level 19, 128 MiB with `--long`), and one a worker.
    static func bufferBytes(workers: Int) -> Int {
        let worker =
            LineBlockReader.bufferBytes(maximumLineBytes: maximumLineBytes)
            + 2 * BlockJournal.maximumBytes + ContentReader.bufferBytes
        return workers * worker + JournalCommit.maximumWaitingBytes
    }

    /// - Parameters:
    ///   - range: Of the bytes of the only log, which must be plain and Spindle's own: the lines
    ///     that begin there, numbered from 1.
    ///   - atSessions: Told, when all logs were read and before sessions are handed on, whether there
    ///     are any.
    /// - Returns: Where the lines went, as far as `body` does not count them itself.
    func read(_ logs: [LogFile], range: Range<Int>? = nil, atSessions: (Bool) -> Void = { _ in })
        throws
        -> PlayAccounting
    {
        self.logs = logs
        // The first of Spindle's own logs that have not been read yet.
        var firstOwn = 0
        for (number, log) in logs.enumerated() {
            options = commonOptions.options(for: log.path)
            let format =
                try options.format ?? LogDetection.format(of: log.path, columns: options.columns)
            if format == .spindle { continue }
            guard range == nil else {
                throw FormatError(
                    log.path,
                    "is no log of Spindle's own: only those can be read by ranges of bytes")
            }
            try readOwn(firstOwn..<number, nil)
            firstOwn = number + 1
            fileNumber = number
            isGrowing = log.isChanging(at: options.nowMs, within: Self.settlingMs)
            try read(log, as: format)
        }
        try readOwn(firstOwn..<logs.count, range)
        atSessions(sessions != nil)
        try finishSessions()
        return read
    }

    /// Most of what there is to read.
    private func readOwn(_ numbers: Range<Int>, _ range: Range<Int>?) throws {
        guard !numbers.isEmpty else { return }
        let reader = OwnLogReader(
            Array(logs[numbers]), firstFile: numbers.lowerBound, range: range,
            nowMs: commonOptions.nowMs, body
        ) { journal, file, linesBefore in
            let log = self.logs[numbers.lowerBound + file]
            try journal.bytes.withUnsafeBytes { bytes in
                for item in journal.items {
                    let line = bytes.part(item.range)
                    switch item.entry {
                    case .rejected(let rejection):
                        try self.rejects.add(
                            rejection, file: log.path, line: linesBefore + item.line, original: line
                        )
                    case .setAside(let day):
                        try self.setAside(day, line, log, linesBefore + item.line)
                    }
                }
            }
        }
        read += try reader.read(workers: workers)
    }

    private func read(_ log: LogFile, as format: LogFormat) throws {
        switch format {
        case .spindle: preconditionFailure("read by all workers")
        case .csv: try readDelimited(log, format, delimiter: 44)
        case .tsv: try readDelimited(log, format, delimiter: 9)
        case .listenBrainz: try readJSON(log, format, ListenBrainzParser())
        case .spotify: try readJSON(log, format, SpotifyParser())
        case .lastFM:
            let completion = completion(log, format)
            let parser = LastFMParser()
            try forEachLine(log) { line in
                try self.take(parser, completion, line.bytes, log, line.number, line)
            }
        case .cloudFront: try readRequests(log, CloudFrontParser())
        case .combined: try readRequests(log, CombinedLogParser())
        case .jsonAccess: try readRequests(log, JSONAccessParser())
        }
    }

    // MARK: Lines

    static let cutLine = Rejection(reason: .cutLine, detail: "the log is still being written")

    /// Counts the lines that are not blank and sets aside those that are too long. A byte order mark may stand before the first.
    private func forEachLine(_ log: LogFile, _ body: (LineReader.Line) throws -> Void) throws {
        let reader = try LineReader(log.path, maximumLineBytes: Self.maximumLineBytes)
        var lastLine = 0
        let damage = try reader.forEach { line in
            lastLine = line.number
            if line.bytes.isBlank { return }
            read.lines += 1
            if line.isOverlong {
                return try reject(Self.tooLong, log, line.number, line.bytes)
            }
            if line.number == 1, line.bytes.starts(with: "\u{feff}") {
                return try body(line.withoutFirst(3))
            }
            try body(line)
        }
        if let damage { try note(damage, log, lastLine) }
    }

    static let tooLong = Rejection(
        reason: .tooLong, detail: "longer than \(maximumLineBytes) bytes")

    private func note(_ damage: CompressionError, _ log: LogFile, _ line: Int) throws {
        try reject(
            Rejection(reason: .damagedFile, detail: damage.detail), log, line,
            UnsafeRawBufferPointer.none)
    }

    private func reject(
        _ rejection: Rejection, _ log: LogFile, _ line: Int, _ original: UnsafeRawBufferPointer
    ) throws {
        read.reject(rejection.reason)
        try rejects.add(rejection, file: log.path, line: line, original: original)
    }

    // MARK: Records of other logs

    private func completion(_ log: LogFile, _ format: LogFormat) -> EventCompletion {
        EventCompletion(format, options, songs)
    }

    /// - Parameter last: The line that may be cut off, where the record is one.
    private func take(
        _ parser: some PlayRecordParser, _ completion: EventCompletion,
        _ bytes: UnsafeRawBufferPointer, _ log: LogFile, _ number: Int, _ last: LineReader.Line?
    ) throws {
        // The end of a text format can look whole when half of the last column is missing.
        if isGrowing, let last, !last.isTerminated {
            return try reject(Self.cutLine, log, number, bytes)
        }
        var record = PlayRecord()
        let outcome = parser.parse(bytes, into: &record)
        try finish(outcome, record, completion, bytes, log, number)
    }

    private func finish(
        _ outcome: LineOutcome, _ record: PlayRecord, _ completion: EventCompletion,
        _ bytes: UnsafeRawBufferPointer, _ log: LogFile, _ number: Int
    ) throws {
        switch outcome {
        case .play:
            if let rejection = try completion.complete(record) {
                return try reject(rejection, log, number, bytes)
            }
            try hand(completion.event, isResolved: completion.isResolved, log, number, bytes)
        case .leftOut(let reason): read.leaveOut(reason)
        case .rejected(let rejection): try reject(rejection, log, number, bytes)
        }
    }

    private func hand(
        _ event: PlayEvent, isResolved: Bool, _ log: LogFile, _ number: Int,
        _ original: UnsafeRawBufferPointer
    ) throws {
        if !isResolved { read.unresolved += 1 }
        let line = event.dayNumber == log.day?.dayNumber ? .none : eventLine.write(event)
        switch try body(0, event, line, fileNumber) {
        case .taken: break
        case .refused(let rejection):
            // A session is no line; what it came to is told.
            try reject(rejection, log, number, original.isEmpty ? eventLine.write(event) : original)
        case .setAside(let day):
            try setAside(day, line.isEmpty ? eventLine.write(event) : line, log, number)
        }
    }

    /// One object a line, or an array of objects: both are about.
    private func readJSON(_ log: LogFile, _ format: LogFormat, _ parser: some PlayRecordParser)
        throws
    {
        let completion = completion(log, format)
        if try !isArray(log) {
            return try forEachLine(log) { line in
                var record = PlayRecord()
                let outcome = parser.parse(line.bytes, into: &record)
                if self.isGrowing, !line.isTerminated, case .rejected(let rejection) = outcome,
                    rejection.reason == .notJSON
                {
                    return try self.reject(Self.cutLine, log, line.number, line.bytes)
                }
                try self.finish(outcome, record, completion, line.bytes, log, line.number)
            }
        }
        var reader = try JSONArrayReader(log.path, maximumBytes: Self.maximumLineBytes)
        var lastLine = 0
        let damage = try reader.forEach { element in
            lastLine = element.line
            read.lines += 1
            if element.isOverlong {
                try reject(Self.tooLong, log, element.line, element.bytes)
                return false
            }
            var record = PlayRecord()
            let outcome = parser.parse(element.bytes, into: &record)
            var isJSON = true
            if case .rejected(let rejection) = outcome {
                isJSON = rejection.reason != .notJSON && rejection.reason != .notUTF8
                if element.isCut, isGrowing {
                    try reject(Self.cutLine, log, element.line, element.bytes)
                    return false
                }
            }
            try finish(outcome, record, completion, element.bytes, log, element.line)
            return isJSON
        }
        if let damage { try note(damage, log, lastLine) }
    }

    private func isArray(_ log: LogFile) throws -> Bool {
        let reader = try ContentReader(log.path)
        var isArray = false
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { buffer in
            let count = (try? reader.read(into: buffer)) ?? 0
            var bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if bytes.starts(with: "\u{feff}") { bytes = bytes.part(3..<bytes.count) }
            isArray = bytes.first { $0 > 32 } == 91
        }
        return isArray
    }

    // MARK: CSV and TSV

    private func readDelimited(_ log: LogFile, _ format: LogFormat, delimiter: UInt8) throws {
        let completion = completion(log, format)
        let parser = DelimitedParser(delimiter: delimiter, chosen: options.columns)
        var hasHeader = false
        /// Lines of a record whose quoted field has not ended, and where they stand.
        var open: [(bytes: [UInt8], line: Int)] = []
        var joined: [UInt8] = []

        func whole(_ bytes: UnsafeRawBufferPointer, _ number: Int) throws {
            var record = PlayRecord()
            let outcome = parser.parse(bytes, into: &record)
            try self.finish(outcome, record, completion, bytes, log, number)
        }

        /// The first of the open lines has a quote that nothing closes: it stands for itself.
        func giveUp() throws {
            let lines = open
            open = []
            try lines[0].bytes.withUnsafeBytes { try whole($0, lines[0].line) }
            for line in lines.dropFirst() {
                try line.bytes.withUnsafeBytes { try take($0, line.line) }
            }
        }

        func take(_ bytes: UnsafeRawBufferPointer, _ number: Int) throws {
            if open.isEmpty {
                if !parser.isOpen(bytes) { return try whole(bytes, number) }
                open.append((Array(bytes), number))
                return
            }
            open.append((Array(bytes), number))
            joined.removeAll(keepingCapacity: true)
            for (index, line) in open.enumerated() {
                if index > 0 { joined.append(10) }
                joined += line.bytes
            }
            guard joined.count <= Self.maximumLineBytes, open.count <= Self.maximumLineFeeds + 1
            else { return try giveUp() }
            let text = joined
            try text.withUnsafeBytes { record in
                if parser.isOpen(record) { return }
                // In TSV two rows that each have a stray quote look like one with a line feed.
                let areRows = open.allSatisfy {
                    $0.bytes.withUnsafeBytes(parser.isWholeWithoutQuoting)
                }
                guard !areRows, parser.hasItsColumns(record) else { return try giveUp() }
                let first = open[0].line
                // A record is one line of the account.
                self.read.lines -= open.count - 1
                open = []
                try whole(record, first)
            }
        }

        try forEachLine(log) { line in
            if !hasHeader {
                guard parser.takeHeader(line.bytes) else {
                    throw parser.badHeader(line.bytes, path: log.path, number: line.number)
                }
                hasHeader = true
                self.read.leaveOut(.header)
                return
            }
            if self.isGrowing, !line.isTerminated {
                while !open.isEmpty { try giveUp() }
                return try self.reject(Self.cutLine, log, line.number, line.bytes)
            }
            try take(line.bytes, line.number)
        }
        while !open.isEmpty { try giveUp() }
    }

    // MARK: Access logs

    private func readRequests(_ log: LogFile, _ parser: some AccessLogParser) throws {
        let region = EventCompletion(.combined, options, songs)
        let sessions =
            sessions
            ?? ListeningSessions(in: warehouse, songs, bitrateKbps: options.bitrateKbps)
        self.sessions = sessions
        let number = fileNumber
        try forEachLine(log) { line in
            if self.isGrowing, !line.isTerminated {
                return try self.reject(Self.cutLine, log, line.number, line.bytes)
            }
            var request = AccessRequest()
            var outcome = parser.parse(line.bytes, into: &request)
            if case .request = outcome {
                outcome = try sessions.add(
                    request, region: region.defaultRegion, file: number, line: line.number)
            }
            switch outcome {
            case .request: break
            case .leftOut(let reason): self.read.leaveOut(reason)
            case .rejected(let rejection):
                try self.reject(rejection, log, line.number, line.bytes)
            }
        }
    }

    private func finishSessions() throws {
        guard let sessions else { return }
        try sessions.finish { session in
            read.folded += session.requestCount - 1
            fileNumber = session.file
            try hand(
                session.event, isResolved: session.isResolved, logs[session.file], session.line,
                .none)
        }
        self.sessions = nil
    }
}
