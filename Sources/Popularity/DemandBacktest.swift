internal import Catalog
internal import Plays
package import Storage

/// Forecasts days that are over from the days before them alone, and compares.
///
/// Reads what `PopularityBuilder` reads, and writes nothing. Of the partitions a forecast sees the
/// days before the held-out one; ledger and calendar are those of today.
package struct DemandBacktest {
    /// Held-out days where none are named.
    private static let defaultDays = 7
    /// Songs of the rank correlation.
    private static let headSongs = 1000

    private let warehouse: Warehouse
    private let options: PopularityOptions
    private let releasesPath: String?

    /// - Parameter releases: A file of format `spindle-releases`.
    package init(
        warehouse: Warehouse, options: PopularityOptions = PopularityOptions(),
        releases: String? = nil
    ) {
        self.warehouse = warehouse
        self.options = options
        releasesPath = releases
    }

    /// - Parameters:
    ///   - from: The first held-out day; nil for the last seven. Days that were not counted, or have no counted day before them, are passed over.
    ///   - last: The last one; nil for the last that was counted.
    /// - Throws: `FileError` when the releases are missing; `FormatError` when a file that is read is not what it should be, or no day is left to hold out.
    package func run(from: CalendarDate?, to last: CalendarDate?) throws -> BacktestReport {
        guard let to = try lastCounted(upTo: last), from.map({ $0 <= to }) ?? true else {
            throw nothingToHoldOut(from, last)
        }
        let first = from ?? to - (Self.defaultDays - 1)
        let releases = try releasesPath.map { try Release.read($0) } ?? []
        let ledger = try LedgerIndex(
            FileSystem.exists(warehouse.ledgerPath) ? try Ledger(warehouse, .readOnly) : nil)
        let window = try PlayWindow(
            warehouse, endingWith: to, days: options.days + (to.dayNumber - first.dayNumber + 1))
        var ids = ByteTable()
        var history = DemandHistory(
            isCounted: window.isCounted, firstWeekday: window.days[0].weekday)
        try window.forEachSong { song in
            _ = ids.number(of: song.id)
            for (region, series) in song.regions {
                history.add(region: region, streams: series.streams)
            }
            history.endSong()
        }
        history.setRegions(window.regions.count)
        let heldOut = window.days.indices.filter { day in
            window.days[day] >= first && history.isCounted[day]
                && history.isCounted[max(0, day - options.days)..<day].contains(true)
        }
        guard !heldOut.isEmpty else { throw nothingToHoldOut(from, last) }
        let traits = SongTraits(
            ids, ledger, history, releases: releases, firstDate: window.days[0])
        var report = BacktestReport(
            regions: window.regions, hasLedger: ledger.songCount > 0,
            catalogSongs: ledger.songCount > 0 ? ledger.songCount : ids.count,
            catalogBytes: ledger.songCount > 0 ? ledger.totalBytes : ids.count)
        for day in heldOut {
            let forecast = DemandForecast(
                ids, history, ledger, releases, traits, dates: window.days,
                days: max(0, day - options.days)..<day)
            let held = HeldOutDay(day, forecast, ids, history, ledger, traits)
            add(held, date: window.days[day], to: &report)
        }
        return report
    }

    private func lastCounted(upTo last: CalendarDate?) throws -> CalendarDate? {
        let plays = warehouse.path + "/plays"
        guard FileSystem.exists(plays) else { return nil }
        return try FileSystem.list(plays).compactMap { name in
            name.hasPrefix("date=") ? CalendarDate(name.dropFirst(5)) : nil
        }.filter { day in last.map { day <= $0 } ?? true }.max()
    }

    private func nothingToHoldOut(_ from: CalendarDate?, _ last: CalendarDate?) -> FormatError {
        let range = [from.map { "from \($0)" }, last.map { "to \($0)" }].compactMap(\.self)
        return FormatError(
            warehouse.path + "/plays",
            "no day\(range.isEmpty ? "" : " " + range.joined(separator: " ")) was counted and has "
                + "a counted day before it",
            hint: "run spindle plays for more days, or name others with --from and --to")
    }

    private func add(_ day: HeldOutDay, date: CalendarDate, to report: inout BacktestReport) {
        let regions = report.regions.count
        let came = day.expected[Forecaster.perfect.rawValue]
        let totals = day.totals(came, regions: regions)
        let head = Array(
            totals.indices.filter { totals[$0] > 0 }
                .sorted { totals[$0] != totals[$1] ? totals[$0] > totals[$1] : $0 < $1 }
                .prefix(Self.headSongs))
        var percentageErrors: [Double] = []
        for forecaster in Forecaster.allCases {
            let expected = day.expected[forecaster.rawValue]
            var errors = ForecastErrors(regions: regions)
            for song in day.isKnown.indices where day.isKnown[song] {
                for region in 0..<regions {
                    let cell = song * regions + region
                    report.errors[forecaster.rawValue].add(
                        expected: Double(expected[cell]), came: Double(came[cell]), region: region)
                    errors.add(
                        expected: Double(expected[cell]), came: Double(came[cell]), region: region)
                }
            }
            percentageErrors.append(errors.weightedPercentageError)
            let sums = day.totals(expected, regions: regions)
            report.errors[forecaster.rawValue].add(
                correlation: ForecastErrors.rankCorrelation(
                    head.map { sums[$0] }, head.map { totals[$0] }))
            for region in 0..<regions {
                func ofRegion(_ cells: [Float]) -> [Float] {
                    stride(from: region, to: cells.count, by: regions).map { cells[$0] }
                }
                report.hits[forecaster.rawValue].add(
                    expected: ofRegion(expected), came: ofRegion(came),
                    sizesBytes: report.hasLedger
                        ? day.sizesBytes : day.sizesBytes.map { _ in 1 },
                    catalogBytes: report.catalogBytes)
            }
        }
        report.days.append(
            .init(
                date: date, streams: Int(totals.reduce(0, +)),
                weightedPercentageErrors: percentageErrors))
    }
}

/// What each forecaster expects of a day, by song and region, and what came.
private struct HeldOutDay {
    /// By forecaster; a song's regions lie side by side. Releases that were never heard come last.
    private(set) var expected: [[Float]]
    /// Whether a song was heard up to and with the day, or expected.
    private(set) var isKnown: [Bool]
    /// 0 where the ledger does not know the song.
    private(set) var sizesBytes: [Int]

    init(
        _ day: Int, _ forecast: DemandForecast, _ ids: borrowing ByteTable,
        _ history: DemandHistory, _ ledger: borrowing LedgerIndex, _ traits: SongTraits
    ) {
        let regions = history.regions
        let unheard = forecast.releases.expected.filter { Self.number($0.songID, ids) == nil }
        let songs = ids.count + unheard.count
        expected = Array(
            repeating: Array(repeating: 0, count: songs * regions),
            count: Forecaster.allCases.count)
        isKnown = Array(repeating: false, count: songs)
        sizesBytes = traits.sizesBytes.map { $0 ?? 0 }
        for release in unheard {
            var id = release.songID
            sizesBytes.append(
                id.withUTF8 { ledger.song(UnsafeRawBufferPointer($0)) }
                    .map { ledger.sizeBytes(of: $0) } ?? 0)
        }
        var model = expected[Forecaster.model.rawValue]
        var known = isKnown
        var next = ids.count
        forecast.forEachSong(ids, history) { id, demand in
            let song = id.withUnsafeBytes { ids.existing($0) } ?? next
            if song == next { next += 1 }
            known[song] = true
            for region in 0..<regions { model[song * regions + region] = Float(demand[region]) }
        }
        expected[Forecaster.model.rawValue] = model
        isKnown = known
        addCounts(day, forecast.model.view.days, history)
    }

    private static func number(_ id: String, _ ids: borrowing ByteTable) -> Int? {
        var id = id
        return id.withUTF8 { ids.existing(UnsafeRawBufferPointer($0)) }
    }

    private mutating func addCounts(_ day: Int, _ days: Range<Int>, _ history: DemandHistory) {
        let last = days.last { history.isCounted[$0] } ?? -1
        let weekday = day - 7
        let hasWeekday = days.contains(weekday) && history.isCounted[weekday]
        let week = days.suffix(7).filter { history.isCounted[$0] }
        var entries: ContiguousArray<DemandHistory.Entry> = []
        for song in 0..<history.songs {
            history.read(song, days.lowerBound..<day + 1, into: &entries)
            if !entries.isEmpty { isKnown[song] = true }
            for entry in entries {
                let cell = song * history.regions + entry.region
                let streams = Float(entry.streams)
                if entry.day == day { expected[Forecaster.perfect.rawValue][cell] = streams }
                if entry.day == last { expected[Forecaster.yesterday.rawValue][cell] = streams }
                if entry.day == (hasWeekday ? weekday : last) {
                    expected[Forecaster.weekday.rawValue][cell] = streams
                }
                if entry.day >= day - 7, entry.day < day, history.isCounted[entry.day] {
                    expected[Forecaster.mean.rawValue][cell] += streams / Float(week.count)
                }
            }
        }
    }

    /// By song, all regions together.
    func totals(_ cells: [Float], regions: Int) -> [Double] {
        isKnown.indices.map { song in
            cells[song * regions..<(song + 1) * regions].reduce(0) { $0 + Double($1) }
        }
    }
}
