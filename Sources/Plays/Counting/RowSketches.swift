/// The sketches of the rows of one bucket of songs, with the bytes of `ListenerSketch`.
///
/// Entries are gathered for all rows and sorted by row at the end, or when they are many; a row
/// that has too many for a sparse sketch keeps its registers alone.
struct RowSketches: ~Copyable {
    /// The row's number above 24 bits of an entry.
    private var entries = GrowingBuffer<UInt64>()
    private var limit = RowSketches.firstLimit
    private var sorted = GrowingBuffer<UInt32>()
    /// Where each row's entries begin, and where its distinct ones end.
    private var starts = GrowingBuffer<UInt32>()
    private var ends = GrowingBuffer<UInt32>()
    private var dense: [Int: ListenerSketch] = [:]

    private static let firstLimit = 1 << 20

    mutating func clear() {
        entries.clear()
        dense.removeAll()
        limit = Self.firstLimit
    }

    @inline(__always)
    mutating func add(_ row: Int, _ entry: UInt32) {
        entries.append(UInt64(truncatingIfNeeded: row) << 24 | UInt64(entry))
        if entries.count == limit { compact() }
    }

    /// Keeps of each row what its sketch needs, so that a song of millions takes no more.
    @inline(never)
    private mutating func compact() {
        let rows = Int(entries.elements.reduce(0) { max($0, $1 >> 24) }) + 1
        finish(rows: rows)
        entries.clear()
        for row in 0..<rows where dense[row] == nil {
            for index in Int(starts[row])..<Int(ends[row]) {
                entries.append(UInt64(row) << 24 | UInt64(sorted[index]))
            }
        }
        if entries.count > limit / 2 { limit *= 2 }
    }

    /// Sorts what there is by row.
    mutating func finish(rows: Int) {
        starts.clear(room: rows + 2)
        starts.count = rows + 2
        starts.start.initialize(repeating: 0, count: rows + 2)
        ends.clear(room: rows + 1)
        ends.count = rows
        sorted.clear(room: entries.count)
        sorted.count = entries.count
        let (starts, sorted) = (starts.start, sorted.start)
        for index in 0..<entries.count {
            starts[Int(truncatingIfNeeded: entries.start[index] >> 24) &+ 2] &+= 1
        }
        for row in 0..<rows { starts[row + 2] &+= starts[row + 1] }
        for index in 0..<entries.count {
            let entry = entries.start[index]
            let row = Int(truncatingIfNeeded: entry >> 24) &+ 1
            sorted[Int(starts[row])] = UInt32(truncatingIfNeeded: entry & 0xff_ffff)
            starts[row] &+= 1
        }
        for row in 0..<rows { unite(row, Int(starts[row]), Int(starts[row + 1])) }
    }

    /// Leaves one entry of each index, the highest, in ascending order.
    private mutating func unite(_ row: Int, _ start: Int, _ end: Int) {
        let sorted = sorted.start
        if let index = dense.index(forKey: row) {
            for place in start..<end { dense.values[index].insert(entry: sorted[place]) }
            ends[row] = UInt32(start)
            return
        }
        if end - start > 32 {
            self.sorted.sort(start..<end, by: <)
        } else if end - start > 1 {
            for index in start + 1..<end {
                let entry = sorted[index]
                var place = index
                while place > start, sorted[place &- 1] > entry {
                    sorted[place] = sorted[place &- 1]
                    place &-= 1
                }
                sorted[place] = entry
            }
        }
        var kept = start
        for index in start..<end {
            // Of one index the highest rank comes last.
            if kept > start, sorted[kept &- 1] >> 6 == sorted[index] >> 6 { kept &-= 1 }
            sorted[kept] = sorted[index]
            kept &+= 1
        }
        if kept - start > ListenerSketch.maximumEntries {
            var sketch = ListenerSketch()
            for index in start..<kept { sketch.insert(entry: sorted[index]) }
            dense[row] = sketch
            kept = start
        }
        ends[row] = UInt32(kept)
    }

    /// Appends the length and the bytes of a row's sketch.
    func append(_ row: Int, to out: inout [UInt8]) {
        if let sketch = dense[row] {
            out.appendNumber(UInt64(sketch.byteCount))
            return sketch.append(to: &out)
        }
        let (start, end) = (Int(starts[row]), Int(ends[row]))
        out.appendNumber(UInt64((end - start) * 3))
        for index in start..<end {
            let entry = sorted[index]
            out.append(UInt8(truncatingIfNeeded: entry >> 16))
            out.append(UInt8(truncatingIfNeeded: entry >> 8))
            out.append(UInt8(truncatingIfNeeded: entry))
        }
    }
}
