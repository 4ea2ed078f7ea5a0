/// What was scrubbed when, and what was found: `scrub.ndjson` in the warehouse.
///
/// Blobs are recorded by their folder, of which there are 65,536 at most however many blobs there
/// are, so the file stays below 3 MB.
package struct ScrubRecord: Sendable {
    package static let format = "spindle-scrub"
    package static let version = 1
    /// Findings that are kept; a disk may have lost everything.
    package static let maximumFindings = 10_000

    /// What is wrong with a blob.
    package enum Problem: String, Sendable {
        /// Its bytes are not those of its name.
        case rotten
        /// The ledger names it, and it is not there.
        case missing
        /// It has another size than the ledger says.
        case wrongSize = "wrong_size"
        /// The system refuses to read it.
        case unreadable
    }

    package struct Finding: Equatable, Sendable {
        package let problem: Problem
        package let found: Timestamp

        package init(problem: Problem, found: Timestamp) {
            self.problem = problem
            self.found = found
        }
    }

    package struct Folder: Equatable, Sendable {
        package let checked: Timestamp
        package let blobs: Int
        package let bytes: Int

        package init(checked: Timestamp, blobs: Int, bytes: Int) {
            self.checked = checked
            self.blobs = blobs
            self.bytes = bytes
        }
    }

    /// When the pass began that is going on or was the last.
    package var passStarted: Timestamp?
    /// When all of it had been checked; nil while it goes on.
    package var passFinished: Timestamp?
    /// By name, "ab/cd".
    package var folders: [String: Folder] = [:]
    package var findings: [Digest: Finding] = [:]

    package init() {}

    /// - Returns: An empty record where there is none yet.
    /// - Throws: `FormatError` for one that this version cannot read.
    package static func read(_ warehouse: Warehouse) throws -> ScrubRecord {
        var record = ScrubRecord()
        let path = warehouse.scrubPath
        guard FileSystem.exists(path) else { return record }
        func wrong(_ number: Int) -> FormatError {
            FormatError(
                "\(path):\(number)", "is no line of \(format) of version \(version)",
                hint: "remove the file: the next spindle scrub begins anew")
        }
        func time(_ json: JSONValue?) -> Timestamp? { json?.string.flatMap { Timestamp($0) } }
        let damage = try LineReader(path).forEach { line in
            let json = try JSONValue.parse(Array(line.bytes), path: path)
            if line.number == 1 {
                guard json["format"]?.string == format, json["version"]?.int == version else {
                    throw wrong(1)
                }
                record.passStarted = time(json["pass_started"])
                record.passFinished = time(json["pass_finished"])
            } else if let folder = json["folder"]?.string, let checked = time(json["checked"]) {
                record.folders[folder] = Folder(
                    checked: checked, blobs: json["blobs"]?.int ?? 0,
                    bytes: json["bytes"]?.int ?? 0)
            } else if let blob = json["blob"]?.string.flatMap({ Digest(hex: $0) }),
                let problem = json["problem"]?.string.flatMap(Problem.init),
                let found = time(json["found"])
            {
                record.findings[blob] = Finding(problem: problem, found: found)
            } else {
                throw wrong(line.number)
            }
        }
        if let damage { throw damage }
        return record
    }

    package func write(to warehouse: Warehouse) throws {
        var json = JSONWriter()
        json.object {
            $0.field("format", Self.format)
            $0.field("version", Self.version)
            $0.field("pass_started", passStarted?.description)
            $0.field("pass_finished", passFinished?.description)
        }
        json.newline()
        for (blob, finding) in findings.sorted(by: { $0.key < $1.key }) {
            json.object {
                $0.field("blob", blob.hex)
                $0.field("problem", finding.problem.rawValue)
                $0.field("found", finding.found.description)
            }
            json.newline()
        }
        for (name, folder) in folders.sorted(by: { $0.key < $1.key }) {
            json.object {
                $0.field("folder", name)
                $0.field("checked", folder.checked.description)
                $0.field("blobs", folder.blobs)
                $0.field("bytes", folder.bytes)
            }
            json.newline()
        }
        try writeAtomically(json.bytes, to: warehouse.scrubPath, in: warehouse)
    }
}
