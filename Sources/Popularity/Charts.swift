package import Catalog
internal import Plays
internal import Storage

/// Weekly charts: chart streams of the last seven days, overall, by region and by genre.
///
/// Position by streams, then listener-days, then song id. The position before is the one in the
/// same chart a day earlier, made from the same partitions.
struct Charts {
    static let length = 100
    static let days = 7

    private struct Candidate {
        /// In byte order of the ids.
        let song: Int
        let id: String
        let streams: Int
        let listeners: Int
    }

    private struct Key: Hashable {
        let chart: String
        let key: ByteKey
    }

    private struct Pair {
        var now = Charts.list()
        var before = Charts.list()
    }

    private var pairs: [Key: Pair] = [:]

    private static func list() -> TopList<Candidate> {
        TopList(length) { a, b in
            if a.streams != b.streams { return a.streams > b.streams }
            if a.listeners != b.listeners { return a.listeners > b.listeners }
            return a.song < b.song
        }
    }

    /// - Parameter song: Its place in byte order of the ids.
    mutating func offer(
        chart: String, key: String, song: Int, id: String, _ series: PlayWindow.DaySeries
    ) {
        let count = series.chartStreams.count
        func sums(_ range: Range<Int>) -> Candidate {
            let range = range.clamped(to: 0..<count)
            return Candidate(
                song: song, id: id, streams: series.chartStreams[range].reduce(0, +),
                listeners: series.listeners[range].reduce(0, +))
        }
        let now = sums(count - Self.days..<count)
        let before = sums(count - Self.days - 1..<count - 1)
        guard now.streams > 0 || before.streams > 0 else { return }
        let place = Key(chart: chart, key: ByteKey(key))
        if now.streams > 0 { pairs[place, default: Pair()].now.offer(now) }
        if before.streams > 0 { pairs[place, default: Pair()].before.offer(before) }
    }

    /// All charts: overall, then regions and genres in byte order.
    var entries: [ChartEntry] {
        let kinds = ["overall": 0, "region": 1, "genre": 2]
        let ordered = pairs.sorted { a, b in
            a.key.chart == b.key.chart
                ? a.key.key.text.precedesInBytes(b.key.key.text)
                : kinds[a.key.chart]! < kinds[b.key.chart]!
        }
        return ordered.flatMap { place, pair in
            let before = Dictionary(
                pair.before.elements.enumerated().map { ($0.element.song, $0.offset + 1) },
                uniquingKeysWith: { first, _ in first })
            return pair.now.elements.enumerated().map { index, candidate in
                ChartEntry(
                    chart: place.chart, key: place.key.text, position: index + 1,
                    songID: candidate.id, streams: candidate.streams,
                    listeners: candidate.listeners, previousPosition: before[candidate.song])
            }
        }
    }
}

/// `charts.ndjson`: a line for each position.
package enum ChartsFile {
    static let fileName = "charts.ndjson"

    package static func read(_ path: String) throws -> [ChartEntry] {
        try NDJSONFile.read(path) { json in
            guard let chart = json["chart"]?.string, let key = json["key"]?.string,
                let position = json["position"]?.int, let song = json["song_id"]?.string,
                let streams = json["streams"]?.int, let listeners = json["listeners"]?.int
            else { return nil }
            return ChartEntry(
                chart: chart, key: key, position: position, songID: song, streams: streams,
                listeners: listeners, previousPosition: json["previous_position"]?.int)
        }
    }

    static func write(_ entries: [ChartEntry], to writer: FileWriter) throws {
        var json = JSONWriter()
        for entry in entries {
            json.removeAll()
            json.object {
                $0.field("chart", entry.chart)
                $0.field("key", entry.key)
                $0.field("position", entry.position)
                $0.field("song_id", entry.songID)
                $0.field("streams", entry.streams)
                $0.field("listeners", entry.listeners)
                $0.field("previous_position", entry.previousPosition)
            }
            json.newline()
            try writer.write(json.bytes)
        }
    }
}

/// Files with a JSON object a line.
enum NDJSONFile {
    /// - Throws: `FormatError` with the line that `element` does not understand.
    static func read<Element>(_ path: String, _ element: (JSONValue) -> Element?) throws
        -> [Element]
    {
        var elements: [Element] = []
        let reader = try LineReader(path)
        let damage = try reader.forEach { line in
            guard let read = element(try JSONValue.parse(Array(line.bytes), path: path)) else {
                throw FormatError(path, "line \(line.number) lacks a field")
            }
            elements.append(read)
        }
        if let damage { throw damage }
        return elements
    }
}
