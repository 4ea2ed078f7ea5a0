/// A figure that capacity is planned from: its option, unit, range, and what it is unless given.
package enum CapacityInput: String, CaseIterable, Sendable {
    case users
    case playsPerUser = "plays-per-user"
    case songs
    case songSeconds = "song-seconds"
    case bitrateKbps = "bitrate"
    case copies
    case metadataBytes = "metadata-bytes"
    case searchBytes = "search-bytes"
    case peakFactor = "peak-factor"
    case edgeHits = "edge-hits"
    case edgeShare = "edge-share"
    case edges
    case edgeGbps = "edge-gbps"
    case requestsPerPlay = "requests-per-play"
    case requestsPerCore = "requests-per-core"
    case serverCores = "server-cores"
    case serverGbps = "server-gbps"
    case load
    case storagePrice = "storage-price"
    case trafficPrice = "traffic-price"
    case machinePrice = "machine-price"
    case songGrowth = "song-growth"
    case userGrowth = "user-growth"

    /// What stands behind `name`: the option is `--name`.
    package struct Description: Sendable {
        package let unit: String
        package let standard: Double
        package let range: ClosedRange<Double>
        /// What it is.
        package let meaning: String
        /// Where the default comes from.
        package let origin: String

        fileprivate init(
            _ unit: String, _ standard: Double, _ range: ClosedRange<Double>, _ meaning: String,
            _ origin: String
        ) {
            self.unit = unit
            self.standard = standard
            self.range = range
            self.meaning = meaning
            self.origin = origin
        }
    }

    /// Whether it is a share, written in per cent.
    package var isShare: Bool { description.unit == "%" }

    package var description: Description {
        switch self {
        case .users:
            Description("people", 10_000, 1...1e10, "People who listen on a day", "an assumption")
        case .playsPerUser:
            Description(
                "plays a day", 20, 0.01...1000, "Plays of each of them a day, skips among them",
                "an assumption: about an hour of listening")
        case .songs:
            Description("songs", 100_000, 1...1e10, "Songs in the catalogue", "an assumption")
        case .songSeconds:
            Description("s", 210, 1...86_400, "The mean length of a song", "an assumption")
        case .bitrateKbps:
            Description(
                "kbit/s", 256, 8...10_000, "The mean bit rate of the audio", "an assumption")
        case .copies:
            Description(
                "copies", 3, 1...32, "Regions that keep each song",
                "the least that spindle place is meant for")
        case .metadataBytes:
            Description(
                "B a song", 271, 1...1e6, "Catalogue on disk for each song",
                "measured once: SQLite with four indexes, 10 million songs")
        case .searchBytes:
            Description(
                "B a song", 227, 1...1e6, "Search index on disk for each song",
                "measured: docs/benchmarks/search.md, a million songs")
        case .peakFactor:
            Description(
                "x", 2.5, 1...24, "Plays of the busiest hour against the mean hour", "an assumption"
            )
        case .edgeHits:
            Description(
                "%", 77, 0...100, "Share of the requests that edges answer themselves",
                "measured on generated fortnights: edges with 5 % of the catalogue pinned")
        case .edgeShare:
            Description(
                "%", 5, 0...100, "Share of the catalogue's bytes that each edge has room for",
                "goes with edge-hits")
        case .edges:
            Description(
                "edges", 2, 0...1e6, "Edges at least, one in each place near listeners",
                "an assumption: one may fail")
        case .edgeGbps:
            Description("Gbit/s", 10, 0.001...10_000, "Network of an edge", "an assumption")
        case .requestsPerPlay:
            Description(
                "requests", 6, 0.1...10_000,
                "Requests to spindled for each play: search, browsing, covers, the stream",
                "an assumption")
        case .requestsPerCore:
            Description(
                "requests/s", 2300, 1...1e7, "Requests a second that a core of spindled answers",
                "measured: searching, the dearest request; docs/formats/capacity.md")
        case .serverCores:
            Description("cores", 4, 1...1024, "Cores of a server of spindled", "an assumption")
        case .serverGbps:
            Description("Gbit/s", 10, 0.001...10_000, "Network of such a server", "an assumption")
        case .load:
            Description(
                "%", 60, 1...100, "How much of a machine may be in use at the peak",
                "an assumption: room for a neighbour that fails")
        case .storagePrice:
            Description(
                "USD/GB month", 0.023, 0...1000, "Storage, for each copy and edge",
                "the list price of object storage in a large cloud; check yours")
        case .trafficPrice:
            Description(
                "USD/GB", 0.02, 0...1000, "Traffic to listeners, and from regions to edges",
                "typical for the US and the EU; check yours")
        case .machinePrice:
            Description(
                "USD/month", 100, 0...1e6, "A machine, edge or server, without storage and traffic",
                "an assumption")
        case .songGrowth:
            Description("%", 20, -90...300, "Growth of the songs a year", "an assumption")
        case .userGrowth:
            Description("%", 20, -90...300, "Growth of the users a year", "an assumption")
        }
    }
}
