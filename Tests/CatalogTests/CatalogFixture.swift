import Storage
import TestSupport

@testable import Catalog

/// A catalogue of songs of which a test tells only what it is about.
enum CatalogFixture {
    /// One song: its tags, and where its file lies.
    struct Entry {
        var path: String?
        var tags: (inout Tags) -> Void
        /// Songs of a lower rank are more popular.
        var rank: Int?
        /// Whether its file was there once and no longer is.
        var isGone = false
    }

    static func song(
        _ path: String? = nil, artist: String? = nil, album: String? = nil, rank: Int? = nil,
        _ change: @escaping (inout Tags) -> Void = { _ in }
    ) -> Entry {
        Entry(
            path: path,
            tags: { tags in
                if let artist { tags.artists = [artist] }
                if let album { tags.album = album }
                change(&tags)
            }, rank: rank)
    }

    static func build(
        _ entries: [Entry], aliases: ArtistAliases = .none, in folder: String,
        order: [Int]? = nil
    ) throws -> (reader: CatalogReader, warnings: [String]) {
        let files = entries.enumerated().map { number, entry in
            (
                number: number + 1,
                file: LedgerFixture.file(number + 1, path: entry.path) {
                    entry.tags(&$0.tags)
                    if entry.isGone { $0.state = .gone }
                }
            )
        }
        let name = FileSystem.name(of: folder)
        let warehouse = Warehouse(path: folder + "/warehouse-" + name)
        let ledger = try LedgerFixture.ledger(
            warehouse, order.map { $0.map { files[$0] } } ?? files)
        let directory = folder + "/catalog"
        try FileSystem.makeDirectories(directory)
        let outcome = try CatalogBuilder(ledger, directory: directory, aliases: aliases).build(
            scores: { add in
                for (number, entry) in entries.enumerated() {
                    guard let rank = entry.rank else { continue }
                    try add(
                        .init(
                            songID: LedgerFixture.id(number + 1).hex, rank: rank, score: 50,
                            streams: 10))
                }
            }, charts: [], meta: [:])
        return (try CatalogReader(directory: directory), outcome.warnings)
    }
}

extension CatalogReader {
    /// "Title – Artists (songs)" of all albums, sorted.
    func albumLines() throws -> [String] {
        try albums(limit: 100).map { "\($0.title) – \($0.artist) (\($0.songCount))" }.sorted()
    }

    /// "Name (songs)" of all listed artists, sorted.
    func artistLines() throws -> [String] {
        try artists(limit: 100).map { "\($0.name) (\($0.songCount))" }.sorted()
    }

    /// "role name" of a song's people, by the song's number in the test.
    func credits(_ number: Int) throws -> [String] {
        guard let song = try song(id: LedgerFixture.id(number).hex) else { return [] }
        return try artists(songRank: song.rank).map { "\($0.role) \($0.artist.name)" }
    }
}
