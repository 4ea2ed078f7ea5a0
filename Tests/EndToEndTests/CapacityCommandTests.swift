import Foundation
import Storage
import TestSupport
import Testing

/// `spindle capacity` on the built program, and what it takes from the sample's warehouse.
@Suite struct CapacityCommandTests {
    private func figures(_ arguments: String...) throws -> [String: JSONValue] {
        let result = try Program.spindle.run(["capacity", "--json"] + arguments)
        #expect(result.code == 0, "\(result.stderr)")
        let json = try JSONValue.parse(Array(result.stdout.utf8), path: "capacity")
        #expect(try JSONSchema(named: "capacity").faults(json).isEmpty)
        return Dictionary(
            uniqueKeysWithValues: (json["figures"]?.array ?? []).map {
                ($0["name"]!.string!, $0)
            })
    }

    @Test func `what the sample's warehouse tells is measured, and recounted here`() throws {
        let figures = try figures("--warehouse", SampleNight.warehouse.path)
        func measured(_ name: String) throws -> Double {
            let figure = try #require(figures[name])
            #expect(figure["source"]?.string == "measured", "\(name)")
            return try #require(figure["value"]?.double)
        }
        let songs = try CatalogueRows(SampleNight.snapshot).songs
        let bytes = songs.reduce(0) { $0 + $1.sizeBytes }
        #expect(try measured("songs") == Double(songs.count))
        let seconds = try measured("song-seconds")
        let size = try measured("bitrate") * 125 * seconds
        #expect(abs(size - Double(bytes) / Double(songs.count)) < 1)

        let topology = try TopologyText(SampleNight.snapshot + "/topology.json")
        #expect(try measured("copies") == Double(topology.replicas))
        #expect(try measured("edges") == Double(topology.edges.count))
        let room = topology.edges.reduce(0) { $0 + $1.capacityBytes }
        let share = 100 * Double(room) / Double(topology.edges.count) / Double(bytes)
        #expect(abs(try measured("edge-share") - share) < 1e-4)

        // Days from their records, the busiest hour from the rows.
        var (plays, listeners, days) = (0, 0, [String]())
        let folder = SampleNight.warehouse.path + "/plays"
        for name in try FileSystem.list(folder).sorted() where name.hasPrefix("date=") {
            let counts = try #require(
                try jsonObject("\(folder)/\(name)/artefact.json")["counts"] as? [String: Any])
            guard let heard = counts["listeners"] as? Int, heard > 0 else { continue }
            plays += (counts["streams"] as! Int) + (counts["short"] as! Int)
            listeners += heard
            days.append(name)
        }
        #expect(days.count >= 14)
        #expect(abs(try measured("users") - Double(listeners) / Double(days.count)) < 1e-4)
        #expect(abs(try measured("plays-per-user") - Double(plays) / Double(listeners)) < 1e-4)
        var (busiest, streams) = (0, 0)
        for name in days.suffix(7) {
            var hours = Array(repeating: 0, count: 24)
            for row in try tsvRows("\(folder)/\(name)/counts.tsv.zst") {
                for hour in row["hours"]!.split(separator: " ") {
                    let parts = hour.split(separator: ":")
                    hours[Int(parts[0])!] += Int(parts[1])!
                }
            }
            busiest = max(busiest, hours.max()!)
            streams += hours.reduce(0, +)
        }
        let factor = Double(busiest) / (Double(streams) / Double(24 * 7))
        #expect(abs(try measured("peak-factor") - factor) < 1e-4)
        // Of so few songs a database is mostly empty pages.
        #expect(figures["metadata-bytes"]?["source"]?.string == "default")
    }

    @Test func `what is given goes before what is measured`() throws {
        let figures = try figures(
            "--warehouse", SampleNight.warehouse.path, "--songs", "5000", "--edge-hits", "50%")
        #expect(figures["songs"]?["value"]?.double == 5000)
        #expect(figures["songs"]?["source"]?.string == "given")
        #expect(figures["edge-hits"]?["value"]?.double == 50)
        #expect(figures["users"]?["source"]?.string == "measured")
    }

    @Test func `a table for people says the same`() throws {
        let result = try Program.spindle.run(["capacity", "--years", "1"])
        #expect(result.code == 0 && result.stderr.isEmpty)
        #expect(result.stdout.contains("figure"))
        #expect(result.stdout.contains(/users +10,000 +people +default +an assumption/))
        #expect(result.stdout.contains(/plays a day +200,000 +240,000\n/))
        #expect(result.stdout.contains(/all of it +1,440 +1,648\n/))
    }

    @Test(arguments: [
        ("--users=-5", "--users takes a number from 1 to 10,000,000,000 (people), not '-5'"),
        ("--songs=0", "--songs takes a number from 1"), ("--bitrate=fast", "not 'fast'"),
        ("--edge-hits=101", "--edge-hits takes a number from 0 to 100 (%), not '101'"),
        ("--load=0", "--load takes a number from 1 to 100"),
        ("--song-growth=nan", "--song-growth takes a number from -90 to 300"),
        ("--copies=inf", "--copies takes a number"),
        ("--years=99", "--years takes a whole number from 0 to 20"),
    ])
    func `an absurd figure is a usage error that names its option`(option: String, message: String)
        throws
    {
        let result = try Program.spindle.run(["capacity", option])
        #expect(result.code == 64)
        #expect(result.stdout.isEmpty)
        #expect(result.stderr.contains(message), "\(result.stderr)")
    }

    @Test func `a warehouse that is none is missing input`() throws {
        let result = try Program.spindle.run(["capacity", "--warehouse", "/nonexistent"])
        #expect(result.code == 66)
        #expect(result.stderr.contains("/nonexistent: is no Spindle warehouse"))
    }

    @Test func `a warehouse without a night yet leaves the defaults`() throws {
        let folder = try TestWarehouse()
        try FileManager.default.createDirectory(
            atPath: folder.path, withIntermediateDirectories: true)
        try Data("{\"format\":\"spindle-warehouse\",\"version\":1}".utf8).write(
            to: URL(filePath: folder.path + "/warehouse.json"))
        let figures = try figures("--warehouse", folder.path)
        #expect(figures.values.allSatisfy { $0["source"]?.string == "default" })
    }
}
