internal import Catalog
internal import SQLite

/// A name as it is indexed.
struct IndexedName {
    let plain: String
    let tokens: String
    /// Words by which it is found besides those of `plain`.
    let extras: String

    /// - Parameter sort: The sort name, which may be the romanised one.
    init(_ name: String, sort: String?) {
        if sort == nil || sort == name, let plain = SearchText.ofPlainASCII(name) {
            (self.plain, tokens, extras) = (plain, plain, "")
            return
        }
        let text = SearchText(name)
        plain = text.plain
        var tokens = text.tokens
        var extras = text.variants
        if let sort, sort != name {
            let words = Set(text.words.map(\.plain))
            let others = SearchText(sort).words.filter { !words.contains($0.plain) }
            for word in others { for token in word.tokens { tokens += " " + token } }
            extras += others.map(\.plain)
        }
        self.tokens = tokens
        self.extras = extras.joined(separator: " ")
    }
}

/// A song, an album or an artist as it is indexed: what it is called, and further fields.
struct IndexedRow {
    private let name: String
    private let sort: String?
    private var plain: [String]
    private var tokens: [String]
    private var extras: String
    private var isFieldEmpty = true

    init(title: String, sort: String?) {
        let text = IndexedName(title, sort: sort)
        name = title
        self.sort = sort
        (plain, tokens, extras) = ([text.plain, ""], [text.tokens, ""], text.extras)
    }

    /// Adds a name to the current field.
    mutating func addName(_ name: IndexedName) {
        let last = plain.count - 1
        if isFieldEmpty {
            (plain[last], tokens[last]) = (name.plain, name.tokens)
            isFieldEmpty = false
        } else {
            plain[last] += "\u{1e}" + name.plain
            tokens[last] += " " + name.tokens
        }
        if !name.extras.isEmpty { extras += (extras.isEmpty ? "" : " ") + name.extras }
    }

    /// What comes belongs to the next field.
    mutating func endField() {
        plain.append("")
        tokens.append("")
        isFieldEmpty = true
    }

    func columns(_ count: Int) -> [String] {
        (0..<count).map { $0 < tokens.count ? tokens[$0] : "" }
    }

    var document: String { (plain + [extras]).joined(separator: "\u{1f}") }

    /// The plain forms by which it is found as a whole.
    func exactForms(_ kind: SearchKind) -> [String] {
        var forms = [plain[0]]
        func add(_ form: String) {
            if !form.isEmpty, !forms.contains(form) { forms.append(form) }
        }
        if kind == .artists {
            add(ExactKey.short(plain[0], kind: kind))
            if let sort { add(SearchText(sort).plain) }
        } else if let cut = Self.withoutSuffix(name) {
            add(SearchText(cut).plain)
        }
        return forms
    }

    /// "Let It Be" for "Let It Be (Remastered 2009)" and "Let It Be - Live"; nil where there is
    /// nothing to take away.
    private static func withoutSuffix(_ title: String) -> String? {
        guard title.utf8.contains(where: { $0 == 0x28 || $0 == 0x5b || $0 == 0x2d }) else {
            return nil
        }
        let bytes = Array(title.utf8)
        for index in bytes.indices.dropFirst() where bytes[index] == 0x20 {
            let rest = bytes[(index + 1)...]
            if rest.first == 0x28 || rest.first == 0x5b || rest.starts(with: [0x2d, 0x20]) {
                return String(decoding: bytes[..<index], as: UTF8.self)
            }
        }
        return nil
    }
}

/// Names of artists and albums by their numbers.
final class SearchNames {
    private var artists: [Int: IndexedName] = [:]
    private var albums: [Int: IndexedName] = [:]
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

    private static func name(
        _ number: Int, _ known: inout [Int: IndexedName], _ row: inout Statement
    ) throws -> IndexedName {
        if let name = known[number] { return name }
        // Beginning anew keeps memory bounded; the popular come back at once.
        if known.count >= 250_000 { known.removeAll(keepingCapacity: true) }
        try row.bind(1, number)
        defer { row.reset() }
        let name =
            try row.step()
            ? IndexedName(row.text(0), sort: row.optionalText(1)) : IndexedName("", sort: nil)
        known[number] = name
        return name
    }
}
