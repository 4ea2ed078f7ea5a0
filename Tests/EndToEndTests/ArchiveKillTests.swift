import Foundation
import Glibc
import SQLite
import Storage
import TestSupport
import Testing

/// `spindle ingest --tar` that is killed at any moment: the same archive once more makes what one
/// undisturbed run makes.
struct ArchiveKillTests {
    private static let kills = 12
    private static let members = 40

    private func ingest(_ archive: String) -> [String] {
        ["ingest", "--quiet", "--workers", "2", "--date", "2026-11-19", "--tar", archive]
    }

    /// What the archive has brought: rows without times, and blobs.
    private func content(_ warehouse: TestWarehouse) throws -> (rows: [String], blobs: [String]) {
        let database = try Database(path: warehouse.path + "/ledger.sqlite", mode: .readOnly)
        var rows: [String] = []
        var files = try database.prepare(
            "SELECT path, state, song_id, head, tail, added FROM files ORDER BY path")
        while try files.step() {
            rows.append((0..<6).map { files.text($0) }.joined(separator: " "))
        }
        return (rows, try fileTree(warehouse.path + "/blobs").keys.sorted())
    }

    @Test(arguments: SeededGenerator.seeds(1))
    func `killed at any moment nothing is lost, nothing twice, and nothing left`(seed: UInt64)
        throws
    {
        print("ArchiveKillTests: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        let archive = folder / "in.tar"
        try FileSystem.makeDirectories(folder / "music")
        for number in 0..<Self.members {
            // Two in three are songs of their own.
            let audio = MP3.audio(frames: 100, from: number / 3 * 3 == number ? 0 : number * 200)
            try write(
                MP3.id3v2([("TIT2", "Song \(number)")]) + audio + MP3.id3v1(),
                to: folder / "music/\(number).mp3")
        }
        try write(Array("no music".utf8), to: folder / "music/bad.mp3")
        try shell("tar -C '\(folder / "music")' --sort=name -cf '\(archive)' .")
        let undisturbed = try TestWarehouse()
        let started = ContinuousClock.now
        let whole = try Program.spindle.run(ingest(archive) + ["--warehouse", undisturbed.path])
        var runSeconds = (ContinuousClock.now - started) / .seconds(1)
        #expect(whole.code == 0, "\(whole.stderr)")
        let wanted = try content(undisturbed)
        #expect(wanted.rows.count == Self.members + 1)

        var warehouse = try TestWarehouse()
        var killed = 0
        var tries = 0
        while killed < Self.kills, tries < 4 * Self.kills {
            tries += 1
            // Every other one goes on where the one before was killed.
            if killed.isMultiple(of: 2) { warehouse = try TestWarehouse() }
            let run = try Program.spindle.start(
                ingest(archive) + ["--warehouse", warehouse.path])
            usleep(UInt32(Double.random(in: 0..<runSeconds, using: &random) * 1e6))
            run.kill(SIGKILL)
            guard run.wait().signal == SIGKILL else {
                runSeconds *= 0.85
                warehouse = try TestWarehouse()
                continue
            }
            killed += 1
            #expect(try faults(in: warehouse) == [], "seed \(seed)")
            guard killed.isMultiple(of: 2) else { continue }
            let next = try Program.spindle.run(
                ingest(archive) + ["--warehouse", warehouse.path])
            #expect(next.code == 0, "seed \(seed): \(next.stderr)")
            let found = try content(warehouse)
            #expect(found.rows == wanted.rows, "seed \(seed)")
            #expect(found.blobs == wanted.blobs, "seed \(seed)")
            #expect(try FileSystem.list(warehouse.path + "/tmp") == [])
        }
        #expect(killed == Self.kills)
    }
}
