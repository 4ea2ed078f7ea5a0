/// Rising row numbers as LEB128 of their differences.
enum RowList {
    static func encode(_ rows: some Sequence<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        var last = 0
        for row in rows {
            var difference = UInt64(row - last)
            last = row
            while difference >= 0x80 {
                bytes.append(UInt8(difference & 0x7f) | 0x80)
                difference >>= 7
            }
            bytes.append(UInt8(difference))
        }
        return bytes
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
