internal import Catalog
internal import Storage

/// What a worker process answers about one file.
enum IntakeReply {
    /// What came of a file; the temporary blobs wait for their names.
    struct Outcome {
        var file: LedgerFile
        /// `file.tags` as the ledger keeps them, so that the parent need not take them apart.
        var tagsJSON: String?
        var song: LedgerSong?
        var blobs: [PendingBlob] = []
        var bytesRead = 0
    }

    struct PendingBlob: Equatable {
        let temporaryPath: String
        let digest: Digest
        let sizeBytes: Int
    }

    case outcome(Outcome)
    /// It was there when the folder was scanned, and no longer is.
    case vanished
    /// The warehouse refuses, a full disk say: the run cannot go on.
    case fault(FileError)

    var bytes: [UInt8] {
        var writer = FieldWriter()
        switch self {
        case .vanished: writer.add(0)
        case .fault(let error):
            writer.add(1)
            writer.add(error.operation)
            writer.add(error.path)
            writer.add(Int(error.code))
        case .outcome(let outcome):
            writer.add(2)
            write(outcome, &writer)
        }
        return writer.bytes
    }

    private func write(_ outcome: Outcome, _ writer: inout FieldWriter) {
        let file = outcome.file
        writer.add(file.path)
        writer.add(file.state.rawValue)
        writer.add(file.status)
        writer.add(file.song) { $0.add($1) }
        writer.add(file.head) { $0.add($1) }
        writer.add(file.tail) { $0.add($1) }
        writer.add(list: file.covers) {
            $0.add($1.digest)
            $0.add($1.type)
            $0.add($1.sizeBytes)
            $0.add($1.pictureType)
            $0.add($1.description)
        }
        writer.add(list: file.warnings) { $0.add($1) }
        writer.add(file.reason) { $0.add($1) }
        writer.add(file.detail) { $0.add($1) }
        writer.add(file.tags.json)
        writer.add(outcome.song) {
            $0.add($1.id)
            for number in [
                $1.sizeBytes, $1.durationMs, $1.bitrateKbps, $1.sampleRateHz, $1.channels,
                $1.frames, $1.isVBR ? 1 : 0,
            ] { $0.add(number) }
            $0.add($1.gaplessMs) { $0.add($1) }
            $0.add($1.encoder) { $0.add($1) }
            $0.add($1.isMusicCRCGood) { $0.add($1 ? 1 : 0) }
        }
        writer.add(list: outcome.blobs) {
            $0.add($1.temporaryPath)
            $0.add($1.digest)
            $0.add($1.sizeBytes)
        }
        writer.add(outcome.bytesRead)
    }
}

extension IntakeReply {
    init(_ bytes: some Collection<UInt8>) throws(FieldReader.Malformed) {
        var reader = FieldReader(bytes)
        switch try reader.int() {
        case 0: self = .vanished
        case 1:
            self = .fault(
                FileError(
                    try reader.text(), try reader.text(),
                    code: Int32(truncatingIfNeeded: try reader.int())))
        case 2: self = .outcome(try Self.outcome(&reader))
        default: throw FieldReader.Malformed()
        }
    }

    private static func outcome(_ reader: inout FieldReader) throws(FieldReader.Malformed)
        -> Outcome
    {
        typealias Malformed = FieldReader.Malformed
        let path = try reader.byteArray()
        guard let state = LedgerFile.State(rawValue: try reader.text()) else { throw Malformed() }
        var file = LedgerFile(path: path, state: state, status: try reader.stamp())
        file.song = try reader.optional { reader throws(Malformed) in try reader.digest() }
        file.head = try reader.optional { reader throws(Malformed) in try reader.part() }
        file.tail = try reader.optional { reader throws(Malformed) in try reader.part() }
        file.covers = try reader.list { reader throws(Malformed) in
            LedgerFile.Cover(
                digest: try reader.digest(), type: try reader.text(), sizeBytes: try reader.int(),
                pictureType: try reader.int(), description: try reader.text())
        }
        file.warnings = try reader.list { reader throws(Malformed) in try reader.text() }
        file.reason = try reader.optional { reader throws(Malformed) in try reader.text() }
        file.detail = try reader.optional { reader throws(Malformed) in try reader.text() }
        let tagsJSON = try reader.text()
        let song = try reader.optional { reader throws(Malformed) in
            LedgerSong(
                id: try reader.digest(), sizeBytes: try reader.int(), durationMs: try reader.int(),
                bitrateKbps: try reader.int(), sampleRateHz: try reader.int(),
                channels: try reader.int(), frames: try reader.int(), isVBR: try reader.int() != 0,
                gaplessMs: try reader.optional { reader throws(Malformed) in try reader.int() },
                encoder: try reader.optional { reader throws(Malformed) in try reader.text() },
                isMusicCRCGood: try reader.optional { reader throws(Malformed) in
                    try reader.int() != 0
                })
        }
        let blobs = try reader.list { reader throws(Malformed) in
            PendingBlob(
                temporaryPath: try reader.text(), digest: try reader.digest(),
                sizeBytes: try reader.int())
        }
        return Outcome(
            file: file, tagsJSON: tagsJSON, song: song, blobs: blobs, bytesRead: try reader.int())
    }
}
