package import Storage

/// What a snapshot holds: `manifest.json` in its folder.
package struct SnapshotManifest: Equatable, Sendable {
    package static let version = 1

    /// `<date>-<12 hex>`; the hex is made of the artefacts' digests, so that the same artefacts
    /// always have the same id.
    package let id: String
    /// The night: the day that had just ended.
    package let date: CalendarDate
    /// The day for which the plans were made.
    package let planDate: CalendarDate
    package let songCount: Int
    /// Everything but the report, by path below the snapshot's folder.
    package let artefacts: [FileDigest]
    /// Apart, because it tells how long things took, and so differs from run to run.
    package let report: FileDigest

    package init(
        id: String, date: CalendarDate, planDate: CalendarDate, songCount: Int,
        artefacts: [FileDigest], report: FileDigest
    ) {
        self.id = id
        self.date = date
        self.planDate = planDate
        self.songCount = songCount
        self.artefacts = artefacts
        self.report = report
    }

    /// Whether a name has the form of a snapshot's id, and so is safe in a path.
    package static func isValidID(_ id: String) -> Bool {
        let bytes = Array(id.utf8)
        guard bytes.count == 23, bytes[10] == 45, CalendarDate(id.prefix(10)) != nil else {
            return false
        }
        return bytes[11...].allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// - Throws: `FileError` when it cannot be read, `FormatError` when it is not a manifest of this version.
    package static func read(_ path: String) throws -> SnapshotManifest {
        let json = try JSONValue.read(path)
        func invalid(_ what: String) -> FormatError {
            FormatError(
                path, "not a snapshot's manifest: \(what)",
                hint: "publish again, or roll back with spindle snapshots")
        }
        func file(_ value: JSONValue?) throws -> FileDigest {
            guard let name = value?["path"]?.string, let size = value?["bytes"]?.int,
                let digest = value?["sha256"]?.string.flatMap({ Digest(hex: $0) }), size >= 0,
                !name.hasPrefix("/"), !name.split(separator: "/").contains("..")
            else { throw invalid("a file's path, bytes or sha256 is missing or wrong") }
            return FileDigest(name: name, sizeBytes: size, sha256: digest)
        }
        guard json["format"]?.string == "spindle-snapshot" else { throw invalid("no format") }
        guard json["version"]?.int == version else { throw invalid("another version") }
        guard let id = json["id"]?.string, isValidID(id),
            let date = json["date"]?.string.flatMap({ CalendarDate($0) }),
            let planDate = json["plan_date"]?.string.flatMap({ CalendarDate($0) }),
            let songs = json["songs"]?.int, let artefacts = json["artefacts"]?.array
        else { throw invalid("id, date, plan_date, songs or artefacts is missing or wrong") }
        return SnapshotManifest(
            id: id, date: date, planDate: planDate, songCount: songs,
            artefacts: try artefacts.map(file), report: try file(json["report"]))
    }

    package var json: [UInt8] {
        func write(_ file: FileDigest, _ json: inout JSONWriter) {
            json.field("path", file.name)
            json.field("bytes", file.sizeBytes)
            json.field("sha256", file.sha256.hex)
        }
        var json = JSONWriter(indented: true)
        json.object {
            $0.field("format", "spindle-snapshot")
            $0.field("version", Self.version)
            $0.field("id", id)
            $0.field("date", date.description)
            $0.field("plan_date", planDate.description)
            $0.field("songs", songCount)
            $0.array("artefacts") { for file in artefacts { $0.object { write(file, &$0) } } }
            $0.object("report") { write(report, &$0) }
        }
        json.newline()
        return json.bytes
    }
}
