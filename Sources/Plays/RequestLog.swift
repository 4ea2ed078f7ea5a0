package import Storage

/// What listeners asked for on given days, read from play logs of any format.
///
/// Nothing is counted here, and no rule is applied: each event of the days is a request. An event
/// that was delivered twice comes twice; its id tells. Access logs come as listening sessions, one
/// request each, as `spindle plays` reads them.
package struct RequestLog {
    /// One play event. The texts are valid during the call that hands it on.
    package struct Request {
        /// A hash of the event's id: among ten million ids two are alike once in 370,000 days.
        package let eventHash: UInt64
        package let listener: UnsafeRawBufferPointer
        package let songID: UnsafeRawBufferPointer
        package let region: UnsafeRawBufferPointer
        /// Days since 1970, UTC.
        package let dayNumber: Int
        /// Of the day.
        package let timeMs: Int
    }

    /// What reading came to.
    package struct Summary: Equatable, Sendable {
        /// Logs that were read.
        package var logs = 0
        /// Of them, those whose path names one of the days.
        package var logsOfTheDays: [Int]
        package var lines = 0
        package var rejected = 0
        package var warnings: [String] = []
    }

    private let warehouse: Warehouse
    private let logs: [String]
    private let options: PlayOptions
    private let songs: SongResolver

    /// - Parameter logs: Files, folders and patterns.
    package init(warehouse: Warehouse, logs: [String], options: PlayOptions) {
        self.warehouse = warehouse
        self.logs = logs
        self.options = options
        songs = SongResolver(options.reading, in: warehouse)
    }

    /// The logs that can hold requests of the days: those of the days, of as many days behind them
    /// as events may be late, and those whose path has no date.
    package func fingerprints(days: [CalendarDate]) throws -> [ArtefactRecord.Input] {
        try files(days).map { .init(name: $0.path, fingerprint: $0.fingerprint) }
    }

    private func files(_ days: [CalendarDate]) throws -> [LogFile] {
        try LogFile.find(logs).filter { log in
            guard let day = log.day else { return true }
            return days.contains { day >= $0 && day <= $0 + options.lateDays }
        }
    }

    /// Calls `body` with each request of the days, log by log.
    ///
    /// - Throws: `FileError` for a log that is missing, `FormatError` for one that cannot be told.
    package func forEach(
        on days: [CalendarDate], _ body: (Request) throws -> Void
    ) throws -> Summary {
        var setAside: [String] = []
        _ = try LogFile.find(logs, setAside: &setAside)
        let files = try files(days)
        var summary = Summary(
            logs: files.count, logsOfTheDays: days.map { day in files.count { $0.day == day } },
            warnings: setAside)
        let numbers = Set(days.map(\.dayNumber))
        let accounting = try withoutActuallyEscaping(body) { body in
            // One reader, so that requests come in the order of the logs.
            let reader = PlayLogReader(
                warehouse, options.reading, songs, RejectList { _, _, _, _ in }, workers: 1
            ) { _, event, _, file in
                guard numbers.contains(event.dayNumber) else { return .taken }
                // What a log cannot hold is what counting rejects there.
                if let logged = files[file].day?.dayNumber {
                    guard event.dayNumber <= logged, logged - event.dayNumber <= options.lateDays
                    else { return .taken }
                }
                try body(
                    Request(
                        eventHash: ByteHash.hash64(event.eventID), listener: event.userID,
                        songID: event.songID, region: event.region, dayNumber: event.dayNumber,
                        timeMs: event.timeMs - event.dayNumber * 86_400_000))
                return .taken
            }
            return try reader.read(files)
        }
        summary.lines = accounting.lines
        summary.rejected = accounting.rejected
        if let warning = songs.warning { summary.warnings.append(warning) }
        return summary
    }
}
