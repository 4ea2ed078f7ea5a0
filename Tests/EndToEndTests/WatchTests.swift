import Foundation
import Glibc
import SQLite
import Storage
import TestSupport
import Testing

/// `spindle ingest --watch` as a program, on a folder that changes under it.
struct WatchTests {
    /// A folder that is watched.
    private struct Watched {
        let folder: TemporaryFolder
        let source: String
        let warehouse: String
        let program: RunningProgram

        init(_ arguments: [String] = [], files: [String] = ["a.mp3"], under wrapper: [String] = [])
            throws
        {
            folder = try TemporaryFolder()
            source = folder / "music"
            warehouse = folder / "w"
            try FileSystem.makeDirectories(source)
            for (number, name) in files.enumerated() {
                try write(WatchTests.song(number), to: source + "/" + name)
            }
            program = try Program.spindle.start(
                [
                    "ingest", "--watch", "--settle", "0.1", "--source", source, "--workers", "1",
                    "--warehouse", warehouse,
                ] + arguments, under: wrapper)
            try wait { try $0.states().values.count { $0 == "present" } >= files.count }
            try wait { $0.program.stderrSoFar.contains(" songs") }
        }

        /// By path: state, or the title where it is present.
        func states(titles: Bool = false) throws -> [String: String] {
            let path = warehouse + "/ledger.sqlite"
            guard FileSystem.exists(path),
                let database = try? Database(path: path),
                var rows = try? database.prepare("SELECT path, state, title FROM files")
            else { return [:] }
            var states: [String: String] = [:]
            while try rows.step() {
                states[rows.text(0)] = titles ? rows.text(2) : rows.text(1)
            }
            return states
        }

        /// Until it is so; a minute is an end that only a fault meets.
        func wait(_ isSo: (Watched) throws -> Bool) throws {
            for _ in 0..<6000 {
                if (try? isSo(self)) == true { return }
                guard program.isRunning else { break }
                usleep(10_000)
            }
            Issue.record("it never came: \(program.stderrSoFar)")
        }

        func end(_ signal: Int32 = SIGTERM) throws {
            program.kill(signal)
            let result = program.wait()
            #expect(result.code == 0, "\(result.stderr)")
            #expect(result.stderr.hasSuffix("stopped\n"))
            #expect(try FileSystem.list(warehouse + "/tmp") == [])
        }
    }

    private static func song(_ number: Int, title: String = "Song") -> [UInt8] {
        MP3.id3v2([("TIT2", title)]) + MP3.audio(frames: 5, from: number * 100)
    }

    @Test func `files that come, change, move and go are taken while it runs`() throws {
        let watched = try Watched(files: ["a.mp3", "b.mp3", "c.mp3", "d.mp3"])
        try write(Self.song(7), to: watched.source + "/e.mp3")
        try watched.wait { try $0.states()["e.mp3"] == "present" }
        try write(Self.song(0, title: "Other"), to: watched.source + "/a.mp3")
        try watched.wait { try $0.states(titles: true)["a.mp3"] == "Other" }
        #expect(rename(watched.source + "/b.mp3", watched.source + "/z.mp3") == 0)
        try watched.wait {
            try $0.states()["z.mp3"] == "present" && $0.states()["b.mp3"] != "present"
        }
        try watched.wait { $0.program.stderrSoFar.contains("1 moved") }
        try FileSystem.remove(watched.source + "/c.mp3")
        try watched.wait { try $0.states()["c.mp3"] == "gone" }
        try watched.end()
    }

    @Test func `files in folders that are new while it runs are taken, and what follows there`()
        throws
    {
        let watched = try Watched()
        try FileSystem.makeDirectories(watched.source + "/new/deep")
        try write(Self.song(1), to: watched.source + "/new/deep/b.mp3")
        try watched.wait { try $0.states()["new/deep/b.mp3"] == "present" }
        try write(Self.song(2), to: watched.source + "/new/deep/c.mp3")
        try watched.wait { try $0.states()["new/deep/c.mp3"] == "present" }
        // A folder with files that comes from elsewhere, in one step.
        let outside = watched.folder / "outside"
        try FileSystem.makeDirectories(outside)
        try write(Self.song(3), to: outside + "/d.mp3")
        #expect(rename(outside, watched.source + "/moved") == 0)
        try watched.wait { try $0.states()["moved/d.mp3"] == "present" }
        try watched.end(SIGINT)
    }

    @Test func `a source that vanishes marks nothing gone, and is taken again when it is back`()
        throws
    {
        let watched = try Watched(files: ["a.mp3", "b.mp3"])
        let away = watched.folder / "away"
        #expect(rename(watched.source, away) == 0)
        try watched.wait { $0.program.stderrSoFar.contains("nothing of it is marked gone") }
        try watched.wait { $0.program.stderrSoFar.contains("error: ") }
        #expect(try watched.states() == ["a.mp3": "present", "b.mp3": "present"])
        try write(Self.song(5), to: away + "/c.mp3")
        #expect(rename(away, watched.source) == 0)
        try watched.wait { try $0.states()["c.mp3"] == "present" }
        try watched.end()
    }

    @Test func `more missing files than the limit allows are not marked gone`() throws {
        let watched = try Watched(files: ["a.mp3", "b.mp3", "c.mp3"])
        try FileSystem.remove(watched.source + "/a.mp3")
        try FileSystem.remove(watched.source + "/b.mp3")
        try watched.wait { $0.program.stderrSoFar.contains("--accept-removals") }
        #expect(try Set(watched.states().values) == ["present"])
        try watched.end()
    }

    @Test func `while a night holds the warehouse it waits`() throws {
        let watched = try Watched()
        try RunLock.hold(Warehouse(path: watched.warehouse), command: "a long night") {
            try write(Self.song(1), to: watched.source + "/b.mp3")
            try watched.wait { $0.program.stderrSoFar.contains("waiting: ") }
            #expect(watched.program.stderrSoFar.contains("a long night"))
            #expect(try watched.states()["b.mp3"] == nil)
        }
        try watched.wait { try $0.states()["b.mp3"] == "present" }
        try watched.end()
    }

    @Test func `of two sources only that which changed is scanned, and the night takes both`()
        throws
    {
        let other = try TemporaryFolder()
        try write(Self.song(50), to: other / "o.mp3")
        let watched = try Watched(["--source", other.path])
        try write(Self.song(1), to: watched.source + "/b.mp3")
        try watched.wait { try $0.states()["b.mp3"] == "present" }
        try watched.end()
        let last = watched.program.wait().stderr
        #expect(last.contains("saw 2 files: 1 new"))
        #expect(!last.contains("which was not scanned"))
    }

    /// A user namespace has a limit of its own, which can be as low as one likes.
    @Test func `where inotify has no watches left it says what to raise and goes on`() throws {
        let script = "echo 1 > /proc/sys/user/max_inotify_watches && exec \"$@\""
        let wrapper = ["unshare", "-Ur", "sh", "-c", script, "sh"]
        let allowed = try Program(path: "/bin/true").run([], under: wrapper).code == 0
        try #require(allowed, "user namespaces are needed")
        let folder = try TemporaryFolder()
        try FileSystem.makeDirectories(folder / "music/deep/er")
        try write(Self.song(1), to: folder / "music/deep/er/a.mp3")
        let program = try Program.spindle.start(
            [
                "ingest", "--watch", "--source", folder / "music", "--warehouse", folder / "w",
                "--settle", "0",
            ], under: wrapper)
        for _ in 0..<6000 where program.isRunning && !program.stderrSoFar.contains("1 new") {
            usleep(10_000)
        }
        program.kill(SIGTERM)
        let result = program.wait()
        #expect(result.code == 0)
        #expect(result.stderr.contains("fs.inotify.max_user_watches"))
        #expect(result.stderr.contains("scanned every 10 minutes"))
        #expect(result.stderr.contains("1 new"))
    }

    @Test(arguments: [
        ["--accept-removals"], ["--reread"], ["--force"], ["--files", "-"], ["--settle", "soon"],
        ["--settle", "-1"], ["--rescan", "0"],
    ])
    func `what makes no sense while watching is refused`(arguments: [String]) throws {
        let result = try Program.spindle.run(
            ["ingest", "--watch", "--source", "/tmp", "--warehouse", "/tmp/none"] + arguments)
        #expect(result.code == 64)
    }

    /// A file of holes takes minutes to hash.
    @Test func `a long file does not hold the end up`() throws {
        let folder = try TemporaryFolder()
        try FileSystem.makeDirectories(folder / "music")
        try write(Self.song(1), to: folder / "music/a.mp3")
        try shell("truncate -s 300G '\(folder / "music/b.mp3")'")
        let program = try Program.spindle.start([
            "ingest", "--watch", "--source", folder / "music", "--warehouse", folder / "w",
            "--settle", "0", "--workers", "1",
        ])
        // The first file's parts have been read, and the second's are being copied.
        func temporary() -> [String] { (try? FileSystem.list(folder / "w/tmp")) ?? [] }
        for _ in 0..<6000 where !temporary().contains(where: { $0.contains("-intake-2-") }) {
            usleep(10_000)
        }
        program.kill(SIGTERM)
        let result = program.wait()
        #expect(result.code == 0)
        #expect(result.stderr.hasSuffix("stopped\n"), "\(result.stderr)")
        #expect(temporary() == [])
        // What was read before is kept.
        let database = try Database(path: folder / "w/ledger.sqlite", mode: .readOnly)
        #expect(try database.scalar("SELECT count(*) FROM files WHERE state = 'present'") == 1)
    }

    /// Told to stop in the middle of a first run, it commits what it has and goes.
    @Test func `a long first run is stopped between files and loses nothing`() throws {
        let folder = try TemporaryFolder()
        let count = 3000
        try FileSystem.makeDirectories(folder / "music")
        for number in 0..<count {
            try write(Self.song(number), to: folder / "music/\(number).mp3")
        }
        let program = try Program.spindle.start([
            "ingest", "--watch", "--source", folder / "music", "--warehouse", folder / "w",
            "--workers", "1",
        ])
        while program.isRunning, (try? FileSystem.list(folder / "w/blobs"))?.isEmpty ?? true {
            usleep(1000)
        }
        program.kill(SIGTERM)
        let result = program.wait()
        #expect(result.code == 0)
        #expect(!result.stderr.contains("error"))
        #expect(try FileSystem.list(folder / "w/tmp") == [])
        let kept = Int(
            try Database(path: folder / "w/ledger.sqlite").scalar(
                "SELECT count(*) FROM files WHERE state = 'present'") ?? 0)
        #expect(kept > 0 && kept <= count)
        let next = try Program.spindle.run([
            "ingest", "--source", folder / "music", "--warehouse", folder / "w",
        ])
        #expect(next.code == 0)
        #expect(next.stderr.contains("saw 3,000 files: "))
        #expect(next.stderr.contains(" \(grouped(kept)) unchanged"))
    }

    private func grouped(_ number: Int) -> String {
        number < 1000 ? "\(number)" : "\(number / 1000),\(String(number % 1000 + 1000).dropFirst())"
    }
}
