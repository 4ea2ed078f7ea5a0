import Foundation
import Ingest
import Storage
import TestSupport
import Testing

struct SourceScanTests {
    private func scan(_ root: String) throws -> (
        paths: [[UInt8]], obstacles: [(path: String, code: Int32)]
    ) {
        var paths: [[UInt8]] = []
        var obstacles: [(String, Int32)] = []
        try SourceScan(root: root).forEach {
            paths.append($0.path)
        } obstacle: {
            obstacles.append((String(decoding: $0.path, as: UTF8.self), $0.error.code))
        }
        return (paths, obstacles.sorted { $0.0 < $1.0 })
    }

    private func texts(_ paths: [[UInt8]]) -> [String] {
        paths.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `files come in the byte order of their whole paths`() throws {
        try withTemporaryFolder { folder in
            // "a-b" and "a.b" sort around the folder "a/", whose slash counts.
            let names = [
                "a-b", "a.b", "a/x", "a/b/c", "a0", "B", "é", "z/é", "z/z", "a/b-c", "荒.mp3",
                ".hidden",
            ]
            for name in names.reversed() {
                try FileSystem.makeDirectories(FileSystem.parent(of: folder + "/" + name))
                try write("x", to: folder + "/" + name)
            }
            let found = try scan(folder)
            #expect(
                texts(found.paths) == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            #expect(found.obstacles.isEmpty)
        }
    }

    @Test(arguments: SeededGenerator.seeds(5)) func `any tree comes in byte order, each file once`(
        seed: UInt64
    ) throws {
        try withTemporaryFolder { folder in
            var random = SeededGenerator(seed: seed)
            var made: Set<[UInt8]> = []
            for _ in 0..<200 {
                var path: [UInt8] = []
                for depth in 0...Int.random(in: 0...3, using: &random) {
                    if depth > 0 { path.append(47) }
                    // Bytes around the slash, and some that are no UTF-8.
                    path += (0...Int.random(in: 0...2, using: &random)).map { _ in
                        [45, 46, 48, 65, 0xff, 0xc3].randomElement(using: &random)!
                    }
                }
                if path.split(separator: 47).contains(where: { $0 == [46] || $0 == [46, 46] }) {
                    continue
                }
                if make(Array(folder.utf8) + [47] + path) { made.insert(path) }
            }
            let found = try scan(folder)
            #expect(found.paths == made.sorted { $0.lexicographicallyPrecedes($1) }, "seed \(seed)")
        }
    }

    /// Makes a file with the folders above it; false where a file is in the way.
    private func make(_ path: [UInt8]) -> Bool {
        for index in path.indices.dropFirst() where path[index] == 47 {
            mkdir((path[..<index] + [0]).map { CChar(bitPattern: $0) }, 0o755)
        }
        let file = creat((path + [0]).map { CChar(bitPattern: $0) }, 0o644)
        if file >= 0 { close(file) }
        return file >= 0
    }

    @Test func `links are followed, and loops end`() throws {
        try withTemporaryFolder { folder in
            try FileSystem.makeDirectories(folder + "/a/b")
            try FileSystem.makeDirectories(folder + "/outside")
            try FileSystem.makeDirectories(folder + "/source")
            try FileManager.default.moveItem(atPath: folder + "/a", toPath: folder + "/source/a")
            try write("x", to: folder + "/source/a/b/f")
            try write("x", to: folder + "/outside/g")
            try FileSystem.link(target: "..", at: folder + "/source/a/up")
            try FileSystem.link(target: "../../a", at: folder + "/source/a/b/loop")
            try FileSystem.link(target: "self", at: folder + "/source/self")
            try FileSystem.link(target: "nowhere", at: folder + "/source/dangling")
            try FileSystem.link(target: "../outside", at: folder + "/source/linked")
            try FileSystem.link(target: "../outside", at: folder + "/source/linked-again")
            try FileSystem.link(target: "a/b/f", at: folder + "/source/file-link")
            let found = try scan(folder + "/source")
            #expect(texts(found.paths) == ["a/b/f", "file-link", "linked-again/g"])
            #expect(found.obstacles.isEmpty)
        }
    }

    @Test func `what is neither file nor folder is passed over`() throws {
        try withTemporaryFolder { folder in
            mkfifo(folder + "/pipe", 0o644)
            try FileSystem.link(target: "/dev/zero", at: folder + "/device")
            try write("x", to: folder + "/f")
            #expect(texts(try scan(folder).paths) == ["f"])
        }
    }

    @Test func `a link that the system refuses is an obstacle`() throws {
        try withTemporaryFolder { folder in
            try write("x", to: folder + "/f")
            try FileSystem.link(target: "f/below-a-file", at: folder + "/link")
            try FileSystem.link(target: String(repeating: "n", count: 300), at: folder + "/long")
            let found = try scan(folder)
            #expect(texts(found.paths) == ["f"])
            #expect(found.obstacles.map(\.path) == ["link", "long"])
            #expect(found.obstacles.map(\.code) == [ENOTDIR, ENAMETOOLONG])
        }
    }

    @Test func `a folder that may not be listed is an obstacle, and the rest is seen`() throws {
        try withTemporaryFolder { folder in
            for name in ["a", "closed", "z"] {
                try FileSystem.makeDirectories(folder + "/" + name)
                try write("x", to: "\(folder)/\(name)/f")
            }
            chmod(folder + "/closed", 0)
            defer { chmod(folder + "/closed", 0o755) }
            let found = try withoutPrivileges { try scan(folder) }
            #expect(texts(found.paths) == ["a/f", "z/f"])
            #expect(found.obstacles.map(\.path) == ["closed"])
            #expect(found.obstacles.map(\.code) == [EACCES])
        }
    }

    @Test(arguments: [("/none", ENOENT), ("/f", ENOTDIR)]) func `a source must be a folder`(
        name: String, code: Int32
    ) throws {
        try withTemporaryFolder { folder in
            try write("x", to: folder + "/f")
            let error = #expect(throws: FileError.self) { try scan(folder + name) }
            #expect(error?.code == code)
            #expect(error?.cause == .inputMissing)
        }
    }
}

/// Runs `body` as nobody for the file system's checks, on this thread alone: setfsuid(2) also takes
/// root's right to read everything from it.
func withoutPrivileges<Result>(_ body: () throws -> Result) throws -> Result {
    typealias SetFSUID = @convention(c) (UInt32) -> Int32
    let symbol = try #require(dlsym(nil, "setfsuid"))
    let setFSUID = unsafeBitCast(symbol, to: SetFSUID.self)
    let before = UInt32(bitPattern: setFSUID(65_534))
    defer { _ = setFSUID(before) }
    return try body()
}
