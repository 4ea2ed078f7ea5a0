internal import Storage

/// A shuffle as a file: the buckets' bytes one behind the other, then where each ends, then a trailer.
///
/// All numbers are little-endian and of 64 bits; the trailer is the count of buckets and a mark.
enum ShuffleFile {
    private static let mark: UInt64 = 0x3146_4853_6c64_7053  // "SpdlSHF1"

    /// Writes some buckets of a shuffle, which keeps them; the others are empty in the file.
    static func write(_ shuffle: Shuffle, to writer: FileWriter) throws {
        try write(buckets: shuffle.bucketCount, to: writer) { bucket in
            let bytes = UnsafeMutableRawBufferPointer.allocate(
                byteCount: shuffle.bytes(of: bucket), alignment: 16)
            defer { bytes.deallocate() }
            if bytes.count > 0 { try shuffle.copyAll(bucket, into: bytes.baseAddress!) }
            return Array(bytes)
        }
    }

    static func write(
        buckets: Int, to writer: FileWriter, _ content: (_ bucket: Int) throws -> [UInt8]
    ) throws {
        var ends: [UInt64] = []
        var end = 0
        for bucket in 0..<buckets {
            let bytes = try content(bucket)
            try writer.write(bytes)
            end += bytes.count
            ends.append(UInt64(end).littleEndian)
        }
        try ends.withUnsafeBytes { try writer.write($0) }
        try [UInt64(buckets).littleEndian, mark.littleEndian].withUnsafeBytes {
            try writer.write($0)
        }
    }

    /// Reads single buckets.
    struct Reader: ~Copyable {
        private let file: FileDescriptor
        private let ends: [UInt64]

        /// - Throws: `FormatError` for a file that is none, or one with another count of buckets.
        init(_ path: String, buckets: Int) throws {
            let file = try FileDescriptor(path, .read)
            let size = try file.status().sizeBytes
            let tail = (buckets + 2) * 8
            var words = [UInt64](repeating: 0, count: buckets + 2)
            guard size >= tail else { throw Self.damaged(path) }
            let start = size - tail
            let count = try words.withUnsafeMutableBytes { try file.read(into: $0, at: start) }
            words = words.map { UInt64(littleEndian: $0) }
            guard count == tail, words[buckets] == UInt64(buckets), words[buckets + 1] == mark,
                words[..<buckets].elementsEqual(words[..<buckets].sorted()),
                words[buckets - 1] == UInt64(start)
            else { throw Self.damaged(path) }
            ends = Array(words[..<buckets])
            self.file = file
        }

        private static func damaged(_ path: String) -> FormatError {
            FormatError(
                path, "is no file of buckets, or not all of one",
                hint: "remove the folder that it lies in and make it again")
        }

        func bytes(of bucket: Int) throws -> [UInt8] {
            let start = bucket == 0 ? 0 : Int(ends[bucket - 1])
            let count = Int(ends[bucket]) - start
            if count == 0 { return [] }
            return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                initialized = try file.read(
                    into: UnsafeMutableRawBufferPointer(buffer), at: start)
            }
        }
    }
}

/// The kinds of records that shuffles hold: how long each is, and in which order they stand in files.
enum ShuffleContent: String, CaseIterable {
    case ids, events, thresholds
    case songNames = "song-names"
    case userNames = "user-names"
    case addressNames = "address-names"

    var fileName: String { "\(rawValue).bin" }

    var buckets: Int {
        switch self {
        case .ids: PlayBuckets.events
        case .events: PlayBuckets.listeners
        case .songNames: PlayBuckets.songs
        case .thresholds, .userNames, .addressNames: PlayBuckets.addresses
        }
    }

    /// Names are there for what they name; how often they came says nothing.
    var isSet: Bool {
        switch self {
        case .ids, .events, .thresholds: false
        case .songNames, .userNames, .addressNames: true
        }
    }

    func shuffle(of day: DayEvents) -> Shuffle {
        switch self {
        case .ids: day.ids
        case .events: day.events
        case .thresholds: day.thresholds
        case .songNames: day.songNames
        case .userNames: day.userNames
        case .addressNames: day.addressNames
        }
    }

    @inline(__always)
    func length(_ record: UnsafeRawPointer) -> Int {
        switch self {
        case .ids: IDRecord.bytes
        case .events: EventRecord.length(record)
        case .thresholds: 8
        case .songNames: 11 + Int(record.load(fromByteOffset: 10, as: UInt8.self))
        case .userNames, .addressNames: 9 + Int(record.load(fromByteOffset: 8, as: UInt8.self))
        }
    }

    /// Adds a bucket's bytes to a shuffle, record by record.
    ///
    /// - Parameter regions: What the numbers of regions become.
    /// - Throws: `FormatError` where a record is cut.
    func add(
        _ bytes: [UInt8], to bucket: Int, _ writer: inout ShuffleWriter, regions: [UInt16],
        path: String
    ) throws {
        try bytes.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let record = bytes.baseAddress! + offset
                let length = try checkedLength(record, bytes.count - offset, path)
                let room = try writer.room(bucket, length)
                room.copyMemory(from: record, byteCount: length)
                if self == .events { try Self.renumber(room, regions, path) }
                offset += length
            }
        }
    }

    private func checkedLength(_ record: UnsafeRawPointer, _ left: Int, _ path: String) throws
        -> Int
    {
        // What tells the length lies within the shortest record of each kind.
        let least =
            switch self {
            case .ids: IDRecord.bytes
            case .events: EventRecord.bytes
            case .thresholds: 8
            case .songNames: 12
            case .userNames, .addressNames: 10
            }
        guard left >= least, case let length = length(record), length <= left else {
            throw FormatError(
                path, "ends within a record",
                hint: "remove the folder that it lies in and make it again")
        }
        return length
    }

    static func renumber(_ record: UnsafeMutableRawPointer, _ regions: [UInt16], _ path: String)
        throws
    {
        let number = Int(record.loadUnaligned(fromByteOffset: 28, as: UInt16.self))
        guard number < regions.count else {
            throw FormatError(
                path, "names a region that is not in its list",
                hint: "remove the folder that it lies in and make it again")
        }
        record.storeBytes(of: regions[number], toByteOffset: 28, as: UInt16.self)
    }

    /// The records of several buckets in byte order, so that nothing tells where they came from.
    func sorted(_ parts: [[UInt8]], path: String) throws -> [UInt8] {
        let all = parts.flatMap { $0 }
        var places: [(start: Int, length: Int)] = []
        try all.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let length = try checkedLength(
                    bytes.baseAddress! + offset, bytes.count - offset, path)
                places.append((offset, length))
                offset += length
            }
        }
        return all.withUnsafeBytes { bytes in
            func record(_ place: (start: Int, length: Int)) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(
                    start: bytes.baseAddress! + place.start, count: place.length)
            }
            places.sort { compareBytes(record($0), record($1)) < 0 }
            var sorted: [UInt8] = []
            sorted.reserveCapacity(bytes.count)
            for (index, place) in places.enumerated() {
                if isSet, index > 0, compareBytes(record(places[index - 1]), record(place)) == 0 {
                    continue
                }
                sorted.append(contentsOf: record(place))
            }
            return sorted
        }
    }
}
