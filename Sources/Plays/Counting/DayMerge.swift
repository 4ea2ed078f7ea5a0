internal import Glibc
internal import Storage

/// Merges the buckets' runs of songs into the day's files, in byte order of the songs' ids.
struct DayMerge {
    private let runs: Shuffle
    private let regions: [[UInt8]]

    init(_ runs: Shuffle, regions: [[UInt8]]) {
        self.runs = runs
        self.regions = regions
    }

    /// One bucket's run and the song that is next in it.
    private final class Run {
        let reader: BucketReader
        let name = UnsafeMutableRawPointer.allocate(byteCount: 264, alignment: 8)
        private(set) var count = 0
        private(set) var prefix: UInt64 = 0

        init(_ reader: BucketReader) { self.reader = reader }

        deinit { name.deallocate() }

        var text: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: name, count: count) }

        func advance() throws -> Bool {
            if try reader.isAtEnd { return false }
            count = Int(try reader.byte())
            name.storeBytes(of: 0, as: UInt64.self)
            try reader.bytes(count, into: name)
            if count < 8 { memset(name + count, 0, 8 - count) }
            prefix = UInt64(bigEndian: name.load(as: UInt64.self))
            return true
        }

        @inline(__always)
        static func precedes(_ a: Run, _ b: Run) -> Bool {
            if a.prefix != b.prefix { return a.prefix < b.prefix }
            return bytesPrecede(a.text, b.text)
        }
    }

    /// - Parameter songs: Is told each song.
    func write(counts: FileWriter, sketches: FileWriter, _ songs: SongList) throws {
        var heap: [Run] = []
        for bucket in 0..<runs.bucketCount where runs.bytes(of: bucket) > 0 {
            let run = Run(BucketReader(runs, bucket))
            if try run.advance() { heap.append(run) }
        }
        heap.sort(by: Run.precedes)
        try counts.write(CountsFile.header)
        var lines = RowLines(regions)
        let hash = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 8)
        defer { hash.deallocate() }
        while let run = heap.first {
            try run.reader.bytes(10, into: hash)
            try songs.append(run.text, hash.load(as: UInt64.self))
            let rows = Int(try run.reader.number())
            let listeners = try run.reader.number()
            for _ in 0..<rows {
                try lines.add(run.text, run.reader, songListeners: listeners)
                if lines.isFull { try lines.flush(counts, sketches) }
            }
            if try run.advance() {
                sink(&heap)
            } else {
                heap[0] = heap[heap.count - 1]
                heap.removeLast()
                if !heap.isEmpty { sink(&heap) }
            }
        }
        try lines.flush(counts, sketches)
    }

    private func sink(_ heap: inout [Run]) {
        let run = heap[0]
        var place = 0
        while true {
            var child = 2 * place + 1
            if child >= heap.count { break }
            if child + 1 < heap.count, Run.precedes(heap[child + 1], heap[child]) { child += 1 }
            if !Run.precedes(heap[child], run) { break }
            heap[place] = heap[child]
            place = child
        }
        heap[place] = run
    }
}

/// Rows on their way into the two files.
private struct RowLines: ~Copyable {
    private static let capacity = 256 << 10
    /// A row's text: two names, eleven numbers and 24 hours of at most twenty digits.
    private static let maximumRowBytes = 2 * 64 + 12 * 21 + 24 * 24

    private let text = UnsafeMutablePointer<UInt8>.allocate(
        capacity: capacity + maximumRowBytes)
    private var count = 0
    private var sketches: [UInt8] = []
    private let regions: [[UInt8]]

    init(_ regions: [[UInt8]]) { self.regions = regions }

    deinit { text.deallocate() }

    var isFull: Bool { count >= Self.capacity || sketches.count >= Self.capacity }

    mutating func add(
        _ song: UnsafeRawBufferPointer, _ reader: BucketReader, songListeners: UInt64
    ) throws {
        append(song)
        append(9)
        let region = Int(try reader.number())
        regions[region].withUnsafeBytes { append($0) }
        let (plays, streams) = (try reader.number(), try reader.number())
        number(plays)
        number(streams)
        for _ in 0..<3 { number(try reader.number()) }
        let (timed, completed) = (try reader.number(), try reader.number())
        number(try reader.number())
        number(plays - streams)
        number(timed)
        number(completed)
        number(try reader.number())
        number(songListeners)
        var separator: UInt8 = 9
        let hours = try reader.byte()
        if hours == 0 { append(9) }
        for _ in 0..<hours {
            append(separator)
            digits(UInt64(try reader.byte()))
            append(58)
            digits(try reader.number())
            separator = 32
        }
        append(10)
        let length = Int(try reader.number())
        sketches.appendNumber(UInt64(length))
        let start = sketches.count
        sketches.append(contentsOf: repeatElement(0, count: length))
        try sketches.withUnsafeMutableBytes {
            if length > 0 { try reader.bytes(length, into: $0.baseAddress! + start) }
        }
    }

    mutating func flush(_ counts: FileWriter, _ sketchFile: FileWriter) throws {
        try counts.write(UnsafeRawBufferPointer(start: text, count: count))
        try sketchFile.write(sketches)
        count = 0
        sketches.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private mutating func append(_ byte: UInt8) {
        text[count] = byte
        count &+= 1
    }

    @inline(__always)
    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawPointer(text + count).copyMemory(
            from: bytes.baseAddress!, byteCount: bytes.count)
        count &+= bytes.count
    }

    @inline(__always)
    private mutating func number(_ value: UInt64) {
        append(9)
        digits(value)
    }

    @inline(__always)
    private mutating func digits(_ value: UInt64) {
        if value < 10 { return append(UInt8(truncatingIfNeeded: value) &+ 48) }
        var length = 2
        var limit: UInt64 = 100
        while length < 20, value >= limit {
            length &+= 1
            limit = limit &* 10
            if length == 20 { break }
        }
        var rest = value
        for place in stride(from: count &+ length &- 1, through: count, by: -1) {
            let tenth = rest / 10
            text[place] = UInt8(truncatingIfNeeded: rest &- tenth &* 10) &+ 48
            rest = tenth
        }
        count &+= length
    }
}
