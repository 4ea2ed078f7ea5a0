internal import CZlib
internal import CZstd

/// A finished file: its name in its folder, its size and what is in it.
package struct FileDigest: Equatable, Sendable {
    package let name: String
    package let sizeBytes: Int
    package let sha256: Digest

    package init(name: String, sizeBytes: Int, sha256: Digest) {
        self.name = name
        self.sizeBytes = sizeBytes
        self.sha256 = sha256
    }
}

/// Writes one new file through a buffer, packed as its name says (`.zst`, `.gz`), hashed on the way.
///
/// The same bytes in give the same bytes out. Nothing is complete before `finish`.
package final class FileWriter {
    package let path: String
    private let file: FileDescriptor
    private var buffer: [UInt8] = []
    private var hash = SHA256()
    private var sizeBytes = 0
    private var zstd: OpaquePointer?
    private var deflate: UnsafeMutablePointer<z_stream>?
    private var packed: [UInt8] = []

    private static let bufferBytes = 256 << 10

    package init(_ path: String) throws(FileError) {
        self.path = path
        file = try FileDescriptor(path, .createNew)
        buffer.reserveCapacity(Self.bufferBytes + 4096)
        if path.hasSuffix(".zst") {
            zstd = ZSTD_createCStream()
            // Level 3 is zstd's default; the checksum lets any reader notice a flipped bit.
            ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, 3)
            ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1)
            packed = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())
        } else if path.hasSuffix(".gz") {
            let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            stream.initialize(to: z_stream())
            guard
                deflateInit2_(
                    stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                    Int32(MemoryLayout<z_stream>.size)) == Z_OK
            else { preconditionFailure("zlib does not start") }
            deflate = stream
            packed = [UInt8](repeating: 0, count: 128 << 10)
        }
    }

    deinit {
        ZSTD_freeCStream(zstd)
        if let deflate {
            deflateEnd(deflate)
            deflate.deallocate()
        }
    }

    package func write(_ bytes: [UInt8]) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush(ending: false) }
    }

    package func write(_ text: String) throws {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Self.bufferBytes { try flush(ending: false) }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush(ending: false) }
    }

    /// Writes what is left and waits until all of it is on the device.
    package func finish() throws -> FileDigest {
        try flush(ending: true)
        try file.sync()
        return FileDigest(
            name: FileSystem.name(of: path), sizeBytes: sizeBytes, sha256: hash.finish())
    }

    private func flush(ending: Bool) throws {
        if zstd != nil {
            try compressZstd(ending: ending)
        } else if deflate != nil {
            try compressGzip(ending: ending)
        } else {
            try buffer.withUnsafeBytes { bytes in try emit(bytes) }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func emit(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count > 0 else { return }
        try file.write(bytes)
        hash.update(bytes)
        sizeBytes += bytes.count
    }

    private func compressZstd(ending: Bool) throws {
        try buffer.withUnsafeBytes { bytes in
            var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var remaining = 1
            while ending ? remaining != 0 : source.pos < source.size {
                let produced = packed.withUnsafeMutableBytes { output in
                    var sink = ZSTD_outBuffer(
                        dst: output.baseAddress!, size: output.count, pos: 0)
                    remaining = ZSTD_compressStream2(
                        zstd, &sink, &source, ending ? ZSTD_e_end : ZSTD_e_continue)
                    precondition(ZSTD_isError(remaining) == 0, "zstd refuses to compress")
                    return sink.pos
                }
                try packed.withUnsafeBytes { output in
                    try emit(UnsafeRawBufferPointer(rebasing: output[..<produced]))
                }
            }
        }
    }

    private func compressGzip(ending: Bool) throws {
        let stream = deflate!
        try buffer.withUnsafeBytes { bytes in
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
            stream.pointee.avail_in = UInt32(bytes.count)
            var more = true
            while more {
                var code = Z_OK
                let produced = packed.withUnsafeMutableBytes { output in
                    stream.pointee.next_out = output.baseAddress!.assumingMemoryBound(
                        to: UInt8.self)
                    stream.pointee.avail_out = UInt32(output.count)
                    code = CZlib.deflate(stream, ending ? Z_FINISH : Z_NO_FLUSH)
                    return output.count - Int(stream.pointee.avail_out)
                }
                precondition(code != Z_STREAM_ERROR, "zlib refuses to compress")
                try packed.withUnsafeBytes { output in
                    try emit(UnsafeRawBufferPointer(rebasing: output[..<produced]))
                }
                more = ending ? code != Z_STREAM_END : stream.pointee.avail_out == 0
            }
        }
    }
}
