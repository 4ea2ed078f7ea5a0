package import Storage

/// One step of the night, with its parameters already set.
///
/// A stage is complete when its results are there, and fresh when they were made from the inputs,
/// parameters and tool version of now.
package protocol Stage {
    var name: String { get }
    /// Everything besides the inputs that decides the result.
    var parameters: [String: String] { get }
    /// Whether it needs the warehouse to itself; what it writes must else be safe beside other runs.
    var holdsWarehouse: Bool { get }

    /// What the stage would read now.
    ///
    /// - Throws: `FileError` when an input is missing.
    func inputs(_ night: Night) throws -> [ArtefactRecord.Input]

    /// What the last complete run for this night was made of; nil when there was none.
    func completed(_ night: Night) throws -> ArtefactRecord?

    /// What a night on which nothing had to be done has to say, where its results are no folder of
    /// that night's; nil where the figures of the run that did the work are those of the night.
    func unchanged(_ night: Night) throws -> StageOutcome?

    /// Does the work and commits it.
    func run(_ night: Night) throws -> StageOutcome
}

extension Stage {
    package var holdsWarehouse: Bool { true }
    package func unchanged(_ night: Night) throws -> StageOutcome? { nil }
}

/// What a stage is run for and with.
package struct Night: Sendable {
    package let warehouse: Warehouse
    /// The day that has just ended, whose plays are counted.
    package let date: CalendarDate
    /// The version of Spindle.
    package let tool: String
    /// Takes a short text that replaces the one before.
    package let progress: @Sendable (String) -> Void

    package init(
        warehouse: Warehouse, date: CalendarDate, tool: String,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.warehouse = warehouse
        self.date = date
        self.tool = tool
        self.progress = progress
    }

    /// The day for which the night makes its plans.
    package var planDate: CalendarDate { date.next }
}

/// What a stage has to say when it is done.
package struct StageOutcome: Sendable {
    /// One line for people: "read 48,213 events, counted 45,002 streams, rejected 17".
    package let summary: String
    /// Things to know that did not stop it.
    package let warnings: [String]
    /// Figures for the run record, the report and `--json`.
    package let counts: JSONValue

    package init(summary: String, warnings: [String] = [], counts: JSONValue) {
        self.summary = summary
        self.warnings = warnings
        self.counts = counts
    }
}

/// Writes the record beside the results and puts both in their place.
package func commit(
    _ stage: some Stage, _ directory: StagedDirectory, inputs: [ArtefactRecord.Input],
    _ night: Night, to target: String
) throws {
    try ArtefactRecord(
        stage: stage.name, date: night.date, tool: night.tool, parameters: stage.parameters,
        inputs: inputs
    ).write(to: directory)
    try directory.commit(to: target)
}
