import Delivery
import Storage
import TestSupport
import Testing

@Suite struct TopologyTests {
    /// Two regions, sound; the tables below break one thing each.
    static let sound = """
        {"format":"spindle-topology","version":1,"replicas":2,
        "prices":{"move_usd_per_gb":0.02,"latency_usd_per_gb_ms":0.0001},
        "regions":[
        {"id":"us","name":"Virginia","failure_domain":"america","latitude":38.9,"longitude":-77.4,"capacity_bytes":1000,"storage_usd_per_gb_month":0.023},
        {"id":"eu","name":"Dublin","failure_domain":"europe","latitude":53.3,"longitude":-6.2,"capacity_bytes":2000,"storage_usd_per_gb_month":0.024}],
        "links":[
        {"from":"us","to":"eu","latency_ms":81,"transfer_usd_per_gb":0.02},
        {"from":"eu","to":"us","latency_ms":82,"transfer_usd_per_gb":0.03}],
        "edges":[{"id":"eu-1","region":"eu","url":"http://127.0.0.1:9001","capacity_bytes":101,"fill_budget_bytes":20,"pinned_share":0.95}]}
        """

    @Test func `a sound file is read, with regions in the order of their ids`() throws {
        let topology = try Topology(json: Self.sound, file: "t.json")
        #expect(topology.regions.map(\.id) == ["eu", "us"])
        #expect(
            topology.link(from: 0, to: 1) == Topology.Link(latencyMs: 82, transferUSDPerGB: 0.03))
        #expect(topology.link(from: 1, to: 1) == .local)
        #expect(topology.edges[0].pinnedBytes == 95)
        #expect(topology.edges[0].region == 0)
        #expect(topology.domains == ["america", "europe"])
    }

    @Test func `JSON5 with comments and trailing commas is read alike`() throws {
        let json5 = Self.sound.replacing("\"replicas\":2,", with: "// copies\nreplicas: 2,")
            .replacing("\"pinned_share\":0.95}]", with: "pinned_share: .95,},]")
        #expect(
            try Topology(json: json5, file: "t.json5")
                == Topology(json: Self.sound, file: "t.json"))
    }

    @Test(arguments: [
        ("\"replicas\":2,", "", "$: missing key 'replicas'"),
        ("\"replicas\":2,", "\"replicas\":2,\"extra\":1,", "$: unknown key 'extra'"),
        (
            "\"replicas\":2", "\"replicas\":3",
            "$.replicas: 3 replicas need as many failure domains, and there are 2"
        ),
        ("\"replicas\":2", "\"replicas\":0", "$.replicas: 0 replicas"),
        ("\"replicas\":2", "\"replicas\":1.5", "$.replicas: a number where a whole number belongs"),
        ("\"version\":1", "\"version\":2", "$.version: version 2 is not known"),
        ("spindle-topology", "spindle-pipeline", "$.format: this is 'spindle-pipeline'"),
        ("\"to\":\"us\"", "\"to\":\"mars\"", "$.links[1].to: unknown region 'mars'"),
        ("\"region\":\"eu\"", "\"region\":\"mars\"", "$.edges[0].region: unknown region 'mars'"),
        ("\"latency_ms\":81", "\"latency_ms\":-1", "$.links[0].latency_ms: -1.0 is out of range"),
        (
            "\"latency_ms\":81", "\"latency_ms\":1000001",
            "$.links[0].latency_ms: 1000001.0 is out of range"
        ),
        ("\"latency_ms\":81,", "", "$.links[0]: missing key 'latency_ms'"),
        (
            "\"from\":\"eu\",\"to\":\"us\"", "\"from\":\"us\",\"to\":\"eu\"",
            "$.links[1]: a second link from 'us' to 'eu'"
        ),
        (
            "\"from\":\"eu\",\"to\":\"us\"", "\"from\":\"us\",\"to\":\"us\"",
            "$.links: no link from 'eu' to 'us'"
        ),
        ("\"id\":\"us\"", "\"id\":\"eu\"", "$.regions[1].id: a second region 'eu'"),
        ("\"id\":\"eu-1\"", "\"id\":\"../eu\"", "$.edges[0].id: '../eu' cannot name a file"),
        ("\"id\":\"eu-1\"", "\"id\":\"\"", "$.edges[0].id: '' cannot name a file"),
        (
            "\"capacity_bytes\":1000", "\"capacity_bytes\":-1",
            "$.regions[0].capacity_bytes: -1 bytes"
        ),
        (
            "\"capacity_bytes\":101", "\"capacity_bytes\":\"101\"",
            "$.edges[0].capacity_bytes: a string where a whole number belongs"
        ),
        (
            "\"replicas\":2,", "\"replicas\":2,\"failure_domains_min\":3,",
            "$.failure_domains_min: 3 failure domains for 2 replicas"
        ),
        (
            "\"replicas\":2,", "\"replicas\":3,\"failure_domains_min\":2,",
            "$.replicas: 3 replicas need as many regions, and there are 2"
        ),
        (
            "\"replicas\":2,", "\"replicas\":2,\"majority_loss_songs_max\":-1,",
            "$.majority_loss_songs_max: -1 songs"
        ),
        (
            "\"capacity_bytes\":1000,", "\"capacity_bytes\":1000,\"move_in_budget_bytes\":-5,",
            "$.regions[0].move_in_budget_bytes: -5 bytes"
        ),
        (
            "\"capacity_bytes\":1000,", "\"capacity_bytes\":1000,\"outage_probability\":1.5,",
            "$.regions[0].outage_probability: 1.5 is out of range"
        ),
        (
            "\"replicas\":2,", "\"replicas\":2,\"rules\":[{\"name\":\"a\",\"pin\":[\"eu\"]}],",
            "$.rules[0]: rule 'a' does not say which songs it is for"
        ),
        (
            "\"replicas\":2,", "\"replicas\":2,\"rules\":[{\"name\":\"a\",\"labels\":[\"L\"]}],",
            "$.rules[0]: rule 'a' asks for nothing"
        ),
        (
            "\"replicas\":2,",
            "\"replicas\":2,\"rules\":[{\"name\":\"a\",\"labels\":[\"L\"],\"forbid\":[\"mars\"]}],",
            "$.rules[0].forbid[0]: unknown region 'mars'"
        ),
        (
            "\"replicas\":2,",
            "\"replicas\":2,\"rules\":[{\"name\":\"a\",\"labels\":[\"L\"],\"forbid\":[\"eu\"]}],",
            "$.rules[0]: rule 'a': 2 replicas in 1 regions"
        ),
        (
            "\"replicas\":2,",
            "\"replicas\":2,\"rules\":[{\"name\":\"a\",\"labels\":[\"L\"],\"pin\":[\"eu\"],\"forbid\":[\"eu\"]}],",
            "$.rules[0]: rule 'a' pins and forbids eu"
        ),
        ("0.95", "1.01", "$.edges[0].pinned_share: 1.01 is out of range"),
        (
            "http://127.0.0.1:9001", "127.0.0.1",
            "$.edges[0].url: '127.0.0.1' is not the base of an edge"
        ),
        ("\"latitude\":38.9", "\"latitude\":91", "$.regions[0].latitude: 91.0 is out of range"),
    ])
    func `a fault is named with file, path and remedy`(
        old: String, new: String, message: String
    ) throws {
        #expect(Self.sound.contains(old))
        let error: DeliveryError = try #require(throws: DeliveryError.self) {
            try Topology(
                json: Self.sound.replacing(old, with: new, maxReplacements: 1), file: "t.json")
        }
        #expect(error.message.hasPrefix("t.json: \(message)"), "\(error.message)")
        #expect(error.hint != nil)
        #expect(error.code == .badTopology)
    }

    @Test(arguments: [
        ("http://127.0.0.1:9001", true), ("https://cdn.example/eu", true),
        ("http://[::1]:80", true),
        ("http://cdn.example/", false), ("http://", false), ("http:///x", false),
        ("http://:80", false), ("ftp://cdn.example", false), ("http://cdn.example/a,b;c", false),
        ("http://cdn.example/a b", false), ("http://cdn.example/é", false),
        ("http://cdn.example/'a'", false), ("http://cdn.example?a", false),
        ("http://cdn.example/#a", false),
    ])
    func `an edge's url is what the daemon can send listeners to`(url: String, isBase: Bool) {
        #expect(Topology.isEdgeURL(url) == isBase)
        let text = Self.sound.replacing("http://127.0.0.1:9001", with: url, maxReplacements: 1)
        let topology = try? Topology(json: text, file: "t.json")
        #expect((topology != nil) == isBase)
    }

    @Test(arguments: ["NaN", "Infinity", "1e999"])
    func `what is no finite number is refused`(number: String) {
        #expect(throws: (any Error).self) {
            try Topology(
                json: Self.sound.replacing("0.95", with: number, maxReplacements: 1),
                file: "t.json")
        }
    }

    @Test func `the sample's topology is sound`() throws {
        let topology = try Topology(contentsOf: Repository.path + "/sample-data/topology.json")
        #expect(topology.domains.count >= topology.replicas)
        #expect(
            try JSONSchema(named: "topology").faults(
                JSONValue.read(Repository.path + "/sample-data/topology.json")
            ).isEmpty)
    }

    @Test func `what is not JSON is refused with its place`() throws {
        let error: FormatError = try #require(throws: FormatError.self) {
            try Topology(json: "{\"format\":\n oops", file: "t.json")
        }
        #expect(error.description.hasPrefix("t.json: "))
    }
}
