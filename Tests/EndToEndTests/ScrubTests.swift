import Foundation
import Storage
import TestSupport
import Testing

/// Blobs that a disk has spoilt, from finding them to mending them.
@Suite struct ScrubTests {
    private func result(_ warehouse: TestWarehouse, _ options: String...) throws -> (
        Program.Result, JSONValue
    ) {
        let result = try Program.spindle.run(
            ["scrub", "--json", "--warehouse", warehouse.path] + options)
        return (result, try JSONValue.parse([UInt8](result.stdout.utf8), path: "stdout"))
    }

    @Test func `songs, covers and lost parts are named and mended by the command that it prints`()
        throws
    {
        let warehouse = try TestWarehouse()
        let source = warehouse.folder / "music's"
        try shell("cp -a \(Repository.sample)/music \"\(source)\"")
        #expect(try warehouse.spindle("ingest", "--source", source).code == 0)
        let (sound, none) = try result(warehouse)
        #expect(sound.code == 0)
        #expect(none["findings"]?.array?.isEmpty == true)
        #expect(none["blobs"]?.int ?? 0 > 90)

        let store = BlobStore(Warehouse(path: warehouse.path))
        let rows = try shell(
            """
            sqlite3 -separator ' ' '\(warehouse.path)/ledger.sqlite' \
            "SELECT song_id, head FROM files WHERE state = 'present' AND head NOT NULL LIMIT 1; \
            SELECT digest, '' FROM covers LIMIT 1"
            """
        ).split(whereSeparator: { " \n".contains($0) }).compactMap { Digest(hex: $0) }
        try #require(rows.count == 3)
        for digest in [rows[0], rows[2]] {
            var bytes = try contents(store.path(digest))
            bytes[bytes.count / 2] ^= 1
            try write(bytes, to: store.path(digest))
        }
        try FileSystem.remove(store.path(rows[1]))

        let (bad, json) = try result(warehouse)
        #expect(bad.code == 65)
        let findings = try #require(json["findings"]?.array)
        let problems = Dictionary(
            uniqueKeysWithValues: findings.map { ($0["blob"]?.string, $0["problem"]?.string) })
        #expect(
            problems == [rows[0].hex: "rotten", rows[1].hex: "missing", rows[2].hex: "rotten"])
        for finding in findings {
            let files = try #require(finding["files"]?.array)
            #expect(!files.isEmpty)
            #expect(
                files.allSatisfy { FileSystem.exists(source + "/" + ($0["path"]?.string ?? "")) })
        }
        #expect(try warehouse.spindle("status").stdout.contains("3 rotten or lost"))
        #expect(try warehouse.spindle("scrub", "--list").stdout.contains("cover \(rows[2])"))

        // The command of the hint, as a shell takes it.
        let text = try warehouse.spindle("scrub", "--limit-minutes", "0")
        #expect(text.code == 65)
        let hint = try #require(text.stderr.split(separator: "mended by: ").last)
            .trimmingCharacters(in: .newlines)
        let command = hint.replacing("spindle ", with: Program.spindle.path + " ")
        try shell(command + " 2>\(warehouse.folder / "ingest.txt")")
        let ingest = try String(
            decoding: contents(warehouse.folder / "ingest.txt"), as: UTF8.self)
        #expect(ingest.contains("3 rotten or lost blobs mended"))
        #expect(ingest.contains(" 0 changed"))

        let (mended, after) = try result(warehouse, "--limit-minutes", "0")
        #expect(mended.code == 0)
        #expect(after["mended"]?.int == 3)
        #expect(after["findings"]?.array?.isEmpty == true)
    }

    @Test func `it goes on while a night holds the warehouse, and once at a time`() throws {
        let warehouse = try TestWarehouse()
        #expect(try warehouse.spindle("ingest", "--source", Repository.sample + "/music").code == 0)
        func scrub(holding name: String) throws -> Int32? {
            try Program.spindle.run(
                ["scrub", "--warehouse", warehouse.path],
                under: ["flock", warehouse.path + "/" + name]
            ).code
        }
        #expect(try scrub(holding: "lock") == 0)
        #expect(try scrub(holding: "scrub.lock") == 75)
    }

    @Test func `a blob of which no source file is left needs a backup`() throws {
        let warehouse = try TestWarehouse()
        let source = warehouse.folder / "source"
        try FileSystem.makeDirectories(source)
        for number in 0..<3 {
            try write(MP3.audio(frames: 5, from: number * 100), to: source + "/\(number).mp3")
        }
        #expect(try warehouse.spindle("ingest", "--source", source).code == 0)
        try FileSystem.remove(source + "/0.mp3")
        #expect(try warehouse.spindle("ingest", "--source", source).code == 0)
        let digest = SHA256.hash(MP3.audio(frames: 5, from: 0))
        try write("no", to: BlobStore(Warehouse(path: warehouse.path)).path(digest))
        let found = try warehouse.spindle("scrub")
        #expect(found.code == 65)
        #expect(found.stdout.contains("/0.mp3"))
        #expect(found.stdout.contains(", gone"))
        #expect(found.stderr.contains("backup of blobs/"))
        #expect(try warehouse.spindle("scrub", "--files").stdout.isEmpty)
    }
}
