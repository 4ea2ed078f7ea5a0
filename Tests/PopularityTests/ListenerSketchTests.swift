import Testing

@testable import Plays

@Suite struct ListenerSketchTests {
    /// SplitMix64: the hashes of the listeners from `first` on, all different.
    private func hash(_ listener: Int) -> UInt64 {
        var z = UInt64(truncatingIfNeeded: listener) &* 0x9e37_79b9_7f4a_7c15
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    private func sketch(_ listeners: some Sequence<Int>) -> ListenerSketch {
        var sketch = ListenerSketch()
        for listener in listeners { sketch.insert(hash: hash(listener)) }
        return sketch
    }

    /// The root of the mean squared relative error over many sets (which never change), and its mean.
    ///
    /// The method's error is 1.04/√4096 = 1.6 % with registers and √((e^t − t − 1)/2^18)/t with
    /// entries, t = n/2^18. The bounds leave room for three errors of the root over so many sets.
    @Test(arguments: [
        (100, 64, 0.0019), (1_000, 64, 0.0019), (3_000, 64, 0.021), (10_000, 32, 0.023),
        (100_000, 4, 0.035), (1_000_000, 1, 0.049),
    ])
    func `the error is what the method promises`(listeners: Int, sets: Int, bound: Double) {
        var squares = 0.0
        var sum = 0.0
        for set in 0..<sets {
            let first = set * 10_000_019
            let error = sketch(first..<first + listeners).estimate / Double(listeners) - 1
            squares += error * error
            sum += error
        }
        let spread = (squares / Double(sets)).squareRoot()
        let mean = sum / Double(sets)
        #expect(spread < bound, "\(listeners): \(spread)")
        // No bias: the mean is within three of its own errors.
        #expect(abs(mean) < 3 * bound / Double(sets).squareRoot(), "\(listeners): \(mean)")
    }

    @Test func `names hashed as the logs' are estimate as well as random numbers`() {
        var sketch = ListenerSketch()
        for number in 0..<50_000 {
            var name = "u\(number)"
            name.withUTF8 { sketch.insert(hash: ByteHash.hash64(UnsafeRawBufferPointer($0))) }
        }
        #expect(abs(sketch.estimate / 50_000 - 1) < 0.05)
    }

    @Test func `few listeners are counted as good as exactly, and the same one once`() {
        var sketch = ListenerSketch()
        #expect(sketch.isEmpty && sketch.estimate == 0 && sketch.bytes.isEmpty)
        for listener in 0..<50 {
            for _ in 0..<3 { sketch.insert(hash: hash(listener)) }
        }
        #expect(sketch.estimate.rounded() == 50)
        #expect(sketch.bytes.count == 150)
    }

    /// Sizes on both sides of the border, and sets that overlap.
    @Test(arguments: [
        (0..<10, 5..<15, 12..<30), (0..<400, 200..<800, 700..<1_000),
        (0..<600, 500..<1_100, 1_000..<1_300), (0..<5_000, 4_000..<4_010, 0..<3_000),
        (0..<0, 0..<20_000, 10_000..<40_000),
    ])
    func `uniting in any order and grouping gives the same bytes`(
        a: Range<Int>, b: Range<Int>, c: Range<Int>
    ) {
        func union(_ first: ListenerSketch, _ second: ListenerSketch) -> ListenerSketch {
            var union = first
            union.merge(second)
            return union
        }
        let (x, y, z) = (sketch(a), sketch(b), sketch(c))
        let all = sketch((Array(a) + Array(b) + Array(c)).reversed())
        #expect(union(union(x, y), z).bytes == all.bytes)
        #expect(union(x, union(y, z)).bytes == all.bytes)
        #expect(union(union(z, x), y).bytes == all.bytes)
        #expect(union(x, y).bytes == union(y, x).bytes)
        #expect(union(all, all).bytes == all.bytes)
        #expect(union(all, x).bytes == all.bytes)
        #expect(union(all, ListenerSketch()).bytes == all.bytes)
        // Where the bytes lie, too.
        var united = ListenerSketch()
        for part in [z, y, x] {
            let bytes = part.bytes
            let isSketch = bytes.withUnsafeBytes { united.merge(bytes: $0) }
            #expect(isSketch)
        }
        #expect(united == all)
    }

    @Test func `at 1,025 entries it goes over to registers, and says the same before and after`() {
        var sketch = ListenerSketch()
        var listener = 0
        while sketch.byteCount < 3 * ListenerSketch.maximumEntries {
            sketch.insert(hash: hash(listener))
            listener += 1
        }
        #expect(!sketch.isDense && sketch.bytes.count == 3_072)
        let before = sketch.estimate
        #expect(ListenerSketch(bytes: sketch.bytes) == sketch)
        while !sketch.isDense {
            sketch.insert(hash: hash(listener))
            listener += 1
        }
        #expect(sketch.bytes.count == 3_073)
        #expect(abs(sketch.estimate / before - 1) < 0.05)
        #expect(ListenerSketch(bytes: sketch.bytes) == sketch)

        // The registers are those that the hashes alone would give.
        var registers = [UInt8](repeating: 0, count: 4096)
        for hash in (0..<listener).map(hash) {
            let rank = UInt8(min((hash << 12).leadingZeroBitCount, 52) + 1)
            registers[Int(hash >> 52)] = max(registers[Int(hash >> 52)], rank)
        }
        let bytes = sketch.bytes.dropFirst()
        for (index, rank) in registers.enumerated() {
            let bit = index * 6
            let pair =
                UInt16(bytes[1 + bit / 8]) << 8
                | (bit / 8 + 1 < 3072 ? UInt16(bytes[2 + bit / 8]) : 0)
            #expect(UInt8(pair >> (10 - bit % 8) & 63) == rank)
        }
    }

    @Test func `hashes of zeros and ones alone have a place`() {
        for hash in [0, UInt64.max, 1, 1 << 63] {
            var sketch = self.sketch(0..<2_000)
            sketch.insert(hash: hash)
            #expect(ListenerSketch(bytes: sketch.bytes) == sketch)
            var small = ListenerSketch()
            small.insert(hash: hash)
            #expect(small.bytes.count == 3)
            #expect(ListenerSketch(bytes: small.bytes) == small)
        }
    }

    @Test func `what is emptied is as new`() {
        var sketch = self.sketch(0..<5_000)
        sketch.removeAll()
        #expect(sketch == ListenerSketch())
        sketch.insert(hash: hash(1))
        #expect(sketch == self.sketch(1...1))
    }

    @Test func `damaged bytes are refused`() {
        let few = sketch(0..<5).bytes
        let many = sketch(0..<5_000).bytes
        let twice = few[0..<3] + few[0..<3]
        let swapped = few[3..<6] + few[0..<3]
        var tooMany: [UInt8] = []
        for index in 0..<1_025 {
            let entry = index << 6 | 1
            tooMany += [UInt8(entry >> 16), UInt8(entry >> 8 & 255), UInt8(entry & 255)]
        }
        let zeros = [UInt8](repeating: 0, count: 3_072)
        let ones = [UInt8](repeating: 255, count: 3_072)
        let damaged: [(String, [UInt8])] = [
            ("cut within an entry", Array(few.dropLast())), ("not ascending", Array(swapped)),
            ("an index twice", Array(twice)), ("a rank of 0", [0, 0, 0b0100_0000]),
            ("a rank of 48", [0, 0, 48]), ("too many entries", tooMany),
            ("cut registers", Array(many.dropLast())),
            ("another precision", [13] + many[1...]), ("no register set", [12] + zeros),
            ("a rank of 63", [12] + ones),
        ]
        for (what, bytes) in damaged {
            #expect(ListenerSketch(bytes: bytes) == nil, "\(what)")
            var kept = sketch(0..<5)
            let isSketch = bytes.withUnsafeBytes { kept.merge(bytes: $0) }
            #expect(!isSketch && kept.bytes == few, "\(what)")
        }
        #expect(ListenerSketch(bytes: [UInt8]()) == ListenerSketch())
    }
}
