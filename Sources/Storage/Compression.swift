internal import CZlib
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
    private let input: UnsafeMutableRawBufferPointer
    private var inputRange = 0..<0
    private var offset = 0
    private let compression: Compression
    private var inflate: UnsafeMutablePointer<z_stream>?
    private var zstd: OpaquePointer?
    /// Inside a member or frame; the file must not end here.
    private var unfinished = false

    package convenience init(_ path: String) throws(FileError) {
        try self.init(FileDescriptor(path, .read))
    }

    /// - Parameter opened: Open for reading; it is read from its start wherever it stands.
    package init(_ opened: consuming FileDescriptor) throws(FileError) {
        file = opened
        input = .allocate(byteCount: Self.bufferBytes, alignment: 4096)
        let count: Int
        do {
            count = try file.read(into: input, at: 0)
        } catch {
            input.deallocate()
            throw error
        }
        inputRange = 0..<count
        offset = count
        compression = Compression(firstBytes: UnsafeRawBufferPointer(rebasing: input[..<count]))
        switch compression {
        case .none: break
        case .gzip:
            let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            stream.initialize(to: z_stream())
            // 16 + window bits: gzip only.
            guard
                inflateInit2_(
                    stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
                    == Z_OK
            else { preconditionFailure("zlib does not start") }
            inflate = stream
        case .zstd:
            zstd = ZSTD_createDStream()
        }
    }

    deinit {
        if let inflate {
            inflateEnd(inflate)
            inflate.deallocate()
        }
        ZSTD_freeDStream(zstd)
        input.deallocate()
    }

    /// Fills the buffer from its start.
    ///
    /// - Returns: The count of bytes; 0 at the end.
    /// - Throws: `FileError`, or `CompressionError` where the packed stream is damaged or ends early; what came before it has been returned.
    package func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            if inputRange.isEmpty {
                let count = try file.read(into: input, at: offset)
                inputRange = 0..<count
                offset += count
                if count == 0 {
                    if unfinished {
                        unfinished = false
                        throw CompressionError(
                            path: file.path, detail: "the packed stream ends early")
                    }
                    return 0
                }
            }
            let count: Int
            switch compression {
            case .none:
                count = min(output.count, inputRange.count)
                output.copyMemory(
                    from: UnsafeRawBufferPointer(
                        rebasing: input[inputRange.lowerBound..<inputRange.lowerBound + count]))
                inputRange = inputRange.lowerBound + count..<inputRange.upperBound
            case .gzip: count = try inflateSome(into: output)
            case .zstd: count = try decompressSome(into: output)
            }
            if count > 0 { return count }
        }
    }

    private func inflateSome(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        let stream = inflate!
        if !unfinished {
            // Between members; zero padding (as tape blocks have) is no member.
            while !inputRange.isEmpty, input[inputRange.lowerBound] == 0 {
                inputRange = inputRange.lowerBound + 1..<inputRange.upperBound
            }
            if inputRange.isEmpty { return 0 }
            inflateReset(stream)
            unfinished = true
        }
        stream.pointee.next_in = (input.baseAddress! + inputRange.lowerBound)
            .assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(inputRange.count)
        stream.pointee.next_out = output.baseAddress!.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        let code = CZlib.inflate(stream, Z_NO_FLUSH)
        inputRange =
            inputRange.upperBound - Int(stream.pointee.avail_in)..<inputRange.upperBound
        switch code {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: unfinished = false
        default:
            let message = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
            throw damaged("gzip: \(message)")
        }
        return output.count - Int(stream.pointee.avail_out)
    }

    private func decompressSome(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        var source = ZSTD_inBuffer(
            src: input.baseAddress! + inputRange.lowerBound, size: inputRange.count, pos: 0)
        var sink = ZSTD_outBuffer(dst: output.baseAddress!, size: output.count, pos: 0)
        let code = ZSTD_decompressStream(zstd, &sink, &source)
        inputRange = inputRange.lowerBound + source.pos..<inputRange.upperBound
        guard ZSTD_isError(code) == 0 else {
            throw damaged("zstd: \(String(cString: ZSTD_getErrorName(code)))")
        }
        unfinished = code != 0
        return sink.pos
    }

    /// The rest of the file is of no use after a fault in the stream.
    private func damaged(_ detail: String) -> CompressionError {
        inputRange = 0..<0
        offset = Int.max >> 1
        unfinished = false
        return CompressionError(path: file.path, detail: detail)
    }
}
