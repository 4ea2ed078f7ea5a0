import Foundation
import SQLite
import TestSupport
import Testing

struct DatabaseTests {
    private func withDatabase<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try withTemporaryFolder { folder in try body(try Database(path: folder + "/d.sqlite")) }
    }

    // MARK: Values

    @Test(arguments: [
        "", "a", "é荒😀", "a\u{0}b", String(repeating: "x", count: 100_000), "'; DROP TABLE t --",
    ])
    func `a text comes back as it was bound`(text: String) throws {
        try withDatabase { database in
            try database.execute("CREATE TABLE t(v TEXT)")
            var insert = try database.prepare("INSERT INTO t VALUES(?)")
            try insert.bind(1, text)
            try insert.run()
            var read = try database.prepare("SELECT v, typeof(v), v IS NULL FROM t")
            #expect(try read.step() == true)
            #expect(read.text(0) == text)
            #expect(read.optionalText(0) == text)
            #expect(read.blob(0) == Array(text.utf8))
            #expect(read.text(1) == "text")
            #expect(read.isNull(0) == false)
            #expect(try read.step() == false)
        }
    }

    @Test(arguments: [[], [0x61], [0xff, 0xfe], [0x61, 0x2f, 0xc3], [0]] as [[UInt8]])
    func `text and blobs of any bytes come back as they were bound`(bytes: [UInt8]) throws {
        try withDatabase { database in
            var read = try database.prepare("SELECT ?1, typeof(?1), ?2, typeof(?2)")
            try read.bind(1, text: bytes)
            try read.bind(2, bytes)
            #expect(try read.step() == true)
            #expect(read.blob(0) == bytes)
            #expect(read.text(1) == "text")
            #expect(read.blob(2) == bytes)
            #expect(read.text(3) == "blob")
            // What is no UTF-8 is shown with replacement characters, and stops nothing.
            #expect(read.text(0) == String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func `nil is NULL, and neither zero nor an empty text`() throws {
        try withDatabase { database in
            var read = try database.prepare(
                "SELECT ?1, ?2, ?3, ?4, typeof(?1), typeof(?2), typeof(?3), typeof(?4)")
            try read.bind(1, String?.none)
            try read.bind(2, Int?.none)
            try read.bind(3, Int?.some(0))
            try read.bind(4, String?.some(""))
            #expect(try read.step() == true)
            let types = [read.text(4), read.text(5), read.text(6), read.text(7)]
            #expect(types == ["null", "null", "integer", "text"])
            let nulls = [read.isNull(0), read.isNull(1), read.isNull(2), read.isNull(3)]
            #expect(nulls == [true, true, false, false])
            #expect(read.optionalText(0) == nil)
            #expect(read.optionalInt(1) == nil)
            #expect(read.optionalInt(2) == 0)
            #expect(read.optionalText(3) == "")
            #expect(read.text(0) == "")
            #expect(read.blob(0) == [])
        }
    }

    @Test(arguments: [Int.min, -1, 0, 1, 1 << 53 + 1, Int.max])
    func `whole numbers keep all their digits`(number: Int) throws {
        try withDatabase { database in
            var read = try database.prepare("SELECT ?1, ?2")
            try read.bind(1, number)
            try read.bind(2, Int64(number))
            #expect(try read.step() == true)
            #expect(read.int(0) == number)
            #expect(read.int64(1) == Int64(number))
        }
    }

    @Test func `numbers with fractions come back`() throws {
        try withDatabase { database in
            var read = try database.prepare("SELECT ?1, typeof(?1)")
            try read.bind(1, 0.1)
            #expect(try read.step() == true)
            #expect(read.double(0) == 0.1)
            #expect(read.text(1) == "real")
        }
    }

    @Test func `a statement runs again with what is bound anew`() throws {
        try withDatabase { database in
            try database.execute("CREATE TABLE t(v INTEGER)")
            var insert = try database.prepare("INSERT INTO t VALUES(?)")
            for number in 1...3 {
                try insert.bind(1, number)
                try insert.run()
                #expect(database.changes == 1)
            }
            #expect(try database.scalar("SELECT sum(v) FROM t") == 6)
            #expect(try database.scalar("SELECT v FROM t WHERE v > 3") == nil)
            #expect(try database.scalar("SELECT NULL") == nil)
            try database.execute("UPDATE t SET v = 0")
            #expect(database.changes == 3)
        }
    }

    @Test func `a statement outlives the last mention of its database`() throws {
        try withTemporaryFolder { folder in
            var database: Database? = try Database(path: folder + "/d")
            var statement = try database!.prepare("SELECT 7")
            database = nil
            #expect(try statement.step() == true)
            #expect(statement.int(0) == 7)
        }
    }

    // MARK: Transactions

    @Test func `a transaction is done whole or not at all`() throws {
        struct Stop: Error, Equatable {}
        try withDatabase { database in
            try database.execute("CREATE TABLE t(v INTEGER UNIQUE)")
            let result = try database.transaction {
                try database.execute("INSERT INTO t VALUES(1)")
                return "done"
            }
            #expect(result == "done")
            #expect(throws: Stop()) {
                try database.transaction {
                    try database.execute("INSERT INTO t VALUES(2)")
                    throw Stop()
                }
            }
            #expect(throws: DatabaseError.self) {
                try database.transaction {
                    try database.execute("INSERT INTO t VALUES(3)")
                    try database.execute("INSERT INTO t VALUES(1)")
                }
            }
            #expect(try database.scalar("SELECT group_concat(v) FROM t") == 1)
            // Nothing is left open.
            try database.transaction { try database.execute("INSERT INTO t VALUES(4)") }
            #expect(try database.scalar("SELECT count(*) FROM t") == 2)
        }
    }

    // MARK: Errors

    @Test func `an error has code, path and statement`() throws {
        try withDatabase { database in
            try database.execute("CREATE TABLE t(v INTEGER UNIQUE); INSERT INTO t VALUES(1)")
            // 2067 is SQLITE_CONSTRAINT_UNIQUE.
            let unique = #expect(throws: DatabaseError.self) {
                var insert = try database.prepare("INSERT INTO t VALUES(1)")
                try insert.run()
            }
            #expect(unique?.code == 2067)
            #expect(unique?.path == database.path)
            #expect(unique?.sql == "INSERT INTO t VALUES(1)")
            #expect(
                unique?.description
                    == "\(database.path): UNIQUE constraint failed: t.v (SQLite code 2067) in: INSERT INTO t VALUES(1)"
            )
            #expect(unique?.isCorruption == false)
            let syntax = #expect(throws: DatabaseError.self) { try database.execute("SELEC 1") }
            #expect(syntax?.code == 1)
            let range = #expect(throws: DatabaseError.self) {
                var statement = try database.prepare("SELECT ?")
                try statement.bind(2, 1)
            }
            #expect(range?.code == 25)
        }
    }

    @Test func `a file that is missing or cannot be made is an error with its path`() throws {
        try withTemporaryFolder { folder in
            for mode in [Database.Mode.readOnly, .immutable] {
                let error = #expect(throws: DatabaseError.self) {
                    try Database(path: folder + "/none", mode: mode)
                }
                #expect(error?.code == 14)
                #expect(error?.path == folder + "/none")
            }
            #expect(throws: DatabaseError.self) { try Database(path: folder + "/no/d") }
            #expect(!FileManager.default.fileExists(atPath: folder + "/none"))
        }
    }

    @Test(arguments: [Database.Mode.readWrite, .readOnly, .immutable])
    func `a file that is no database is corrupt`(mode: Database.Mode) throws {
        try withTemporaryFolder { folder in
            try write(String(repeating: "no database ", count: 1000), to: folder + "/d")
            let error = #expect(throws: DatabaseError.self) {
                let database = try Database(path: folder + "/d", mode: mode)
                _ = try database.scalar("SELECT count(*) FROM sqlite_master")
            }
            #expect(error?.isCorruption == true)
        }
    }

    @Test func `a damaged page is corruption`() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/d"
            do {
                let database = try Database(path: path)
                try database.execute(
                    """
                    CREATE TABLE t(v TEXT);
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
                    INSERT INTO t SELECT 'some text ' || i FROM n
                    """)
            }
            var bytes = try contents(path)
            for page in 2..<bytes.count / 4096 {
                bytes.replaceSubrange(
                    page * 4096..<page * 4096 + 16, with: repeatElement(0xff, count: 16))
            }
            try write(bytes, to: path)
            let error = #expect(throws: DatabaseError.self) {
                _ = try Database(path: path, mode: .readOnly).scalar("SELECT sum(length(v)) FROM t")
            }
            #expect(error?.isCorruption == true)
        }
    }

    // MARK: Paths and modes

    @Test(arguments: [
        "a?b", "a#b", "a%b", "a%41b", "a?mode=memory", "a b&c=d", "file:x", "é荒", "a'b\"c",
        // A combining accent after a sign that has to be escaped.
        "a?\u{301}b", "a#\u{301}", "%\u{301}41",
    ])
    func `a path is taken as it is`(name: String) throws {
        try withTemporaryFolder { folder in
            let path = folder + "/" + name
            do {
                let database = try Database(path: path)
                try database.execute("CREATE TABLE t(v); INSERT INTO t VALUES(42)")
            }
            #expect(FileManager.default.fileExists(atPath: path))
            for mode in [Database.Mode.readOnly, .immutable] {
                #expect(try Database(path: path, mode: mode).scalar("SELECT v FROM t") == 42)
            }
        }
    }

    @Test func `a path may begin with two slashes`() throws {
        try withTemporaryFolder { folder in
            try Database(path: "/" + folder + "/d").execute("CREATE TABLE t(v)")
            #expect(FileManager.default.fileExists(atPath: folder + "/d"))
        }
    }

    @Test(arguments: [Database.Mode.readOnly, .immutable])
    func `what is opened to be read cannot be changed`(mode: Database.Mode) throws {
        try withTemporaryFolder { folder in
            try Database(path: folder + "/d").execute("CREATE TABLE t(v)")
            let before = try contents(folder + "/d")
            let database = try Database(path: folder + "/d", mode: mode)
            let error = #expect(throws: DatabaseError.self) {
                try database.execute("INSERT INTO t VALUES(1)")
            }
            #expect(error.map { $0.code & 0xff } == 8)
            #expect(try contents(folder + "/d") == before)
        }
    }

    @Test func `an immutable file is read without locks`() throws {
        try withTemporaryFolder { folder in
            let writer = try Database(path: folder + "/d")
            try writer.execute("CREATE TABLE t(v); INSERT INTO t VALUES(1)")
            try writer.execute("BEGIN EXCLUSIVE")
            #expect(
                try Database(path: folder + "/d", mode: .immutable).scalar("SELECT v FROM t") == 1)
            try writer.execute("ROLLBACK")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["d"])
        }
    }
}
