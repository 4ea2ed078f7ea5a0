import Storage
import Testing

@testable import Plays

/// What the audit says of single events against what was counted.
struct PlayAuditTests {
    /// How often each outcome was found, by day; rejects aside.
    private func outcomes(_ findings: [AuditFinding]) -> [CalendarDate: [String: Int]] {
        var outcomes: [CalendarDate: [String: Int]] = [:]
        for finding in findings {
            guard let event = finding.event else { continue }
            if case .rejected = finding.outcome { continue }
            outcomes[event.day, default: [:]][finding.outcome.name, default: 0] += 1
            if case .stream(_, true, _) = finding.outcome {
                outcomes[event.day]!["chart", default: 0] += 1
            }
        }
        return outcomes
    }

    private func expect(_ findings: [AuditFinding], toBe summary: PlaySummary, _ note: String = "")
    {
        let outcomes = outcomes(findings)
        for day in summary.days {
            let found = outcomes[day.date] ?? [:]
            let counted = [
                "stream": day.accounting.streams, "short": day.accounting.short,
                "chart": day.accounting.chartStreams, "duplicate": day.accounting.duplicates,
                "impossible_hours": day.accounting.impossibleHours,
                "address_farm": day.accounting.addressFarm,
                "threshold_loop": day.accounting.thresholdLoop,
            ]
            for (name, count) in counted.sorted(by: { $0.key < $1.key }) {
                #expect(found[name] ?? 0 == count, "\(day.date) \(name) \(note)")
            }
        }
    }

    @Test func `asked about all of the sample, it adds up to what was counted`() throws {
        let fixture = try PlayLogFixture()
        let logs =
            FileSystem.parent(of: FileSystem.parent(of: FileSystem.parent(of: #filePath)))
            + "/sample-data/plays"
        let options = PlayOptions()
        let summary = try PlayCounter(
            warehouse: fixture.warehouse, logs: [logs], options: options
        ).run(date: CalendarDate("2026-11-19")!)
        let findings = try PlayAudit(warehouse: fixture.warehouse, options: options)
            .run(PlayAudit.Question(), logs: [logs])
        expect(findings, toBe: summary)
        #expect(summary.counted.thresholdLoop > 0, "the sample has a machine")
    }

    @Test(arguments: [1, 2, 3].map { (seed: UInt64) in seed &+ UInt64.random(in: 0...1 << 32) })
    func `small days full of machines add up`(seed: UInt64) throws {
        var random = SeededGenerator(seed)
        let fixture = try PlayLogFixture()
        var events: [TestEvent] = []
        for number in 0..<600 {
            var event = TestEvent()
            // Ids that come again, some with other listeners.
            event.id = "e\(Int.random(in: 0...number, using: &random) % 420)"
            event.user = "u\(Int.random(in: 0..<12, using: &random))"
            event.song = "s\(Int.random(in: 0..<4, using: &random))"
            event.region = ["eu", "us"].randomElement(using: &random)!
            let hour = Int.random(in: 10...19, using: &random)
            event.ts = "2026-11-19T\(hour):0\(Int.random(in: 0...9, using: &random)):00.000Z"
            event.playedMs =
                [31_000, 32_000, 33_000, 12_000, 170_000].randomElement(using: &random)!
            event.address =
                ["10.0.0.1", "10.0.0.2", ""].randomElement(using: &random)!
            events.append(event)
        }
        try fixture.write("2026-11-19/a.ndjson", Array(events[..<300]))
        try fixture.write("2026-11-20/b.ndjson", Array(events[300...]))
        var options = PlayOptions()
        options.rejectLimit = .percent(100)
        options.rules.farmListeners = 4
        options.rules.loopPlays = 5
        options.rules.maximumChartStreams = 2
        options.rules.maximumListeningMs = Int.random(in: 1_200_000...3_000_000, using: &random)
        let summary = try PlayCounter(
            warehouse: fixture.warehouse, logs: [fixture.logs], options: options
        ).run(date: CalendarDate("2026-11-20")!)
        let findings = try PlayAudit(warehouse: fixture.warehouse, options: options)
            .run(PlayAudit.Question(), logs: [fixture.logs])
        #expect(findings.count == 600)
        expect(findings, toBe: summary, "seed \(seed)")
    }

    @Test func `one event is told from its listener's others`() throws {
        let fixture = try PlayLogFixture()
        var first = TestEvent()
        first.playedMs = 29_999
        var second = TestEvent()
        second.id = "e2"
        try fixture.write("2026-11-19/a.ndjson", [first, second, second])
        try fixture.write("2026-11-19/b.ndjson", "{\"event_id\":\"e3\",\"ts\":7}\n")
        let audit = PlayAudit(warehouse: fixture.warehouse, options: PlayOptions())
        func ask(_ id: String) throws -> [AuditFinding] {
            var question = PlayAudit.Question()
            question.eventIDs = [id]
            return try audit.run(question, logs: [fixture.logs])
        }
        let short = try ask("e1")
        #expect(short.map(\.outcome.name) == ["short"])
        #expect(short[0].explanation.contains("30.0 s"))
        let delivered = try ask("e2")
        #expect(delivered.map(\.outcome.name) == ["stream", "duplicate"])
        #expect(delivered[1].explanation.contains("a.ndjson:2"))
        let spoilt = try ask("e3")
        #expect(spoilt.map(\.outcome.name) == ["rejected"])
        #expect(spoilt[0].explanation.contains("missing_field"))
        #expect(try ask("e4").isEmpty)
    }

    @Test func `deliveries that differ in their address alone are told apart as they count`() throws
    {
        let fixture = try PlayLogFixture()
        var events: [TestEvent] = []
        for number in 0..<25 {
            for address in ["10.0.0.1", nil] {
                events.append(
                    TestEvent(
                        id: "e\(number)", user: "u\(number)", playedMs: 31_000, address: address))
            }
        }
        try fixture.write("2026-11-19.ndjson", events)
        let summary = try fixture.count("2026-11-19")
        let findings = try PlayAudit(warehouse: fixture.warehouse, options: PlayOptions())
            .run(PlayAudit.Question(), logs: [fixture.logs])
        expect(findings, toBe: summary)
        #expect(summary.counted.duplicates == 25)
    }
}
