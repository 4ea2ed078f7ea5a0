import Arguments
import Delivery
import Pipeline
import Storage

/// `spindle prefetch`: what each edge should hold before the day starts.
enum PrefetchCommand: StageCommand {
    static let command = Command(
        "spindle prefetch", summary: "choose what each edge holds before the day starts",
        discussion: """
            For each edge of the topology: which songs to hold, which of them to fetch tonight \
            and which to evict, so that as many requests (or bytes) as possible are answered, \
            within the edge's pinned capacity and its nightly fill budget. Each plan states a \
            bound that no plan can pass, how far below it is at most, and what another GB of room \
            or of fill would be worth. Records are in rank order, so that a fill that is cut \
            short has done the most useful part. Beside each manifest are the fetches as a list \
            of URLs and as a configuration for curl, fetches and evictions as trigger commands \
            for a CDN (RFC 8007), and what differs from yesterday. What is written is read again \
            and recounted before it is put in place. docs/formats/delivery.md describes the files.

            A song that is announced (--releases) for a day after the plan's is expected to have \
            no hits; it is fetched ahead only into room and budget that are left, and its record \
            says from which day on it may be served.
            """,
        options: [
            .topology,
            Option(
                "objective", "WHAT", default: "requests",
                help: "What edges are to answer the most of: requests or bytes"),
            Option(
                "fill-price", "PRICE", default: "10%",
                help:
                    """
                    What a fetch must be worth beyond the room that it takes: N% of what a byte of \
                    room is worth at the margin, or a number of requests (with --objective bytes, \
                    of GB) a day for each GB fetched
                    """
            ),
            Option("releases", "FILE", help: "The calendar of announced releases"),
            Option(
                "release-lead-days", "N", default: "1",
                help: "How many days before its release a song may be fetched"),
            Option(
                "cdn-id", "ID", default: "AS64496:1",
                help:
                    "Your CDN provider id in trigger commands, AS<number>:<qualifier>; the default is of a number that is for documentation"
            ),
            Option(
                "trigger-urls", "N", default: "100",
                help: "How many URLs a trigger command may have"),
        ] + stageOptions)

    static func stage(_ arguments: ParsedArguments) throws -> any Stage {
        var options = PrefetchOptions()
        let objective = arguments.string("objective")!
        guard let known = PrefetchPlanner.Objective(rawValue: objective) else {
            throw arguments.usageError("--objective is requests or bytes, not '\(objective)'")
        }
        options.objective = known
        options.fillPrice = try fillPrice(arguments)
        options.releases = arguments.string("releases").map(absolutePath)
        options.releaseLeadDays = try arguments.int("release-lead-days", in: 0...30)!
        let providerID = arguments.string("cdn-id")!
        guard EdgeTriggers.Options.isProviderID(providerID) else {
            throw arguments.usageError(
                "--cdn-id is written AS<number>:<qualifier>, not '\(providerID)'")
        }
        options.triggers = EdgeTriggers.Options(
            providerID: providerID, urlsMax: try arguments.int("trigger-urls", in: 1...100_000)!)
        return PrefetchStage(
            topologyPath: try topologyPath(arguments), options: options,
            fillPriceText: arguments.string("fill-price")!)
    }

    private static func fillPrice(_ arguments: ParsedArguments) throws
        -> PrefetchPlanner.FillPrice
    {
        let text = arguments.string("fill-price")!
        let isShare = text.hasSuffix("%")
        guard let number = Double(isShare ? text.dropLast() : text[...]), number >= 0,
            number <= 1e12
        else {
            throw arguments.usageError(
                "--fill-price takes a share as 10% or a number for each GB, not '\(text)'")
        }
        return isShare ? .share(number / 100) : .perGB(number)
    }
}

private struct PrefetchStage: ArtefactStage {
    let name = "prefetch"
    let kind = "prefetch"
    let topologyPath: String
    let options: PrefetchOptions
    let fillPriceText: String

    var parameters: [String: String] {
        [
            "objective": options.objective.rawValue, "fill_price": fillPriceText,
            "release_lead_days": "\(options.releaseLeadDays)",
            "cdn_id": options.triggers.providerID,
            "trigger_urls": "\(options.triggers.urlsMax)",
        ]
    }

    func inputs(_ night: Night) throws -> [ArtefactRecord.Input] {
        try inputs(night, try yesterday(night).expectedInput)
    }

    private func inputs(_ night: Night, _ yesterday: ArtefactRecord.Input?) throws
        -> [ArtefactRecord.Input]
    {
        [
            try fileInput("topology", topologyPath), try artefactInput("catalog", "index", night),
            try artefactInput("popularity", "popularity", night),
            try artefactInput("placement", "place", night),
            try options.releases.map { try fileInput("releases", $0) }, yesterday,
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
                date: night.date, options: options, into: staged)
        }
        return StageOutcome(
            summary: text(summary), warnings: yesterday.warnings + summary.notices,
            counts: try JSONValue.parse(summary.json, path: Prefetch.summaryName))
    }

    private func text(_ summary: PrefetchSummary) -> String {
        func sum(_ count: (PrefetchManifest.Header) -> Int) -> Int {
            summary.edges.reduce(0) { $0 + count($1.header) }
        }
        func share(
            _ part: KeyPath<PrefetchManifest.Header, Double>,
            _ whole: KeyPath<PrefetchManifest.Header, Double>
        ) -> String {
            let whole = summary.edges.reduce(0) { $0 + $1.header[keyPath: whole] }
            let part = summary.edges.reduce(0) { $0 + $1.header[keyPath: part] }
            return whole > 0 ? formatDecimal(100 * part / whole, 1) : "0.0"
        }
        let hits =
            switch options.objective {
            case .requests: share(\.expectedHits, \.expectedRequests)
            case .bytes: share(\.expectedHitBytes, \.expectedRequestBytes)
            }
        // A bound is not to look better than it is.
        let gap = (summary.gapPercentMax * 1e4).rounded(.up) / 1e4
        return """
            \(grouped(summary.edges.count)) edges: fetch \(grouped(sum(\.fetchSongs))) songs \
            (\(formatBytes(sum(\.fillBytes)))), keep \(grouped(sum(\.holdSongs))), evict \
            \(grouped(sum(\.evictSongs))); expected hits \(hits)% of \
            \(options.objective.rawValue), at most \(formatDecimal(gap, 4))% below \
            the best plan\(worth(summary))
            """
    }

    /// Where more room, and more fill, would help the most.
    private func worth(_ summary: PrefetchSummary) -> String {
        func best(
            _ what: String, _ price: KeyPath<PrefetchManifest.Certificate, Double>
        ) -> String? {
            var best: (header: PrefetchManifest.Header, worth: Double)?
            for edge in summary.edges {
                guard let worth = edge.header.certificate?[keyPath: price],
                    worth > best?.worth ?? 0
                else { continue }
                best = (edge.header, worth)
            }
            guard let best else { return nil }
            // A price is of the next bytes; a GB would be many times what a small edge has.
            let isSmall = best.header.pinnedBytes < 10_000_000_000
            let worth = formatDecimal(isSmall ? best.worth / 1000 : best.worth, isSmall ? 3 : 1)
            return """
                a \(isSmall ? "MB" : "GB") more of \(what) at \(best.header.edge) would answer \
                about \(worth) more \(options.objective == .requests ? "requests" : "GB") a day
                """
        }
        let parts = [best("room", \.roomWorthPerGB), best("fill", \.fillWorthPerGB)]
            .compactMap(\.self)
        return parts.isEmpty ? "" : "; " + parts.joined(separator: ", ")
    }
}
