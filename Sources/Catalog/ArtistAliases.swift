internal import Storage

/// What the operator says of artists, because tags alone do not tell: one entry a decision.
///
///     { format: "spindle-aliases", version: 1, aliases: [
///       { merge: ["The Artist Formerly Known As Prince"], into: "Prince" },
///       { split: "Loma Kinney", into: ["Loma", "Kinney"] },
///       { keep: "Bone, Thugs & Harmony" },
///       { rename: "Bjork", to: "Björk" },
///     ] }
package struct ArtistAliases: Sendable {
    package enum Decision: Equatable, Sendable {
        /// Names or MusicBrainz ids that are one artist.
        case merge([String], into: String)
        case split(String, into: [String])
        /// A name that looks like several and is one.
        case keep(String)
        /// Another text to show; the id stays.
        case rename(String, to: String)
    }

    package struct Entry: Equatable, Sendable {
        package let decision: Decision
        /// From 1; for messages.
        package let line: Int
    }

    package static let none = ArtistAliases(path: "", entries: [], warnings: [])

    let path: String
    package let entries: [Entry]
    /// Entries that contradict an earlier one, and so are left out.
    package let warnings: [String]

    /// - Throws: `FileError`, `FormatError` with the line of what is no such entry.
    package init(_ path: String) throws {
        let bytes = try FileSystem.readAll(path)
        let root = try JSONValue.parse(bytes, path: path, allowsJSON5: true)
        func wrong(_ what: String, _ line: Int? = nil) -> FormatError {
            FormatError(
                path, (line.map { "line \($0): " } ?? "") + what,
                hint: "docs/formats/catalog.md describes the file")
        }
        guard root["format"]?.string == "spindle-aliases", root["version"]?.int == 1 else {
            throw wrong("is no file of format spindle-aliases, version 1")
        }
        let known: Set = ["format", "version", "aliases"]
        if let other = root.object?.keys.sorted().first(where: { !known.contains($0) }) {
            throw wrong("the key '\(other)' is unknown")
        }
        guard let values = root["aliases"]?.array else { throw wrong("has no list 'aliases'") }
        let lines = Self.entryLines(bytes)
        var entries: [Entry] = []
        for (index, value) in values.enumerated() {
            let line = index < lines.count ? lines[index] : 1
            guard let decision = Self.decision(value) else {
                throw wrong(
                    "an entry is {merge: […], into: \"…\"}, {split: \"…\", into: […]}, "
                        + "{keep: \"…\"} or {rename: \"…\", to: \"…\"}", line)
            }
            entries.append(Entry(decision: decision, line: line))
        }
        let (kept, contradictions) = Self.withoutContradictions(entries, path)
        self.init(path: path, entries: kept, warnings: contradictions)
    }

    init(path: String, entries: [Entry], warnings: [String]) {
        self.path = path
        self.entries = entries
        self.warnings = warnings
    }

    private static func decision(_ value: JSONValue) -> Decision? {
        guard let keys = value.object?.keys.sorted() else { return nil }
        func text(_ key: String) -> String? {
            value[key]?.string.flatMap { $0.isEmpty ? nil : UnicodeText.composed($0) }
        }
        func texts(_ key: String) -> [String]? {
            value[key]?.strings.flatMap { list in
                list.isEmpty || list.contains("") ? nil : list.map(UnicodeText.composed)
            }
        }
        switch keys {
        case ["into", "merge"]:
            guard let names = texts("merge"), let into = text("into") else { return nil }
            return .merge(names, into: into)
        case ["into", "split"]:
            guard let name = text("split"), let into = texts("into"), into.count > 1 else {
                return nil
            }
            return .split(name, into: into)
        case ["keep"]: return text("keep").map { .keep($0) }
        case ["rename", "to"]:
            guard let name = text("rename"), let to = text("to") else { return nil }
            return .rename(name, to: to)
        default: return nil
        }
    }

    /// Of two entries that say different things of one artist the first holds.
    private static func withoutContradictions(_ entries: [Entry], _ path: String) -> (
        [Entry], [String]
    ) {
        var kept: [Entry] = []
        var warnings: [String] = []
        var said: [String: Int] = [:]
        var targets: Set<String> = []
        for entry in entries {
            var claims: [String]
            switch entry.decision {
            case .merge(let names, let into):
                claims = names.map { "who " + UnicodeText.identity($0) }
                // A chain would depend on which entry is read first.
                if targets.contains(where: claims.contains) { claims.append("chain") }
                let target = "who " + UnicodeText.identity(into)
                if claims.contains(target) || said[target] != nil { claims.append("chain") }
                if !claims.contains("chain") { targets.insert(target) }
            case .split(let name, let into):
                claims = ["who " + UnicodeText.identity(name)]
                if into.map(UnicodeText.identity).contains(UnicodeText.identity(name)) {
                    claims.append("chain")
                }
            case .keep(let name): claims = ["who " + UnicodeText.identity(name)]
            case .rename(let name, _): claims = ["name " + UnicodeText.identity(name)]
            }
            if let other = claims.lazy.compactMap({ said[$0] }).first {
                warnings.append(
                    "\(path):\(entry.line): left out, it contradicts the entry in line \(other)")
            } else if claims.contains("chain") {
                warnings.append(
                    "\(path):\(entry.line): left out, it names an artist on both sides")
            } else {
                for claim in claims { said[claim] = entry.line }
                kept.append(entry)
            }
        }
        return (kept, warnings)
    }

    /// The lines on which the objects of the list begin: the parser's values have forgotten them.
    private static func entryLines(_ bytes: [UInt8]) -> [Int] {
        var lines: [Int] = []
        var line = 1
        var depth = 0
        var index = 0
        func next(_ offset: Int) -> UInt8 {
            index + offset < bytes.count ? bytes[index + offset] : 0
        }
        while index < bytes.count {
            switch bytes[index] {
            case 10: line += 1
            case 34, 39:
                let quote = bytes[index]
                index += 1
                while index < bytes.count, bytes[index] != quote {
                    if bytes[index] == 92 { index += 1 }
                    if next(0) == 10 { line += 1 }
                    index += 1
                }
            case 47 where next(1) == 47:
                while index < bytes.count, next(1) != 10 { index += 1 }
            case 47 where next(1) == 42:
                index += 2
                while index < bytes.count, !(next(0) == 42 && next(1) == 47) {
                    if next(0) == 10 { line += 1 }
                    index += 1
                }
                index += 1
            case 123, 91:
                if depth == 2, bytes[index] == 123 { lines.append(line) }
                depth += 1
            case 125, 93: depth -= 1
            default: break
            }
            index += 1
        }
        return lines
    }
}
