internal import Storage

/// What a folder of results was made from and what is in it: `artefact.json`.
///
/// A folder is fresh when the record names the inputs and parameters of today.
struct ArtefactRecord: Equatable {
    struct Input: Equatable {
        let name: String
        let fingerprint: String
    }

    static let fileName = "artefact.json"

    let stage: String
    var inputs: [Input]
    /// Figures that decide the result.
    let parameters: [String: Int]
    var files: [FileDigest] = []

    /// - Returns: nil where there is no folder or its record does not read: it is made again.
    static func read(_ folder: String) -> (record: ArtefactRecord, document: JSONValue)? {
        guard let document = try? JSONValue.read(folder + "/" + fileName),
            document["format"]?.string == "spindle-artefact", document["version"]?.int == 1,
            let stage = document["stage"]?.string, let inputs = document["inputs"]?.array,
            let parameters = document["parameters"]?.object, let files = document["files"]?.array
        else { return nil }
        var record = ArtefactRecord(
            stage: stage, inputs: [], parameters: parameters.compactMapValues(\.int))
        for input in inputs {
            guard let name = input["name"]?.string, let fingerprint = input["fingerprint"]?.string
            else { return nil }
            record.inputs.append(Input(name: name, fingerprint: fingerprint))
        }
        for file in files {
            guard let name = file["path"]?.string, let bytes = file["bytes"]?.int,
                let sha256 = file["sha256"]?.string.flatMap({ Digest(hex: $0) })
            else { return nil }
            record.files.append(FileDigest(name: name, sizeBytes: bytes, sha256: sha256))
        }
        return (record, document)
    }

    /// Whether a folder was made from the same.
    func isFresh(_ other: ArtefactRecord?) -> Bool {
        other?.inputs == inputs && other?.parameters == parameters
    }

    /// Writes the record as the folder's last file.
    func write(
        to folder: StagedDirectory, date: CalendarDate?, _ more: (inout JSONWriter) -> Void
    ) throws {
        var json = JSONWriter(indented: true)
        json.object { json in
            json.field("format", "spindle-artefact")
            json.field("version", 1)
            json.field("stage", stage)
            json.field("date", date.map { "\($0)" })
            json.array("inputs") { json in
                for input in inputs {
                    json.object {
                        $0.field("name", input.name)
                        $0.field("fingerprint", input.fingerprint)
                    }
                }
            }
            json.object("parameters") { json in
                for (name, value) in parameters.sorted(by: { $0.key.precedesInBytes($1.key) }) {
                    json.field(name, value)
                }
            }
            more(&json)
            json.array("files") { json in
                for file in folder.files {
                    json.object {
                        $0.field("path", file.name)
                        $0.field("bytes", file.sizeBytes)
                        $0.field("sha256", file.sha256.hex)
                    }
                }
            }
        }
        json.newline()
        try folder.write(Self.fileName) { try $0.write(json.bytes) }
    }
}
