package import Storage

/// How the last run of a stage for a night went: `runs/date=D/<stage>.json`.
///
/// Unlike the artefact's own record it tells of times and failures, and nothing depends on it.
package struct RunRecord: Sendable {
    package static let version = 1

    package enum Status: String, Sendable { case ok, failed }

    package let stage: String
    package let date: CalendarDate
    package let tool: String
    /// The stage's options as they were given, from which the stage can be made again.
    package let arguments: [String]
    package let status: Status
    package let started: Timestamp
    package let finished: Timestamp
    /// CPU time of this process and its helpers over the stage.
    package let cpuMs: Int
    package let summary: String
    package let warnings: [String]
    package let counts: JSONValue
    package let error: String?

    package init(
        stage: String, date: CalendarDate, tool: String, arguments: [String], status: Status,
        started: Timestamp, finished: Timestamp, cpuMs: Int, summary: String, warnings: [String],
        counts: JSONValue, error: String?
    ) {
        self.stage = stage
        self.date = date
        self.tool = tool
        self.arguments = arguments
        self.status = status
        self.started = started
        self.finished = finished
        self.cpuMs = cpuMs
        self.summary = summary
        self.warnings = warnings
        self.counts = counts
        self.error = error
    }

    package var elapsedMs: Int { finished.milliseconds - started.milliseconds }

    /// - Returns: nil when there is none, or none that can be read.
    package static func read(_ stage: String, _ date: CalendarDate, _ warehouse: Warehouse)
        -> RunRecord?
    {
        guard let json = try? JSONValue.read(warehouse.runRecord(stage, date)),
            json["format"]?.string == "spindle-run", json["version"]?.int == version,
            let tool = json["tool"]?.string, let arguments = json["arguments"]?.strings,
            let status = json["status"]?.string.flatMap(Status.init),
            let started = json["started"]?.string.flatMap({ Timestamp($0) }),
            let finished = json["finished"]?.string.flatMap({ Timestamp($0) })
        else { return nil }
        return RunRecord(
            stage: stage, date: date, tool: tool, arguments: arguments, status: status,
            started: started, finished: finished, cpuMs: json["cpu_ms"]?.int ?? 0,
            summary: json["summary"]?.string ?? "", warnings: json["warnings"]?.strings ?? [],
            counts: json["counts"] ?? .null, error: json["error"]?.string)
    }

    package func write(to warehouse: Warehouse) throws {
        var json = JSONWriter(indented: true)
        json.object {
            $0.field("format", "spindle-run")
            $0.field("version", Self.version)
            $0.field("stage", stage)
            $0.field("date", date.description)
            $0.field("tool", tool)
            $0.field("arguments", arguments)
            $0.field("status", status.rawValue)
            $0.field("started", started.description)
            $0.field("finished", finished.description)
            $0.field("elapsed_ms", elapsedMs)
            $0.field("cpu_ms", cpuMs)
            $0.field("summary", summary)
            $0.field("warnings", warnings)
            $0.field("counts", counts)
            $0.field("error", error)
        }
        json.newline()
        try writeAtomically(json.bytes, to: warehouse.runRecord(stage, date), in: warehouse)
    }

    /// The nights that have records, oldest first.
    package static func nights(_ warehouse: Warehouse) -> [CalendarDate] {
        let names = (try? FileSystem.list(warehouse.path + "/runs")) ?? []
        return names.compactMap { $0.hasPrefix("date=") ? CalendarDate($0.dropFirst(5)) : nil }
    }
}
