import AudioAnalysis
import Catalog
import Foundation
import SQLite
import Storage
import TestSupport

/// A warehouse with some songs of the sample and some that the test has damaged.
struct DecodeFixture {
    static let night = CalendarDate(year: 2026, month: 11, day: 19)

    let folder: TemporaryFolder
    let source: String
    let warehouse: Warehouse

    /// - Parameter files: Name in the source folder, and content.
    init(_ files: [String: [UInt8]]) throws {
        folder = try TemporaryFolder()
        source = folder / "music"
        warehouse = Warehouse(path: folder / "warehouse")
        try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
        for (name, bytes) in files {
            try Data(bytes).write(to: URL(filePath: source + "/" + name))
        }
        try ingest()
    }

    func ingest(_ options: String...) throws {
        let result = try spindle(["ingest", "--source", source, "--quiet"] + options)
        if result.code != 0 { throw Failed(text: result.stderr) }
    }

    struct Failed: Error { let text: String }

    func spindle(_ arguments: [String]) throws -> Program.Result {
        try Program.spindle.run(arguments + ["--warehouse", warehouse.path])
    }

    static var options: DecodeRun.Options {
        var options = DecodeRun.Options()
        options.program = Program.spindle.path
        return options
    }

    @discardableResult
    func decode(_ change: (inout DecodeRun.Options) -> Void = { _ in }) throws -> DecodeRun.Summary
    {
        var options = Self.options
        change(&options)
        return try DecodeRun(warehouse, options).run(date: Self.night, tool: "test")
    }

    /// Rows of `decode.sqlite`, their columns as text.
    func rows(_ sql: String) throws -> [[String]] {
        let database = try Database(path: warehouse.decodePath, mode: .readOnly)
        var statement = try database.prepare(sql)
        let columns = Int32(sql.split(separator: " FROM ")[0].split(separator: ",").count)
        var rows: [[String]] = []
        while try statement.step() { rows.append((0..<columns).map { statement.text($0) }) }
        return rows
    }

    /// The song that a file of the source holds.
    func song(_ name: String) throws -> String {
        try Ledger(warehouse, .readOnly).file(source: source, path: Array(name.utf8))!.song!.hex
    }

    // MARK: Files

    static func sample(_ name: String) throws -> [UInt8] {
        try FileSystem.readAll("\(Repository.sample)/music/\(name)")
    }

    static let elise = "Europe/Clara Wendt/Kleine Stücke/02 Für Elise.mp3"
    static let moon = "Asia/月光社/古都の歌/02 荒城の月.mp3"

    static func fixture(_ name: String) throws -> [UInt8] {
        try FileSystem.readAll("\(Repository.path)/Tests/AudioAnalysisTests/Fixtures/\(name)")
    }
}
