import Catalog
import Foundation
import Ingest
import Storage
import TestSupport
import Testing

/// Files that come in a tar archive.
struct ArchiveTests {
    private typealias Fixture = IngestFixture

    private static let source = IngestSource(IngestSource.archivePrefix + "in")

    @discardableResult
    private func take(
        _ archive: String, _ fixture: IngestFixture, workers: Int = 0
    ) throws -> IngestSummary {
        let file = try FileDescriptor(archive, .read)
        var options = Importer.Options()
        options.workers = workers
        options.workerProgram = Program.spindle.path
        let summary = try Importer(fixture.warehouse, sources: [Self.source], options: options)
            .run(date: Fixture.night, archive: TarStream(descriptor: file.raw, name: "in.tar"))
        _ = consume file  // open until here
        return summary
    }

    private func tar(_ arguments: [String]) throws {
        let result = try Program(path: "/usr/bin/tar").run(arguments)
        #expect(result.code == 0, "\(result.stderr)")
    }

    /// An archive of ustar headers, with anything in them.
    private static func archive(
        _ members: [(name: [UInt8], type: Character, bytes: [UInt8], mtime: Int)]
    ) -> [UInt8] {
        members.flatMap { header($0.name, $0.type, $0.bytes.count, $0.mtime) + padded($0.bytes) }
            + [UInt8](repeating: 0, count: 1024)
    }

    private static func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    }

    private static func header(_ name: [UInt8], _ type: Character, _ size: Int, _ mtime: Int)
        -> [UInt8]
    {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ bytes: some Collection<UInt8>, _ place: Int) {
            block.replaceSubrange(place..<place + bytes.count, with: bytes)
        }
        func octal(_ value: Int, _ digits: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
        }
        put(name, 0)
        put(octal(0o644, 7), 100)
        put(octal(size, 11), 124)
        put(octal(mtime, 11), 136)
        put("        ".utf8, 148)
        put([type.asciiValue!], 156)
        if type == "1" || type == "2" { put("a.mp3".utf8, 157) }
        put("ustar\u{0}00".utf8, 257)
        put(octal(block.reduce(0) { $0 + Int($1) }, 6) + [0], 148)
        return block
    }

    @Test(arguments: [
        ("--format=ustar", ""), ("--format=pax", ""), ("--format=gnu", ""), ("--format=pax", "-z"),
        ("--format=gnu", "-J"), ("--format=ustar", "-j"), ("--format=pax", "--zstd"),
    ])
    func `all forms bring the same files, once`(form: String, compression: String) throws {
        try Fixture.with { fixture in
            let folder = String(repeating: "long ", count: 12)
            let long = "\(folder)/\(folder).mp3"
            // Two names that look alike, and one beyond the 100 bytes of the first field.
            let names = ["e\u{301}.mp3", "é.mp3", "d/\(long)"].map { Array($0.utf8) }
            for (number, name) in names.enumerated() {
                try fixture.put(Fixture.song(number), String(decoding: name, as: UTF8.self))
            }
            try fixture.put([1, 2, 3], "notes.txt")
            let archive = FileSystem.parent(of: fixture.source) + "/in.tar"
            try tar(
                ["-C", fixture.source, form, "-cf", archive]
                    + (compression.isEmpty ? [] : [compression]) + ["."])
            let first = try take(archive, fixture, workers: 2)
            #expect(first.seen == 4 && first.new == 3 && first.ignored == 1)
            for (number, name) in names.enumerated() {
                let file = try Ledger(fixture.warehouse, .readOnly)
                    .file(source: Self.source.path, path: name)
                #expect(file?.state == .present)
                let path = String(decoding: name, as: UTF8.self)
                #expect(try fixture.exported("tar:in/" + path) == Fixture.song(number))
            }
            let second = try take(archive, fixture)
            #expect(second.unchanged == 3 && second.ignored == 1 && second.bytesRead == 0)
            // What is not in another archive of that name is still there.
            try fixture.put(Fixture.song(7), "new.mp3")
            try tar(["-C", fixture.source, "-cf", archive, "new.mp3"])
            let third = try take(archive, fixture)
            #expect(third.new == 1 && third.gone == 0)
            #expect(try fixture.songs().count == 4)
        }
    }

    @Test func `names lead nowhere, and links and devices are ignored`() throws {
        try Fixture.with { fixture in
            let parent = FileSystem.parent(of: fixture.source)
            let archive = parent + "/in.tar"
            let names: [[UInt8]] = [
                Array("a.mp3".utf8), Array("../../up.mp3".utf8), Array("\(parent)/abs.mp3".utf8),
                [0xe9, 0xff] + Array(".mp3".utf8),
            ]
            var members = names.enumerated().map {
                (name: $1, type: Character("0"), bytes: Fixture.song($0), mtime: 1000)
            }
            for type: Character in ["1", "2", "3", "4", "6"] {
                members.append((Array("link\(type).mp3".utf8), type, [], 1000))
            }
            members.append((Array("folder/".utf8), "5", [], 1000))
            try write(Self.archive(members), to: archive)
            let before = try fixture.files(below: parent).filter { !$0.contains("/w/") }
            let summary = try take(archive, fixture, workers: 1)
            #expect(summary.new == 4 && summary.ignored == 5 && summary.hardLinks == 1)
            #expect(try fixture.files(below: parent).filter { !$0.contains("/w/") } == before)
            let ledger = try Ledger(fixture.warehouse, .readOnly)
            for name in names {
                let file = try #require(try ledger.file(source: Self.source.path, path: name))
                #expect(file.state == .present)
                #expect(file.status.modifiedNs == 1000 * 1_000_000_000)
            }
            #expect(try fixture.exported("../../up.mp3") == Fixture.song(1))
        }
    }

    /// Archives that are made to be reproducible give all members one time.
    @Test(arguments: [2000, 1000])
    func `of two members of one name the last counts`(mtime: Int) throws {
        try Fixture.with { fixture in
            let archive = FileSystem.parent(of: fixture.source) + "/in.tar"
            let name = Array("a.mp3".utf8)
            try write(
                Self.archive([
                    (name, "0", Fixture.song(1), 1000), (name, "0", Fixture.song(2), mtime),
                ]), to: archive)
            for _ in 0..<2 {
                let summary = try take(archive, fixture)
                #expect(summary.seen == 2 && summary.changed > 0)
                #expect(try fixture.exported("a.mp3") == Fixture.song(2))
            }
        }
    }

    @Test func `archives that were joined are read to their end`() throws {
        try Fixture.with { fixture in
            let archive = FileSystem.parent(of: fixture.source) + "/in.tar"
            let parts = (0..<3).map {
                Self.archive([(Array("\($0).mp3".utf8), "0", Fixture.song($0), 1000)])
            }
            try write(Array(parts.joined()), to: archive)
            #expect(try take(archive, fixture).new == 3)
        }
    }

    @Test(arguments: [("", "is empty"), ("no archive", "is no tar archive")])
    func `what is no archive is told`(content: String, words: String) throws {
        try Fixture.with { fixture in
            let archive = FileSystem.parent(of: fixture.source) + "/in.tar"
            try write(Array(content.utf8), to: archive)
            let error = #expect(throws: FormatError.self) { try take(archive, fixture) }
            #expect(error?.detail.hasPrefix(words) == true, "\(error?.detail ?? "")")
            #expect(error?.detail.hasSuffix("nothing of it was taken") == true)
            #expect(error?.hint != nil)
        }
    }

    @Test func `a size or time that differs is read again`() throws {
        try Fixture.with { fixture in
            let archive = FileSystem.parent(of: fixture.source) + "/in.tar"
            for (song, mtime) in [(1, 1000), (1, 1001), (2, 1002)] {
                try write(
                    Self.archive([(Array("a.mp3".utf8), "0", Fixture.song(song), mtime)]),
                    to: archive)
                let summary = try take(archive, fixture)
                #expect(mtime == 1000 ? summary.new == 1 : summary.changed == 1)
            }
        }
    }

    /// Cut in a header, in a member's bytes, between two members, and in the first block.
    @Test(arguments: [(2, 100), (1, 700), (2, 0), (0, 100), (0, 0)])
    func `what was whole in a cut archive is kept`(whole: Int, more: Int) throws {
        try Fixture.with { fixture in
            let archive = FileSystem.parent(of: fixture.source) + "/in.tar"
            let bytes = Self.archive(
                (0..<4).map { (Array("\($0).mp3".utf8), "0", Fixture.song($0), 1000) })
            let memberBytes = (bytes.count - 1024) / 4
            try write(bytes[..<(whole * memberBytes + more)], to: archive)
            let error = #expect(throws: FormatError.self) { try take(archive, fixture) }
            #expect(error?.path == "in.tar")
            #expect(try fixture.songs().count == whole)
            for number in 0..<whole {
                #expect(try fixture.exported("\(number).mp3") == Fixture.song(number))
            }
            try write(bytes, to: archive)
            let summary = try take(archive, fixture)
            #expect(summary.unchanged == whole && summary.new == 4 - whole)
        }
    }

    @Test func `a damaged header ends it, and a file that is no archive is told`() throws {
        try Fixture.with { fixture in
            let archive = FileSystem.parent(of: fixture.source) + "/in.tar"
            var bytes = Self.archive(
                (0..<3).map { (Array("\($0).mp3".utf8), "0", Fixture.song($0), 1000) })
            bytes[(bytes.count - 1024) / 3 + 150] ^= 1
            try write(bytes, to: archive)
            #expect(throws: FormatError.self) { try take(archive, fixture) }
            #expect(try fixture.songs().count == 1)
            try write(Array("no archive".utf8), to: archive)
            #expect(throws: FormatError.self) { try take(archive, fixture) }
        }
    }

    @Test func `the command reads stdin and files, and says what is cut`() throws {
        try Fixture.with { fixture in
            for number in 0..<3 { try fixture.put(Fixture.song(number), "\(number).mp3") }
            let parent = FileSystem.parent(of: fixture.source)
            let warehouse = parent + "/w"
            func shell(_ script: String) throws -> Program.Result {
                try Program(path: "/bin/bash").run(
                    ["-o", "pipefail", "-c", script, Program.spindle.path], in: parent)
            }
            let spindle = "\"$0\" ingest --warehouse '\(warehouse)'"
            let piped = try shell("tar -C source -cz . | \(spindle) --tar - --tar-name piped")
            #expect(piped.code == 0, "\(piped.stderr)")
            #expect(piped.stderr.contains("saw 3 files: 3 new"))
            let nameless = try shell("tar -C source -c . | \(spindle) --tar -")
            #expect(nameless.code == 64 && nameless.stderr.contains("--tar-name"))
            let named = try shell(
                "tar -C source -czf 'vol. 1.tar.gz' . && \(spindle) --tar 'vol. 1.tar.gz'")
            #expect(named.code == 0 && named.stderr.contains("3 duplicate"), "\(named.stderr)")
            #expect(try fixture.file("1.mp3", in: "tar:vol. 1")?.state == .present)
            let cut = try shell(
                "tar -C source -c 0.mp3 1.mp3 | head -c 1000 | \(spindle) --tar - --tar-name cut")
            #expect(cut.code == 65)
            #expect(cut.stderr.contains("stdin: is cut or damaged"), "\(cut.stderr)")
            #expect(try shell("\(spindle) --tar none.tar").code == 66)
            #expect(try shell("\(spindle) --tar 'vol. 1.tar.gz' --source source").code == 64)
        }
    }
}
