import Catalog
import SQLite
import Storage
import TestSupport
import Testing

struct LedgerTests {
    private func withWarehouse<Result>(_ body: (Warehouse) throws -> Result) throws -> Result {
        try withTemporaryFolder { try body(Warehouse(path: $0 + "/w")) }
    }

    private static func full() -> LedgerFile {
        LedgerFixture.file(1) { file in
            file.head = .init(digest: SHA256.hash("head"), sizeBytes: 10)
            file.tail = .init(digest: SHA256.hash("tail"), sizeBytes: 20)
            file.cover = .init(digest: SHA256.hash("cover"), type: "image/png")
            file.tags.artists = ["A", "B / C"]
            file.tags.album = "Album"
            file.tags.albumArtist = "Band"
            (file.tags.track, file.tags.trackTotal, file.tags.disc, file.tags.discTotal) = (
                1, 2, 3, 4
            )
            file.tags.releaseDate = "2026-11"
            file.tags.genres = ["Punk", "邦楽"]
            file.tags.composer = "C"
            file.tags.isrc = "QZ"
            file.tags.isCompilation = true
            file.warnings = ["truncated: x", "no_title: y"]
        }
    }

    @Test func `a file comes back as it was saved`() throws {
        try withWarehouse { warehouse in
            let ledger = try LedgerFixture.ledger(warehouse, [(1, Self.full())])
            #expect(try ledger.file(source: "/music", path: Self.full().path) == Self.full())
            #expect(try ledger.file(source: "/other", path: Self.full().path) == nil)
            var entries: [LedgerEntry] = []
            try Ledger(warehouse, .readOnly).forEachSong { entries.append($0) }
            #expect(entries.map(\.song) == [LedgerFixture.song(1)])
            #expect(entries[0].tags == Self.full().tags)
            #expect(entries[0].cover == Self.full().cover)
            #expect(entries[0].added == "2026-11-19")
        }
    }

    @Test(
        arguments: [
            [0xff, 0xfe], Array("é/荒.mp3".utf8), [0x61, 0x0a, 0x62], [0xc3, 0x28, 0x2f, 0x01],
        ] as [[UInt8]])
    func `paths are bytes, UTF-8 or not`(path: [UInt8]) throws {
        try withWarehouse { warehouse in
            var file = Self.full()
            file.path = path
            let ledger = try LedgerFixture.ledger(warehouse, [(1, file)])
            #expect(try ledger.file(source: "/music", path: path) == file)
            let known = try KnownFiles(ledger, source: "/music")
            #expect(known.current?.path == path)
            #expect(known.current?.stamp == file.status)
            try known.advance()
            #expect(known.current == nil)
        }
    }

    @Test func `a rejected file keeps reason and detail, and no song`() throws {
        try withWarehouse { warehouse in
            var file = LedgerFile(
                path: [97], state: .rejected,
                status: FileStamp(sizeBytes: 0, modifiedNs: .min, changedNs: .max, inode: -1))
            file.reason = "empty"
            file.detail = "0 bytes"
            let ledger = try LedgerFixture.ledger(warehouse, [(1, file)])
            #expect(try ledger.file(source: "/music", path: [97]) == file)
            #expect(try ledger.counts().songs == 0)
            #expect(try ledger.counts().files == ["rejected": 1])
        }
    }

    @Test func `files come in the byte order of their paths`() throws {
        try withWarehouse { warehouse in
            let paths: [[UInt8]] = [
                [97, 47, 98], [97, 45], [0xff], [0xc3, 0xa9], [97], [97, 48],
            ]
            let ledger = try LedgerFixture.ledger(
                warehouse,
                paths.enumerated().map { index, path in
                    (index, LedgerFixture.file(index) { $0.path = path })
                })
            let known = try KnownFiles(ledger, source: "/music")
            var found: [[UInt8]] = []
            while let file = known.current {
                found.append(file.path)
                try known.advance()
            }
            #expect(found == paths.sorted { $0.lexicographicallyPrecedes($1) })
        }
    }

    @Test func `a file that goes and comes back keeps the night on which it was first seen`() throws
    {
        try withWarehouse { warehouse in
            let ledger = try LedgerFixture.ledger(warehouse, [(1, Self.full())])
            let later = try LedgerWriter(ledger, source: "/music", date: LedgerFixture.night + 5)
            let changes = try LedgerChanges(ledger)
            try changes.noteMissing("/music", Self.full().path, .gone)
            #expect(try changes.missing(from: "/music") == .init(gone: 1, excluded: 0))
            try changes.markMissing(from: "/music", on: CalendarDate("2026-11-20")!)
            #expect(try later.known(Self.full().path)?.state == .gone)
            #expect(try KnownFiles(ledger, source: "/music").current == nil)
            var count = 0
            try ledger.forEachSong { _ in count += 1 }
            #expect(count == 0)
            try later.save(Self.full())
            try ledger.forEachSong { entry in
                count += 1
                #expect(entry.added == "2026-11-19")
            }
            #expect(count == 1)
        }
    }

    @Test func `of several files with one song the first by path speaks`() throws {
        try withWarehouse { warehouse in
            let ledger = try LedgerFixture.ledger(
                warehouse,
                [
                    (1, LedgerFixture.file(1, path: "b") { $0.tags.title = "B" }),
                    (1, LedgerFixture.file(1, path: "a") { $0.tags.title = "A" }),
                    (2, LedgerFixture.file(2, path: "c")),
                ])
            var titles: Set<String> = []
            try ledger.forEachSong { titles.insert($0.tags.title) }
            #expect(titles == ["A", "Song 2"])
            #expect(try ledger.counts().songs == 2)
            let writer = try LedgerWriter(ledger, source: "/music", date: LedgerFixture.night)
            #expect(try writer.isHeldElsewhere(LedgerFixture.id(1), than: Array("a".utf8)))
            #expect(try !writer.isHeldElsewhere(LedgerFixture.id(2), than: Array("c".utf8)))
        }
    }

    // MARK: The content's digest

    private static let relevant: [(name: String, change: @Sendable (inout LedgerFile) -> Void)] = [
        ("title", { $0.tags.title = "x" }), ("artists", { $0.tags.artists = ["A"] }),
        ("artists joined", { $0.tags.artists = ["A B / C"] }),
        ("album", { $0.tags.album = "x" }), ("album artist", { $0.tags.albumArtist = "x" }),
        ("track", { $0.tags.track = nil }),
        ("track total", { $0.tags.trackTotal = 9 }), ("disc", { $0.tags.disc = 9 }),
        ("disc total", { $0.tags.discTotal = nil }),
        ("date", { $0.tags.releaseDate = "2026" }),
        ("genres", { $0.tags.genres = ["邦楽", "Punk"] }), ("composer", { $0.tags.composer = "" }),
        ("ISRC", { $0.tags.isrc = "x" }), ("compilation", { $0.tags.isCompilation = false }),
        ("cover", { $0.cover = nil }),
        ("cover type", { $0.cover = .init(digest: SHA256.hash("cover"), type: "image/jpeg") }),
        ("song", { $0.song = LedgerFixture.id(2) }),
        ("state", { $0.state = .gone }),
    ]
    private static let irrelevant: [(name: String, change: @Sendable (inout LedgerFile) -> Void)] =
        [
            ("nothing", { _ in }), ("path", { $0.path = [97] }),
            (
                "stamp",
                { $0.status = FileStamp(sizeBytes: 9, modifiedNs: 9, changedNs: 9, inode: 9) }
            ),
            ("head", { $0.head = nil }), ("tail", { $0.tail = nil }),
            ("warnings", { $0.warnings = [] }),
        ]

    private func digest(_ change: (inout LedgerFile) -> Void) throws -> Digest {
        try withWarehouse { warehouse in
            var file = Self.full()
            change(&file)
            let ledger = try LedgerFixture.ledger(
                warehouse, [(1, file), (2, LedgerFixture.file(3))])
            let writer = try LedgerWriter(ledger, source: "/music", date: LedgerFixture.night)
            for number in [1, 2, 3] { try writer.save(LedgerFixture.song(number)) }
            return try ledger.contentDigest()
        }
    }

    @Test(arguments: relevant.indices)
    func `the content's digest changes with what later stages read`(index: Int) throws {
        let before = try digest { _ in }
        let after = try digest(Self.relevant[index].change)
        #expect(after != before, "\(Self.relevant[index].name)")
    }

    @Test(arguments: irrelevant.indices)
    func `the content's digest does not change with anything else`(index: Int) throws {
        let before = try digest { _ in }
        let after = try digest(Self.irrelevant[index].change)
        #expect(after == before, "\(Self.irrelevant[index].name)")
    }

    // MARK: Faults

    @Test func `a missing ledger is missing only to those who read`() throws {
        try withWarehouse { warehouse in
            try warehouse.prepare()
            let error = #expect(throws: FileError.self) { try Ledger(warehouse, .readOnly) }
            #expect(error?.cause == .inputMissing)
            #expect(!FileSystem.exists(warehouse.ledgerPath))
            let ledger = try Ledger(warehouse, .readWrite)
            #expect(try ledger.meta("k") == nil)
            for value in ["1", "2"] {
                try ledger.setMeta("k", value)
                #expect(try ledger.meta("k") == value)
            }
        }
    }

    @Test(arguments: ["text", "empty", "other database", "later version"])
    func `what is no ledger of this version is refused with what to do`(what: String) throws {
        try withWarehouse { warehouse in
            try warehouse.prepare()
            switch what {
            case "text":
                try write(String(repeating: "no ledger ", count: 1_000), to: warehouse.ledgerPath)
            case "empty": try write("", to: warehouse.ledgerPath)
            case "other database":
                try Database(path: warehouse.ledgerPath).execute("CREATE TABLE t(v)")
            default:
                try Database(path: warehouse.ledgerPath).execute(
                    "PRAGMA user_version = 99; CREATE TABLE t(v)")
            }
            let before = try contents(warehouse.ledgerPath)
            let error = #expect(throws: FormatError.self) { try Ledger(warehouse, .readOnly) }
            #expect(error?.path == warehouse.ledgerPath)
            #expect(error?.hint?.contains("backup") == true)
            // An empty file is as good as none to the one who writes.
            if what != "empty" {
                #expect(throws: FormatError.self) { try Ledger(warehouse, .readWrite) }
                if what == "text" { #expect(try contents(warehouse.ledgerPath) == before) }
            }
        }
    }

    @Test(arguments: SeededGenerator.seeds(10))
    func `damaged pages are found, and told with what to do`(seed: UInt64) throws {
        try withWarehouse { warehouse in
            do {
                _ = try LedgerFixture.ledger(
                    warehouse, (0..<2_000).map { ($0, LedgerFixture.file($0)) })
            }
            var random = SeededGenerator(seed: seed)
            var bytes = try contents(warehouse.ledgerPath)
            // The head of a page: its kind, its count of cells, where they are.
            let page = Int.random(in: 1..<bytes.count / 4096, using: &random)
            bytes.replaceSubrange(
                page * 4096..<page * 4096 + 64, with: repeatElement(0xff, count: 64))
            try write(bytes, to: warehouse.ledgerPath)
            let error = #expect(throws: FormatError.self) {
                try Ledger(warehouse, .readWrite).check()
            }
            #expect(error?.hint?.contains("backup") == true, "page \(page)")
        }
    }

    @Test func `a sound ledger passes its check`() throws {
        try withWarehouse { warehouse in
            try LedgerFixture.ledger(warehouse, (0..<500).map { ($0, LedgerFixture.file($0)) })
                .check()
        }
    }
}
