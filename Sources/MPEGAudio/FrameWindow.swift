/// A stretch of a stream that is in memory: what stands where, and where frames begin.
struct FrameWindow {
    let bytes: UnsafeRawBufferPointer
    /// Where in the stream `bytes` begins.
    let base: Int
    /// Where the stream ends; it may be behind the window.
    let end: Int
    /// `FrameTable.lengths`, with those of a free format filled in.
    let lengths: UnsafePointer<UInt16>

    /// As many bytes as a decision looks ahead: the headers of a run in free format.
    static let lookaheadBytes = 40 << 10
    /// The longest frame in free format that is looked for; those of fixed bitrates have 2,881 at most.
    static let maximumFreeBytes = 6 << 10
    private static let minimumFreeBytes = 24

    /// Where the window ends in the stream.
    @inline(__always) var known: Int { base + bytes.count }

    @inline(__always) subscript(offset: Int) -> UInt8 { bytes[offset - base] }

    /// - Precondition: Four bytes are known there.
    @inline(__always) func word(_ offset: Int) -> UInt32 {
        UInt32(
            bigEndian: bytes.loadUnaligned(fromByteOffset: offset - base, as: UInt32.self))
    }

    func holds(_ text: StaticString, at offset: Int) -> Bool {
        guard offset >= base, offset + text.utf8CodeUnitCount <= known else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy { self[offset + $0] == text.utf8Start[$0] }
    }

    /// How many frames in a row make a place the beginning of a stream.
    enum Demand {
        /// As many, or fewer if they end where the stream ends.
        case frames(Int)
        /// The same, and one whole frame is enough as there is nothing before it.
        case atStart(Int)
    }

    /// Whether a run of frames begins at `offset`, all of one stream.
    ///
    /// A header by itself stands in one of 7,000 random places, three in a row in one of 10^14.
    ///
    /// - Precondition: The run, or the stream's end, is in the window.
    /// - Returns: nil for no; else the bytes of an unpadded frame in free format, 0 for others.
    func run(at offset: Int, _ demand: Demand) -> Int? {
        guard offset + 4 <= known else { return nil }
        let first = word(offset)
        guard FrameTable.isHeader(first) else { return nil }
        var free = 0
        if lengths[FrameTable.index(first)] == 0 {
            guard let found = freeLength(at: offset, first) else { return nil }
            free = found
        }
        let (wanted, atStart) =
            switch demand {
            case .frames(let count): (count, false)
            case .atStart(let count): (count, true)
            }
        var place = offset
        var headers = 0
        while headers < wanted {
            if place == end { return headers >= (atStart ? 1 : 2) ? free : nil }
            if place > end { return headers >= (atStart ? 2 : 3) ? free : nil }
            guard place + 4 <= known else {
                return place + 4 > end && headers >= (atStart ? 1 : 3) ? free : nil
            }
            let header = word(place)
            guard (header ^ first) & FrameTable.streamMask == 0, FrameTable.isHeader(header) else {
                return nil
            }
            let length = Int(lengths[FrameTable.index(header)])
            guard length > 0 || (free > 0 && FrameTable.isFreeFormat(header)) else { return nil }
            headers += 1
            place += length > 0 ? length : free + FrameTable.paddingBytes(header)
        }
        return free
    }

    /// The bytes of an unpadded frame in free format: the distance at which its headers follow each other.
    private func freeLength(at offset: Int, _ first: UInt32) -> Int? {
        let same = FrameTable.streamMask | 0xf000
        let padding = FrameTable.paddingBytes(first)
        let last = min(offset + Self.maximumFreeBytes, known - 4)
        var place = offset + Self.minimumFreeBytes
        while place <= last {
            defer { place += 1 }
            guard self[place] == 0xff, (word(place) ^ first) & same == 0 else { continue }
            let length = place - offset - padding
            if length >= Self.minimumFreeBytes, isFreeRun(from: place, length, like: first & same) {
                return length
            }
        }
        return nil
    }

    /// Demands more frames than others: here the distance is only known from the frames themselves.
    private func isFreeRun(from start: Int, _ length: Int, like first: UInt32) -> Bool {
        let same = FrameTable.streamMask | 0xf000
        var place = start
        for count in 1..<6 {
            guard place + 4 <= known else { return count >= 3 && place + 4 > end }
            let header = word(place)
            guard header & same == first, FrameTable.isHeader(header) else { return false }
            place += length + FrameTable.paddingBytes(header)
        }
        return true
    }

    /// Whether the byte may stand in a text of UTF-8 or ASCII.
    static func isText(_ byte: UInt8) -> Bool {
        byte >= 0x20 ? byte != 0x7f && byte < 0xf8 : [9, 10, 13].contains(byte)
    }

    /// The length of an ID3v2 tag there, header and footer included.
    func id3v2Length(at offset: Int) -> Int? {
        guard holds("ID3", at: offset), offset + 10 <= known else { return nil }
        return ID3v2Header((0..<10).map { self[offset + $0] })?.totalBytes
    }
}
