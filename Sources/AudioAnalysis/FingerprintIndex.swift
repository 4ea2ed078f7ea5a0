/// Finds pairs of fingerprints that share items at one offset, without comparing all with all.
///
/// An inverted index: equal items of different songs, sorted together. A re-encoded recording keeps
/// some of its items bit by bit; one in four is indexed, chosen by its own bits, so that both
/// copies choose the same. A pair that shares three at one offset (± 1) is a candidate.
///
/// Items are indexed in parts by their hash, each part at most `entriesAtATime` entries of 12
/// bytes, twice: 200 MB whatever the number of songs. Each part reads all fingerprints once.
struct FingerprintIndex {
    /// Two songs that may be one recording; `a` < `b`.
    struct Candidate: Equatable {
        let a: UInt32
        let b: UInt32
        /// Items that b's start lies behind a's.
        let offset: Int
    }

    private struct Entry {
        var item: UInt32
        var song: UInt32
        var position: UInt32
    }

    private struct Hit {
        var pair: UInt64
        var offset: Int32
    }

    static let entriesAtATime = 8_000_000
    /// Of an item that more songs have, only neighbours are paired: silence is in thousands.
    private static let maximumSongs = 32
    private static let hitsNeeded = 3
    private static let oneIn: UInt32 = 4

    /// - Parameters:
    ///   - itemCount: Of all fingerprints together, roughly.
    ///   - forEach: Calls its argument with each song's number and items, in the order of numbers; the same each time.
    static func candidates(
        itemCount: Int,
        forEach: ((_ song: UInt32, _ items: UnsafeBufferPointer<UInt32>) -> Void) throws -> Void
    ) rethrows -> [Candidate] {
        let parts = UInt32(max(1, itemCount / Int(oneIn) / entriesAtATime + 1))
        var hits: [Hit] = []
        for part in 0..<parts {
            var entries: [Entry] = []
            entries.reserveCapacity(itemCount / Int(oneIn) / Int(parts) * 9 / 8)
            try forEach { song, items in
                var last: UInt32?
                for (position, item) in items.enumerated() where item != last {
                    last = item
                    let hash = mixed(item)
                    guard hash % oneIn == 0, hash / oneIn % parts == part else { continue }
                    entries.append(Entry(item: item, song: song, position: UInt32(position)))
                }
            }
            sortByItem(&entries)
            collect(entries, &hits)
        }
        return candidates(&hits)
    }

    /// Adds the pairs of one item each.
    private static func collect(_ entries: [Entry], _ hits: inout [Hit]) {
        var start = 0
        while start < entries.count {
            var end = start + 1
            while end < entries.count, entries[end].item == entries[start].item { end += 1 }
            defer { start = end }
            guard end - start > 1 else { continue }
            // The sort is stable: songs are in order.
            let reach = end - start <= maximumSongs ? end - start : 1
            for first in start..<end - 1 {
                for second in first + 1...min(end - 1, first + reach)
                where entries[first].song != entries[second].song {
                    let a = entries[first], b = entries[second]
                    hits.append(
                        Hit(
                            pair: UInt64(a.song) << 32 | UInt64(b.song),
                            offset: Int32(a.position) - Int32(b.position)))
                }
            }
        }
    }

    private static func candidates(_ hits: inout [Hit]) -> [Candidate] {
        hits.sort { ($0.pair, $0.offset) < ($1.pair, $1.offset) }
        var result: [Candidate] = []
        var start = 0
        while start < hits.count {
            var end = start
            while end < hits.count, hits[end].pair == hits[start].pair { end += 1 }
            defer { start = end }
            // The offset with the most hits, one item of play allowed.
            var best = (count: 0, offset: 0)
            var from = start
            for index in start..<end {
                while hits[index].offset - hits[from].offset > 1 { from += 1 }
                if index - from + 1 > best.count {
                    best = (index - from + 1, Int(hits[index].offset))
                }
            }
            guard best.count >= hitsNeeded else { continue }
            let pair = hits[start].pair
            result.append(
                Candidate(
                    a: UInt32(pair >> 32), b: UInt32(truncatingIfNeeded: pair), offset: best.offset)
            )
        }
        return result
    }

    /// By counting, two bytes at a time: linear, and stable.
    private static func sortByItem(_ entries: inout [Entry]) {
        var sorted = entries
        for shift: UInt32 in [0, 16] {
            var starts = [Int](repeating: 0, count: 65_537)
            for entry in entries { starts[Int(entry.item >> shift & 0xffff) + 1] += 1 }
            for index in 1...65_536 { starts[index] += starts[index - 1] }
            for entry in entries {
                let key = Int(entry.item >> shift & 0xffff)
                sorted[starts[key]] = entry
                starts[key] += 1
            }
            swap(&entries, &sorted)
        }
    }

    /// The finalizer of MurmurHash3: each bit of the item decides.
    private static func mixed(_ item: UInt32) -> UInt32 {
        var hash = item
        hash = (hash ^ hash >> 16) &* 0x85eb_ca6b
        hash = (hash ^ hash >> 13) &* 0xc2b2_ae35
        return hash ^ hash >> 16
    }
}
