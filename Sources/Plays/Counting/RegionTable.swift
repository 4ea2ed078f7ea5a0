internal import Storage

/// The regions of a count, numbered as they come, whichever worker meets them.
final class RegionTable: @unchecked Sendable {
    static let maximumCount = 65_535

    // Guarded by `lock`.
    private var names = ByteTable()
    private let lock = Monitor()

    /// - Throws: `TooManyRegions`.
    func number(of name: UnsafeRawBufferPointer) throws -> Int {
        try lock.locked {
            let number = names.number(of: name)
            if number >= Self.maximumCount { throw TooManyRegions() }
            return number
        }
    }

    /// Once all have come: names in byte order, and the place in it of each number.
    func sorted() -> (names: [[UInt8]], ranks: [UInt16]) {
        lock.locked {
            let order = names.sortedNumbers()
            var ranks = [UInt16](repeating: 0, count: order.count)
            for (rank, number) in order.enumerated() { ranks[number] = UInt16(rank) }
            return (order.map { Array(names[$0]) }, ranks)
        }
    }
}

/// One worker's view of the regions, which asks the shared one for new names alone.
struct RegionCache: ~Copyable {
    private var names = ByteTable()
    private var numbers: ContiguousArray<Int> = []
    private let regions: RegionTable
    // Lines of one region often follow each other.
    private var last = (head: UInt64(0), count: -1, number: 0)

    init(_ regions: RegionTable) { self.regions = regions }

    /// - Throws: `TooManyRegions`.
    @inline(__always)
    mutating func number(of name: UnsafeRawBufferPointer) throws -> Int {
        if name.count == last.count, name.count >= 8, name.count <= 16 {
            let head = name.loadUnaligned(as: UInt64.self)
            let tail = name.loadUnaligned(fromByteOffset: name.count - 8, as: UInt64.self)
            if head == last.head, tail == lastTail { return last.number }
        }
        return try slowNumber(of: name)
    }

    private var lastTail: UInt64 = 0

    private mutating func slowNumber(of name: UnsafeRawBufferPointer) throws -> Int {
        let local = names.number(of: name)
        if local == numbers.count { numbers.append(try regions.number(of: name)) }
        if name.count >= 8 {
            last = (name.loadUnaligned(as: UInt64.self), name.count, numbers[local])
            lastTail = name.loadUnaligned(fromByteOffset: name.count - 8, as: UInt64.self)
        }
        return numbers[local]
    }
}

/// More regions in a day than there can be.
struct TooManyRegions: Diagnosed, CustomStringConvertible {
    var message: String { "the plays of a day name more than 65,535 regions" }
    var description: String { message }
    var hint: String? { "name one with --region, or map the logs' regions to fewer" }
    var cause: FailureCause { .badData }
}
