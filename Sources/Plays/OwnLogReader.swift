internal import Storage

/// Reads Spindle's own logs with several workers.
///
/// Each takes blocks of whole lines (`LineBlockSource`), parses them and hands on their events; what
/// must be listed in order goes through `JournalCommit`. The lists and accounts are the same whatever
/// the number of workers.
struct OwnLogReader {
    private let logs: [LogFile]
    private let firstFile: Int
    private let nowMs: Int
    private let source: LineBlockSource
    private let commit: JournalCommit
    private let body: PlayLogReader.Body

    /// - Parameter firstFile: The place of the first of these logs among all, as `body` is told it.
    init(
        _ logs: [LogFile], firstFile: Int, range: Range<Int>?, nowMs: Int,
        _ body: @escaping PlayLogReader.Body, write: @escaping JournalCommit.Write
    ) {
        self.logs = logs
        self.firstFile = firstFile
        self.nowMs = nowMs
        self.body = body
        source = LineBlockSource(
            logs.map(\.path), range: range, maximumLineBytes: PlayEventParser.maximumLineBytes)
        commit = JournalCommit(write)
    }

    /// - Returns: Where the lines went, as far as `body` does not count them itself.
    func read(workers: Int) throws -> PlayAccounting {
        let accounts = UnsafeMutablePointer<PlayAccounting>.allocate(capacity: workers)
        accounts.initialize(repeating: PlayAccounting(), count: workers)
        defer {
            accounts.deinitialize(count: workers)
            accounts.deallocate()
        }
        try Workers.run(workers) { worker in
            do {
                accounts[worker] = try work(worker)
            } catch is JournalCommit.Stopped {
                // The worker that failed tells why.
            } catch {
                source.stop()
                commit.stop()
                throw error
            }
        }
        var read = PlayAccounting()
        for worker in 0..<workers { read += accounts[worker] }
        return read
    }

    private func work(_ worker: Int) throws -> PlayAccounting {
        let blocks = LineBlockReader(source)
        var read = PlayAccounting()
        var parser = PlayEventParser()
        while try blocks.next() {
            var journal = BlockJournal()
            var isFirst = blocks.startsFile
            while var piece = try blocks.piece() {
                // A byte order mark is no part of the first line.
                if isFirst, piece.starts(with: "\u{feff}") { piece = piece.part(3..<piece.count) }
                isFirst = false
                try self.read(piece, worker, blocks, &parser, &journal, &read)
            }
            if let damage = blocks.damage {
                try add(
                    .rejected(Rejection(reason: .damagedFile, detail: damage.detail)), .none,
                    blocks, &journal, &read)
            }
            try commit.finish(
                journal, file: blocks.file, block: blocks.block, isLast: blocks.isLast)
        }
        return read
    }

    private func read(
        _ piece: UnsafeRawBufferPointer, _ worker: Int, _ blocks: LineBlockReader,
        _ parser: inout PlayEventParser, _ journal: inout BlockJournal,
        _ read: inout PlayAccounting
    ) throws {
        let file = firstFile + blocks.file
        var start = 0
        while start < piece.count {
            let count = parser.parseAhead(piece.part(start..<piece.count))
            var line: UnsafeRawBufferPointer
            journal.lines += 1
            if count > 0 {
                line = piece.part(start..<start + count)
                start += count + (piece[start + count] == 10 ? 1 : 2)
                read.lines += 1
            } else {
                let feed = piece.first(10, from: start)
                line = piece.part(start..<(feed ?? piece.count))
                start += line.count + 1
                let isOverlong = line.count > PlayEventParser.maximumLineBytes
                if isOverlong {
                    line = line.part(0..<PlayEventParser.maximumLineBytes)
                } else if line.last == 13 {
                    line = line.part(0..<line.count - 1)
                }
                if line.isBlank { continue }
                read.lines += 1
                if isOverlong {
                    try add(.rejected(PlayLogReader.tooLong), line, blocks, &journal, &read)
                    continue
                }
                if let rejection = parser.parsePadded(line) {
                    // Only what does not parse was cut: an object that is closed is whole.
                    let isCut =
                        feed == nil && rejection.reason == .notJSON
                        && logs[blocks.file].isChanging(at: nowMs, within: PlayLogReader.settlingMs)
                    try add(
                        .rejected(isCut ? PlayLogReader.cutLine : rejection), line, blocks,
                        &journal, &read)
                    continue
                }
            }
            switch try body(worker, parser.event, line, file) {
            case .taken: break
            case .refused(let rejection):
                try add(.rejected(rejection), line, blocks, &journal, &read)
            case .setAside(let day):
                try add(.setAside(day), line, blocks, &journal, &read)
            }
        }
    }

    private func add(
        _ entry: BlockJournal.Entry, _ line: UnsafeRawBufferPointer, _ blocks: LineBlockReader,
        _ journal: inout BlockJournal, _ read: inout PlayAccounting
    ) throws {
        if case .rejected(let rejection) = entry { read.reject(rejection.reason) }
        journal.add(entry, line)
        if journal.isFull {
            try commit.flush(&journal, file: blocks.file, block: blocks.block)
        }
    }
}
