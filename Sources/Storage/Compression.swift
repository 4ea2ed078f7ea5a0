internal import CZstd

/// How a file's bytes are packed, told by its first bytes and never by its name alone.
package enum Compression: Sendable {
    case none
    /// RFC 1952, any number of members.
    case gzip
    /// RFC 8878, any number of frames.
    case zstd

    package init(firstBytes bytes: UnsafeRawBufferPointer) {
        if bytes.count >= 2, bytes[0] == 0x1f, bytes[1] == 0x8b {
            self = .gzip
        } else if bytes.count >= 4, bytes[0] == 0x28, bytes[1] == 0xb5, bytes[2] == 0x2f,
            bytes[3] == 0xfd
        {
            self = .zstd
        } else {
            self = .none
        }
    }
}

/// What a decompressor says about a damaged stream.
package struct CompressionError: Error, CustomStringConvertible {
    package let path: String
    package let detail: String
    package var description: String { "\(path): \(detail)" }
}

/// Reads a file's content whether it is packed or not.
package final class ContentReader {
    /// What is read of the file at once.
    package static let bufferBytes = 256 << 10

    private let file: FileDescriptor
    /// What has been read lies behind the last bytes of what was read before.
    private let input: UnsafeMutableRawBufferPointer
    private let inputBytes: Int
    private var inputRange: Range<Int>
    private var offset = 0
    private let compression: Compression
    private var gzip: GzipStream?
    private var zstd: OpaquePointer?
    /// Inside a frame of zstd; the file must not end here.
    private var isInFrame = false

    package convenience init(_ path: String, inputBytes: Int = bufferBytes) throws(FileError) {
        try self.init(FileDescriptor(path, .read), inputBytes: inputBytes)
    }

    /// - Parameter opened: Open for reading; it is read from its start wherever it stands.
    package init(_ opened: consuming FileDescriptor, inputBytes: Int = bufferBytes)
        throws(FileError)
    {
        file = opened
        self.inputBytes = inputBytes
        input = .allocate(byteCount: GzipStream.headroomBytes + inputBytes, alignment: 16)
        inputRange = GzipStream.headroomBytes..<GzipStream.headroomBytes
        do {
            let first = UnsafeMutableRawBufferPointer(rebasing: input[..<4])
            let count = try file.read(into: first, at: 0)
            compression = Compression(firstBytes: UnsafeRawBufferPointer(rebasing: first[..<count]))
        } catch {
            input.deallocate()
            throw error
        }
        switch compression {
        case .none: break
        case .gzip: gzip = GzipStream()
        case .zstd: zstd = ZSTD_createDStream()
        }
    }

    deinit {
        ZSTD_freeDStream(zstd)
        input.deallocate()
    }

    /// Fills the buffer from its start.
    ///
    /// - Returns: The count of bytes; 0 at the end.
    /// - Throws: `FileError`, or `CompressionError` where the packed stream is damaged or ends early; what came before it has been returned.
    package func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        if case .none = compression {
            let count = try file.read(into: output, at: offset)
            offset += count
            return count
        }
        while true {
            let count = try unpackSome(into: output)
            if count > 0 { return count }
            if try !inputRange.isEmpty || readMore() { continue }
            guard isInFrame || gzip?.isUnfinished == true else { return 0 }
            throw damaged("the packed stream ends early")
        }
    }

    private func unpackSome(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        if let gzip {
            do throws(GzipStream.Fault) {
                return try gzip.read(input, &inputRange, into: output)
            } catch {
                throw damaged("gzip: \(error.detail)")
            }
        }
        // Within a frame without input as well: not all that was unpacked had room in the output.
        return inputRange.isEmpty && !isInFrame ? 0 : try decompressSome(into: output)
    }

    /// - Returns: false at the file's end.
    private func readMore() throws(FileError) -> Bool {
        let headroom = GzipStream.headroomBytes
        guard offset < Int.max else { return false }
        // Whatever was last in the buffer, however little, was read just before.
        input.baseAddress!.copyMemory(
            from: input.baseAddress! + inputRange.upperBound - headroom, byteCount: headroom)
        inputRange = headroom..<headroom
        let count = try file.read(
            into: UnsafeMutableRawBufferPointer(rebasing: input[headroom...]), at: offset)
        inputRange = headroom..<headroom + count
        offset += count
        return count > 0
    }

    private func decompressSome(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        var source = ZSTD_inBuffer(
            src: input.baseAddress! + inputRange.lowerBound, size: inputRange.count, pos: 0)
        // At a fault what the call has unpacked is lost: no more than the largest block.
        var sink = ZSTD_outBuffer(
            dst: output.baseAddress!, size: min(output.count, ZSTD_DStreamOutSize()), pos: 0)
        let code = ZSTD_decompressStream(zstd, &sink, &source)
        inputRange = inputRange.lowerBound + source.pos..<inputRange.upperBound
        guard ZSTD_isError(code) == 0 else {
            throw damaged("zstd: \(String(cString: ZSTD_getErrorName(code)))")
        }
        isInFrame = code != 0
        return sink.pos
    }

    /// The rest of the file is of no use after a fault in the stream.
    private func damaged(_ detail: String) -> CompressionError {
        inputRange = GzipStream.headroomBytes..<GzipStream.headroomBytes
        offset = Int.max
        isInFrame = false
        gzip = nil
        return CompressionError(path: file.path, detail: detail)
    }
}
