import Arguments
import Delivery
import Pipeline
import Storage

/// `spindle place`: catalogue, demand and topology → which regions keep which song.
enum PlaceCommand: StageCommand {
    static let command = Command(
        "spindle place", summary: "choose the regions that keep each song",
        discussion: """
            Gives every song at least the topology's count of replicas, each in another failure \
            domain, close to tomorrow's demand and within each region's capacity, changing as \
            little as needed from yesterday's placement. Prints what the plan is expected to \
            cost and what it could not satisfy.
            """,
        options: [.topology] + stageOptions)

    static func stage(_ arguments: ParsedArguments) throws -> any Stage {
        PlaceStage(topologyPath: try topologyPath(arguments))
    }
}

private struct PlaceStage: ArtefactStage {
    let name = "place"
    let kind = "placement"
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
            yesterday,
        ].compactMap { $0 }
    }

    func run(_ night: Night) throws -> StageOutcome {
        let yesterday = try yesterday(night)
        let inputs = try inputs(night, yesterday.input)
        let topology = try Topology(contentsOf: topologyPath)
        let summary = try produce(night, inputs: inputs) { staged in
            let summary = try Placement.plan(
                catalog: night.warehouse.artefact("catalog", night.date),
                demand: night.warehouse.artefact("popularity", night.date) + "/demand.tsv.zst",
                topology: topology,
                previous: yesterday.directory.map { $0 + "/" + Placement.manifestName },
                date: night.date, into: staged)
            // The plan is published with the topology that it was made for.
            // As JSON also where people wrote JSON5, for whoever reads it.
            var json = JSONWriter(indented: true)
            json.value(try JSONValue.read(topologyPath))
            json.newline()
            try staged.write("topology.json") { try $0.write(json.bytes) }
            return summary
        }
        let cost = formatDecimal(summary.plan.cost.totalUSD, 6)
        let gap =
            summary.plan.gapPercent.map { "at most \(formatDecimal($0, 3))% above" }
            ?? "an unknown part of it above"
        return StageOutcome(
            summary: """
                \(grouped(summary.replicaCount)) replicas of \(grouped(summary.songCount)) songs; \
                \(grouped(summary.addedCopies)) to copy (\(formatBytes(summary.addedBytes))), \
                \(grouped(summary.removedCopies)) to remove; expected cost $\(cost) a day, \
                \(gap) the best possible ($\(formatDecimal(summary.plan.boundUSD, 6)))
                """,
            warnings: yesterday.warnings + summary.warnings,
            counts: try JSONValue.parse(summary.json, path: Placement.summaryName))
    }
}
