internal import Catalog
internal import Delivery
package import Storage

/// Gathers what the night's report shows from the night's results.
package struct ReportAssembler {
    let warehouse: Warehouse
    let date: CalendarDate
    let releasesPath: String?

    /// - Parameter releases: The calendar of announced releases.
    package init(_ warehouse: Warehouse, date: CalendarDate, releases: String?) {
        self.warehouse = warehouse
        self.date = date
        releasesPath = releases
    }

    /// How many entries of a list are gathered; the page shows fewer.
    private static let entriesMax = 100

    /// - Parameters:
    ///   - ingest: The counts of the ingest's run record.
    ///   - stages: How each stage of the night went.
    package func report(
        id: String, ingest: JSONValue, stages: [NightReport.Stage], notices: [String],
        tool: String
    ) throws -> NightReport {
        var report = NightReport(snapshotID: id, night: date, planDate: date.next)
        report.stages = stages
        report.notices = notices
        report.toolVersion = tool
        addFiles(ingest, to: &report)
        try addRejects(to: &report)
        try addPlays(to: &report)
        let catalog = try CatalogReader(directory: warehouse.artefact("catalog", date))
        try addCharts(catalog, to: &report)
        let expected = try addDemand(catalog, to: &report)
        try addPlacement(expected: expected, to: &report)
        try addEdges(to: &report)
        try addSimulation(to: &report)
        return report
    }

    private func addFiles(_ counts: JSONValue, to report: inout NightReport) {
        func count(_ name: String) -> Int { counts[name]?.int ?? 0 }
        report.files = NightReport.FileCounts(
            seen: count("seen"), new: count("new"), changed: count("changed"),
            moved: count("moved"), unchanged: count("unchanged"), duplicate: count("duplicate"),
            ignored: count("ignored"), rejected: count("rejected"), gone: count("gone"))
    }

    // MARK: Rejects

    /// Counts by reason, with the first few places of each.
    private struct Groups {
        private var groups: [String: NightReport.RejectGroup] = [:]

        mutating func add(stage: String, reason: String, place: String, detail: String) {
            let key = stage + "\0" + reason
            groups[key, default: .init(stage: stage, reason: reason, count: 0)].count += 1
            guard groups[key]!.examples.count < 5 else { return }
            groups[key]!.examples.append(.init(place: place, detail: detail))
        }

        var sorted: [NightReport.RejectGroup] {
            groups.values.sorted {
                ($0.stage, -$0.count, $0.reason) < ($1.stage, -$1.count, $1.reason)
            }
        }
    }

    private func addRejects(to report: inout NightReport) throws {
        let ledger = try Ledger(warehouse, .readOnly)
        var rejects = Groups()
        var warnings = Groups()
        try ledger.forEachFile { source, file in
            let place = String(decoding: file.path, as: UTF8.self)
            if file.state == .rejected {
                rejects.add(
                    stage: "ingest", reason: file.reason ?? "unknown", place: place,
                    detail: file.detail ?? "")
            } else if file.state == .present {
                for warning in file.warnings {
                    let parts = warning.split(separator: ":", maxSplits: 1).map(String.init)
                    warnings.add(
                        stage: "ingest", reason: parts[0], place: place,
                        detail: parts.count > 1 ? String(parts[1].dropFirst()) : "")
                }
            }
        }
        let lists = daysWithPlays().map { warehouse.artefact("plays", $0) } + [undatedPath]
        for path in lists.map({ $0 + "/rejects.ndjson" }) where FileSystem.exists(path) {
            _ = try LineReader(path, maximumLineBytes: 8 << 20).forEach { line in
                let json = try JSONValue.parse(Array(line.bytes), path: "\(path):\(line.number)")
                let file = json["file"]?.string ?? ""
                rejects.add(
                    stage: "plays", reason: json["reason"]?.string ?? "unknown",
                    place:
                        "\(FileSystem.name(of: FileSystem.parent(of: file)))/\(FileSystem.name(of: file)):\(json["line"]?.int ?? 0)",
                    detail: json["detail"]?.string ?? "")
            }
        }
        report.rejects = rejects.sorted
        report.warnings = warnings.sorted
    }

    /// Where plays keeps what it found in logs without a date.
    private var undatedPath: String { warehouse.path + "/plays/late/undated" }

    /// The days of the window that have a partition.
    private func daysWithPlays() -> [CalendarDate] {
        (0..<28).map { date - 27 + $0 }.filter {
            FileSystem.exists(warehouse.artefact("plays", $0) + "/artefact.json")
        }
    }

    // MARK: Plays and charts

    private func addPlays(to report: inout NightReport) throws {
        if let counts = ArtefactRecord.read(undatedPath)?.details["counts"],
            let lines = counts["lines"]?.int, lines > 0
        {
            report.notices.append(
                """
                \(grouped(lines)) lines were in logs without a date; \
                \(grouped(counts["rejected"]?.int ?? 0)) of them were rejected, the others count \
                on the days on which they happened
                """)
        }
        for day in daysWithPlays() {
            let record = try JSONValue.read(warehouse.artefact("plays", day) + "/artefact.json")
            func count(_ name: String) -> Int { record["counts"]?[name]?.int ?? 0 }
            report.playDays.append(
                NightReport.PlayDay(
                    date: day, lines: count("lines"), lateIn: count("late_in"),
                    streams: count("streams"), short: count("short"),
                    duplicates: count("duplicates"),
                    bot: count("impossible_hours") + count("address_farm")
                        + count("threshold_loop"),
                    rejected: count("rejected"), lateOut: count("late_out"),
                    pending: count("pending")))
            if day == date {
                report.streams = count("streams")
                report.listeners = count("listeners")
            }
        }
    }

    private func addCharts(_ catalog: CatalogReader, to report: inout NightReport) throws {
        report.songs = try catalog.songCount()
        try catalog.forEachSong { _, _, size in report.songBytes += size }
        let trends = try weeklyTrends(
            Set(try catalog.chart("overall", key: "*", limit: Self.entriesMax).map(\.song.id)))
        func entries(_ chart: String, _ key: String, _ limit: Int) throws
            -> [NightReport.ChartEntry]
        {
            try catalog.chart(chart, key: key, limit: limit).map { line in
                NightReport.ChartEntry(
                    position: line.entry.position, previousPosition: line.entry.previousPosition,
                    title: line.song.title, artist: line.song.artist, streams: line.entry.streams,
                    listeners: line.entry.listeners, weeks: line.entry.weeks,
                    // A region's own trend is another.
                    weeklyTrend: chart == "overall" ? trends[line.song.id] : nil)
            }
        }
        report.overallChart = try entries("overall", "*", Self.entriesMax)
        for chart in try catalog.charts() {
            switch chart.chart {
            case "region":
                report.regionalCharts.append(
                    .init(
                        region: chart.key,
                        entries: try entries("region", chart.key, Self.entriesMax)))
            case "genre":
                let lines = try entries("genre", chart.key, Self.entriesMax)
                report.genres.append(
                    .init(
                        genre: chart.key, streams: lines.reduce(0) { $0 + $1.streams },
                        leaderTitle: lines.first?.title ?? "",
                        leaderArtist: lines.first?.artist ?? ""))
            default: break
            }
        }
        report.genres.sort { ($1.streams, $0.genre) < ($0.streams, $1.genre) }
    }
}
