internal import Glibc
internal import Storage

/// Requests for songs, sorted by listener, song and time in bounded memory: what does not fit is
/// sorted in parts and lies in temporary files until it is merged.
final class SessionRequests {
    /// One request; 64 bytes.
    struct Request {
        var user: (UInt64, UInt64)
        var addressHash: UInt64
        var timeMs: Int
        /// The first byte of the song that was sent, or -1.
        var start: Int
        var sizeBytes: Int
        var song: UInt32
        var region: UInt32
        var file: UInt32
        /// Saturated.
        var line: UInt32

        static func precedes(_ a: Request, _ b: Request) -> Bool {
            if a.user.0 != b.user.0 { return a.user.0 < b.user.0 }
            if a.user.1 != b.user.1 { return a.user.1 < b.user.1 }
            if a.song != b.song { return a.song < b.song }
            if a.timeMs != b.timeMs { return a.timeMs < b.timeMs }
            if a.start != b.start { return a.start < b.start }
            if a.sizeBytes != b.sizeBytes { return a.sizeBytes < b.sizeBytes }
            if a.file != b.file { return a.file < b.file }
            return a.line < b.line
        }
    }

    private let warehouse: Warehouse
    private let capacity: Int
    @exclusivity(unchecked) private var requests: ContiguousArray<Request> = []
    private var runs: [String] = []

    /// - Parameter capacity: Requests that are held in memory, 64 bytes each; while parts are merged each takes 64 KiB.
    init(in warehouse: Warehouse, capacity: Int = 1 << 20) {
        self.warehouse = warehouse
        self.capacity = capacity
    }

    deinit { for run in runs { try? FileSystem.remove(run) } }

    func add(_ request: Request) throws {
        requests.append(request)
        if requests.count >= capacity { try spill() }
    }

    private func spill() throws {
        requests.sort(by: Request.precedes)
        let path = warehouse.temporaryPath("plays-sessions")
        runs.append(path)
        let file = try FileDescriptor(path, .createNew)
        try requests.withUnsafeBytes { try file.write($0) }
        requests.removeAll(keepingCapacity: true)
    }

    /// Calls `body` for each request in order; nothing is left then.
    func drain(_ body: (Request) throws -> Void) throws {
        requests.sort(by: Request.precedes)
        if runs.isEmpty {
            for request in requests { try body(request) }
            requests = []
            return
        }
        try spill()
        requests = []
        var parts = try runs.map { try Part($0) }
        // A heap of the parts by their next requests.
        var heap = parts.indices.filter { parts[$0].current != nil }
        func isLess(_ a: Int, _ b: Int) -> Bool {
            let (x, y) = (parts[heap[a]].current!, parts[heap[b]].current!)
            return Request.precedes(x, y)
        }
        func sink(_ start: Int) {
            var place = start
            while true {
                var least = place
                for child in [2 * place + 1, 2 * place + 2]
                where child < heap.count && isLess(child, least) {
                    least = child
                }
                if least == place { return }
                heap.swapAt(place, least)
                place = least
            }
        }
        for place in stride(from: heap.count / 2, through: 0, by: -1) where place < heap.count {
            sink(place)
        }
        while let top = heap.first {
            try body(parts[top].current!)
            try parts[top].advance()
            if parts[top].current == nil {
                heap.swapAt(0, heap.count - 1)
                heap.removeLast()
            }
            if !heap.isEmpty { sink(0) }
        }
        parts = []
        for run in runs { try FileSystem.remove(run) }
        runs = []
    }

    /// Reads one sorted file.
    private final class Part {
        private let file: FileDescriptor
        private let buffer: UnsafeMutableRawBufferPointer
        private var range = 0..<0
        private var offset = 0
        private(set) var current: Request?

        init(_ path: String) throws {
            file = try FileDescriptor(path, .read)
            buffer = .allocate(byteCount: 1024 * MemoryLayout<Request>.stride, alignment: 16)
            try advance()
        }

        deinit { buffer.deallocate() }

        func advance() throws {
            if range.isEmpty {
                let count = try file.read(into: buffer, at: offset)
                offset += count
                range = 0..<count
                if count == 0 {
                    current = nil
                    return
                }
            }
            current = buffer.load(fromByteOffset: range.lowerBound, as: Request.self)
            range = range.lowerBound + MemoryLayout<Request>.stride..<range.upperBound
        }
    }
}
