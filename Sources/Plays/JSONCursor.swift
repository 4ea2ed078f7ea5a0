internal import CLineScan
internal import Glibc

/// Walks over one line of JSON (RFC 8259), strictly, without copying.
///
/// Each step returns false where the grammar is broken, and then the cursor must not be used again.
/// Strings are scanned sixteen bytes at a time.
struct JSONCursor {
    private(set) var position: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    /// Bytes up to here may be read, whatever they are.
    private let readableEnd: UnsafePointer<UInt8>

    /// What a value is, and where it lies.
    struct Value {
        enum Kind: UInt8 { case absent, null, string, integer, number, other }

        var kind = Kind.absent
        /// A string with escapes, which must be resolved before its bytes mean anything.
        var isEscaped = false
        /// A string with the character DEL outside escapes.
        var hasDelete = false
        /// A string's bytes between its quotes.
        var start: UnsafePointer<UInt8>?
        var count = 0
        /// Saturated at the ends of `Int`.
        var integer = 0
    }

    /// - Parameter paddingBytes: So many bytes behind the line may be read.
    init(_ bytes: UnsafeRawBufferPointer, paddingBytes: Int = 0) {
        // An empty buffer may have no address; any will do for it.
        position =
            bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(bitPattern: 1)!
        end = position + bytes.count
        readableEnd = end + paddingBytes
    }

    var isAtEnd: Bool { position == end }

    /// Bytes behind `start` that may be read.
    func readable(from start: UnsafePointer<UInt8>) -> Int { readableEnd - start }

    @inline(__always)
    mutating func skipSpace() {
        while position < end, position.pointee <= 32 {
            let byte = position.pointee
            guard byte == 32 || byte == 9 || byte == 13 || byte == 10 else { return }
            position += 1
        }
    }

    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard position < end, position.pointee == byte else { return false }
        position += 1
        return true
    }

    /// Reads any value; `value` tells what it was.
    @inline(__always)
    mutating func read(into value: inout Value) -> Bool {
        guard position < end else { return false }
        switch position.pointee {
        case 34:
            position += 1
            value.kind = .string
            return string(into: &value)
        case 45, 48...57: return number(into: &value)
        case 110:
            value.kind = .null
            return literal("null")
        default:
            value.kind = .other
            return skipNested()
        }
    }

    /// Reads a string up to and with its closing quote; the cursor stands behind the opening one.
    @inline(__always)
    mutating func string(into value: inout Value) -> Bool {
        value.start = position
        value.isEscaped = false
        value.hasDelete = false
        while true {
            while position < end, readableEnd - position >= 16 {
                let special = spindle_special16(position)
                if special == 0 {
                    position += 16
                } else {
                    position += special.trailingZeroBitCount
                    break
                }
            }
            guard position < end else { return false }
            switch position.pointee {
            case 34:
                value.count = position - value.start!
                position += 1
                return true
            case 92:
                value.isEscaped = true
                guard skipEscape() else { return false }
            case 0..<32: return false
            case 127:
                value.hasDelete = true
                position += 1
            case 128...255:
                let length = utf8Length(at: position, end: end)
                guard length > 0 else { return false }
                position += length
            default: position += 1
            }
        }
    }

    private mutating func skipEscape() -> Bool {
        position += 1
        guard position < end else { return false }
        let kind = position.pointee
        position += 1
        switch kind {
        case 34, 47, 92, 98, 102, 110, 114, 116: return true
        case 117:
            guard end - position >= 4, hexadecimal(position) != nil else { return false }
            position += 4
            return true
        default: return false
        }
    }

    @inline(__always)
    private mutating func number(into value: inout Value) -> Bool {
        value.kind = .integer
        if readableEnd - position >= 8 {
            var count: UInt32 = 0
            let magnitude = spindle_digits7(position, &count)
            // Digits alone, up to what ends a value; anything else is looked at one by one.
            if count &- 1 < 7, count == 1 || position.pointee != 48, position + Int(count) < end {
                let next = position[Int(count)]
                if next == 44 || next == 125 {
                    position += Int(count)
                    value.integer = Int(magnitude)
                    return true
                }
            }
        }
        let isNegative = take(45)
        guard position < end, isDigit(position.pointee) else { return false }
        var magnitude = 0
        if position.pointee == 48 {
            position += 1
        } else {
            while position < end, isDigit(position.pointee) {
                if magnitude < 1 << 58 {
                    magnitude = magnitude &* 10 &+ Int(position.pointee &- 48)
                }
                position += 1
            }
        }
        value.integer = isNegative ? -magnitude : magnitude
        guard position < end else { return true }
        if position.pointee == 46 {
            position += 1
            value.kind = .number
            guard skipDigits() else { return false }
        }
        if position < end, position.pointee | 32 == 101 {
            position += 1
            value.kind = .number
            if position < end, position.pointee == 43 || position.pointee == 45 { position += 1 }
            guard skipDigits() else { return false }
        }
        return true
    }

    private mutating func skipDigits() -> Bool {
        let start = position
        while position < end, isDigit(position.pointee) { position += 1 }
        return position > start
    }

    private mutating func literal(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard end - position >= count, memcmp(position, text.utf8Start, count) == 0 else {
            return false
        }
        position += count
        return true
    }

    /// Skips `true`, `false`, an object or an array, however they nest.
    private mutating func skipNested() -> Bool {
        // One bit a level (1 is an object), so that no line can exhaust the stack.
        var levels: UInt64 = 0
        var depth = 0
        var ignored = Value()
        while true {
            skipSpace()
            guard position < end else { return false }
            // A value is due here.
            switch position.pointee {
            case 123, 91:
                let isObject = position.pointee == 123
                guard depth < 64 else { return false }
                position += 1
                levels = levels << 1 | (isObject ? 1 : 0)
                depth += 1
                skipSpace()
                if !take(isObject ? 125 : 93) {
                    if isObject, !key(&ignored) { return false }
                    continue
                }
                levels >>= 1
                depth -= 1
            case 34:
                position += 1
                guard string(into: &ignored) else { return false }
            case 45, 48...57: guard number(into: &ignored) else { return false }
            case 110: guard literal("null") else { return false }
            case 116: guard literal("true") else { return false }
            case 102: guard literal("false") else { return false }
            default: return false
            }
            // Behind a value: close what ends here, or go on to the next.
            while true {
                if depth == 0 { return true }
                skipSpace()
                let isObject = levels & 1 == 1
                if take(44) {
                    skipSpace()
                    if isObject, !key(&ignored) { return false }
                    break
                }
                guard take(isObject ? 125 : 93) else { return false }
                levels >>= 1
                depth -= 1
            }
        }
    }

    private mutating func key(_ ignored: inout Value) -> Bool {
        guard take(34), string(into: &ignored) else { return false }
        skipSpace()
        return take(58)
    }

    // MARK: Escapes

    /// Resolves the escapes of a string that the cursor has accepted.
    ///
    /// - Returns: The count of bytes written; nil when they exceed the room or hold half a surrogate pair.
    static func unescape(
        _ start: UnsafePointer<UInt8>, count: Int, into room: UnsafeMutableRawBufferPointer
    ) -> Int? {
        var written = 0
        func put(_ byte: UInt8) -> Bool {
            guard written < room.count else { return false }
            room[written] = byte
            written += 1
            return true
        }
        var index = 0
        while index < count {
            guard start[index] == 92 else {
                guard put(start[index]) else { return nil }
                index += 1
                continue
            }
            let kind = start[index + 1]
            index += 2
            switch kind {
            case 98: guard put(8) else { return nil }
            case 102: guard put(12) else { return nil }
            case 110: guard put(10) else { return nil }
            case 114: guard put(13) else { return nil }
            case 116: guard put(9) else { return nil }
            case 117:
                var code = hexadecimal(start + index)!
                index += 4
                if (0xd800..<0xdc00).contains(code), index + 6 <= count, start[index] == 92,
                    start[index + 1] == 117, let low = hexadecimal(start + index + 2),
                    (0xdc00..<0xe000).contains(low)
                {
                    code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
                    index += 6
                }
                guard let scalar = Unicode.Scalar(code) else { return nil }
                for byte in UTF8.encode(scalar)! { guard put(byte) else { return nil } }
            default: guard put(kind) else { return nil }
            }
        }
        return written
    }
}

@inline(__always)
private func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

/// The value of four hexadecimal digits.
private func hexadecimal(_ digits: UnsafePointer<UInt8>) -> UInt32? {
    var value: UInt32 = 0
    for index in 0..<4 {
        let byte = digits[index]
        switch byte {
        case 48...57: value = value << 4 | UInt32(byte - 48)
        case 65...70, 97...102: value = value << 4 | UInt32((byte | 32) - 87)
        default: return nil
        }
    }
    return value
}

/// The length of the sequence of UTF-8 at `start` (RFC 3629, section 4); 0 when it is none.
func utf8Length(at start: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) -> Int {
    let first = start.pointee
    let room = end - start
    func isTail(_ index: Int) -> Bool { start[index] & 0xc0 == 0x80 }
    switch first {
    case 0..<0x80: return 1
    case 0xc2...0xdf: return room >= 2 && isTail(1) ? 2 : 0
    case 0xe0...0xef:
        guard room >= 3, isTail(1), isTail(2) else { return 0 }
        // No overlong forms and no surrogates.
        if first == 0xe0, start[1] < 0xa0 { return 0 }
        if first == 0xed, start[1] > 0x9f { return 0 }
        return 3
    case 0xf0...0xf4:
        guard room >= 4, isTail(1), isTail(2), isTail(3) else { return 0 }
        if first == 0xf0, start[1] < 0x90 { return 0 }
        if first == 0xf4, start[1] > 0x8f { return 0 }
        return 4
    default: return 0
    }
}

func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard var position = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return true }
    let end = position + bytes.count
    while position < end {
        let length = utf8Length(at: position, end: end)
        guard length > 0 else { return false }
        position += length
    }
    return true
}
