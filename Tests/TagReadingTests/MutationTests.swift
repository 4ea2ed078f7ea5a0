import TagReading
import TestSupport
import Testing

/// Whatever the bytes are, the readers return.
@Suite struct MutationTests {
    private static let tags: [[UInt8]] = {
        let chapter =
            Array("ch1\0".utf8) + [UInt8](repeating: 0, count: 16)
            + TagBytes.text("TIT2", "Intro")
        let bodies: [UInt8] =
            TagBytes.text("TIT2", "Title") + TagBytes.frame("TPE1", [1] + TagBytes.utf16("Ä\0B"))
            + TagBytes.frame("TXXX", [0] + Array("a\0b".utf8))
            + TagBytes.frame("COMM", [0] + Array("engx\0y".utf8))
            + TagBytes.frame("APIC", TagBytes.picture(TagBytes.jpeg))
            + TagBytes.frame("CHAP", chapter)
            + TagBytes.frame("CTOC", Array("t\0".utf8) + [1, 1] + Array("ch1\0".utf8))
            + TagBytes.frame("SYLT", [0] + Array("eng".utf8) + [2, 1, 0, 0x61, 0, 0, 0, 0, 1])
            + TagBytes.frame("RVA2", Array("x\0".utf8) + [1, 0, 1, 16, 1, 1])
            + TagBytes.frame("POPM", Array("a\0".utf8) + [1, 0, 0, 0, 1])
            + TagBytes.frame(
                "TALB", TagBytes.sevenBit(6) + TagBytes.stored([0] + Array("Album".utf8)), flags: 9)
            + TagBytes.frame("TIPL", [3] + Array("a\0b".utf8)) + [UInt8](repeating: 0, count: 20)
        let early =
            TagBytes.text("TT2", "Title", version: 2)
            + TagBytes.frame("PIC", [0] + Array("JPG".utf8) + [3, 0] + TagBytes.jpeg, version: 2)
        let middle =
            TagBytes.text("TYER", "2004", version: 3)
            + TagBytes.text("TDAT", "0102", version: 3)
            + TagBytes.text("TT2\0", "Old", version: 3)
        return [
            TagBytes.tag(bodies), TagBytes.tag(bodies, flags: 0x80),
            TagBytes.tag(TagBytes.sevenBit(6) + [1, 0] + bodies, flags: 0x40),
            TagBytes.tag(TagBytes.unsynchronised(early), version: 2, flags: 0x80),
            TagBytes.tag(TagBytes.big(6) + [0, 0, 0, 0, 0, 0] + middle, version: 3, flags: 0x40),
            TagBytes.ape([
                TagBytes.apeItem("Title", Array("a\0b".utf8)),
                TagBytes.apeItem("Cover Art (Front)", Array("c\0".utf8) + TagBytes.jpeg, flags: 2),
            ]),
            Array("TAG+".utf8) + [UInt8](repeating: 0x61, count: 223) + TagBytes.id3v1("Title"),
        ]
    }()

    /// Everything that can be asked of a tag's bytes.
    private func readAll(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { bytes in
            var count = ID3v2Survey(bytes).frameCount
            var raws: [RawTag] = []
            if let tag = ID3v2Tag(bytes: bytes) {
                raws.append(tag.raw)
                for frame in tag.frames {
                    count += frame.chapter()?.frames.count ?? 0
                    count += frame.tableOfContents()?.frames.count ?? 0
                    count += frame.synchronisedLyrics()?.lines.count ?? 0
                    #expect(frame.offset + frame.sizeBytes <= bytes.count)
                    #expect(frame.storedContent.map { $0.upperBound <= bytes.count } != false)
                }
            }
            if let tag = APETag(bytes: bytes) { raws.append(tag.raw) }
            if let tag = ID3v1Tag(bytes: bytes) { raws.append(tag.raw) }
            for raw in raws {
                count += raw.entries.count + raw.damage.count
                for picture in raw.pictures { count += picture.withBytes(of: bytes) { $0.count } }
                let doubtful = raw.entries.flatMap(\.values).map(\.storedBytes)
                    .filter { !$0.isEmpty }
                if count % 16 == 0 { count += TextRepair.repairs(doubtful).count }
            }
            return count
        }
    }

    @Test(arguments: SeededGenerator.seeds(4))
    func `no mutation stops a reader`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var seen = 0
        for round in 0..<5000 {
            var bytes = Self.tags[round % Self.tags.count]
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes[place] = [0, 0xff, 0x7f, 0x80].randomElement(using: &random)!
                case 3: bytes.removeSubrange(place..<min(bytes.count, place + 7))
                case 4: bytes.insert(contentsOf: random.bytes(5), at: place)
                default: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
                }
                if bytes.isEmpty { bytes = [0x49] }
            }
            seen += readAll(bytes)
        }
        // Most mutations leave something to read.
        #expect(seen > 10_000)
    }

    @Test func `every truncation is read`() {
        for bytes in Self.tags {
            for count in 0..<bytes.count { _ = readAll(Array(bytes[..<count])) }
            #expect(readAll(bytes) > 0)
        }
    }
}
