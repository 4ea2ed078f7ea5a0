import Foundation
import Storage
import TestSupport
import Testing

/// Placement and prefetch manifests, counted again from their text, the topology and the catalogue.
@Suite struct DeliveryNightTests {
    private let snapshot = SampleNight.snapshot

    @Test func `the placement keeps its promises`() throws {
        let manifest = try PlacementText(snapshot + "/placement.ndjson.zst")
        let faults = try manifest.faults(
            topology: try TopologyText(snapshot + "/topology.json"),
            catalogue: try CatalogueRows(snapshot), previous: nil)
        #expect(faults.isEmpty)
        let bytes = try SHA256.hash(fileAt: snapshot + "/catalog.sqlite").hex
        #expect(manifest.header["catalog_sha256"] as? String == bytes)
        #expect(manifest.header["snapshot"] as? String == SampleNight.warehouse.currentID)
    }

    @Test func `expected streams of the placement are the demand's`() throws {
        var demand: [String: Double] = [:]
        for row in try tsvRows(snapshot + "/popularity/demand.tsv.zst") {
            demand[row["song_id"]!, default: 0] += Double(row["expected_streams"]!)!
        }
        for record in try PlacementText(snapshot + "/placement.ndjson.zst").records {
            let expected = record["expected_streams"] as? Double ?? -1
            let own = demand[record["song_id"] as! String] ?? 0
            #expect(abs(expected - own) < 0.001, "\(record)")
        }
    }

    @Test func `each edge's manifest keeps within the edge and tells the truth`() throws {
        let topology = try TopologyText(snapshot + "/topology.json")
        let placement = try PlacementText(snapshot + "/placement.ndjson.zst")
        let songs = try CatalogueRows(snapshot).byID
        var demand: [String: [String: Double]] = [:]
        for row in try tsvRows(snapshot + "/popularity/demand.tsv.zst") {
            demand[row["region"]!, default: [:]][row["song_id"]!] = Double(row["expected_streams"]!)
        }
        #expect(topology.edges.count == 5)
        for edge in topology.edges {
            let manifest = try PrefetchText("\(snapshot)/prefetch/\(edge.id).ndjson.zst")
            #expect(manifest.header["snapshot"] as? String == SampleNight.warehouse.currentID)
            let faults = manifest.faults(
                edge, topology, placement, sizes: songs.mapValues(\.sizeBytes), previous: nil)
            #expect(faults.isEmpty, "\(edge.id)")
            let sharing = Double(topology.edges.count { $0.region == edge.region })
            var density = Double.infinity
            for record in manifest.records {
                let song = record["song_id"] as! String
                let hits = record["expected_hits"] as! Double
                #expect(
                    abs(hits - (demand[edge.region]?[song] ?? 0) / sharing) < 0.001, "\(edge.id)")
                // A first night fetches everything, and the best for its size goes first.
                let own = hits / Double(record["size_bytes"] as! Int)
                #expect(own <= density * 1.000_001, "\(edge.id) \(song)")
                density = own
            }
        }
    }

    @Test func `what edges fetch is what the blobs hold`() throws {
        for edge in try TopologyText(snapshot + "/topology.json").edges {
            for record in try PrefetchText("\(snapshot)/prefetch/\(edge.id).ndjson.zst").records {
                let digest = try #require(record["sha256"] as? String)
                let path = SampleNight.warehouse.blob(digest)
                #expect(try SHA256.hash(fileAt: path).hex == digest)
                #expect(try FileStatus.of(path)?.sizeBytes == record["size_bytes"] as? Int)
            }
        }
    }

    @Test(arguments: ["placement", "prefetch", "topology"])
    func `every header and record is valid by its schema`(format: String) throws {
        if format == "topology" {
            let schema = try JSONSchema(named: "topology")
            let topology = try JSONValue.read(snapshot + "/topology.json")
            #expect(try schema.faults(topology).isEmpty)
            return
        }
        let header = try JSONSchema(named: format + "-header")
        let record = try JSONSchema(named: format + "-record")
        var paths = [snapshot + "/placement.ndjson.zst"]
        if format == "prefetch" {
            paths = try FileSystem.list(snapshot + "/prefetch").filter { $0.hasSuffix(".zst") }
                .map { "\(snapshot)/prefetch/\($0)" }
        }
        #expect(paths.count == (format == "prefetch" ? 5 : 1))
        for path in paths {
            for (index, line) in try textLines(path).enumerated() {
                let value = try JSONValue.parse(Array(line.utf8), path: path)
                let faults = try (index == 0 ? header : record).faults(value)
                #expect(faults.isEmpty, "\(path):\(index + 1)")
            }
        }
    }

    /// The sample announces *I Dovregubbens hall* for 2026-11-20: nobody has played it yet.
    @Test func `the announced release is expected, placed and prefetched`() throws {
        let releases = try jsonObject(Repository.sample + "/releases.json")
        let announced = try #require(
            (releases["releases"] as? [[String: Any]])?.first {
                $0["date"] as? String == "2026-11-20"
            })
        let song = try #require(announced["song_id"] as? String)
        #expect(!PlayRecount.sample.songs.contains(song))
        let demand = try tsvRows(snapshot + "/popularity/demand.tsv.zst")
            .filter { $0["song_id"] == song }
        #expect(demand.reduce(0) { $0 + Double($1["expected_streams"]!)! } > 1)
        let placed = try PlacementText(snapshot + "/placement.ndjson.zst").regions[song]
        #expect(placed?.count ?? 0 >= 3)
        let edges = try TopologyText(snapshot + "/topology.json").edges.filter { edge in
            try PrefetchText("\(snapshot)/prefetch/\(edge.id).ndjson.zst").records
                .contains { $0["song_id"] as? String == song }
        }
        #expect(!edges.isEmpty)
    }

    /// `eu-west` is the smallest region and punk's own: to save room there must not cost punk its place.
    @Test func `punk stays in Europe`() throws {
        let regions = try PlacementText(snapshot + "/placement.ndjson.zst").regions
        let punk = try CatalogueRows(snapshot).genres.filter { $0.value.contains("Punk") }
        #expect(punk.count == 5)
        for song in punk.keys { #expect(regions[song]?.contains("eu-west") == true, "\(song)") }
    }
}
