import Delivery
import Foundation
import Storage
import TestSupport
import Testing

/// The forms beside the manifests, each read as the program that takes it would.
@Suite struct PrefetchFormsTests {
    private struct World {
        let night: NightFixture
        /// The second of two nights, with fetches, holds and evictions.
        let folder: String

        init(seed: UInt64, options: PrefetchOptions = PrefetchOptions()) throws {
            var instance = RandomInstance(seed: seed)
            let songs = instance.songs(240)
            let bytes = songs.sizesBytes.reduce(0, +)
            night = try NightFixture(
                topology: StageTests.topology(
                    capacity: bytes * 8 / 10, edgeCapacity: bytes / 8, budget: bytes / 10))
            try night.write(songs, instance.demand(songs: songs.count, regions: 5))
            let placement = try night.place()
            let first = try night.prefetch(placement: placement.folder)
            try night.write(songs, instance.demand(songs: songs.count, regions: 5))
            let next = try night.place(previous: placement.folder)
            folder = try night.prefetch(
                placement: next.folder, previous: first.folder, options: options
            ).folder
        }

        func manifest(_ edge: Topology.Edge) throws -> [JSONValue] {
            Array(try lines("\(folder)/\(edge.id).ndjson.zst").dropFirst())
        }

        func text(_ name: String) throws -> [String] {
            var text: [String] = []
            let damage = try LineReader(folder + "/" + name).forEach {
                text.append(String(decoding: $0.bytes, as: UTF8.self))
            }
            if let damage { throw damage }
            return text
        }
    }

    private func urls(_ records: [JSONValue], _ action: String) -> [String] {
        records.filter { $0["action"]?.string == action }.map { $0["absolute_url"]!.string! }
    }

    @Test func `URL lists and curl's configuration are the fetches, in their order`() throws {
        let world = try World(seed: 1)
        for edge in world.night.topology.edges {
            let fetches = urls(try world.manifest(edge), "fetch")
            #expect(!fetches.isEmpty)
            #expect(try world.text("urls/\(edge.id).txt.zst") == fetches)
            let curl = try world.text("curl/\(edge.id).txt.zst")
            #expect(
                curl
                    == fetches.flatMap {
                        [
                            "url = \"\($0)\"",
                            "output = \"\($0.dropFirst(edge.url.count + 1))\"",
                        ]
                    })
        }
    }

    @Test func `changes are the manifest's own lines but for what is held`() throws {
        let world = try World(seed: 2)
        let headerSchema = try JSONSchema(named: "prefetch-changes-header")
        let recordSchema = try JSONSchema(named: "prefetch-record")
        for edge in world.night.topology.edges {
            let all = try lines("\(world.folder)/changes/\(edge.id).ndjson.zst")
            #expect(try headerSchema.faults(all[0]).isEmpty)
            #expect(try all.dropFirst().flatMap { try recordSchema.faults($0) }.isEmpty)
            let manifest = try world.manifest(edge)
            #expect(
                Array(all.dropFirst()) == manifest.filter { $0["action"]?.string != "hold" })
            func bytes(_ action: String) -> Int {
                manifest.filter { $0["action"]?.string == action }.reduce(0) {
                    $0 + $1["size_bytes"]!.int!
                }
            }
            #expect(all[0]["fetch_bytes"]?.int == bytes("fetch"))
            #expect(all[0]["evict_bytes"]?.int == bytes("evict"))
            #expect(all[0]["evict_songs"]?.int == urls(manifest, "evict").count)
            #expect(all[0]["edge"]?.string == edge.id && all[0]["snapshot"] == .null)
        }
    }

    @Test(arguments: [1, 3, 100])
    func `trigger commands carry all fetches and evictions, room first`(most: Int) throws {
        var options = PrefetchOptions()
        options.triggers = EdgeTriggers.Options(providerID: "AS65001:0", urlsMax: most)
        let world = try World(seed: 3, options: options)
        let schema = try JSONSchema(named: "cdni-trigger")
        var chunks = 0
        for edge in world.night.topology.edges {
            let manifest = try world.manifest(edge)
            let sizes = Dictionary(
                uniqueKeysWithValues: manifest.map {
                    ($0["absolute_url"]!.string!, $0["size_bytes"]!.int!)
                })
            var present = manifest.filter { $0["action"]?.string != "fetch" }.reduce(0) {
                $0 + $1["size_bytes"]!.int!
            }
            var sent: [String: [String]] = ["preposition": [], "purge": []]
            for command in try lines("\(world.folder)/cdni/\(edge.id).ndjson.zst") {
                #expect(try schema.faults(command).isEmpty)
                #expect(command["cdn-path"]?.strings == ["AS65001:0"])
                let type = try #require(command["trigger"]?["type"]?.string)
                let urls = try #require(command["trigger"]?["content.urls"]?.strings)
                #expect((1...most).contains(urls.count))
                sent[type]! += urls
                let bytes = urls.reduce(0) { $0 + sizes[$1]! }
                present += type == "purge" ? -bytes : bytes
                // Carried out one after the other, no command finds the edge full.
                #expect(present <= edge.pinnedBytes)
                chunks += 1
            }
            #expect(sent["preposition"] == urls(manifest, "fetch"))
            #expect(sent["purge"] == urls(manifest, "evict"))
        }
        #expect(chunks > world.night.topology.edges.count)
    }

    /// The example of RFC 8007, section 6.1.1, has the members that our commands have, and one more
    /// kind of URLs.
    @Test func `the schema of trigger commands takes the RFC's own example`() throws {
        let example = """
            {"trigger":{"type":"preposition",
              "content.urls":["https://www.example.com/a/b/c/1","https://www.example.com/a/b/c/2"]},
             "cdn-path":["AS64496:1"]}
            """
        var faults = try JSONSchema(named: "cdni-trigger").faults(
            JSONValue.parse(Array(example.utf8), path: ""))
        // Ours are songs: nothing but the paths is different.
        faults.removeAll { $0.contains("content.urls[") }
        #expect(faults.isEmpty, "\(faults)")
        #expect(EdgeTriggers.mediaType == "application/cdni; ptype=ci-trigger-command")
    }

    @Test(arguments: [
        ("AS64496:1", true), ("AS0:x", true), ("AS4294967295:0", true), ("AS4294967296:0", false),
        ("64496:1", false), ("AS:1", false), ("AS64496", false), ("AS64496:", false),
        ("AS1:a b", false), ("AS-1:1", false), ("", false),
    ])
    func `a provider id is AS, a number and a qualifier`(text: String, isOne: Bool) {
        #expect(EdgeTriggers.Options.isProviderID(text) == isOne)
    }
}
