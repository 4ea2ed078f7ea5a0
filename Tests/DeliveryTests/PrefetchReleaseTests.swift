import Delivery
import Foundation
import Storage
import TestSupport
import Testing

/// Announced songs: held ahead where there is room, and with the day from which they may be served.
@Suite struct PrefetchReleaseTests {
    /// The night of 2026-11-19, so the plan is for the 20th.
    private func world(
        budget: Double, _ seed: UInt64 = 1
    ) throws -> (night: NightFixture, songs: SongList, placement: String) {
        var instance = RandomInstance(seed: seed)
        let songs = instance.songs(40)
        let bytes = songs.sizesBytes.reduce(0, +)
        let night = try NightFixture(
            topology: StageTests.topology(
                capacity: bytes, edgeCapacity: bytes * 2, budget: Int(Double(bytes) * budget)))
        var demand = RegionDemand()
        // The last ten have no demand.
        for song in 0..<songs.count {
            demand.appendSong(
                song < 30
                    ? (0..<5).map { (region: $0, streams: Float(song + 1)) } : [])
        }
        try night.write(songs, demand)
        return (night, songs, try night.place().folder)
    }

    private func options(
        _ night: NightFixture, _ releases: [(song: Digest, date: String, streams: Int?)],
        leadDays: Int = 1
    ) throws -> PrefetchOptions {
        let list = releases.map {
            let streams = $0.streams.map(String.init) ?? "null"
            return """
                {"song_id":"\($0.song)","date":"\($0.date)","expected_daily_streams":\(streams)}
                """
        }.joined(separator: ",")
        let path = night.folder + "/releases.json"
        try FileSystem.remove(path)
        let writer = try FileWriter(path)
        try writer.write(
            "{\"format\":\"spindle-releases\",\"version\":1,\"releases\":[\(list)]}")
        _ = try writer.finish()
        var options = PrefetchOptions()
        options.releases = path
        options.releaseLeadDays = leadDays
        return options
    }

    private func records(_ folder: String, _ edge: Topology.Edge) throws -> [JSONValue] {
        Array(try lines("\(folder)/\(edge.id).ndjson.zst").dropFirst())
    }

    @Test(arguments: [
        (0, [String]()), (1, ["2026-11-21"]), (2, ["2026-11-21", "2026-11-22"]),
    ])
    func `a release is fetched as many days ahead as is allowed, and last`(
        leadDays: Int, days: [String]
    ) throws {
        let (night, songs, placement) = try world(budget: 3)
        let plan = try night.prefetch(
            placement: placement,
            options: try options(
                night,
                [
                    (songs.ids[32], "2026-11-22", nil), (songs.ids[31], "2026-11-21", nil),
                    (songs.ids[33], "2026-11-20", nil), (songs.ids[34], "2026-11-01", nil),
                    (SHA256.hash("not ingested yet"), "2026-11-21", nil),
                ], leadDays: leadDays))
        for edge in night.topology.edges {
            let records = try records(plan.folder, edge)
            let embargoed = records.filter { $0["not_before"] != nil }
            #expect(embargoed.map { $0["not_before"]?.string } == days)
            #expect(embargoed.allSatisfy { $0["expected_hits"]?.double == 0 })
            // Behind all that the day has a use for.
            #expect(records.suffix(days.count) == embargoed[...])
            #expect(records.count == 30 + days.count)
        }
        #expect(plan.summary.edges.allSatisfy { $0.header.embargoedSongs == days.count })
    }

    @Test func `an announced song has no hits before its day, whatever the demand says`() throws {
        let (night, songs, placement) = try world(budget: 3)
        let song = songs.ids[29]  // the one with the most streams
        func plan(_ date: String) throws -> (folder: String, summary: PrefetchSummary) {
            try night.prefetch(
                placement: placement, options: try options(night, [(song, date, nil)]))
        }
        let today = try plan("2026-11-20")
        let later = try plan("2026-11-27")
        let edge = night.topology.edges[0]
        #expect(
            try records(today.folder, edge).contains {
                $0["song_id"]?.string == song.hex && $0["not_before"] == nil
                    && $0["expected_hits"]!.double! > 0
            })
        #expect(!(try records(later.folder, edge).contains { $0["song_id"]?.string == song.hex }))
        for (a, b) in zip(today.summary.edges, later.summary.edges) {
            #expect(a.header.expectedRequests > b.header.expectedRequests)
        }
    }

    @Test func `a song that is there already is held, and needs no budget`() throws {
        let (night, songs, placement) = try world(budget: 3)
        let before = try night.prefetch(placement: placement)
        // It was there, and then somebody announced it for next week: it stays, unserved.
        let announced = try options(night, [(songs.ids[29], "2026-11-27", nil)], leadDays: 30)
        for edge in night.topology.edges.indices {
            night.topology.edges[edge].fillBudgetBytes = 0
        }
        let next = try night.prefetch(
            placement: placement, previous: before.folder, options: announced)
        for edge in night.topology.edges {
            let record = try #require(
                try records(next.folder, edge).first { $0["song_id"]?.string == songs.ids[29].hex })
            #expect(record["action"]?.string == "hold")
            #expect(record["not_before"]?.string == "2026-11-27")
        }
    }

    @Test func `the soonest release goes first, then the one with more streams`() throws {
        let (night, songs, placement) = try world(budget: 3)
        let plan = try night.prefetch(
            placement: placement,
            options: try options(
                night,
                [
                    (songs.ids[31], "2026-11-22", 900), (songs.ids[32], "2026-11-21", 5),
                    (songs.ids[33], "2026-11-21", 70), (songs.ids[34], "2026-11-21", nil),
                ], leadDays: 3))
        let last = try records(plan.folder, night.topology.edges[0]).suffix(4)
        #expect(
            last.map { $0["song_id"]?.string }
                == [33, 32, 34, 31].map { songs.ids[$0].hex })
    }

    @Test func `a calendar that is none is refused`() throws {
        let (night, _, placement) = try world(budget: 3)
        var options = PrefetchOptions()
        options.releases = placement + "/placement.summary.json"
        let error: FormatError = try #require(throws: FormatError.self) {
            try night.prefetch(placement: placement, options: options)
        }
        #expect(error.detail == "is no file of releases")
    }
}
