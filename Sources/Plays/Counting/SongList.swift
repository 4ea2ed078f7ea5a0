internal import Storage

/// The songs of a day in byte order: the place of each by its hash, and its name by its place.
///
/// The names lie in a temporary file, which the kernel caches, and not in memory of our own.
final class SongList {
    /// 64 bits of a song and its place, by the song's bucket.
    let places: Shuffle
    private var writer: ShuffleWriter
    private let names: TemporaryFile
    private let ends: TemporaryFile
    private var nameBuffer: [UInt8] = []
    private var endBuffer: [UInt64] = []
    private var nameBytes = 0
    private var writtenNames = 0
    private var writtenEnds = 0
    private(set) var count = 0
    private var mappedNames = UnsafeRawBufferPointer(start: nil, count: 0)
    private var mappedEnds = UnsafeRawBufferPointer(start: nil, count: 0)

    static let bytes = 16

    init(_ pool: BlockPool) throws {
        places = Shuffle(buckets: PlayBuckets.songs, pool: pool)
        writer = ShuffleWriter(places)
        names = try TemporaryFile(in: pool.folder)
        ends = try TemporaryFile(in: pool.folder)
    }

    deinit {
        TemporaryFile.unmap(mappedNames)
        TemporaryFile.unmap(mappedEnds)
    }

    func append(_ name: UnsafeRawBufferPointer, _ low: UInt64) throws {
        let room = try writer.room(PlayBuckets.song(low), Self.bytes)
        room.storeBytes(of: low, as: UInt64.self)
        room.storeBytes(of: UInt64(count), toByteOffset: 8, as: UInt64.self)
        count += 1
        nameBuffer.append(contentsOf: name)
        nameBytes += name.count
        endBuffer.append(UInt64(nameBytes))
        if nameBuffer.count > 256 << 10 { try flush() }
    }

    private func flush() throws {
        try nameBuffer.withUnsafeBytes { try names.write($0, at: writtenNames) }
        writtenNames += nameBuffer.count
        nameBuffer.removeAll(keepingCapacity: true)
        try endBuffer.withUnsafeBytes { try ends.write($0, at: writtenEnds) }
        writtenEnds += endBuffer.count * 8
        endBuffer.removeAll(keepingCapacity: true)
    }

    /// Once all are there.
    func finish() throws {
        try flush()
        writer.finish()
        mappedNames = try names.map(writtenNames)
        mappedEnds = try ends.map(writtenEnds)
    }

    func name(_ place: Int) -> UnsafeRawBufferPointer {
        let ends = mappedEnds.assumingMemoryBound(to: UInt64.self)
        let start = place == 0 ? 0 : Int(ends[place - 1])
        return UnsafeRawBufferPointer(rebasing: mappedNames[start..<Int(ends[place])])
    }
}
