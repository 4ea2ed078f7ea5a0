internal import Glibc

/// Numbers byte strings from 0 in the order of their first appearance.
///
/// The bytes lie one behind the other in an arena; a slot holds half a hash and a number, so that a
/// wrong slot is nearly always passed without looking at the bytes.
package struct ByteTable: ~Copyable {
    private var arena: UnsafeMutableRawPointer
    private var arenaCapacity = 1 << 16
    /// Where each string starts; one more for the end of the last.
    private var offsets: ContiguousArray<Int> = [0]
    private var slots: UnsafeMutablePointer<UInt64>
    private var mask = (1 << 10) - 1

    package init() {
        arena = .allocate(byteCount: arenaCapacity, alignment: 16)
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: 0, count: mask + 1)
    }

    deinit {
        arena.deallocate()
        slots.deallocate()
    }

    package var count: Int { offsets.count - 1 }

    /// The bytes of a number; valid until the next insertion.
    package subscript(_ number: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: arena + offsets[number], count: offsets[number + 1] - offsets[number])
    }

    package func text(_ number: Int) -> String { String(decoding: self[number], as: UTF8.self) }

    /// The number of a string, a new one when it has none yet.
    @inline(__always)
    package mutating func number(of bytes: UnsafeRawBufferPointer) -> Int {
        let hash = ByteHash.hash64(bytes)
        let found = find(bytes, hash)
        if found.number >= 0 { return found.number }
        return insert(bytes, hash, slot: found.slot)
    }

    /// The number of a string that is known, or nil.
    package func existing(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let found = find(bytes, ByteHash.hash64(bytes))
        return found.number >= 0 ? found.number : nil
    }

    @inline(__always)
    private func find(_ bytes: UnsafeRawBufferPointer, _ hash: UInt64) -> (number: Int, slot: Int) {
        let tag = hash & 0xffff_ffff_0000_0000
        var index = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = slots[index]
            if slot == 0 { return (-1, index) }
            if slot & 0xffff_ffff_0000_0000 == tag {
                let number = Int(slot & 0xffff_ffff) - 1
                let start = offsets[number]
                if offsets[number + 1] - start == bytes.count,
                    bytes.count == 0
                        || memcmp(arena + start, bytes.baseAddress!, bytes.count) == 0
                {
                    return (number, index)
                }
            }
            index = (index + 1) & mask
        }
    }

    private mutating func insert(_ bytes: UnsafeRawBufferPointer, _ hash: UInt64, slot: Int) -> Int
    {
        let number = count
        precondition(number < 0xffff_fffe, "more than 4 billion names in a day")
        let start = offsets[number]
        if start + bytes.count > arenaCapacity { growArena(start, start + bytes.count) }
        if bytes.count > 0 {
            (arena + start).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
        }
        offsets.append(start + bytes.count)
        slots[slot] = hash & 0xffff_ffff_0000_0000 | UInt64(number + 1)
        if count > (mask + 1) / 4 * 3 { growSlots() }
        return number
    }

    private mutating func growArena(_ used: Int, _ needed: Int) {
        let capacity = max(arenaCapacity * 2, needed)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: arena, byteCount: used)
        arena.deallocate()
        arena = larger
        arenaCapacity = capacity
    }

    private mutating func growSlots() {
        let old = slots
        let oldCount = mask + 1
        mask = oldCount * 2 - 1
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: 0, count: mask + 1)
        for position in 0..<oldCount where old[position] != 0 {
            let number = Int(old[position] & 0xffff_ffff) - 1
            var index = Int(truncatingIfNeeded: ByteHash.hash64(self[number])) & mask
            while slots[index] != 0 { index = (index + 1) & mask }
            slots[index] = old[position]
        }
        old.deallocate()
    }

    /// All numbers in the byte order of their strings.
    package func sortedNumbers() -> [Int] {
        // The first eight bytes decide nearly always, without leaving the array.
        var keys: [(prefix: UInt64, number: Int)] = []
        keys.reserveCapacity(count)
        for number in 0..<count {
            var prefix: UInt64 = 0
            let bytes = self[number]
            for index in 0..<8 {
                prefix = prefix << 8 | (index < bytes.count ? UInt64(bytes[index]) : 0)
            }
            keys.append((prefix, number))
        }
        keys.sort { a, b in
            if a.prefix != b.prefix { return a.prefix < b.prefix }
            return bytesPrecede(
                UnsafeRawBufferPointer(
                    start: arena + offsets[a.number],
                    count: offsets[a.number + 1] - offsets[a.number]),
                UnsafeRawBufferPointer(
                    start: arena + offsets[b.number],
                    count: offsets[b.number + 1] - offsets[b.number]))
        }
        return keys.map(\.number)
    }
}

/// Byte order, a prefix before what it begins.
package func compareBytes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    let shared = min(a.count, b.count)
    let order = shared == 0 ? 0 : Int(memcmp(a.baseAddress!, b.baseAddress!, shared))
    return order != 0 ? order : a.count - b.count
}

package func bytesPrecede(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    compareBytes(a, b) < 0
}

extension String {
    /// Byte order, as all of Spindle's files are sorted; `<` on strings goes by Unicode.
    package func precedesInBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }

    /// `==` on strings goes by Unicode as well.
    package func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
