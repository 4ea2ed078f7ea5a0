import Arguments
import Catalog
import CoverImages
import Glibc
import Pipeline
import Popularity
import Search
import Storage

/// `spindle index`: ledger and popularity → catalogue and search index.
enum IndexCommand: StageCommand {
    static let command = Command(
        "spindle index", summary: "build the catalogue and the search index",
        discussion: """
            Builds catalog.sqlite (songs, albums, artists, genres, charts) and search.sqlite \
            (full-text search) from the ledger and the night's popularity. Songs are numbered by \
            popularity, so that plain order is best first. Covers that are new are made smaller, \
            once, for lists and pages.
            """,
        options: [
            Option("aliases", "FILE", help: "Which artists are one, and which are several (JSON5)")
        ] + stageOptions)

    static func stage(_ arguments: ParsedArguments) throws -> any Stage {
        IndexStage(
            aliasesPath: arguments.string("aliases").flatMap { $0.isEmpty ? nil : absolutePath($0) }
        )
    }
}

private struct IndexStage: ArtefactStage {
    let name = "index"
    let kind = "catalog"
    let parameters: [String: String] = [:]
    let aliasesPath: String?

    func inputs(_ night: Night) throws -> [ArtefactRecord.Input] {
        [try ledgerInput(night), try artefactInput("popularity", "popularity", night)]
            + [try aliasesPath.map { try fileInput("aliases", $0) }].compactMap(\.self)
    }

    func run(_ night: Night) throws -> StageOutcome {
        let popularity = night.warehouse.artefact("popularity", night.date)
        let inputs = try inputs(night)
        let aliases = try aliasesPath.map { try ArtistAliases($0) } ?? .none
        var covers = CoverRun.Summary()
        var search = (cpuMs: 0, ms: 0)
        let built = try produce(night, inputs: inputs) { staged in
            let builder = CatalogBuilder(
                try Ledger(night.warehouse, .readOnly), directory: staged.path, aliases: aliases)
            let built = try builder.build(
                scores: { emit in
                    try ScoresFile.forEachOverall(popularity + "/scores.tsv.zst") { row in
                        try emit(
                            .init(
                                songID: row.songID, rank: row.rank, score: row.score,
                                streams: row.streams))
                    }
                },
                charts: try charts(popularity),
                meta: ["date": night.date.description, "plan_date": night.planDate.description])
            // Before the catalogue is in place: where it is, its covers are made.
            covers = try makeCovers(built.covers, night)
            let before = (cpuMs: cpuMs(), ms: monotonicMs())
            try SearchIndexBuilder(directory: staged.path).build()
            search = (cpuMs() - before.cpuMs, monotonicMs() - before.ms)
            try staged.adopt("catalog.sqlite")
            try staged.adopt("search.sqlite")
            return built
        }
        let counts = built.counts
        return StageOutcome(
            summary: """
                \(grouped(counts.songs)) songs, \(grouped(counts.albums)) albums, \
                \(grouped(counts.artists)) artists, \(grouped(counts.genres)) genres
                """,
            warnings: (counts.songs == 0 ? ["the catalogue is empty"] : [])
                + warnings(ofAliases: built.warnings) + (try warnings(covers, night)),
            counts: .object([
                "songs": .integer(counts.songs), "albums": .integer(counts.albums),
                "artists": .integer(counts.artists), "genres": .integer(counts.genres),
                "covers": .integer(covers.present + covers.made),
                "covers_made": .integer(covers.made),
                "covers_refused": .integer(covers.refused.count),
                "search_cpu_ms": .integer(search.cpuMs), "search_ms": .integer(search.ms),
            ]))
    }

    private func makeCovers(_ covers: [Digest], _ night: Night) throws -> CoverRun.Summary {
        try CoverRun(
            night.warehouse, workers: max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        ).run(covers) { made in
            if made % 100 == 0 { night.progress("\(grouped(made)) covers") }
        }
    }

    /// The first few: a list that was made for a larger library is about many who are not in this.
    private func warnings(ofAliases all: [String]) -> [String] {
        let more = all.count - 20
        return all.prefix(20)
            + (more > 0 ? ["\(grouped(more)) further aliases are about nobody, or left out"] : [])
    }

    /// Covers that are served as they are: the first few by name, the others by number.
    private func warnings(_ covers: CoverRun.Summary, _ night: Night) throws -> [String] {
        if let reason = covers.unavailable {
            return ["covers are not made smaller: \(reason) (apt-get install libgd3)"]
        }
        let ledger = try Ledger(night.warehouse, .readOnly)
        let shown = try covers.refused.prefix(3).map { text in
            let file = try Digest(hex: text.prefix(64)).flatMap { try ledger.fileWithCover($0) }
            return "a cover is not made smaller: \(text)" + (file.map { " (\($0))" } ?? "")
        }
        let more = covers.refused.count - shown.count
        return shown + (more > 0 ? ["\(grouped(more)) further covers are not, either"] : [])
    }
}

/// Weekly charts and trending songs, as the catalogue holds them.
private func charts(_ popularity: String) throws -> [ChartEntry] {
    try ChartsFile.read(popularity + "/charts.ndjson").filter { $0.period == .weekly }.map {
        ChartEntry(
            chart: $0.chart, key: $0.key, position: $0.position, songID: $0.songID,
            streams: $0.streams, listeners: $0.listeners, previousPosition: $0.previousPosition,
            peakPosition: $0.peakPosition, weeks: $0.periods)
    }
        + TrendingFile.read(popularity + "/trending.ndjson").map {
            ChartEntry(
                chart: "trending", key: $0.region, position: $0.position, songID: $0.songID,
                streams: $0.streams, listeners: $0.listeners, previousPosition: nil)
        }
}

/// The ledger's content as of the last ingest that finished.
///
/// - Throws: `MissingStage` when none has.
func ledgerInput(_ night: Night) throws -> ArtefactRecord.Input {
    guard FileSystem.exists(night.warehouse.ledgerPath),
        let digest = try Ledger(night.warehouse, .readOnly).meta("content_digest"), !digest.isEmpty
    else { throw MissingStage(stage: "ingest", night: night) }
    return .init(name: "ledger", fingerprint: digest)
}

/// Of a clock that nobody sets.
private func monotonicMs() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}

/// CPU time of this process so far.
private func cpuMs() -> Int {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000
        + Int(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000
}
