internal import Storage

/// Gathers which rows are called just so, and sorts them by the key of what they are called.
///
/// A run at a time is sorted in memory; where there are several, they wait in a file without a
/// name and are merged.
struct ExactKeys: ~Copyable {
    /// The first rows of a key.
    struct List: Sendable {
        let key: Int
        let rows: [UInt8]
    }

    private struct Entry: Comparable {
        let key: Int
        let row: Int

        static func < (a: Entry, b: Entry) -> Bool {
            a.key != b.key ? a.key < b.key : a.row < b.row
        }
    }

    private let path: String
    private let entriesInRun: Int
    private var entries: [Entry] = []
    private var runs: [Range<Int>] = []
    private var writer: FileDescriptor?
    private var reader: FileDescriptor?

    /// - Parameter path: Of a file that may be made.
    /// - Parameter entriesInRun: Bounds memory; 16 bytes each.
    init(path: String, entriesInRun: Int) {
        self.path = path
        self.entriesInRun = entriesInRun
    }

    mutating func add(key: Int, row: Int) throws {
        entries.append(Entry(key: key, row: row))
        if entries.count >= entriesInRun { try endRun() }
    }

    private mutating func endRun() throws {
        entries.sort()
        if writer == nil {
            try FileSystem.remove(path)
            writer = try FileDescriptor(path, .createNew)
            reader = try FileDescriptor(path, .read)
            // Nobody else needs its name, and so it goes with the process.
            try FileSystem.remove(path)
        }
        try entries.withUnsafeBytes { try writer!.write($0) }
        let start = runs.last?.upperBound ?? 0
        runs.append(start..<(start + entries.count))
        entries.removeAll(keepingCapacity: true)
    }

    /// Calls with each key and its first rows, in the order of the keys.
    ///
    /// - Parameter limit: Rows of a key.
    mutating func forEachList(limit: Int, _ body: (List) throws -> Void) throws {
        var key = -1
        var rows: [Int] = []
        func take(_ entry: Entry) throws {
            if entry.key != key {
                if !rows.isEmpty { try body(List(key: key, rows: RowList.encode(rows))) }
                key = entry.key
                rows.removeAll(keepingCapacity: true)
            }
            if rows.count < limit, rows.last != entry.row { rows.append(entry.row) }
        }
        if runs.isEmpty {
            entries.sort()
            for entry in entries { try take(entry) }
        } else {
            if !entries.isEmpty { try endRun() }
            try merge(take)
        }
        if !rows.isEmpty { try body(List(key: key, rows: RowList.encode(rows))) }
        entries.removeAll()
    }

    // MARK: Merging

    /// Some entries of a run, and which are left in the file.
    private struct Part {
        var entries: [Entry]
        var next = 0
        var left: Range<Int>

        var first: Entry { entries[next] }
    }

    private static let entriesInPart = 4096

    private func read(_ part: inout Part) throws -> Bool {
        let count = min(part.left.count, Self.entriesInPart)
        guard count > 0 else { return false }
        let start = part.left.lowerBound
        let size = MemoryLayout<Entry>.stride
        part.entries = try Array(unsafeUninitializedCapacity: count) { buffer, filled in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            guard try reader!.read(into: bytes, at: start * size) == bytes.count else {
                throw FormatError(path, "ended early", hint: "run spindle index again")
            }
            filled = count
        }
        part.left = (start + count)..<part.left.upperBound
        part.next = 0
        return true
    }

    private func merge(_ take: (Entry) throws -> Void) throws {
        var heap: [Part] = []
        for run in runs {
            var part = Part(entries: [], left: run)
            if try read(&part) { heap.append(part) }
        }
        for index in heap.indices.reversed() { Self.siftDown(&heap, index) }
        while !heap.isEmpty {
            try take(heap[0].first)
            heap[0].next += 1
            if heap[0].next == heap[0].entries.count, try !read(&heap[0]) {
                heap.swapAt(0, heap.count - 1)
                heap.removeLast()
            }
            Self.siftDown(&heap, 0)
        }
    }

    private static func siftDown(_ heap: inout [Part], _ start: Int) {
        var index = start
        while 2 * index + 1 < heap.count {
            var child = 2 * index + 1
            if child + 1 < heap.count, heap[child + 1].first < heap[child].first { child += 1 }
            guard heap[child].first < heap[index].first else { return }
            heap.swapAt(index, child)
            index = child
        }
    }
}
