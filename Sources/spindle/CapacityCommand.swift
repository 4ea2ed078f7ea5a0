import Arguments
import Delivery
import Storage

/// `spindle capacity`: what a fleet needs, from a few figures.
enum CapacityCommand: Subcommand {
    static let command = Command(
        "spindle capacity", summary: "plan storage, traffic, machines and cost, year by year",
        discussion: """
            From users, songs and the like to storage, traffic a day and at the peak, edges, \
            servers and cost, now and in the years to come. With --warehouse it goes by the \
            fleet's own figures where there are some: songs, sizes and lengths of the newest \
            catalogue, plays and listeners of the counted days, the busiest hour, copies, edges and \
            prices of the topology, the hits that edges are expected to have. What is given on the \
            command line goes before what is measured, and that before the defaults; each figure is \
            printed with where it comes from. Changes nothing. docs/formats/capacity.md has the \
            formulas.
            """,
        options: [
            Option("warehouse", "DIR", help: "Take what it can tell from this warehouse")
        ]
            + CapacityInput.allCases.map { input in
                let described = input.description
                return Option(
                    input.rawValue, "N", default: number(described.standard),
                    help: "\(described.meaning), in \(described.unit)")
            } + [
                Option("years", "N", default: "3", help: "How many years ahead"), .json,
            ], exitCodes: [.ok, .failed, .usage, .badData, .inputMissing])

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        var known: [CapacityInput: CapacityPlan.Figure] = [:]
        let years = try arguments.int("years", in: 0...20)!
        for input in CapacityInput.allCases where arguments.isGiven(input.rawValue) {
            known[input] = CapacityPlan.Figure(
                try given(input, arguments), .given, from: "--\(input.rawValue)")
        }
        if let path = arguments.string("warehouse") {
            let warehouse = Warehouse(path: path)
            try warehouse.check()
            known.merge(try CapacityMeasurement(warehouse).figures) { given, _ in given }
        }
        let plan = CapacityPlan(known, years: years)
        if arguments.flag("json") {
            terminal.print(plan.json)
        } else {
            for line in text(plan) { terminal.print(line) }
        }
        return .ok
    }

    /// - Throws: `UsageError` naming the option and its range.
    private static func given(_ input: CapacityInput, _ arguments: ParsedArguments) throws -> Double
    {
        var text = arguments.string(input.rawValue)!
        if input.isShare, text.hasSuffix("%") { text.removeLast() }
        let range = input.description.range
        guard let value = Double(text), range.contains(value) else {
            throw arguments.usageError(
                """
                --\(input.rawValue) takes a number from \(number(range.lowerBound)) to \
                \(number(range.upperBound)) (\(input.description.unit)), not \
                '\(arguments.string(input.rawValue)!)'
                """)
        }
        return value
    }

    // MARK: Text

    private static func text(_ plan: CapacityPlan) -> [String] {
        var rows = [["figure", "value", "unit", "source", ""]]
        for (input, figure) in zip(CapacityInput.allCases, plan.figures) {
            rows.append([
                input.rawValue, number(figure.value), input.description.unit,
                figure.source.rawValue, figure.source == .given ? "" : figure.from,
            ])
        }
        let years = plan.years
        func row(_ title: String, _ cell: (CapacityPlan.Year) -> String) -> [String] {
            [title] + years.map(cell)
        }
        let needs = [
            row("") { $0.number == 0 ? "now" : "year \($0.number)" },
            row("users") { whole($0.users) }, row("songs") { whole($0.songs) },
            row("audio, one copy") { bytes($0.audioBytes) },
            row("in all copies") { bytes($0.replicaBytes) },
            row("at the edges") { bytes($0.edgeBytes) },
            row("catalogue") { bytes($0.metadataBytes) },
            row("search index") { bytes($0.searchBytes) },
            row("plays a day") { whole($0.playsPerDay) },
            row("traffic a day") { bytes($0.trafficBytesPerDay) },
            row("of it from regions") { bytes($0.originBytesPerDay) },
            row("plays/s at the peak") { formatDecimal($0.peakPlaysPerSecond, 1) },
            row("requests/s at the peak") { whole($0.peakRequestsPerSecond) },
            row("streams at once") { whole($0.peakConcurrentStreams) },
            row("Gbit/s at the peak") { formatDecimal($0.peakBitsPerSecond / 1e9, 2) },
            row("of it from regions") { formatDecimal($0.originPeakBitsPerSecond / 1e9, 2) },
            row("edges") { whole($0.edges) }, row("servers") { whole($0.servers) },
            row("USD a month, storage") { whole($0.storageUSDPerMonth) },
            row("traffic") { whole($0.trafficUSDPerMonth) },
            row("machines") { whole($0.machinesUSDPerMonth) },
            row("all of it") { whole($0.totalUSDPerMonth) },
        ]
        return aligned(rows, left: [0, 2, 3, 4]) + [""] + aligned(needs, left: [0])
    }

    /// As few decimals as say it to four digits.
    private static func number(_ value: Double) -> String {
        if value == value.rounded(), value.magnitude < 1e15 { return whole(value) }
        var text = formatDecimal(value, value.magnitude < 1 ? 4 : 2)
        while text.hasSuffix("0") { text.removeLast() }
        return text
    }

    /// With groups of three digits, however many there are.
    private static func whole(_ value: Double) -> String {
        let digits = formatDecimal(value.magnitude, 0)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return (value < 0 && digits != "0" ? "-" : "") + text
    }

    private static func bytes(_ value: Double) -> String {
        guard value < 9e18 else { return "\(whole(value / 1e18)) EB" }
        return formatBytes(Int(value))
    }
}
