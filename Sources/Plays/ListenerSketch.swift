internal import Glibc

/// About how many distinct listeners there are, of sets that are united.
///
/// A HyperLogLog (Flajolet et al., 2007) with the sparse beginning of HLL++ (Heule et al., 2013)
/// and the estimator of Ertl (arXiv:1702.01284), which needs no tables of biases. Up to 1,024
/// entries of 18 bits of the hash and the rank of the other 46: as good as exact (0.14 % at the
/// border). Beyond them 4,096 registers by the first 12 bits: a standard error of 1.6 %.
///
/// What it holds depends on the set of hashes alone: uniting in any order and grouping, or adding
/// the hashes one by one, gives the same bytes.
///
/// Bytes: the entries as 18 bits of index and 6 of rank, big-endian, ascending, 3 bytes each; or a
/// byte 12 and the registers, 6 bits each, 3,073 bytes.
package struct ListenerSketch: Equatable, Sendable {
    static let maximumEntries = 1024

    private static let sparseBits = 18
    private static let denseBits = 12
    private static let registerCount = 1 << denseBits
    static var maximumByteCount: Int { denseByteCount }
    private static let denseByteCount = 1 + registerCount * 6 / 8
    private static let maximumSparseRank = 64 - sparseBits + 1
    private static let maximumDenseRank = 64 - denseBits + 1

    /// Index and rank, ascending; at most one of an index.
    private var entries: ContiguousArray<UInt32> = []
    /// The highest rank by index; empty as long as the entries suffice.
    private var registers: ContiguousArray<UInt8> = []

    package init() {}

    /// - Returns: nil for bytes that are no sketch.
    package init?(bytes: some Collection<UInt8>) {
        let isSketch =
            bytes.withContiguousStorageIfAvailable { merge(bytes: UnsafeRawBufferPointer($0)) }
            ?? Array(bytes).withUnsafeBytes { merge(bytes: $0) }
        guard isSketch else { return nil }
    }

    package var isEmpty: Bool { entries.isEmpty && registers.isEmpty }
    var isDense: Bool { !registers.isEmpty }

    /// Empties it, but keeps its memory for the next set.
    package mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        registers.removeAll(keepingCapacity: true)
    }

    // MARK: Adding

    /// Adds a listener.
    ///
    /// - Parameter hash: Of which all bits look random.
    package mutating func insert(hash: UInt64) { insert(entry: Self.entry(of: hash)) }

    /// What a listener is in a sketch: 18 bits that say where, 6 that say how rare.
    @inline(__always)
    static func entry(of hash: UInt64) -> UInt32 {
        let index = UInt32(truncatingIfNeeded: hash >> (64 - sparseBits))
        let rest = hash << sparseBits
        let rank = min(rest.leadingZeroBitCount + 1, maximumSparseRank)
        return index << 6 | UInt32(truncatingIfNeeded: rank)
    }

    package mutating func merge(_ other: ListenerSketch) {
        if other.isDense {
            makeDense()
            for index in 0..<Self.registerCount {
                registers[index] = max(registers[index], other.registers[index])
            }
        } else {
            for entry in other.entries { insert(entry: entry) }
        }
    }

    /// Unites it with a sketch's bytes where they lie.
    ///
    /// - Returns: false for bytes that are no sketch; nothing has changed then.
    package mutating func merge(bytes: UnsafeRawBufferPointer) -> Bool {
        guard Self.isSound(bytes) else { return false }
        if bytes.count == Self.denseByteCount {
            makeDense()
            Self.forEachRegister(bytes) { index, rank in
                registers[index] = max(registers[index], rank)
            }
        } else {
            for start in stride(from: 0, to: bytes.count, by: 3) {
                insert(entry: Self.entry(bytes, start))
            }
        }
        return true
    }

    mutating func insert(entry: UInt32) {
        if isDense { return raise(entry) }
        let index = entry >> 6
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle] >> 6 < index { low = middle + 1 } else { high = middle }
        }
        if low < entries.count, entries[low] >> 6 == index {
            entries[low] = max(entries[low], entry)
        } else if entries.count < Self.maximumEntries {
            entries.insert(entry, at: low)
        } else {
            makeDense()
            raise(entry)
        }
    }

    private mutating func makeDense() {
        guard !isDense else { return }
        registers.append(contentsOf: repeatElement(0, count: Self.registerCount))
        for entry in entries { raise(entry) }
        entries.removeAll(keepingCapacity: true)
    }

    /// The six bits by which the finer index is longer are the first of the coarser one's rank.
    private mutating func raise(_ entry: UInt32) {
        let more = Self.sparseBits - Self.denseBits
        let between = entry >> 6 & (1 << more - 1)
        let rank =
            between == 0
            ? UInt8(more) + UInt8(entry & 63)
            : UInt8(between.leadingZeroBitCount - (32 - more) + 1)
        let index = Int(entry >> (6 + UInt32(more)))
        registers[index] = max(registers[index], rank)
    }

    // MARK: Estimating

    /// About how many were added.
    package var estimate: Double {
        guard isDense else {
            // Linear counting: so many are missing as have met another one.
            let indices = Double(1 << Self.sparseBits)
            return -indices * log1p(-Double(entries.count) / indices)
        }
        var counts = ContiguousArray(repeating: 0.0, count: Self.maximumDenseRank + 1)
        for rank in registers { counts[Int(rank)] += 1 }
        let size = Double(Self.registerCount)
        var sum = size * Self.tau(1 - counts[Self.maximumDenseRank] / size)
        for rank in (1..<Self.maximumDenseRank).reversed() { sum = 0.5 * (sum + counts[rank]) }
        sum += size * Self.sigma(counts[0] / size)
        return size * size / (2 * log(2) * sum)
    }

    /// x + Σ x^(2^k)·2^(k−1): what registers without a listener say.
    private static func sigma(_ x: Double) -> Double {
        if x == 1 { return .infinity }
        var (power, factor, sum) = (x, 1.0, x)
        while true {
            power *= power
            let next = sum + power * factor
            if next == sum { return sum }
            sum = next
            factor += factor
        }
    }

    /// (1 − x − Σ (1 − x^(2^−k))²·2^(−k))/3: what full registers say.
    private static func tau(_ x: Double) -> Double {
        if x == 0 || x == 1 { return 0 }
        var (root, factor, sum) = (x, 1.0, 1 - x)
        while true {
            root.formSquareRoot()
            factor *= 0.5
            let next = sum - (1 - root) * (1 - root) * factor
            if next == sum { return sum / 3 }
            sum = next
        }
    }

    // MARK: Bytes

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    package var byteCount: Int { isDense ? Self.denseByteCount : entries.count * 3 }

    /// Writes its bytes behind what is there.
    package func append(to bytes: inout [UInt8]) {
        guard isDense else {
            for entry in entries {
                bytes.append(UInt8(truncatingIfNeeded: entry >> 16))
                bytes.append(UInt8(truncatingIfNeeded: entry >> 8))
                bytes.append(UInt8(truncatingIfNeeded: entry))
            }
            return
        }
        bytes.append(UInt8(Self.denseBits))
        for start in stride(from: 0, to: Self.registerCount, by: 4) {
            let (a, b, c, d) = (
                registers[start], registers[start + 1], registers[start + 2], registers[start + 3]
            )
            bytes.append(a << 2 | b >> 4)
            bytes.append(b << 4 | c >> 2)
            bytes.append(c << 6 | d)
        }
    }

    private static func entry(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> UInt32 {
        UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2])
    }

    private static func forEachRegister(
        _ bytes: UnsafeRawBufferPointer, _ body: (Int, UInt8) -> Void
    ) {
        for group in 0..<registerCount / 4 {
            let four = entry(bytes, 1 + group * 3)
            for place in 0..<4 {
                body(group * 4 + place, UInt8(four >> (18 - 6 * UInt32(place)) & 63))
            }
        }
    }

    private static func isSound(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.count == denseByteCount {
            guard bytes[0] == denseBits else { return false }
            var highest: UInt8 = 0
            forEachRegister(bytes) { highest = max(highest, $1) }
            return (1...maximumDenseRank).contains(Int(highest))
        }
        guard bytes.count % 3 == 0, bytes.count <= maximumEntries * 3 else { return false }
        var before = -1
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let entry = entry(bytes, start)
            guard Int(entry >> 6) > before, (1...maximumSparseRank).contains(Int(entry & 63))
            else { return false }
            before = Int(entry >> 6)
        }
        return true
    }
}
