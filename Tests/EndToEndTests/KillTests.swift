import Foundation
import Glibc
import SQLite
import Storage
import TestSupport
import Testing

/// A night that is stopped at any moment leaves the last good result, and the next run completes
/// it to the same bytes.
///
/// Moments are random. A seed is printed with each test; `SPINDLE_TEST_SEED` sets it.
@Suite struct KillTests {
    private static let kills = 12
    private static let stageCount = 7

    /// Each test has two halves of moments: any time of the run, and soon after a stage has begun,
    /// so that the short stages get their share.
    enum Moment: CustomStringConvertible {
        case afterSeconds(Double)
        case inStage(Int, afterSeconds: Double)

        var description: String {
            switch self {
            case .afterSeconds(let seconds): "\(seconds) s"
            case .inStage(let stage, let seconds): "\(seconds) s into stage \(stage + 1)"
            }
        }

        static func random(
            _ index: Int, of count: Int, runSeconds: Double, _ random: inout SeededGenerator
        ) -> Moment {
            if index.isMultiple(of: 2) {
                let share = (Double(index) + .random(in: 0..<2, using: &random)) / Double(count)
                return .afterSeconds(share * runSeconds)
            }
            let stage = index / 2 % stageCount
            // The long stages are ingest and plays.
            let length = stage < 2 ? 0.3 : 0.08
            return .inStage(
                stage, afterSeconds: .random(in: 0..<length * runSeconds, using: &random))
        }
    }

    /// Runs a night until the moment, and kills it there.
    ///
    /// - Returns: false when the run was done before.
    private func kill(
        _ warehouse: TestWarehouse, at moment: Moment, with signal: Int32 = SIGKILL,
        _ arguments: [String] = []
    ) throws -> Bool {
        let run = try warehouse.startNight(arguments)
        switch moment {
        case .afterSeconds(let seconds): usleep(UInt32(seconds * 1e6))
        case .inStage(let stage, let seconds):
            // A stage has begun when the one before it has told its figures.
            while run.isRunning, stage > 0, !run.stderrSoFar.contains("[\(stage)/") { usleep(1000) }
            usleep(UInt32(seconds * 1e6))
        }
        run.kill(signal)
        return run.wait().signal == signal
    }

    @Test(arguments: SeededGenerator.seeds(1))
    func `a first night that is killed at any moment completes to the same bytes`(seed: UInt64)
        throws
    {
        print("KillTests: first nights, seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let undisturbed = try SampleNight.warehouse.artefacts()
        var runSeconds = SampleNight.outcome.elapsedSeconds
        var killed = 0
        var tries = 0
        while killed < Self.kills, tries < 4 * Self.kills {
            tries += 1
            let moment = Moment.random(killed, of: Self.kills, runSeconds: runSeconds, &random)
            let warehouse = try TestWarehouse()
            guard try kill(warehouse, at: moment) else {
                runSeconds *= 0.85
                continue
            }
            killed += 1
            #expect(try faults(in: warehouse) == [], "seed \(seed), \(moment)")
            let next = try warehouse.night()
            #expect(next.code == 0, "seed \(seed), \(moment): \(next.stderr)")
            #expect(differences(try warehouse.artefacts(), undisturbed) == [], "\(moment)")
            #expect(try FileSystem.list(warehouse.path + "/tmp") == [], "\(moment)")
        }
        #expect(killed == Self.kills)
    }

    @Test(arguments: SeededGenerator.seeds(1))
    func `a warehouse that is killed again and again completes to the same bytes`(seed: UInt64)
        throws
    {
        print("KillTests: again and again, seed \(seed)")
        var random = SeededGenerator(seed: seed &+ 0x5eed)
        let undisturbed = try SampleNight.warehouse.artefacts()
        let warehouse = try TestWarehouse()
        var runSeconds = SampleNight.outcome.elapsedSeconds
        var isComplete = false
        var killed = 0
        var tries = 0
        while killed < Self.kills, tries < 4 * Self.kills {
            tries += 1
            // Once all is done there is nothing to stop: then everything is made anew.
            let moment = Moment.random(killed, of: Self.kills, runSeconds: runSeconds, &random)
            let wasKilled = try kill(warehouse, at: moment, isComplete ? ["--force"] : [])
            if wasKilled { killed += 1 } else { runSeconds *= isComplete ? 0.85 : 1 }
            isComplete = isComplete || !wasKilled
            #expect(try faults(in: warehouse) == [], "seed \(seed), \(moment)")
            if isComplete { #expect(warehouse.currentID == undisturbed["snapshot id"]) }
        }
        #expect(killed == Self.kills)
        let last = try warehouse.night()
        #expect(last.code == 0, "\(last.stderr)")
        #expect(differences(try warehouse.artefacts(), undisturbed) == [], "seed \(seed)")
        #expect(try FileSystem.list(warehouse.path + "/tmp") == [])
    }

    /// A terminal's Ctrl-C, and what a scheduler sends.
    @Test(arguments: [SIGTERM, SIGINT], [0, 1, 6])
    func `a night that is told to stop frees the warehouse`(signal: Int32, stage: Int) throws {
        let warehouse = try TestWarehouse()
        let moment = Moment.inStage(stage, afterSeconds: 0.02)
        #expect(try kill(warehouse, at: moment, with: signal))
        #expect(try faults(in: warehouse) == [])
        #expect(try warehouse.night().code == 0)
        #expect(
            differences(try warehouse.artefacts(), try SampleNight.warehouse.artefacts()) == [])
        #expect(try FileSystem.list(warehouse.path + "/tmp") == [])
    }
}

/// Every way in which a warehouse is not valid, whatever happened to the run that last held it.
func faults(in warehouse: TestWarehouse) throws -> [String] {
    guard try FileStatus.of(warehouse.path + "/warehouse.json") != nil else {
        // Killed before it was one: then nothing else is there either.
        let names = (try? FileSystem.list(warehouse.path)) ?? []
        return names.filter { !["tmp", "lock"].contains($0) }
    }
    return try blobFaults(warehouse) + partitionFaults(warehouse) + snapshotFaults(warehouse)
}

/// Every blob that the ledger names is there, and is what its name says.
private func blobFaults(_ warehouse: TestWarehouse) throws -> [String] {
    let path = warehouse.path + "/ledger.sqlite"
    guard try FileStatus.of(path) != nil else { return [] }
    // A copy, so that looking at it does not recover the write-ahead log in the product's stead.
    let folder = try TemporaryFolder()
    try shell("cp \(path)* \(folder.path)/")
    let database = try Database(path: folder / "ledger.sqlite")
    guard try database.scalar("SELECT count(*) FROM sqlite_master WHERE name = 'files'") == 1 else {
        return []
    }
    var faults: [String] = []
    var check = try database.prepare("PRAGMA integrity_check(1)")
    if try !check.step() || check.text(0) != "ok" { faults.append("ledger: \(check.text(0))") }
    var names = try database.prepare(
        """
        SELECT song_id FROM files WHERE song_id IS NOT NULL
        UNION SELECT head FROM files WHERE head IS NOT NULL
        UNION SELECT tail FROM files WHERE tail IS NOT NULL
        UNION SELECT cover FROM files WHERE cover IS NOT NULL
        """)
    while try names.step() {
        let name = names.text(0)
        let digest = try? SHA256.hash(fileAt: warehouse.blob(name)).hex
        if digest != name { faults.append("blob \(name): \(digest ?? "missing")") }
    }
    let orphans = try database.scalar(
        """
        SELECT count(*) FROM files WHERE state = 'present'
          AND song_id NOT IN (SELECT song_id FROM songs)
        """)
    if orphans != 0 { faults.append("files without their songs") }
    return faults
}

/// What has its final name has its record, and is what the record says.
private func partitionFaults(_ warehouse: TestWarehouse) throws -> [String] {
    var faults: [String] = []
    for kind in ["plays", "popularity", "catalog", "placement", "prefetch"] {
        let root = warehouse.path + "/" + kind
        for name in (try? FileSystem.list(root)) ?? [] where name.hasPrefix("date=") {
            let folder = root + "/" + name
            guard let record = try? jsonObject(folder + "/artefact.json"),
                let files = record["files"] as? [[String: Any]]
            else {
                faults.append("\(kind)/\(name) has no record")
                continue
            }
            for file in files {
                let path = folder + "/" + (file["path"] as? String ?? "?")
                let digest = try? SHA256.hash(fileAt: path).hex
                if digest != file["sha256"] as? String {
                    faults.append("\(path): \(digest ?? "missing")")
                }
            }
            let listed = Set(files.compactMap { $0["path"] as? String } + ["artefact.json"])
            let others = Set(try fileTree(folder).keys).subtracting(listed)
            if !others.isEmpty { faults.append("\(kind)/\(name) holds \(others)") }
        }
    }
    return faults
}

/// `current` is absent, or leads to a snapshot of which every file is as published.
private func snapshotFaults(_ warehouse: TestWarehouse) throws -> [String] {
    var faults: [String] = []
    let root = warehouse.path + "/snapshots"
    for name in (try? FileSystem.list(root)) ?? [] where !["rolled-back", "history"].contains(name)
    {
        let folder = root + "/" + name
        guard let manifest = try? jsonObject(folder + "/manifest.json"),
            let artefacts = manifest["artefacts"] as? [[String: Any]],
            let report = manifest["report"] as? [String: Any]
        else {
            faults.append("snapshots/\(name) has no manifest")
            continue
        }
        for file in artefacts + [report] {
            let path = folder + "/" + (file["path"] as? String ?? "?")
            if (try? SHA256.hash(fileAt: path).hex) != file["sha256"] as? String {
                faults.append("\(path) is not as published")
            }
        }
    }
    return faults
}
