import Delivery
import Foundation
import SQLite
import Storage

/// A warehouse in a temporary folder with the files that the delivery stages read.
///
/// Files are written with SQLite and plain text, as another program would write them.
final class NightFixture {
    let folder: String
    let warehouse: Warehouse
    let date = CalendarDate("2026-11-19")!
    var topology: Topology
    private var nights = 0

    init(topology: Topology) throws {
        folder =
            FileManager.default.temporaryDirectory.path(percentEncoded: false) + "spindle-"
            + UUID().uuidString
        warehouse = Warehouse(path: folder + "/warehouse")
        self.topology = topology
        try warehouse.prepare()
        try FileSystem.makeDirectories(folder + "/catalog")
    }

    deinit { try? FileSystem.removeTree(folder) }

    var catalog: String { folder + "/catalog" }
    var demand: String { folder + "/demand.tsv.zst" }

    func write(_ songs: SongList, _ demand: RegionDemand) throws {
        try writeCatalog(songs)
        try writeDemand(
            songs.ids.indices.flatMap { song in
                topology.regions.indices.compactMap { region in
                    let streams = demand.streams(song, in: region)
                    return streams > 0
                        ? "\(songs.ids[song])\t\(topology.regions[region].id)\t\(formatDecimal(streams, 4))"
                        : nil
                }
            })
    }

    func writeCatalog(_ songs: SongList) throws {
        for name in ["catalog.sqlite", "search.sqlite"] {
            try FileSystem.remove(catalog + "/" + name)
            let database = try Database(path: catalog + "/" + name)
            try database.execute("PRAGMA user_version = 3")
            guard name == "catalog.sqlite" else { continue }
            try database.execute(
                """
                CREATE TABLE songs(rank INTEGER PRIMARY KEY, song_id TEXT, size_bytes INTEGER,
                  labels TEXT, owner TEXT, copyright TEXT, album_number INTEGER);
                CREATE TABLE albums(album_number INTEGER PRIMARY KEY, label TEXT, copyright TEXT);
                CREATE TABLE genres(genre_number INTEGER PRIMARY KEY, name TEXT);
                CREATE TABLE song_genres(rank INTEGER, position INTEGER, genre_number INTEGER);
                """)
            try database.transaction {
                var statement = try database.prepare(
                    "INSERT INTO songs(rank, song_id, size_bytes) VALUES(?1, ?2, ?3)")
                for song in songs.ids.indices {
                    try statement.bind(1, Int(songs.ranks[song]))
                    try statement.bind(2, songs.ids[song].hex)
                    try statement.bind(3, songs.sizesBytes[song])
                    try statement.run()
                }
            }
        }
    }

    /// Says of each song, by its place in the list, which labels (a JSON list) and owner it has.
    func describe(
        _ songs: SongList, _ traits: (Int) -> (labels: String?, owner: String?)
    ) throws {
        let database = try Database(path: catalog + "/catalog.sqlite")
        for song in songs.ids.indices {
            var statement = try database.prepare(
                "UPDATE songs SET labels = ?2, owner = ?3 WHERE song_id = ?1")
            let found = traits(song)
            try statement.bind(1, songs.ids[song].hex)
            try statement.bind(2, found.labels)
            try statement.bind(3, found.owner)
            try statement.run()
        }
    }

    func writeDemand(
        _ rows: [String], header: String = "song_id\tregion\texpected_streams"
    ) throws {
        try FileSystem.remove(demand)
        let writer = try FileWriter(demand)
        try writer.write(header + "\n")
        for row in rows { try writer.write(row + "\n") }
        _ = try writer.finish()
    }

    /// Places one night; returns its folder and figures.
    func place(previous: String? = nil) throws -> (folder: String, summary: PlacementSummary) {
        let staged = try StagedDirectory(in: warehouse, name: "placement")
        let summary = try Placement.plan(
            catalog: catalog, demand: demand, topology: topology,
            previous: previous.map { $0 + "/" + Placement.manifestName }, date: date, into: staged)
        return (try commit(staged), summary)
    }

    func prefetch(
        placement: String, previous: String? = nil, options: PrefetchOptions = PrefetchOptions()
    ) throws -> (folder: String, summary: PrefetchSummary) {
        let staged = try StagedDirectory(in: warehouse, name: "prefetch")
        let summary = try Prefetch.plan(
            catalog: catalog, demand: demand, topology: topology,
            placement: placement + "/" + Placement.manifestName, previous: previous, date: date,
            options: options, into: staged)
        return (try commit(staged), summary)
    }

    private func commit(_ staged: StagedDirectory) throws -> String {
        nights += 1
        let target = "\(folder)/night-\(nights)"
        try staged.commit(to: target)
        return target
    }
}

/// The lines of a packed NDJSON file, as any JSON reader sees them.
func lines(_ path: String) throws -> [JSONValue] {
    var values: [JSONValue] = []
    let damage = try LineReader(path).forEach { line in
        values.append(try JSONValue.parse(Array(line.bytes), path: path))
    }
    if let damage { throw damage }
    return values
}
