internal import CLinux
internal import Catalog
internal import MPEGAudio
package import Storage

/// What the tags of one file say, as a line of JSON (docs/formats/tags.md).
package struct TagReport {
    package struct Options: Sendable {
        /// Walk all frames of audio, too, which reads the whole file: for `duration_ms`.
        package var walksFrames = false
        package var reading = TagReader.Options()

        package init() {}
    }

    private let options: Options
    private let file = TagFile()
    private let digests = PictureDigests()

    package init(options: Options = Options()) { self.options = options }

    /// Call once in a process that reads many files: memory of large tags is used again.
    package static func prepareMemory() { spindle_keep_large_allocations() }

    /// One object, without a line end.
    ///
    /// - Returns: Also whether the file could be read; where not, the object says why.
    package func line(_ path: [UInt8]) -> (bytes: [UInt8], isRead: Bool) {
        var json = JSONWriter(reservedBytes: 4096)
        do throws(FileError) {
            let descriptor = try FileDescriptor(pathBytes: path)
            let status = try descriptor.status()
            // Of a folder or a pipe there is nothing to read at an offset.
            let result = try file.read(
                descriptor, sizeBytes: status.sizeBytes, options: options.reading)
            let durations =
                options.walksFrames ? try Self.durations(descriptor, status.sizeBytes) : nil
            json.object { json in
                Self.write(path: path, &json)
                write(result, durations, &json)
            }
            return (json.bytes, true)
        } catch {
            return (Self.failure(path, error.description), false)
        }
    }

    /// The line of a file that could not be read.
    package static func failure(_ path: [UInt8], _ message: String) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            write(path: path, &json)
            json.field("error", message)
        }
        return json.bytes
    }

    private static func write(path: [UInt8], _ json: inout JSONWriter) {
        let text = String(decoding: path, as: UTF8.self)
        json.field("path", text)
        if !text.utf8.elementsEqual(path) {
            json.field("path_base64", path.withUnsafeBytes { base64($0) })
        }
    }

    private func write(
        _ result: TagReader.Result, _ durations: Durations?, _ json: inout JSONWriter
    ) {
        json.object("tags") { json in
            for (field, origin) in result.origins {
                let values = result.tags[field]
                guard !values.isEmpty else { continue }
                json.array(field.rawValue) { json in
                    for value in values {
                        json.object {
                            $0.field("value", value)
                            $0.field("source", origin)
                        }
                    }
                }
            }
        }
        // In the ledger's form, which has a place for them.
        result.tags.writeBesideFields(to: &json)
        if !result.pictures.isEmpty {
            json.array("pictures") { json in
                for picture in result.pictures { write(picture, &json) }
            }
        }
        if let durations {
            json.field("duration_ms", durations.allMs)
            if let ms = durations.gaplessMs { json.field("gapless_duration_ms", ms) }
            if let ms = durations.declaredMs { json.field("declared_duration_ms", ms) }
        }
        if !result.warnings.isEmpty { json.field("warnings", result.warnings.map(\.description)) }
    }

    private func write(_ picture: TagReader.Picture, _ json: inout JSONWriter) {
        picture.withBytes(head: file.head, tail: file.tail) { bytes in
            let digest = digests.digest(bytes)
            json.object {
                $0.field("type", picture.type)
                $0.field("mime", picture.mimeType)
                $0.field("bytes", bytes.count)
                $0.field("sha256", digest.hex)
                if !picture.description.isEmpty { $0.field("description", picture.description) }
            }
        }
    }

    // MARK: Frames

    private struct Durations {
        /// Of all frames that are there.
        var allMs: Int
        /// Without the encoder's delay and padding.
        var gaplessMs: Int?
        /// Of all frames that the Xing, Info or VBRI header counts.
        var declaredMs: Int?
    }

    private static func durations(_ file: borrowing FileDescriptor, _ sizeBytes: Int)
        throws(FileError) -> Durations?
    {
        guard let parts = try FileParts.find(in: file, sizeBytes: sizeBytes) else { return nil }
        var walker = FrameWalker(parts)
        try forEachChunk(of: file, parts.audio) { walker.feed($0) }
        let report = walker.finish()
        var durations = Durations(allMs: report.durationMs, gaplessMs: report.gaplessMs)
        if let first = report.first, let frames = report.info?.frames {
            durations.declaredMs = frames * first.samplesPerFrame * 1000 / first.sampleRateHz
        }
        return durations
    }

    /// The SHA-256 of a file's audio, which is its song's id; nil where there is none.
    ///
    /// - Throws: `FileError`.
    package static func audioDigest(_ path: [UInt8]) throws(FileError) -> Digest? {
        let file = try FileDescriptor(pathBytes: path)
        let sizeBytes = try file.status().sizeBytes
        guard let parts = try FileParts.find(in: file, sizeBytes: sizeBytes) else { return nil }
        var hash = SHA256()
        try forEachChunk(of: file, parts.audio) { hash.update($0) }
        return hash.finish()
    }

    private static func forEachChunk(
        of file: borrowing FileDescriptor, _ range: Range<Int>,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(FileError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(256 << 10, range.count), alignment: 4096)
        defer { buffer.deallocate() }
        var offset = range.lowerBound
        while offset < range.upperBound {
            let wanted = min(buffer.count, range.upperBound - offset)
            let count = try file.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: offset)
            if count == 0 { return }
            body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
    }
}
