import Foundation
import Storage
import TestSupport
import Testing

/// `spindle snapshots`, and how publish goes on from what it did.
@Suite struct SnapshotCommandTests {
    private func warehouseWithTwoNights(named name: String = "warehouse") throws
        -> TestWarehouse
    {
        let warehouse = try TestWarehouse(named: name)
        try warehouse.night(["--date", "2026-11-18..2026-11-19", "--quiet"])
        return warehouse
    }

    private func list(_ warehouse: TestWarehouse) throws -> [[String: Any]] {
        let result = try warehouse.spindle("snapshots", "list", "--json")
        #expect(result.code == 0)
        let json = try JSONSerialization.jsonObject(with: Data(result.stdout.utf8))
        return try #require(json as? [[String: Any]])
    }

    @Test func `list shows what there is and what is current`() throws {
        let warehouse = try warehouseWithTwoNights()
        let all = try list(warehouse)
        #expect(all.map { $0["date"] as? String } == ["2026-11-18", "2026-11-19"])
        #expect(all.map { $0["current"] as? Bool } == [false, true])
        #expect(all.last?["id"] as? String == warehouse.currentID)
        let times = all.compactMap { ($0["published"] as? String).flatMap { Timestamp($0) } }
        #expect(times.count == 2 && times == times.sorted())
        let text = try warehouse.spindle("snapshots").stdout
        #expect(text.contains("* \(warehouse.currentID!)"))
        #expect(text.contains("published \(times[1])"))
    }

    @Test func `list names a damaged snapshot and goes on`() throws {
        let warehouse = try warehouseWithTwoNights()
        let older = try #require(try list(warehouse).first?["id"] as? String)
        try shell("rm \(warehouse.path)/snapshots/\(older)/manifest.json")
        let all = try list(warehouse)
        #expect(all.map { $0["id"] as? String } == [older, warehouse.currentID])
        #expect(all.map { $0["damaged"] as? Bool } == [true, false])
        let text = try warehouse.spindle("snapshots")
        #expect(text.code == 0)
        #expect(text.stdout.contains("  \(older)  damaged"), "\(text.stdout)")
        #expect(text.stdout.contains("* \(warehouse.currentID!)  37 songs"), "\(text.stdout)")
    }

    @Test func `every action prints one object with --json`() throws {
        let warehouse = try warehouseWithTwoNights()
        let ids = try list(warehouse).map { $0["id"] as! String }
        func object(_ action: String..., code: Int32 = 0) throws -> [String: Any] {
            let result = try Program.spindle.run(
                ["snapshots"] + action + ["--json", "--warehouse", warehouse.path])
            #expect(result.code == code, "\(action): \(result.stderr)")
            return try jsonObject(Data(result.stdout.utf8))
        }
        let verified = try object("verify")
        #expect(verified["id"] as? String == ids[1])
        #expect(verified["damaged"] as? Bool == false)
        #expect(verified["files"] as? Int ?? 0 > 5)
        let rollback = try object("rollback")
        #expect(rollback["current"] as? String == ids[0])
        #expect(rollback["rolled_back"] as? String == ids[1])
        try shell("rm \(warehouse.path)/snapshots/\(ids[1])/search.sqlite")
        let damaged = try object("verify", ids[1], code: 65)
        #expect(damaged["damaged"] as? Bool == true)
        #expect((damaged["error"] as? String)?.contains("search.sqlite") == true)
        let pruned = try object("prune", "--keep", "1", "--gone-days", "30")
        #expect(pruned["removed"] as? [String] == [ids[1]])
        #expect(pruned["forgotten_files"] as? Int == 0)
    }

    @Test func `a rolled-back snapshot is not published again unless asked`() throws {
        let warehouse = try warehouseWithTwoNights(named: "Anna's music")
        let newest = try #require(warehouse.currentID)
        #expect(try warehouse.spindle("snapshots", "rollback").code == 0)
        let older = try #require(warehouse.currentID)
        #expect(older.hasPrefix("2026-11-18"))
        #expect(try list(warehouse).map { $0["rolled_back"] as? Bool } == [false, true])
        #expect(try warehouse.spindle("snapshots", "verify").code == 0)

        let next = try warehouse.night(["--date", "2026-11-19"])
        #expect(next.code == 0)
        #expect(next.stderr.contains("was rolled back"), "\(next.stderr)")
        #expect(warehouse.currentID == older)

        // As the warning says.
        let command = try #require(
            next.stderr.firstMatch(of: /warning: spindle (publish .*--republish) makes/))
        #expect(command.output.1.contains("--date 2026-11-19"))
        try shell("\(Program.spindle.path) \(command.output.1)")
        #expect(warehouse.currentID == newest)
        #expect(try list(warehouse).map { $0["rolled_back"] as? Bool } == [false, false])
    }

    @Test func `roll back by id, and nothing to roll back to`() throws {
        let warehouse = try warehouseWithTwoNights()
        let older = try #require(try list(warehouse).first?["id"] as? String)
        #expect(try warehouse.spindle("snapshots", "rollback", older).code == 0)
        #expect(warehouse.currentID == older)
        for id in [[], ["2026-11-17-000000000000"], ["../../etc"]] {
            let result = try Program.spindle.run(
                ["snapshots", "rollback"] + id + ["--warehouse", warehouse.path])
            #expect([64, 65, 66].contains(result.code), "\(id)")
            expectClearError(result)
            #expect(warehouse.currentID == older)
        }
    }

    @Test func `an old night that is run again does not replace a newer one`() throws {
        let warehouse = try TestWarehouse(copyOf: SampleNight.warehouse)
        let newest = warehouse.currentID
        let result = try warehouse.night(["--date", "2026-11-15"])
        #expect(result.code == 0)
        #expect(warehouse.currentID == newest)
        #expect(result.stderr.contains("stays current"))
        #expect(try list(warehouse).map { $0["date"] as? String } == ["2026-11-15", "2026-11-19"])
        #expect(
            try warehouse.night(["--date", "2026-11-15"]).stderr.contains(
                "everything is up to date"))
    }

    private func publish(_ warehouse: TestWarehouse, _ date: String, _ more: String...) throws
        -> Program.Result
    {
        try Program.spindle.run(
            ["publish", "--date", date, "--warehouse", warehouse.path] + more)
    }

    @Test func `publish keeps as many as it is told now, and what it has just published`() throws {
        let warehouse = try warehouseWithTwoNights()
        let newest = warehouse.currentID
        let changed = try publish(warehouse, "2026-11-19", "--keep", "1")
        #expect(changed.stderr.contains("removed 1 old"), "\(changed.stderr)")
        #expect(try list(warehouse).map { $0["id"] as? String } == [newest])
        #expect(
            try publish(warehouse, "2026-11-19", "--keep", "1").stderr.contains("up to date"))

        #expect(try publish(warehouse, "2026-11-18", "--keep", "1").code == 0)
        #expect(try list(warehouse).map { $0["date"] as? String } == ["2026-11-18", "2026-11-19"])
        #expect(warehouse.currentID == newest)
        #expect(
            try publish(warehouse, "2026-11-18", "--keep", "1").stderr.contains("up to date"))
    }

    @Test func `status says that a night's snapshot was rolled back or pruned`() throws {
        let warehouse = try warehouseWithTwoNights()
        let ids = try list(warehouse).map { $0["id"] as! String }
        func status(_ date: String) throws -> String {
            try warehouse.spindle("status", "--date", date).stdout
        }
        #expect(try status("2026-11-19").contains("publish     fresh"))
        #expect(try warehouse.spindle("snapshots", "prune", "--keep", "1").code == 0)
        #expect(try status("2026-11-18").contains("\(ids[0]) was pruned"))
        #expect(try publish(warehouse, "2026-11-18").code == 0)
        #expect(try status("2026-11-18").contains("publish     fresh"))
        #expect(try warehouse.spindle("snapshots", "rollback", ids[0]).code == 0)
        #expect(try status("2026-11-19").contains("\(ids[1]) was rolled back"))
    }

    @Test func `prune leaves the last ones and never removes the current one`() throws {
        let warehouse = try warehouseWithTwoNights()
        let ids = try list(warehouse).map { $0["id"] as! String }
        #expect(try warehouse.spindle("snapshots", "rollback").code == 0)
        #expect(try warehouse.spindle("snapshots", "prune", "--keep", "1").code == 0)
        #expect(try list(warehouse).map { $0["id"] as? String } == [ids[0]])
        #expect(warehouse.currentID == ids[0])
        #expect(try warehouse.spindle("snapshots", "prune", "--keep", "0").code == 64)
        #expect(try FileSystem.list(warehouse.path + "/tmp") == [])
    }

    @Test(arguments: ["catalog.sqlite", "placement.ndjson.zst", "report.html", "manifest.json"])
    func `verify names the file that is damaged`(name: String) throws {
        let warehouse = try TestWarehouse(copyOf: SampleNight.warehouse)
        let path = "\(warehouse.current)/\(name)"
        // A snapshot shares its files with the night's folders; `cp -a` has kept the links.
        try shell("cp \(path) \(path).new && mv \(path).new \(path)")
        try shell("printf X | dd of=\(path) bs=1 seek=50 conv=notrunc status=none")
        let result = try warehouse.spindle("snapshots", "verify")
        #expect(result.code == 65)
        expectClearError(result)
        #expect(result.stderr.contains(name), "\(result.stderr)")
    }

    @Test func `verify names the file that is missing`() throws {
        let warehouse = try TestWarehouse(copyOf: SampleNight.warehouse)
        try shell("rm \(warehouse.current)/search.sqlite")
        let result = try warehouse.spindle("snapshots", "verify")
        #expect(result.code == 65)
        #expect(result.stderr.contains("search.sqlite"))
    }

    /// The disk has changed an artefact after its stage recorded it.
    @Test func `publish refuses a damaged artefact`() throws {
        let warehouse = try TestWarehouse()
        try warehouse.night(["--date", "2026-11-18", "--quiet"])
        let before = warehouse.currentID
        for stage in ["ingest", "plays", "popularity", "index", "place", "prefetch"] {
            try warehouse.night(["--date", "2026-11-19", "--quiet", "--only", stage])
        }
        let path = "\(warehouse.path)/popularity/date=2026-11-19/charts.ndjson"
        try shell("printf X | dd of=\(path) bs=1 seek=50 conv=notrunc status=none")
        let result = try warehouse.night(["--date", "2026-11-19"])
        #expect(result.code == 65)
        expectClearError(result)
        #expect(result.stderr.contains("charts.ndjson"))
        #expect(warehouse.currentID == before)
        #expect(try warehouse.spindle("snapshots", "verify").code == 0)
        // And it can be mended as the hint says.
        #expect(
            try warehouse.night(["--date", "2026-11-19", "--only", "popularity", "--force"]).code
                == 0)
        #expect(try warehouse.night(["--date", "2026-11-19"]).code == 0)
        #expect(warehouse.currentID?.hasPrefix("2026-11-19") == true)
    }
}
