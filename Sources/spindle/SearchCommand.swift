import Arguments
import Catalog
import Glibc
import Publication
import Search
import Storage

/// `spindle search`: what the daemon's search finds, in the terminal.
enum SearchCommand: Subcommand {
    static let command = Command(
        "spindle search", summary: "find songs, albums and artists as the daemon does",
        discussion: """
            Finds what has all words of QUERY, whatever their case and accents, with the last one \
            possibly incomplete; with a typo, too, behind everything that has none. Fields and \
            filters: artist:, album:, title:, genre:, year:1990..1999, label:, isrc:; "words that \
            stand together"; -without. What is no field or filter is looked for as plain words. \
            Without --catalog it searches the published snapshot.
            """, operands: "[QUERY…]", takesDashedOperands: true,
        options: [
            Option("kind", "KIND", help: "Only songs, albums or artists (default: all three)"),
            Option("limit", "N", default: "10", help: "How many of each kind"),
            Option("offset", "N", default: "0", help: "How many to leave out before"),
            Option("json", help: "Print one JSON object a query (docs/formats/search.md)"),
            Option(
                "queries", "FILE",
                help: "Search for each line of FILE (- for stdin); prints JSON, with the time taken"
            ),
            Option("explain", help: "Say of each hit why it stands there"),
            Option("catalog", "DIR", help: "A folder with catalog.sqlite and search.sqlite"),
            .warehouse,
        ], exitCodes: [.ok, .failed, .usage, .badData, .inputMissing])

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        let kinds: [SearchKind]
        if let name = arguments.string("kind") {
            guard let kind = SearchKind(rawValue: name) ?? SearchKind(rawValue: name + "s") else {
                throw arguments.usageError("--kind is songs, albums or artists, not '\(name)'")
            }
            kinds = [kind]
        } else {
            kinds = SearchKind.allCases
        }
        let limit = try arguments.int("limit", in: 1...1000)!
        let offset = try arguments.int("offset", in: 0...1000)!
        let directory = try directory(arguments)
        let search = Search(
            index: try SearchIndex(directory: directory),
            catalog: try CatalogReader(directory: directory), kinds: kinds, limit: limit,
            offset: offset, explains: arguments.flag("explain"))
        if let path = arguments.string("queries") {
            guard arguments.operands.isEmpty else {
                throw arguments.usageError("--queries names the queries, and QUERY is one, too")
            }
            let bytes = path == "-" ? try standardInput() : try FileSystem.readAll(path)
            for line in bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast(
                bytes.last == 10 ? 1 : 0)
            {
                let start = monotonicNs()
                let found = try search.run(String(decoding: line, as: UTF8.self))
                let took = monotonicNs() - start
                terminal.print(try found.json(tookNs: took))
            }
            return .ok
        }
        guard !arguments.operands.isEmpty else { throw arguments.usageError("no QUERY given") }
        let found = try search.run(arguments.operands.joined(separator: " "))
        if arguments.flag("json") {
            terminal.print(try found.json())
        } else {
            for line in try found.lines() { terminal.print(line) }
        }
        return .ok
    }

    private static func directory(_ arguments: ParsedArguments) throws -> String {
        if let directory = arguments.string("catalog") { return absolutePath(directory) }
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        try warehouse.check()
        guard let directory = Snapshot.currentDirectory(warehouse) else {
            throw FormatError(
                warehouse.snapshotsPath, "nothing is published yet",
                hint: "run a night (spindle run), or name a catalogue with --catalog")
        }
        return directory
    }
}

private func monotonicNs() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// How queries are searched for.
private struct Search {
    let index: SearchIndex
    let catalog: CatalogReader
    let kinds: [SearchKind]
    let limit: Int
    let offset: Int
    let explains: Bool

    func run(_ text: String) throws -> Found {
        let query = SearchQuery(text)
        return Found(
            search: self, text: text,
            results: try kinds.map {
                ($0, try index.search(query, $0, limit: limit, offset: offset))
            })
    }
}

/// What was found, with what the catalogue says of it.
private struct Found {
    let search: Search
    let text: String
    let results: [(kind: SearchKind, result: SearchResult)]

    /// A hit as people read it, and as programs do.
    private struct Line {
        let text: String
        let fields: [(String, JSONValue)]
    }

    private func hits(_ kind: SearchKind, _ result: SearchResult) throws -> [Line] {
        let numbers = result.hits.map(\.row)
        switch kind {
        case .songs:
            return try search.catalog.songs(ranks: numbers).map { song in
                let album = song.album.map { " (\($0))" } ?? ""
                return Line(
                    text: "\(song.title) - \(song.artist)\(album)",
                    fields: [
                        ("id", .string(song.id)), ("title", .string(song.title)),
                        ("artist", .string(song.artist)),
                        ("album", song.album.map { .string($0) } ?? .null),
                        ("rank", .integer(song.rank)),
                    ])
            }
        case .albums:
            return try search.catalog.albums(numbers: numbers).map { album in
                Line(
                    text: "\(album.title) - \(album.artist)",
                    fields: [
                        ("id", .string(album.id)), ("title", .string(album.title)),
                        ("artist", .string(album.artist)),
                    ])
            }
        case .artists:
            return try search.catalog.artists(numbers: numbers).map { artist in
                Line(
                    text: artist.name,
                    fields: [("id", .string(artist.id)), ("name", .string(artist.name))])
            }
        }
    }

    private func describe(_ score: SearchScore) -> String {
        var text = "\(rounded(score.total)) = \(rounded(score.relevance)) \(score.reason.rawValue)"
        if score.isBeginning { text += ", incomplete word" }
        if score.edits > 0 { text += ", \(score.edits) edit\(score.edits == 1 ? "" : "s")" }
        return text + " + \(rounded(score.popularity)) popularity"
    }

    private func rounded(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    func lines() throws -> [String] {
        var lines: [String] = []
        if let meant = SearchResult.didYouMean(results.map(\.result)) {
            lines.append("did you mean: \(visible(meant))")
        }
        for (kind, result) in results where result.total > 0 {
            lines.append(
                "\(kind.rawValue): \(grouped(result.total))\(result.isTotalExact ? "" : " or more")"
            )
            for (line, hit) in zip(try hits(kind, result), result.hits) {
                lines.append("  " + visible(line.text))
                if search.explains { lines.append("    " + describe(hit.score)) }
            }
        }
        return lines.isEmpty ? ["nothing found"] : lines
    }

    func json(tookNs: Int? = nil) throws -> JSONWriter {
        let rows = try results.map { ($0.kind, $0.result, try hits($0.kind, $0.result)) }
        var json = JSONWriter()
        json.object { json in
            json.field("query", text)
            json.field("limit", search.limit)
            json.field("offset", search.offset)
            if let tookNs { json.field("took_us", Double(tookNs) / 1000, decimals: 1) }
            if let meant = SearchResult.didYouMean(results.map(\.result)) {
                json.field("did_you_mean", meant)
            }
            for (kind, result, lines) in rows {
                json.object(kind.rawValue) { json in
                    json.field("count", result.total)
                    json.field("is_exact", result.isTotalExact)
                    json.array("hits") { json in
                        for (line, hit) in zip(lines, result.hits) {
                            json.object { json in
                                for (name, value) in line.fields { json.field(name, value) }
                                json.field("score", hit.score.total, decimals: 1)
                                if search.explains { json.field("why", describe(hit.score)) }
                            }
                        }
                    }
                }
            }
        }
        return json
    }
}
