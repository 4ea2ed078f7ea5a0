import Delivery
import Foundation
import Storage
import TestSupport
import Testing

/// Odd topologies and damaged yesterdays: said, and planned for as well as can be, or refused.
@Suite struct PrefetchBadInputTests {
    private func world(
        _ seed: UInt64 = 1, change: (inout Topology) -> Void = { _ in }
    ) throws -> (night: NightFixture, songs: SongList, placement: String) {
        var instance = RandomInstance(seed: seed)
        let songs = instance.songs(60)
        let bytes = songs.sizesBytes.reduce(0, +)
        var topology = StageTests.topology(
            capacity: bytes, edgeCapacity: bytes / 4, budget: bytes / 4)
        change(&topology)
        let night = try NightFixture(topology: topology)
        try night.write(songs, instance.demand(songs: songs.count, regions: 5))
        return (night, songs, try night.place().folder)
    }

    private func rewrite(_ path: String, _ change: (inout [String]) -> Void) throws {
        var text: [String] = []
        let damage = try LineReader(path).forEach {
            text.append(String(decoding: $0.bytes, as: UTF8.self))
        }
        #expect(damage == nil)
        change(&text)
        try FileSystem.remove(path)
        let writer = try FileWriter(path)
        for line in text { try writer.write(line + "\n") }
        _ = try writer.finish()
    }

    private func refusal(
        _ night: NightFixture, _ placement: String, _ previous: String
    ) throws -> DeliveryError {
        let error: DeliveryError = try #require(throws: DeliveryError.self) {
            try night.prefetch(placement: placement, previous: previous)
        }
        #expect(error.cause == .badData && error.hint?.contains("rollback") == true)
        return error
    }

    @Test func `without budget the plan holds what is there, and says so`() throws {
        let (night, _, placement) = try world()
        let first = try night.prefetch(placement: placement)
        night.topology.edges[0].fillBudgetBytes = 0
        let next = try night.prefetch(placement: placement, previous: first.folder)
        let edge = next.summary.edges[0]
        #expect(edge.header.fetchSongs == 0 && edge.header.evictSongs == 0)
        #expect(edge.header.holdSongs == first.summary.edges[0].header.fetchSongs)
        #expect(
            next.summary.notices.contains {
                $0.hasPrefix("\(edge.header.edge) fetches nothing: its fill_budget_bytes is 0")
            })
        // A first night without budget is an empty plan.
        let empty = try night.prefetch(placement: placement)
        #expect(empty.summary.edges[0].usedBytes == 0)
    }

    @Test(arguments: [true, false])
    func `an edge without room plans nothing, evicts what it has, and says so`(
        isShare: Bool
    ) throws {
        let (night, _, placement) = try world()
        let first = try night.prefetch(placement: placement)
        if isShare {
            night.topology.edges[1].pinnedShare = 0
        } else {
            night.topology.edges[1].capacityBytes = 0
        }
        let next = try night.prefetch(placement: placement, previous: first.folder)
        let edge = next.summary.edges[1].header
        #expect(edge.holdSongs == 0 && edge.fetchSongs == 0)
        #expect(edge.evictSongs == first.summary.edges[1].header.fetchSongs)
        #expect(next.summary.notices.contains { $0.hasPrefix("\(edge.edge) pins nothing") })
        // Such a night can be yesterday.
        let again = try night.prefetch(placement: placement, previous: next.folder)
        #expect(again.summary.edges[1].header.evictSongs == 0)
    }

    @Test func `an edge in a region without demand holds what is there, and says so`() throws {
        let (night, songs, placement) = try world()
        let first = try night.prefetch(placement: placement)
        let edge = night.topology.edges[0]
        let others = night.topology.regions.indices.filter { $0 != edge.region }
        try night.writeDemand(
            songs.ids.flatMap { id in
                others.map { "\(id)\t\(night.topology.regions[$0].id)\t3.0" }
            })
        let next = try night.prefetch(placement: placement, previous: first.folder)
        let header = next.summary.edges[0].header
        #expect(header.expectedRequests == 0 && header.fetchSongs == 0 && header.evictSongs == 0)
        #expect(header.holdSongs == first.summary.edges[0].header.fetchSongs)
        let region = night.topology.regions[edge.region].id
        #expect(
            next.summary.notices.contains {
                $0 == "\(edge.id): no stream is expected in \(region); the plan holds what is there"
            })
    }

    @Test func `a region without an edge is named with the regions that serve it`() throws {
        let (night, songs, placement) = try world {
            let lone = $0.index(ofRegion: "us-east")!
            $0.edges.removeAll { $0.region == lone }
        }
        let plan = try night.prefetch(placement: placement)
        let region = try #require(plan.summary.unservedRegions.first)
        #expect(plan.summary.unservedRegions.count == 1 && region.region == "us-east")
        // Recounted from the placement and the demand.
        let to = night.topology.index(ofRegion: "us-east")!
        var served: [String: Double] = [:]
        var streams: [String: Double] = [:]
        _ = try LineReader(night.demand).forEach { line in
            let fields = String(decoding: line.bytes, as: UTF8.self).split(separator: "\t")
            if fields[1] == "us-east" { streams[String(fields[0])] = Double(fields[2])! }
        }
        for record in try lines(placement + "/placement.ndjson.zst").dropFirst() {
            let nearest = record["regions"]!.strings!.min {
                night.topology.servingUSDPerGB(
                    from: night.topology.index(ofRegion: $0)!, to: to)
                    < night.topology.servingUSDPerGB(
                        from: night.topology.index(ofRegion: $1)!, to: to)
            }!
            served[nearest, default: 0] += streams[record["song_id"]!.string!] ?? 0
        }
        #expect(!streams.isEmpty && streams.count <= songs.count)
        #expect(abs(region.expectedStreams - streams.values.reduce(0, +)) < 0.01)
        for (id, count) in region.servedFrom { #expect(abs(served[id]! - count) < 0.01) }
        #expect(
            plan.summary.notices.contains {
                $0.hasPrefix("us-east has no edge: its ") && $0.contains("are served from ")
            })
    }

    @Test func `an edge that yesterday did not know is empty, and that is said`() throws {
        let (night, _, placement) = try world()
        let first = try night.prefetch(placement: placement)
        let edge = night.topology.edges[2].id
        try FileSystem.remove("\(first.folder)/\(edge).ndjson.zst")
        let next = try night.prefetch(placement: placement, previous: first.folder)
        #expect(next.summary.edges[2].isFirstNight && next.summary.edges[2].header.holdSongs == 0)
        #expect(!next.summary.edges[0].isFirstNight)
        #expect(
            next.summary.notices.contains {
                $0.hasPrefix("\(edge): yesterday's snapshot has no manifest")
            })
        // On a first night no edge has one, which needs no word.
        #expect(!first.summary.notices.contains { $0.contains("yesterday") })
    }

    @Test func `yesterday's manifest of a whole other library is evicted, and that is said`() throws
    {
        let (night, _, placement) = try world()
        let (other, _, otherPlacement) = try world(77)
        let foreign = try other.prefetch(placement: otherPlacement)
        let next = try night.prefetch(placement: placement, previous: foreign.folder)
        for (edge, before) in zip(next.summary.edges, foreign.summary.edges) {
            #expect(edge.vanishedSongs == before.header.fetchSongs)
            #expect(edge.header.evictSongs == before.header.fetchSongs)
            #expect(edge.header.fetchSongs > 0)
        }
        #expect(next.summary.notices.count { $0.contains("of this library?") } == 6)
    }

    @Test func `a damaged manifest of yesterday is refused with its place`() throws {
        let (night, _, placement) = try world()
        let first = try night.prefetch(placement: placement)
        let edge = night.topology.edges[0].id
        let path = "\(first.folder)/\(edge).ndjson.zst"
        let whole = try FileSystem.readAll(path)
        func restore(_ bytes: [UInt8]) throws {
            try FileSystem.remove(path)
            let file = try FileDescriptor(path, .createNew)
            try bytes.withUnsafeBytes { try file.write($0) }
        }
        try restore(Array(whole.dropLast(30)))
        #expect(
            try refusal(night, placement, first.folder).message.contains(
                "\(edge).ndjson.zst: yesterday's manifest is damaged"))

        try restore(whole)
        try rewrite(path) { $0.removeLast() }
        #expect(
            try refusal(night, placement, first.folder).detail.contains("where the header says"))

        try restore(whole)
        try rewrite(path) { $0[1] = $0[1].replacing("\"size_bytes\":", with: "\"size_bytes\":1") }
        #expect(try refusal(night, placement, first.folder).detail.contains("the catalogue "))

        try restore(whole)
        try rewrite(path) { $0[1] = $0[1].replacing("\"sha256\":\"", with: "\"sha256\":\"x") }
        #expect(try refusal(night, placement, first.folder).place.hasSuffix(".ndjson.zst:2"))

        let other = "\(first.folder)/\(night.topology.edges[1].id).ndjson.zst"
        try restore(try FileSystem.readAll(other))
        #expect(
            try refusal(night, placement, first.folder).detail
                == "yesterday's manifest is of the edge \(night.topology.edges[1].id), not of \(edge)"
        )
    }

    @Test func `a manifest of the version before is read as yesterday's`() throws {
        let (night, _, placement) = try world()
        let first = try night.prefetch(placement: placement)
        for edge in night.topology.edges {
            try rewrite("\(first.folder)/\(edge.id).ndjson.zst") { text in
                text[0] = text[0].replacing("\"version\":2", with: "\"version\":1")
                for key in [
                    "embargoed_songs", "expected_hit_bytes", "expected_request_bytes", "objective",
                    "fill_price_per_gb", "value", "bound", "gap_percent", "room_worth_per_gb",
                    "fill_worth_per_gb",
                ] {
                    text[0] = text[0].replacing(try! Regex("\"\(key)\":[^,]*,"), with: "")
                }
                for line in text.indices.dropFirst() {
                    text[line] = text[line].replacing(/"absolute_url":"[^"]*",/, with: "")
                }
            }
        }
        let next = try night.prefetch(placement: placement, previous: first.folder)
        #expect(next.summary.edges.allSatisfy { $0.header.fetchSongs == 0 })
        #expect(
            next.summary.edges.map(\.header.holdSongs)
                == first.summary.edges.map(\.header.fetchSongs))
    }

    @Test func `demand for unknown songs is counted and said`() throws {
        let (night, songs, placement) = try world()
        try night.writeDemand(
            (["\(songs.ids[0])\tus-east\t2.0", "opaque\tus-east\t7.5"]).sorted())
        let plan = try night.prefetch(placement: placement)
        #expect(plan.summary.strays.unknownSongs == 1)
        #expect(
            plan.summary.notices.contains(
                """
                demand names 1 song (7.5 expected streams) that the catalogue does not have; left \
                out
                """
            ))
    }
}
