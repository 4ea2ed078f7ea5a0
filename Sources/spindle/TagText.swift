import Arguments
import Catalog
import Storage

/// A file's tags for people, from their line of JSON.
enum TagText {
    /// - Returns: Several lines, the path first, without a line end behind the last.
    static func describe(_ line: [UInt8]) throws -> String {
        let json = try JSONValue.parse(line, path: "tags")
        var lines = [json["path"]?.string ?? ""]
        if let error = json["error"]?.string { lines.append("  error: " + error) }
        for field in TagField.allCases {
            for (index, value) in (json["tags"]?[field.rawValue]?.array ?? []).enumerated() {
                lines.append(
                    row(
                        index == 0 ? field.rawValue : "", value["value"]?.string ?? "",
                        value["source"]?.string ?? ""))
            }
        }
        for (name, key) in [("comment", "comments"), ("lyrics", "lyrics")] {
            for note in json[key]?.array ?? [] {
                lines.append(row(name, note["text"]?.string ?? "", about(note)))
            }
        }
        for text in json["synced_lyrics"]?.array ?? [] {
            let count = text["lines"]?.array?.count ?? 0
            lines.append(row("synced lyrics", "\(count) lines", about(text)))
        }
        for chapter in json["chapters"]?.array ?? [] {
            let start = formatDecimal(Double(chapter["start_ms"]?.int ?? 0) / 1000, 3)
            let end = formatDecimal(Double(chapter["end_ms"]?.int ?? 0) / 1000, 3)
            lines.append(row("chapter", chapter["title"]?.string ?? "", "\(start) to \(end) s"))
        }
        for (name, values) in (json["other"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            for value in values.strings ?? [] { lines.append(row("other", value, name)) }
        }
        for picture in json["pictures"]?.array ?? [] {
            lines.append(
                row(
                    "picture",
                    "\(picture["mime"]?.string ?? ""), \(formatBytes(picture["bytes"]?.int ?? 0)), "
                        + "type \(picture["type"]?.int ?? 0)",
                    picture["sha256"]?.string ?? ""))
        }
        for repair in json["repairs"]?.array ?? [] {
            lines.append(
                row(
                    "repaired", repair["field"]?.string ?? "",
                    "\(repair["encoding"]?.string ?? ""), was \(repair["original"]?.string ?? "")"))
        }
        if let durationMs = json["duration_ms"]?.int {
            lines.append(row("duration", formatDecimal(Double(durationMs) / 1000, 3) + " s", ""))
        }
        for warning in json["warnings"]?.strings ?? [] { lines.append("  warning: " + warning) }
        lines += comparison(json)
        return lines.map { visible($0) }.joined(separator: "\n")
    }

    private static func comparison(_ json: JSONValue) -> [String] {
        guard let compared = json["compared"] else { return [] }
        guard let place = compared["path"]?.string else { return ["  not in the ledger"] }
        let moved = compared["by"]?.string == "audio" ? ", by its audio" : ""
        let changes = compared["changes"]?.array ?? []
        return ["  \(changes.isEmpty ? "unchanged since" : "changed since") \(place)\(moved)"]
            + changes.map { change in
                func shown(_ key: String) -> String {
                    let values = change[key]?.strings ?? []
                    return values.isEmpty ? "nothing" : values.joined(separator: "; ")
                }
                return "    \(change["field"]?.string ?? ""): \(shown("was")) → \(shown("is"))"
            }
    }

    private static func row(_ name: String, _ value: String, _ note: String) -> String {
        let margin = String(repeating: " ", count: max(1, 24 - name.count))
        return "  \(name)\(margin)\(value)" + (note.isEmpty ? "" : "  [\(note)]")
    }

    private static func about(_ note: JSONValue) -> String {
        [note["language"]?.string, note["description"]?.string].compactMap { $0 }
            .joined(separator: " ")
    }

    /// Texts may hold line ends, and sequences that a terminal would obey.
    private static func visible(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map {
                    $0 == "\n" ? "⏎" : $0.properties.generalCategory == .control ? "?" : $0
                }))
    }
}
