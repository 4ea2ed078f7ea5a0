internal import Storage

/// A file in which the operator lists sources (JSON5, format `spindle-sources`).
///
///     { format: "spindle-sources", version: 1, sources: [
///         { path: "/srv/music/label-a", owner: "Label A", region: "eu-west", exclude: ["Demos/"] } ] }
package enum SourceList {
    package static let format = "spindle-sources"

    /// - Throws: `FileError`; `FormatError` naming the source that is wrong.
    package static func read(_ path: String) throws -> [IngestSource] {
        let document = try JSONValue.read(path)
        guard document["format"]?.string == format else {
            throw FormatError(
                path, "is no list of sources: its format is not \"\(format)\"",
                hint: "see docs/FORMATS.md")
        }
        guard document["version"]?.int == 1, let list = document["sources"]?.array else {
            throw FormatError(path, "is not of version 1, or has no array 'sources'")
        }
        var sources: [IngestSource] = []
        for (index, entry) in list.enumerated() {
            let place = "source \(index + 1)"
            guard let members = entry.object else {
                throw FormatError(path, "\(place) is not an object")
            }
            let known = ["path", "owner", "region", "include", "exclude"]
            if let other = members.keys.sorted().first(where: { !known.contains($0) }) {
                throw FormatError(
                    path, "\(place) has an unknown key '\(other)'",
                    hint: "the keys are \(known.joined(separator: ", "))")
            }
            guard let folder = entry["path"]?.string, folder.hasPrefix("/") else {
                throw FormatError(path, "\(place) has no absolute path")
            }
            for key in ["owner", "region"] {
                if let value = entry[key], value.string?.isEmpty != false {
                    throw FormatError(path, "\(place): \(key) is no text")
                }
            }
            func patterns(_ key: String) throws -> [GlobPattern] {
                guard let value = entry[key] else { return [] }
                guard let texts = value.strings else {
                    throw FormatError(path, "\(place): \(key) is no list of patterns")
                }
                return try texts.map { text in
                    guard let pattern = GlobPattern(text) else {
                        throw FormatError(path, "\(place): '\(text)' is no pattern")
                    }
                    return pattern
                }
            }
            let source = IngestSource(
                folder, owner: entry["owner"]?.string, region: entry["region"]?.string,
                filter: PathFilter(
                    include: try patterns("include"), exclude: try patterns("exclude")),
                isDescribed: true)
            guard !sources.contains(where: { $0.path == source.path }) else {
                throw FormatError(path, "\(place): \(source.path) is listed twice")
            }
            sources.append(source)
        }
        return sources
    }
}
