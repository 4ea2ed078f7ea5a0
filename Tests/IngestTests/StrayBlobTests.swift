import Catalog
import Foundation
import Ingest
import Storage
import TestSupport
import Testing

/// Blobs that no row of the ledger names any more.
struct StrayBlobTests {
    private typealias Fixture = IngestFixture

    private func removeStrays(
        _ fixture: IngestFixture, days: Int, daysLater: Int = 0,
        unless isNeeded: (Digest) -> Bool = { _ in false }
    ) throws -> Int {
        let ledger = try Ledger(fixture.warehouse, .readWrite)
        let now = Timestamp(milliseconds: Timestamp.now.milliseconds + daysLater * 86_400_000)
        return try LedgerRetention(ledger, fixture.warehouse)
            .removeStrays(olderThanDays: days, now: now, unless: isNeeded)
    }

    @Test func `what a later version has replaced goes when it is old, and nothing else`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1, title: "Old", tail: MP3.id3v1()), "a.mp3")
            try fixture.put(Fixture.song(2), "b.mp3")
            try fixture.put(Array("no music".utf8), "bad.mp3")
            try fixture.run()
            let before = try fixture.files(below: fixture.warehouse.blobsPath)
            #expect(try removeStrays(fixture, days: 0) == 0)
            try fixture.put(Fixture.song(1, title: "New"), "a.mp3")
            try fixture.put(Fixture.song(3), "b.mp3")
            try fixture.run()
            #expect(try removeStrays(fixture, days: 30) == 0)
            // Its head and tail, and the audio of the other; that one's head is both versions'.
            #expect(try removeStrays(fixture, days: 30, daysLater: 31) == 3)
            #expect(try fixture.exported("a.mp3") == Fixture.song(1, title: "New"))
            #expect(try fixture.exported("b.mp3") == Fixture.song(3))
            #expect(try fixture.exported("bad.mp3") == Array("no music".utf8))
            let after = Set(try fixture.files(below: fixture.warehouse.blobsPath))
            #expect(Set(before).subtracting(after).count == 3)
        }
    }

    /// Stored long before, it has been of use until now.
    @Test func `the time counts from when it was replaced`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1, title: "Old"), "a.mp3")
            try fixture.run()
            let head = try #require(try fixture.file("a.mp3")?.head?.digest)
            let path = BlobStore(fixture.warehouse).path(head)
            let stored = try #require(try FileStatus.of(path)).changedNs
            try fixture.put(Fixture.song(1, title: "New"), "a.mp3")
            try fixture.run()
            #expect(try #require(try FileStatus.of(path)).changedNs > stored)
        }
    }

    @Test func `what a snapshot holds stays, and what a killed run has left goes`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            try fixture.run()
            let bytes = Array("left by a run that was killed".utf8)
            let digest = SHA256.hash(bytes)
            let path = BlobStore(fixture.warehouse).path(digest)
            try FileSystem.makeDirectories(FileSystem.parent(of: path))
            try write(bytes, to: path)
            #expect(try removeStrays(fixture, days: 0) { $0 == digest } == 0)
            #expect(try removeStrays(fixture, days: 0) == 1)
            #expect(!FileSystem.exists(path))
        }
    }
}
