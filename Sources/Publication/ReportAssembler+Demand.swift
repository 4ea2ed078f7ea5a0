internal import Catalog
internal import Popularity
internal import Storage

/// Streams, trends and tomorrow's demand for the report: from the files of popularity.
extension ReportAssembler {
    private var directory: String { warehouse.artefact("popularity", date) }

    /// - Returns: The streams expected on the plan's day, by region.
    func addDemand(_ catalog: CatalogReader, to report: inout NightReport) throws
        -> [String: Double]
    {
        let summary = try JSONValue.read(directory + "/summary.json")
        for day in summary["days"]?.array ?? [] {
            guard let date = day["date"]?.string.flatMap({ CalendarDate($0) }) else { continue }
            report.streamsByDay.append(
                .init(date: date, streams: (day["streams"]?.object ?? [:]).compactMapValues(\.int)))
        }
        for entry in try TrendingFile.read(directory + "/trending.ndjson") {
            // Those of single regions are in the catalogue's charts.
            guard entry.region == "*", let song = try catalog.song(id: entry.songID) else {
                continue
            }
            report.trending.append(
                .init(
                    title: song.title, artist: song.artist, region: entry.region,
                    streams: entry.streams, mean: entry.mean, trend: entry.trend))
        }
        try addUnresolved(to: &report)
        try addReleases(catalog, to: &report)
        return (summary["expected_streams"]?.object ?? [:]).compactMapValues(\.double)
    }

    /// How the week of some songs compares with the one before, in per cent.
    func weeklyTrends(_ songs: Set<String>) throws -> [String: Double] {
        var trends: [String: Double] = [:]
        try ScoresFile.forEachOverall("\(directory)/\(ScoresFile.fileName)") { row in
            if songs.contains(row.songID) { trends[row.songID] = row.weeklyTrend }
        }
        return trends
    }

    private func addUnresolved(to report: inout NightReport) throws {
        let path = directory + "/unresolved.tsv"
        guard FileSystem.exists(path) else { return }
        _ = try LineReader(path).forEach { line in
            let fields = String(decoding: line.bytes, as: UTF8.self).split(separator: "\t")
            // The first line names the columns: song_id, plays, streams.
            guard line.number > 1, fields.count == 3 else { return }
            report.unresolved.songs += 1
            report.unresolved.streams += Int(fields[2]) ?? 0
        }
    }

    /// Releases from the plan's day on, with what is expected of them.
    private func addReleases(_ catalog: CatalogReader, to report: inout NightReport) throws {
        guard let releasesPath else { return }
        let releases = (try JSONValue.read(releasesPath)["releases"]?.array ?? []).compactMap {
            release -> (id: String, date: CalendarDate, json: JSONValue)? in
            guard let id = release["song_id"]?.string,
                let day = release["date"]?.string.flatMap({ CalendarDate($0) }), day >= date.next
            else { return nil }
            return (id, day, release)
        }
        guard !releases.isEmpty else { return }
        var expected: [String: Double] = [:]
        let announced = Set(releases.map(\.id))
        try DemandFile.forEach(directory + "/demand.tsv.zst") { song, _, streams in
            if announced.contains(song) { expected[song, default: 0] += streams }
        }
        for release in releases {
            let song = try catalog.song(id: release.id)
            report.releases.append(
                .init(
                    title: song?.title ?? release.json["title"]?.string ?? release.id,
                    artist: song?.artist
                        ?? Tags.credit(release.json["artists"]?.strings ?? []),
                    date: release.date, expectedStreams: expected[release.id] ?? 0))
        }
    }
}
