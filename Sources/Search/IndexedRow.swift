internal import Catalog
internal import SQLite

/// A name as it is indexed, as UTF-8.
struct IndexedName {
    private let bytes: [UInt8]
    private let plainEnd: Int
    /// Tokens that are the same as `plain` are there once.
    private let tokensStart: Int
    private let tokensEnd: Int

    static let empty = IndexedName(plain: [])

    /// Names without anything but words.
    private init(plain: [UInt8]) {
        self.init(bytes: plain, plainEnd: plain.count, tokensStart: 0, tokensEnd: plain.count)
    }

    private init(bytes: [UInt8], plainEnd: Int, tokensStart: Int, tokensEnd: Int) {
        self.bytes = bytes
        self.plainEnd = plainEnd
        self.tokensStart = tokensStart
        self.tokensEnd = tokensEnd
    }

    /// - Parameter sort: The sort name, which may be the romanised one.
    init(_ name: UnsafeRawBufferPointer, sort: UnsafeRawBufferPointer?) {
        let hasSort = sort.map { !$0.elementsEqual(name) } ?? false
        if !hasSort, let plain = SearchText.plainASCII(name) {
            self.init(plain: plain)
            return
        }
        let text = SearchText(String(decoding: name, as: UTF8.self))
        let variants = text.variants
        var others: [SearchWord] = []
        if hasSort, let sort {
            let words = Set(text.words.map(\.plain))
            others = SearchText(String(decoding: sort, as: UTF8.self)).words.filter {
                !words.contains($0.plain)
            }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * name.count)
        var start = 0
        func append(_ word: String) {
            if bytes.count > start { bytes.append(0x20) }
            bytes.append(contentsOf: word.utf8)
        }
        for word in text.words { for part in word.parts { append(part) } }
        let plainEnd = bytes.count
        if !variants.isEmpty || !others.isEmpty || text.words.contains(where: \.isUnspaced) {
            start = plainEnd
            for word in text.words { for token in word.tokens { append(token) } }
            for variant in variants { append(variant) }
            for word in others { for token in word.tokens { append(token) } }
        }
        let tokensStart = start
        let tokensEnd = bytes.count
        start = tokensEnd
        for variant in variants { append(variant) }
        for word in others { append(word.plain) }
        self.init(
            bytes: bytes, plainEnd: plainEnd, tokensStart: tokensStart, tokensEnd: tokensEnd)
    }

    var plain: ArraySlice<UInt8> { bytes[..<plainEnd] }
    var tokens: ArraySlice<UInt8> { bytes[tokensStart..<tokensEnd] }
    /// Words by which it is found besides those of `plain`.
    var extras: ArraySlice<UInt8> { bytes[max(plainEnd, tokensEnd)...] }
}

/// A song, an album or an artist as it is indexed: what it is called, and further fields.
///
/// One is used for many rows: its arrays are filled anew.
struct IndexedRow {
    private var names: [IndexedName] = []
    /// Where each field's names end.
    private var ends: [Int] = []

    /// Begins a row with what it is called.
    mutating func begin(_ title: IndexedName) {
        names.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        names.append(title)
        ends.append(1)
    }

    /// Adds a name to the current field.
    mutating func addName(_ name: IndexedName) { names.append(name) }

    /// What comes belongs to the next field.
    mutating func endField() { ends.append(names.count) }

    /// Appends the columns of the full-text table, as many as there are fields, and the document.
    func append(_ row: inout RowBatch.Row, to bytes: inout [UInt8]) {
        var start = 0
        var columnEnds = [0, 0, 0]
        for field in 0..<3 {
            if field < ends.count {
                for index in start..<ends[field] {
                    if index > start { bytes.append(0x20) }
                    bytes.append(contentsOf: names[index].tokens)
                }
                start = ends[field]
            }
            columnEnds[field] = bytes.count
        }
        row.columnEnds = (columnEnds[0], columnEnds[1], columnEnds[2])
        start = 0
        for end in ends {
            for index in start..<end {
                if index > start { bytes.append(0x1e) }
                bytes.append(contentsOf: names[index].plain)
            }
            start = end
            bytes.append(0x1f)
        }
        var isFirst = true
        for name in names where !name.extras.isEmpty {
            if !isFirst { bytes.append(0x20) }
            bytes.append(contentsOf: name.extras)
            isFirst = false
        }
        row.documentEnd = bytes.count
    }

    /// The keys of the plain forms by which it is found as a whole.
    ///
    /// - Parameter name: As the catalogue has it.
    func forEachKey(
        _ kind: SearchKind, name: UnsafeRawBufferPointer, sort: UnsafeRawBufferPointer?,
        _ body: (Int) throws -> Void
    ) rethrows {
        let plain = names[0].plain
        guard !plain.isEmpty else { return }
        let first = ExactKey.key(plain)
        try body(first)
        var second = first
        if kind == .artists {
            second = ExactKey.key(ExactKey.short(plain, kind: kind))
            if second != first { try body(second) }
        }
        let form = kind == .artists ? sort : Self.withoutSuffix(name)
        guard let form, kind != .artists || !form.elementsEqual(name) else { return }
        let other =
            SearchText.plainASCII(form)
            ?? Array(SearchText(String(decoding: form, as: UTF8.self)).plain.utf8)
        guard !other.isEmpty else { return }
        let third = ExactKey.key(other)
        if third != first, third != second { try body(third) }
    }

    /// "Let It Be" for "Let It Be (Remastered 2009)" and "Let It Be - Live"; nil where there is
    /// nothing to take away.
    private static func withoutSuffix(_ title: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard title.count > 2 else { return nil }
        for index in 1..<(title.count - 1) where title[index] == 0x20 {
            let next = title[index + 1]
            if next == 0x28 || next == 0x5b
                || next == 0x2d && index + 2 < title.count && title[index + 2] == 0x20
            {
                return UnsafeRawBufferPointer(rebasing: title[..<index])
            }
        }
        return nil
    }
}

/// Names of artists and albums by their numbers.
final class SearchNames {
    /// As many as there is memory for: a number has one place, where it takes that of another. The
    /// popular, which have the low numbers, come back at once.
    private struct Known {
        var numbers: [Int]
        var names: [IndexedName]

        init(_ count: Int) {
            numbers = Array(repeating: -1, count: count)
            names = Array(repeating: .empty, count: count)
        }
    }

    private static let places = 1 << 18
    private var artists = Known(places)
    private var albums = Known(places)
    private var artistRow: Statement
    private var albumRow: Statement

    init(_ catalog: Database) throws {
        artistRow = try catalog.prepare(
            "SELECT name, sort_name FROM artists WHERE artist_number = ?")
        albumRow = try catalog.prepare(
            "SELECT title, album_sort FROM albums WHERE album_number = ?")
    }

    func artist(_ number: Int) throws -> IndexedName {
        try Self.name(number, &artists, &artistRow)
    }

    func album(_ number: Int) throws -> IndexedName {
        try Self.name(number, &albums, &albumRow)
    }

    /// An album's own name, which may be known from its songs.
    ///
    /// - Parameter row: Has its title in column 1 and its sort name in column 2.
    func album(_ number: Int, _ row: borrowing Statement) -> IndexedName {
        let place = number & (Self.places - 1)
        if albums.numbers[place] == number { return albums.names[place] }
        return IndexedName(row, 1, sort: 2)
    }

    private static func name(
        _ number: Int, _ known: inout Known, _ row: inout Statement
    ) throws -> IndexedName {
        let place = number & (places - 1)
        if known.numbers[place] == number { return known.names[place] }
        try row.bind(1, number)
        defer { row.reset() }
        let name = try row.step() ? IndexedName(row, 0, sort: 1) : .empty
        known.numbers[place] = number
        known.names[place] = name
        return name
    }
}

extension IndexedName {
    /// - Parameters: Columns of a row.
    init(_ row: borrowing Statement, _ name: Int32, sort: Int32) {
        self = row.withBytes(name) { name in
            if row.isNull(sort) { return IndexedName(name, sort: nil) }
            return row.withBytes(sort) { IndexedName(name, sort: $0) }
        }
    }
}
