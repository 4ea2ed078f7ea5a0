internal import Glibc
package import Storage

/// Reads a partition's `listeners.hll.zst`: a sketch for each row of its counts, in their order,
/// each behind its length (LEB128).
package final class SketchesFile {
    package static let fileName = "listeners.hll.zst"

    private let path: String
    private let reader: ContentReader
    private var buffer: UnsafeMutableRawBufferPointer
    private var unread = 0..<0
    private var row = 0

    package init(_ path: String) throws {
        self.path = path
        reader = try ContentReader(path)
        buffer = .allocate(byteCount: 64 << 10, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// The next row's sketch; valid until the next call.
    package func next() throws -> UnsafeRawBufferPointer {
        row += 1
        var count = 0
        var shift = 0
        while true {
            guard shift < 21 else { throw damaged("row \(row) has no length") }
            let byte = try bytes(1)[0]
            count |= Int(byte & 127) << shift
            if byte < 128 { break }
            shift += 7
        }
        guard count <= ListenerSketch.maximumByteCount else {
            throw damaged("the sketch of row \(row) is too long")
        }
        return try bytes(count)
    }

    /// - Throws: `FormatError` when there is another sketch.
    package func expectEnd() throws {
        if unread.isEmpty, try fill() == 0 { return }
        throw damaged("there are more sketches than rows")
    }

    package func damaged(_ detail: String) -> FormatError {
        FormatError(path, detail, hint: "remove this partition and run spindle plays again")
    }

    private func bytes(_ count: Int) throws -> UnsafeRawBufferPointer {
        while unread.count < count {
            guard try fill() > 0 else { throw damaged("it ends within row \(row)") }
        }
        defer { unread = unread.lowerBound + count..<unread.upperBound }
        return UnsafeRawBufferPointer(
            rebasing: buffer[unread.lowerBound..<unread.lowerBound + count])
    }

    private func fill() throws -> Int {
        let rest = unread.count
        if unread.lowerBound > 0, rest > 0 {
            memmove(buffer.baseAddress!, buffer.baseAddress! + unread.lowerBound, rest)
        }
        do {
            let count = try reader.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[rest...]))
            unread = 0..<rest + count
            return count
        } catch let error as CompressionError {
            throw damaged(error.detail)
        }
    }
}

extension ListenerSketch {
    /// Writes the sketch as it stands in `listeners.hll.zst`.
    package func appendRow(to bytes: inout [UInt8]) {
        var count = byteCount
        while count > 127 {
            bytes.append(UInt8(count & 127 | 128))
            count >>= 7
        }
        bytes.append(UInt8(count))
        append(to: &bytes)
    }
}
