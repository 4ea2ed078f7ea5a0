internal import Catalog
internal import Glibc
internal import MPEGAudio
internal import Storage
internal import TagReading

/// Reads one source file: splits, hashes and copies it, walks its frames, reads its tags.
struct FileIntake {
    /// What came of one file; the temporary blobs wait for their names.
    struct Outcome: Sendable {
        var file: LedgerFile
        var song: LedgerSong?
        var blobs: [PendingBlob] = []
    }

    struct PendingBlob: Sendable {
        let temporaryPath: String
        let digest: Digest
        let sizeBytes: Int
    }

    let warehouse: Warehouse
    let root: String

    private static let chunkBytes = 1 << 20
    /// How long a file has to be left alone before it is read.
    private static let quietNs = 200_000_000

    /// - Throws: `FileError` when the warehouse cannot be written. What is wrong with the source file is in the outcome.
    func take(_ entry: SourceScan.Entry) throws -> Outcome {
        var entry = entry
        for attempt in 0..<2 {
            if let outcome = try attemptToTake(entry) { return outcome }
            // It changed meanwhile: once more, with what it is now.
            if attempt == 0,
                let now = try? FileDescriptor(pathBytes: absolute(entry.path)).status()
            {
                entry = SourceScan.Entry(path: entry.path, status: now)
            }
        }
        return rejected(
            entry, .changedWhileRead, "still being written? it is read again on the next run")
    }

    /// - Returns: nil when the file changed while it was read.
    private func attemptToTake(_ entry: SourceScan.Entry) throws -> Outcome? {
        let looksLikeMP3 = isNamedMP3(entry.path)
        if entry.status.sizeBytes == 0 {
            return looksLikeMP3
                ? rejected(entry, .empty, "0 bytes")
                : Outcome(
                    file: LedgerFile(path: entry.path, state: .ignored, status: .init(entry.status))
                )
        }
        waitUntilQuiet(entry.status)
        do {
            return try take(
                entry, from: try opened(entry.path), looksLikeMP3: looksLikeMP3)
        } catch let fault as SourceFault {
            // Unreadable whatever it is named: nobody can know what is in it.
            guard let error = fault.error else { return nil }
            return rejected(entry, .unreadable, error.description)
        }
    }

    /// write(2) sets a file's times before it moves the bytes: what changed just now may be half
    /// there, and its times would not tell. Any later write shows in them.
    private func waitUntilQuiet(_ status: FileStatus) {
        let age = Timestamp.now.milliseconds * 1_000_000 - status.changedNs
        if age >= 0, age < Self.quietNs { usleep(UInt32((Self.quietNs - age) / 1000)) }
    }

    private func opened(_ path: [UInt8]) throws -> FileDescriptor {
        do { return try FileDescriptor(pathBytes: absolute(path)) } catch {
            throw SourceFault(error: error)
        }
    }

    private func take(
        _ entry: SourceScan.Entry, from source: borrowing FileDescriptor, looksLikeMP3: Bool
    ) throws -> Outcome? {
        let parts: FileParts?
        do throws(FileError) {
            parts = try FileParts.find(in: source, sizeBytes: entry.status.sizeBytes)
        } catch { throw SourceFault(error: error) }
        guard let parts else {
            if !looksLikeMP3 {
                return Outcome(
                    file: LedgerFile(path: entry.path, state: .ignored, status: .init(entry.status))
                )
            }
            guard let whole = try copy(source, 0..<entry.status.sizeBytes) else { return nil }
            var outcome = rejected(
                entry, .notMPEGAudio,
                try ContentGuess.describe(source, sizeBytes: entry.status.sizeBytes))
            // The original is kept, so that a reject can be looked at when the source is gone.
            outcome.file.head = .init(digest: whole.digest, sizeBytes: whole.sizeBytes)
            outcome.blobs = [whole]
            return outcome
        }

        var outcome = Outcome(
            file: LedgerFile(path: entry.path, state: .present, status: .init(entry.status)))
        var walker = FrameWalker(parts)
        do {
            if let head = try copy(source, parts.head) {
                outcome.blobs.append(head)
                outcome.file.head = .init(digest: head.digest, sizeBytes: head.sizeBytes)
            }
            guard let audio = try copy(source, parts.audio, { walker.feed($0) }) else { return nil }
            outcome.blobs.append(audio)
            outcome.file.song = audio.digest
            if let tail = try copy(source, parts.tail) {
                outcome.blobs.append(tail)
                outcome.file.tail = .init(digest: tail.digest, sizeBytes: tail.sizeBytes)
            }
        } catch {
            discard(outcome.blobs)
            throw error
        }
        let read: TagReader.Result
        do throws(FileError) {
            read = try TagReader.read(source, sizeBytes: entry.status.sizeBytes)
        } catch {
            discard(outcome.blobs)
            throw SourceFault(error: error)
        }
        outcome.file.tags = read.tags
        outcome.file.warnings = read.warnings.map(\.description)
        for picture in read.pictures {
            guard case .bytes(let bytes) = picture.data else { continue }
            let blob = try store(bytes)
            outcome.blobs.append(blob)
            outcome.file.covers.append(
                .init(
                    digest: blob.digest, type: picture.mimeType, sizeBytes: blob.sizeBytes,
                    pictureType: picture.type, description: picture.description))
        }
        let after = try source.status()
        guard FileStamp(after) == FileStamp(entry.status) else {
            discard(outcome.blobs)
            return nil
        }
        describe(walker.finish(), parts, entry, &outcome, looksLikeMP3)
        return outcome
    }

    private func describe(
        _ report: FrameReport, _ parts: FileParts, _ entry: SourceScan.Entry,
        _ outcome: inout Outcome, _ looksLikeMP3: Bool
    ) {
        guard let first = report.first, let id = outcome.file.song else { return }
        let durationMs = report.durationMs
        outcome.song = LedgerSong(
            id: id, sizeBytes: parts.audio.count, durationMs: durationMs,
            bitrateKbps: durationMs > 0
                ? (parts.audio.count * 8 + durationMs / 2) / durationMs : first.bitrateKbps,
            sampleRateHz: first.sampleRateHz, channels: first.channels, frames: report.frames,
            isVBR: report.isVBR)
        func warn(_ warning: IntakeWarning, _ detail: String) {
            outcome.file.warnings.append("\(warning.rawValue): \(detail)")
        }
        for warning in report.warnings {
            outcome.file.warnings.append("\(warning.code.rawValue): \(warning.detail)")
        }
        if !looksLikeMP3 { warn(.notNamedMP3, String(decoding: entry.path, as: UTF8.self)) }
        if outcome.file.tags.title.isEmpty {
            let name = FileSystem.name(of: String(decoding: entry.path, as: UTF8.self))
            outcome.file.tags.title = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
            warn(.noTitle, name)
        }
    }

    // MARK: Copying

    /// The source could not be read, or (without an error) ended early; apart from faults of the warehouse.
    private struct SourceFault: Error {
        let error: FileError?
    }

    /// Copies a range into a temporary blob, hashing on the way.
    ///
    /// - Returns: nil for an empty range.
    private func copy(
        _ source: borrowing FileDescriptor, _ range: Range<Int>,
        _ body: (UnsafeRawBufferPointer) -> Void = { _ in }
    ) throws -> PendingBlob? {
        guard !range.isEmpty else { return nil }
        let path = warehouse.temporaryPath("blob")
        do {
            let sink = try FileDescriptor(path, .createNew)
            let buffer = UnsafeMutableRawBufferPointer.allocate(
                byteCount: min(Self.chunkBytes, range.count), alignment: 4096)
            defer { buffer.deallocate() }
            var hash = SHA256()
            var offset = range.lowerBound
            while offset < range.upperBound {
                let wanted = min(buffer.count, range.upperBound - offset)
                let count: Int
                do throws(FileError) {
                    count = try source.read(
                        into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: offset
                    )
                } catch { throw SourceFault(error: error) }
                guard count == wanted else { throw SourceFault(error: nil) }
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                hash.update(bytes)
                body(bytes)
                try sink.write(bytes)
                offset += count
            }
            return PendingBlob(temporaryPath: path, digest: hash.finish(), sizeBytes: range.count)
        } catch {
            try? FileSystem.remove(path)
            throw error
        }
    }

    private func store(_ bytes: [UInt8]) throws -> PendingBlob {
        let path = warehouse.temporaryPath("cover")
        let sink = try FileDescriptor(path, .createNew)
        try bytes.withUnsafeBytes { try sink.write($0) }
        return PendingBlob(
            temporaryPath: path, digest: SHA256.hash(bytes), sizeBytes: bytes.count)
    }

    private func discard(_ blobs: [PendingBlob]) {
        for blob in blobs { try? FileSystem.remove(blob.temporaryPath) }
    }

    // MARK: Names

    private func rejected(_ entry: SourceScan.Entry, _ reason: RejectReason, _ detail: String)
        -> Outcome
    {
        var file = LedgerFile(path: entry.path, state: .rejected, status: .init(entry.status))
        file.reason = reason.rawValue
        file.detail = detail
        return Outcome(file: file)
    }

    private func absolute(_ path: [UInt8]) -> [UInt8] { Array(root.utf8) + [47] + path }

    private func isNamedMP3(_ path: [UInt8]) -> Bool {
        path.suffix(4).map { $0 | 32 }.elementsEqual(".mp3".utf8.map { $0 | 32 })
    }
}
