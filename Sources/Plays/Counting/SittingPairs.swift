/// Pairs of songs that listeners streamed in one sitting, on their way to being counted.
///
/// A sitting is a run of streams that begin at most half an hour after each other; a stream is
/// paired with the ten that follow. A pair counts once a listener.
final class SittingPairs: Sendable {
    /// Two songs, 64 bits of each, the lesser first.
    let pairs: Shuffle
    /// Of so many listeners one is looked at.
    let sample: Int

    static let buckets = 256
    static let bytes = 16

    init(_ pool: BlockPool, sample: Int) {
        pairs = Shuffle(buckets: Self.buckets, pool: pool)
        self.sample = sample
    }

    init(_ pairs: Shuffle, sample: Int) {
        self.pairs = pairs
        self.sample = sample
    }
}

/// One thread's pairs.
struct SittingWriter: ~Copyable {
    private(set) var isSampled = false

    private static let gapMs = 30 * 60_000
    private static let following = 10

    private struct Stream {
        let song: Int32
        let timeMs: Int32
    }

    private let sampleMask: UInt64
    private let isWanted: Bool
    private let pairs: Shuffle?
    private var writer: ShuffleWriter?
    private var streams: ContiguousArray<Stream> = []
    private var met: ContiguousArray<UInt64> = []

    init(_ sittings: SittingPairs?) {
        isWanted = sittings != nil
        sampleMask = UInt64((sittings?.sample ?? 1) - 1)
        pairs = sittings?.pairs
        writer = nil
        if let sittings { writer = ShuffleWriter(sittings.pairs) }
    }

    @inline(__always)
    mutating func begin(_ listener: UInt64) {
        // Other bits than those that place listeners in buckets and sketches.
        isSampled = isWanted && (listener &* 0x9e37_79b9_7f4a_7c15 >> 40) & sampleMask == 0
        if isSampled { streams.removeAll(keepingCapacity: true) }
    }

    @inline(__always)
    mutating func add(song: Int, timeMs: Int) {
        guard isSampled else { return }
        streams.append(
            Stream(
                song: Int32(truncatingIfNeeded: song), timeMs: Int32(truncatingIfNeeded: timeMs)))
    }

    /// - Parameter song: The 64 bits of a song by its number.
    mutating func finish(_ song: (Int) -> UInt64) throws {
        guard streams.count > 1 else { return }
        met.removeAll(keepingCapacity: true)
        for first in 0..<streams.count - 1 {
            for second in first + 1..<min(first + 1 + Self.following, streams.count) {
                guard Int(streams[second].timeMs - streams[second - 1].timeMs) <= Self.gapMs else {
                    break
                }
                let (a, b) = (streams[first].song, streams[second].song)
                if a != b { met.append(UInt64(min(a, b)) << 32 | UInt64(max(a, b))) }
            }
        }
        met.sort()
        var last: UInt64?
        for pair in met where pair != last {
            last = pair
            let (a, b) = (song(Int(pair >> 32)), song(Int(pair & 0xffff_ffff)))
            let (low, high) = (min(a, b), max(a, b))
            let bucket = Int((low ^ high &* 0xd6e8_feb8_6659_fd93) >> 56)
            let room = try writer!.room(bucket, SittingPairs.bytes)
            room.storeBytes(of: low, as: UInt64.self)
            room.storeBytes(of: high, toByteOffset: 8, as: UInt64.self)
        }
    }

    mutating func handOver() { writer?.finish() }
}
