package import Storage

/// Tells of single events whether they count, and by which rule they do not.
///
/// Reads the logs again, several times: for the events themselves, then for all by which they are
/// judged (what their listeners did on the day, what came from the same addresses, other deliveries
/// with the same ids), and goes through the rules one by one. Changes nothing.
package struct PlayAudit {
    /// Which events are asked about; an event has to fit all that is set.
    package struct Question: Sendable {
        package var eventIDs: [String] = []
        package var listener: String?
        package var song: String?
        /// The day to which they belong.
        package var day: CalendarDate?

        package init() {}
    }

    private let warehouse: Warehouse
    private let options: PlayOptions
    private let songs: SongResolver

    /// What is held in memory at most; an address may stand for a whole country's telephones.
    static let maximumEvents = 2_000_000

    package init(warehouse: Warehouse, options: PlayOptions) {
        self.warehouse = warehouse
        self.options = options
        songs = SongResolver(options.reading, in: warehouse)
    }

    /// - Parameter paths: Files, folders and patterns.
    /// - Returns: What became of each delivery of the events, in the order of logs and lines.
    /// - Throws: `FileError` for a log that is missing; `AuditError` where too much is asked.
    package func run(
        _ question: Question, logs paths: [String], progress: (String) -> Void = { _ in }
    ) throws -> [AuditFinding] {
        let logs = try LogFile.find(paths)
        let asked = Asked(question, options)
        let day: (PlayEvent) -> Int = { options.local($0).day }
        progress("looking for the events in \(logs.count) logs")
        var rejected: [AuditFinding] = []
        let found = try gather(
            logs,
            rejected: { rejection, file, line, text in
                if asked.mayBe(text) {
                    rejected.append(
                        AuditFinding(
                            file: file, line: line,
                            outcome: .rejected(rejection.reason, detail: rejection.detail)))
                }
            }
        ) { asked.fits($0) }
        guard !found.isEmpty else { return rejected }

        // Who is judged by what: a listener by his day, an address by all that came from it, an
        // event by all deliveries with its id.
        let days = Set(found.map(\.dayNumber))
        let listeners = Set(found.map(\.userID))
        progress("reading what the listeners and addresses did on the day")
        let own = try gather(logs) { days.contains(day($0)) && listeners.contains(key($0.userID)) }
        var addresses = Set(own.map(\.address))
        addresses.remove(ByteKey(""))
        let near =
            addresses.isEmpty || options.rules.farmListeners == 0
            ? own
            : try gather(logs) {
                days.contains(day($0))
                    && (listeners.contains(key($0.userID)) || addresses.contains(key($0.address)))
            }
        let ids = Set(near.map(\.eventID))
        let all = try gather(logs) { days.contains(day($0)) && ids.contains(key($0.eventID)) }

        let judge = PlayJudge(all.filter { isOfItsDay($0, logs) == nil }, options.rules)
        let findings = found.map { event in
            AuditFinding(
                event, in: logs,
                outcome: isOfItsDay(event, logs) ?? judge.outcome(of: event, logs.map(\.path)))
        }
        return (rejected + findings).sorted { a, b in
            a.file.hasSameBytes(as: b.file) ? a.line < b.line : a.file.precedesInBytes(b.file)
        }
    }

    /// Why a log does not hold an event of such a day; nil when it may.
    private func isOfItsDay(_ event: AuditedEvent, _ logs: [LogFile]) -> AuditFinding.Outcome? {
        guard let day = logs[event.log].day else { return nil }
        let age = day.dayNumber - event.dayNumber
        if age < 0, event.timeMs / 86_400_000 > day.dayNumber {
            return .rejected(.future, detail: "ts is later than the log's day")
        }
        if age > options.lateDays {
            return .rejected(
                .tooOld, detail: "ts is more than \(options.lateDays) days before the log's day")
        }
        return nil
    }

    // MARK: Reading

    /// The events of all logs that a question fits, in the order of logs and lines.
    private func gather(
        _ logs: [LogFile],
        rejected: @escaping (Rejection, String, Int, UnsafeRawBufferPointer) -> Void = {
            _, _, _, _ in
        },
        where fits: (PlayEvent) -> Bool
    ) throws -> [AuditedEvent] {
        var events: [AuditedEvent] = []
        var parser = PlayEventParser()
        let places = Dictionary(
            logs.enumerated().map { (ByteKey($0.element.path), $0.offset) },
            uniquingKeysWith: { first, _ in first })
        try withoutActuallyEscaping(fits) { fits in
            let reader = PlayLogReader(
                warehouse, options.reading, songs, RejectList(rejected), workers: 1,
                setAside: { _, line, log, number in
                    guard parser.parse(line) == nil else { return }
                    guard events.count < Self.maximumEvents else { throw AuditError() }
                    events.append(
                        AuditedEvent(
                            parser.event, options, log: places[ByteKey(log.path)]!, line: number))
                }
            ) { _, event, _, _ in
                fits(event) ? .setAside(day: event.dayNumber) : .taken
            }
            _ = try reader.read(logs)
        }
        return events
    }

    /// A question made ready for comparing bytes.
    private struct Asked {
        private let ids: Set<ByteKey>
        private let listener: ByteKey?
        private let song: ByteKey?
        private let dayNumber: Int?
        private let options: PlayOptions

        init(_ question: Question, _ options: PlayOptions) {
            self.options = options
            ids = Set(question.eventIDs.map { ByteKey($0) })
            listener = question.listener.map { ByteKey($0) }
            song = question.song.map { ByteKey($0) }
            dayNumber = question.day?.dayNumber
        }

        func fits(_ event: PlayEvent) -> Bool {
            if let dayNumber, options.local(event).day != dayNumber { return false }
            if let listener, !event.userID.elementsEqual(listener.text.utf8) { return false }
            if let song, !event.songID.elementsEqual(song.text.utf8) { return false }
            return ids.isEmpty || ids.contains(key(event.eventID))
        }

        /// Whether a line that could not be read names what is asked about. A listener's or song's
        /// name alone is too little to tell.
        func mayBe(_ line: UnsafeRawBufferPointer) -> Bool {
            let text = String(decoding: line, as: UTF8.self)
            return ids.contains { text.contains($0.text) }
        }
    }
}

private func key(_ text: UnsafeRawBufferPointer) -> ByteKey {
    ByteKey(String(decoding: text, as: UTF8.self))
}

/// More was asked about than can be held in memory.
package struct AuditError: Diagnosed, CustomStringConvertible {
    package var message: String {
        "more than \(PlayAudit.maximumEvents) events would have to be looked at"
    }
    package var description: String { message }
    package var hint: String? { "name an event, or a listener and a day" }
    package var cause: FailureCause { .badData }
}
