internal import Storage

/// A song that was played more on the last day than the week before would let expect.
package struct TrendingEntry: Equatable, Sendable {
    /// From 1, within its region.
    package let position: Int
    package let songID: String
    /// `*` for all.
    package let region: String
    /// Points of the last day: chart streams, of which no listener can have more than half.
    package let streams: Int
    /// Listeners of the last day.
    package let listeners: Int
    /// Mean points of the seven days before.
    package let mean: Double
    package let trend: Double
    /// Not played on any day of the window before.
    package let isNew: Bool
}

/// `trending.ndjson`: a line for each position, all regions together (`*`) first.
package enum TrendingFile {
    static let fileName = "trending.ndjson"
    static let length = 50

    package static func read(_ path: String) throws -> [TrendingEntry] {
        try NDJSONFile.read(path) { json in
            guard let position = json["position"]?.int, let song = json["song_id"]?.string,
                let region = json["region"]?.string, let streams = json["streams"]?.int,
                let listeners = json["listeners"]?.int, let mean = json["mean"]?.double,
                let trend = json["trend"]?.double
            else { return nil }
            return TrendingEntry(
                position: position, songID: song, region: region, streams: streams,
                listeners: listeners, mean: mean, trend: trend, isNew: json["is_new"] == .bool(true)
            )
        }
    }

    static func write(_ entries: [TrendingEntry], to writer: FileWriter) throws {
        var json = JSONWriter()
        for entry in entries {
            json.removeAll()
            json.object { entry.write(to: &$0) }
            json.newline()
            try writer.write(json.bytes)
        }
    }
}

extension TrendingEntry {
    func write(to json: inout JSONWriter) {
        json.field("position", position)
        json.field("song_id", songID)
        json.field("region", region)
        json.field("streams", streams)
        json.field("listeners", listeners)
        json.field("mean", mean, decimals: 2)
        json.field("trend", trend, decimals: 2)
        json.field("is_new", isNew)
    }
}
