/// Takes frames out of a tag's body, with flags undone.
struct ID3v2FrameReader {
    private let bytes: UnsafeRawBufferPointer
    private let major: UInt8
    private let limits: ID3v2Limits
    private let isUnsynchronised: Bool
    private let isCopy: Bool
    private(set) var damage: [TagDamage] = []
    private(set) var excess: ID3v2Limits.Excess?
    private var frameCount = 0
    private var inflatedBytes = 0

    /// Binary content up to this size is copied, so that its own header is at hand.
    static let copiedBytes = 64 << 10

    /// - Parameters:
    ///   - isUnsynchronised: ID3v2.4's flag for the whole tag.
    ///   - isCopy: `bytes` is not what the tag was read from, so ranges in it are of no use.
    init(
        _ bytes: UnsafeRawBufferPointer, major: UInt8, limits: ID3v2Limits, isUnsynchronised: Bool,
        isCopy: Bool
    ) {
        self.bytes = bytes
        self.major = major
        self.limits = limits
        self.isUnsynchronised = isUnsynchronised
        self.isCopy = isCopy
    }

    /// How much of a frame's content is to be at hand.
    private static func copiedBytes(
        _ frame: ID3v2Frame, _ stored: UnsafeRawBufferPointer
    ) -> Int {
        guard frame.isBinary else { return stored.count }
        if frame.storedID == "APIC", let header = ID3v2PictureHeader(stored) {
            // And as much of the picture as may be searched for its beginning.
            return header.sizeBytes + 512
        }
        return copiedBytes
    }

    mutating func frames(in range: Range<Int>) -> [ID3v2Frame] {
        var frames: [ID3v2Frame] = []
        var walk = ID3v2Walk(bytes, body: range, major: major)
        while let step = walk.next() {
            switch step {
            case .damage(let reason, let offset):
                damage.append(TagDamage(offset: offset, reason: reason))
            case .frame(let slot):
                frameCount += 1
                guard frameCount <= limits.frameCount else {
                    exceed(.frameCount, slot, limits.frameCount)
                    return frames
                }
                frames.append(frame(slot))
            }
        }
        return frames
    }

    private mutating func frame(_ slot: ID3v2Walk.Slot) -> ID3v2Frame {
        let content = ID3v2Content(
            slot, in: bytes, major: major, isTagUnsynchronised: isUnsynchronised)
        var frame = ID3v2Frame(
            id: ID3v2FrameID.normalised(slot.id), storedID: ID3v2FrameID.string(slot.id),
            offset: slot.offset, sizeBytes: slot.content.count, flags: slot.flags,
            status: slot.damage.map { .damaged($0) } ?? .ok, content: [], storedContent: nil,
            major: major)
        if content.isEncrypted {
            frame.status = .encrypted
            return frame
        }
        if content.isTooShort { frame.status = .damaged(.content) }
        let stored = UnsafeRawBufferPointer(rebasing: bytes[content.stored])
        if content.isCompressed {
            inflate(&frame, slot, content)
        } else if content.isUnsynchronised,
            case .undone(let undone) = Unsynchronisation.undo(stored)
        {
            frame.content = undone
        } else if isCopy {
            frame.content = Array(stored)
        } else {
            frame.storedContent = content.stored
            frame.content = Array(stored.prefix(Self.copiedBytes(frame, stored)))
        }
        if !frame.isBinary, !ID3v2FrameID.holdsFrames(slot.id),
            frame.content.count > limits.textBytes
        {
            frame.content.removeLast(frame.content.count - limits.textBytes)
            frame.status = .damaged(.overLimit)
            exceed(.textBytes, slot, limits.textBytes)
        }
        if frame.status == .ok, !frame.hasSoundContent { frame.status = .damaged(.content) }
        return frame
    }

    private mutating func inflate(
        _ frame: inout ID3v2Frame, _ slot: ID3v2Walk.Slot, _ content: ID3v2Content
    ) {
        // Some write the length without its flag, and some the flag without the length.
        let stored = content.stored.lowerBound
        let starts = [stored, slot.content.lowerBound, slot.content.lowerBound + 4]
        var best: (status: Inflation.Status, bytes: [UInt8]) = (.damaged, [])
        for start in starts where slot.content.contains(start) {
            let source = UnsafeRawBufferPointer(rebasing: bytes[start..<slot.content.upperBound])
            let limit = min(limits.inflatedFrameBytes, limits.inflatedTotalBytes - inflatedBytes)
            var whole = source
            var undone: [UInt8] = []
            if content.isUnsynchronised, case .undone(let bytes) = Unsynchronisation.undo(source) {
                undone = bytes
            }
            var inflated: [UInt8] = []
            let result = undone.withUnsafeBytes { copy in
                if !copy.isEmpty { whole = copy }
                return Inflation.run(whole, limitBytes: limit) { inflated.append(contentsOf: $0) }
            }
            if result.status != .damaged || inflated.count > best.bytes.count {
                best = (result.status, inflated)
            }
            if result.status != .damaged { break }
        }
        inflatedBytes += best.bytes.count
        frame.content = best.bytes
        switch best.status {
        case .complete: break
        case .damaged: frame.status = .damaged(.inflate)
        case .overLimit:
            frame.status = .damaged(.overLimit)
            exceed(.inflatedFrameBytes, slot, limits.inflatedFrameBytes)
        }
    }

    private mutating func exceed(_ kind: ID3v2Limits.Kind, _ slot: ID3v2Walk.Slot, _ limit: Int) {
        guard excess == nil else { return }
        excess = ID3v2Limits.Excess(
            kind: kind, offset: slot.offset, id: ID3v2FrameID.string(slot.id), limit: limit)
    }
}
