import Catalog
import Storage
import TagReading

/// What the ledger says of a file, beside what its tags say now.
struct TagComparison {
    private let ledger: Ledger
    private let sources: [String]

    /// - Throws: `FormatError`, `FileError` when there is no warehouse or no ledger.
    init(_ warehouse: Warehouse) throws {
        try warehouse.check()
        ledger = try Ledger(warehouse, .readOnly)
        sources = try ledger.sourceNames()
    }

    /// The file's line with a member `compared`: the record that was found by path or by audio, and
    /// each field that was or is different; `null` without a record.
    func add(to line: [UInt8], _ path: [UInt8]) throws -> [UInt8] {
        let json = try JSONValue.parse(line, path: "tags")
        guard json["error"] == nil else { return line }
        var writer = JSONWriter()
        if let (record, place, isByAudio) = try record(of: path) {
            let found = try audioChange(from: record, path) + changes(from: record, to: json)
            writer.object { writer in
                writer.field("path", place)
                writer.field("by", isByAudio ? "audio" : "path")
                writer.array("changes") { writer in
                    for change in found {
                        writer.object {
                            $0.field("field", change.field)
                            $0.field("was", change.was)
                            $0.field("is", change.is)
                        }
                    }
                }
            }
        } else {
            writer.value(JSONValue.null)
        }
        return line.dropLast() + Array(",\"compared\":".utf8) + writer.bytes + [UInt8(ascii: "}")]
    }

    private func record(of path: [UInt8]) throws -> (LedgerFile, String, isByAudio: Bool)? {
        let absolute = Self.absolute(path)
        for source in sources {
            let prefix = Array(source.utf8) + [UInt8(ascii: "/")]
            guard absolute.starts(with: prefix) else { continue }
            let below = Array(absolute.dropFirst(prefix.count))
            if let file = try ledger.file(source: source, path: below), file.song != nil {
                return (file, String(decoding: absolute, as: UTF8.self), false)
            }
        }
        guard let song = try TagReport.audioDigest(path), let found = try ledger.file(song: song)
        else { return nil }
        let place = found.source + "/" + String(decoding: found.file.path, as: UTF8.self)
        return (found.file, place, true)
    }

    /// Whether the file holds other audio, and so another song; not read where nothing touched it.
    private func audioChange(from file: LedgerFile, _ path: [UInt8]) throws -> [(
        field: String, was: [String], is: [String]
    )] {
        guard let status = try FileStatus.of(bytes: path), FileStamp(status) != file.status else {
            return []
        }
        let now = try TagReport.audioDigest(path)
        return now == file.song ? [] : [("audio", Self.hex(file.song), Self.hex(now))]
    }

    private static func hex(_ digest: Digest?) -> [String] { digest.map { [$0.hex] } ?? [] }

    private func changes(from file: LedgerFile, to json: JSONValue) -> [(
        field: String, was: [String], is: [String]
    )] {
        let was = Self.values(of: file)
        var now: [String: [String]] = [:]
        for (field, values) in json["tags"]?.object ?? [:] {
            now[field] = (values.array ?? []).compactMap { $0["value"]?.string }
        }
        for key in Self.besideFields {
            for value in json[key]?.array ?? [] { now[key, default: []].append(Self.text(value)) }
        }
        for (name, values) in json["other"]?.object ?? [:] { now["other." + name] = values.strings }
        now["pictures"] = json["pictures"]?.array.map { $0.compactMap { $0["sha256"]?.string } }
        // Ingest puts the file's name where there is no title.
        let hasNoTitle = file.warnings.contains { $0.hasPrefix("no_title") }
        if hasNoTitle, now["title"] == nil { now["title"] = was["title"] }
        let order = TagField.allCases.map(\.rawValue)
        let others = Set(was.keys).union(now.keys).subtracting(order).sorted()
        return (order + others).compactMap { field in
            let (before, after) = (was[field] ?? [], now[field] ?? [])
            return before == after ? nil : (field, before, after)
        }
    }

    private static let besideFields = ["comments", "lyrics", "synced_lyrics", "chapters"]

    private static func values(of file: LedgerFile) -> [String: [String]] {
        var values: [String: [String]] = [:]
        for field in TagField.allCases {
            let found = file.tags[field]
            if !found.isEmpty { values[field.rawValue] = found }
        }
        if let json = try? JSONValue.parse(Array(file.tags.json.utf8), path: "ledger.sqlite") {
            for key in besideFields {
                for value in json[key]?.array ?? [] { values[key, default: []].append(text(value)) }
            }
        }
        for (name, found) in file.tags.other { values["other." + name] = found }
        let pictures = file.covers.map(\.digest.hex)
        if !pictures.isEmpty { values["pictures"] = pictures }
        return values
    }

    /// A comment's text, or the value as JSON where it is more than a text.
    private static func text(_ value: JSONValue) -> String {
        if let text = value["text"]?.string { return text }
        var writer = JSONWriter()
        writer.value(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// With the folder's links resolved, as the ledger names sources; the name as it is.
    private static func absolute(_ path: [UInt8]) -> [UInt8] {
        let slash = path.lastIndex(of: UInt8(ascii: "/"))
        let folder = slash.map { path[..<$0] } ?? [UInt8(ascii: ".")]
        let name = slash.map { path[($0 + 1)...] } ?? path[...]
        let text = String(decoding: folder, as: UTF8.self)
        guard text.utf8.elementsEqual(folder) else { return path }
        return Array(FileSystem.absolute(text.isEmpty ? "/" : text).utf8) + [UInt8(ascii: "/")]
            + name
    }
}
