import Publication
import Storage
import Testing

@Suite struct ReportTests {
    private func emptyReport() -> NightReport {
        NightReport(
            snapshotID: "2026-11-19-000000000000", night: ReportSample.night,
            planDate: ReportSample.night.next)
    }

    @Test func `the same report makes the same bytes`() {
        #expect(ReportSample.report().html() == ReportSample.report().html())
    }

    @Test func `the page asks for nothing and runs nothing`() {
        let page = ReportSample.report().html().lowercased()
        for piece in ["http://", "https://", "<script", "javascript:", "src=", "@import", "<link"] {
            #expect(!page.contains(piece), "\(piece)")
        }
    }

    @Test(arguments: [
        "2026-11-19-3fa9c1d27b04", "Thursday 19 November 2026", "<dd>3,560</dd>", "611 listeners",
        "17 rejects were set aside, and all counts add up", "missing field &#39;song_id&#39;",
        "eu-central/2026-11-19.ndjson.gz:812", "and 6 more", "11 streams of 2 songs",
        "<b>3,527</b> expected", "Sakura (Winter Mix)", "São Paulo", "9.12&nbsp;MB",
        "83% hits expected",
        "<td class=\"n\">4,396</td>", "1.84&nbsp;s", "02:14:07", "= up to date",
        "Made by Spindle 0.1.0.",
        "by more than <b>0.03 %</b>",
        "capacity of eu-west</bdi>: a TB more would save $12.50 a day",
        "and 2 more songs", "<b>3 songs more wanted</b>",
    ])
    func `the page shows`(text: String) {
        // Apart from the expectation, which would print the whole page.
        let isShown = ReportSample.report().html().contains(
            text.replacing("&nbsp;", with: "\u{A0}"))
        #expect(isShown)
    }

    @Test(arguments: [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("Rock & \"Roll\" 'n' more", "Rock &amp; &quot;Roll&quot; &#39;n&#39; more"),
        ("</title></svg><img onerror=x>", "&lt;/title&gt;&lt;/svg&gt;&lt;img onerror=x&gt;"),
        ("يا ليلة العيد", "<bdi>يا ليلة العيد</bdi>"),
        ("left\u{202E}right\u{0}", "<bdi>left\u{FFFD}right\u{FFFD}</bdi>"),
    ])
    func `text from outside stays text`(text: String, written: String) {
        var report = ReportSample.report()
        report.overallChart[0].title = text
        report.overallChart[0].artist = text
        report.regionalCharts[0].entries[0].title = text
        report.genres[0].genre = text
        report.genres[0].leaderTitle = text
        report.trending[0].title = text
        report.releases[0].title = text
        report.regions[0].name = text
        report.regions[0].failureDomain = text
        report.edges[0].id = text
        report.rejects[0] = .init(
            stage: text, reason: text, count: 1, examples: [.init(place: text, detail: text)])
        report.notices = [text]
        report.placement.genres[0].genre = text
        report.placement.costs[0].name = text
        report.stages[0].name = text
        report.stages[0].summary = text
        report.toolVersion = text
        report.snapshotID = text
        let page = report.html()
        #expect(page.contains(written))
        #expect(!page.contains("<script"))
        #expect(!page.contains("<img"))
        #expect(!page.contains("\u{202E}") && !page.contains("\u{0}"))
    }

    @Test func `a report of nothing says what is missing`() {
        let page = emptyReport().html()
        for sentence in [
            "No files in the source folders.", "No play logs.", "No rejects.",
            "No warnings.", "No chart: nothing was streamed.", "No charts by region.", "No genres.",
            "Nothing rises above its usual.", "No day has been counted yet.",
            "No demand is expected.", "No release is announced.",
            "Published, but the catalogue has no songs.", "No topology, so no placement.",
            "No regions and no edges.", "No stage was recorded.",
        ] {
            #expect(page.contains(sentence), "\(sentence)")
        }
        #expect(!page.contains("nan") && !page.contains("inf%"))
    }

    @Test func `numbers that are no numbers do no harm`() {
        var report = ReportSample.report()
        report.regions[0].latitude = .nan
        report.regions[1].expectedStreams = .infinity
        report.regions[2].capacityBytes = 0
        report.edges[0].expectedHitShare = .nan
        report.edges[1].fillBudgetBytes = 0
        report.trending[0].mean = -.infinity
        report.stages[0].seconds = .nan
        report.overallChart[0].streams = .max
        #expect(!report.html().isEmpty)
    }

    @Test func `counts that do not add up are told at the top`() {
        var report = ReportSample.report()
        report.playDays[1].bot += 1
        #expect(report.html().contains("the counts of the play logs of 2026-11-19 do not add up"))
        #expect(report.html().contains("✕ does not"))
        report.playDays[1].bot -= 1
        report.files.new += 1
        #expect(report.html().contains("the counts of the files do not add up"))
    }

    @Test func `a failed stage and a notice change the status`() {
        var report = ReportSample.report()
        report.notices = ["sa-east is full: 3 songs have fewer replicas than asked for"]
        #expect(report.html().contains("Published, with one thing to look at; 17 rejects"))
        #expect(report.html().contains("sa-east is full"))
        report.stages[4].status = .failed
        #expect(report.html().contains("The night is not complete: place failed."))
    }

    @Test func `however large the report, the page is not`() {
        var report = ReportSample.report()
        let long = String(repeating: "é\u{301}<&", count: 5_000)
        func many<Element>(_ element: Element, _ change: (inout Element, Int) -> Void) -> [Element]
        {
            (0..<2_000).map { index in
                var copy = element
                change(&copy, index)
                return copy
            }
        }
        report.overallChart = many(report.overallChart[0]) {
            $0.title = long
            $0.position = $1 + 1
        }
        report.regions = many(report.regions[0]) {
            $0.id = "r\($1)"
            $0.name = long
        }
        report.edges = many(report.edges[0]) {
            $0.id = long
            $0.region = "r\($1)"
        }
        report.regionalCharts = many(report.regionalCharts[0]) {
            $0.region = "r\($1)"
            $0.entries = report.overallChart
        }
        report.genres = many(report.genres[0]) { genre, _ in
            genre.genre = long
            genre.leaderTitle = long
        }
        report.trending = many(report.trending[0]) { song, _ in
            song.title = long
            song.artist = long
        }
        report.releases = many(report.releases[0]) { release, _ in release.title = long }
        report.playDays = many(report.playDays[1]) { $0.date = ReportSample.night - 2_000 + $1 }
        let streams = Dictionary(uniqueKeysWithValues: report.regions.map { ($0.id, 7) })
        report.streamsByDay = (0..<200).map {
            .init(date: ReportSample.night - 199 + $0, streams: streams)
        }
        let examples = many(report.rejects[0].examples[0]) { example, _ in example.detail = long }
        report.rejects = many(report.rejects[0]) { group, _ in
            group.reason = long
            group.examples = examples
        }
        report.warnings = report.rejects
        report.notices = many(long) { _, _ in }
        report.stages = many(report.stages[0]) { stage, _ in
            stage.name = long
            stage.summary = long
        }
        report.placement.moves = many(report.placement.moves[1]) {
            $0.from = "r1"
            $0.to = "r\($1)"
        }
        report.placement.genres = many(report.placement.genres[0]) { genre, _ in genre.genre = long
        }
        report.placement.costs = many(report.placement.costs[0]) { cost, _ in cost.name = long }
        report.placement.replicaCounts = many(report.placement.replicaCounts[0]) {
            $0.replicas = $1
        }
        let page = report.html()
        #expect(page.utf8.count < 1_500_000)
        #expect(page.contains("and 1,980 more songs"))
        #expect(page.contains("and 1,988 more regions"))
        #expect(page.contains("and 1,960 more edges"))
    }

    /// For looking at it: `REPORT_OUT=/tmp/report swift test --filter ReportTests`.
    @Test func `the samples can be written for a browser`() throws {
        guard let folder = Environment["REPORT_OUT"] else { return }
        var loud = ReportSample.report()
        loud.notices = ["São Paulo is full: 3 songs would have a copy there, and do not."]
        loud.stages[4].status = .failed
        for (name, report) in [
            ("sample", ReportSample.report()), ("empty", emptyReport()), ("loud", loud),
        ] {
            try write(report.html(), to: "\(folder)-\(name).html")
        }
    }
}
