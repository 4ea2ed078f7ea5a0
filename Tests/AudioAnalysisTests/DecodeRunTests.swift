import Catalog
import Foundation
import SQLite
import Storage
import TestSupport
import Testing
import WorkerProcesses

@testable import AudioAnalysis

/// `spindle decode` over real songs in real helper processes.
@Suite struct DecodeRunTests {
    private static func songs(_ names: String...) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for (index, name) in names.enumerated() {
            files["\(index).mp3"] = try DecodeFixture.sample(name)
        }
        return files
    }

    private static func five() throws -> DecodeFixture {
        try DecodeFixture(
            songs(
                DecodeFixture.elise, DecodeFixture.moon, "Asia/月光社/古都の歌/03 蛍の光.mp3",
                "Europe/Clara Wendt/Kleine Stücke/03 Rondo alla Turca.mp3",
                "Europe/Clara Wendt/Kleine Stücke/01 Menuett G-Dur.mp3"))
    }

    @Test func `sound songs give every sample that their frames promise`() throws {
        let fixture = try Self.five()
        let summary = try fixture.decode { $0.workers = 2 }
        #expect(summary.decoded == 5 && summary.failed == 0)
        for row in try fixture.rows(
            "SELECT verdict, warnings, samples, expected_samples, is_silent FROM songs")
        {
            #expect(row[0] == "ok" && row[1] == "0" && row[4] == "0", "\(row)")
            #expect(row[2] == row[3] && Int(row[2])! > 1_000_000, "\(row)")
        }
        let loudness = try fixture.rows("SELECT loudness_lufs, replay_gain_db FROM songs")
        for row in loudness {
            let (lufs, gain) = (try #require(Double(row[0])), try #require(Double(row[1])))
            #expect((-30 ... -8).contains(lufs))
            #expect(abs(lufs + gain + 18) < 0.002)
        }
    }

    /// What is done to the audio of a song of 40 kb/s, whose frames have 180 bytes each.
    enum Damage: String, CaseIterable {
        case sideInfo, huffman, inserted, removed, cut

        var expected: DecodeWarning {
            switch self {
            case .sideInfo: .badSideInfo
            case .huffman: .badAudioData
            case .inserted, .removed: .resync
            case .cut: .cutShort
            }
        }

        func apply(_ file: [UInt8], frame: Int) -> [UInt8] {
            var file = file
            switch self {
            case .sideInfo:
                file.replaceSubrange(frame + 4..<frame + 21, with: repeatElement(0xff, count: 17))
            case .huffman:
                // Frames keep their headers and side information; what these speak of is noise.
                var generator = SeededGenerator(seed: 1)
                for number in 0..<40 {
                    let start = frame + 180 * number + 21
                    file.replaceSubrange(start..<start + 159, with: generator.bytes(159))
                }
            case .inserted: file.insert(contentsOf: repeatElement(0, count: 1000), at: frame)
            case .removed: file.removeSubrange(frame + 50..<frame + 110)
            case .cut: file.removeSubrange((frame + 70)...)
            }
            return file
        }
    }

    /// The first of ten frames in a row with the same header, from the middle on.
    private static func run(in song: [UInt8]) -> Int? {
        (100_000..<101_000).first { start in
            (0..<10).allSatisfy {
                song[start + 180 * $0] == 0xff && song[start + 180 * $0 + 1] == 0xfb
            }
        }
    }

    @Test(arguments: Damage.allCases)
    func `damage inside the frames is found with its place`(damage: Damage) throws {
        let whole = try DecodeFixture.sample(DecodeFixture.moon)
        let frame = try #require(Self.run(in: whole))
        let fixture = try DecodeFixture(["damaged.mp3": damage.apply(whole, frame: frame)])
        #expect(try fixture.decode().withWarnings == 1)
        let row = try #require(
            try fixture.rows(
                "SELECT verdict, warning_codes, first_warning_offset, warnings FROM songs"
            ).first)
        #expect(row[0] == "warnings")
        #expect(row[1].contains(damage.expected.rawValue), "\(row)")
        let song = try #require(
            try Ledger(fixture.warehouse, .readOnly)
                .file(source: fixture.source, path: Array("damaged.mp3".utf8)))
        let offset = try #require(Int(row[2])) + (song.head?.sizeBytes ?? 0)
        #expect((frame - 180...frame + 180 * 40).contains(offset), "\(row)")
        let list = try fixture.spindle(["decode", "--list"])
        #expect(list.code == 0)
        #expect(list.stdout.contains(fixture.source + "/damaged.mp3: warnings: "))
    }

    @Test func `nothing is decoded twice, and a further option adds what it measures`() throws {
        let fixture = try DecodeFixture(Self.songs(DecodeFixture.elise, DecodeFixture.moon))
        try fixture.decode()
        let levels = try fixture.rows("SELECT loudness_lufs, samples, tool FROM songs")
        #expect(try fixture.decode().upToDate == 2)
        #expect(try fixture.decode { $0.parts.insert(.truePeak) }.decoded == 2)
        #expect(try fixture.decode { $0.parts.insert([.fingerprint, .truePeak]) }.decoded == 2)
        let summary = try fixture.decode { $0.parts.insert([.fingerprint, .truePeak]) }
        #expect(summary.decoded == 0 && summary.upToDate == 2)
        #expect(try fixture.rows("SELECT loudness_lufs, samples, tool FROM songs") == levels)
        for row in try fixture.rows("SELECT true_peak_dbtp, sample_peak_dbfs FROM songs") {
            #expect(try #require(Double(row[0])) > Double(row[1])! - 0.001)
        }
        let items = try fixture.rows("SELECT length(items), compressed FROM fingerprints")
        #expect(
            items.count == 2
                && items.allSatisfy { Int($0[0])! > 1200 && $0[1].hasPrefix("AQA") })
        #expect(try fixture.decode { $0.rereads = true }.decoded == 2)
    }

    @Test func `a VBRI header and a lost end are no samples too many`() throws {
        var vbri = try DecodeFixture.sample(DecodeFixture.elise)
        // A frame of 417 bytes, one channel.
        let start = try #require(vbri.firstRange(of: Array("Xing".utf8))).lowerBound - 21
        vbri.replaceSubrange(start + 4..<start + 417, with: repeatElement(0, count: 413))
        vbri.replaceSubrange(start + 36..<start + 40, with: Array("VBRI".utf8))
        let moon = try DecodeFixture.sample(DecodeFixture.moon)
        let frame = try #require(Self.run(in: moon))
        let fixture = try DecodeFixture(["0.mp3": vbri, "1.mp3": Array(moon[..<frame])])
        try fixture.decode()
        for row in try fixture.rows("SELECT verdict, samples, expected_samples FROM songs") {
            #expect(row[0] == "ok" && row[1] == row[2], "\(row)")
        }
    }

    @Test func `who has a verdict gets no other one from what is added`() throws {
        let truncated = try DecodeFixture.sample("Troublesome/truncated.mp3")
        let fixture = try DecodeFixture(["0.mp3": truncated])
        #expect(try fixture.decode().withWarnings == 1)
        let result = try fixture.spindle(["decode", "--true-peak"])
        #expect(
            result.stderr.contains(
                "decoded 1 songs: 0 sound, 0 with warnings, 0 failed, 1 judged before"),
            "\(result.stderr)")
        #expect(try fixture.rows("SELECT verdict FROM songs") == [["warnings"]])
    }

    @Test func `an older measurement is made again, and nothing else`() throws {
        let fixture = try DecodeFixture(Self.songs(DecodeFixture.elise, DecodeFixture.moon))
        try fixture.decode()
        let database = try Database(path: fixture.warehouse.decodePath)
        try database.execute(
            "UPDATE songs SET levels_version = 0 WHERE song_id = '\(fixture.song("0.mp3"))'")
        let summary = try fixture.decode()
        #expect(summary.decoded == 1 && summary.upToDate == 1)
    }

    @Test func `a larger sample holds the smaller one`() throws {
        let fixture = try Self.five()
        var last: Set<[String]> = []
        for count in [0, 2, 4] {
            try fixture.decode { $0.sample = .count(count) }
            let songs = Set(try fixture.rows("SELECT song_id FROM songs"))
            #expect(songs.count == count && songs.isSuperset(of: last))
            last = songs
        }
        // Nothing that the smaller ones have decoded is decoded again.
        #expect(try fixture.decode().decoded == 1)
    }

    @Test(arguments: [("10%", 100), ("50%", 500), ("100%", 1000), ("0%", 0), ("7", 7)])
    func `a share is a share of the songs`(text: String, expected: Int) throws {
        let sample = try #require(DecodeSample(text))
        let songs = (0..<1000).map { SHA256.hash("\($0)") }.sorted()
        let taken = songs.enumerated().prefix { sample.choice($1, index: $0) == .take }.count
        #expect(abs(taken - expected) <= 45)
        if !text.hasSuffix("%") || expected % 1000 == 0 { #expect(taken == expected) }
    }

    @Test(arguments: ["", "x", "-1", "101%", "-1%", "%"])
    func `what is no sample is refused`(text: String) {
        #expect(DecodeSample(text) == nil)
    }

    @Test func `rows of songs that have left the ledger go`() throws {
        let fixture = try DecodeFixture(Self.songs(DecodeFixture.elise, DecodeFixture.moon))
        try fixture.decode { $0.parts.insert(.fingerprint) }
        let kept = try fixture.song("0.mp3")
        try FileManager.default.removeItem(atPath: fixture.source + "/1.mp3")
        try fixture.ingest("--accept-removals")
        #expect(try fixture.decode().pruned == 1)
        #expect(try fixture.rows("SELECT song_id FROM songs") == [[kept]])
        #expect(try fixture.rows("SELECT song_id FROM fingerprints") == [[kept]])
    }

    @Test func `a decoder that crashes or hangs costs its song a verdict, and not the run`() throws
    {
        let fixture = try DecodeFixture(Self.songs(DecodeFixture.elise, DecodeFixture.moon))
        let summary = try fixture.decode { $0.program = Program(built: "WorkerProbe").path }
        #expect(summary.decoded == 2 && summary.failed == 2)
        #expect(
            try fixture.rows("SELECT failure FROM songs") == [
                ["decoder_crashed"], ["decoder_crashed"],
            ])
        // The verdict stands until it is asked for anew.
        #expect(try fixture.decode().decoded == 0)
        try fixture.decode {
            $0.rereads = true
            $0.limits.wallClockMs = 0
        }
        #expect(try fixture.rows("SELECT failure FROM songs") == [["over_limit"], ["over_limit"]])
        #expect(try fixture.decode { $0.rereads = true }.failed == 0)
        #expect(try fixture.rows("SELECT verdict FROM songs") == [["ok"], ["ok"]])
    }

    @Test func `a blob that is missing is asked for again the next time`() throws {
        let fixture = try DecodeFixture(Self.songs(DecodeFixture.elise))
        let path = BlobStore(fixture.warehouse).path(Digest(hex: try fixture.song("0.mp3"))!)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        try fixture.decode()
        #expect(try fixture.rows("SELECT failure FROM songs") == [["blob_missing"]])
        try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        try fixture.decode()
        #expect(try fixture.rows("SELECT verdict FROM songs") == [["ok"]])
    }

    @Test func `a blob that is missing is no defect of another song, nor of the night`() throws {
        let fixture = try Self.five()
        let songs = try (0..<5).map { try fixture.song("\($0).mp3") }.sorted()
        let path = BlobStore(fixture.warehouse).path(Digest(hex: songs[0])!)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        let first = try fixture.spindle(["decode", "--workers", "1"])
        #expect(first.code == 0 && first.stderr.contains("1 songs have no blob"))
        #expect(
            try fixture.rows("SELECT song_id, verdict FROM songs WHERE verdict <> 'ok'")
                == [[songs[0], "failed"]])
        #expect(try fixture.rows("SELECT detail FROM songs")[0][0].contains("No such file"))
        try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        let second = try fixture.spindle(["decode", "--workers", "1"])
        #expect(second.stderr.contains("decoded 1 songs: 1 sound"))
        #expect(try fixture.rows("SELECT verdict FROM songs WHERE verdict <> 'ok'").isEmpty)
    }

    @Test(arguments: ["", "PRAGMA journal_mode = WAL"])
    func `a run that was killed before it made its tables is none`(sql: String) throws {
        let fixture = try DecodeFixture(Self.songs(DecodeFixture.elise))
        try Data().write(to: URL(filePath: fixture.warehouse.decodePath))
        try Database(path: fixture.warehouse.decodePath).execute(sql)
        #expect(try fixture.spindle(["decode", "--list"]).code == 66)
        #expect(try fixture.spindle(["duplicates"]).code == 66)
        let result = try fixture.spindle(["decode"])
        #expect(result.code == 0, "\(result.stderr)")
        #expect(try fixture.rows("SELECT verdict FROM songs") == [["ok"]])
    }

    @Test func `a run that is killed is gone on with`() throws {
        let fixture = try Self.five()
        for _ in 0..<3 {
            let program = try Program.spindle.start(
                ["decode", "--workers", "1", "--warehouse", fixture.warehouse.path])
            // After the file is there, so somewhere among the songs.
            while program.isRunning, !FileSystem.exists(fixture.warehouse.decodePath) {}
            program.kill(SIGKILL)
            _ = program.wait()
        }
        let result = try fixture.spindle(["decode", "--json"])
        #expect(result.code == 0, "\(result.stderr)")
        #expect(try fixture.rows("SELECT song_id FROM songs WHERE verdict = 'ok'").count == 5)
        let again = try fixture.spindle(["decode", "--json"])
        #expect(again.stdout.contains(#""result":"up_to_date""#))
    }

    @Test func `nights go on beside it, and two of it do not`() throws {
        let fixture = try DecodeFixture(["a.mp3": try DecodeFixture.sample(DecodeFixture.elise)])
        // As it was made by a run that holds the warehouse.
        try RunLock.hold(fixture.warehouse, command: "a long night") {
            let result = try fixture.spindle(["decode"])
            #expect(result.code == 0, "\(result.stderr)")
            #expect(result.stderr.contains("decoded 1 songs"), "\(result.stderr)")
        }
        try RunLock.holdDecoding(fixture.warehouse) {
            let result = try fixture.spindle(["decode", "--reread"])
            #expect(result.code == 75, "\(result.stderr)")
            #expect(result.stderr.contains("spindle decode"), "\(result.stderr)")
            try fixture.ingest("--force")
        }
        // Who came second has written no failure over the first one's record.
        let again = try fixture.spindle(["decode", "--json"])
        #expect(again.stdout.contains("\"result\":\"up_to_date\""), "\(again.stdout)")
        #expect(again.stdout.contains("decoded 1 songs"), "\(again.stdout)")
    }

    @Test func `wrong calls say what is wrong`() throws {
        let fixture = try DecodeFixture(Self.songs(DecodeFixture.elise))
        #expect(try fixture.spindle(["decode", "--list"]).code == 66)
        #expect(try fixture.spindle(["duplicates"]).code == 66)
        #expect(try fixture.spindle(["decode", "--sample", "many"]).code == 64)
        #expect(try fixture.spindle(["decode", "--songs", "abc"]).code == 64)
        let minutes = try fixture.spindle(["decode", "--limit-minutes", "\(Int.max)"])
        #expect(minutes.code == 64 && minutes.stderr.contains("from 0 to"))
        let unknown = String(repeating: "a", count: 64)
        let nothing = try fixture.spindle(["decode", "--songs", unknown])
        #expect(nothing.stderr.contains("1 of the songs named are not in the ledger"))
        try FileSystem.remove(fixture.warehouse.decodePath)
        #expect(try fixture.spindle(["duplicates", "--threshold", "2"]).code == 64)
        try FileSystem.remove(fixture.warehouse.decodePath)
        try Data(Array("no database at all, but long enough".utf8))
            .write(to: URL(filePath: fixture.warehouse.decodePath))
        let damaged = try fixture.spindle(["decode"])
        #expect(damaged.code == 65 && damaged.stderr.contains("move it away"))
    }
}
