internal import Glibc

/// One worker's part in reading the lines of files: takes block after block of a source.
package final class LineBlockReader {
    /// Which block is being read.
    package private(set) var file = 0
    package private(set) var block = 0
    /// Whether it begins with its file's first byte.
    package private(set) var startsFile = false
    /// Whether it is its file's last; known once `piece` has returned nil.
    package private(set) var isLast = false
    /// What is wrong with the packed stream behind its last block; known with `isLast`.
    package private(set) var damage: CompressionError?

    private let source: LineBlockSource
    private let maximum: Int
    private let buffer: UnsafeMutableRawBufferPointer
    private var state = State.idle

    // The part of the buffer that has been read and not been delivered.
    private var start = 0
    private var filled = 0

    /// Where a plain block's reading stands.
    private struct PlainState {
        let plain: LineBlockSource.PlainFile
        let range: Range<Int>
        /// Of the file's byte behind what has been read.
        var position: Int
        var isSkipping: Bool
        var isDone: Bool
    }

    private enum State {
        case idle
        case plain(PlainState)
        case packed(LineBlockSource.PackedFile, LineBlockSource.OpenFile)
    }

    /// So many bytes behind each piece may be read, whatever they are.
    package static let paddingBytes = 64

    /// What one reader holds, without its share in the streams of packed files.
    package static func bufferBytes(
        maximumLineBytes: Int, sizes: LineBlockSource.Sizes = .init()
    ) -> Int {
        max(sizes.packedBlockBytes, sizes.plainReadBytes, sizes.tailReadBytes) + maximumLineBytes
            + 1 + paddingBytes
    }

    package init(_ source: LineBlockSource) {
        self.source = source
        maximum = source.maximumLineBytes
        buffer = .allocate(
            byteCount: Self.bufferBytes(maximumLineBytes: maximum, sizes: source.sizes),
            alignment: 4096)
    }

    deinit { buffer.deallocate() }

    /// Goes on to the next block.
    ///
    /// - Returns: false when there are no more.
    /// - Throws: `FileError`, and `FormatError` for a range of a packed file.
    package func next() throws -> Bool {
        start = 0
        filled = 0
        damage = nil
        switch try source.claim() {
        case nil: return false
        case .plain(let plain, let file, let block):
            self.file = file
            self.block = block
            isLast = block == plain.blockCount - 1
            let range = plain.range(of: block)
            // A line belongs to the block in which it begins: what a line feed ended before does.
            let isInside = range.lowerBound > 0
            startsFile = !isInside
            state = .plain(
                PlainState(
                    plain: plain, range: range,
                    position: isInside ? range.lowerBound - 1 : range.lowerBound,
                    isSkipping: isInside, isDone: range.isEmpty))
        case .packed(let packed, let open, let block):
            file = open.index
            self.block = block
            isLast = false
            startsFile = block == 0
            state = .packed(packed, open)
        }
        return true
    }

    /// The next lines of the block; nil behind the last. Valid until the next call, with
    /// `paddingBytes` behind them that may be read.
    ///
    /// All but the last line end with a line feed. The last does not where the file does not, and
    /// where it is longer than the limit: then this is its beginning, one byte longer than the limit.
    package func piece() throws -> UnsafeRawBufferPointer? {
        do {
            switch state {
            case .idle: return nil
            case .plain(var plain):
                let piece = try read(&plain)
                state = piece == nil ? .idle : .plain(plain)
                return piece
            case .packed(let packed, let open):
                state = .idle
                return try unpack(packed, open)
            }
        } catch {
            source.stop()
            throw error
        }
    }

    private func delivered(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[range])
    }

    /// Where the first or last line feed of a part of the buffer is.
    private func firstFeed(_ range: Range<Int>) -> Int? {
        let base = buffer.baseAddress!
        return memchr(base + range.lowerBound, 10, range.count).map { $0 - base }
    }
    private func lastFeed(_ range: Range<Int>) -> Int? {
        // Lines are short: it is near the end.
        var place = range.upperBound
        while place > range.lowerBound {
            place -= 1
            if buffer[place] == 10 { return place }
        }
        return nil
    }

    // MARK: Plain files

    private func read(_ state: inout PlainState) throws -> UnsafeRawBufferPointer? {
        if state.isDone { return nil }
        let end = state.range.upperBound
        // What is left is the beginning of a line.
        if start > 0 {
            memmove(buffer.baseAddress!, buffer.baseAddress! + start, filled - start)
            filled -= start
            start = 0
        }
        while true {
            if filled > maximum {
                let piece = delivered(0..<maximum + 1)
                filled = 0
                state.isSkipping = true
                state.isDone = state.position >= end
                return piece
            }
            // Up to the block's end at once, then the rest of the last line.
            let isInTail = state.position >= end
            let wanted =
                isInTail
                ? min(source.sizes.tailReadBytes, state.plain.sizeBytes - state.position)
                : min(source.sizes.plainReadBytes, end - state.position)
            let count =
                wanted <= 0
                ? 0
                : try state.plain.file.read(
                    into: UnsafeMutableRawBufferPointer(
                        rebasing: buffer[filled..<filled + wanted]), at: state.position)
            if count == 0 {
                state.isDone = true
                return filled > 0 && !state.isSkipping ? delivered(0..<filled) : nil
            }
            let searched = filled
            filled += count
            state.position += count
            if state.isSkipping {
                // The block's lines begin behind this line feed, if there are any.
                guard let feed = firstFeed(0..<filled) else {
                    filled = 0
                    if state.position < end { continue }
                    state.isDone = true
                    return nil
                }
                if state.position - filled + feed >= end - 1 {
                    state.isDone = true
                    return nil
                }
                state.isSkipping = false
                start = feed + 1
            }
            if isInTail {
                guard let feed = firstFeed(searched..<filled) else { continue }
                state.isDone = true
                return delivered(0..<feed + 1)
            }
            guard let feed = lastFeed(max(start, searched)..<filled) else {
                memmove(buffer.baseAddress!, buffer.baseAddress! + start, filled - start)
                filled -= start
                start = 0
                continue
            }
            let piece = delivered(start..<feed + 1)
            start = feed + 1
            // The line feed at the block's end ends its last line.
            if state.position == end, start == filled { state.isDone = true }
            return piece
        }
    }

    // MARK: Packed files

    private func unpack(
        _ packed: LineBlockSource.PackedFile, _ open: LineBlockSource.OpenFile
    ) throws -> UnsafeRawBufferPointer? {
        packed.begun.withUnsafeBytes { buffer.copyMemory(from: $0) }
        filled = packed.begun.count
        packed.begun.removeAll(keepingCapacity: true)
        // A line's beginning alone is no block.
        let target = filled + source.sizes.packedBlockBytes
        var isAtEnd = false
        while filled < target, !isAtEnd {
            var count = 0
            do {
                count = try packed.reader.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<target]))
                isAtEnd = count == 0
            } catch let error as CompressionError {
                damage = error
                isAtEnd = true
            }
            if packed.isSkipping, count > 0 {
                guard let feed = firstFeed(filled..<filled + count) else { continue }
                let rest = filled + count - feed - 1
                memmove(
                    buffer.baseAddress! + filled, buffer.baseAddress! + feed + 1, rest)
                packed.isSkipping = false
                count = rest
            }
            filled += count
        }
        var end = filled
        if !isAtEnd {
            end = lastFeed(0..<filled).map { $0 + 1 } ?? 0
            if filled - end > maximum {
                // Its beginning is told now, the rest is passed over.
                end += maximum + 1
                packed.isSkipping = true
            } else {
                packed.begun += delivered(end..<filled)
            }
        }
        isLast = isAtEnd
        source.release(open, isAtEnd: isAtEnd)
        return end > 0 ? delivered(0..<end) : nil
    }
}
