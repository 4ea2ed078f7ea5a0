internal import Storage

/// A file read from end to end: its parts and the report on its frames.
package struct AudioFileCheck: Sendable {
    /// As text; bytes that are not UTF-8 are U+FFFD.
    package let path: String
    package let sizeBytes: Int
    /// nil when the file holds no MPEG audio.
    package let report: FrameReport?
    /// A guess at what the file is instead; empty for MPEG audio.
    package let content: String

    package var isSound: Bool { report?.isSound ?? false }

    /// - Parameter pathBytes: A file's path, which need not be UTF-8.
    /// - Throws: `FileError`; `FormatError` for what is neither file nor folder.
    package init(pathBytes: [UInt8]) throws {
        path = String(decoding: pathBytes, as: UTF8.self)
        let file = try FileDescriptor(pathBytes: pathBytes)
        let status = try file.status()
        guard status.kind != .other else {
            throw FormatError(
                path, "is no file but a pipe or a device",
                hint: "save what comes out of it in a file, and check that")
        }
        sizeBytes = status.sizeBytes
        guard let parts = try FileParts.find(in: file, sizeBytes: sizeBytes) else {
            report = nil
            content = try ContentGuess.describe(file, sizeBytes: sizeBytes)
            return
        }
        content = ""
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        var walker = FrameWalker(parts)
        var offset = parts.audio.lowerBound
        while offset < parts.audio.upperBound {
            let wanted = min(buffer.count, parts.audio.upperBound - offset)
            let count = try file.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: offset)
            guard count > 0 else { break }
            walker.feed(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
        report = walker.finish()
    }
}
