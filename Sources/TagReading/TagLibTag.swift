internal import CTagLib
internal import CTagLibProperties

/// What TagLib reads in one ID3v2 and one APE tag.
struct TagLibTag {
    var id3v2: RawTag?
    var ape: RawTag?
    var syncedLyrics: [SynchronisedLyrics] = []
    var chapters: [Chapter] = []

    struct Chapter {
        var id: String
        var startMs: Int
        var endMs: Int
        var title: String
        var url: String
    }

    /// TagLib would keep every string it returns in a list that threads share without a lock.
    static let prepare: Void = taglib_set_string_management_enabled(0)

    /// What makes TagLib look no further for an ID3v2 tag: a frame of audio.
    private static let frameHeader: [UInt8] = [0xff, 0xfb, 0x90, 0x00]

    /// - Parameters:
    ///   - id3v2: A tag within all limits; empty for none.
    ///   - ape: The same.
    init?(id3v2: UnsafeRawBufferPointer, ape: UnsafeRawBufferPointer) {
        _ = Self.prepare
        let opened =
            if id3v2.isEmpty {
                Self.frameHeader.withUnsafeBytes { Self.open($0, ape) }
            } else {
                Self.open(id3v2, ape)
            }
        guard let opened else { return nil }
        self = opened
    }

    private init() {}

    private static func open(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) -> TagLibTag? {
        guard
            let stream = taglib_parts_iostream_new(
                first.baseAddress, first.count, second.baseAddress, second.count)
        else { return nil }
        defer { taglib_iostream_free(stream) }
        guard let file = taglib_file_new_iostream(stream) else { return nil }
        defer { taglib_file_free(file) }
        var frames = TagLib_Frames()
        guard taglib_frames_get(file, stream, &frames) != 0 else { return nil }
        defer { taglib_frames_free(&frames) }
        return read(frames)
    }

    private static func read(_ frames: TagLib_Frames) -> TagLibTag {
        var result = TagLibTag()
        var records = Records(UnsafeRawBufferPointer(start: frames.bytes, count: frames.size))
        var id3v2 = RawTag(
            kind: .id3v2(major: UInt8(clamping: frames.id3v2Version)), entries: [], pictures: [],
            damage: [])
        var ape = RawTag(
            kind: .ape(version: Int(frames.apeVersion)), entries: [], pictures: [], damage: [])
        while let kind = records.byte() {
            switch kind {
            case UInt8(ascii: "E"):
                let isAPE = records.byte() == UInt8(ascii: "A")
                let key = records.text()
                let qualifier = records.text()
                let language = records.text()
                let entry = RawTagEntry(
                    key: key, qualifier: qualifier, language: language,
                    values: (0..<records.word()).map { _ in TagText(records.text()) }, offset: 0)
                if entry.values.isEmpty { continue }
                if isAPE { ape.entries.append(entry) } else { id3v2.entries.append(entry) }
            case UInt8(ascii: "P"):
                let isAPE = records.byte() == UInt8(ascii: "A")
                let type = records.byte() ?? 0
                let mimeType = records.text()
                let description = records.text()
                let bytes = records.pointed()
                // One that is in the tag as it is need not be copied.
                let offset = records.offset()
                let data: TagPicture.Data =
                    !isAPE && offset >= 0
                    ? .range(offset..<offset + bytes.count) : .bytes(Array(bytes))
                let picture = TagPicture(
                    type: type, mimeType: mimeType, description: TagText(description), data: data,
                    offset: 0)
                if isAPE { ape.pictures.append(picture) } else { id3v2.pictures.append(picture) }
            case UInt8(ascii: "L"):
                let unit = records.byte()
                let language = records.text()
                let description = records.text()
                let lines = (0..<records.word()).map { _ in
                    SynchronisedLyrics.Line(
                        time: UInt32(records.word()), text: TagText(records.text()))
                }
                result.syncedLyrics.append(
                    SynchronisedLyrics(
                        language: language, unit: unit == 1 ? .mpegFrames : .milliseconds,
                        contentType: 1, description: TagText(description), lines: lines))
            default:
                let id = records.text()
                let startMs = records.word()
                result.chapters.append(
                    Chapter(
                        id: id, startMs: startMs, endMs: records.word(), title: records.text(),
                        url: records.text()))
            }
        }
        if frames.id3v2Version != 0 { result.id3v2 = id3v2 }
        if frames.apeVersion != 0 { result.ape = ape }
        return result
    }

    /// A cursor over the records of `taglib_frames_get`.
    private struct Records {
        private let bytes: UnsafeRawBufferPointer
        private var position = 0

        init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

        mutating func byte() -> UInt8? {
            guard position < bytes.count else { return nil }
            defer { position += 1 }
            return bytes[position]
        }

        mutating func word() -> Int {
            defer { position += 4 }
            return Int(bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
        }

        mutating func text() -> String {
            let count = word()
            defer { position += count }
            return String(
                decoding: UnsafeRawBufferPointer(rebasing: bytes[position..<position + count]),
                as: UTF8.self)
        }

        mutating func offset() -> Int {
            defer { position += 8 }
            return bytes.loadUnaligned(fromByteOffset: position, as: Int.self)
        }

        mutating func pointed() -> UnsafeRawBufferPointer {
            defer { position += 16 }
            let address = bytes.loadUnaligned(fromByteOffset: position, as: UInt.self)
            let count = bytes.loadUnaligned(fromByteOffset: position + 8, as: Int.self)
            return UnsafeRawBufferPointer(
                start: UnsafeRawPointer(bitPattern: address), count: count)
        }
    }
}
