import Foundation
import Storage
import TestSupport
import Testing

/// The same pipeline on somebody's own files.
@Suite struct OwnMusicTests {
    /// A few songs of the sample in a flat folder with awkward names.
    private func music(in folder: TemporaryFolder) throws -> String {
        let path = folder / "My music; \"live\" & more"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let source = Repository.sample + "/music/Europe/Clara Wendt/Kleine Stücke"
        for name in try FileSystem.list(source) where name.hasSuffix(".mp3") {
            try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: "\(path)/\(name)")
        }
        return path
    }

    private func settings(_ music: String, _ logs: String) -> [String] {
        ["--set", "source=\(music)", "--set", "logs=\(logs)", "--set", "releases="]
    }

    /// Without logs no day is named, and the night is yesterday's, or the one that is asked for.
    @Test(arguments: [[], ["--date", "2026-05-01"]])
    func `songs without plays are catalogued, placed and published`(date: [String]) throws {
        let warehouse = try TestWarehouse()
        let music = try music(in: warehouse.folder)
        let logs = warehouse.folder / "logs"
        try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
        let result = try warehouse.night(settings(music, logs) + date)
        #expect(result.code == 0, "\(result.stderr)")
        #expect(result.stderr.contains("warning: no logs"))
        let snapshot = warehouse.current
        let catalogue = try CatalogueRows(snapshot)
        #expect(catalogue.songs.map(\.rank) == [1, 2, 3, 4])
        #expect(catalogue.songs.allSatisfy { $0.streams == 0 && $0.score == 0 })
        let placement = try PlacementText(snapshot + "/placement.ndjson.zst")
        let faults = try placement.faults(
            topology: try TopologyText(snapshot + "/topology.json"), catalogue: catalogue,
            previous: nil)
        #expect(faults == [])
        #expect(try warehouse.spindle("snapshots", "verify").code == 0)
        #expect(
            try warehouse.night(settings(music, logs) + date).stderr
                .contains("everything is up to date"))
    }

    /// One file, no date in its path: each event goes by its own time.
    @Test(arguments: ["plays.log", "plays.log.gz", "plays.log.zst"])
    func `logs of one undated file are counted`(name: String) throws {
        let warehouse = try TestWarehouse()
        let music = try music(in: warehouse.folder)
        let song = "7c420d18"
        let id = try #require(
            try jsonLines(Repository.sample + "/songs.ndjson").map { $0["song_id"] as! String }
                .first { $0.hasPrefix(song) })
        let log = warehouse.folder / "plays.log"
        let events = (1...30).map {
            """
            {"event_id":"e\($0)","ts":"2026-05-01T10:00:00.000Z","user_id":"u\($0)","song_id":"\(id)",\
            "region":"eu-west","ms_played":\($0 <= 20 ? 30_000 : 10_000),"duration_ms":60000,\
            "reason_end":"trackdone","platform":"web"}\n
            """
        }.joined()
        try Data((events + "no event\n").utf8).write(to: URL(filePath: log))
        if name.hasSuffix(".gz") { try shell("gzip \(log)") }
        if name.hasSuffix(".zst") { try shell("zstd -q --rm \(log)") }
        let result = try warehouse.night(
            settings(music, warehouse.folder / name) + ["--date", "2026-05-01"])
        #expect(result.code == 0, "\(result.stderr)")
        let first = try #require(try CatalogueRows(warehouse.current).songs.first)
        #expect(first.id == id)
        #expect(first.streams == 20)
        let rejects = try warehouse.spindle("rejects", "--stage", "plays", "--json").stdout
        #expect(rejects.contains("not_json"), "undated rejects are listed too: \(rejects)")
        #expect(
            try warehouse.night(
                settings(music, warehouse.folder / name) + ["--date", "2026-05-01"]
            ).stderr.contains("everything is up to date"))
    }

    @Test func `an own pipeline file finds its folders from where it is run`() throws {
        let warehouse = try TestWarehouse()
        let music = try music(in: warehouse.folder)
        try shell("mv '\(music)' \(warehouse.folder / "mp3") && mkdir \(warehouse.folder / "logs")")
        let pipeline = """
            { name: "own", stages: [
              { stage: "ingest", source: ["mp3"] }, { stage: "plays", logs: ["logs"] },
              { stage: "popularity" }, { stage: "index" } ] }
            """
        try Data(pipeline.utf8).write(to: URL(filePath: warehouse.folder / "own.json5"))
        let result = try Program.spindle.run(
            ["run", "own.json5", "--warehouse", "w", "--date", "2026-05-01"],
            in: warehouse.folder.path)
        #expect(result.code == 0, "\(result.stderr)")
        #expect(try CatalogueRows(warehouse.folder / "w/catalog/date=2026-05-01").songs.count == 4)
    }
}
