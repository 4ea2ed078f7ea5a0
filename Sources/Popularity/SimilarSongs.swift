internal import Glibc
internal import Plays
internal import Storage

/// Which songs are heard together, from the pairs of a window's days.
///
/// s(a, b) = c/(√(a·b) + 20), with c the listener-days on which both were streamed in one sitting
/// (counts of a sample of listeners times what they stand for), a and b the listener-days of each
/// song. The cosine of two songs' audiences, shrunk: two listeners who have heard nothing else make
/// no pair. A pair needs three listener-days that were counted.
///
/// The days' files are merged; pairs wait on disk by the first song's place, both ways round, so that
/// memory holds the pairs of one of 256 shares of the songs.
struct SimilarSongs: ~Copyable {
    static let length = 20
    static let shrinkage = 20.0
    static let minimumListeners = 3
    private static let shares = 256

    private struct Pair: BitwiseCopyable {
        let song: UInt32
        let other: UInt32
        /// Estimated listener-days.
        let listeners: UInt32
    }

    private struct Candidate {
        let other: UInt32
        let listeners: UInt32
        let score: Double

        static func precedes(_ a: Candidate, _ b: Candidate) -> Bool {
            if a.score != b.score { return a.score > b.score }
            if a.listeners != b.listeners { return a.listeners > b.listeners }
            return a.other < b.other
        }
    }

    private var pairs: SpilledRecords<Pair>
    private let songCount: Int

    /// - Parameters:
    ///   - ids: Of all songs that were streamed on the days, in byte order.
    ///   - folder: Has room for what waits.
    /// - Throws: `FormatError` for a file that is damaged, or has a song that was not counted.
    init(
        _ warehouse: Warehouse, days: ArraySlice<CalendarDate>, _ ids: borrowing ByteTable,
        folder: String
    ) throws {
        songCount = ids.count
        var pairs = try SpilledRecords<Pair>(in: folder)
        var merge = try PairMerge(warehouse, days)
        var before: [UInt8] = []
        var beforeNumber = UInt32(0)
        while let pair = try merge.next() {
            guard pair.counted >= Self.minimumListeners else { continue }
            if !before.elementsEqual(merge.first) {
                before = merge.first
                beforeNumber = try merge.number(merge.first, ids)
            }
            let (a, b) = (beforeNumber, try merge.number(merge.second, ids))
            let listeners = UInt32(clamping: pair.listeners)
            for (song, other) in [(a, b), (b, a)] {
                try pairs.append(
                    Pair(song: song, other: other, listeners: listeners),
                    group: Self.share(Int(song), of: ids.count))
            }
        }
        self.pairs = pairs
    }

    private static func share(_ song: Int, of count: Int) -> Int { song * shares / count }

    /// Writes the songs in byte order of their ids, each with those heard with it, the nearest first.
    ///
    /// - Parameter listenerDays: By song.
    /// - Returns: How many songs have any.
    func write(
        _ ids: borrowing ByteTable, listenerDays: ContiguousArray<UInt32>, to writer: FileWriter
    ) throws -> Int {
        try writer.write(SimilarFile.header + "\n")
        var songs = 0
        var row = RowText()
        for share in 0..<Self.shares where songCount > 0 {
            let pairs = try pairs.records(group: share)
            if pairs.isEmpty { continue }
            // The songs of the share: s·256/n = share.
            let low = (share * songCount + Self.shares - 1) / Self.shares
            let high = ((share + 1) * songCount + Self.shares - 1) / Self.shares
            var lists = Array(
                repeating: TopList(Self.length, by: Candidate.precedes), count: high - low)
            for pair in pairs {
                let audience =
                    Double(listenerDays[Int(pair.song)])
                    * Double(listenerDays[Int(pair.other)])
                lists[Int(pair.song) - low].offer(
                    Candidate(
                        other: pair.other, listeners: pair.listeners,
                        score: Double(pair.listeners) / (audience.squareRoot() + Self.shrinkage)))
            }
            for song in low..<high where !lists[song - low].elements.isEmpty {
                songs += 1
                for (index, candidate) in lists[song - low].elements.enumerated() {
                    row.removeAll()
                    row.field(ids[song])
                    row.field(index + 1)
                    row.field(ids[Int(candidate.other)])
                    row.field(candidate.score, decimals: 4)
                    row.field(Int(candidate.listeners))
                    row.end()
                    try writer.write(row.bytes)
                }
            }
        }
        return songs
    }
}

/// `similar.tsv.zst`: songs in byte order, for each the songs heard with it.
package enum SimilarFile {
    package static let fileName = "similar.tsv.zst"
    static let header = "song_id\tposition\tsimilar_song_id\tscore\tlisteners"

    /// - Throws: `FileError`; `FormatError` with the line that is wrong.
    package static func forEach(
        _ path: String,
        _ body: (
            _ songID: String, _ position: Int, _ similar: String, _ score: Double, _ listeners: Int
        ) throws -> Void
    ) throws {
        try TSVFile.forEach(path, header: header) { fields in
            guard let position = Int(fields[1]), let score = Double(fields[3]),
                let listeners = Int(fields[4])
            else { return false }
            try body(fields[0], position, fields[2], score, listeners)
            return true
        }
    }
}

/// The pairs of several days in order, each once with its sums.
private struct PairMerge {
    private struct Part {
        let file: CoplaysFile
        /// How many listeners one of the sample stands for.
        let weight: Int
    }

    /// A heap: no part precedes the one at half its place.
    private var parts: [Part] = []
    private(set) var first: [UInt8] = []
    private(set) var second: [UInt8] = []
    private var source: CoplaysFile?

    init(_ warehouse: Warehouse, _ days: ArraySlice<CalendarDate>) throws {
        for day in days {
            let folder = warehouse.artefact("plays", day)
            let path = "\(folder)/\(CoplaysFile.fileName)"
            guard FileSystem.exists(path) else { continue }
            let sample = ArtefactRecord.read(folder)?.details["coplay_sample"]?.int
            let part = Part(file: try CoplaysFile(path), weight: max(1, sample ?? 1))
            if try part.file.next() { parts.append(part) }
        }
        for place in parts.indices.reversed() { sink(place) }
    }

    /// The next pair, which is then in `first` and `second`; nil behind the last.
    mutating func next() throws -> (listeners: Int, counted: Int)? {
        guard let top = parts.first?.file else { return nil }
        source = top
        first.removeAll(keepingCapacity: true)
        first.append(contentsOf: top.first)
        second.removeAll(keepingCapacity: true)
        second.append(contentsOf: top.second)
        var listeners = 0
        var counted = 0
        while let part = parts.first, Self.isSame(part.file.second, second),
            Self.isSame(part.file.first, first)
        {
            counted += part.file.listeners
            listeners += part.file.listeners * part.weight
            if try !part.file.next() {
                parts[0] = parts[parts.count - 1]
                parts.removeLast()
            }
            if !parts.isEmpty { sink(0) }
        }
        return (listeners, counted)
    }

    private static func isSame(_ a: UnsafeRawBufferPointer, _ b: [UInt8]) -> Bool {
        b.withUnsafeBytes { compareBytes(a, $0) == 0 }
    }

    /// A song's number.
    func number(_ id: [UInt8], _ ids: borrowing ByteTable) throws -> UInt32 {
        let number = id.withUnsafeBytes { ids.existing($0) }
        guard let number else {
            throw source!.damaged("\(String(decoding: id, as: UTF8.self)) is in no row of counts")
        }
        return UInt32(number)
    }

    private func precedes(_ a: Int, _ b: Int) -> Bool {
        let order = compareBytes(parts[a].file.first, parts[b].file.first)
        return order != 0
            ? order < 0 : bytesPrecede(parts[a].file.second, parts[b].file.second)
    }

    private mutating func sink(_ place: Int) {
        var place = place
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < parts.count && precedes(child, least) {
                least = child
            }
            if least == place { return }
            parts.swapAt(place, least)
            place = least
        }
    }
}
