import Arguments
import Delivery
import Pipeline
import Plays
import Storage

/// `spindle simulate`: what a night's plan was worth on the day after it.
enum SimulateCommand: Subcommand {
    static let command = Command(
        "spindle simulate",
        summary: "replay the next day against a night's plan and other caches",
        discussion: """
            Takes the plan of the night --date (placement and prefetch), replays the play logs of \
            the day after it in order of time, and prints how many requests and bytes the edges \
            answered, what regions sent each other, how long it took by the topology's links and \
            what it cost by its prices; beside it the same for ordinary caches of the same size, \
            warmed by the night's own day, and for bounds that no cache exceeds. Each event is a \
            request for the whole song, whether it counts as a stream or not. Nothing changes \
            but for --keep.
            """,
        options: [
            .warehouse,
            Option(
                "date", "DATE",
                help:
                    "The night whose plan is replayed, on the day after it; without it the last night whose next day has ended"
            ),
            Option(
                "logs", "PATH", repeats: true,
                help:
                    "A log file, a folder of logs or a glob; without it what spindle plays has read"
            ),
            Option(
                "topology", "FILE",
                help: "Regions, links and edges (JSON or JSON5); without it the plan's own"),
            Option(
                "policies", "NAME,…", default: "lru,s3fifo,wtinylfu,top,seeded,belady",
                help: "What the plan is compared with: \(CachePolicyName.names), or none"),
            Option(
                "down", "ID", repeats: true,
                help: "A region or an edge that is down all day; the day is replayed with it, too"),
            Option(
                "sweep", "PERCENT,…", default: "0.1,1,5,10",
                help:
                    "Edges of so many percent of the catalogue's bytes, each planned anew; none for none"
            ),
            Option(
                "sweep-pinned", "SHARE,…", default: "0.5,0.6,0.7,0.8,0.9,0.95,1",
                help: "Shares of an edge that are pinned, each planned anew; none for none"),
            Option("keep", help: "Keep the result in the warehouse, for the next night's report"),
        ] + readingOptions + [.json, .quiet])

    private static let readingOptions = PlaysCommand.readingOptions.map {
        $0.name == "catalog"
            ? Option(
                "catalog", "DIR",
                help:
                    "The folder with the catalog.sqlite in which songs of other services' logs are found; without it the night's"
            ) : $0
    }

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        let request = try SimulationCall(arguments)
        let warehouse = request.warehouse
        try warehouse.check()
        let isKept = arguments.flag("keep")
        let simulated = try request.run { terminal.progress("simulate: \($0)") }
        for warning in simulated.warnings { terminal.say("warning: \(warning)") }
        if isKept {
            try hold(
                warehouse, command: "spindle simulate --date \(request.date) --keep"
            ) { try request.keep(simulated) }
        }
        if arguments.flag("json") {
            terminal.print(simulated.result.json)
        } else {
            terminal.print(SimulationText(simulated.result).text)
        }
        if isKept {
            terminal.say("kept in \(warehouse.artefact("simulation", request.date))")
        }
        return .ok
    }

    private static func hold(
        _ warehouse: Warehouse, command: String, _ body: () throws -> Void
    ) throws {
        try RunLock.hold(warehouse, command: command) {
            try warehouse.prepare()
            try warehouse.emptyTemporaryFolder()
            try body()
        }
    }
}

/// What a call asks for, read and checked.
private struct SimulationCall {
    struct Simulated {
        let result: SimulationResult
        let inputs: [ArtefactRecord.Input]
        let warnings: [String]
    }

    let warehouse: Warehouse
    let date: CalendarDate
    private let arguments: ParsedArguments
    private let policies: [CachePolicyName]
    private let capacities: [Double]
    private let pinnedShares: [Double]

    init(_ arguments: ParsedArguments) throws {
        self.arguments = arguments
        warehouse = Warehouse(path: arguments.string("warehouse")!)
        // Of the last day that has ended the next day has not.
        date = try arguments.date("date") ?? .today - 2
        policies = try Self.policies(arguments)
        capacities = try Self.numbers("sweep", arguments, in: 0...100)
        pinnedShares = try Self.numbers("sweep-pinned", arguments, in: 0...1)
    }

    private static func policies(_ arguments: ParsedArguments) throws -> [CachePolicyName] {
        let list = arguments.string("policies")!
        if list == "none" { return [] }
        var policies: [CachePolicyName] = []
        for name in list.split(separator: ",", omittingEmptySubsequences: false) {
            guard let policy = CachePolicyName(rawValue: String(name)), !policies.contains(policy)
            else {
                throw arguments.usageError(
                    "--policies \(list): '\(name)' is none of \(CachePolicyName.names), or is "
                        + "named twice")
            }
            policies.append(policy)
        }
        return policies
    }

    /// - Returns: Rising, each once.
    private static func numbers(
        _ option: String, _ arguments: ParsedArguments, in range: ClosedRange<Double>
    ) throws -> [Double] {
        let list = arguments.string(option)!
        if list == "none" { return [] }
        let numbers = try list.split(separator: ",", omittingEmptySubsequences: false).map {
            guard let number = Double($0), range.contains(number) else {
                throw arguments.usageError(
                    "--\(option) \(list): '\($0)' is no number from \(Int(range.lowerBound)) to "
                        + "\(Int(range.upperBound))")
            }
            return number
        }
        return Set(numbers).sorted()
    }

    // MARK: Running

    func run(progress: @escaping (String) -> Void) throws -> Simulated {
        let night = Night(warehouse: warehouse, date: date, tool: version)
        var inputs = try [
            ("catalog", "index"), ("popularity", "popularity"), ("placement", "place"),
            ("prefetch", "prefetch"),
        ].map { try artefactInput($0, $1, night) }
        let placement = warehouse.artefact("placement", date)
        let topologyPath =
            arguments.string("topology").map(absolutePath) ?? placement + "/topology.json"
        inputs.append(try fileInput("topology", topologyPath))
        let topology = try Topology(contentsOf: topologyPath)
        let outage = try outage(topology)

        progress("reading the plan")
        let plan = try SimulationPlan(
            date: date, topology: topology, catalog: warehouse.artefact("catalog", date),
            demand: warehouse.artefact("popularity", date) + "/demand.tsv.zst",
            placement: placement, prefetch: warehouse.artefact("prefetch", date))

        let log = try log()
        let logInputs = try log.fingerprints(days: [date, date.next])
        progress("reading \(logInputs.count) logs")
        let requests = try SimulationRequests(
            log, night: date, songs: plan.songs, topology: topology)

        let simulation = Simulation(plan, requests, policies: policies, progress: progress)
        let result = simulation.run(
            outage: outage, capacities: capacities, pinnedShares: pinnedShares)
        return Simulated(
            result: result, inputs: inputs + logInputs,
            warnings: warnings(requests, result))
    }

    private func outage(_ topology: Topology) throws -> Outage? {
        let names = arguments.strings("down")
        guard !names.isEmpty else { return nil }
        for name in names where Outage([name], in: topology) == nil {
            let known = topology.regions.map(\.id) + topology.edges.map(\.id)
            throw UsageError(
                "--down \(name): the topology has no such region or edge",
                hint: nearestName(to: name, among: known).map { "did you mean \($0)?" }
                    ?? "name one of \(known.joined(separator: ", "))")
        }
        return Outage(names, in: topology)
    }

    /// The logs that the call names, or those that were counted on the night after, or on this one,
    /// as they were read then.
    private func log() throws -> RequestLog {
        var call = arguments
        if !arguments.isGiven("logs") {
            let records = [date.next, date].lazy.compactMap {
                RunRecord.read("plays", $0, warehouse)
            }
            guard let record = records.first else {
                throw arguments.usageError(
                    "no --logs given, and spindle plays has not run for \(date.next) or \(date)")
            }
            call = try ParsedArguments(PlaysCommand.command, record.arguments)
        } else if arguments.strings("logs").contains("-") {
            throw arguments.usageError("--logs - is not read here: name a file or a folder")
        }
        var options = try PlaysCommand.readingAlone(call)
        // Songs are looked up where the plan has them from.
        options.reading.catalog = options.reading.catalog ?? warehouse.artefact("catalog", date)
        return RequestLog(
            warehouse: warehouse, logs: PlaysCommand.logs(call, warehouse), options: options)
    }

    private func warnings(
        _ requests: SimulationRequests, _ result: SimulationResult
    ) -> [String] {
        var warnings = requests.reading.warnings
        let strays = requests.strays
        if requests.warmingCount == 0 {
            warnings.append("there are no requests of \(date): the caches start empty")
        }
        if requests.reading.rejected > 0 {
            warnings.append(
                "\(counted(requests.reading.rejected, "line")) of the logs could not be read "
                    + "(spindle rejects --stage plays lists them)")
        }
        if strays.unknownSongRequests > 0 {
            warnings.append(
                "left out: \(counted(strays.unknownSongRequests, "request")) for "
                    + "\(counted(strays.unknownSongs, "song")) that the night's catalogue does not "
                    + "have")
        }
        if strays.unknownRegionRequests > 0 {
            let names = strays.unknownRegions.prefix(5).joined(separator: ", ")
            warnings.append(
                "left out: \(counted(strays.unknownRegionRequests, "request")) from regions that "
                    + "the topology does not have (\(names.withoutControlCharacters))")
        }
        if let without = result.scenarios.first?.requestsWithoutEdge, without > 0 {
            warnings.append(
                "\(counted(without, "request")) came from regions without an edge: the nearest "
                    + "region that holds the song served them")
        }
        return warnings
    }

    private func counted(_ count: Int, _ noun: String) -> String {
        "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
    }

    // MARK: Keeping

    /// What decides the result beside its inputs.
    private var parameters: [String: String] {
        var parameters = [
            "policies": policies.map(\.rawValue).joined(separator: ","),
            "sweep": arguments.string("sweep")!,
            "sweep-pinned": arguments.string("sweep-pinned")!,
        ]
        if arguments.isGiven("down") {
            parameters["down"] = Set(arguments.strings("down")).sorted().joined(separator: ",")
        }
        return parameters
    }

    func keep(_ simulated: Simulated) throws {
        let staged = try StagedDirectory(in: warehouse, name: "simulation")
        do {
            try staged.write(SimulationResult.fileName) {
                try $0.write(simulated.result.json.bytes + [10])
            }
            try ArtefactRecord(
                stage: "simulate", date: date, tool: version, parameters: parameters,
                inputs: simulated.inputs
            ).write(to: staged)
            try staged.commit(to: warehouse.artefact("simulation", date))
        } catch {
            staged.discard()
            throw error
        }
    }
}
