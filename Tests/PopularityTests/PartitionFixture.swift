import Storage

@testable import Plays

/// A play as a partition counts it.
struct TestPlay {
    var user = "u1"
    var song = "s1"
    var region = "eu"
    var playedMs = 60_000
    /// 0 when nobody knows.
    var durationMs = 180_000

    var isStream: Bool { playedMs >= 30_000 }
}

extension PlayLogFixture {
    /// Writes a day's partition as its format is described, without the product's counting.
    ///
    /// - Parameters:
    ///   - coplays: Pairs in any order; nil for a partition without them.
    ///   - sample: Of how many listeners one was looked at for pairs.
    func writePartition(
        _ date: CalendarDate, _ plays: [TestPlay], coplays: [(String, String, Int)]? = nil,
        sample: Int = 1, hasSketches: Bool = true, log: String = "log"
    ) throws {
        struct Row {
            var plays = 0
            var streams = 0
            var chartStreams = 0
            var listeners: Set<String> = []
            var playedMs = 0
            var timed = 0
            var completed = 0
            var permille = 0
        }
        struct Place: Hashable { let song, region: String }
        var rows: [Place: Row] = [:]
        var songListeners: [String: Set<String>] = [:]
        var charted: [String: Int] = [:]
        for play in plays {
            var row = rows[Place(song: play.song, region: play.region)] ?? Row()
            row.plays += 1
            row.playedMs += play.playedMs
            if play.durationMs > 0 {
                row.timed += 1
                row.permille += min(1000, play.playedMs * 1000 / play.durationMs)
                if play.playedMs * 10 >= play.durationMs * 9 { row.completed += 1 }
            }
            if play.isStream {
                row.streams += 1
                row.listeners.insert(play.user)
                songListeners[play.song, default: []].insert(play.user)
                charted["\(play.user) \(play.song)", default: 0] += 1
                if charted["\(play.user) \(play.song)"]! <= 10 { row.chartStreams += 1 }
            }
            rows[Place(song: play.song, region: play.region)] = row
        }
        let folder = try StagedDirectory(in: warehouse, name: "partition")
        let sorted = rows.sorted { a, b in
            a.key.song == b.key.song
                ? a.key.region.precedesInBytes(b.key.region)
                : a.key.song.precedesInBytes(b.key.song)
        }
        try folder.write(CountsFile.fileName) { writer in
            try writer.write(CountsFile.header)
            for (place, row) in sorted {
                let columns: [Any] = [
                    place.song, place.region, row.plays, row.streams, row.chartStreams, 0,
                    row.listeners.count, row.playedMs, row.plays - row.streams, row.timed,
                    row.completed, row.permille, songListeners[place.song]?.count ?? 0,
                    row.streams > 0 ? "12:\(row.streams)" : "",
                ]
                try writer.write(columns.map { "\($0)" }.joined(separator: "\t") + "\n")
            }
        }
        if hasSketches {
            try folder.write(SketchesFile.fileName) { writer in
                for (_, row) in sorted {
                    var sketch = ListenerSketch()
                    for var user in row.listeners {
                        user.withUTF8 {
                            sketch.insert(hash: ByteHash.hash64(UnsafeRawBufferPointer($0)))
                        }
                    }
                    var bytes: [UInt8] = []
                    sketch.appendRow(to: &bytes)
                    try writer.write(bytes)
                }
            }
        }
        if let coplays {
            let pairs = coplays.map {
                $0.0.precedesInBytes($0.1) ? $0 : ($0.1, $0.0, $0.2)
            }.sorted { a, b in
                a.0 == b.0 ? a.1.precedesInBytes(b.1) : a.0.precedesInBytes(b.0)
            }
            try folder.write(CoplaysFile.fileName) { writer in
                try writer.write(CoplaysFile.header + "\n")
                for (a, b, count) in pairs { try writer.write("\(a)\t\(b)\t\(count)\n") }
            }
        }
        var record = ArtefactRecord(
            stage: "plays", date: date, tool: "", parameters: [:],
            inputs: [.init(name: log, fingerprint: "1")])
        record.details["coplay_sample"] = .integer(sample)
        try record.write(to: folder)
        try FileSystem.removeTree(warehouse.artefact("plays", date))
        try folder.commit(to: warehouse.artefact("plays", date))
    }
}
