import Foundation
import Storage
import TestSupport
import Testing

/// A disk that fills up at any stage: one clear line, nothing half-written, and with more room the
/// same command goes on to the same bytes.
///
/// The disk is a tmpfs of a few megabytes in a mount namespace of its own, so that it goes with the
/// shell that made it.
@Suite struct DiskFullTests {
    /// How a namespace may be made here: as root, or as anybody's own root.
    private static let unshare: [String]? = [["unshare", "-m"], ["unshare", "-Urm"]].first {
        command in
        let program = Program(path: "/bin/mount")
        return (try? program.run(["-t", "tmpfs", "none", "/mnt"], under: command))?.code == 0
    }

    /// What the sample's night takes on a tmpfs, in blocks of 4 KB: links count once, folders nothing.
    private static let neededKilobytes: Int = {
        let path = SampleNight.warehouse.path
        let used = try? shell(
            "echo $(($(du -sk '\(path)' | cut -f1) - 4 * $(find '\(path)' -type d | wc -l)))")
        return used.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
    }()

    /// Runs a night on a small disk, makes it larger, and runs the night again.
    ///
    /// - Parameters:
    ///   - before: Shell that fills the disk while it is large; it is then made so small that `kilobytes` are left.
    /// - Returns: Exit codes and errors of both runs; the warehouse after each is in `folder`.
    private func fill(
        _ folder: TemporaryFolder, kilobytes: Int, before: String = ""
    ) throws -> (first: (code: String, stderr: String), second: (code: String, stderr: String)) {
        let disk = folder / "disk"
        let night = """
            '\(Program.spindle.path)' run '\(Repository.nightly)' --warehouse '\(disk)/warehouse' \
            --date 2026-11-19
            """
        let script = """
            mkdir '\(disk)'
            mount -t tmpfs -o size=200m none '\(disk)'
            \(before)
            used=$(df -k --output=used '\(disk)' | tail -1)
            mount -o remount,size=$((used + \(kilobytes)))k '\(disk)'
            code=0; \(night) 2>'\(folder / "stderr1")' || code=$?
            echo $code >'\(folder / "code1")'
            cp -a '\(disk)/warehouse' '\(folder / "after1")' || mkdir '\(folder / "after1")'
            mount -o remount,size=200m '\(disk)'
            code=0; \(night) 2>'\(folder / "stderr2")' || code=$?
            echo $code >'\(folder / "code2")'
            cp -a '\(disk)/warehouse' '\(folder / "after2")'
            """
        let result = try Program(path: "/bin/sh").run(
            ["-ec", script], under: try #require(Self.unshare))
        try #require(result.code == 0, "\(result.stderr)")
        func read(_ name: String) throws -> String {
            try String(contentsOfFile: folder / name, encoding: .utf8)
        }
        return (
            (try read("code1").trimmingCharacters(in: .newlines), try read("stderr1")),
            (try read("code2").trimmingCharacters(in: .newlines), try read("stderr2"))
        )
    }

    private func expectDiskFull(_ run: (code: String, stderr: String)) {
        #expect(run.code == "1", "\(run.stderr)")
        expectClearError(
            Program.Result(code: 1, signal: nil, stdout: "", stderr: run.stderr))
        #expect(run.stderr.contains("hint: free some space"), "\(run.stderr)")
    }

    /// Room that is too little for the ledger, for the blobs, and for what comes behind them.
    @Test(
        .enabled(if: DiskFullTests.unshare != nil),
        arguments: [4, 16, 64, 300, 4_000]
            + [1200, 700, 400, 250, 100].map { neededKilobytes - $0 })
    func `a first night on a full disk`(kilobytes: Int) throws {
        let folder = try TemporaryFolder()
        let runs = try fill(folder, kilobytes: kilobytes)
        expectDiskFull(runs.first)
        let after = try TestWarehouse(at: folder, "after1")
        #expect(try faults(in: after) == [])
        #expect(after.currentID == nil)
        #expect(runs.second.code == "0", "\(runs.second.stderr)")
        let complete = try TestWarehouse(at: folder, "after2")
        #expect(
            differences(try complete.artefacts(), try SampleNight.warehouse.artefacts()) == [])
        #expect(try FileSystem.list(complete.path + "/tmp") == [])
    }

    /// The night before is published, and stays so.
    @Test(.enabled(if: DiskFullTests.unshare != nil), arguments: [8, 64, 200, 400])
    func `a later night on a full disk keeps the last snapshot`(kilobytes: Int) throws {
        let folder = try TemporaryFolder()
        let runs = try fill(
            folder, kilobytes: kilobytes,
            before: """
                '\(Program.spindle.path)' run '\(Repository.nightly)' --quiet \
                  --warehouse '\(folder / "disk/warehouse")' --date 2026-11-18
                """)
        expectDiskFull(runs.first)
        let after = try TestWarehouse(at: folder, "after1")
        #expect(try faults(in: after) == [])
        #expect(after.currentID?.hasPrefix("2026-11-18") == true)
        #expect(try after.spindle("snapshots", "verify").code == 0)
        #expect(runs.second.code == "0", "\(runs.second.stderr)")
        let complete = try TestWarehouse(at: folder, "after2")
        #expect(complete.currentID?.hasPrefix("2026-11-19") == true)
        #expect(try faults(in: complete) == [])
        #expect(try complete.spindle("snapshots", "verify").code == 0)
    }

    /// Every size at which the ledger is being made: its tables may lie in a second file.
    @Test(.enabled(if: DiskFullTests.unshare != nil))
    func `an ingest whose ledger does not fit makes it when there is room`() throws {
        let folder = try TemporaryFolder()
        let disk = folder / "disk"
        try FileSystem.makeDirectories(folder / "music")
        try write(MP3.id3v2([("TIT2", "A")]) + MP3.audio(frames: 5), to: folder / "music/a.mp3")
        let ingest = """
            '\(Program.spindle.path)' ingest --quiet --source '\(folder / "music")' \
              --warehouse '\(disk)/w' --workers 1
            """
        let script = """
            mkdir '\(disk)'
            for size in $(seq 12 8 108); do
              mount -t tmpfs -o size=${size}k none '\(disk)'
              \(ingest) 2>'\(folder / "stderr")' && echo "$size fits"
              ls '\(disk)/w/tmp' | grep -v ledger.sqlite
              mount -o remount,size=9m '\(disk)'
              \(ingest) || echo "$size stays: $(cat '\(folder / "stderr")')"
              umount '\(disk)'
            done
            """
        let result = try Program(path: "/bin/sh").run(
            ["-uc", script], under: try #require(Self.unshare))
        #expect(result.stdout == "", "\(result.stderr)")
        #expect(result.stderr == "")
    }

    /// Everywhere, also where no disk can be mounted: a limit on the size of files stops a write as
    /// a full disk does.
    @Test func `a file that may not grow`() throws {
        let warehouse = try TestWarehouse()
        // In blocks of 512 bytes; the signal is ignored, so that write(2) fails with EFBIG.
        let script = """
            trap '' XFSZ; ulimit -f 200
            exec '\(Program.spindle.path)' run '\(Repository.nightly)' --warehouse '\(warehouse.path)'
            """
        let result = try Program(path: "/bin/sh").run(["-c", script])
        #expect(result.code == 1, "\(result.stderr)")
        expectClearError(result)
        #expect(try faults(in: warehouse) == [])
        #expect(warehouse.currentID == nil)
        #expect(try warehouse.night().code == 0)
        #expect(
            differences(try warehouse.artefacts(), try SampleNight.warehouse.artefacts()) == [])
    }
}

extension TestWarehouse {
    /// A warehouse that is there already, in a test's folder.
    init(at folder: TemporaryFolder, _ name: String) throws {
        self.folder = folder
        path = folder / name
    }
}
