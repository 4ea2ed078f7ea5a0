internal import CLinux
internal import Catalog
internal import Glibc
internal import MPEGAudio
internal import Storage
internal import TagReading

/// Reads one source file: splits, hashes and copies it, walks its frames, reads its tags.
///
/// Everything that touches bytes of strangers happens here, in a worker process.
struct FileIntake {
    private let request: IntakeRequest
    private let writer: BlobWriter
    private let warehouse: Warehouse
    private let tagFile: TagFile
    private let covers: StoredCovers

    /// How long a file has to be left alone before it is read.
    private static let quietNs = 200_000_000

    /// - Parameters:
    ///   - tagFile: Its buffers serve one file after the other, as does `buffer`.
    ///   - covers: Those of the files before.
    init(
        _ request: IntakeRequest, _ tagFile: TagFile, _ covers: StoredCovers, _ buffer: CopyBuffer
    ) {
        self.request = request
        self.tagFile = tagFile
        self.covers = covers
        warehouse = Warehouse(path: request.warehousePath)
        writer = BlobWriter(
            folder: warehouse.temporaryPath, name: request.temporaryName, buffer: buffer)
    }

    /// What the handler of a worker process answers.
    func reply() -> IntakeReply {
        do {
            return try take()
        } catch let error as FileError {
            writer.discard()
            return .fault(error)
        } catch {
            preconditionFailure("not an error of reading a file: \(error)")
        }
    }

    /// - Throws: `FileError` when the warehouse cannot be written. What is wrong with the source file is in the outcome.
    private func take() throws -> IntakeReply {
        var stamp = request.stamp
        for _ in 0..<2 {
            do {
                if let outcome = try attempt(stamp) {
                    for cover in outcome.file.covers { covers.note(cover.digest) }
                    return .outcome(outcome)
                }
            } catch let fault as SourceFault {
                writer.discard()
                if let error = fault.error, !error.isMissing {
                    // Unreadable whatever it is named: nobody can know what is in it.
                    return .outcome(rejected(stamp, .unreadable, error.description))
                }
            }
            writer.discard()
            // It changed meanwhile: once more, with what it is now.
            do throws(FileError) {
                guard let now = try FileStatus.of(bytes: request.path), now.kind == .file else {
                    return .vanished
                }
                stamp = FileStamp(now)
            } catch { return .outcome(rejected(stamp, .unreadable, error.description)) }
        }
        return .outcome(
            rejected(
                stamp, .changedWhileRead, "still being written? it is read again on the next run"))
    }

    /// - Returns: nil when the file changed while it was read.
    private func attempt(_ stamp: FileStamp) throws -> IntakeReply.Outcome? {
        waitUntilQuiet(stamp)
        let source: FileDescriptor
        do throws(FileError) { source = try FileDescriptor(pathBytes: request.path) } catch {
            throw SourceFault(error: error)
        }
        let status = try source.status()
        // Since the scan a pipe or a device may have taken its name.
        guard status.kind == .file, FileStamp(status) == stamp else { return nil }
        if stamp.sizeBytes == 0 {
            return isNamedMP3 ? rejected(stamp, .empty, "0 bytes") : ignored(stamp)
        }
        allowTime(for: stamp.sizeBytes)
        guard let outcome = try take(source, stamp), FileStamp(try source.status()) == stamp else {
            return nil
        }
        return outcome
    }

    /// write(2) sets a file's times before it moves the bytes: what changed just now may be half
    /// there, and its times would not tell. Any later write shows in them.
    private func waitUntilQuiet(_ stamp: FileStamp) {
        // What the ingest itself took out of an archive is whole.
        guard !request.path.starts(with: warehouse.temporaryPath.utf8) else { return }
        let age = Timestamp.now.milliseconds * 1_000_000 - stamp.changedNs
        if age >= 0, age < Self.quietNs { usleep(UInt32((Self.quietNs - age) / 1000)) }
    }

    private func take(_ source: borrowing FileDescriptor, _ stamp: FileStamp) throws
        -> IntakeReply.Outcome?
    {
        let parts: FileParts?
        do throws(FileError) {
            parts = try FileParts.find(in: source, sizeBytes: stamp.sizeBytes)
        } catch { throw SourceFault(error: error) }
        guard let parts else {
            guard isNamedMP3 else { return ignored(stamp) }
            let guess: String
            do throws(FileError) {
                guess = try ContentGuess.describe(source, sizeBytes: stamp.sizeBytes)
            } catch { throw SourceFault(error: error) }
            return try setAside(source, stamp, .notMPEGAudio, guess)
        }
        var file = LedgerFile(path: request.name, state: .present, status: stamp)
        file.head = try writer.copy(source, parts.head)?.part
        var walker = FrameWalker(parts)
        let audio = try takeAudio(source, parts.audio, &walker)
        if audio == nil {
            // Not the audio that it was: once more, with a copy.
            walker = FrameWalker(parts)
            file.song = try writer.copy(source, parts.audio) { walker.feed($0) }?.digest
        } else {
            file.song = audio
        }
        let report = walker.finish()
        guard report.isPlayable else {
            writer.discard()
            return isNamedMP3
                ? try setAside(source, stamp, .noFrames, "an encoder's header, and nothing to play")
                : ignored(stamp)
        }
        file.tail = try writer.copy(source, parts.tail)?.part
        try takeTags(source, stamp, &file)
        var outcome = IntakeReply.Outcome(file: file)
        describe(report, parts, &outcome)
        outcome.blobs = writer.blobs
        outcome.bytesRead = writer.bytesRead
        return outcome
    }

    private func takeTags(
        _ source: borrowing FileDescriptor, _ stamp: FileStamp, _ file: inout LedgerFile
    ) throws {
        let read: TagReader.Result
        do throws(FileError) {
            var options = TagReader.Options()
            options.separators = request.separators
            read = try tagFile.read(source, sizeBytes: stamp.sizeBytes, options: options)
        } catch { throw SourceFault(error: error) }
        file.tags = read.tags
        file.warnings = read.warnings.map(\.description)
        for picture in read.pictures {
            try picture.withBytes(head: tagFile.head, tail: tagFile.tail) { bytes in
                let digest = covers.digest(bytes)
                if !covers.contains(digest), !writer.holds(digest) {
                    try writer.store(bytes, as: digest)
                }
                file.covers.append(
                    .init(
                        digest: digest, type: picture.mimeType, sizeBytes: bytes.count,
                        pictureType: picture.type, description: picture.description))
            }
        }
    }

    /// Hashes the audio, without a copy where the warehouse has the same already.
    ///
    /// - Returns: nil when a copy is needed.
    private func takeAudio(
        _ source: borrowing FileDescriptor, _ range: Range<Int>, _ walker: inout FrameWalker
    ) throws -> Digest? {
        guard let known = request.knownAudio, known.sizeBytes == range.count,
            try BlobStore(warehouse).contains(known.digest, sizeBytes: known.sizeBytes)
        else { return nil }
        let digest = try writer.hash(source, range) { walker.feed($0) }
        return digest == known.digest ? digest : nil
    }

    /// The original is kept, so that a reject can be looked at when the source is gone.
    private func setAside(
        _ source: borrowing FileDescriptor, _ stamp: FileStamp, _ reason: RejectReason,
        _ detail: String
    ) throws -> IntakeReply.Outcome {
        var outcome = rejected(stamp, reason, detail)
        outcome.file.head = try writer.copy(source, 0..<stamp.sizeBytes)?.part
        outcome.blobs = writer.blobs
        outcome.bytesRead = writer.bytesRead
        return outcome
    }

    // MARK: What is told of it

    private func describe(
        _ report: FrameReport, _ parts: FileParts, _ outcome: inout IntakeReply.Outcome
    ) {
        guard let first = report.first, let id = outcome.file.song else { return }
        let durationMs = report.durationMs
        outcome.song = LedgerSong(
            id: id, sizeBytes: parts.audio.count, durationMs: durationMs,
            bitrateKbps: durationMs > 0
                ? (parts.audio.count * 8 + durationMs / 2) / durationMs : first.bitrateKbps,
            sampleRateHz: first.sampleRateHz, channels: first.channels, frames: report.frames,
            isVBR: report.isVBR, gaplessMs: report.gaplessMs, encoder: report.info?.lame?.encoder,
            isMusicCRCGood: report.musicCRC.isGood)
        func warn(_ warning: IntakeWarning, _ detail: String) {
            outcome.file.warnings.append("\(warning.rawValue): \(detail)")
        }
        for warning in report.warnings {
            outcome.file.warnings.append("\(warning.code.rawValue): \(warning.detail)")
        }
        let name = String(decoding: request.name, as: UTF8.self)
        if !isNamedMP3 { warn(.notNamedMP3, name) }
        if outcome.file.tags.title.isEmpty {
            let last = FileSystem.name(of: name)
            outcome.file.tags.title = last.lastIndex(of: ".").map { String(last[..<$0]) } ?? last
            warn(.noTitle, last)
        }
    }

    private func ignored(_ stamp: FileStamp) -> IntakeReply.Outcome {
        .init(file: LedgerFile(path: request.name, state: .ignored, status: stamp))
    }

    private func rejected(_ stamp: FileStamp, _ reason: RejectReason, _ detail: String)
        -> IntakeReply.Outcome
    {
        .init(file: .rejected(request.name, stamp, reason, detail))
    }

    private var isNamedMP3: Bool {
        request.name.suffix(4).map { $0 | 32 }.elementsEqual(".mp3".utf8.map { $0 | 32 })
    }
}

extension IntakeReply.PendingBlob {
    fileprivate var part: LedgerFile.Part { .init(digest: digest, sizeBytes: sizeBytes) }
}

extension LedgerFile {
    static func rejected(
        _ path: [UInt8], _ stamp: FileStamp, _ reason: RejectReason, _ detail: String
    ) -> LedgerFile {
        var file = LedgerFile(path: path, state: .rejected, status: stamp)
        file.reason = reason.rawValue
        file.detail = detail
        return file
    }
}

extension FrameReport.Check {
    /// nil where the file says nothing that can be checked.
    fileprivate var isGood: Bool? {
        switch self {
        case .ok: true
        case .bad: false
        case .absent, .unchecked: nil
        }
    }
}
