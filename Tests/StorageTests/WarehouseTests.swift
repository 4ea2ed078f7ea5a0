import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

struct WarehouseTests {
    private func withWarehouse<Result>(_ body: (Warehouse) throws -> Result) throws -> Result {
        try withTemporaryFolder { folder in
            let warehouse = Warehouse(path: folder + "/w")
            try warehouse.prepare()
            return try body(warehouse)
        }
    }

    // MARK: Opening

    @Test func `a new folder becomes a warehouse, and stays one`() throws {
        try withTemporaryFolder { folder in
            let warehouse = Warehouse(path: folder + "/a/w//")
            #expect(warehouse.path == folder + "/a/w")
            for _ in 0..<2 { try warehouse.prepare() }
            try warehouse.check()
            #expect(
                try FileSystem.readText(warehouse.markerPath)
                    == "{\"format\":\"spindle-warehouse\",\"version\":1}\n")
            #expect(try FileSystem.list(warehouse.temporaryPath) == [])
        }
    }

    @Test func `a folder that holds something else is left alone`() throws {
        try withTemporaryFolder { folder in
            try write("x", to: folder + "/holiday.jpg")
            let error = #expect(throws: FormatError.self) { try Warehouse(path: folder).prepare() }
            #expect(
                error?.detail == "is not empty and not a Spindle warehouse (it holds holiday.jpg)")
            #expect(error?.hint != nil)
            #expect(try FileSystem.list(folder) == ["holiday.jpg"])
        }
    }

    @Test(arguments: [
        ("{\"format\":\"spindle-warehouse\",\"version\":2}", "later than this Spindle's 1"),
        ("{\"format\":\"other\",\"version\":1}", "does not mark a Spindle warehouse"),
        ("{\"version\":1}", "does not mark a Spindle warehouse"), ("", ""), ("[]", "does not mark"),
    ])
    func `a marker of something else is refused`(marker: String, detail: String) throws {
        try withTemporaryFolder { folder in
            try write(marker, to: folder + "/warehouse.json")
            for action in [
                { try Warehouse(path: folder).prepare() }, { try Warehouse(path: folder).check() },
            ] {
                let error = #expect(throws: FormatError.self) { try action() }
                #expect(detail.isEmpty || error?.detail.contains(detail) == true)
            }
            #expect(try FileSystem.list(folder) == ["warehouse.json"])
        }
    }

    @Test func `a missing warehouse is missing, and a file is none`() throws {
        try withTemporaryFolder { folder in
            let error = #expect(throws: WarehouseMissing.self) {
                try Warehouse(path: folder + "/none").check()
            }
            #expect(error?.cause == .inputMissing)
            try write("", to: folder + "/f")
            #expect(throws: FileError.self) { try Warehouse(path: folder + "/f").prepare() }
        }
    }

    @Test func `temporary names are never used twice, and the folder can be emptied`() throws {
        try withWarehouse { warehouse in
            let paths = (0..<100).map { _ in warehouse.temporaryPath("x") }
            #expect(Set(paths).count == 100)
            try FileSystem.makeDirectories(paths[0] + "/a")
            try write("x", to: paths[0] + "/a/f")
            try write("x", to: paths[1])
            try warehouse.emptyTemporaryFolder()
            #expect(try FileSystem.list(warehouse.temporaryPath) == [])
        }
    }

    // MARK: Lock

    @Test func `the second comer is told who holds the warehouse`() throws {
        try withWarehouse { warehouse in
            try RunLock.hold(warehouse, command: "spindle run night") {
                let held = #expect(throws: RunLock.Held.self) {
                    try RunLock.hold(warehouse, command: "spindle plays") {}
                }
                let text = try #require(held).description
                #expect(
                    text.hasPrefix(
                        "\(warehouse.path): held by spindle run night, process \(getpid()), since 20"
                    ))
                #expect(!text.contains("\n"))
                #expect(held?.cause == .busy)
            }
            // Free again, also after a body that threw.
            struct Stop: Error {}
            #expect(throws: Stop.self) {
                try RunLock.hold(warehouse, command: "a") { throw Stop() }
            }
            try RunLock.hold(warehouse, command: "b") {}
        }
    }

    @Test func `the lock ends with its holder, however that ends`() throws {
        try withWarehouse { warehouse in
            try write("spindle run, process 1\n", to: warehouse.lockPath)
            let holder = Process()
            holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
            holder.arguments = [
                "--no-fork", warehouse.lockPath, "sh", "-c", "echo held; exec sleep 100",
            ]
            let output = Pipe()
            holder.standardOutput = output
            try holder.run()
            #expect(output.fileHandleForReading.availableData == Data("held\n".utf8))
            let held = #expect(throws: RunLock.Held.self) {
                try RunLock.hold(warehouse, command: "b") {}
            }
            #expect(held?.holder == "spindle run, process 1")
            kill(holder.processIdentifier, SIGKILL)
            holder.waitUntilExit()
            try RunLock.hold(warehouse, command: "b") {
                let note = try FileSystem.readText(warehouse.lockPath)
                #expect(note.hasPrefix("b, process "))
            }
        }
    }

    // MARK: Blobs

    @Test func `a blob is named when it is whole, and read back`() throws {
        try withWarehouse { warehouse in
            let store = BlobStore(warehouse)
            let bytes = Array("sakura".utf8)
            let digest = SHA256.hash(bytes)
            #expect(try !store.contains(digest, sizeBytes: 6))
            let temporary = warehouse.temporaryPath("blob")
            try write(bytes, to: temporary)
            try store.adopt(temporary, as: digest)
            let hex = digest.hex
            #expect(
                store.path(digest)
                    == "\(warehouse.path)/blobs/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
            )
            #expect(try store.contains(digest, sizeBytes: 6))
            // A blob of another size has been cut by something; it is to be written again.
            #expect(try !store.contains(digest, sizeBytes: 7))
            #expect(try store.read(digest) == bytes)
            #expect(!FileSystem.exists(temporary))
            try store.remove(digest)
            #expect(try !store.contains(digest, sizeBytes: 6))
            #expect(throws: FileError.self) { try store.read(digest) }
        }
    }

    @Test(arguments: ["sakurb", "sakur", ""])
    func `a damaged blob is never taken for the bytes of its name`(damaged: String) throws {
        try withWarehouse { warehouse in
            let store = BlobStore(warehouse)
            let digest = SHA256.hash("sakura")
            try FileSystem.makeDirectories(FileSystem.parent(of: store.path(digest)))
            try write(damaged, to: store.path(digest))
            let error = #expect(throws: FormatError.self) { try store.read(digest) }
            #expect(error?.path == store.path(digest))
            #expect(error?.hint != nil)
        }
    }

    // MARK: Staged folders

    @Test func `a staged folder appears whole, with its digests`() throws {
        try withWarehouse { warehouse in
            let staged = try StagedDirectory(in: warehouse, name: "plays")
            try staged.write("counts.tsv.zst") { try $0.write("a\t1\n") }
            try staged.write("sub/b.txt") { try $0.write("b") }
            try write("c", to: staged.path + "/c")
            try staged.adopt("c")
            let target = warehouse.path + "/plays/date=2026-11-19"
            #expect(!FileSystem.exists(target))
            try staged.commit(to: target)
            #expect(!FileSystem.exists(staged.path))
            #expect(try FileSystem.list(target) == ["c", "counts.tsv.zst", "sub"])
            #expect(staged.files.map(\.name) == ["counts.tsv.zst", "sub/b.txt", "c"])
            for file in staged.files {
                #expect(try SHA256.hash(fileAt: target + "/" + file.name) == file.sha256)
                #expect(try FileStatus.of(target + "/" + file.name)?.sizeBytes == file.sizeBytes)
            }
            #expect(try FileSystem.list(warehouse.temporaryPath) == [])
        }
    }

    @Test func `a discarded folder leaves nothing, and the old result stays`() throws {
        try withWarehouse { warehouse in
            let target = warehouse.path + "/plays/date=2026-11-19"
            let first = try StagedDirectory(in: warehouse, name: "plays")
            try first.write("f") { try $0.write("first") }
            try first.commit(to: target)
            let second = try StagedDirectory(in: warehouse, name: "plays")
            try second.write("f") { try $0.write("second") }
            second.discard()
            #expect(try FileSystem.readText(target + "/f") == "first")
            #expect(try FileSystem.list(warehouse.temporaryPath) == [])
        }
    }

    @Test func `a replaced folder is the old one or the new one, never a mix or missing`() throws {
        try withWarehouse { warehouse in
            let target = warehouse.path + "/plays/date=2026-11-19"
            func commit(_ number: Int) throws {
                let staged = try StagedDirectory(in: warehouse, name: "plays")
                for name in ["a", "b", "c-\(number)"] {
                    try staged.write(name) { try $0.write("\(number)") }
                }
                try staged.commit(to: target)
            }
            try commit(0)
            let stop = Atomic(false)
            let looks = Atomic(0), faults = Atomic(0)
            let reader = Thread {
                while !stop.load(ordering: .relaxed) {
                    // The folder as it is at one moment, whatever its name means afterwards.
                    let folder = open(target, O_RDONLY | O_DIRECTORY)
                    if folder < 0 {
                        faults.add(1, ordering: .relaxed)
                        continue
                    }
                    let a = Self.digit(folder, "a"), b = Self.digit(folder, "b")
                    // What was replaced may be half removed; what is there must agree.
                    if let a, let b, a != b { faults.add(1, ordering: .relaxed) }
                    close(folder)
                    looks.add(1, ordering: .relaxed)
                }
                stop.store(false, ordering: .releasing)
            }
            reader.start()
            for number in 1...100 { try commit(number % 10) }
            stop.store(true, ordering: .relaxed)
            while stop.load(ordering: .acquiring) { usleep(1000) }
            #expect(faults.load(ordering: .relaxed) == 0)
            #expect(looks.load(ordering: .relaxed) > 100)
            #expect(try FileSystem.list(target) == ["a", "b", "c-0"])
            #expect(try FileSystem.list(warehouse.temporaryPath) == [])
        }
    }

    private static func digit(_ folder: Int32, _ name: String) -> UInt8? {
        let file = openat(folder, name, O_RDONLY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var byte: UInt8 = 0
        return Glibc.read(file, &byte, 1) == 1 ? byte : nil
    }

    @Test func `a small file is written over whole`() throws {
        try withWarehouse { warehouse in
            let path = warehouse.path + "/runs/x.json"
            for text in ["first and long", "second"] {
                try writeAtomically(Array(text.utf8), to: path, in: warehouse)
                #expect(try FileSystem.readText(path) == text)
            }
            #expect(try FileSystem.list(warehouse.path + "/runs") == ["x.json"])
            #expect(try FileSystem.list(warehouse.temporaryPath) == [])
        }
    }
}
