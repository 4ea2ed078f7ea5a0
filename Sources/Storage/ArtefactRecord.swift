/// What a folder of results was made of and what is in it: `artefact.json`.
///
/// Committed by the same rename as the results, so that they are complete exactly when this record
/// is there; they are fresh when it names the inputs, parameters and tool of today.
package struct ArtefactRecord: Equatable, Sendable {
    package static let name = "artefact.json"
    package static let version = 1

    package struct Input: Equatable, Sendable {
        package let name: String
        /// A digest of the content; of what may be large, size, times and inode.
        package let fingerprint: String

        package init(name: String, fingerprint: String) {
            self.name = name
            self.fingerprint = fingerprint
        }
    }

    package let stage: String
    /// nil for what belongs to no day.
    package let date: CalendarDate?
    /// The version of Spindle that made it.
    package let tool: String
    package let parameters: [String: String]
    package var inputs: [Input]
    package var files: [FileDigest]
    /// Further fields of the stage's own, "counts" for example.
    package var details: [String: JSONValue] = [:]

    package init(
        stage: String, date: CalendarDate?, tool: String, parameters: [String: String],
        inputs: [Input], files: [FileDigest] = []
    ) {
        self.stage = stage
        self.date = date
        self.tool = tool
        self.parameters = parameters
        self.inputs = inputs
        self.files = files
    }

    /// Whether results with this record are those that `other` would lead to.
    package func isMadeOfTheSame(as other: ArtefactRecord?) -> Bool {
        guard let other else { return false }
        return tool == other.tool && parameters == other.parameters && inputs == other.inputs
    }

    /// What later stages depend on: names and contents of the files, and nothing of how they came about.
    package var contentDigest: Digest {
        SHA256.hash(
            files.sorted { $0.name < $1.name }.map { "\($0.name) \($0.sha256)\n" }.joined())
    }

    private static let fields: Set<String> = [
        "format", "version", "stage", "date", "tool", "parameters", "inputs", "files",
    ]

    /// - Returns: nil when there is none, or none that can be read: the stage then runs again.
    package static func read(_ directory: String) -> ArtefactRecord? {
        guard let json = try? JSONValue.read(directory + "/" + name),
            json["format"]?.string == "spindle-artefact", json["version"]?.int == version,
            let stage = json["stage"]?.string, let tool = json["tool"]?.string,
            let parameters = json["parameters"]?.object, let inputs = json["inputs"]?.array,
            let files = json["files"]?.array
        else { return nil }
        let date = json["date"]?.string.flatMap { CalendarDate($0) }
        let texts = parameters.compactMapValues(\.string)
        guard date != nil || json["date"] ?? .null == .null, texts.count == parameters.count else {
            return nil
        }
        var record = ArtefactRecord(
            stage: stage, date: date, tool: tool, parameters: texts, inputs: [])
        for input in inputs {
            guard let name = input["name"]?.string, let fingerprint = input["fingerprint"]?.string
            else { return nil }
            record.inputs.append(Input(name: name, fingerprint: fingerprint))
        }
        for file in files {
            guard let name = file["path"]?.string, let size = file["bytes"]?.int,
                let digest = file["sha256"]?.string.flatMap({ Digest(hex: $0) })
            else { return nil }
            record.files.append(FileDigest(name: name, sizeBytes: size, sha256: digest))
        }
        record.details = json.object!.filter { !fields.contains($0.key) }
        return record
    }

    /// - Returns: nil as well when a file that the record names is missing or of another size.
    package static func readComplete(_ directory: String) -> ArtefactRecord? {
        guard let record = read(directory), record.filesExist(in: directory) else { return nil }
        return record
    }

    /// Writes the record as a folder's last file, with the files that are in it.
    package func write(to folder: StagedDirectory) throws {
        var record = self
        record.files = folder.files
        try folder.write(Self.name) { try $0.write(record.json) }
    }

    package var json: [UInt8] {
        var json = JSONWriter(indented: true)
        json.object {
            $0.field("format", "spindle-artefact")
            $0.field("version", Self.version)
            $0.field("stage", stage)
            $0.field("date", date?.description)
            $0.field("tool", tool)
            $0.object("parameters") {
                for (key, value) in parameters.sorted(by: { $0.key < $1.key }) {
                    $0.field(key, value)
                }
            }
            $0.array("inputs") {
                for input in inputs {
                    $0.object {
                        $0.field("name", input.name)
                        $0.field("fingerprint", input.fingerprint)
                    }
                }
            }
            for (key, value) in details.sorted(by: { $0.key < $1.key }) { $0.field(key, value) }
            $0.array("files") {
                for file in files {
                    $0.object {
                        $0.field("path", file.name)
                        $0.field("bytes", file.sizeBytes)
                        $0.field("sha256", file.sha256.hex)
                    }
                }
            }
        }
        json.newline()
        return json.bytes
    }

    /// Whether every file is there at its size. Contents are proved when a snapshot is published.
    package func filesExist(in directory: String) -> Bool {
        files.allSatisfy {
            (try? FileStatus.of(directory + "/" + $0.name))??.sizeBytes == $0.sizeBytes
        }
    }
}
