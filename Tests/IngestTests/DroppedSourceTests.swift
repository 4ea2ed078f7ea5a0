import Catalog
import Foundation
import Ingest
import Storage
import Synchronization
import TestSupport
import Testing

/// Sources that go away while they are read, as a whole or in part, and come back.
struct DroppedSourceTests {
    private typealias Fixture = IngestFixture

    /// Does something before the file of a number is taken, in the order of the scan.
    private final class Script: Sendable {
        private let count = Mutex(0)
        private let steps: [Int: @Sendable () -> Void]

        init(_ steps: [Int: @Sendable () -> Void]) { self.steps = steps }

        func next() -> Bool {
            let number = count.withLock { value in
                value += 1
                return value
            }
            steps[number]?()
            return false
        }
    }

    private func move(_ from: String, _ to: String) -> @Sendable () -> Void {
        { _ = rename(from, to) }
    }

    private func fill(_ fixture: Fixture, _ folder: String, _ count: Int) throws {
        for number in 0..<count {
            try fixture.put(
                Fixture.song(number),
                folder + String(format: "%03d.mp3", number))
        }
    }

    @Test(arguments: [false, true])
    func `a source that drops out is named, and finished when it is back`(comesBack: Bool) throws {
        try Fixture.with { fixture in
            try fill(fixture, "", 40)
            let away = fixture.source + "-away"
            var steps = [5: move(fixture.source, away)]
            if comesBack { steps[35] = move(away, fixture.source) }
            let script = Script(steps)
            let error = #expect(throws: SourceDroppedOut.self) {
                try fixture.run { $0.isStopping = script.next }
            }
            #expect(error?.isReplaced == !comesBack)
            #expect(error?.cause == .inputMissing)
            if !comesBack { move(away, fixture.source)() }
            let summary = try fixture.run()
            #expect(summary.new + summary.unchanged == 40)
            #expect(summary.songs == 40)
        }
    }

    @Test func `nothing of a source that drops out is gone, nor moved`() throws {
        try Fixture.with { fixture in
            try fill(fixture, "", 40)
            try fixture.run()
            // Read once more, so that the run opens each.
            let away = fixture.source + "-away"
            let script = Script([5: move(fixture.source, away)])
            #expect(throws: SourceDroppedOut.self) {
                try fixture.run {
                    $0.isStopping = script.next
                    $0.rereads = true
                }
            }
            #expect(try fixture.songs().count == 40)
            move(away, fixture.source)()
            #expect(try fixture.run().unchanged == 40)
        }
    }

    @Test func `a few files that vanish and come back are kept, told and looked at again`() throws {
        try Fixture.with { fixture in
            try fill(fixture, "", 40)
            try fixture.run()
            let away = fixture.source + "-away"
            let script = Script([5: move(fixture.source, away), 8: move(away, fixture.source)])
            let summary = try fixture.run {
                $0.isStopping = script.next
                $0.rereads = true
            }
            #expect(summary.vanished == 3)
            #expect(summary.gone == 0)
            #expect(summary.seen == 37)
            #expect(summary.notes.count == 1)
            let importer = Importer(fixture.warehouse, sources: [fixture.source])
            #expect(try importer.fingerprint() != summary.fingerprint)
            let again = try fixture.run()
            #expect(again.unchanged == 40)
            #expect(try importer.fingerprint() == again.fingerprint)
        }
    }

    @Test func `a folder that is away for a moment is looked for by the next run`() throws {
        try Fixture.with { fixture in
            try fill(fixture, "", 4)
            try fill(fixture, "in/b/", 3)
            try fixture.put(Fixture.song(99), "z.mp3")
            let songs = try fixture.run().songs
            let folder = fixture.source + "/in/b"
            // Before its parent is listed, and back when all has been seen.
            let script = Script([
                1: move(folder, fixture.source + "-b"), 5: move(fixture.source + "-b", folder),
            ])
            let summary = try fixture.run { $0.isStopping = script.next }
            #expect(summary.gone == 3)
            let importer = Importer(fixture.warehouse, sources: [fixture.source])
            #expect(try importer.fingerprint() != summary.fingerprint)
            #expect(try fixture.run().songs == songs)
        }
    }

    @Test func `a folder that was listed and is not there is out of sight, not gone`() throws {
        try Fixture.with { fixture in
            try fill(fixture, "", 4)
            try fill(fixture, "in/", 3)
            try fixture.run()
            let script = Script([1: move(fixture.source + "/in", fixture.source + "-in")])
            let summary = try fixture.run { $0.isStopping = script.next }
            #expect(summary.gone == 0)
            #expect(summary.vanished == 1)
            #expect(summary.rejected == 0)
            #expect(summary.notes.count == 1)
            #expect(try fixture.file("in/000.mp3")?.state == .present)
        }
    }

    @Test func `a disk mounted in a source that is not there any more is asked about`() throws {
        try Fixture.with { fixture in
            let disk = "/dev/shm/spindle-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
            try FileSystem.makeDirectories(disk)
            defer { try? FileSystem.removeTree(disk) }
            let device = try #require(try FileStatus.of(disk)).device
            let own = try #require(try FileStatus.of(fixture.source)).device
            try #require(device != own, "needs a second disk")
            try fill(fixture, "", 40)
            try write(Fixture.song(99), to: disk + "/b.mp3")
            let mount = fixture.source + "/disk"
            try FileManager.default.createSymbolicLink(
                atPath: mount, withDestinationPath: disk)
            #expect(try fixture.run().new == 41)
            // One of 41 is far below the limit.
            try FileSystem.remove(mount)
            try FileSystem.makeDirectories(mount)
            let error = #expect(throws: RemovalsNotAccepted.self) { try fixture.run() }
            #expect(error?.why == .unmounted(mount))
            #expect(try fixture.songs().count == 41)
            #expect(try fixture.run { $0.acceptsRemovals = true }.gone == 1)
            #expect(try fixture.run().unchanged == 40)
        }
    }

    @Test func `what is no file is counted`() throws {
        try Fixture.with { fixture in
            try fill(fixture, "", 1)
            let link = fixture.source + "/link.mp3"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "no")
            #expect(mkfifo(fixture.source + "/pipe.mp3", 0o600) == 0)
            let summary = try fixture.run()
            #expect(summary.seen == 1)
            #expect(summary.irregular == 2)
        }
    }

    @Test func `a link into the warehouse is told`() throws {
        try Fixture.with { fixture in
            try fill(fixture, "", 1)
            let parent = FileSystem.parent(of: fixture.warehouse.path)
            try FileManager.default.createSymbolicLink(
                atPath: fixture.source + "/loop", withDestinationPath: parent)
            let summary = try fixture.run()
            #expect(summary.seen == 1)
            #expect(summary.notes.count == 1)
            #expect(summary.notes.first?.contains("/loop/w: leads into the warehouse") == true)
        }
    }

    @Test func `reading again counts what it mended, and calls nothing changed`() throws {
        try Fixture.with { fixture in
            try fill(fixture, "", 5)
            try fixture.run()
            let store = BlobStore(fixture.warehouse)
            let blobs = try fixture.songs().map { store.path($0.song.id) }
            try FileSystem.remove(blobs[0])
            var bytes = try contents(blobs[1])
            bytes[100] ^= 1
            try write(bytes, to: blobs[1])
            let summary = try fixture.run { $0.rereads = true }
            #expect(summary.unchanged == 5)
            #expect(summary.changed == 0)
            #expect(summary.mended == 2)
            #expect(try fixture.run { $0.rereads = true }.mended == 0)
        }
    }
}
