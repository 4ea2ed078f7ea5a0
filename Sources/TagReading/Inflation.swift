internal import CZlib

/// Inflates a frame's content up to a limit, whatever size it says it has.
enum Inflation {
    enum Status: Hashable { case complete, damaged, overLimit }

    /// - Parameter sink: Called with each piece.
    /// - Returns: How it ended, and how many bytes were given to `sink`.
    static func run(
        _ source: UnsafeRawBufferPointer, limitBytes: Int,
        sink: (UnsafeRawBufferPointer) -> Void
    ) -> (status: Status, count: Int) {
        guard let base = source.baseAddress, source.count <= Int(UInt32.max) else {
            return (.damaged, 0)
        }
        var stream = z_stream()
        guard inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return (.damaged, 0) }
        defer { inflateEnd(&stream) }
        // zlib does not write to its input; the header lacks a const.
        stream.next_in = UnsafeMutablePointer(
            mutating: base.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(source.count)
        var count = 0
        return withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) { buffer in
            while true {
                stream.next_out = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
                stream.avail_out = UInt32(buffer.count)
                let code = inflate(&stream, Z_NO_FLUSH)
                let made = min(buffer.count - Int(stream.avail_out), limitBytes - count)
                sink(UnsafeRawBufferPointer(rebasing: buffer[..<made]))
                let isOver = buffer.count - Int(stream.avail_out) > made
                count += made
                if isOver { return (.overLimit, count) }
                if code == Z_STREAM_END { return (.complete, count) }
                if code != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0) {
                    return (.damaged, count)
                }
            }
        }
    }
}
