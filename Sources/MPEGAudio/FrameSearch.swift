internal import Storage

/// Looks for the first frame behind the leading tags.
enum FrameSearch {
    struct First {
        var offset: Int
        /// Bytes passed over, zeros and further tags not counted.
        var junkBytes = 0
        var junkOffset = 0
        var isText = false
    }

    /// Where the search ends.
    static let furthestBytes = 64 << 20
    private static let windowBytes = 1 << 20
    /// ID3v2 tags behind junk that are followed, at most.
    private static let jumps = 8

    /// - Returns: nil when there is no run of frames.
    static func first(in file: borrowing FileDescriptor, _ range: Range<Int>) throws(FileError)
        -> First?
    {
        var search = Search(jumpsLeft: jumps)
        return try search.run(file, range, limit: furthestBytes)
    }

    private struct Search {
        var jumpsLeft: Int
        var junkBytes = 0
        var junkOffset = 0
        var isText = true

        mutating func run(_ file: borrowing FileDescriptor, _ range: Range<Int>, limit: Int)
            throws(FileError) -> First?
        {
            var place = range.lowerBound
            let stop = min(range.upperBound, range.lowerBound + limit)
            // The first frame is soon found in most files: not a window for nothing.
            var buffer = UnsafeMutableRawBufferPointer.allocate(
                byteCount: 2 * FrameWindow.lookaheadBytes, alignment: 16)
            defer { buffer.deallocate() }
            while place < stop {
                if place - range.lowerBound >= FrameWindow.lookaheadBytes {
                    let wanted = min(
                        range.count, FrameSearch.windowBytes + FrameWindow.lookaheadBytes)
                    if buffer.count < wanted {
                        buffer.deallocate()
                        buffer = .allocate(byteCount: wanted, alignment: 16)
                    }
                }
                let wanted = min(buffer.count, range.upperBound - place)
                let count = try file.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: place)
                guard count > 0 else { return nil }
                // A file that is shorter than it was ends here.
                let end = count < wanted ? place + count : range.upperBound
                let isLast = place + count >= end
                let scanned =
                    isLast ? place + count : place + count - FrameWindow.lookaheadBytes
                let found = FrameTable.lengths.withUnsafeBufferPointer { lengths in
                    scan(
                        FrameWindow(
                            bytes: UnsafeRawBufferPointer(rebasing: buffer[..<count]), base: place,
                            end: end, lengths: lengths.baseAddress!),
                        from: place, to: min(scanned, stop), near: range.lowerBound)
                }
                switch found {
                case .frames(let offset):
                    return First(
                        offset: offset, junkBytes: junkBytes, junkOffset: junkOffset,
                        isText: junkBytes > 0 && isText)
                case .tag(let offset, let length):
                    jumpsLeft -= 1
                    // Three letters in junk may say anything: what they say has to lead to frames.
                    var behind = self
                    if offset + length < range.upperBound,
                        let first = try behind.run(
                            file, offset + length..<range.upperBound, limit: 64 << 10)
                    {
                        return first
                    }
                    jumpsLeft = behind.jumpsLeft
                    pass(0x49, at: offset)
                    place = offset + 1
                case nil:
                    if isLast { return nil }
                    place = scanned
                }
            }
            return nil
        }

        private enum Found {
            case frames(Int)
            case tag(Int, length: Int)
        }

        private mutating func scan(
            _ window: FrameWindow, from start: Int, to stop: Int, near beginning: Int
        ) -> Found? {
            for place in start..<max(start, stop) {
                let byte = window[place]
                if byte == 0xff {
                    let isNear = place - beginning < FileParts.searchBytes
                    let count = isNear ? 3 : 8
                    let demand: FrameWindow.Demand =
                        junkBytes == 0 ? .atStart(count) : .frames(count)
                    if window.run(at: place, demand) != nil { return .frames(place) }
                } else if byte == 0x49, jumpsLeft > 0,
                    let length = window.id3v2Length(at: place)
                {
                    return .tag(place, length: length)
                }
                if byte != 0 { pass(byte, at: place) }
            }
            return nil
        }

        private mutating func pass(_ byte: UInt8, at place: Int) {
            if junkBytes == 0 { junkOffset = place }
            // A text shows in its first letters.
            if junkBytes < 64, !FrameWindow.isText(byte) {
                isText = false
            }
            junkBytes += 1
        }
    }
}
