/// Steps from frame to frame over a tag's body, and finds its feet again behind damage.
///
/// Reads a frame's header and the bytes behind the frame, nothing else, as long as all is well.
/// Each byte is looked at a bounded number of times, whatever the tag says.
struct ID3v2Walk {
    struct Slot {
        var offset: Int
        var id: ID3v2FrameID.Packed
        /// As stored, with what the flags add.
        var content: Range<Int>
        var flags: ID3v2Frame.Flags
        var damage: TagDamage.Reason?
        /// Another reading of the size leads to a frame as well.
        var isAmbiguous = false
    }

    enum Step {
        case frame(Slot)
        case damage(TagDamage.Reason, at: Int)
    }

    private let bytes: UnsafeRawBufferPointer
    private let end: Int
    private let major: UInt8
    private var offset: Int
    private let headerBytes: Int

    /// - Parameter body: Frames and padding, in `bytes`.
    init(_ bytes: UnsafeRawBufferPointer, body: Range<Int>, major: UInt8) {
        precondition(body.lowerBound >= 0 && body.upperBound <= bytes.count)
        self.bytes = bytes
        end = body.upperBound
        offset = body.lowerBound
        self.major = major
        headerBytes = major == 2 ? 6 : 10
    }

    /// Whether padding or a frame is where the walk begins.
    var beginsPlausibly: Bool { isPlausibleEnd(offset) }

    /// - Returns: nil at the end.
    mutating func next() -> Step? {
        guard offset < end else { return nil }
        if bytes[offset] == 0 {
            guard let other = bytes.firstIndex(otherThan: 0, in: offset..<end) else {
                offset = end
                return nil
            }
            offset = resynchronised(from: other, to: end) ?? end
            return .damage(offset < end ? .frameBehindPadding : .garbage, at: other)
        }
        guard let id = frameID(at: offset) else {
            let start = offset
            offset = resynchronised(from: offset + 1, to: end) ?? end
            return .damage(.garbage, at: start)
        }
        let slot = frame(id, at: offset)
        offset = slot.content.upperBound
        return .frame(slot)
    }

    private func frame(_ id: ID3v2FrameID.Packed, at offset: Int) -> Slot {
        let start = offset + headerBytes
        let (size, other) = sizes(at: offset)
        var slot = Slot(
            offset: offset, id: id, content: start..<start, flags: flags(at: offset),
            damage: major > 2 && id & 0xff == 0 ? .oldFrameID : nil)

        func fits(_ size: Int) -> Bool { size <= end - start }
        if fits(size), isPlausibleEnd(start + size) {
            slot.content = start..<start + size
            if size == 0 { slot.damage = .emptyFrame }
            // TagLib takes the other reading of an ID3v2.4 size when only that leads to an id.
            if major == 4, let other, fits(other), frameID(at: start + size) == nil {
                slot.isAmbiguous = frameID(at: start + other) != nil
            }
            return slot
        }
        if let other, fits(other), isPlausibleEnd(start + other) {
            slot.content = start..<start + other
            slot.damage = .otherSizeForm
            return slot
        }
        // What follows is no frame. Where a known frame begins inside this one, the size is wrong;
        // but chapters do hold frames.
        if !fits(size) || !ID3v2FrameID.holdsFrames(id) {
            let limit = fits(size) && size > 0 ? start + size : end
            if let inner = resynchronised(from: start, to: limit) {
                slot.content = start..<inner
                slot.damage = fits(size) ? .wrongSize : .beyondTag
                return slot
            }
        }
        slot.content = start..<(fits(size) ? start + size : end)
        if !fits(size) { slot.damage = .beyondTag } else if size == 0 { slot.damage = .emptyFrame }
        return slot
    }

    /// The size as the version defines it, and as it would be in the other form, where that differs.
    private func sizes(at offset: Int) -> (Int, other: Int?) {
        if major == 2 { return (bytes.size(at: offset + 3, count: 3), nil) }
        let plain = bytes.size(at: offset + 4, count: 4)
        guard let seven = bytes.sevenBitSize(at: offset + 4), seven != plain else {
            return (plain, nil)
        }
        return major == 4 ? (seven, plain) : (plain, seven)
    }

    /// In ID3v2.4's bits.
    private func flags(at offset: Int) -> ID3v2Frame.Flags {
        guard major > 2 else { return [] }
        let stored = bytes[offset + 9]
        if major == 4 { return ID3v2Frame.Flags(rawValue: stored & 0x4f) }
        var flags: ID3v2Frame.Flags = []
        if stored & 0x80 != 0 { flags.insert(.compressed) }
        if stored & 0x40 != 0 { flags.insert(.encrypted) }
        if stored & 0x20 != 0 { flags.insert(.grouped) }
        return flags
    }

    /// - Returns: nil where no frame's header can be.
    private func frameID(at offset: Int) -> ID3v2FrameID.Packed? {
        guard offset + headerBytes <= end, isLetter(bytes[offset]) else { return nil }
        var packed = ID3v2FrameID.Packed(bytes[offset])
        for index in 1..<3 {
            let byte = bytes[offset + index]
            guard isLetter(byte) || isDigit(byte) else { return nil }
            packed = packed << 8 | ID3v2FrameID.Packed(byte)
        }
        if major == 2 { return packed << 8 }
        let last = bytes[offset + 3]
        if isLetter(last) || isDigit(last) { return packed << 8 | ID3v2FrameID.Packed(last) }
        // iTunes wrote ID3v2.2's ids into later tags, with a NUL or a space behind.
        return last == 0 || last == 0x20 ? packed << 8 : nil
    }

    /// Whether a frame may end here: the tag does, or padding or another frame begins.
    private func isPlausibleEnd(_ offset: Int) -> Bool {
        if offset == end { return true }
        // A single zero may as well be half a letter of UTF-16.
        if bytes[offset] == 0 {
            return bytes.firstIndex(otherThan: 0, in: offset..<min(end, offset + 10)) == nil
        }
        guard let id = frameID(at: offset) else { return false }
        let (size, other) = sizes(at: offset)
        let space = end - offset - headerBytes
        return size <= space || other.map { $0 <= space } == true || ID3v2FrameID.isKnown(id)
    }

    /// The next place at which a frame begins, beyond reasonable doubt.
    private func resynchronised(from first: Int, to limit: Int) -> Int? {
        var offset = first
        let last = min(limit, end - headerBytes)
        while offset < last {
            if isLetter(bytes[offset]), let id = frameID(at: offset), ID3v2FrameID.isKnown(id),
                isConvincing(offset)
            {
                return offset
            }
            offset += 1
        }
        return nil
    }

    private func isConvincing(_ offset: Int) -> Bool {
        let start = offset + headerBytes
        let (size, other) = sizes(at: offset)
        if major == 3, bytes[offset + 8] & 0x1f != 0 || bytes[offset + 9] & 0x1f != 0 {
            return false
        }
        if major == 4, bytes[offset + 8] & 0x8f != 0 || bytes[offset + 9] & 0xb0 != 0 {
            return false
        }
        for size in [size, other ?? 0] where size > 0 && size <= end - start {
            if isPlausibleEnd(start + size) { return true }
            // The frame behind may be damaged too.
            if bytes[offset] == 0x54, bytes[start] <= 3, size < 1 << 16 { return true }
        }
        return false
    }

    private func isLetter(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }
    private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
