/// The tables of `search.sqlite`; docs/formats/search.md describes them.
enum SearchSchema {
    static let version = 5

    /// Row numbers are those of the catalogue, so that matches come best first without sorting.
    ///
    /// FTS5 holds no texts (`content=''`) and no lengths: `…_docs` has both. The tokenizer is the
    /// plainest, as texts come folded: all of ASCII that is no letter or digit separates.
    static let tables = """
        PRAGMA user_version = \(version);
        CREATE VIRTUAL TABLE songs USING fts5(
          title, artist, album, content='', columnsize=0, tokenize='ascii');
        CREATE VIRTUAL TABLE albums USING fts5(
          title, artist, content='', columnsize=0, tokenize='ascii');
        CREATE VIRTUAL TABLE artists USING fts5(
          name, content='', columnsize=0, tokenize='ascii');
        -- Folded texts, by which what was found is ranked: fields apart by U+001F, names by U+001E.
        CREATE TABLE songs_docs(row INTEGER PRIMARY KEY, text TEXT NOT NULL, facets TEXT NOT NULL);
        CREATE TABLE albums_docs(
          row INTEGER PRIMARY KEY, text TEXT NOT NULL, best_rank INTEGER NOT NULL);
        CREATE TABLE artists_docs(
          row INTEGER PRIMARY KEY, text TEXT NOT NULL, best_rank INTEGER NOT NULL);
        -- Rows whose title or name is just that, by a hash of it; the first of them.
        CREATE TABLE songs_exact(key INTEGER PRIMARY KEY, rows BLOB NOT NULL);
        CREATE TABLE albums_exact(key INTEGER PRIMARY KEY, rows BLOB NOT NULL);
        CREATE TABLE artists_exact(key INTEGER PRIMARY KEY, rows BLOB NOT NULL);
        -- The first rows of beginnings that so many words have that FTS5 would take long, and how
        -- many rows those words have together.
        CREATE TABLE songs_prefixes(
          prefix TEXT PRIMARY KEY, postings INTEGER NOT NULL, rows BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE albums_prefixes(
          prefix TEXT PRIMARY KEY, postings INTEGER NOT NULL, rows BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE artists_prefixes(
          prefix TEXT PRIMARY KEY, postings INTEGER NOT NULL, rows BLOB NOT NULL) WITHOUT ROWID;
        -- Years, genres and labels (Facets), and in how many songs each is.
        CREATE TABLE facets(
          number INTEGER PRIMARY KEY, facet TEXT NOT NULL UNIQUE, songs INTEGER NOT NULL);
        -- Their songs, some hundred in one. The key: the facet's number and the last row, of 40 bits.
        CREATE TABLE facet_rows(key INTEGER PRIMARY KEY, rows BLOB NOT NULL);
        -- The words of songs, in the order of their bytes, 32 a row (WordBlock).
        CREATE TABLE words(block INTEGER PRIMARY KEY, first TEXT NOT NULL, entries BLOB NOT NULL);
        CREATE INDEX words_first ON words(first);
        -- Words by the hashes of what is left of them when letters are taken out (Spelling).
        CREATE TABLE spellings(bucket INTEGER PRIMARY KEY, entries BLOB NOT NULL);
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        """
}

/// What is looked for.
package enum SearchKind: String, CaseIterable, Sendable {
    case songs, albums, artists

    /// The columns of its full-text table. The first is what a row is called.
    var fields: [SearchField] {
        switch self {
        case .songs: [.title, .artist, .album]
        case .albums: [.album, .artist]
        case .artists: [.artist]
        }
    }

    /// The column's name in the full-text table.
    func column(_ field: SearchField) -> String? {
        guard let index = fields.firstIndex(of: field) else { return nil }
        if index == 0 { return self == .artists ? "name" : "title" }
        return field.rawValue
    }
}

package enum SearchField: String, CaseIterable, Sendable {
    case title, artist, album
}
