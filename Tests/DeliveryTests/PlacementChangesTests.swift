import Delivery
import Foundation
import Storage
import TestSupport
import Testing

/// The night's copies and deletes, held against both nights' manifests.
@Suite struct PlacementChangesTests {
    private func world(_ seed: UInt64) throws -> (NightFixture, SongList, RandomInstance) {
        var instance = RandomInstance(seed: seed)
        let songs = instance.songs(80)
        let bytes = songs.sizesBytes.reduce(0, +)
        let night = try NightFixture(
            topology: StageTests.topology(
                capacity: bytes * 9 / 10, edgeCapacity: bytes / 10, budget: bytes / 11))
        try night.write(songs, instance.demand(songs: 80, regions: 5))
        return (night, songs, instance)
    }

    private func holders(_ folder: String) throws -> [String: Set<String>] {
        var holders: [String: Set<String>] = [:]
        for record in try lines(folder + "/placement.ndjson.zst").dropFirst() {
            holders[record["song_id"]!.string!] = Set(record["regions"]!.strings!)
        }
        return holders
    }

    private func text(_ path: String) throws -> [String] {
        var found: [String] = []
        _ = try LineReader(path).forEach { found.append(String(decoding: $0.bytes, as: UTF8.self)) }
        return found
    }

    @Test(arguments: SeededGenerator.seeds(4))
    func `carried out from the first rank on, the changes lead from yesterday to tonight`(
        seed: UInt64
    ) throws {
        var (night, songs, instance) = try world(seed)
        let first = try night.place()
        // Ten songs leave, and the others are heard elsewhere.
        let kept = Array(songs.ids.indices.dropFirst(10))
        try night.write(
            SongList(
                ids: kept.map { songs.ids[$0] }, sizesBytes: kept.map { songs.sizesBytes[$0] },
                ranks: Array(1...70)), instance.demand(songs: 70, regions: 5))
        night.topology.prices.moveUSDPerGB = 0
        let second = try night.place(previous: first.folder)
        let sizes = Dictionary(
            uniqueKeysWithValues: zip(songs.ids.map(\.hex), songs.sizesBytes))

        for (folder, before) in [(first.folder, [:]), (second.folder, try holders(first.folder))] {
            let all = try lines(folder + "/placement.changes.ndjson.zst")
            let header = all[0]
            #expect(try JSONSchema(named: "placement-changes-header").faults(header).isEmpty)
            let schema = try JSONSchema(named: "placement-change")
            var state = before
            var copies: [String: [String]] = [:]
            var (copied, deleted, copiedBytes, deletedBytes) = (0, 0, 0, 0)
            for (index, step) in all.dropFirst().enumerated() {
                #expect(try schema.faults(step).isEmpty)
                #expect(step["rank"]?.int == index + 1)
                let song = try #require(step["song_id"]?.string)
                let region = try #require(step["region"]?.string)
                let path = try #require(step["path"]?.string)
                #expect(step["size_bytes"]?.int == sizes[song])
                #expect(path == "audio/\(song).mp3" && step["sha256"]?.string == song)
                if step["action"]?.string == "copy" {
                    #expect(deleted == 0, "a delete before a copy")
                    let source = step["source_region"]?.string
                    // From a region that has it, or from the origin when none does.
                    #expect(source.map { before[song]!.contains($0) } ?? (before[song] == nil))
                    #expect(state[song, default: []].insert(region).inserted)
                    copies["copies/\(source ?? "+origin")+\(region).txt.zst", default: []].append(
                        path)
                    copied += 1
                    copiedBytes += sizes[song]!
                } else {
                    #expect(state[song]?.remove(region) != nil)
                    copies["deletes/\(region).txt.zst", default: []].append(path)
                    deleted += 1
                    deletedBytes += sizes[song]!
                }
            }
            #expect(state.filter { !$0.value.isEmpty } == (try holders(folder)))
            #expect(header["copies"]?.int == copied && header["copy_bytes"]?.int == copiedBytes)
            #expect(
                header["deletes"]?.int == deleted && header["delete_bytes"]?.int == deletedBytes)
            for (name, paths) in copies { #expect(try text(folder + "/" + name) == paths) }
            let lists = ["copies", "deletes"].flatMap { part in
                ((try? FileSystem.list(folder + "/" + part)) ?? []).map { part + "/" + $0 }
            }
            #expect(Set(lists) == Set(copies.keys))
        }
        #expect(try lines(second.folder + "/placement.changes.ndjson.zst").count > 1)
    }

    @Test func `rules of the topology are followed by the labels and owners of the catalogue`()
        throws
    {
        var instance = RandomInstance(seed: 21)
        let songs = instance.songs(30)
        let bytes = songs.sizesBytes.reduce(0, +)
        let night = try NightFixture(
            topology: StageTests.topology(
                capacity: bytes, edgeCapacity: bytes / 10, budget: bytes / 11))
        let us = try #require(night.topology.index(ofRegion: "us-east"))
        night.topology.rules = [
            PlacementRule(
                name: "not in America", labels: ["Nordlicht"], forbidden: RegionSet([us])),
            PlacementRule(name: "archive", owners: ["archive"], replicas: 4),
            PlacementRule(name: "nobody's", genres: ["Zouk"], replicas: 4),
        ]
        try night.write(songs, instance.demand(songs: 30, regions: 5))
        let labelled = Set([3, 9, 20]), owned = Set([11, 12])
        try night.describe(songs) { song in
            (
                labelled.contains(song) ? "[\"Nordlicht\"]" : nil,
                owned.contains(song) ? "archive" : nil
            )
        }
        let (folder, summary) = try night.place()
        #expect(summary.idleRules == ["nobody's"])
        #expect(summary.warnings.contains("rule 'nobody's' matches no song of the catalogue"))
        let holders = try holders(folder)
        for song in songs.ids.indices {
            let regions = holders[songs.ids[song].hex]!
            if labelled.contains(song) { #expect(!regions.contains("us-east")) }
            if owned.contains(song) { #expect(regions.count >= 4) }
        }
        #expect(holders.values.contains { $0.contains("us-east") })
    }

    @Test func `rules that cannot be kept together name the song and the rules`() throws {
        var instance = RandomInstance(seed: 22)
        let songs = instance.songs(5)
        let night = try NightFixture(
            topology: StageTests.topology(
                capacity: 1_000_000_000, edgeCapacity: 10, budget: 10))
        night.topology.rules = [
            PlacementRule(name: "here", labels: ["A"], pinned: RegionSet([0])),
            PlacementRule(name: "not here", owners: ["B"], forbidden: RegionSet([0])),
        ]
        try night.write(songs, instance.demand(songs: 5, regions: 5))
        try night.describe(songs) { $0 == 2 ? ("[\"A\"]", "B") : (nil, nil) }
        let error: DeliveryError = try #require(throws: DeliveryError.self) { try night.place() }
        #expect(error.detail.contains(songs.ids[2].hex))
        #expect(error.detail.contains("rules 'here', 'not here'"))
        #expect(error.cause == .badData)
    }

    @Test func `a placement of another catalogue is said to be one`() throws {
        let (night, _, _) = try world(31)
        let first = try night.place()
        var instance = RandomInstance(seed: 32)
        let other = instance.songs(20)
        try night.write(other, instance.demand(songs: 20, regions: 5))
        let second = try night.place(previous: first.folder)
        #expect(second.summary.isForeign)
        #expect(second.summary.warnings[0].contains("names none of the catalogue's songs"))
        #expect(second.summary.vanishedSongs == 80)
    }
}
