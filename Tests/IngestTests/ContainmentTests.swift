import Catalog
import Foundation
import Ingest
import Storage
import TestSupport
import Testing
import WorkerProcesses

/// What reads a file may die of it: that costs the file and not the run.
struct ContainmentTests {
    private typealias Fixture = IngestFixture

    private static let limits = WorkerLimits(
        memoryBytes: 256 << 20, cpuSeconds: 1, wallClockMs: 4000)

    @Test(arguments: [
        ("abort", "reader_crashed"), ("leave", "reader_crashed"), ("nonsense", "reader_crashed"),
        ("sigbus", "changed_while_read"), ("allocate", "reader_over_limit"),
        ("loop", "reader_over_limit"), ("stall", "reader_over_limit"),
    ])
    func `a file that its reader dies of is set aside whole, and the others come in`(
        name: String, reason: String
    ) throws {
        try Fixture.with { fixture in
            let hostile = Fixture.song(7)
            try fixture.put(hostile, "3-\(name).mp3")
            for number in [1, 2, 4, 5, 6] {
                try fixture.put(Fixture.song(number), "\(number).mp3")
            }
            let summary = try fixture.run {
                $0.workers = 2
                $0.workerProgram = Program(built: "IngestProbe").path
                $0.workerLimits = Self.limits
            }
            #expect(summary.new == 5)
            #expect(summary.rejected == 1)
            let file = try #require(try fixture.file("3-\(name).mp3"))
            #expect(file.state == .rejected)
            #expect(file.reason == reason)
            #expect(file.detail?.isEmpty == false)
            #expect(try fixture.exported("3-\(name).mp3") == hostile)
        }
    }

    @Test func `a song that its reader dies of later keeps its last good version`() throws {
        try Fixture.with { fixture in
            func options(_ options: inout Importer.Options) {
                options.workers = 1
                options.workerProgram = Program(built: "IngestProbe").path
                options.removalLimit = .percent(100)
            }
            try fixture.put(Fixture.song(1), "abort.mp3")
            try fixture.run()
            try fixture.put(Fixture.song(1, title: "Other"), "abort.mp3")
            let summary = try fixture.run(options)
            #expect(summary.damaged == 1)
            let file = try fixture.file("abort.mp3")
            #expect(file?.state == .present)
            #expect(file?.warnings.first?.contains("reader_crashed") == true)
        }
    }

    @Test func `worker processes read as this process does`() throws {
        var digests: [Digest] = []
        for workers in [0, 1, 3] {
            try Fixture.with(sample: true) { fixture in
                let summary = try fixture.run {
                    $0.workers = workers
                    $0.workerProgram = Program.spindle.path
                }
                #expect(summary.seen == 41)
                digests.append(try Ledger(fixture.warehouse, .readOnly).contentDigest())
            }
        }
        #expect(Set(digests).count == 1)
    }

    @Test func `a run that is told to stop keeps what was on its way`() throws {
        try Fixture.with { fixture in
            // More than go into the ledger at a time.
            for number in 0..<600 {
                try fixture.put(
                    MP3.audio(frames: 3 + number / 250, from: number % 250 * 10), "\(number).mp3")
            }
            try fixture.put(Fixture.song(1), "999-is-told-to-stop.mp3")
            #expect(throws: IngestStopped.self) {
                try fixture.run {
                    $0.workers = 1
                    $0.workerProgram = Program(built: "IngestProbe").path
                }
            }
            #expect(try fixture.songs().count >= 512)
        }
    }

    @Test func `a program that does not start is an error, not a reject`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            #expect(throws: WorkerError.self) {
                try fixture.run {
                    $0.workers = 1
                    $0.workerProgram = "/bin/false"
                }
            }
            #expect(try fixture.songs().isEmpty)
        }
    }

    @Test func `worker processes die with their parent`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            let run = try Program.spindle.start([
                "ingest", "--source", fixture.source, "--warehouse", fixture.warehouse.path + "-2",
                "--workers", "2",
            ])
            var workers: [pid_t] = []
            while workers.isEmpty, run.isRunning { workers = Self.children(of: run.processID) }
            run.kill(SIGKILL)
            _ = run.wait()
            for worker in workers {
                for _ in 0..<2000 where Glibc.kill(worker, 0) == 0 { usleep(5000) }
                #expect(Glibc.kill(worker, 0) != 0, "worker \(worker) lives on")
            }
            #expect(!workers.isEmpty)
        }
    }

    private static func children(of process: pid_t) -> [pid_t] {
        let path = "/proc/\(process)/task/\(process)/children"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: " ").compactMap { pid_t($0) }
    }
}
