/// Rising row numbers as LEB128 of their differences.
enum RowList {
    static func encode(_ rows: some Sequence<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        var last = 0
        for row in rows {
            append(row - last, to: &bytes)
            last = row
        }
        return bytes
    }

    /// Appends one difference.
    static func append(_ difference: Int, to bytes: inout [UInt8]) {
        var rest = UInt64(difference)
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// The next difference; nil at the end.
    static func next(_ bytes: [UInt8], _ position: inout Int) -> Int? {
        var difference = 0
        var shift = 0
        while position < bytes.count, shift < 56 {
            let byte = bytes[position]
            position += 1
            difference |= Int(byte & 0x7f) << shift
            if byte < 0x80 { return difference }
            shift += 7
        }
        return nil
    }

    static func decode(_ bytes: UnsafeRawBufferPointer, limit: Int) -> [Int] {
        var rows: [Int] = []
        var row: UInt64 = 0
        var difference: UInt64 = 0
        var shift: UInt64 = 0
        for byte in bytes {
            difference |= UInt64(byte & 0x7f) << shift
            shift += 7
            guard byte < 0x80 || shift > 56 else { continue }
            row &+= difference
            rows.append(Int(truncatingIfNeeded: row & UInt64(Int.max)))
            if rows.count == limit { break }
            (difference, shift) = (0, 0)
        }
        return rows
    }
}
