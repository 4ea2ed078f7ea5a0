internal import Storage

/// What one block of lines leaves for the lists that are kept in the order of files and lines.
struct BlockJournal {
    enum Entry {
        case rejected(Rejection)
        /// With the day of the event.
        case setAside(Int)
    }

    struct Item {
        let entry: Entry
        /// From 1, within the block.
        let line: Int
        /// Of the line's bytes in `bytes`.
        let range: Range<Int>
    }

    /// Of the block, blank ones as well.
    var lines = 0
    private(set) var items: [Item] = []
    private(set) var bytes: [UInt8] = []

    /// A journal as large as this is written before more is added.
    static let maximumBytes = 1 << 20
    /// What an item takes besides its bytes.
    private static let itemBytes = MemoryLayout<Item>.stride

    var sizeBytes: Int { bytes.count + items.count * Self.itemBytes }
    var isFull: Bool { sizeBytes >= Self.maximumBytes }

    mutating func add(_ entry: Entry, _ line: UnsafeRawBufferPointer) {
        let start = bytes.count
        bytes.append(contentsOf: line)
        items.append(Item(entry: entry, line: lines, range: start..<bytes.count))
    }

    mutating func removeItems() {
        items.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }
}

/// Brings the journals of blocks that several workers read into the order of files and lines.
///
/// What is early waits, in bounded memory: a worker whose journal is large waits itself.
final class JournalCommit: @unchecked Sendable {
    typealias Write = (_ journal: BlockJournal, _ file: Int, _ linesBefore: Int) throws -> Void

    /// Another worker has failed.
    struct Stopped: Error {}

    private struct Place: Hashable {
        var file: Int
        var block: Int
    }

    private struct Finished {
        let journal: BlockJournal
        let isLast: Bool
    }

    /// What all waiting journals may take.
    static let maximumWaitingBytes = 4 << 20

    private let write: Write
    private let monitor = Monitor()

    // Everything below is only touched within `monitor`, or by the worker that is writing.
    private var next = Place(file: 0, block: 0)
    private var linesBefore = 0
    private var waiting: [Place: Finished] = [:]
    private var waitingBytes = 0
    private var isWriting = false
    private var isStopped = false

    /// - Parameter write: Called by one worker at a time.
    init(_ write: @escaping Write) { self.write = write }

    func stop() {
        monitor.locked {
            isStopped = true
            monitor.wakeAll()
        }
    }

    /// Waits until all before the block is written, then writes what it has so far and empties it.
    func flush(_ journal: inout BlockJournal, file: Int, block: Int) throws {
        let place = Place(file: file, block: block)
        let before = try monitor.locked {
            try waitForTurn(place)
            return linesBefore
        }
        // Nobody else writes until this block is finished.
        try write(journal, file, before)
        journal.removeItems()
    }

    func finish(_ journal: BlockJournal, file: Int, block: Int, isLast: Bool) throws {
        let place = Place(file: file, block: block)
        try monitor.locked {
            if !journal.items.isEmpty, place != next,
                waitingBytes + journal.sizeBytes > Self.maximumWaitingBytes
            {
                try waitForTurn(place)
            }
            waiting[place] = Finished(journal: journal, isLast: isLast)
            waitingBytes += journal.sizeBytes
            guard !isWriting else { return }
            isWriting = true
            defer {
                isWriting = false
                monitor.wakeAll()
            }
            while !isStopped, let finished = waiting.removeValue(forKey: next) {
                waitingBytes -= finished.journal.sizeBytes
                if !finished.journal.items.isEmpty {
                    let (file, before) = (next.file, linesBefore)
                    try monitor.unlocked { try write(finished.journal, file, before) }
                }
                if finished.isLast {
                    next = Place(file: next.file + 1, block: 0)
                    linesBefore = 0
                } else {
                    next.block += 1
                    linesBefore += finished.journal.lines
                }
                monitor.wakeAll()
            }
        }
    }

    private func waitForTurn(_ place: Place) throws {
        while !isStopped, next != place || isWriting { monitor.wait() }
        if isStopped { throw Stopped() }
    }
}
