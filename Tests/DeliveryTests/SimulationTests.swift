import Delivery
import Foundation
import Plays
import Storage
import TestSupport
import Testing

@Suite struct SimulationTests {
    // MARK: Counted a second time

    @Test(arguments: SeededGenerator.seeds(2))
    func `a plain replay of manifests and logs finds the same`(seed: UInt64) throws {
        let fixture = try SimulationFixture(seed: seed)
        let topology = fixture.night.topology
        let requests = try fixture.requests()
        let simulation = Simulation(
            try fixture.plan(), requests,
            policies: [.lru, .s3fifo, .wtinylfu, .top, .seeded, .belady, .beladysize])
        let downs: [Set<String>] = [
            ["us-east-2"], ["eu-west"], ["ap-east", "us-east-1", "ap-south"],
        ]
        for down in downs {
            let outage = try #require(Outage(down.sorted(), in: topology))
            let result = simulation.run(outage: outage)
            #expect(result.scenarios.count == 2)
            #expect(result.scenarios[1].down == down.sorted())
            if down == downs[0] {
                try check(result.scenarios[0], fixture, requests, down: [])
            }
            try check(result.scenarios[1], fixture, requests, down: down)
        }
    }

    private func check(
        _ scenario: SimulationResult.Scenario, _ fixture: SimulationFixture,
        _ requests: SimulationRequests, down: Set<String>
    ) throws {
        let naive = try NaiveReplay(
            fixture.night.topology, placement: fixture.placement, prefetch: fixture.prefetch,
            down: down)
        let logs = [fixture.date, fixture.date.next].map {
            "\(fixture.logs)/date=\($0)/plays.ndjson"
        }
        let warming = try naive.requests(logs, on: fixture.date.description)
        let replayed = try naive.requests(logs, on: fixture.date.next.description)
        #expect(warming.count == requests.warmingCount && warming.count > 500)
        #expect(replayed.count == requests.replayedCount && replayed.count > 500)
        func answers(
            _ pins: [String: Set<String>]? = nil,
            _ cache: (Topology.Edge, [NaiveReplay.Request], [NaiveReplay.Request]) -> any NaiveCache
        ) -> [NaiveReplay.Answer] { naive.replay(warming, replayed, pins: pins, cache) }

        for policy in scenario.policies {
            let found: [NaiveReplay.Answer]
            switch policy.name {
            case "plan":
                found = answers(naive.pins) { edge, _, _ in
                    NaivePinned(
                        pins: Set(naive.pins[edge.id]!.map { naive.numbers[$0]! }),
                        rest: NaiveS3FIFO(
                            capacity: edge.capacityBytes - naive.pinnedBytes[edge.id]!))
                }
            case "lru": found = answers { edge, _, _ in NaiveLRU(capacity: edge.capacityBytes) }
            case "s3fifo":
                found = answers { edge, _, _ in NaiveS3FIFO(capacity: edge.capacityBytes) }
            case "wtinylfu":
                found = answers { edge, _, _ in NaiveWTinyLFU(capacity: edge.capacityBytes) }
            case "top":
                found = answers { edge, warming, _ in
                    NaiveTop(
                        capacity: edge.capacityBytes,
                        requests: warming.map { (naive.numbers[$0.song]!, naive.sizes[$0.song]!) })
                }
            case "belady":
                found = answers { edge, _, all in
                    NaiveBelady(
                        capacity: edge.capacityBytes, trace: all.map { naive.numbers[$0.song]! },
                        bySize: false)
                }
            default:
                // What has no plain counterpart must at least lose no request.
                #expect(policy.total.requests == replayed.count)
                continue
            }
            try compare(policy, found, naive, down: down)
        }
    }

    private func compare(
        _ policy: SimulationResult.Policy, _ answers: [NaiveReplay.Answer], _ naive: NaiveReplay,
        down: Set<String>
    ) throws {
        let name = Comment("\(policy.name) \(down.sorted())")
        func check(_ hits: SimulationResult.Hits, _ own: [NaiveReplay.Answer]) {
            #expect(hits.requests == own.count, name)
            #expect(hits.hits == own.count { $0.source == nil }, name)
            #expect(hits.bytes == own.reduce(0) { $0 + $1.size }, name)
            #expect(
                hits.hitBytes == own.reduce(0) { $0 + ($1.source == nil ? $1.size : 0) }, name)
        }
        check(policy.total, answers)
        for edge in policy.edges { check(edge.hits, answers.filter { $0.edge == edge.id }) }
        for region in policy.regions {
            let own = answers.filter { $0.request.region == region.id }
            check(region.hits, own)
            expect(region.latency, own.map { naive.way($0).latency }, name)
        }
        expect(policy.latency, answers.map { naive.way($0).latency }, name)

        // Who gave whom how much.
        var matrix: [String: [Int]] = [:]
        for answer in answers {
            guard let source = answer.source else { continue }
            let cell = matrix["\(source)→\(answer.edgeRegion)"] ?? [0, 0]
            matrix["\(source)→\(answer.edgeRegion)"] = [cell[0] + 1, cell[1] + answer.size]
        }
        let transfers = policy.transfers.map {
            ("\($0.from ?? "")→\($0.to)", [$0.requests, $0.bytes])
        }
        #expect(Dictionary(uniqueKeysWithValues: transfers) == matrix, name)

        for source in policy.sources {
            let given = answers.filter { $0.source == source.region ?? "" }
            let slots = Dictionary(grouping: given) { $0.request.time / 300_000 }.values
            #expect(source.requests == given.count, name)
            #expect(source.bytes == given.reduce(0) { $0 + $1.size }, name)
            let peak = Double(slots.map(\.count).max() ?? 0) / 300
            let bits = Double(slots.map { $0.reduce(0) { $0 + $1.size } }.max() ?? 0) * 8 / 300
            #expect(abs(source.peak.requestsPerSecond - peak) < 1e-9, name)
            #expect(abs(source.peak.bitsPerSecond - bits) < 1e-6, name)
        }

        let transfer = answers.reduce(0) { $0 + Double($1.size) / 1e9 * naive.way($1).transfer }
        let latency = answers.reduce(0) {
            $0 + Double($1.size) / 1e9 * naive.way($1).latency
                * naive.topology.prices.latencyUSDPerGBMs
        }
        #expect(abs(policy.cost.transferUSD - transfer) < 1e-9, name)
        #expect(abs(policy.cost.latencyUSD - latency) < 1e-9, name)
    }

    private func expect(
        _ latency: SimulationResult.Latency, _ all: [Double], _ name: Comment
    ) {
        guard !all.isEmpty else {
            return #expect([latency.mean, latency.p50, latency.p95, latency.p99] == [0, 0, 0, 0])
        }
        let sorted = all.sorted()
        func rank(_ percent: Int) -> Double {
            // Nearest rank: the least value that so many percent do not exceed.
            sorted[(sorted.count * percent + 99) / 100 - 1]
        }
        #expect(abs(latency.mean - all.reduce(0, +) / Double(all.count)) < 1e-9, name)
        #expect(
            [latency.p50, latency.p95, latency.p99] == [rank(50), rank(95), rank(99)], name)
    }

    // MARK: What must hold

    @Test func `the plan's fill, storage and moves are those of its manifests`() throws {
        let fixture = try SimulationFixture(seed: 7)
        let topology = fixture.night.topology
        let result = Simulation(try fixture.plan(), try fixture.requests(), policies: [.lru])
            .run(outage: nil)
        let plan = result.scenarios[0].policies[0]
        var (fills, fillUSD) = (0, 0.0)
        for edge in topology.edges {
            for record in try lines("\(fixture.prefetch)/\(edge.id).ndjson.zst").dropFirst()
            where record["action"]!.string! == "fetch" {
                let size = record["size_bytes"]!.int!
                let from = topology.index(ofRegion: record["source_region"]!.string!)!
                fills += size
                fillUSD +=
                    Double(size) / 1e9
                    * topology.link(from: from, to: edge.region).transferUSDPerGB
            }
        }
        #expect(plan.fillBytes == fills && fills > 0)
        #expect(abs(plan.cost.fillUSD! - fillUSD) < 1e-12)
        let summary = try JSONValue.read(fixture.placement + "/placement.summary.json")
        let cost = summary["expected_cost_usd"]!
        #expect(abs(plan.cost.storageUSD - cost["storage"]!.double!) < 1e-6)
        #expect(abs(plan.cost.moveUSD - cost["move"]!.double!) < 1e-6)
        #expect(result.scenarios[0].policies[1].fillBytes == 0)
    }

    @Test(arguments: SeededGenerator.seeds(2))
    func `no policy has more hits than the bound at any edge`(seed: UInt64) throws {
        let fixture = try SimulationFixture(seed: seed)
        let result = Simulation(
            try fixture.plan(), try fixture.requests(), policies: CachePolicyName.allCases
        ).run(outage: Outage(["eu-west"], in: fixture.night.topology), capacities: [5, 30])
        for policy in result.scenarios.flatMap(\.policies) {
            for edge in policy.edges {
                #expect(edge.hits.hits <= edge.hits.bound.requests, "\(policy.name)")
                #expect(edge.hits.hitBytes <= edge.hits.bound.bytes, "\(policy.name)")
            }
        }
        for (name, _, edges) in result.capacities.flatMap(\.policies) {
            for hits in edges {
                #expect(hits.hits <= hits.bound.requests, "\(name)")
                #expect(hits.hitBytes <= hits.bound.bytes, "\(name)")
            }
        }
    }

    @Test func `a sweep at the edges' own size is the scenario, as far as no fill budget binds`()
        throws
    {
        let fixture = try SimulationFixture(seed: 11)
        let plan = try fixture.plan()
        let bytes = fixture.songs.sizesBytes.reduce(0, +)
        let simulation = Simulation(plan, try fixture.requests(), policies: [.lru, .belady])
        let result = simulation.run(
            outage: nil, capacities: [100.0, 10, 50], pinnedShares: [0, 0.5, 1])
        // All songs fit: every song has to be fetched once at most by a cache that is warm.
        let all = result.capacities[0]
        #expect(all.value == 100 && all.policies.map(\.name) == ["plan", "lru", "belady"])
        #expect(all.policies[1].total == all.policies[2].total)
        let (small, half) = (result.capacities[1], result.capacities[2])
        for (policy, larger) in zip(small.policies, half.policies) {
            #expect(policy.total.hits < larger.total.hits)
        }
        // Nothing pinned: S3-FIFO alone.
        let ordinary = Simulation(plan, try fixture.requests(), policies: [.s3fifo])
            .run(outage: nil).scenarios[0].policies[1]
        #expect(
            result.pinnedShares[0].policies[0].edges.map(\.hits) == ordinary.edges.map(\.hits.hits))
        let edges = fixture.night.topology.edges
        for number in edges.indices {
            let best = try #require(result.bestPinnedShare(edge: number))
            // Edges of a region share its listeners, so that they are judged together.
            let hits = result.pinnedShares.map { point in
                edges.indices.filter { edges[$0].region == edges[number].region }
                    .reduce(0) { $0 + point.policies[0].edges[$1].hits }
            }
            let shares = [0, 0.5, 1]
            #expect(hits[shares.firstIndex(of: best)!] == hits.max())
        }
        #expect(bytes > 0)
    }

    @Test func `what is asked for and is not known is counted`() throws {
        let fixture = try SimulationFixture(seed: 3)
        let strays = try fixture.requests().strays
        let events = try lines("\(fixture.logs)/date=\(fixture.date.next)/plays.ndjson")
        let ids = Set(events.map { $0["event_id"]!.string! })
        #expect(strays.duplicates == events.count - ids.count && strays.duplicates > 0)
        let unknown = Set(
            events.filter { $0["song_id"]!.string! == "unknown" }.map { $0["event_id"]!.string! })
        let moon = Set(
            events.filter { $0["region"]!.string! == "moon" }.map { $0["event_id"]!.string! })
        #expect(strays.unknownSongs == 1)
        #expect(strays.unknownSongRequests == unknown.count)
        #expect(strays.unknownRegionRequests == moon.subtracting(unknown).count)
        #expect(strays.unknownRegions == ["moon"])
    }

    @Test func `late events belong to their day, and logs of other days are not read`() throws {
        let fixture = try SimulationFixture(seed: 5)
        let before = try fixture.requests()
        let (song, day) = (fixture.songs.ids[0].hex, fixture.date.next)
        func event(_ id: String, on day: CalendarDate) -> String {
            SimulationFixture.event(
                id, 1000, on: day, song: song, region: "eu-west", listener: "late")
        }
        try fixture.write(
            [event("late", on: day), event("too late", on: fixture.date - 3)],
            log: (day + 2).description)
        try fixture.write([event("never", on: day)], log: (day + 9).description)
        let after = try fixture.requests()
        #expect(after.replayedCount == before.replayedCount + 1)
        #expect(after.warmingCount == before.warmingCount)
        #expect(after.reading.logs == 3)
    }

    @Test func `the order and number of logs do not matter`() throws {
        let fixture = try SimulationFixture(seed: 13)
        func bytes() throws -> [UInt8] {
            let simulation = Simulation(
                try fixture.plan(), try fixture.requests(), policies: CachePolicyName.allCases)
            return simulation.run(
                outage: Outage(["us-east"], in: fixture.night.topology), capacities: [3],
                pinnedShares: [0.5, 1]
            ).json.bytes
        }
        let once = try bytes()
        #expect(try bytes() == once)
        // Split into two, the second half first by name.
        let folder = "\(fixture.logs)/date=\(fixture.date.next)"
        let events = try String(contentsOfFile: folder + "/plays.ndjson", encoding: .utf8)
            .split(separator: "\n")
        for (name, part) in [
            ("a", events.suffix(events.count / 2)), ("b", events.dropLast(events.count / 2)),
        ] {
            let text = part.map { $0 + "\n" }.joined()
            try text.write(toFile: "\(folder)/\(name).ndjson", atomically: true, encoding: .utf8)
        }
        try FileSystem.remove(folder + "/plays.ndjson")
        #expect(try bytes() == once)
        let schema = try JSONSchema(named: "simulation")
        #expect(try schema.faults(try JSONValue.parse(once, path: "simulation.json")).isEmpty)
    }

    // MARK: What is refused

    @Test func `a plan of another topology is refused`() throws {
        let fixture = try SimulationFixture(seed: 2, requests: 10)
        func message(_ change: (inout Topology) -> Void) throws -> String {
            var topology = fixture.night.topology
            change(&topology)
            let error = #expect(throws: DeliveryError.self) { try fixture.plan(topology) }
            return error?.description ?? ""
        }
        #expect(
            try message { $0.edges.removeLast() }.contains(
                "another topology: there is a plan for the edge us-east-3"))
        #expect(
            try message { $0.edges[0].id = "ap-east-0" }.contains("the edge ap-east-1, which"))
        #expect(try message { $0.edges[1].capacityBytes += 1 }.contains("bytes in ap-south"))
        #expect(
            try message { $0.edges[0].region = 1 }.contains("an edge of 120000 bytes in ap-east"))
        try FileSystem.remove(fixture.prefetch + "/us-east-1.ndjson.zst")
        #expect(try message { _ in }.contains("there is no plan for the edge us-east-1"))
        #expect(Outage(["us-east-1", "mars"], in: fixture.night.topology) == nil)
    }

    @Test func `a day without requests is refused with what was read`() throws {
        let fixture = try SimulationFixture(seed: 2, requests: 10)
        let day = fixture.date.next
        func why() throws -> NothingToReplay.Why? {
            let error = #expect(throws: NothingToReplay.self) { try fixture.requests() }
            return error?.why
        }
        try fixture.write([], log: day.description)
        #expect(try why() == .empty)
        try fixture.write(
            [
                SimulationFixture.event(
                    "x", 5, on: day, song: "unknown", region: "eu-west", listener: "a")
            ], log: day.description)
        #expect(try why() == .strays(1))
        try FileSystem.removeTree("\(fixture.logs)/date=\(day)")
        #expect(try why() == .noLogs)
    }
}
