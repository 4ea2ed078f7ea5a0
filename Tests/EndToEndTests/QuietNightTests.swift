import Storage
import TestSupport
import Testing

/// What an ingest tells of nights on which little or nothing happened.
@Suite struct QuietNightTests {
    private func library(_ warehouse: TestWarehouse, _ count: Int) throws -> String {
        let source = warehouse.folder / "source"
        try FileSystem.makeDirectories(source)
        for number in 0..<count {
            try write(MP3.audio(frames: 5, from: number * 100), to: source + "/\(number).mp3")
        }
        return source
    }

    private func counts(_ result: Program.Result) throws -> JSONValue {
        let json = try JSONValue.parse([UInt8](result.stdout.utf8), path: "stdout")
        return try #require(json["counts"])
    }

    @Test func `a night without news has counts of its own`() throws {
        let warehouse = try TestWarehouse()
        let source = try library(warehouse, 3)
        try write("<html>", to: source + "/bad.mp3")
        func ingest(_ date: String) throws -> JSONValue {
            try counts(
                warehouse.spindle("ingest", "--json", "--source", source, "--date", date))
        }
        #expect(try ingest("2026-11-19")["new"]?.int == 3)
        let quiet = try ingest("2026-11-20")
        #expect(quiet["new"]?.int == 0)
        #expect(quiet["bytes_read"]?.int == 0)
        #expect(quiet["unchanged"]?.int == 3)
        #expect(quiet["rejected"]?.int == 1)
        #expect(quiet["seen"]?.int == 4)
        #expect(quiet["songs"]?.int == 3)
        let record = try JSONValue.read(warehouse.path + "/runs/date=2026-11-20/ingest.json")
        #expect(record["counts"] == quiet)
        // The night that brought them still says so.
        #expect(try ingest("2026-11-19")["new"]?.int == 3)
    }

    @Test func `a small part of a source that goes is told`() throws {
        let warehouse = try TestWarehouse()
        let source = try library(warehouse, 40)
        #expect(try warehouse.spindle("ingest", "--source", source).code == 0)
        func lose(_ names: [Int]) throws -> String {
            for name in names { try FileSystem.remove("\(source)/\(name).mp3") }
            let result = try warehouse.spindle("ingest", "--source", source)
            #expect(result.code == 0)
            return result.stderr
        }
        let few = try lose([0, 1])
        #expect(!few.contains("warning"))
        let more = try lose([2, 3, 4])
        #expect(more.contains("3 of 38 known files are gone"))
    }
}
