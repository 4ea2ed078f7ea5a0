/// An APEv1 or APEv2 tag: a header (APEv2), items, a footer, each of the two 32 bytes.
///
/// Items are read until they end, whatever count and size say; behind a damaged item the next one
/// is looked for.
package struct APETag: Sendable {
    /// 1000 or 2000.
    package let version: Int
    /// Where the tag begins in the bytes it was read from; with its header, if it has one.
    package let range: Range<Int>
    package private(set) var items: [APEItem] = []
    package private(set) var damage: [TagDamage] = []
    /// More items or values than the limits allow: the rest is missing.
    package private(set) var isOverLimit = false

    static let footerBytes = 32
    /// Size, flags, two letters of key and a NUL.
    private static let shortestItem = 11

    /// - Parameter bytes: Ends with the tag's footer, or begins with its header. May begin before
    ///   the tag.
    /// - Returns: nil when there is no tag.
    package init?(bytes: UnsafeRawBufferPointer, limits: APELimits = APELimits()) {
        let end: Int
        let itemsStart: Int
        let fields: Footer
        var damage: [TagDamage] = []
        if let footer = Footer(bytes, at: bytes.count - Self.footerBytes), !footer.isHeader {
            fields = footer
            end = bytes.count - Self.footerBytes
            // The size counts items and footer, but not the header.
            let start = end + Self.footerBytes - footer.sizeBytes
            if start < 0 || start > end {
                damage.append(TagDamage(offset: end, reason: .tagCutShort))
            }
            itemsStart = start > end ? end : max(0, start)
            let before = itemsStart - Self.footerBytes
            let header = Footer(bytes, at: before)
            range = (header?.isHeader == true ? before : itemsStart)..<bytes.count
        } else if let header = Footer(bytes, at: 0) {
            fields = header
            itemsStart = Self.footerBytes
            let declared = itemsStart + header.sizeBytes
            if declared > bytes.count {
                damage.append(TagDamage(offset: bytes.count, reason: .tagCutShort))
            }
            range = 0..<max(itemsStart, min(declared, bytes.count))
            let hasFooter = Footer(bytes, at: range.upperBound - Self.footerBytes) != nil
            end = max(itemsStart, range.upperBound - (hasFooter ? Self.footerBytes : 0))
        } else {
            return nil
        }
        version = fields.version
        self.damage = damage
        read(bytes, itemsStart..<end, limits)
        if items.count != fields.count && !isOverLimit {
            self.damage.append(TagDamage(offset: end, reason: .itemCount))
        }
    }

    /// Header or footer: APETAGEX, version, size, count, flags, eight zeros.
    private struct Footer {
        let version: Int
        let sizeBytes: Int
        let count: Int
        let isHeader: Bool

        init?(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
            guard offset >= 0, offset + footerBytes <= bytes.count,
                bytes[offset...].starts(with: "APETAGEX".utf8)
            else { return nil }
            version = bytes.littleEndian(at: offset + 8)
            sizeBytes = bytes.littleEndian(at: offset + 12)
            count = bytes.littleEndian(at: offset + 16)
            isHeader = version >= 2000 && bytes[offset + 23] & 0x20 != 0
        }
    }

    private mutating func read(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ limits: APELimits
    ) {
        var offset = range.lowerBound
        var valueCount = 0
        while offset + Self.shortestItem <= range.upperBound {
            guard items.count < limits.itemCount, valueCount < limits.valueCount else {
                isOverLimit = true
                return
            }
            guard let keyEnd = Self.keyEnd(bytes, offset, range.upperBound) else {
                let next = Self.nextItem(bytes, offset + 1, range.upperBound)
                damage.append(TagDamage(offset: offset, reason: .garbage))
                guard let next else { return }
                offset = next
                continue
            }
            let size = bytes.littleEndian(at: offset)
            let start = keyEnd + 1
            var contentEnd = range.upperBound
            let key = String(decoding: bytes[offset + 8..<keyEnd], as: UTF8.self)
            if size <= range.upperBound - start {
                contentEnd = start + size
            } else {
                damage.append(TagDamage(offset: offset, id: key, reason: .beyondTag))
                contentEnd = Self.nextItem(bytes, start, range.upperBound) ?? range.upperBound
            }
            let item = APEItem(
                bytes, key: key, flags: bytes[offset + 4], offset: offset,
                content: start..<contentEnd, version: version,
                limits: limits, valueLimit: limits.valueCount - valueCount)
            valueCount += item.values.count
            items.append(item)
            offset = contentEnd
        }
        if offset < range.upperBound {
            damage.append(TagDamage(offset: offset, reason: .garbage))
        }
    }

    /// The NUL behind an item's key: 2 to 255 letters of ASCII.
    private static func keyEnd(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ end: Int) -> Int? {
        var index = offset + 8
        let last = min(end, index + 256)
        while index < last, bytes[index] >= 0x20, bytes[index] < 0x7f { index += 1 }
        return index < last && bytes[index] == 0 && index - offset - 8 >= 2 ? index : nil
    }

    /// The next place with a key and a size that fits, flags that mean something, and behind which
    /// the tag ends or another key stands.
    private static func nextItem(_ bytes: UnsafeRawBufferPointer, _ first: Int, _ end: Int) -> Int?
    {
        var offset = first
        while offset + shortestItem <= end {
            // Only flags' lowest byte is used, and sizes below 16 MiB begin with a zero.
            if bytes[offset + 3] == 0, bytes[offset + 4] < 8, bytes[offset + 5] == 0,
                bytes[offset + 6] == 0, let keyEnd = keyEnd(bytes, offset, end)
            {
                let next = keyEnd + 1 + bytes.littleEndian(at: offset)
                if next == end || (next < end && self.keyEnd(bytes, next, end) != nil) {
                    return offset
                }
            }
            offset += 1
        }
        return nil
    }

    /// All texts, pictures and damage, in the form that all kinds of tag share.
    package var raw: RawTag {
        RawTag(
            kind: .ape(version: version),
            entries: items.filter { !$0.values.isEmpty }.map {
                RawTagEntry(key: $0.key.uppercased(), values: $0.values, offset: $0.offset)
            },
            pictures: items.compactMap(\.picture), damage: damage)
    }
}

extension UnsafeRawBufferPointer {
    /// A four-byte little-endian number; the caller has checked that the bytes are there.
    fileprivate func littleEndian(at offset: Int) -> Int {
        Int(UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
}
