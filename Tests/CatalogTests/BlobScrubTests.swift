import Catalog
import Storage
import Synchronization
import TestSupport
import Testing

/// Which blobs are read when, and what is kept of it.
struct BlobScrubTests {
    private final class Clock: Sendable {
        private let milliseconds = Mutex(1_790_000_000_000)
        /// A minute at each look.
        func next() -> Timestamp {
            milliseconds.withLock { value in
                value += 60_000
                return Timestamp(milliseconds: value)
            }
        }
    }

    private func withBlobs(_ count: Int, _ body: (Warehouse, [Digest]) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let warehouse = Warehouse(path: folder + "/w")
            try warehouse.prepare()
            let store = BlobStore(warehouse)
            let blobs = try (0..<count).map { number in
                let bytes = [UInt8]("blob \(number)".utf8)
                let path = warehouse.temporaryPath("blob")
                try write(bytes, to: path)
                try store.adopt(path, as: SHA256.hash(bytes))
                return SHA256.hash(bytes)
            }
            try body(warehouse, blobs.sorted())
        }
    }

    @Test func `a run that has no time left goes on where it ended, oldest first`() throws {
        try withBlobs(30) { warehouse, blobs in
            let clock = Clock()
            var options = BlobScrub.Options()
            options.clock = clock.next
            options.limitMinutes = 15
            var runs = 0
            var seen = 0
            var left: [Int] = []
            repeat {
                let (summary, record) = try BlobScrub(warehouse, options).run()
                seen += summary.blobs
                left.append(summary.foldersLeft)
                runs += 1
                #expect(record.passFinished == nil || summary.foldersLeft == 0)
                #expect(try ScrubRecord.read(warehouse).folders == record.folders)
            } while left.last! > 0 && runs < 30
            #expect(runs > 1)
            #expect(seen == 30)
            #expect(left == left.sorted(by: >))
            // The next pass begins with the folder that this one began with.
            options.limitMinutes = 0
            let before = try ScrubRecord.read(warehouse)
            let (summary, record) = try BlobScrub(warehouse, options).run()
            #expect(summary.blobs == 1)
            let oldest = before.folders.min { $0.value.checked < $1.value.checked }?.key
            let renewed = record.folders.filter { before.folders[$0.key] != $0.value }
            #expect(renewed.map(\.key) == [try #require(oldest)])
        }
    }

    @Test func `a rotten blob is found, remembered, looked at first and forgotten`() throws {
        try withBlobs(5) { warehouse, blobs in
            let path = BlobStore(warehouse).path(blobs[3])
            let good = try contents(path)
            try write(good.dropLast() + [0], to: path)
            let (_, record) = try BlobScrub(warehouse).run()
            #expect(record.findings.mapValues(\.problem) == [blobs[3]: .rotten])
            var options = BlobScrub.Options()
            options.limitMinutes = 0
            let again = try BlobScrub(warehouse, options).run().1
            #expect(again.findings == record.findings)
            try write(good, to: path)
            let (summary, mended) = try BlobScrub(warehouse, options).run()
            #expect(summary.mended == 1)
            #expect(mended.findings == [:])
        }
    }

    @Test func `a blob that nobody names and that is removed is nothing to tell`() throws {
        try withBlobs(5) { warehouse, blobs in
            try write([0], to: BlobStore(warehouse).path(blobs[0]))
            #expect(try BlobScrub(warehouse).run().1.findings.count == 1)
            try BlobStore(warehouse).remove(blobs[0])
            #expect(try BlobScrub(warehouse).run().1.findings == [:])
        }
    }

    @Test(arguments: ["{}", "{\"format\":\"spindle-scrub\",\"version\":2}", "no json"])
    func `a record of another kind is refused`(text: String) throws {
        try withBlobs(1) { warehouse, _ in
            try write(text + "\n", to: warehouse.scrubPath)
            #expect(throws: FormatError.self) { try BlobScrub(warehouse).run() }
        }
    }
}
