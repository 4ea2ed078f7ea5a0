/// Pairs of songs that listeners streamed in one sitting, on their way to being counted.
final class SittingPairs: @unchecked Sendable {
}

/// One thread's pairs.
struct SittingWriter: ~Copyable {
    private(set) var isSampled = false

    init(_ pairs: SittingPairs?) {}

    mutating func begin(_ listener: UInt64) {}
    mutating func add(song: Int, timeMs: Int) {}
    mutating func finish(_ song: (Int) -> SongHash) throws {}
    mutating func handOver() {}
}
