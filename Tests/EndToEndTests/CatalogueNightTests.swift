import Foundation
import Storage
import TestSupport
import Testing

/// The night's catalogue, against the list of songs that the sample was made from.
@Suite struct CatalogueNightTests {
    private let snapshot = SampleNight.snapshot

    private func expectedSongs() throws -> [String: [String: Any]] {
        let songs = try jsonLines(Repository.sample + "/songs.ndjson")
        return Dictionary(uniqueKeysWithValues: songs.map { ($0["song_id"] as! String, $0) })
    }

    @Test func `the catalogue has every song of the sample, and the truncated one`() throws {
        let expected = try expectedSongs()
        let songs = try CatalogueRows(snapshot).byID
        let missing = Set(expected.keys).subtracting(songs.keys)
        #expect(missing.isEmpty)
        let extra = try #require(Set(songs.keys).subtracting(expected.keys).only)
        let warnings = try SampleNight.warehouse.spindle("rejects", "--warnings", "--json").stdout
            .split(separator: "\n").map { try jsonObject(Data($0.utf8)) }
        let truncated = warnings.filter { $0["reason"] as? String == "truncated" }
        #expect(truncated.count == 1)
        #expect((truncated.first?["place"] as? String)?.hasSuffix("/truncated.mp3") == true)
        // By coreutils, on the bytes that TagLib and our own splitting had no hand in: the file
        // has an ID3v2 tag in front and nothing behind.
        let path = Repository.sample + "/music/Troublesome/truncated.mp3"
        let bytes = try Data(contentsOf: URL(filePath: path))
        let tagBytes =
            bytes.prefix(3) == Data("ID3".utf8)
            ? 10 + bytes[6..<10].reduce(0) { $0 << 7 | Int($1) } : 0
        let digest = try shell("tail -c +\(tagBytes + 1) '\(path)' | sha256sum | cut -c1-64")
        #expect(digest == extra + "\n")
    }

    @Test func `every song has the tags and the properties it was made with`() throws {
        let catalogue = try CatalogueRows(snapshot)
        let songs = catalogue.byID
        for (id, song) in try expectedSongs() {
            let found = try #require(songs[id])
            let name = song["title"] as? String ?? "untagged"
            #expect(found.title == name)
            #expect(found.sizeBytes == song["audio_bytes"] as? Int, "\(name)")
            #expect(found.durationMs == song["duration_ms"] as? Int, "\(name)")
            #expect(found.releaseDate == song["date"] as? String, "\(name)")
            #expect(found.isrc == song["isrc"] as? String, "\(name)")
            #expect(found.album == song["album"] as? String, "\(name)")
            let artists = song["artists"] as? [String] ?? []
            #expect(found.artists == (artists.isEmpty ? ["[Unknown Artist]"] : artists), "\(name)")
            #expect(
                catalogue.genres[id] ?? [] == Set(song["genres"] as? [String] ?? []), "\(name)")
            #expect((found.cover != nil) == (song["has_cover"] as? Bool), "\(name)")
        }
    }

    @Test func `ranks go by score and streams are the recount's`() throws {
        let songs = try CatalogueRows(snapshot).songs
        #expect(songs.map(\.rank) == Array(1...songs.count))
        #expect(songs.map(\.score) == songs.map(\.score).sorted(by: >))
        var streams: [String: Int] = [:]
        for (key, row) in PlayRecount.sample.rows { streams[key.song, default: 0] += row.streams }
        for song in songs { #expect(song.streams == streams[song.id] ?? 0, "\(song.title)") }
    }

    @Test func `what could not be used is set aside with its reason`() throws {
        let rejects = try SampleNight.warehouse.spindle("rejects", "--stage", "ingest", "--json")
            .stdout.split(separator: "\n").map { try jsonObject(Data($0.utf8)) }
        let reasons = rejects.map {
            let name = ($0["place"] as? String ?? "").split(separator: "/").last ?? ""
            return "\(name): \($0["reason"] as? String ?? "")"
        }
        #expect(reasons.sorted() == ["not-an-mp3.mp3: not_mpeg_audio", "zero-bytes.mp3: empty"])
    }

    @Test(arguments: [
        ("freude", "Freude!"), ("dachrinnen freude", "Freude!"), ("коробейн", "Коробейники"),
        ("くら", "さくらさくら"), ("gymnopedie", "Gymnopédie n° 1"), ("fur elisse", "Für Elise"),
        ("turca", "Rondo alla Turca"),
    ])
    func `a search finds the song`(text: String, title: String) throws {
        let result = try Program.spindle.run([
            "search", "--catalog", snapshot, "--json", "--kind", "song", "--explain", text,
        ])
        #expect(result.code == 0)
        let json = try JSONValue.parse(Array(result.stdout.utf8), path: "search")
        #expect(try JSONSchema(named: "search").faults(json) == [])
        #expect(json["songs"]?["hits"]?.array?.first?["title"]?.string == title)
    }
}

extension Collection {
    /// The element of a collection that has just one.
    var only: Element? { count == 1 ? first : nil }
}
