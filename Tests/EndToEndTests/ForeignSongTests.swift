import Foundation
import SQLite
import Storage
import TestSupport
import Testing

/// Songs of other services are found in the catalogue that a night has built.
@Suite struct ForeignSongTests {
    @Test func `every song of the sample is found by its path, and by artist and title`() throws {
        let warehouse = try TestWarehouse(copyOf: SampleNight.warehouse)
        let catalog = try Database(path: warehouse.current + "/catalog.sqlite", mode: .immutable)
        var songs: [(id: String, artist: String, title: String)] = []
        var statement = try catalog.prepare(
            "SELECT song_id, artist, title FROM songs ORDER BY rank")
        while try statement.step() {
            songs.append((statement.text(0), statement.text(1), statement.text(2)))
        }
        #expect(songs.count > 30)
        func quoted(_ text: String) -> String {
            "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
        }
        var byName = "ts,listener,artist,title\n"
        var byPath = "ts,listener,url\n"
        for song in songs {
            byName +=
                "2026-11-20T12:00:00Z,names,\(quoted(song.artist.uppercased())),\(quoted(song.title))\n"
            byPath += "2026-11-20T12:00:00Z,paths,https://edge.example/audio/\(song.id).mp3?e=1\n"
        }
        let logs = warehouse.folder / "foreign/2026-11-20"
        try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
        try byName.write(toFile: logs + "/names.csv", atomically: true, encoding: .utf8)
        try byPath.write(toFile: logs + "/paths.csv", atomically: true, encoding: .utf8)
        let result = try warehouse.spindle(
            "plays", "--date", "2026-11-20", "--logs", logs, "--region", "eu-west", "--json")
        #expect(result.code == 0, "\(result.stderr)")
        let record = try jsonObject("\(warehouse.path)/plays/date=2026-11-20/artefact.json")
        let counts = try #require(record["counts"] as? [String: Any])
        #expect(counts["unresolved"] as? Int == 0)
        #expect(counts["rejected"] as? Int == 0)
        let rows = try tsvRows("\(warehouse.path)/plays/date=2026-11-20/counts.tsv.zst")
        let plays = Dictionary(
            uniqueKeysWithValues: rows.map { ($0["song_id"]!, Int($0["plays"]!)!) })
        #expect(Set(plays.keys) == Set(songs.map(\.id)))
        // Of songs with one name the most popular one has all plays by that name.
        var names: [String: Int] = [:]
        for song in songs {
            names[song.artist.lowercased() + "\0" + song.title.lowercased(), default: 0] += 1
        }
        var seen: Set<String> = []
        for song in songs {
            let name = song.artist.lowercased() + "\0" + song.title.lowercased()
            // Equal plays of one listener at one moment are one event.
            let expected = seen.insert(name).inserted ? 2 : 1
            #expect(plays[song.id] == expected, "\(song.artist) / \(song.title)")
        }
    }
}
