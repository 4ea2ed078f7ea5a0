internal import CISAL
internal import Glibc

/// Unpacks gzip (RFC 1952), any number of members, given the file's bytes in pieces of any size.
///
/// ISA-L inflates; header and trailer are read here, so that what follows a member is told from it
/// and each fault has its name.
final class GzipStream {
    /// Of the bytes before a piece of input, so many must be those that came before it: the inflater
    /// can have taken them too early.
    static let headroomBytes = 8

    /// Within a member; the file must not end here.
    var isUnfinished: Bool {
        if case .between = part { return false }
        return true
    }

    private enum Part {
        /// Before the first byte of a member.
        case between
        case header(Header)
        case content
        /// So many of its eight bytes are read.
        case trailer(Int)
    }

    /// RFC 1952, section 2.3.
    private enum Header {
        /// So many of the ten fixed bytes are read.
        case fixed(Int)
        case extraLength(Int)
        case extra(left: Int)
        case name, comment
        case check(Int)
    }

    private let inflater: UnsafeMutableRawPointer
    private var part = Part.between
    private var flags: UInt8 = 0
    /// Of the header, then of the content.
    private var crc: UInt32 = 0
    private var contentBytes: UInt32 = 0
    /// What the bytes of a number have come to, the first lowest.
    private var number: UInt64 = 0
    private var fault: String?

    init() {
        guard let inflater = spindle_inflate_create() else { preconditionFailure("no memory") }
        self.inflater = inflater
    }

    deinit { free(inflater) }

    /// What one stream holds besides its input.
    static var stateBytes: Int { spindle_inflate_state_bytes() }

    /// Unpacks from `input[range]` into `output`, and takes from the range what it has read.
    ///
    /// - Parameter output: Not empty.
    /// - Returns: The count of bytes written; where it is 0, more input is needed.
    /// - Throws: `Fault` where the stream is damaged, after what came before has been returned.
    func read(
        _ input: UnsafeMutableRawBufferPointer, _ range: inout Range<Int>,
        into output: UnsafeMutableRawBufferPointer
    ) throws(Fault) -> Int {
        if let fault {
            let count = drain(into: output)
            guard count == 0 else { return count }
            throw Fault(detail: fault)
        }
        while true {
            switch part {
            case .between:
                // Zero padding, as tape blocks have, is no member.
                while let first = range.first, input[first] == 0 { range.removeFirst() }
                guard !range.isEmpty else { return 0 }
                part = .header(.fixed(0))
                crc = 0
                flags = 0
            case .header(let header):
                guard !range.isEmpty else { return 0 }
                try readHeader(header, input, &range)
            case .content:
                // Without input as well: it may have been taken while the output was full.
                let count = try inflate(input, &range, into: output)
                if count > 0 { return count }
                if case .content = part, range.isEmpty { return 0 }
            case .trailer(let count):
                guard !range.isEmpty else { return 0 }
                try readTrailer(count, input, &range)
            }
        }
    }

    struct Fault: Error {
        let detail: String
    }

    // MARK: The content

    private func inflate(
        _ input: UnsafeMutableRawBufferPointer, _ range: inout Range<Int>,
        into output: UnsafeMutableRawBufferPointer
    ) throws(Fault) -> Int {
        let bytes = output.baseAddress!.assumingMemoryBound(to: UInt8.self)
        let step = spindle_inflate(
            inflater,
            (input.baseAddress! + range.lowerBound).assumingMemoryBound(to: UInt8.self),
            UInt32(clamping: range.count), bytes, UInt32(clamping: output.count))
        let isStuck =
            step.taken == 0 && step.written == 0 && step.is_finished == 0 && !range.isEmpty
        range = range.lowerBound + step.taken..<range.upperBound
        var count = Int(step.written)
        if step.code < 0 || isStuck {
            fault = Self.name(ofCode: step.code)
            count += drain(into: UnsafeMutableRawBufferPointer(rebasing: output[count...]))
            if count == 0 { throw Fault(detail: fault!) }
            return count
        }
        crc = crc32_gzip_refl(crc, bytes, UInt64(count))
        contentBytes &+= UInt32(truncatingIfNeeded: count)
        if step.is_finished != 0 {
            part = .trailer(0)
            number = 0
        }
        return count
    }

    private func drain(into output: UnsafeMutableRawBufferPointer) -> Int {
        guard output.count > 0 else { return 0 }
        return spindle_inflate_drain(
            inflater, output.baseAddress!.assumingMemoryBound(to: UInt8.self), output.count)
    }

    private static func name(ofCode code: Int32) -> String {
        switch code {
        case ISAL_INVALID_BLOCK: "invalid block"
        case ISAL_INVALID_SYMBOL: "invalid code"
        case ISAL_INVALID_LOOKBACK: "invalid distance too far back"
        default: "code \(code)"
        }
    }

    // MARK: What is around it

    /// CRC-32 and length of the content.
    private func readTrailer(
        _ read: Int, _ input: UnsafeMutableRawBufferPointer, _ range: inout Range<Int>
    ) throws(Fault) {
        let count = readNumber(read, of: 8, input, &range)
        guard count == 8 else {
            part = .trailer(count)
            return
        }
        guard UInt32(truncatingIfNeeded: number) == crc else {
            throw fail("incorrect data check")
        }
        guard UInt32(truncatingIfNeeded: number >> 32) == contentBytes else {
            throw fail("incorrect length check")
        }
        part = .between
    }

    private func readHeader(
        _ header: Header, _ input: UnsafeMutableRawBufferPointer, _ range: inout Range<Int>
    ) throws(Fault) {
        let start = range.lowerBound
        var next: Header? = header
        switch header {
        case .fixed(let read):
            let byte = input[start]
            range.removeFirst()
            switch read {
            case 0: guard byte == 0x1f else { throw fail("incorrect header check") }
            case 1: guard byte == 0x8b else { throw fail("incorrect header check") }
            case 2: guard byte == 8 else { throw fail("unknown compression method") }
            case 3:
                guard byte & 0xe0 == 0 else { throw fail("unknown header flags set") }
                flags = byte
            default: break
            }
            next = read < 9 ? .fixed(read + 1) : following(.fixed)
        case .extraLength(let read):
            let count = readNumber(read, of: 2, input, &range)
            next =
                count < 2
                ? .extraLength(count) : number > 0 ? .extra(left: Int(number)) : following(.extra)
        case .extra(let left):
            let count = min(left, range.count)
            range.removeFirst(count)
            next = count < left ? .extra(left: left - count) : following(.extra)
        case .name, .comment:
            var isAtEnd = false
            while !isAtEnd, let first = range.first {
                isAtEnd = input[first] == 0
                range.removeFirst()
            }
            if isAtEnd {
                if case .name = header {
                    next = following(.name)
                } else {
                    next = following(.comment)
                }
            }
        case .check(let read):
            let count = readNumber(read, of: 2, input, &range)
            guard count == 2 else {
                part = .header(.check(count))
                return
            }
            guard UInt16(truncatingIfNeeded: number) == UInt16(truncatingIfNeeded: crc) else {
                throw fail("header crc mismatch")
            }
            next = nil
        }
        if case .check = header {
        } else {
            crc = crc32_gzip_refl(
                crc, (input.baseAddress! + start).assumingMemoryBound(to: UInt8.self),
                UInt64(range.lowerBound - start))
        }
        guard let next else {
            spindle_inflate_restart(inflater)
            crc = 0
            contentBytes = 0
            part = .content
            return
        }
        part = .header(next)
    }

    private enum HeaderField: UInt8 {
        case fixed, extra, name, comment
    }

    /// What comes behind a field, as the flags say; nil for the content.
    private func following(_ field: HeaderField) -> Header? {
        if field.rawValue < HeaderField.extra.rawValue, flags & 4 != 0 { return .extraLength(0) }
        if field.rawValue < HeaderField.name.rawValue, flags & 8 != 0 { return .name }
        if field.rawValue < HeaderField.comment.rawValue, flags & 16 != 0 { return .comment }
        return flags & 2 != 0 ? .check(0) : nil
    }

    /// - Returns: How many of the number's bytes are read by now.
    private func readNumber(
        _ read: Int, of total: Int, _ input: UnsafeMutableRawBufferPointer,
        _ range: inout Range<Int>
    ) -> Int {
        if read == 0 { number = 0 }
        var read = read
        while read < total, let first = range.first {
            number |= UInt64(input[first]) << UInt64(8 * read)
            range.removeFirst()
            read += 1
        }
        return read
    }

    private func fail(_ detail: String) -> Fault {
        fault = detail
        return Fault(detail: detail)
    }
}
