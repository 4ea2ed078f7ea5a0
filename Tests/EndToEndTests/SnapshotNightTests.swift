import Foundation
import Storage
import TestSupport
import Testing

/// What is published, by programs that are not ours where there are such.
@Suite struct SnapshotNightTests {
    private let warehouse = SampleNight.warehouse
    private let snapshot = SampleNight.snapshot

    @Test func `the manifest's sums are those of sha256sum, and it names every file`() throws {
        let manifest = try jsonObject(snapshot + "/manifest.json")
        let artefacts = try #require(manifest["artefacts"] as? [[String: Any]])
        let report = try #require(manifest["report"] as? [String: Any])
        var listed = ""
        for file in artefacts + [report] {
            let name = try #require(file["path"] as? String)
            listed += "\(file["sha256"] as! String)  ./\(name)\n"
            #expect(try FileStatus.of("\(snapshot)/\(name)")?.sizeBytes == file["bytes"] as? Int)
        }
        let sums = try shell(
            """
            cd \(snapshot)/
            find . -type f ! -name manifest.json | LC_ALL=C sort | tr '\\n' '\\0' | xargs -0 sha256sum
            """)
        #expect(Set(sums.split(separator: "\n")) == Set(listed.split(separator: "\n")))
        #expect(manifest["id"] as? String == warehouse.currentID)
        #expect(manifest["date"] as? String == "2026-11-19")
        #expect(manifest["plan_date"] as? String == "2026-11-20")
        #expect(manifest["songs"] as? Int == 37)
    }

    @Test func `nothing is left in the warehouse's temporary folder`() throws {
        #expect(try FileSystem.list(warehouse.path + "/tmp").isEmpty)
        #expect(try FileStatus.of(warehouse.path + "/plays/counted") == nil)
    }

    /// What a stage's result for a night says of the snapshot that it was planned on.
    private func plannedOn(_ warehouse: TestWarehouse, _ kind: String, _ date: String) throws
        -> String?
    {
        let record = try jsonObject("\(warehouse.path)/\(kind)/date=\(date)/artefact.json")
        let inputs = try #require(record["inputs"] as? [[String: String]])
        return inputs.first { $0["name"] == "published snapshot" }?["fingerprint"]
    }

    @Test func `plans go by what was published, not by what was only run`() throws {
        let warehouse = try TestWarehouse()
        try warehouse.night(["--date", "2026-11-17", "--quiet"])
        let published = try #require(warehouse.currentID)
        for stage in ["ingest", "plays", "popularity", "index", "place", "prefetch"] {
            try warehouse.night(["--date", "2026-11-18", "--quiet", "--only", stage])
        }
        #expect(try warehouse.night(["--date", "2026-11-19", "--quiet"]).code == 0)
        for kind in ["placement", "prefetch"] {
            #expect(try plannedOn(warehouse, kind, "2026-11-17") == nil)
            #expect(try plannedOn(warehouse, kind, "2026-11-18") == published)
            #expect(try plannedOn(warehouse, kind, "2026-11-19") == published)
        }
    }

    @Test func `a pruned yesterday makes nothing stale, and a plan made again says so`() throws {
        let warehouse = try TestWarehouse()
        try warehouse.night(["--date", "2026-11-18..2026-11-19", "--quiet"])
        try warehouse.spindle("snapshots", "prune", "--keep", "1")
        let again = try warehouse.night(["--date", "2026-11-19"])
        #expect(again.stderr.contains("everything is up to date"), "\(again.stderr)")
        let forced = try warehouse.night(["--date", "2026-11-19", "--only", "place", "--force"])
        #expect(forced.code == 0)
        #expect(forced.stderr.contains("is gone: planned as on a first night"))
        #expect(try plannedOn(warehouse, "placement", "2026-11-19") == nil)
    }

    /// Byte for byte, rejects too; only what was ignored (`cover.txt`) or is empty has no bytes kept.
    @Test func `export gives back every source file`() throws {
        let folder = try TemporaryFolder()
        let source = Repository.sample + "/music"
        let files = try FileManager.default.subpathsOfDirectory(atPath: source).filter {
            try FileStatus.of("\(source)/\($0)")?.kind == .file
        }
        #expect(files.count == 41)
        var notKept: [String] = []
        for (number, file) in files.enumerated() {
            let copy = folder / "\(number)"
            let result = try warehouse.spindle("export", file, "--output", copy)
            guard result.code == 0 else {
                #expect(result.stderr.hasPrefix("error: "))
                notKept.append(file)
                continue
            }
            let compared = try Program(path: "/usr/bin/cmp").run(["\(source)/\(file)", copy])
            #expect(compared.code == 0, "\(file)")
        }
        #expect(notKept.sorted() == ["Troublesome/cover.txt", "Troublesome/zero-bytes.mp3"])
    }

    @Test func `export by a song's id writes to stdout`() throws {
        let folder = try TemporaryFolder()
        let id = "181d2c55cd495af863b715aeb0c4a61f0469fa2e9f708a2dd298c8a77f061142"
        try shell(
            """
            \(Program.spindle.path) export \(id) --warehouse \(warehouse.path) >\(folder / "out")
            cmp \(folder / "out") '\(Repository.sample)/music/Europe/Die Dachrinnen/Freude, lauter!/01 Freude!.mp3'
            """)
    }

    @Test func `the report names every reason and what it was about`() throws {
        let report = try String(contentsOfFile: snapshot + "/report.html", encoding: .utf8)
        for reason in [
            "not_json", "not_utf8", "missing_field", "wrong_type", "bad_id", "out_of_range",
            "bad_timestamp", "future", "too_old", "empty", "not_mpeg_audio", "truncated",
            "not_named_mp3", "no_title",
        ] {
            #expect(report.contains("<bdi>\(reason)</bdi>"), "\(reason)")
        }
        for text in [warehouse.currentID!, "Freude!", "아리랑", "eu-west-dublin", "ap-northeast"] {
            #expect(report.contains(text), "\(text)")
        }
    }

    @Test func `the report is well-formed and needs nothing from elsewhere`() throws {
        let report = try String(contentsOfFile: snapshot + "/report.html", encoding: .utf8)
        #expect(report.hasPrefix("<!DOCTYPE html>"))
        #expect(unbalancedTags(report).isEmpty)
        for forbidden in ["<script", " src=", "@import", "url(http", "javascript:"] {
            #expect(!report.contains(forbidden), "\(forbidden)")
        }
        #expect(report.contains("prefers-color-scheme"), "it is for light and dark")
        let ids = report.matches(of: /\sid="([^"]+)"/).map { String($0.output.1) }
        #expect(Set(ids).count == ids.count, "an id twice")
        for link in report.matches(of: /\shref="#([^"]+)"/) {
            #expect(ids.contains(String(link.output.1)), "#\(link.output.1)")
        }
    }

    /// Tags that do not close, or close what is not open.
    private func unbalancedTags(_ html: String) -> [String] {
        let void: Set = ["meta", "br", "hr", "img", "link", "input", "col", "wbr"]
        var open: [String] = []
        var faults: [String] = []
        for tag in html.matches(of: /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/) {
            let name = String(tag.output.2).lowercased()
            if tag.output.1.isEmpty {
                if !void.contains(name), !tag.output.3.hasSuffix("/") { open.append(name) }
            } else if open.last == name {
                open.removeLast()
            } else {
                faults.append("</\(name)> in \(open.suffix(3))")
            }
        }
        return faults + open
    }
}
