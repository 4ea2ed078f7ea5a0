import CLibFuzzer
import Catalog
import Glibc
import MPEGAudio
import Search
import Storage
import TagReading

@testable import Plays

/// What can be fuzzed: readers of bytes that strangers made.
///
/// A target takes any bytes and returns; what traps, hangs or takes too much memory is a find.
enum FuzzTarget: String, CaseIterable {
    /// Where tags end and audio begins, and the walk over all frames.
    case frames
    /// Our own readers of tags.
    case id3v2, ape, id3v1
    /// The guess at what encoding texts are really in, and genres.
    case texts
    /// All tags of a file as ingest reads them, through TagLib as well.
    case tags
    /// What listeners type, as a query and as the words of a name.
    case queries
    /// Play logs, whole files of each format, and what tells the formats apart.
    case logSpindle = "log-spindle"
    case logCSV = "log-csv"
    case logTSV = "log-tsv"
    case logListenBrainz = "log-listenbrainz"
    case logSpotify = "log-spotify"
    case logLastFM = "log-lastfm"
    case logCloudFront = "log-cloudfront"
    case logCombined = "log-combined"
    case logJSONAccess = "log-json-access"
    case logDetection = "log-detection"
    /// Lines of Spindle's own log, read ahead by their shape and strictly.
    case logLines = "log-lines"

    /// The format of a log that the target reads.
    private var logFormat: LogFormat? {
        rawValue.hasPrefix("log-") ? LogFormat(rawValue: String(rawValue.dropFirst(4))) : nil
    }

    func run(_ bytes: UnsafeRawBufferPointer) {
        if let logFormat {
            return withFile(of: bytes) { fuzzPlayLog(bytes, as: logFormat, path: $0) }
        }
        switch self {
        case .frames: fuzzFrames(bytes)
        case .id3v2: fuzzID3v2(bytes)
        case .ape: _ = APETag(bytes: bytes)?.raw
        case .id3v1: _ = ID3v1Tag(bytes: bytes)?.raw
        case .tags: fuzzTags(bytes)
        case .queries: fuzzQueries(bytes)
        case .logDetection: fuzzDetection(bytes)
        case .logLines: fuzzLines(bytes)
        case .texts:
            let lines = bytes.split(separator: 10).map(Array.init)
            precondition(TextRepair.repairs(lines).count == lines.count)
            for line in lines { _ = GenreName.resolve(String(decoding: line, as: UTF8.self)) }
        default: preconditionFailure("a log's format has no name: \(rawValue)")
        }
    }
}

private func fuzzID3v2(_ bytes: UnsafeRawBufferPointer) {
    var limits = ID3v2Limits()
    limits.inflatedTotalBytes = 1 << 20
    let survey = ID3v2Survey(bytes, within: limits)
    guard let tag = ID3v2Tag(bytes: bytes, limits: limits) else {
        precondition(survey.major == 0, "surveyed, and then not read")
        return
    }
    _ = tag.raw
    for frame in tag.frames {
        precondition(frame.content.count <= limits.inflatedTotalBytes)
        if let stored = frame.storedContent { precondition(stored.upperBound <= bytes.count) }
    }
}

private func fuzzFrames(_ bytes: UnsafeRawBufferPointer) {
    withFile(of: bytes) { path in
        guard let file = try? FileDescriptor(path, .read),
            let parts = try? FileParts.find(in: file, sizeBytes: bytes.count)
        else { return }
        // What comes back is asked for by everybody; wrong ranges are a find of their own.
        precondition(parts.head.lowerBound == 0 && parts.tail.upperBound == bytes.count)
        precondition(parts.head.upperBound == parts.audio.lowerBound)
        precondition(parts.audio.upperBound == parts.tail.lowerBound)
        let audio = UnsafeRawBufferPointer(rebasing: bytes[parts.audio])
        var whole = FrameWalker(parts)
        whole.feed(audio)
        let report = whole.finish()
        var pieces = FrameWalker(parts)
        var offset = 0
        while offset < audio.count {
            let end = min(audio.count, offset + 1 + (offset &* 31) % 700)
            pieces.feed(UnsafeRawBufferPointer(rebasing: audio[offset..<end]))
            offset = end
        }
        let inPieces = pieces.finish()
        precondition(inPieces == report, "the report depends on the pieces")
    }
}

private func fuzzQueries(_ bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes, as: UTF8.self)
    let query = SearchQuery(text)
    precondition(query.terms.count <= 32, "more terms than anybody types")
    precondition(query.terms.allSatisfy { !$0.words.isEmpty }, "a term without words")
    let words = SearchText(text)
    precondition(
        words.tokens.utf8.allSatisfy {
            $0 == 32 || (48...57).contains($0) || (97...122).contains($0) || $0 > 127
        }, "what FTS5's tokenizer would cut: \(words.tokens)")
}

/// The first two bytes say where the head ends; the rest is the tail.
private func fuzzTags(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 2 else { return }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[2...])
    let split = min(rest.count, Int(bytes[0]) << 8 | Int(bytes[1]))
    let result = TagReader.read(
        head: UnsafeRawBufferPointer(rebasing: rest[..<split]),
        tail: UnsafeRawBufferPointer(rebasing: rest[split...]))
    let json = result.tags.json
    guard let again = try? Tags(json: Array(json.utf8), place: "here") else {
        preconditionFailure("what was read is not what is written: \(json)")
    }
    precondition(again == result.tags, "\(json)")
}

/// The bytes as a file without a name on disk.
private func withFile(of bytes: UnsafeRawBufferPointer, _ body: (String) -> Void) {
    let descriptor = memfd_create("fuzz", 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
        let count = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
        guard count > 0 else { return }
        written += count
    }
    body("/proc/self/fd/\(descriptor)")
}
