import Foundation
import Storage
import TestSupport
import Testing

/// What runs again, what does not, and that both ways lead to the same bytes.
@Suite struct UpToDateTests {
    private static let stages = [
        "ingest", "plays", "popularity", "index", "place", "prefetch", "publish",
    ]

    @Test func `a second run changes no byte and says so`() throws {
        let warehouse = try TestWarehouse(copyOf: SampleNight.warehouse)
        let before = try warehouse.treeWithoutLock()
        let result = try warehouse.night()
        #expect(result.code == 0)
        #expect(result.stderr.contains("everything is up to date"))
        let after = try warehouse.treeWithoutLock()
        #expect(differences(before, after).filter { !$0.hasPrefix("ledger.sqlite-") } == [])
    }

    @Test func `a second warehouse has the same snapshot`() throws {
        let warehouse = try TestWarehouse()
        #expect(try warehouse.night().code == 0)
        #expect(differences(try warehouse.artefacts(), try SampleNight.warehouse.artefacts()) == [])
    }

    @Test func `every command alone, in order, makes what run makes`() throws {
        let warehouse = try TestWarehouse()
        let sample = Repository.sample
        let commands = [
            ["ingest", "--source", sample + "/music", "--reject-limit", "50%"],
            ["plays", "--logs", sample + "/plays", "--reject-limit", "5%"],
            ["popularity", "--releases", sample + "/releases.json"], ["index"],
            ["place", "--topology", sample + "/topology.json"],
            [
                "prefetch", "--topology", sample + "/topology.json", "--releases",
                sample + "/releases.json",
            ],
            ["publish", "--releases", sample + "/releases.json"],
        ]
        for command in commands {
            let result = try Program.spindle.run(
                command + ["--date", SampleNight.date, "--json", "--warehouse", warehouse.path])
            #expect(result.code == 0, "\(command): \(result.stderr)")
            let json = try jsonObject(Data(result.stdout.utf8))
            #expect(json["stage"] as? String == command[0])
            #expect(json["result"] as? String == "ran")
            #expect(json["counts"] is [String: Any])
        }
        #expect(differences(try warehouse.artefacts(), try SampleNight.warehouse.artefacts()) == [])
        let again = try warehouse.night()
        #expect(again.stderr.contains("everything is up to date"))
    }

    @Test func `nights one by one and a range of nights end the same`() throws {
        let single = try TestWarehouse()
        for date in ["2026-11-17", "2026-11-18", "2026-11-19"] {
            #expect(try single.night(["--date", date, "--quiet"]).code == 0)
        }
        let range = try TestWarehouse()
        #expect(try range.night(["--date", "2026-11-17..2026-11-19", "--quiet"]).code == 0)
        #expect(differences(try single.artefacts(), try range.artefacts()) == [])
        for kind in ["plays", "popularity", "catalog", "placement", "prefetch"] {
            #expect(differences(try single.tree(kind), try range.tree(kind)) == [], "\(kind)")
        }
        try checkThirdNight(range)
    }

    /// On a third night there is something to keep, to move and to evict.
    private func checkThirdNight(_ warehouse: TestWarehouse) throws {
        func folder(_ kind: String, _ day: Int) -> String {
            "\(warehouse.path)/\(kind)/date=2026-11-\(day)"
        }
        for day in [18, 19] {
            let topology = try TopologyText(folder("placement", day) + "/topology.json")
            let catalogue = try CatalogueRows(folder("catalog", day))
            let placement = try PlacementText(folder("placement", day) + "/placement.ndjson.zst")
            let previous = try PlacementText(folder("placement", day - 1) + "/placement.ndjson.zst")
            #expect(
                try placement.faults(topology: topology, catalogue: catalogue, previous: previous)
                    == [])
            for edge in topology.edges {
                let name = "/\(edge.id).ndjson.zst"
                let faults = try PrefetchText(folder("prefetch", day) + name).faults(
                    edge, topology, placement, sizes: catalogue.byID.mapValues(\.sizeBytes),
                    previous: PrefetchText(folder("prefetch", day - 1) + name))
                #expect(faults == [], "\(edge.id)")
            }
        }
    }

    // MARK: What a change makes stale

    enum Change: String, CaseIterable, CustomTestStringConvertible {
        case nothing, touchedLog, changedLog, touchedSong, changedTag, topology, releases, parameter
        case lostArtefact

        var testDescription: String { rawValue }

        /// The stages that must run; the others must not.
        var stale: [String] {
            switch self {
            case .nothing: []
            // The same bytes at another time are read again, and change nothing further on.
            case .touchedLog: ["plays"]
            case .touchedSong: ["ingest"]
            case .changedLog: stages.filter { $0 != "ingest" }
            // Popularity goes by the ledger's artists and genres; nothing that it makes has titles.
            case .changedTag: ["ingest", "popularity", "index", "place", "prefetch", "publish"]
            case .topology: ["place", "prefetch", "publish"]
            // The announced song has no plays: without its announcement nobody expects it.
            case .releases: ["popularity", "index", "place", "prefetch", "publish"]
            case .parameter: ["popularity", "index", "place", "prefetch", "publish"]
            case .lostArtefact: ["index"]
            }
        }
    }

    @Test(arguments: Change.allCases)
    func `a change runs the stages that it concerns, and no other`(change: Change) throws {
        let sample = try SampleCopy()
        let warehouse = try TestWarehouse()
        var pipeline = Repository.nightly
        func night(_ more: String...) throws -> Program.Result {
            try Program.spindle.run(
                ["run", pipeline, "--warehouse", warehouse.path, "--date", SampleNight.date]
                    + sample.settings + more)
        }
        #expect(try night("--quiet").code == 0)
        let log = sample.plays + "/date=2026-11-19/eu-west.ndjson.gz"
        let song = sample.music + "/Europe/Clara Wendt/Kleine Stücke/02 Für Elise.mp3"
        switch change {
        case .nothing: break
        case .touchedLog: try shell("touch '\(log)'")
        case .touchedSong: try shell("touch '\(song)'")
        case .changedLog:
            let id = "0e03e8c64c5480aa3f2f68c6b48d0857fa6d7765b4257078fe3de1bc78567a47"
            let events = (1...40).map {
                """
                {"event_id":"more-\($0)","ts":"2026-11-19T12:00:00.000Z","user_id":"u-\($0)",\
                "song_id":"\(id)","region":"eu-west","ms_played":39000,"duration_ms":39780,\
                "reason_end":"trackdone","platform":"web"}\n
                """
            }.joined()
            try Data(events.utf8).write(
                to: URL(filePath: sample.plays + "/date=2026-11-19/more.ndjson"))
        case .changedTag:
            // An ID3v1 tag goes last; the audio before it stays as it is.
            var bytes = try Data(contentsOf: URL(filePath: song))
            if bytes.suffix(128).prefix(3) == Data("TAG".utf8) { bytes.removeLast(128) }
            var tag = Data("TAGAnother title".utf8)
            tag.append(Data(repeating: 0, count: 128 - tag.count))
            bytes.append(tag)
            // ID3v2 goes before ID3v1, so its title is changed as well, without a change of length.
            let title = Data("Für Elise".utf8)
            if let range = bytes.range(of: title) {
                bytes.replaceSubrange(range, with: Data("Für Elisa".utf8))
            } else {
                let wide = "Für Elise".data(using: .utf16LittleEndian)!
                let range = try #require(bytes.range(of: wide))
                bytes.replaceSubrange(range, with: "Für Elisa".data(using: .utf16LittleEndian)!)
            }
            try bytes.write(to: URL(filePath: song))
        case .topology:
            try shell(
                "sed -i 's/\"capacity_bytes\": 6772342/\"capacity_bytes\": 6700000/' \(sample.topology)"
            )
        case .releases: try shell("sed -i 's/2026-11-20/2027-11-20/' \(sample.releases)")
        case .parameter:
            pipeline = sample.folder / "other.json5"
            let text = try String(contentsOfFile: Repository.nightly, encoding: .utf8)
            try text.replacing("stage: \"popularity\",", with: "stage: \"popularity\", days: 7,")
                .write(toFile: pipeline, atomically: true, encoding: .utf8)
        case .lostArtefact:
            try FileManager.default.removeItem(
                atPath: "\(warehouse.path)/catalog/date=2026-11-19/search.sqlite")
        }

        // Nobody has told `status` of another parameter; that is the pipeline's.
        if change != .parameter {
            let first = try status(warehouse).first { $0.value != "fresh" }.map { _ in true }
            #expect((first ?? false) == !change.stale.isEmpty)
            if let stage = change.stale.first {
                #expect(try status(warehouse)[stage] == "stale", "\(change)")
            }
        }
        let before = try warehouse.treeWithoutLock()
        let dry = try night("--dry-run")
        #expect(dry.code == 0)
        #expect(differences(before, try warehouse.treeWithoutLock()) == [])
        if let stage = change.stale.first {
            #expect(dry.stdout.contains(try Regex("\(stage) +would run")), "\(dry.stdout)")
        } else {
            #expect(!dry.stdout.contains("would"), "\(dry.stdout)")
        }

        let result = try night("--json", "--quiet")
        #expect(result.code == 0, "\(result.stderr)")
        let records = try JSONSerialization.jsonObject(with: Data(result.stdout.utf8))
        let ran = try #require(records as? [[String: Any]])
            .filter { $0["result"] as? String == "ran" }.map { $0["stage"] as! String }
        #expect(ran == change.stale)
        #expect(try status(warehouse).values.allSatisfy { $0 == "fresh" })
        #expect(try night().stderr.contains("everything is up to date"))
    }

    private func status(_ warehouse: TestWarehouse) throws -> [String: String] {
        let result = try warehouse.spindle("status", "--json")
        let json = try jsonObject(Data(result.stdout.utf8))
        let stages = try #require(json["stages"] as? [[String: Any]])
        return Dictionary(
            uniqueKeysWithValues: stages.map { ($0["stage"] as! String, $0["state"] as! String) })
    }

    // MARK: Parts of a night

    @Test(arguments: [
        (["--from", "place"], ["place", "prefetch", "publish"]),
        (["--only", "index"], ["index"]),
        (["--only", "plays", "--only", "ingest"], ["ingest", "plays"]),
    ])
    func `from and only choose stages`(options: [String], expected: [String]) throws {
        let warehouse = try TestWarehouse(copyOf: SampleNight.warehouse)
        let result = try warehouse.night(options + ["--force", "--json"])
        let records = try JSONSerialization.jsonObject(with: Data(result.stdout.utf8))
        let stages = try #require(records as? [[String: Any]]).map { $0["stage"] as! String }
        #expect(stages == expected)
        #expect(differences(try warehouse.artefacts(), try SampleNight.warehouse.artefacts()) == [])
    }

    @Test func `a dry run on nothing makes nothing`() throws {
        let warehouse = try TestWarehouse()
        let result = try warehouse.night(["--dry-run"])
        #expect(result.code == 0)
        for stage in Self.stages {
            #expect(
                result.stdout.contains(try Regex("\(stage) +would run \\(never ran\\)")), "\(stage)"
            )
        }
        #expect(try FileStatus.of(warehouse.path) == nil)
    }

    @Test func `a stage without the one before it says which`() throws {
        let warehouse = try TestWarehouse()
        let result = try warehouse.night(["--only", "index"])
        #expect(result.code == 66)
        #expect(result.stderr.contains("error: the stage ingest has no result"))
        #expect(result.stderr.contains("hint: run spindle ingest"))
        #expect(warehouse.currentID == nil)
    }
}
