import Foundation
import Storage
import TestSupport
import Testing

struct FileSystemTests {
    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 65_538, 300_000])
    func `a file is read whole`(count: Int) throws {
        try withTemporaryFolder { folder in
            var random = SeededGenerator(seed: UInt64(count))
            let bytes = random.bytes(count)
            try write(bytes, to: folder + "/f")
            #expect(SHA256.hash(try FileSystem.readAll(folder + "/f")) == SHA256.hash(bytes))
        }
    }

    @Test func `a file that says it is empty is read as well`() throws {
        #expect(try FileSystem.readText("/proc/self/status").hasPrefix("Name:"))
        // Longer than the first buffer.
        #expect(try FileSystem.readAll("/proc/kallsyms").count > 100_000)
    }

    @Test(arguments: [
        ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("a/b/c.txt", "a/b", "c.txt"),
        ("/", "/", ""),
    ])
    func `a path has a parent and a name`(path: String, parent: String, name: String) {
        #expect(FileSystem.parent(of: path) == parent)
        #expect(FileSystem.name(of: path) == name)
    }

    @Test func `folders are made with those above them, once or twice`() throws {
        try withTemporaryFolder { folder in
            for _ in 0..<2 { try FileSystem.makeDirectories(folder + "/a/b/c") }
            #expect(try FileStatus.of(folder + "/a/b/c")?.kind == .directory)
            try write("x", to: folder + "/f")
            for path in ["/f", "/f/g"] {
                let error = #expect(throws: FileError.self) {
                    try FileSystem.makeDirectories(folder + path)
                }
                #expect(error?.code == ENOTDIR)
            }
        }
    }

    @Test func `names come in byte order`() throws {
        try withTemporaryFolder { folder in
            for name in ["b", "a", "é", "Z", "a.b", "a-b", ".h"] {
                try write("", to: folder + "/" + name)
            }
            #expect(try FileSystem.list(folder) == [".h", "Z", "a", "a-b", "a.b", "b", "é"])
        }
    }

    @Test func `a link shares the bytes and a copy does not`() throws {
        try withTemporaryFolder { folder in
            try write("x", to: folder + "/f")
            try FileSystem.linkOrCopy(folder + "/f", to: folder + "/linked")
            #expect(
                try FileStatus.of(folder + "/linked")?.inode == FileStatus.of(folder + "/f")?.inode)
            try FileSystem.copy(folder + "/f", to: folder + "/copied")
            #expect(
                try FileStatus.of(folder + "/copied")?.inode != FileStatus.of(folder + "/f")?.inode)
            #expect(try contents(folder + "/copied") == Array("x".utf8))
            #expect(throws: FileError.self) {
                try FileSystem.linkOrCopy(folder + "/f", to: folder + "/linked")
            }
        }
    }

    @Test func `where no link can be, there is a copy`() throws {
        // /dev/shm is a file system of its own.
        try withTemporaryFolder { folder in
            let far = "/dev/shm/spindle-test-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: far) }
            let bytes = [UInt8](repeating: 7, count: 3_000_000)
            try write(bytes, to: far)
            try FileSystem.linkOrCopy(far, to: folder + "/f")
            #expect(SHA256.hash(try contents(folder + "/f")) == SHA256.hash(bytes))
        }
    }

    @Test func `a tree is removed with its links, not with what they lead to`() throws {
        try withTemporaryFolder { folder in
            try FileSystem.makeDirectories(folder + "/tree/a/b")
            try FileSystem.makeDirectories(folder + "/other")
            try write("x", to: folder + "/other/f")
            try write("x", to: folder + "/tree/a/f")
            try FileSystem.link(target: "../other", at: folder + "/tree/link")
            #expect(FileSystem.readLink(folder + "/tree/link") == "../other")
            try FileSystem.removeTree(folder + "/tree")
            #expect(!FileSystem.exists(folder + "/tree"))
            #expect(FileSystem.exists(folder + "/other/f"))
            try FileSystem.removeTree(folder + "/tree")
        }
    }

    @Test(arguments: [
        (ENOSPC, true, false), (EDQUOT, true, false), (ENOENT, false, true), (EACCES, false, false),
    ])
    func `an error says what it is`(code: Int32, isDiskFull: Bool, isMissing: Bool) {
        let error = FileError("write", "/x", code: code)
        #expect(error.isDiskFull == isDiskFull)
        #expect(error.isMissing == isMissing)
        #expect(error.hint?.isEmpty == false)
        #expect(error.description.hasPrefix("/x: cannot write: "))
    }

    @Test(arguments: SeededGenerator.seeds(3))
    func `digests are ordered as their texts are`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var digests: [Digest] = []
        for index in 0..<400 {
            var bytes = random.bytes(32)
            // Equal beginnings, so that later bytes decide.
            for place in 0..<(index % 32) { bytes[place] = 0x80 }
            digests.append(try #require(Digest(bytes: bytes)))
        }
        #expect(digests.sorted().map(\.hex) == digests.map(\.hex).sorted())
        for digest in digests { #expect(Digest(hex: digest.hex) == digest) }
    }

    @Test(arguments: [
        String(repeating: "a", count: 63), String(repeating: "a", count: 65),
        String(repeating: "A", count: 64), String(repeating: "g", count: 64), "",
        String(repeating: "é", count: 32),
    ])
    func `only 64 small hexadecimal digits are a digest`(text: String) {
        #expect(Digest(hex: text) == nil)
    }

    @Test(arguments: [
        // FIPS 180-2, appendix B.
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func `SHA-256 is that of the standard`(text: String, hex: String) throws {
        #expect(SHA256.hash(text).hex == hex)
        try withTemporaryFolder { folder in
            try write(text, to: folder + "/f")
            #expect(try SHA256.hash(fileAt: folder + "/f").hex == hex)
        }
    }

    @Test(arguments: [
        ("25", RejectLimit.count(25)), ("0", .count(0)), ("0.5%", .percent(0.5)),
        ("100%", .percent(100)),
        ("-1", nil), ("101%", nil), ("-1%", nil), ("", nil), ("%", nil), ("a", nil), ("nan%", nil),
        ("1.5", nil),
    ])
    func `a limit is a count or a share`(text: String, limit: RejectLimit?) {
        #expect(RejectLimit(text) == limit)
        if let limit { #expect(limit.description == text) }
    }

    @Test(arguments: [
        (RejectLimit.count(2), 2, 10, false), (.count(2), 3, 10, true),
        (.percent(20), 2, 10, false),
        (.percent(20), 3, 10, true), (.percent(0), 0, 0, false), (.percent(0), 1, 1_000_000, true),
    ])
    func `a limit is exceeded by more than it`(
        limit: RejectLimit, rejected: Int, total: Int, exceeded: Bool
    ) {
        #expect(limit.isExceeded(rejected: rejected, of: total) == exceeded)
    }
}
