import Catalog
import Delivery
import Plays
import Storage

/// What a warehouse can tell about its own fleet, for planning.
struct CapacityMeasurement {
    private(set) var figures: [CapacityInput: CapacityPlan.Figure] = [:]

    /// Days that figures of plays are means of.
    private static let days = 28
    /// Days of which the hours are read, song by song.
    private static let hourDays = 7
    /// Below so many songs a database is mostly empty pages.
    private static let songsMin = 10_000

    /// - Throws: What reading the warehouse's files throws; what is not there is left out.
    init(_ warehouse: Warehouse) throws {
        try measureCatalog(warehouse)
        try measurePlays(warehouse)
        try measureDelivery(warehouse)
    }

    private mutating func set(_ input: CapacityInput, _ value: Double, _ from: String) {
        // A figure that no option would take is none to plan by.
        guard input.description.range.contains(value) else { return }
        figures[input] = CapacityPlan.Figure(value, .measured, from: from)
    }

    /// The newest night that has a file of a kind.
    private static func newest(_ warehouse: Warehouse, _ kind: String, _ file: String) throws
        -> (path: String, date: CalendarDate)?
    {
        let folder = "\(warehouse.path)/\(kind)"
        guard FileSystem.exists(folder) else { return nil }
        let date = try FileSystem.list(folder).compactMap {
            $0.hasPrefix("date=") ? CalendarDate($0.dropFirst("date=".count)) : nil
        }.filter { FileSystem.exists(warehouse.artefact(kind, $0) + "/" + file) }.max()
        return date.map { (warehouse.artefact(kind, $0), $0) }
    }

    private mutating func measureCatalog(_ warehouse: Warehouse) throws {
        guard let (folder, date) = try Self.newest(warehouse, "catalog", "catalog.sqlite") else {
            return
        }
        let means = try CatalogReader(directory: folder).means()
        guard means.songs > 0, means.durationMs > 0 else { return }
        let from = "the catalogue of \(date)"
        set(.songs, Double(means.songs), from)
        set(.songSeconds, means.durationMs / 1000, from)
        // Of all bytes, tags aside, so that length times rate gives the size.
        set(.bitrateKbps, means.sizeBytes * 8 / means.durationMs, from)
        guard means.songs >= Self.songsMin else { return }
        for (input, name) in [
            (CapacityInput.metadataBytes, "catalog.sqlite"), (.searchBytes, "search.sqlite"),
        ] {
            guard let status = try FileStatus.of("\(folder)/\(name)") else { continue }
            set(input, Double(status.sizeBytes) / Double(means.songs), from)
        }
    }

    private mutating func measurePlays(_ warehouse: Warehouse) throws {
        let counted = SongTimeline.countedDays(warehouse).suffix(Self.days)
        var days: [(date: CalendarDate, plays: Int, listeners: Int)] = []
        for date in counted {
            let record = ArtefactRecord.read(warehouse.artefact("plays", date))
            guard let counts = record?.details["counts"], let streams = counts["streams"]?.int,
                let listeners = counts["listeners"]?.int, listeners > 0
            else { continue }
            days.append((date, streams + (counts["short"]?.int ?? 0), listeners))
        }
        guard let first = days.first, let last = days.last else { return }
        let plays = days.reduce(0) { $0 + $1.plays }
        let listeners = days.reduce(0) { $0 + $1.listeners }
        let from = "\(days.count) counted days, \(first.date) to \(last.date)"
        set(.users, Double(listeners) / Double(days.count), from)
        set(.playsPerUser, Double(plays) / Double(listeners), from)
        try measurePeak(warehouse, days.suffix(Self.hourDays).map(\.date))
    }

    private mutating func measurePeak(_ warehouse: Warehouse, _ dates: [CalendarDate]) throws {
        var busiest = 0
        var streams = 0
        for date in dates {
            var hours = Array(repeating: 0, count: 24)
            let counts = try CountsFile(
                "\(warehouse.artefact("plays", date))/\(CountsFile.fileName)")
            while try counts.next() {
                for hour in 0..<24 { hours[hour] += counts.row.hours[hour] }
            }
            busiest = max(busiest, hours.max()!)
            streams += hours.reduce(0, +)
        }
        guard streams > 0 else { return }
        set(
            .peakFactor, Double(busiest) / (Double(streams) / Double(24 * dates.count)),
            "the busiest hour of \(dates.count) days to \(dates.last!)")
    }

    private mutating func measureDelivery(_ warehouse: Warehouse) throws {
        if let (folder, date) = try Self.newest(warehouse, "placement", "topology.json") {
            let topology = try Topology(contentsOf: folder + "/topology.json")
            let from = "the topology of \(date)"
            set(.copies, Double(topology.replicas), from)
            set(.edges, Double(topology.edges.count), from)
            let regions = topology.regions
            set(
                .storagePrice,
                regions.reduce(0) { $0 + $1.storageUSDPerGBMonth } / Double(regions.count),
                from + ", mean of its regions")
            let links = regions.indices.flatMap { from in
                regions.indices.filter { $0 != from }.map { topology.link(from: from, to: $0) }
            }
            if !links.isEmpty {
                set(
                    .trafficPrice,
                    links.reduce(0) { $0 + $1.transferUSDPerGB } / Double(links.count),
                    from + ", mean of its links")
            }
            if let catalog = try Self.newest(warehouse, "catalog", "catalog.sqlite"),
                !topology.edges.isEmpty
            {
                let means = try CatalogReader(directory: catalog.path).means()
                let edgeBytes = topology.edges.reduce(0.0) { $0 + Double($1.capacityBytes) }
                let audioBytes = Double(means.songs) * means.sizeBytes
                if audioBytes > 0 {
                    set(
                        .edgeShare,
                        min(100, 100 * edgeBytes / Double(topology.edges.count) / audioBytes), from)
                }
            }
        }
        if let (folder, date) = try Self.newest(warehouse, "prefetch", Prefetch.summaryName) {
            let edges =
                try JSONValue.read(folder + "/" + Prefetch.summaryName)["edges"]?.array ?? []
            let hits = edges.reduce(0.0) { $0 + ($1["expected_hits"]?.double ?? 0) }
            let requests = edges.reduce(0.0) { $0 + ($1["expected_requests"]?.double ?? 0) }
            if requests > 0 {
                set(.edgeHits, 100 * hits / requests, "what edges are expected to answer, \(date)")
            }
        }
    }
}
