import Arguments
import Delivery
import Pipeline
import Storage

/// `spindle prefetch`: what each edge should hold before the day starts.
enum PrefetchCommand: StageCommand {
    static let command = Command(
        "spindle prefetch", summary: "choose what each edge holds before the day starts",
        discussion: """
            For each edge of the topology: which songs to hold, which of them to fetch tonight and \
            which to evict, best expected hits per byte first, within the edge's pinned capacity \
            and its nightly fill budget. Records are in rank order, so that a fill that is cut \
            short has done the most useful part.
            """,
        options: [.topology] + stageOptions)

    static func stage(_ arguments: ParsedArguments) throws -> any Stage {
        PrefetchStage(topologyPath: try topologyPath(arguments))
    }
}

private struct PrefetchStage: ArtefactStage {
    let name = "prefetch"
    let kind = "prefetch"
    let topologyPath: String
    let parameters: [String: String] = [:]

    func inputs(_ night: Night) throws -> [ArtefactRecord.Input] {
        try inputs(night, try yesterday(night).expectedInput)
    }

    private func inputs(_ night: Night, _ yesterday: ArtefactRecord.Input?) throws
        -> [ArtefactRecord.Input]
    {
        [
            try fileInput("topology", topologyPath), try artefactInput("catalog", "index", night),
            try artefactInput("popularity", "popularity", night),
            try artefactInput("placement", "place", night), yesterday,
        ].compactMap { $0 }
    }

    func run(_ night: Night) throws -> StageOutcome {
        let yesterday = try yesterday(night)
        let inputs = try inputs(night, yesterday.input)
        let topology = try Topology(contentsOf: topologyPath)
        let summary = try produce(night, inputs: inputs) { staged in
            try Prefetch.plan(
                catalog: night.warehouse.artefact("catalog", night.date),
                demand: night.warehouse.artefact("popularity", night.date) + "/demand.tsv.zst",
                topology: topology,
                placement: night.warehouse.artefact("placement", night.date) + "/"
                    + Placement.manifestName,
                previous: yesterday.directory.map { $0 + "/prefetch" },
                date: night.date, into: staged)
        }
        let hits = summary.edges.reduce(0) { $0 + $1.header.expectedHits }
        let requests = summary.edges.reduce(0) { $0 + $1.header.expectedRequests }
        let share = requests > 0 ? formatDecimal(100 * hits / requests, 1) : "0.0"
        return StageOutcome(
            summary: """
                \(grouped(summary.edges.count)) edges: fetch \
                \(grouped(summary.edges.reduce(0) { $0 + $1.header.fetchSongs })) songs \
                (\(formatBytes(summary.edges.reduce(0) { $0 + $1.header.fillBytes }))), keep \
                \(grouped(summary.edges.reduce(0) { $0 + $1.header.holdSongs })), evict \
                \(grouped(summary.edges.reduce(0) { $0 + $1.header.evictSongs })); expected hits \
                \(share)%
                """,
            warnings: yesterday.warnings,
            counts: try JSONValue.parse(summary.json, path: Prefetch.summaryName))
    }
}
