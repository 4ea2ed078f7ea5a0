import Catalog
import SQLite
import Storage
import TestSupport

@testable import Catalog
@testable import Plays

/// Reads logs as a night does, and keeps what comes out of them as text.
final class LogBench {
    let folder: TemporaryFolder
    let warehouse: Warehouse
    var options = PlayLogOptions()

    struct Outcome {
        /// `user song region time played duration`, in the order in which they came.
        var plays: [String] = []
        var eventIDs: [String] = []
        var addresses: [String] = []
        /// `line reason`.
        var rejects: [String] = []
        var accounting = PlayAccounting()
    }

    init() throws {
        folder = try TemporaryFolder()
        warehouse = Warehouse(path: folder.path + "/warehouse")
        try warehouse.prepare()
        options.region = "eu"
        options.listener = "me"
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try write(name, bytes: Array(text.utf8))
    }

    @discardableResult
    func write(_ name: String, bytes: [UInt8]) throws -> String {
        let path = folder / ("logs/" + name)
        try FileSystem.makeDirectories(FileSystem.parent(of: path))
        try FileSystem.remove(path)
        let writer = try FileWriter(path)
        try writer.write(bytes)
        _ = try writer.finish()
        return path
    }

    func read(_ text: String) throws -> Outcome { try read(bytes: Array(text.utf8)) }

    func read(bytes: [UInt8]) throws -> Outcome {
        try write("log", bytes: bytes)
        return try read()
    }

    /// Reads all that was written.
    func read() throws -> Outcome {
        var outcome = Outcome()
        let list = folder / "rejects.ndjson"
        try FileSystem.remove(list)
        let writer = try FileWriter(list)
        let songs = SongResolver(options, in: warehouse)
        let body: PlayLogReader.Body = { _, event, line, _ in
            outcome.plays.append(
                [
                    event.userID.text, event.songID.text, event.region.text,
                    "\(Timestamp(milliseconds: event.timeMs))", "\(event.playedMs)",
                    "\(event.durationMs)",
                ].joined(separator: " "))
            outcome.eventIDs.append(event.eventID.text)
            outcome.addresses.append(event.address.text)
            if !line.isEmpty {
                // What is set aside for another day must be read as the same event.
                var parser = PlayEventParser()
                guard parser.parse(line) == nil, parser.event.isSame(as: event) else {
                    return .refused(
                        Rejection(reason: .notJSON, detail: "\(line.text) is not the event"))
                }
            }
            return .taken
        }
        let reader = PlayLogReader(warehouse, options, songs, RejectList(writer: writer), body)
        outcome.accounting = try reader.read(LogFile.find([folder / "logs"]))
        _ = try writer.finish()
        _ = try LineReader(list).forEach { line in
            let json = try JSONValue.parse(Array(line.bytes), path: list)
            outcome.rejects.append("\(json["line"]!.int!) \(json["reason"]!.string!)")
        }
        let sum = outcome.accounting
        precondition(
            sum.lines == outcome.plays.count + sum.rejected + sum.leftOut + sum.folded,
            "the accounts do not add up: \(sum)")
        return outcome
    }

    // MARK: A catalogue

    struct Song {
        let id: String
        var artist = "Die Dachrinnen"
        var title = "Morgenstimmung"
        var isrc: String?
        var recordingID: String?
        var durationMs = 200_000
        var sizeBytes = 4_000_000
    }

    /// Makes a catalogue with these songs, the first the most popular.
    func makeCatalog(_ songs: [Song], aliases: [(former: String, name: String)] = []) throws {
        let path = folder / "catalog"
        try FileSystem.makeDirectories(path)
        try FileSystem.remove(path + "/catalog.sqlite")
        let database = try Database(path: path + "/catalog.sqlite")
        try database.execute(CatalogSchema.catalog)
        func quoted(_ text: String?) -> String {
            text.map {
                "'"
                    + $0.split(separator: "'", omittingEmptySubsequences: false)
                    .joined(separator: "''") + "'"
            } ?? "NULL"
        }
        var artists: [String: Int] = [:]
        for (index, song) in songs.enumerated() {
            try database.execute(
                """
                INSERT INTO songs(rank, song_id, title, artist, duration_ms, size_bytes,
                  bitrate_kbps, sample_rate_hz, channels, isrc, score, streams, added,
                  musicbrainz_recording_id, has_lyrics, has_synced_lyrics)
                VALUES(\(index + 1), '\(song.id)', \(quoted(song.title)), \(quoted(song.artist)),
                  \(song.durationMs), \(song.sizeBytes), 160, 44100, 2, \(quoted(song.isrc)), 0, 0,
                  '2026-11-19', \(quoted(song.recordingID)), 0, 0);
                """)
            for (position, name) in song.artist.split(separator: " & ").enumerated() {
                let name = String(name)
                if artists[name] == nil {
                    artists[name] = artists.count + 1
                    try database.execute(
                        """
                        INSERT INTO artists VALUES(\(artists.count), 'id\(artists.count)',
                          \(quoted(name)), 1, 1, '', 0, 1, NULL);
                        """)
                }
                try database.execute(
                    """
                    INSERT INTO song_artists
                    VALUES(\(index + 1), \(position + 1), \(artists[name]!), 'main');
                    """)
            }
        }
        for alias in aliases {
            try database.execute(
                """
                INSERT INTO artist_aliases
                VALUES('\(StableID.artist(alias.former))', \(artists[alias.name]!));
                """)
        }
        try database.execute(CatalogSchema.catalogIndexes)
        options.catalog = path
    }

    /// An id of 64 digits.
    static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 64 - digits.utf8.count) + digits
    }
}
