/// The sketches of the rows of one bucket of songs.
///
/// Entries are gathered row by row; what grows too long becomes registers before the end.
struct RowSketches: ~Copyable {
    /// The row's number above 24 bits of an entry.
    private var entries = GrowingBuffer<UInt64>()
    private var sorted = GrowingBuffer<UInt32>()
    private var starts = GrowingBuffer<UInt32>()

    mutating func clear() { entries.clear() }

    @inline(__always)
    mutating func add(_ row: Int, _ entry: UInt32) {
        entries.append(UInt64(truncatingIfNeeded: row) << 24 | UInt64(entry))
    }

    mutating func finish(rows: Int) {}

    func append(_ row: Int, to out: inout [UInt8]) { out.append(0) }
}
