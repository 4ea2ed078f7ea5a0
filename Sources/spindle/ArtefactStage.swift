import Pipeline
import Storage

/// A stage whose results are one folder a night with an artefact record in it.
protocol ArtefactStage: Stage {
    /// The folder's name in the warehouse: `catalog` of `catalog/date=…`.
    var kind: String { get }
}

extension ArtefactStage {
    func directory(_ night: Night) -> String { night.warehouse.artefact(kind, night.date) }

    func completed(_ night: Night) throws -> ArtefactRecord? {
        ArtefactRecord.readComplete(directory(night))
    }

    /// Lets `body` fill a new folder, and puts it in place with its record; or leaves nothing.
    func produce<Result>(
        _ night: Night, inputs: [ArtefactRecord.Input], _ body: (StagedDirectory) throws -> Result
    ) throws -> Result {
        let staged = try StagedDirectory(in: night.warehouse, name: kind)
        do {
            let result = try body(staged)
            try commit(self, staged, inputs: inputs, night, to: directory(night))
            return result
        } catch {
            staged.discard()
            throw error
        }
    }
}

/// What an earlier stage has left for this night.
///
/// - Throws: `MissingStage` when it has not run.
func artefactInput(_ kind: String, _ stage: String, _ night: Night) throws -> ArtefactRecord.Input {
    guard let record = ArtefactRecord.read(night.warehouse.artefact(kind, night.date)) else {
        throw MissingStage(stage: stage, night: night)
    }
    return .init(name: kind, fingerprint: record.contentDigest.hex)
}

/// The newest night before this one that has results of a kind; nights may have been skipped.
func previousNight(_ kind: String, _ night: Night) -> CalendarDate? {
    let names = (try? FileSystem.list(night.warehouse.path + "/" + kind)) ?? []
    return names.compactMap { $0.hasPrefix("date=") ? CalendarDate($0.dropFirst(5)) : nil }
        .last { $0 < night.date }
}

/// What the night before has left, where one was run.
func previousInput(_ kind: String, _ night: Night) -> ArtefactRecord.Input? {
    previousNight(kind, night).flatMap { date in
        ArtefactRecord.read(night.warehouse.artefact(kind, date)).map {
            .init(name: "\(kind) of the night of \(date)", fingerprint: $0.contentDigest.hex)
        }
    }
}

/// An input file by its content.
func fileInput(_ name: String, _ path: String) throws -> ArtefactRecord.Input {
    .init(name: name, fingerprint: try SHA256.hash(fileAt: path).hex)
}

/// A stage needs the results of another one that has not run for this night.
struct MissingStage: Diagnosed, CustomStringConvertible {
    let stage: String
    let date: CalendarDate
    let nights: [CalendarDate]

    init(stage: String, night: Night) {
        self.stage = stage
        date = night.date
        nights = RunRecord.nights(night.warehouse)
    }

    var message: String { "the stage \(stage) has no result for the night of \(date)" }
    var description: String { message }
    var hint: String? {
        let known = nights.suffix(3).map(\.description).joined(separator: ", ")
        return "run spindle \(stage) --date \(date) first"
            + (known.isEmpty ? "" : ", or name a night that has been run with --date: \(known)")
    }
    var cause: FailureCause { .inputMissing }
}
