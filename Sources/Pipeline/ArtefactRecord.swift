package import Storage

/// What a stage was made of and what it made: `artefact.json` in the folder of its results.
///
/// Committed by the same rename as the results, so that a stage is complete exactly when this
/// record is there; it is fresh when the record names the inputs and parameters of today.
package struct ArtefactRecord: Equatable, Sendable {
    package static let name = "artefact.json"
    package static let version = 1

    package struct Input: Equatable, Sendable {
        package let name: String
        package let fingerprint: String

        package init(name: String, fingerprint: String) {
            self.name = name
            self.fingerprint = fingerprint
        }
    }

    package let stage: String
    package let date: CalendarDate
    /// The version of Spindle that made it.
    package let tool: String
    package let parameters: [String: String]
    package let inputs: [Input]
    package let files: [FileDigest]

    package init(
        stage: String, date: CalendarDate, tool: String, parameters: [String: String],
        inputs: [Input], files: [FileDigest]
    ) {
        self.stage = stage
        self.date = date
        self.tool = tool
        self.parameters = parameters
        self.inputs = inputs
        self.files = files
    }

    /// What later stages depend on: names and contents of the files, and nothing of how they came about.
    package var contentDigest: Digest {
        SHA256.hash(
            files.sorted { $0.name < $1.name }.map { "\($0.name) \($0.sha256)\n" }.joined())
    }

    /// - Returns: nil when there is none, or none that can be read: the stage then runs again.
    package static func read(_ directory: String) -> ArtefactRecord? {
        guard let json = try? JSONValue.read(directory + "/" + name),
            json["format"]?.string == "spindle-artefact", json["version"]?.int == version,
            let stage = json["stage"]?.string, let tool = json["tool"]?.string,
            let date = json["date"]?.string.flatMap({ CalendarDate($0) }),
            let parameters = json["parameters"]?.object, let inputs = json["inputs"]?.array,
            let files = json["files"]?.array
        else { return nil }
        return ArtefactRecord(
            stage: stage, date: date, tool: tool,
            parameters: parameters.compactMapValues(\.string),
            inputs: inputs.compactMap { input in
                guard let name = input["name"]?.string,
                    let fingerprint = input["fingerprint"]?.string
                else { return nil }
                return Input(name: name, fingerprint: fingerprint)
            },
            files: files.compactMap { file in
                guard let name = file["path"]?.string, let size = file["bytes"]?.int,
                    let digest = file["sha256"]?.string.flatMap({ Digest(hex: $0) })
                else { return nil }
                return FileDigest(name: name, sizeBytes: size, sha256: digest)
            })
    }

    package var json: [UInt8] {
        var json = JSONWriter(indented: true)
        json.object {
            $0.field("format", "spindle-artefact")
            $0.field("version", Self.version)
            $0.field("stage", stage)
            $0.field("date", date.description)
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
        files.allSatisfy { (try? FileStatus.of(directory + "/" + $0.name))??.sizeBytes == $0.sizeBytes }
    }
}
