/// The planning arithmetic: what a fleet needs, year by year, from a few figures.
///
/// A month is 30 days, a GB 10⁹ bytes. Every play sends a whole song, which is more than what is
/// heard: the plan errs on the side of too much.
package struct CapacityPlan: Sendable {
    /// Where a figure comes from.
    package enum Source: String, Sendable {
        case given, measured
        case standard = "default"
    }

    package struct Figure: Sendable {
        package var value: Double
        package var source: Source
        /// More about it: of what it was measured, or where the default comes from.
        package var from: String

        package init(_ value: Double, _ source: Source, from: String) {
            self.value = value
            self.source = source
            self.from = from
        }
    }

    package struct Year: Sendable {
        package var number = 0
        package var users = 0.0
        package var songs = 0.0
        /// One copy of all audio.
        package var audioBytes = 0.0
        package var replicaBytes = 0.0
        package var edgeBytes = 0.0
        package var metadataBytes = 0.0
        package var searchBytes = 0.0
        package var playsPerDay = 0.0
        package var trafficBytesPerDay = 0.0
        package var originBytesPerDay = 0.0
        package var peakPlaysPerSecond = 0.0
        package var peakRequestsPerSecond = 0.0
        package var peakConcurrentStreams = 0.0
        package var peakBitsPerSecond = 0.0
        package var originPeakBitsPerSecond = 0.0
        package var edges = 0.0
        package var servers = 0.0
        package var storageUSDPerMonth = 0.0
        package var trafficUSDPerMonth = 0.0
        package var machinesUSDPerMonth = 0.0

        package var totalUSDPerMonth: Double {
            storageUSDPerMonth + trafficUSDPerMonth + machinesUSDPerMonth
        }
    }

    /// In the order of `CapacityInput.allCases`.
    package private(set) var figures: [Figure]
    /// The first is now.
    package private(set) var years: [Year] = []

    /// - Parameters:
    ///   - known: What is given or measured; the rest is the default.
    ///   - years: How many years ahead.
    package init(_ known: [CapacityInput: Figure], years count: Int) {
        figures = CapacityInput.allCases.map { input in
            known[input]
                ?? Figure(input.description.standard, .standard, from: input.description.origin)
        }
        years = (0...count).map(year)
    }

    package subscript(input: CapacityInput) -> Figure {
        figures[CapacityInput.allCases.firstIndex(of: input)!]
    }

    private func value(_ input: CapacityInput) -> Double {
        self[input].value / (input.isShare ? 100 : 1)
    }

    private func year(_ number: Int) -> Year {
        func grown(_ input: CapacityInput, _ growth: CapacityInput) -> Double {
            (0..<number).reduce(value(input)) { amount, _ in amount * (1 + value(growth)) }
        }
        var year = Year()
        year.number = number
        year.users = grown(.users, .userGrowth)
        year.songs = grown(.songs, .songGrowth)

        let songBytes = value(.bitrateKbps) * 125 * value(.songSeconds)
        year.audioBytes = year.songs * songBytes
        year.replicaBytes = year.audioBytes * value(.copies)
        year.metadataBytes = year.songs * value(.metadataBytes)
        year.searchBytes = year.songs * value(.searchBytes)

        year.playsPerDay = year.users * value(.playsPerUser)
        year.trafficBytesPerDay = year.playsPerDay * songBytes
        year.originBytesPerDay = year.trafficBytesPerDay * (1 - value(.edgeHits))
        year.peakPlaysPerSecond = year.playsPerDay / 86_400 * value(.peakFactor)
        year.peakRequestsPerSecond = year.peakPlaysPerSecond * value(.requestsPerPlay)
        year.peakConcurrentStreams = year.peakPlaysPerSecond * value(.songSeconds)
        year.peakBitsPerSecond = year.peakPlaysPerSecond * songBytes * 8
        year.originPeakBitsPerSecond = year.peakBitsPerSecond * (1 - value(.edgeHits))

        let load = value(.load)
        year.edges = max(
            value(.edges).rounded(.up),
            // Without edges nothing is served by them.
            value(.edges) > 0
                ? (year.peakBitsPerSecond / (value(.edgeGbps) * 1e9 * load)).rounded(.up) : 0)
        let origin = year.edges > 0 ? year.originPeakBitsPerSecond : year.peakBitsPerSecond
        if year.edges == 0 {
            year.originBytesPerDay = year.trafficBytesPerDay
            year.originPeakBitsPerSecond = year.peakBitsPerSecond
        }
        let byRequests =
            year.peakRequestsPerSecond / (value(.requestsPerCore) * value(.serverCores) * load)
        let byNetwork = origin / (value(.serverGbps) * 1e9 * load)
        // One more than needed, as one may fail.
        year.servers = max(byRequests, byNetwork).rounded(.up) + 1
        year.edgeBytes = year.edges * value(.edgeShare) * year.audioBytes

        year.storageUSDPerMonth =
            (year.replicaBytes + year.edgeBytes) / 1e9 * value(.storagePrice)
        let moved = year.trafficBytesPerDay + (year.edges > 0 ? year.originBytesPerDay : 0)
        year.trafficUSDPerMonth = moved / 1e9 * 30 * value(.trafficPrice)
        year.machinesUSDPerMonth = (year.edges + year.servers) * value(.machinePrice)
        return year
    }
}
