import Catalog
import Foundation
import Ingest
import MPEGAudio
import Storage
import Synchronization
import TestSupport
import Testing

struct ImporterTests {
    private static let night = CalendarDate(year: 2026, month: 11, day: 19)

    /// A warehouse, and a source folder that may be changed.
    private func withSource(sample: Bool = false, _ body: (Warehouse, String) throws -> Void) throws
    {
        try withTemporaryFolder { folder in
            let warehouse = Warehouse(path: folder + "/w")
            try warehouse.prepare()
            let source = FileSystem.absolute(folder) + "/source"
            if sample {
                try FileManager.default.copyItem(
                    atPath: Repository.sample + "/music", toPath: source)
            } else {
                try FileSystem.makeDirectories(source)
            }
            try body(warehouse, source)
            // Whatever was done, nothing is left lying about, and every blob is what its name says.
            #expect(try FileSystem.list(warehouse.temporaryPath) == [])
            for path in try files(below: warehouse.blobsPath) {
                #expect(try SHA256.hash(fileAt: path).hex == FileSystem.name(of: path))
            }
        }
    }

    @discardableResult
    private func run(
        _ warehouse: Warehouse, _ source: String, night: CalendarDate = Self.night,
        _ options: Importer.Options = .init()
    ) throws -> IngestSummary {
        let summary = try Importer(warehouse, sources: [source], options: options).run(date: night)
        #expect(
            summary.seen == summary.new + summary.changed + summary.duplicate + summary.unchanged
                + summary.rejected + summary.ignored)
        return summary
    }

    private func files(below path: String) throws -> [String] {
        guard FileSystem.exists(path) else { return [] }
        return try FileSystem.list(path).flatMap { name -> [String] in
            let child = path + "/" + name
            return try FileStatus.of(child, followLinks: false)?.kind == .directory
                ? files(below: child) : [child]
        }
    }

    private func file(_ warehouse: Warehouse, _ source: String, _ path: String) throws
        -> LedgerFile?
    {
        try Ledger(warehouse, .readOnly).file(source: source, path: Array(path.utf8))
    }

    private func songs(_ warehouse: Warehouse) throws -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        try Ledger(warehouse, .readOnly).forEachSong { entries.append($0) }
        return entries
    }

    // MARK: The sample library

    @Test func `the sample library comes in as its ground truth says`() throws {
        try withSource(sample: true) { warehouse, source in
            let summary = try run(warehouse, source)
            let truth = try SampleSong.all
            #expect(summary.seen == 41)
            #expect(summary.new == truth.count + 1)  // and the truncated one
            #expect(summary.duplicate == 1)
            #expect(summary.rejected == 2)
            #expect(summary.ignored == 1)
            #expect(summary.gone == 0)
            #expect(summary.songs == truth.count + 1)

            let entries = Dictionary(
                uniqueKeysWithValues: try songs(warehouse).map { ($0.song.id.hex, $0) })
            for song in truth {
                let entry = try #require(entries[song.id], "\(song)")
                #expect(abs(entry.song.durationMs - song.durationMs) <= 1, "\(song)")
                #expect(entry.song.sizeBytes == song.audioBytes, "\(song)")
                #expect(entry.song.channels == song.channels, "\(song)")
                #expect(entry.song.sampleRateHz == song.sampleRateHz, "\(song)")
                #expect(entry.song.isVBR == song.isVBR, "\(song)")
                #expect((entry.cover != nil) == song.hasCover, "\(song)")
                #expect(entry.added == "2026-11-19")
                for path in song.paths {
                    #expect(
                        try file(warehouse, source, String(path.dropFirst("music/".count)))?.song?
                            .hex == song.id)
                }
            }
            let untagged = try file(warehouse, source, "Troublesome/untagged.mp3")
            #expect(untagged?.tags.title == "untagged")
            #expect(untagged?.warnings == ["no_title: untagged.mp3"])
            #expect(
                try file(warehouse, source, "Troublesome/misnamed.dat")?.warnings == [
                    "not_named_mp3: Troublesome/misnamed.dat"
                ])
            let truncated = try #require(try file(warehouse, source, "Troublesome/truncated.mp3"))
            #expect(truncated.state == .present)
            #expect(truncated.warnings.count == 1)
            #expect(truncated.warnings[0].hasPrefix("truncated: the last frame lacks "))
            #expect(try file(warehouse, source, "Troublesome/cover.txt")?.state == .ignored)
            let sound = try songs(warehouse).filter {
                $0.tags.title != "untagged" && !$0.tags.title.contains("(")
            }
            #expect(sound.count == truth.count - 2)
        }
    }

    @Test(arguments: [
        ("Troublesome/zero-bytes.mp3", "empty", "0 bytes"),
        ("Troublesome/not-an-mp3.mp3", "not_mpeg_audio", "looks like an HTML page"),
    ])
    func `what is no audio is set aside with its reason and its bytes`(
        path: String, reason: String, detail: String
    ) throws {
        try withSource(sample: true) { warehouse, source in
            try run(warehouse, source)
            let rejected = try #require(try file(warehouse, source, path))
            #expect(rejected.state == .rejected)
            #expect(rejected.reason == reason)
            #expect(rejected.detail == detail)
            #expect(rejected.song == nil)
            let original = try contents(source + "/" + path)
            if original.isEmpty {
                #expect(rejected.head == nil)
            } else {
                let exporter = Exporter(warehouse)
                var bytes: [UInt8] = []
                try exporter.write(try exporter.find(path)) { bytes += Array($0) }
                #expect(bytes == original)
            }
        }
    }

    @Test func `every file comes back byte for byte`() throws {
        try withSource(sample: true) { warehouse, source in
            try run(warehouse, source)
            let exporter = Exporter(warehouse)
            var count = 0
            for path in try files(below: source)
            where !path.hasSuffix("zero-bytes.mp3") && !path.hasSuffix("cover.txt") {
                let target = warehouse.path + "/../out"
                for name in [path, String(path.dropFirst(source.count + 1))] {
                    let found = try exporter.find(name)
                    #expect(found.path == path)
                    try exporter.write(found, to: target)
                    #expect(try SHA256.hash(fileAt: target) == SHA256.hash(fileAt: path), "\(path)")
                    try FileSystem.remove(target)
                }
                count += 1
            }
            #expect(count == 39)
            let id = try SampleSong.all[0].id
            #expect(try exporter.find(id).path.hasSuffix("01 Freude!.mp3"))
            #expect(throws: NothingKept.self) { try exporter.find("nothing") }
            #expect(throws: NothingKept.self) { try exporter.find("Troublesome/cover.txt") }
        }
    }

    @Test func `an export of a damaged blob fails and leaves no file`() throws {
        try withTemporaryFolder { folder in
            let warehouse = Warehouse(path: folder + "/w")
            try warehouse.prepare()
            let source = folder + "/source"
            try FileSystem.makeDirectories(source)
            try write(MP3.audio(frames: 5), to: source + "/a.mp3")
            try run(warehouse, source)
            let exporter = Exporter(warehouse)
            let found = try exporter.find("a.mp3")
            var bytes = MP3.audio(frames: 5)
            bytes[1000] ^= 1
            try write(bytes, to: BlobStore(warehouse).path(found.parts[0]))
            #expect(throws: FormatError.self) { try exporter.write(found, to: folder + "/out") }
            #expect(!FileSystem.exists(folder + "/out"))
        }
    }

    @Test func `a second run finds all unchanged and writes nothing`() throws {
        try withSource(sample: true) { warehouse, source in
            try run(warehouse, source)
            let fingerprint = try Importer(warehouse, sources: [source]).fingerprint()
            func state() throws -> [String: Digest] {
                Dictionary(
                    uniqueKeysWithValues: try files(below: warehouse.path).map {
                        ($0, try SHA256.hash(fileAt: $0))
                    })
            }
            let before = try state()
            let ledger = try FileStatus.of(warehouse.ledgerPath)
            let summary = try run(warehouse, source, night: Self.night.next)
            #expect(summary.unchanged == 38)
            #expect(summary.rejected == 2)
            #expect(summary.ignored == 1)
            #expect(summary.bytesRead == 0)
            #expect(try state() == before)
            // Not even the same bytes once more.
            #expect(try FileStatus.of(warehouse.ledgerPath) == ledger)
            #expect(try Importer(warehouse, sources: [source]).fingerprint() == fingerprint)
        }
    }

    @Test func `copies of a source on two machines give the same content`() throws {
        var digests: [Digest] = []
        for round in 0..<2 {
            try withSource(sample: true) { warehouse, source in
                for path in try files(below: source) {
                    try FileManager.default.setAttributes(
                        [.modificationDate: Date(timeIntervalSince1970: Double(round) * 1e8)],
                        ofItemAtPath: path)
                }
                try run(warehouse, source)
                let ledger = try Ledger(warehouse, .readOnly)
                digests.append(try ledger.contentDigest())
                #expect(try ledger.meta("content_digest") == digests.last?.hex)
            }
        }
        #expect(digests[0] == digests[1])
    }

    // MARK: Changes

    /// A tagged file whose audio is told apart by `number`.
    private func song(_ number: Int, title: String = "Song", tail: [UInt8] = []) -> [UInt8] {
        MP3.id3v2([("TIT2", title)]) + MP3.audio(frames: 5, from: number * 100) + tail
    }

    @Test func `a touched file is read again and is the same song`() throws {
        try withSource { warehouse, source in
            try write(song(1), to: source + "/a.mp3")
            try run(warehouse, source)
            let fingerprint = try Importer(warehouse, sources: [source]).fingerprint()
            let before = try songs(warehouse)
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 5)], ofItemAtPath: source + "/a.mp3"
            )
            #expect(try Importer(warehouse, sources: [source]).fingerprint() != fingerprint)
            let summary = try run(warehouse, source, night: Self.night.next)
            #expect(summary.changed == 1)
            #expect(summary.songs == 1)
            let after = try songs(warehouse)
            #expect(after.map(\.song) == before.map(\.song))
            #expect(after.map(\.added) == ["2026-11-19"])
        }
    }

    @Test func `a file with other tags, and one that was moved, keep their ids`() throws {
        try withSource { warehouse, source in
            try write(song(1, title: "Before"), to: source + "/a.mp3")
            try write(song(2), to: source + "/b.mp3")
            try run(warehouse, source)
            let ids = try songs(warehouse).map(\.song.id)
            try write(song(1, title: "After", tail: MP3.id3v1()), to: source + "/a.mp3")
            try FileSystem.rename(source + "/b.mp3", to: source + "/c.mp3")
            let summary = try run(warehouse, source)
            #expect(summary.changed == 1)
            #expect(summary.gone == 1)
            #expect(summary.songs == 2)
            #expect(try songs(warehouse).map(\.song.id) == ids)
            #expect(try file(warehouse, source, "a.mp3")?.tags.title == "After")
            #expect(try file(warehouse, source, "b.mp3")?.state == .gone)
            #expect(try file(warehouse, source, "c.mp3")?.state == .present)
        }
    }

    @Test func `a vanished file is gone, its bytes are kept, and it may come back`() throws {
        try withSource { warehouse, source in
            for number in 1...4 { try write(song(number), to: "\(source)/\(number).mp3") }
            try write(Array("text".utf8), to: source + "/note.txt")
            try write([UInt8](), to: source + "/zero.mp3")
            try run(warehouse, source)
            let bytes = try contents(source + "/2.mp3")
            for name in ["2.mp3", "note.txt", "zero.mp3"] {
                try FileSystem.remove(source + "/" + name)
            }
            let summary = try run(warehouse, source)
            #expect(summary.gone == 1)
            #expect(summary.songs == 3)
            #expect(try file(warehouse, source, "2.mp3")?.state == .gone)
            // Of those nothing was kept that could be missed.
            #expect(try file(warehouse, source, "note.txt") == nil)
            #expect(try file(warehouse, source, "zero.mp3") == nil)
            let exporter = Exporter(warehouse)
            var exported: [UInt8] = []
            try exporter.write(try exporter.find("2.mp3")) { exported += Array($0) }
            #expect(exported == bytes)
            #expect(try run(warehouse, source).gone == 0)
            try write(bytes, to: source + "/2.mp3")
            #expect(try run(warehouse, source).songs == 4)
            #expect(try file(warehouse, source, "2.mp3")?.state == .present)
        }
    }

    @Test func `when more than half is missing nothing is marked gone unless that is accepted`()
        throws
    {
        try withSource { warehouse, source in
            for number in 1...4 { try write(song(number), to: "\(source)/\(number).mp3") }
            try run(warehouse, source)
            for number in 1...3 { try FileSystem.remove("\(source)/\(number).mp3") }
            try write(song(5), to: source + "/5.mp3")
            let error = #expect(throws: RemovalsNotAccepted.self) { try run(warehouse, source) }
            #expect(error?.gone == 3)
            #expect(error?.known == 4)
            #expect(error?.cause == .badData)
            // What is new came in all the same.
            #expect(try songs(warehouse).count == 5)
            var options = Importer.Options()
            options.acceptsRemovals = true
            #expect(try run(warehouse, source, options).gone == 3)
            #expect(try songs(warehouse).count == 2)
        }
    }

    @Test func `a source that is not there stops the run and marks nothing`() throws {
        try withSource { warehouse, source in
            try write(song(1), to: source + "/a.mp3")
            try run(warehouse, source)
            try FileSystem.rename(source, to: source + "-away")
            let error = #expect(throws: FileError.self) { try run(warehouse, source) }
            #expect(error?.cause == .inputMissing)
            #expect(try songs(warehouse).count == 1)
        }
    }

    @Test func `past the reject limit the run fails and still keeps what is good`() throws {
        try withSource { warehouse, source in
            try write(song(1), to: source + "/a.mp3")
            try write([UInt8](), to: source + "/b.mp3")
            var options = Importer.Options()
            options.rejectLimit = .count(0)
            let error = #expect(throws: RejectLimitExceeded.self) {
                try run(warehouse, source, options)
            }
            #expect(error?.rejected == 1)
            #expect(error?.total == 2)
            #expect(try songs(warehouse).count == 1)
            options.rejectLimit = .percent(50)
            #expect(try run(warehouse, source, options).rejected == 1)
        }
    }

    @Test func `of files with one audio the first by path speaks, and then the next`() throws {
        try withSource { warehouse, source in
            try write(song(1, title: "B"), to: source + "/b.mp3")
            try write(song(1, title: "C"), to: source + "/c.mp3")
            try write(song(9), to: source + "/other.mp3")
            #expect(try run(warehouse, source).duplicate == 1)
            #expect(try songs(warehouse).first { $0.tags.title != "Song" }?.tags.title == "B")
            try FileSystem.remove(source + "/b.mp3")
            #expect(try run(warehouse, source).songs == 2)
            #expect(try songs(warehouse).first { $0.tags.title != "Song" }?.tags.title == "C")
        }
    }

    // MARK: Odd files

    private func move(_ path: String, to target: [UInt8]) -> Int32 {
        let target = (target + [0]).map { CChar(bitPattern: $0) }
        return rename(path, target)
    }

    private func removeFile(_ path: [UInt8]) -> Int32 {
        let path = (path + [0]).map { CChar(bitPattern: $0) }
        return unlink(path)
    }

    @Test func `a name that is no UTF-8 comes in, stays unchanged and goes`() throws {
        try withSource { warehouse, source in
            let names: [[UInt8]] = [
                [0xff, 0x2e, 0x6d, 0x70, 0x33], [0xfe, 0x2e, 0x6d, 0x70, 0x33], Array("é.mp3".utf8),
            ]
            for (index, name) in names.enumerated() {
                try write(song(index + 1), to: source + "/x")
                #expect(move(source + "/x", to: Array(source.utf8) + [47] + name) == 0)
            }
            #expect(try run(warehouse, source).new == 3)
            let ledger = try Ledger(warehouse, .readOnly)
            #expect(
                try ledger.file(source: source, path: names[0])?.song
                    != ledger.file(source: source, path: names[1])?.song)
            #expect(try run(warehouse, source).unchanged == 3)
            #expect(removeFile(Array(source.utf8) + [47] + names[0]) == 0)
            #expect(try run(warehouse, source).gone == 1)
            #expect(try ledger.file(source: source, path: names[0])?.state == .gone)
        }
    }

    @Test
    func
        `a file that the system refuses is a reject, is told again, and comes in when it can be read`()
        throws
    {
        try withSource { warehouse, source in
            // sysfs refuses to open this one for reading, root or not.
            try FileSystem.link(target: "/sys/bus/cpu/uevent", at: source + "/refused.mp3")
            try FileSystem.link(target: "a/b", at: source + "/obstacle.mp3")
            try write(song(1), to: source + "/a")
            for _ in 0..<2 {
                let summary = try run(warehouse, source)
                #expect(summary.rejected == 2)
                for name in ["refused.mp3", "obstacle.mp3"] {
                    let file = try file(warehouse, source, name)
                    #expect(file?.reason == "unreadable")
                    #expect(file?.detail?.isEmpty == false)
                }
            }
            for name in ["refused.mp3", "obstacle.mp3"] {
                try FileSystem.remove(source + "/" + name)
                try write(song(name.count), to: source + "/" + name)
            }
            #expect(try run(warehouse, source).rejected == 0)
            #expect(try songs(warehouse).count == 3)
        }
    }

    @Test func `a song whose file cannot be read any more stays in the catalogue`() throws {
        try withSource { warehouse, source in
            try FileSystem.makeDirectories(source + "/below")
            try write(song(1), to: source + "/a.mp3")
            try write(song(2), to: source + "/below/b.mp3")
            try write(song(3), to: source + "/c.mp3")
            try run(warehouse, source)
            chmod(warehouse.path + "/tmp", 0o777)
            // The file is another now, and refuses to be read; the folder is none any more.
            try FileSystem.remove(source + "/a.mp3")
            try FileSystem.link(target: "/sys/bus/cpu/uevent", at: source + "/a.mp3")
            try FileSystem.rename(source + "/below", to: source + "/../below")
            try FileSystem.link(target: "c.mp3/none", at: source + "/below")
            let summary = try run(warehouse, source)
            #expect(summary.rejected == 2)
            #expect(summary.gone == 0)
            #expect(try songs(warehouse).count == 3)
        }
    }

    @Test func `a file that changes while it is read is never half in`() throws {
        try withSource { warehouse, source in
            let versions = (0..<2).map {
                song($0, title: "Version \($0)") + MP3.audio(frames: 3_000, from: $0 * 7)
            }
            try write(versions[0], to: source + "/a.mp3")
            let stop = Atomic(false), ended = Atomic(false)
            let path = source + "/a.mp3"
            let writer = Thread {
                var number = 0
                while !stop.load(ordering: .relaxed) {
                    number += 1
                    // In place, as a careless tagger does.
                    let file = open(path, O_WRONLY)
                    versions[number % 2].withUnsafeBytes {
                        _ = Glibc.write(file, $0.baseAddress!, $0.count)
                    }
                    close(file)
                }
                ended.store(true, ordering: .releasing)
            }
            writer.start()
            let whole = Set(
                try versions.map { version in
                    try withTemporaryFolder { folder -> Digest in
                        try write(version, to: folder + "/f")
                        let file = try FileDescriptor(folder + "/f", .read)
                        let parts = try #require(
                            try FileParts.find(in: file, sizeBytes: version.count))
                        return SHA256.hash(Array(version[parts.audio]))
                    }
                })
            var outcomes: [String] = []
            for _ in 0..<15 {
                try run(warehouse, source)
                let file = try #require(try file(warehouse, source, "a.mp3"))
                outcomes.append(file.reason ?? file.state.rawValue)
                if let song = file.song {
                    #expect(whole.contains(song), "half of one and half of the other")
                }
            }
            stop.store(true, ordering: .relaxed)
            while !ended.load(ordering: .acquiring) { usleep(1000) }
            // Quiet again: it comes in.
            try run(warehouse, source)
            #expect(try file(warehouse, source, "a.mp3")?.state == .present, "\(outcomes)")
            #expect(whole.contains(try #require(try file(warehouse, source, "a.mp3")?.song)))
        }
    }

    @Test func `a damaged ledger is told with what to do`() throws {
        try withSource { warehouse, source in
            try write(song(1), to: source + "/a.mp3")
            try run(warehouse, source)
            try write(String(repeating: "no ledger ", count: 1000), to: warehouse.ledgerPath)
            let error = #expect(throws: FormatError.self) { try run(warehouse, source) }
            #expect(error?.path == warehouse.ledgerPath)
            #expect(error?.hint?.contains("backup") == true)
        }
    }

    @Test func `several sources are kept apart`() throws {
        try withSource { warehouse, source in
            for name in ["one", "two"] { try FileSystem.makeDirectories(source + "/" + name) }
            try write(song(1), to: source + "/one/a.mp3")
            try write(song(2), to: source + "/two/a.mp3")
            let both = Importer(warehouse, sources: [source + "/one", source + "/two/"])
            let summary = try both.run(date: Self.night)
            #expect(summary.new == 2)
            #expect(summary.songs == 2)
            #expect(try both.run(date: Self.night).unchanged == 2)
            #expect(try file(warehouse, source + "/two", "a.mp3")?.state == .present)
        }
    }
}
