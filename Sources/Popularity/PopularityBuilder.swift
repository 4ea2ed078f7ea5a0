internal import Catalog
internal import Plays
package import Storage

/// Makes scores, charts, trends and tomorrow's demand from a window of counted days.
///
/// Reads `plays/date=…/counts.tsv.zst`, the ledger (artists and genres) and the announced releases;
/// writes the files of `popularity/date=D/`.
package struct PopularityBuilder {
    private let warehouse: Warehouse
    private let options: PopularityOptions
    private let releasesPath: String?

    /// - Parameter releases: A file of format `spindle-releases`.
    package init(
        warehouse: Warehouse, options: PopularityOptions = PopularityOptions(),
        releases: String? = nil
    ) {
        self.warehouse = warehouse
        self.options = options
        releasesPath = releases
    }

    private var daysRead: Int { max(options.days, Charts.days) }

    /// What a night would read, and what tells that it has changed.
    package func inputs(date: CalendarDate) throws -> [(name: String, fingerprint: String)] {
        var inputs: [(name: String, fingerprint: String)] = []
        for day in (0..<daysRead).map({ date - (daysRead - 1 - $0) }) {
            let record = ArtefactRecord.read(warehouse.artefact("plays", day))
            for file in record?.files ?? []
            where [CountsFile.fileName, SketchesFile.fileName, CoplaysFile.fileName].contains(
                file.name)
            {
                inputs.append(("plays/date=\(day)/\(file.name)", file.sha256.hex))
            }
        }
        for (period, day, path) in ChartHistory.paths(warehouse, before: date) {
            inputs.append(
                (
                    "popularity/date=\(day)/\(ChartHistory.fileName) \(period.rawValue)",
                    try SHA256.hash(fileAt: path).hex
                ))
        }
        if let ledger = try openLedger() {
            inputs.append(
                (
                    "ledger.sqlite",
                    try ledger.meta("content_digest") ?? ledger.contentDigest().hex
                ))
        }
        if let releasesPath {
            inputs.append((releasesPath, try SHA256.hash(fileAt: releasesPath).hex))
        }
        return inputs
    }

    /// - Parameter folder: Where the files are written; the caller puts it in its place.
    /// - Throws: `FileError` when the day was not counted or the releases are missing; `FormatError` when a file that is read is not what it should be.
    package func run(date: CalendarDate, into folder: StagedDirectory) throws -> PopularitySummary {
        var summary = PopularitySummary(date: date)
        let releases = try releasesPath.map { try Release.read($0) } ?? []
        let openedLedger = try openLedger()
        if openedLedger == nil {
            summary.warnings.append(
                "there is no ledger yet: no song is known, no genre has a chart")
        }
        let ledger = try LedgerIndex(openedLedger)
        let window = try PlayWindow(
            warehouse, endingWith: date, days: daysRead, scored: options.days, withSketches: true)
        let night = try NightPopularity(
            window, ledger, scoreDays: options.days, rules: options.charts, folder: folder.path)
        let model = DemandModel(night.table, regions: window.regions.count)
        let raised = ReleaseDemand(releases, planDate: date.next, night.table, ledger, model)

        let regions = night.sortedRegions
        var trending: [TrendingEntry] = []
        try folder.write(ScoresFile.fileName) {
            trending = try night.writeScores(to: $0, rules: options.charts)
        }
        let history = try ChartHistory(warehouse, before: date)
        try folder.write(ChartsFile.fileName) {
            try ChartsFile.write(night.charts.lines(night.table.ids, history), to: $0)
        }
        try folder.write(ChartHistory.fileName) {
            try night.charts.historyForLater(night.table.ids, history).write(to: $0)
        }
        try folder.write(GenresFile.fileName) { try GenresFile.write(night.genres, to: $0) }
        try folder.write(TrendingFile.fileName) { try TrendingFile.write(trending, to: $0) }
        try folder.write(SimilarFile.fileName) {
            let similar = try SimilarSongs(
                warehouse, days: window.days[window.groups.scored.days], night.table.ids,
                folder: folder.path)
            summary.similar = try similar.write(
                night.table.ids, listenerDays: night.listenerDays, to: $0)
        }
        var demand: [Double] = []
        try folder.write(DemandFile.fileName) {
            demand = try writeDemand(
                night.table, window.regions, regions, model, raised, to: $0)
        }
        try folder.write("unresolved.tsv") { try night.writeUnresolved(to: $0) }
        summary.songs = night.table.ids.count
        summary.unresolved = night.unresolved.count
        summary.countedDays = window.isCounted.suffix(options.days).count { $0 }
        summary.plays = night.totals.reduce(0) { $0 + $1.plays.reduce(0, +) }
        summary.streams = night.totals.reduce(0) { $0 + $1.streams.reduce(0, +) }
        summary.expected = regions.map { (window.regions[$0], demand[$0]) }
        summary.raisedReleases = raised.expected.count
        warnOfGaps(window, &summary)
        try folder.write("summary.json") {
            try $0.write(summaryDocument(summary, night, window, Array(trending.prefix(10))))
        }
        return summary
    }

    /// nil when nothing was ingested yet.
    private func openLedger() throws -> Ledger? {
        FileSystem.exists(warehouse.ledgerPath) ? try Ledger(warehouse, .readOnly) : nil
    }

    /// A day that was never counted between days that were is an omission, not a quiet day.
    private func warnOfGaps(_ window: PlayWindow, _ summary: inout PopularitySummary) {
        guard let first = window.hasPartition.firstIndex(of: true) else { return }
        for index in window.days.indices where index > first && !window.hasPartition[index] {
            summary.warnings.append("\(window.days[index]) was not counted: run spindle plays")
        }
    }

    // MARK: Demand

    /// - Returns: The sum by region.
    private func writeDemand(
        _ table: borrowing SongTable, _ names: [String], _ sorted: [Int], _ model: DemandModel,
        _ raised: ReleaseDemand, to writer: FileWriter
    ) throws -> [Double] {
        var sums = [Double](repeating: 0, count: names.count)
        try writer.write(DemandFile.header + "\n")
        func write(_ id: String, _ demand: [Double]) throws {
            for region in sorted {
                // What would be written as 0.0000 is left out.
                guard demand[region] >= 0.000_05 else { continue }
                sums[region] += demand[region]
                try writer.write(
                    "\(id)\t\(names[region])\t\(formatDecimal(demand[region], 4))\n")
            }
        }
        var releases = raised.expected[...]
        for song in 0..<table.ids.count {
            let id = table.ids.text(song)
            while let release = releases.first, release.songID.precedesInBytes(id) {
                try write(release.songID, release.demand)
                releases.removeFirst()
            }
            var demand = model.expected(song, in: table)
            if let release = releases.first, release.songID.hasSameBytes(as: id) {
                // Played before its day, it is still raised, but never lowered.
                for region in demand.indices {
                    demand[region] = max(demand[region], release.demand[region])
                }
                releases.removeFirst()
            }
            if !raised.withheld.contains(ByteKey(id)) { try write(id, demand) }
        }
        for release in releases { try write(release.songID, release.demand) }
        return sums
    }

    // MARK: Summary

    private func summaryDocument(
        _ summary: PopularitySummary, _ night: borrowing NightPopularity, _ window: PlayWindow,
        _ trending: [TrendingEntry]
    ) -> [UInt8] {
        let regions = night.sortedRegions
        let totals = night.totals
        var json = JSONWriter(indented: true)
        json.object { json in
            json.field("format", "spindle-popularity-summary")
            json.field("version", 1)
            json.field("date", "\(summary.date)")
            json.field("plan_date", "\(summary.date.next)")
            json.field("songs", summary.songs)
            json.field("unresolved_songs", summary.unresolved)
            json.field("plays", summary.plays)
            json.field("streams", summary.streams)
            json.field("raised_releases", summary.raisedReleases)
            json.field("regions", regions.map { window.regions[$0] })
            json.array("days") { json in
                for (index, day) in window.days.enumerated() where window.hasPartition[index] {
                    json.object { json in
                        json.field("date", "\(day)")
                        json.field("has_logs", window.isCounted[index])
                        for (name, path) in [
                            ("plays", \DaySeries.plays), ("streams", \.streams),
                            ("chart_streams", \.chartStreams), ("song_listeners", \.listeners),
                        ] {
                            json.object(name) { json in
                                for region in regions {
                                    json.field(
                                        window.regions[region], totals[region][keyPath: path][index]
                                    )
                                }
                            }
                        }
                    }
                }
            }
            for (name, path) in [
                ("week_listeners", \NightPopularity.RegionListeners.week),
                ("window_listeners", \.window),
            ] {
                json.object(name) { json in
                    func listeners(_ place: Int) -> Int {
                        Int(night.regionListeners[place][keyPath: path].estimate.rounded())
                    }
                    json.field("*", listeners(0))
                    for region in regions {
                        json.field(window.regions[region], listeners(region + 1))
                    }
                }
            }
            json.object("expected_streams") { json in
                for (region, streams) in summary.expected {
                    json.field(region, streams, decimals: 4)
                }
            }
            json.array("trending") { json in
                for entry in trending { json.object { entry.write(to: &$0) } }
            }
            json.field("warnings", summary.warnings)
        }
        json.newline()
        return json.bytes
    }
}
