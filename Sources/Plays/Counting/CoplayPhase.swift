internal import Storage

/// Counts the pairs of songs and writes them by their names.
struct CoplayPhase {
    private let sittings: SittingPairs
    private let songs: SongList
    private let workers: Int

    init(_ sittings: SittingPairs, _ songs: SongList, workers: Int) {
        self.sittings = sittings
        self.songs = songs
        self.workers = workers
    }

    private static let ranges = 256

    /// A pair on its way to the places of its songs: two numbers and a count.
    private enum PairRecord {
        static let bytes = 24

        static func write(
            _ first: UInt64, _ second: UInt64, _ count: UInt64, at room: UnsafeMutableRawPointer
        ) {
            room.storeBytes(of: first, as: UInt64.self)
            room.storeBytes(of: second, toByteOffset: 8, as: UInt64.self)
            room.storeBytes(of: count, toByteOffset: 16, as: UInt64.self)
        }
    }

    func write(_ writer: FileWriter) throws {
        let pool = sittings.pairs.pool
        let byFirst = Shuffle(buckets: PlayBuckets.songs, pool: pool)
        try count(into: byFirst)
        let bySecond = Shuffle(buckets: PlayBuckets.songs, pool: pool)
        // Each song's places are asked twice: by the pairs' first songs and by their second ones.
        try place(byFirst, into: bySecond, isLast: false) { place, other, _ in
            (PlayBuckets.song(other), other, place)
        }
        let byRange = Shuffle(buckets: Self.ranges, pool: pool)
        let songCount = songs.count
        try place(bySecond, into: byRange, isLast: true) { place, other, _ in
            let (low, high) = (min(place, other), max(place, other))
            return (Int(low) * Self.ranges / max(songCount, 1), low, high)
        }
        try writer.write(CoplaysFile.header + "\n")
        try write(byRange, writer)
    }

    private func count(into target: Shuffle) throws {
        let least: UInt64 = sittings.sample > 1 ? 2 : 1
        try BucketQueue.run(SittingPairs.buckets, workers: workers) { _, next in
            var writer = ShuffleWriter(target)
            var pairs = GrowingBuffer<UInt64>()
            var counts = GrowingBuffer<UInt32>()
            var firsts = GrowingBuffer<UInt32>()
            var numbers = HashNumbering()
            while let bucket = next() {
                let bytes = sittings.pairs.bytes(of: bucket)
                if bytes == 0 { continue }
                pairs.clear(room: bytes / 8)
                try sittings.pairs.drainAll(bucket, into: UnsafeMutableRawPointer(pairs.start))
                numbers.clear(room: bytes / SittingPairs.bytes)
                counts.clear()
                firsts.clear()
                for index in 0..<bytes / SittingPairs.bytes {
                    let (number, isNew) = numbers.number(
                        pairs.start[index * 2], pairs.start[index * 2 + 1])
                    if isNew {
                        counts.append(1)
                        firsts.append(UInt32(index))
                    } else {
                        counts.start[number] += 1
                    }
                }
                for number in 0..<counts.count where UInt64(counts[number]) >= least {
                    let index = Int(firsts[number])
                    let (a, b) = (pairs.start[index * 2], pairs.start[index * 2 + 1])
                    PairRecord.write(
                        a, b, UInt64(counts[number]),
                        at: try writer.room(PlayBuckets.song(a), PairRecord.bytes))
                }
            }
            writer.finish()
        }
    }

    /// Puts its place instead of the first song of each pair, and sends it on.
    private func place(
        _ source: Shuffle, into target: Shuffle, isLast: Bool,
        _ next:
            @escaping (_ place: UInt64, _ other: UInt64, _ count: UInt64) -> (
                bucket: Int, first: UInt64, second: UInt64
            )
    ) throws {
        try BucketQueue.run(PlayBuckets.songs, workers: workers) { _, take in
            var writer = ShuffleWriter(target)
            var pairs = GrowingBuffer<UInt64>()
            var known = GrowingBuffer<UInt64>()
            var numbers = HashNumbering()
            while let bucket = take() {
                let bytes = source.bytes(of: bucket)
                if bytes == 0 { continue }
                let places = songs.places.bytes(of: bucket)
                known.clear(room: places / 8)
                try songs.places.copyAll(bucket, into: UnsafeMutableRawPointer(known.start))
                let count = places / SongList.bytes
                numbers.clear(room: count)
                for index in 0..<count {
                    let (number, isNew) = numbers.number(known.start[index * 2], 0)
                    // Two songs of one hash would be one here; so much was decided long before.
                    if isNew { known[number * 2 + 1] = known.start[index * 2 + 1] }
                }
                pairs.clear(room: bytes / 8)
                try source.drainAll(bucket, into: UnsafeMutableRawPointer(pairs.start))
                for index in 0..<bytes / PairRecord.bytes {
                    let pair = pairs.start + index * 3
                    let (number, isNew) = numbers.number(pair[0], 0)
                    precondition(!isNew, "a song of a pair has no row")
                    let (bucket, first, second) = next(known[number * 2 + 1], pair[1], pair[2])
                    PairRecord.write(
                        first, second, pair[2], at: try writer.room(bucket, PairRecord.bytes))
                }
            }
            writer.finish()
        }
    }

    private struct Pair {
        let first: UInt64
        let second: UInt64
        let count: UInt64
    }

    private func write(_ ranges: Shuffle, _ writer: FileWriter) throws {
        var pairs = GrowingBuffer<Pair>()
        var line: [UInt8] = []
        for range in 0..<Self.ranges {
            let bytes = ranges.bytes(of: range)
            if bytes == 0 { continue }
            pairs.clear(room: bytes / PairRecord.bytes)
            pairs.count = bytes / PairRecord.bytes
            try ranges.drainAll(range, into: UnsafeMutableRawPointer(pairs.start))
            pairs.sort { ($0.first, $0.second) < ($1.first, $1.second) }
            for index in 0..<pairs.count {
                line.removeAll(keepingCapacity: true)
                line.append(contentsOf: songs.name(Int(pairs[index].first)))
                line.append(9)
                line.append(contentsOf: songs.name(Int(pairs[index].second)))
                line.append(9)
                line.append(contentsOf: String(pairs[index].count).utf8)
                line.append(10)
                try writer.write(line)
            }
        }
    }
}
