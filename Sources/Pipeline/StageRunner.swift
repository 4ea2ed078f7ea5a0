internal import Glibc
internal import Storage

/// Runs a stage when it is not fresh, and keeps the record.
package struct StageRunner {
    package enum Freshness: Equatable, Sendable {
        case fresh
        /// With what has changed, in a few words.
        case stale(String)
        case neverRan
    }

    package enum Result: Sendable {
        case upToDate(RunRecord?)
        case ran(RunRecord)
    }

    /// Compares what the stage would read now with what its results were made of.
    package static func freshness(of stage: any Stage, _ night: Night) throws -> Freshness {
        guard let record = try stage.completed(night) else { return .neverRan }
        if record.tool != night.tool { return .stale("made by version \(record.tool)") }
        let parameters = stage.parameters
        if record.parameters != parameters {
            let names = Set(record.parameters.keys).union(parameters.keys)
                .filter { record.parameters[$0] != parameters[$0] }.sorted()
            return .stale("changed: \(names.joined(separator: ", "))")
        }
        let inputs = try stage.inputs(night)
        if record.inputs != inputs {
            let before = Dictionary(
                record.inputs.map { ($0.name, $0.fingerprint) }, uniquingKeysWith: { a, _ in a })
            let now = Dictionary(
                inputs.map { ($0.name, $0.fingerprint) }, uniquingKeysWith: { a, _ in a })
            let names = Set(before.keys).union(now.keys).filter { before[$0] != now[$0] }.sorted()
            let shown = names.prefix(3).joined(separator: ", ")
            return .stale(
                "changed: " + shown + (names.count > 3 ? " and \(names.count - 3) more" : ""))
        }
        return .fresh
    }

    /// - Parameters:
    ///   - arguments: The stage's options, for the record.
    ///   - force: Runs the stage although it is fresh.
    /// - Throws: What the stage throws, after a record of the failure has been written.
    package static func run(
        _ stage: any Stage, _ night: Night, arguments: [String], force: Bool = false
    ) throws -> Result {
        let started = Timestamp.now
        let cpu = cpuMs()
        func record(_ outcome: StageOutcome?, _ error: (any Error)?) -> RunRecord {
            RunRecord(
                stage: stage.name, date: night.date, tool: night.tool, arguments: arguments,
                status: error == nil ? .ok : .failed, started: started, finished: .now,
                cpuMs: cpuMs() - cpu, summary: outcome?.summary ?? "",
                warnings: outcome?.warnings ?? [], counts: outcome?.counts ?? .null,
                error: error.map { ($0 as? any Diagnosed)?.message ?? "\($0)" })
        }
        do {
            if !force, try freshness(of: stage, night) == .fresh {
                return .upToDate(try recordUpToDate(stage, night, arguments, started))
            }
            let finished = record(try stage.run(night), nil)
            try finished.write(to: night.warehouse)
            return .ran(finished)
        } catch let held as RunLock.Held {
            // Somebody else is at it, and will write the record.
            throw held
        } catch {
            // The first error is the one to tell, even when the record cannot be written either.
            try? record(nil, error).write(to: night.warehouse)
            throw error
        }
    }

    /// A stage that is fresh without a good record of its own for this night gets one: ingest may
    /// have run for another night, a run may have been killed before it wrote its record, or an
    /// attempt after it may have failed. It has the stage's own account of a night without news, or
    /// else the figures of the night that did the work.
    private static func recordUpToDate(
        _ stage: any Stage, _ night: Night, _ arguments: [String], _ now: Timestamp
    ) throws -> RunRecord? {
        let own = RunRecord.read(stage.name, night.date, night.warehouse)
        if let own, own.status == .ok { return own }
        if let outcome = try stage.unchanged(night) {
            let record = RunRecord(
                stage: stage.name, date: night.date, tool: night.tool, arguments: arguments,
                status: .ok, started: now, finished: .now, cpuMs: 0, summary: outcome.summary,
                warnings: outcome.warnings, counts: outcome.counts, error: nil)
            try record.write(to: night.warehouse)
            return record
        }
        let nights = RunRecord.nights(night.warehouse).filter { $0 != night.date }
        // The newest before this one, or else the first after it.
        let others =
            nights.filter { $0 < night.date }.reversed() + nights.filter { $0 > night.date }
        let source = others.lazy.compactMap { RunRecord.read(stage.name, $0, night.warehouse) }
            .first { $0.status == .ok }
        let record = RunRecord(
            stage: stage.name, date: night.date, tool: night.tool, arguments: arguments,
            status: .ok, started: now, finished: now, cpuMs: 0,
            summary: source?.summary ?? "up to date", warnings: [],
            counts: source?.counts ?? .null, error: nil)
        try record.write(to: night.warehouse)
        return record
    }

    private static func cpuMs() -> Int {
        // Helper processes that have ended count as well.
        [RUSAGE_SELF.rawValue, RUSAGE_CHILDREN.rawValue].reduce(0) { sum, whose in
            var usage = rusage()
            getrusage(whose, &usage)
            return sum + (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000
                + Int(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000
        }
    }
}
