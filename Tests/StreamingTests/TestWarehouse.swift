import Delivery
import Glibc
import Publication
import SQLite
import Search
import Storage

@testable import Catalog

/// A warehouse in a temporary folder with songs that are not music, and real snapshots of them.
final class TestWarehouse {
    let warehouse: Warehouse
    /// Most popular first.
    let songs: [Song]

    struct Song {
        let id: Digest
        let title: String
        let audio: [UInt8]
    }

    static let artistID = "00000000000000aa"
    static let albumID = "00000000000000bb"
    static let genreID = "00000000000000cc"
    static let parentGenreID = "00000000000000cd"
    static let formerID = "00000000000000ee"
    static let cover: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 1, 2, 3]

    init(sizes: [Int] = [1000, 70_000, 300]) throws {
        var template = Array("/tmp/spindled-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileError("make folder", "/tmp") }
        let path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        warehouse = Warehouse(path: path + "/warehouse")
        try warehouse.prepare()
        let titles = ["Sakura", "荒城の月", "<script>alert(1)</script>"]
        var songs: [Song] = []
        for (number, size) in sizes.enumerated() {
            let audio = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8 &+ number) }
            songs.append(
                Song(id: SHA256.hash(audio), title: titles[number % 3], audio: audio))
        }
        self.songs = songs
        for song in songs { try store(song.audio) }
        try store(Self.cover)
    }

    deinit { try? FileSystem.removeTree(FileSystem.parent(of: warehouse.path)) }

    private func store(_ bytes: [UInt8]) throws {
        let path = BlobStore(warehouse).path(SHA256.hash(bytes))
        try FileSystem.makeDirectories(FileSystem.parent(of: path))
        guard !FileSystem.exists(path) else { return }
        try FileDescriptor(path, .createNew).write(bytes)
    }

    /// Makes a snapshot and lets `current` name it.
    ///
    /// - Parameters:
    ///   - edges: Ids of edges in eu-west and the songs they hold, by index.
    ///   - embargoed: Songs that come out later, by index.
    @discardableResult
    func publish(
        _ number: Int, edges: [(id: String, songs: [Int])] = [], embargoed: Set<Int> = []
    ) throws -> String {
        let suffix = String(number, radix: 16)
        let id = "2026-11-19-" + String(repeating: "0", count: 12 - suffix.count) + suffix
        let folder = warehouse.snapshot(id)
        try FileSystem.makeDirectories(folder + "/prefetch")
        try writeCatalog(folder, number)
        var artefacts = ["catalog.sqlite", "search.sqlite"]
        for edge in edges {
            let name = "prefetch/\(edge.id).ndjson.zst"
            try writePrefetch(
                folder + "/" + name, snapshot: id, edge.id, edge.songs, embargoed: embargoed)
            artefacts.append(name)
        }
        try write("<!doctype html><title>night \(number)</title>", to: folder + "/report.html")
        func digest(_ name: String) throws -> FileDigest {
            FileDigest(
                name: name, sizeBytes: try FileStatus.of(folder + "/" + name)!.sizeBytes,
                sha256: try SHA256.hash(fileAt: folder + "/" + name))
        }
        let manifest = SnapshotManifest(
            id: id, date: CalendarDate("2026-11-19")!, planDate: CalendarDate("2026-11-20")!,
            songCount: songs.count, artefacts: try artefacts.map(digest),
            report: try digest("report.html"))
        try write(String(decoding: manifest.json, as: UTF8.self), to: folder + "/manifest.json")
        try point(to: id)
        return id
    }

    func point(to target: String) throws {
        let temporary = warehouse.snapshotsPath + "/new"
        try FileSystem.link(target: target, at: temporary)
        try FileSystem.rename(temporary, to: warehouse.currentSnapshotPath)
    }

    func write(_ text: String, to path: String) throws {
        try FileDescriptor(path, .createNew).write(Array(text.utf8))
    }

    private func writeCatalog(_ folder: String, _ number: Int) throws {
        let catalog = try Database(path: folder + "/catalog.sqlite")
        try catalog.execute(CatalogSchema.catalog)
        let cover = SHA256.hash(Self.cover).hex
        for (index, song) in songs.enumerated() {
            let rank = index + 1
            // The first has a cover that is a picture, the second claims that its is a page.
            let picture =
                index == 0
                ? "'\(cover)','image/png'" : index == 1 ? "'\(cover)','text/html'" : "NULL,NULL"
            try catalog.execute(
                """
                INSERT INTO songs(rank, song_id, title, artist, album_number, track, disc,
                    release_date, duration_ms, size_bytes, bitrate_kbps, sample_rate_hz, channels,
                    cover, cover_type, score, streams, added, isrcs, has_lyrics,
                    has_synced_lyrics)
                  VALUES(\(rank),'\(song.id.hex)','\(song.title)','Trio \(number)',
                  1,\(rank),1,'2026',200000,\(song.audio.count),128,44100,2,
                  \(picture),\(100 - rank),\(1000 - rank),'2026-11-19','["QZ1","QZ2"]',1,0);
                INSERT INTO song_artists VALUES(\(rank),1,1,'main');
                INSERT INTO song_genres VALUES(\(rank),1,1);
                INSERT INTO genre_songs VALUES(1,\(rank));
                INSERT INTO genre_songs VALUES(2,\(rank));
                INSERT INTO charts VALUES('overall','*',\(rank),\(rank),\(50 - rank),10,NULL,\(rank),1);
                INSERT INTO charts VALUES('region','eu-west',\(rank),\(rank),\(20 - rank),5,\(rank + 1),\(rank),2);
                INSERT INTO charts VALUES('genre','R&B/Soul',\(rank),\(rank),\(20 - rank),5,\(rank),\(rank),2);
                """)
        }
        try catalog.execute(
            """
            INSERT INTO albums(album_number, album_id, title, artist, release_date, is_compilation,
                cover, cover_type, song_count, best_rank, duration_ms, disc_count, label)
              VALUES(1,'\(Self.albumID)','Best of','Trio','2026',0,'\(cover)','image/png',
                \(songs.count),1,600000,1,'Spindle Records');
            INSERT INTO artists
              VALUES(1,'\(Self.artistID)','Trio',\(songs.count),1,'Trio',1,1,NULL);
            INSERT INTO album_artists VALUES(1,1,1);
            INSERT INTO discs VALUES(1,1,'One',12);
            INSERT INTO genres VALUES(1,'\(Self.genreID)','Klezmer',\(songs.count),2,\(songs.count));
            INSERT INTO genres VALUES(2,'\(Self.parentGenreID)','Folk',0,NULL,\(songs.count));
            INSERT INTO artist_aliases VALUES('\(Self.formerID)',1);
            INSERT INTO album_aliases VALUES('\(Self.formerID)',1);
            INSERT INTO genre_aliases VALUES('\(Self.formerID)',1);
            """)
        try catalog.execute(CatalogSchema.catalogIndexes)
        try SearchIndexBuilder(directory: folder).build()
    }

    private func writePrefetch(
        _ path: String, snapshot: String, _ edge: String, _ held: [Int], embargoed: Set<Int>
    ) throws {
        var json = JSONWriter()
        let last = songs.count - 1
        PrefetchManifest.write(
            PrefetchManifest.Header(
                snapshot: snapshot, date: "2026-11-19", planDate: "2026-11-20", edge: edge,
                region: "eu-west", url: "https://\(edge).example/music", capacityBytes: 1,
                pinnedBytes: 1, fillBudgetBytes: 1, fillBytes: 1, holdSongs: held.count,
                fetchSongs: 0, evictSongs: 1, expectedHits: 1, expectedRequests: 1,
                catalogSHA256: SHA256.hash("")), into: &json)
        for (rank, index) in (held + [last]).enumerated() {
            PrefetchManifest.write(
                PrefetchManifest.Record(
                    rank: rank + 1, action: rank < held.count ? .hold : .evict,
                    song: songs[index].id, sizeBytes: songs[index].audio.count, sourceRegion: nil,
                    expectedHits: 1,
                    notBefore: embargoed.contains(index) ? CalendarDate("2026-11-27") : nil),
                base: "https://\(edge).example/music", into: &json)
        }
        let writer = try FileWriter(path)
        try writer.write(json.bytes)
        _ = try writer.finish()
    }
}

extension FileDescriptor {
    func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }
}
