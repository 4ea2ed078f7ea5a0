import Delivery
import Foundation
import SQLite
import Storage
import TestSupport
import Testing

/// Both stages on real files; the manifests are counted again from their text alone.
@Suite struct StageTests {
    /// The shared world with two edges in one region and one in each other.
    static func topology(capacity: Int, edgeCapacity: Int, budget: Int) -> Topology {
        var topology = Fixture.world
        for region in topology.regions.indices {
            topology.regions[region].capacityBytes = capacity
            let id = topology.regions[region].id
            for number in 1...(id == "eu-west" ? 2 : 1) {
                topology.edges.append(
                    Topology.Edge(
                        id: "\(id)-\(number)", region: region, url: "http://edge.example/\(id)",
                        capacityBytes: edgeCapacity, fillBudgetBytes: budget, pinnedShare: 0.95))
            }
        }
        return topology
    }

    private func world(
        _ seed: UInt64, songs count: Int = 200
    ) throws -> (night: NightFixture, songs: SongList, instance: RandomInstance) {
        var instance = RandomInstance(seed: seed)
        let songs = instance.songs(count)
        let bytes = songs.sizesBytes.reduce(0, +)
        let night = try NightFixture(
            topology: Self.topology(
                capacity: bytes * 8 / 10, edgeCapacity: bytes / 10, budget: bytes / 11))
        try night.write(songs, instance.demand(songs: count, regions: 5))
        return (night, songs, instance)
    }

    @Test(arguments: SeededGenerator.seeds(6))
    func `a placement manifest holds what it must, counted from its text`(seed: UInt64) throws {
        let (night, songs, _) = try world(seed)
        let (folder, summary) = try night.place()
        let all = try lines(folder + "/placement.ndjson.zst")
        let header = all[0]
        let records = all.dropFirst()
        #expect(try JSONSchema(named: "placement-header").faults(header).isEmpty)
        let schema = try JSONSchema(named: "placement-record")
        #expect(try records.flatMap { try schema.faults($0) }.isEmpty)
        #expect(header["snapshot"] == .null)
        #expect(header["plan_date"]?.string == "2026-11-20")
        #expect(header["songs"]?.int == songs.count)
        #expect(
            header["catalog_sha256"]?.string
                == (try SHA256.hash(fileAt: night.catalog + "/catalog.sqlite")).hex)

        let domains = Dictionary(
            uniqueKeysWithValues: night.topology.regions.map { ($0.id, $0.failureDomain) })
        var used: [String: Int] = [:]
        for record in records {
            let regions = try #require(record["regions"]?.strings)
            #expect(Set(regions.map { domains[$0] }).count >= 3)
            #expect(regions == regions.sorted() && Set(regions).count == regions.count)
            #expect(record["added"]?.strings == regions && record["removed"]?.strings == [])
            for region in regions { used[region, default: 0] += record["size_bytes"]?.int ?? 0 }
        }
        for (region, use) in zip(night.topology.regions, summary.plan.regions) {
            #expect(used[region.id, default: 0] <= region.capacityBytes)
            #expect(used[region.id, default: 0] == use.bytes)
        }
        // Most popular first, each song once.
        let byRank = songs.ids.indices.sorted { songs.ranks[$0] < songs.ranks[$1] }
        #expect(records.map { $0["song_id"]?.string } == byRank.map { songs.ids[$0].hex })
        #expect(records.map { $0["size_bytes"]?.int } == byRank.map { songs.sizesBytes[$0] })

        let figures = try JSONValue.read(folder + "/placement.summary.json")
        #expect(figures["first_night"] == .bool(true))
        #expect(figures["regions"]?.array?.count == 5)
    }

    @Test(arguments: SeededGenerator.seeds(6))
    func `prefetch manifests hold what they must, counted from their text`(seed: UInt64) throws {
        var (night, songs, instance) = try world(seed)
        let placement = try night.place()
        let first = try night.prefetch(placement: placement.folder)
        try audit(night, placement.folder, first.folder, previous: nil)
        // The next night listens to other things.
        try night.write(songs, instance.demand(songs: songs.count, regions: 5))
        let next = try night.place(previous: placement.folder)
        let second = try night.prefetch(placement: next.folder, previous: first.folder)
        try audit(night, next.folder, second.folder, previous: first.folder)
        #expect(second.summary.edges.contains { $0.header.evictSongs > 0 })
        #expect(second.summary.edges.allSatisfy { !$0.isFirstNight && $0.header.holdSongs > 0 })
    }

    /// Checks every edge's manifest against topology, placement, demand and yesterday.
    private func audit(
        _ night: NightFixture, _ placement: String, _ folder: String, previous: String?
    ) throws {
        var holders: [String: [String]] = [:]
        for record in try lines(placement + "/placement.ndjson.zst").dropFirst() {
            holders[record["song_id"]!.string!] = record["regions"]!.strings!
        }
        var streams: [String: [String: Double]] = [:]
        let damage = try LineReader(night.demand).forEach { line in
            let fields = String(decoding: line.bytes, as: UTF8.self).split(separator: "\t")
            guard line.number > 1 else { return }
            streams[String(fields[1]), default: [:]][String(fields[0])] = Double(fields[2])!
        }
        #expect(damage == nil)

        let headerSchema = try JSONSchema(named: "prefetch-header")
        let recordSchema = try JSONSchema(named: "prefetch-record")
        for edge in night.topology.edges {
            let all = try lines("\(folder)/\(edge.id).ndjson.zst")
            let header = all[0]
            let records = Array(all.dropFirst())
            let region = night.topology.regions[edge.region].id
            #expect(try headerSchema.faults(header).isEmpty)
            #expect(try records.flatMap { try recordSchema.faults($0) }.isEmpty)
            #expect(header["edge"]?.string == edge.id && header["region"]?.string == region)

            var held = Set<String>()
            if let previous {
                for record in try lines("\(previous)/\(edge.id).ndjson.zst").dropFirst()
                where record["action"]?.string != "evict" {
                    held.insert(record["song_id"]!.string!)
                }
            }
            let share = region == "eu-west" ? 0.5 : 1
            var (hits, filled, kept) = (0.0, 0, 0)
            var decided = Set<String>()
            for (index, record) in records.enumerated() {
                let song = try #require(record["song_id"]?.string)
                let size = try #require(record["size_bytes"]?.int)
                #expect(record["rank"]?.int == index + 1)
                #expect(decided.insert(song).inserted)
                #expect(record["sha256"]?.string == song)
                #expect(record["url"]?.string == "/audio/\(song).mp3")
                #expect(record["absolute_url"]?.string == "\(edge.url)/audio/\(song).mp3")
                let expected = (streams[region]?[song] ?? 0) * share
                #expect(
                    abs((record["expected_hits"]?.double ?? -1) - expected) <= 1e-3 + expected
                        * 1e-6)
                let action = record["action"]?.string
                #expect((action == "fetch") == !held.contains(song))
                if action == "evict" {
                    #expect(record["source_region"] == .null)
                    continue
                }
                hits += expected
                if action == "fetch" { filled += size } else { kept += size }
                let source = try #require(record["source_region"]?.string)
                #expect(holders[song]!.contains(source))
                let price = { (from: String) in
                    night.topology.servingUSDPerGB(
                        from: night.topology.index(ofRegion: from)!, to: edge.region)
                }
                #expect(holders[song]!.allSatisfy { price(source) <= price($0) })
            }
            #expect(held.isSubset(of: decided))
            #expect(filled <= edge.fillBudgetBytes && filled == header["fill_bytes"]?.int)
            #expect(filled + kept <= edge.capacityBytes * 95 / 100)
            let requests = (streams[region] ?? [:]).values.reduce(0, +) * share
            #expect(abs(header["expected_hits"]!.double! - hits) <= 0.01 + hits * 1e-6)
            #expect(abs(header["expected_requests"]!.double! - requests) <= 0.01 + requests * 1e-6)
            // What the certificate says is said of this very manifest.
            let value = hits - header["fill_price_per_gb"]!.double! * Double(filled) / 1e9
            #expect(abs(header["value"]!.double! - value) <= 0.01 + requests * 1e-6)
            #expect(header["bound"]!.double! >= header["value"]!.double!)
            #expect(header["gap_percent"]!.double! < 1)
        }
    }

    @Test func `the same inputs give the same bytes, and yesterday again moves nothing`() throws {
        let (night, _, _) = try world(9)
        let first = try night.place()
        let again = try night.place()
        for name in [
            "placement.ndjson.zst", "placement.summary.json", "placement.changes.ndjson.zst",
        ] {
            #expect(
                try FileSystem.readAll(first.folder + "/" + name)
                    == FileSystem.readAll(again.folder + "/" + name))
        }
        let next = try night.place(previous: first.folder)
        #expect(next.summary.addedCopies == 0 && next.summary.removedCopies == 0)

        let fill = try night.prefetch(placement: first.folder)
        let fillAgain = try night.prefetch(placement: again.folder)
        let names = try FileManager.default.subpathsOfDirectory(atPath: fill.folder)
            .filter { $0.contains(".") }
        #expect(names.count == 5 * night.topology.edges.count + 1)
        for name in names {
            #expect(
                try FileSystem.readAll(fill.folder + "/" + name)
                    == FileSystem.readAll(fillAgain.folder + "/" + name))
        }
    }

    @Test func `a stamped manifest names its snapshot and is otherwise the same`() throws {
        let (night, _, _) = try world(10)
        let placement = try night.place()
        let prefetch = try night.prefetch(placement: placement.folder)
        let id = "2026-11-19-0123456789ab"
        for path in [
            placement.folder + "/placement.ndjson.zst", prefetch.folder + "/us-east-1.ndjson.zst",
        ] {
            let target = night.folder + "/stamped.ndjson.zst"
            try FileSystem.remove(target)
            let writer = try FileWriter(target)
            try DeliveryManifest.stamp(snapshot: id, from: path, into: writer)
            _ = try writer.finish()
            let (before, after) = (try lines(path), try lines(target))
            #expect(before.dropFirst().elementsEqual(after.dropFirst()))
            var header = try #require(before[0].object)
            header["snapshot"] = .string(id)
            #expect(after[0] == .object(header))
            let isPlacement = path.contains("placement")
            let schema = try JSONSchema(named: isPlacement ? "placement-header" : "prefetch-header")
            #expect(try schema.faults(after[0]).isEmpty)
            #expect(
                try
                    (isPlacement
                    ? PlacementManifest.readHeader(target).snapshot
                    : PrefetchManifest.readHeader(target).snapshot) == id)
        }
    }

    @Test func `what a reader reads is what was written`() throws {
        let (night, songs, _) = try world(11, songs: 40)
        let placement = try night.place()
        var count = 0
        try PlacementManifest.read(placement.folder + "/placement.ndjson.zst") { record in
            var json = JSONWriter()
            PlacementManifest.write(record, into: &json)
            let line = try lines(placement.folder + "/placement.ndjson.zst")[count + 1]
            #expect(try JSONValue.parse(json.bytes, path: "") == line)
            count += 1
        }
        #expect(count == songs.count)
    }

    @Test func `songs, regions and demand that are not known are counted, not fatal`() throws {
        let (night, songs, _) = try world(12, songs: 20)
        let first = try night.place()
        let fill = try night.prefetch(placement: first.folder)
        // Ten songs vanish, one is new, and demand names strangers.
        var instance = RandomInstance(seed: 99)
        let fresh = instance.digest()
        let kept = Array(songs.ids[..<10])
        let ids = (kept + [fresh]).sorted()
        try night.writeCatalog(
            SongList(
                ids: ids,
                sizesBytes: ids.map { id in songs.index(of: id).map { songs.sizesBytes[$0] } ?? 77
                },
                ranks: Array(1...11)))
        let rows = [
            "\(fresh)\teu-west\t5.0000", "\(kept[0])\teu-west\t2.0000", "\(kept[0])\tmars\t3.0000",
            "opaque song id\teu-west\t7.0000", "\(songs.ids[15])\teu-west\t4.0000",
        ]
        try night.writeDemand(rows.sorted())
        let next = try night.place(previous: first.folder)
        #expect(next.summary.vanishedSongs == 10)
        #expect(next.summary.strays.unknownSongs == 2)
        #expect(next.summary.strays.unknownSongStreams == 11)
        #expect(next.summary.strays.unknownRegions == ["mars"])
        #expect(next.summary.strays.unknownRegionStreams == 3)
        #expect(next.summary.plan.expectedStreams == 7)
        let second = try night.prefetch(placement: next.folder, previous: fill.folder)
        for edge in second.summary.edges {
            let records = try lines("\(second.folder)/\(edge.header.edge).ndjson.zst").dropFirst()
            #expect(records.count { $0["action"]?.string == "evict" } == edge.header.evictSongs)
            #expect(edge.header.evictSongs >= edge.vanishedSongs)
        }
        #expect(second.summary.edges.contains { $0.vanishedSongs > 0 })
    }

    @Test func `a placement that cannot be leaves nothing behind`() throws {
        let (night, _, _) = try world(13)
        for region in night.topology.regions.indices {
            night.topology.regions[region].capacityBytes = 1_000_000
        }
        let staged = try StagedDirectory(in: night.warehouse, name: "placement")
        let error: DeliveryError = try #require(throws: DeliveryError.self) {
            try Placement.plan(
                catalog: night.catalog, demand: night.demand, topology: night.topology,
                previous: nil, date: night.date, into: staged)
        }
        #expect(error.code == .impossiblePlacement && error.cause == .badData)
        #expect(staged.files.isEmpty)
        #expect(try FileSystem.list(staged.path).isEmpty)
    }

    @Test func `a placement of another catalogue is refused by prefetch`() throws {
        let (night, songs, _) = try world(14, songs: 20)
        let placement = try night.place()
        var other = songs
        other.ranks.reverse()
        try night.writeCatalog(other)
        let error: DeliveryError = try #require(throws: DeliveryError.self) {
            try night.prefetch(placement: placement.folder)
        }
        #expect(error.hint == "run spindle place first, then spindle prefetch")
    }

    @Test(arguments: [
        (["b\teu-west\t1", "a\teu-west\t1"], ":3: songs are not sorted"),
        (["a\tus-east\t1", "a\teu-west\t1"], ":3: regions are not sorted"),
        (["a\teu-west"], ":2: not 3 columns"), (["a\teu-west\tx"], ":2: 'x' is no count"),
        (["a\teu-west\t-1"], ":2: '-1' is no count"),
        (["a\teu-west\tnan"], ":2: 'nan' is no count"),
    ])
    func `a faulty demand file is refused with its line`(rows: [String], message: String) throws {
        let (night, _, _) = try world(15, songs: 5)
        try night.writeDemand(rows)
        let error: DeliveryError = try #require(throws: DeliveryError.self) { try night.place() }
        #expect(error.message.contains("demand.tsv.zst\(message)"), "\(error)")
    }

    @Test func `demand with and without bytes gives the same plan`() throws {
        let (night, _, _) = try world(17, songs: 30)
        let plain = try FileSystem.readAll(
            try night.place().folder + "/" + Placement.manifestName)
        var rows: [String] = []
        _ = try LineReader(night.demand).forEach {
            if $0.number > 1 { rows.append(String(decoding: $0.bytes, as: UTF8.self)) }
        }
        #expect(!rows.isEmpty)
        let bytes = ["\t123456789", "\t"]
        try night.writeDemand(
            rows.enumerated().map { $1 + bytes[$0 % 2] },
            header: "song_id\tregion\texpected_streams\texpected_bytes")
        #expect(
            try FileSystem.readAll(try night.place().folder + "/" + Placement.manifestName)
                == plain)
        for header in ["song_id\tregion", "song_id\tregion\texpected_streams\tother"] {
            try night.writeDemand([], header: header)
            let error: DeliveryError = try #require(throws: DeliveryError.self) {
                try night.place()
            }
            #expect(error.message.contains("its columns must be"))
        }
    }

    @Test func `a manifest that was cut is refused`() throws {
        let (night, _, _) = try world(16, songs: 20)
        let placement = try night.place()
        let path = placement.folder + "/" + Placement.manifestName
        let whole = try FileSystem.readAll(path)
        try FileSystem.remove(path)
        let cut = try FileWriter(night.folder + "/cut")
        try cut.write(Array(whole.dropLast(40)))
        _ = try cut.finish()
        try FileSystem.rename(night.folder + "/cut", to: path)
        #expect(throws: (any Error).self) { try night.place(previous: placement.folder) }
        // Whole lines are missing, and the packing is sound.
        try FileSystem.remove(path)
        let short = try FileWriter(path)
        let again = try night.place()
        let damage = try LineReader(again.folder + "/" + Placement.manifestName).forEach { line in
            guard line.number < 10 else { return }
            try short.write(line.bytes)
            try short.write("\n")
        }
        #expect(damage == nil)
        _ = try short.finish()
        let error: FormatError = try #require(throws: FormatError.self) {
            try night.place(previous: placement.folder)
        }
        #expect(error.detail == "8 records where the header says 20")
    }

    @Test func `the schema of topologies agrees with the reader`() throws {
        let schema = try JSONSchema(named: "topology")
        let sound = try JSONValue.parse(Array(TopologyTests.sound.utf8), path: "t.json")
        #expect(try schema.faults(sound).isEmpty)
        for (old, new) in [
            ("\"replicas\":2,", ""), ("\"version\":1", "\"version\":2"), ("0.95", "1.5"),
            ("\"id\":\"eu-1\"", "\"id\":\"../eu\""),
            ("\"capacity_bytes\":1000", "\"capacity_bytes\":-1"),
            ("\"latency_ms\":81", "\"latency_ms\":\"81\""),
            ("\"replicas\":2", "\"x\":1,\"replicas\":2"),
        ] {
            let text = TopologyTests.sound.replacing(old, with: new, maxReplacements: 1)
            #expect(
                !(try schema.faults(JSONValue.parse(Array(text.utf8), path: ""))).isEmpty, "\(old)")
        }
    }
}
