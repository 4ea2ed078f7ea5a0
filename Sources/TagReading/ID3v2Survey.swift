internal import Glibc

/// A first walk over an ID3v2 tag that reads next to nothing, to know whether a parser may be
/// trusted with it, and whether one is enough.
///
/// - Complexity: Linear in the tag's bytes at worst, whatever it declares, and bounded by
///   `ID3v2Limits.inflatedTotalBytes` for compressed frames; a few microseconds for usual tags,
///   as pictures are stepped over.
package struct ID3v2Survey: Sendable {
    /// 2, 3 or 4; 0 when there is no tag.
    package private(set) var major: UInt8 = 0
    /// Header, frames, padding and footer as declared.
    package private(set) var tagBytes = 0
    /// Those in chapters included.
    package private(set) var frameCount = 0
    /// The first limit that is exceeded.
    package private(set) var excess: ID3v2Limits.Excess?
    /// Something is damaged or written in an odd way, so that TagLib 1.13 may have stopped there
    /// or read other values: read the tag with `ID3v2Tag` as well.
    package private(set) var isDamaged = false
    /// Some text is not what it says to be for certain: Latin-1 with bytes of 128 and more, or
    /// broken UTF-8. `TextRepair` has to judge, on what `ID3v2Tag` reads.
    package private(set) var hasDoubtfulText = false
    /// Of `APIC` frames without flags, in the tag's bytes.
    private(set) var pictureContents: [Range<Int>] = []
    /// There are pictures with flags.
    private(set) var hasOddPictures = false

    private var valueCount = 0
    private var inflatedBytes = 0
    private var limits: ID3v2Limits

    /// - Parameter bytes: From the tag's `ID3` on; may end early, or go on behind the tag.
    package init(_ bytes: UnsafeRawBufferPointer, within limits: ID3v2Limits = ID3v2Limits()) {
        self.limits = limits
        guard let header = ID3v2Header(bytes) else { return }
        major = header.major
        tagBytes = header.tagBytes
        guard tagBytes <= limits.tagBytes else {
            exceed(.tagBytes, 0, 0, limits.tagBytes)
            return
        }
        var survey = self
        _ = ID3v2Body.with(bytes) { body in
            survey.isDamaged = !body.damage.isEmpty || body.isFalselyUnsynchronised
            if body.isFalselyUnsynchronised {
                survey.exceed(.ambiguousSize, ID3v2Header.sizeBytes, 0, 0)
            }
            survey.walk(
                body.bytes, body.range, isUnsynchronised: body.header.isUnsynchronised, depth: 0)
        }
        self = survey
    }

    /// Whether no limit is exceeded.
    package var isSafe: Bool { excess == nil }

    private mutating func walk(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, isUnsynchronised: Bool, depth: Int
    ) {
        var walk = ID3v2Walk(bytes, body: range, major: major)
        while let step = walk.next() {
            guard case .frame(let slot) = step else {
                isDamaged = true
                continue
            }
            frameCount += 1
            if frameCount > limits.frameCount {
                return exceed(.frameCount, slot.offset, slot.id, limits.frameCount)
            }
            if slot.damage != nil { isDamaged = true }
            if slot.isAmbiguous { exceed(.ambiguousSize, slot.offset, slot.id, 0) }
            look(bytes, slot, isUnsynchronised: isUnsynchronised, depth: depth)
            // What is unsafe is told; nothing else is worth the time.
            if excess != nil { return }
        }
    }

    private mutating func look(
        _ bytes: UnsafeRawBufferPointer, _ slot: ID3v2Walk.Slot, isUnsynchronised: Bool, depth: Int
    ) {
        let content = ID3v2Content(
            slot, in: bytes, major: major, isTagUnsynchronised: isUnsynchronised)
        if content.isTooShort { isDamaged = true }
        if slot.id == ID3v2FrameID.picture, depth == 0 {
            if slot.flags.isEmpty, !content.isUnsynchronised {
                pictureContents.append(slot.content)
            } else {
                hasOddPictures = true
            }
        }
        if content.isCompressed {
            // A parser that ignores groups takes the stream to begin behind the length alone, and
            // one that ignores encryption inflates what is encrypted.
            let starts: Set = [content.stored.lowerBound, slot.content.lowerBound + 4]
            for start in starts.sorted() where slot.content.contains(start) {
                inflate(
                    UnsafeRawBufferPointer(rebasing: bytes[start..<slot.content.upperBound]), slot,
                    depth: depth)
            }
            return
        }
        if content.isEncrypted { return }
        guard content.isUnsynchronised, Self.isRead(slot.id) else {
            return read(bytes, content.stored, slot, depth: depth)
        }
        let stored = UnsafeRawBufferPointer(rebasing: bytes[content.stored])
        switch Unsynchronisation.undo(stored) {
        case .unchanged: read(bytes, content.stored, slot, depth: depth)
        case .notApplied:
            isDamaged = true
            read(bytes, content.stored, slot, depth: depth)
        case .undone(let copy):
            copy.withUnsafeBytes { read($0, 0..<copy.count, slot, depth: depth) }
        }
    }

    private mutating func inflate(
        _ source: UnsafeRawBufferPointer, _ slot: ID3v2Walk.Slot, depth: Int
    ) {
        var kept: [UInt8] = []
        let isKept = Self.isRead(slot.id)
        let result = Inflation.run(source, limitBytes: limits.inflatedFrameBytes) {
            if isKept { kept.append(contentsOf: $0) }
        }
        inflatedBytes += result.count
        if result.status == .overLimit {
            exceed(.inflatedFrameBytes, slot.offset, slot.id, limits.inflatedFrameBytes)
        } else if inflatedBytes > limits.inflatedTotalBytes {
            exceed(.inflatedTotalBytes, slot.offset, slot.id, limits.inflatedTotalBytes)
        }
        if result.status == .damaged { isDamaged = true }
        if isKept, excess == nil {
            kept.withUnsafeBytes { read($0, 0..<$0.count, slot, depth: depth) }
        }
    }

    /// Frames whose content decides anything here.
    private static func isRead(_ id: ID3v2FrameID.Packed) -> Bool {
        switch UInt8(truncatingIfNeeded: id >> 24) {
        // T…, W…, COMM, CHAP, CTOC, USLT, SYLT, ETCO, IPLS, MVNM, GRP1
        case 0x54, 0x57, 0x43, 0x55, 0x53, 0x45, 0x49, 0x4d: return true
        case 0x47: return id == ID3v2FrameID.grouping || id == ID3v2FrameID.earlyGrouping
        default: return false
        }
    }

    private mutating func read(
        _ bytes: UnsafeRawBufferPointer, _ content: Range<Int>, _ slot: ID3v2Walk.Slot, depth: Int
    ) {
        guard !content.isEmpty else { return }
        switch slot.id {
        case ID3v2FrameID.chapter, ID3v2FrameID.contents:
            guard depth < limits.nestingDepth else {
                return exceed(.nestingDepth, slot.offset, slot.id, limits.nestingDepth)
            }
            guard let inner = ID3v2Nesting(bytes, content, slot.id) else {
                isDamaged = true
                return
            }
            walk(bytes, inner.frames, isUnsynchronised: false, depth: depth + 1)
        case ID3v2FrameID.synchronisedLyrics, ID3v2FrameID.earlySynchronisedLyrics:
            // A line has a terminator and four bytes of time at least.
            count(values: content.count / 5 / 2, slot)
            if bytes[content.lowerBound] == 0, bytes.hasHighByte(in: content) {
                hasDoubtfulText = true
            }
        case ID3v2FrameID.eventTimes, ID3v2FrameID.earlyEventTimes:
            count(values: content.count / 5, slot)
        default:
            if Self.isRead(slot.id) { readText(bytes, content, slot) }
        }
    }

    private mutating func readText(
        _ bytes: UnsafeRawBufferPointer, _ content: Range<Int>, _ slot: ID3v2Walk.Slot
    ) {
        guard content.count <= limits.textBytes else {
            return exceed(.textBytes, slot.offset, slot.id, limits.textBytes)
        }
        let text = content.dropFirst()
        let first = UInt8(truncatingIfNeeded: slot.id >> 24)
        guard first != 0x57 || ID3v2FrameID.isDescribedLink(slot.id) else {
            if bytes.hasHighByte(in: content) { hasDoubtfulText = true }
            return
        }
        // UFID and what else begins with these letters has no text.
        guard first != 0x55 || ID3v2FrameID.isUnsynchronisedLyrics(slot.id),
            first != 0x4d || ID3v2FrameID.isMovement(slot.id),
            first != 0x43 || ID3v2FrameID.isComment(slot.id),
            first != 0x53, first != 0x45
        else { return }
        switch bytes[content.lowerBound] {
        case 0:
            if bytes.hasHighByte(in: text) { hasDoubtfulText = true }
            count(values: zeros(bytes, text), slot)
        case 3:
            if bytes.hasHighByte(in: text),
                String(validating: UnsafeRawBufferPointer(rebasing: bytes[text]), as: UTF8.self)
                    == nil
            {
                hasDoubtfulText = true
            }
            count(values: zeros(bytes, text), slot)
        case let encoding where encoding <= 2:
            // Without a byte order mark TagLib 1.13 reads nothing.
            let start = text.lowerBound + (first == 0x54 || first == 0x57 ? 0 : 3)
            if encoding == 1, start + 2 <= text.upperBound,
                !(bytes[start] == 0xff && bytes[start + 1] == 0xfe),
                !(bytes[start] == 0xfe && bytes[start + 1] == 0xff)
            {
                isDamaged = true
            }
            // Half of UTF-16's bytes may be zero, so two of them count, wherever they stand.
            if text.count / 4 > limits.valueCount { count(values: zeros(bytes, text) / 2, slot) }
            if text.count % 2 != 0, first == 0x54 { isDamaged = true }
        default: isDamaged = true
        }
    }

    private func zeros(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var count = 0
        var index = range.lowerBound
        while index < range.upperBound,
            let found = memchr(base + index, 0, range.upperBound - index)
        {
            count += 1
            index = base.distance(to: UnsafeRawPointer(found)) + 1
        }
        return count
    }

    private mutating func count(values: Int, _ slot: ID3v2Walk.Slot) {
        valueCount += values
        if valueCount > limits.valueCount {
            exceed(.valueCount, slot.offset, slot.id, limits.valueCount)
        }
    }

    private mutating func exceed(
        _ kind: ID3v2Limits.Kind, _ offset: Int, _ id: ID3v2FrameID.Packed, _ limit: Int
    ) {
        guard excess == nil else { return }
        excess = ID3v2Limits.Excess(
            kind: kind, offset: offset, id: ID3v2FrameID.string(id), limit: limit)
    }
}
