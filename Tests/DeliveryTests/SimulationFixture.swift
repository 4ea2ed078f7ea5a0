import Delivery
import Foundation
import Plays
import Storage
import TestSupport

/// A night with its plan, and play logs of its day and the next.
final class SimulationFixture {
    let night: NightFixture
    let placement: String
    let prefetch: String
    private(set) var songs = SongList()

    var logs: String { night.folder + "/logs" }
    var date: CalendarDate { night.date }

    /// Five regions: two with one edge, one with two, one with three, one with none.
    static func topology(pinnedShare: Double) -> Topology {
        var topology = Fixture.world
        let edges = [
            ("ap-east-1", "ap-east"), ("ap-south-1", "ap-south"), ("eu-west-1", "eu-west"),
            ("eu-west-2", "eu-west"), ("us-east-1", "us-east"), ("us-east-2", "us-east"),
            ("us-east-3", "us-east"),
        ]
        topology.edges = edges.enumerated().map { number, edge in
            Topology.Edge(
                id: edge.0, region: topology.index(ofRegion: edge.1)!,
                url: "http://\(edge.0).example", capacityBytes: 120_000 + 10_000 * number,
                fillBudgetBytes: 90_000, pinnedShare: pinnedShare)
        }
        return topology
    }

    init(seed: UInt64, songs count: Int = 60, requests: Int = 700, pinnedShare: Double = 0.6)
        throws
    {
        var instance = RandomInstance(seed: seed)
        let topology = Self.topology(pinnedShare: pinnedShare)
        night = try NightFixture(topology: topology)
        let ids = (0..<count).map { _ in instance.digest() }.sorted()
        songs = SongList(
            ids: ids,
            sizesBytes: ids.map { _ in
                // Sizes of which no two densities are alike.
                2 * Int.random(in: 250...6000, using: &instance.generator) + 1
            }, ranks: (1...UInt32(count)).map { $0 })
        var demand = RegionDemand()
        for song in 0..<count {
            demand.appendSong(
                topology.regions.indices.map {
                    (
                        region: $0,
                        streams: Float(200 / (song + 1))
                            * Float.random(in: 0...2, using: &instance.generator)
                    )
                })
        }
        try night.write(songs, demand)
        placement = try night.place().folder
        prefetch = try night.prefetch(placement: placement).folder
        for day in [date, date.next] {
            try write(
                events(on: day, count: requests, &instance.generator), log: day.description)
        }
    }

    /// Events with moments of their own, three in four of regions with edges; now and then one of a
    /// song or region that nobody knows, and one that comes a second time and later.
    private func events(
        on day: CalendarDate, count: Int, _ generator: inout SeededGenerator
    ) -> [String] {
        let regions = night.topology.regions.map(\.id)
        var events: [String] = []
        for number in 0..<count {
            let draw = Double.random(in: 0..<1, using: &generator)
            let song = songs.ids[Int(Double(songs.count) * draw * draw)].hex
            let region = regions.randomElement(using: &generator)!
            let time = number * (80_000_000 / count) + Int.random(in: 0..<1000, using: &generator)
            events.append(
                Self.event(
                    "\(day)-\(number)", time, on: day, song: number % 97 == 0 ? "unknown" : song,
                    region: number % 89 == 0 ? "moon" : region,
                    listener: "listener-\(Int.random(in: 0..<40, using: &generator))"))
            if number % 50 == 7 {
                events.append(
                    Self.event(
                        "\(day)-\(number)", time + 500_000, on: day, song: song, region: region,
                        listener: "again"))
            }
        }
        return events.shuffled(using: &generator)
    }

    static func event(
        _ id: String, _ timeMs: Int, on day: CalendarDate, song: String, region: String,
        listener: String
    ) -> String {
        func padded(_ number: Int, _ width: Int) -> String {
            String(repeating: "0", count: width - "\(number)".count) + "\(number)"
        }
        let seconds = timeMs / 1000
        let clock =
            "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
        return """
            {"event_id":"\(id)","ts":"\(day)T\(clock).\(padded(timeMs % 1000, 3))Z",\
            "user_id":"\(listener)","song_id":"\(song)","region":"\(region)","ms_played":9000,\
            "duration_ms":200000}
            """
    }

    func write(_ events: [String], log name: String) throws {
        let folder = "\(logs)/date=\(name)"
        try FileSystem.makeDirectories(folder)
        let text = events.map { $0 + "\n" }.joined()
        try text.write(toFile: folder + "/plays.ndjson", atomically: true, encoding: .utf8)
    }

    func plan(_ topology: Topology? = nil) throws -> SimulationPlan {
        try SimulationPlan(
            date: date, topology: topology ?? night.topology, catalog: night.catalog,
            demand: night.demand, placement: placement, prefetch: prefetch)
    }

    func requests() throws -> SimulationRequests {
        let log = RequestLog(warehouse: night.warehouse, logs: [logs], options: PlayOptions())
        return try SimulationRequests(
            log, night: date, songs: songs, topology: night.topology)
    }
}
