import Foundation
import SQLite
import Storage
import TestSupport
import Testing

@testable import AudioAnalysis

/// The same recording in several encodings, and what is not.
@Suite struct DuplicateTests {
    @Test func `another encoding and another start of a recording are found, other songs are not`()
        throws
    {
        var files = [
            "best.mp3": try DecodeFixture.sample(DecodeFixture.elise),
            "low.mp3": try DecodeFixture.fixture("elise-32.mp3"),
            "cut.mp3": try DecodeFixture.fixture("elise-cut-vbr.mp3"),
        ]
        // By the same players, and alike in tempo and key.
        for region in ["Europe/Clara Wendt", "Asia"] {
            let root = "\(Repository.sample)/music/\(region)"
            for path in try FileManager.default.subpathsOfDirectory(atPath: root)
            where path.hasSuffix(".mp3") && !path.hasSuffix("Elise.mp3") {
                files[path.replacing("/", with: "_")] = try FileSystem.readAll(root + "/" + path)
            }
        }
        let fixture = try DecodeFixture(files)
        try fixture.decode {
            $0.parts.insert(.fingerprint)
            $0.workers = 2
        }
        let groups = try DuplicateSearch(try DecodeStore(fixture.warehouse, .readOnly)).groups()
        let songs = try ["best.mp3", "cut.mp3", "low.mp3"].map(fixture.song)
        #expect(groups.map { Set($0.map(\.song.hex)) } == [Set(songs)])
        let cut = try #require(groups.first?.first { $0.song.hex == songs[1] })
        // It begins three seconds into the recording.
        #expect((2800...3200).contains(abs(cut.offsetMs)), "\(cut)")

        let result = try fixture.spindle(["duplicates", "--json"])
        let json = try JSONValue.parse(Array(result.stdout.utf8), path: "stdout")
        let group = try #require(json["groups"]?.array?.first?.array)
        #expect(group.count == 3 && json["groups"]?.array?.count == 1)
        #expect(group[0]["best"] == .bool(true))
        #expect(group[0]["song_id"]?.string == songs[0])
        #expect(group[0]["title"]?.string == "Für Elise")
        #expect(group[2]["best"] == .bool(false))
        let text = try fixture.spindle(["duplicates"])
        #expect(text.stdout.contains("group 1, 3 copies\n  best "))
    }

    private static func noisy(_ items: [UInt32], bitErrors: Int, _ random: inout SeededGenerator)
        -> [UInt32]
    {
        items.map { item in
            // In some items no bit differs, as between encodings of real music.
            guard random.next() % 10 < 7 else { return item }
            var item = item
            for _ in 0..<bitErrors { item ^= 1 << UInt32(random.next() % 32) }
            return item
        }
    }

    @Test(arguments: SeededGenerator.seeds(3))
    func `copies are found among many, at any offset`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var songs = (0..<300).map { _ in
            (0..<900).map { _ in UInt32(truncatingIfNeeded: random.next()) }
        }
        // The last fifty are copies of the first fifty, later and with errors.
        for index in 0..<50 {
            songs[250 + index] =
                Array(songs[249].prefix(index)) + Self.noisy(songs[index], bitErrors: 4, &random)
        }
        let candidates = FingerprintIndex.candidates(itemCount: 300 * 900) { body in
            for (index, song) in songs.enumerated() {
                song.withUnsafeBufferPointer { body(UInt32(index), $0) }
            }
        }
        for index in 0..<50 {
            let pair = try #require(
                candidates.first { $0.a == UInt32(index) && $0.b == UInt32(250 + index) })
            let best = try #require(
                FingerprintAlignment.best(songs[index], songs[250 + index], around: pair.offset))
            #expect(best.offset == -index)
            #expect(best.similarity > 0.7)
        }
        // The shared beginnings make some of the copies candidates of each other; no more.
        #expect(candidates.allSatisfy { $0.b >= 249 })
    }

    @Test func `what thousands have in common does not pair all with all`() {
        let silence = [UInt32](repeating: 627_964_279, count: 300) + [1, 2, 3, 4, 5, 6, 7, 8, 9]
        let candidates = FingerprintIndex.candidates(itemCount: 2000 * 309) { body in
            for song in UInt32(0)..<2000 { silence.withUnsafeBufferPointer { body(song, $0) } }
        }
        #expect(candidates.count < 2000)
    }

    @Test func `likeness is 1 for the same bits and none for the opposite`() throws {
        let items = (0..<100).map { UInt32($0) &* 2_654_435_761 }
        let shifted = Array(items.dropFirst(10))
        let same = try #require(FingerprintAlignment.best(items, shifted, around: 9))
        #expect(same == .init(similarity: 1, offset: 10, overlap: 90))
        let opposite = try #require(
            FingerprintAlignment.best(items, items.map { ~$0 }, around: 0))
        #expect(opposite.similarity < 0.2)
        #expect(FingerprintAlignment.best(items, shifted, around: 80) == nil)
        #expect(FingerprintAlignment.best(Array(items.prefix(20)), items, around: 0) == nil)
    }
}
