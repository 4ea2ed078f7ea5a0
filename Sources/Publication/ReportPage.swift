internal import Storage

extension NightReport {
    /// The report as one HTML page that needs nothing else: no script, no request.
    ///
    /// - Complexity: The page's size has a bound, whatever the report's; see `ReportPage.Limits`.
    package func html() -> String { ReportPage(self).document.html }
}

/// Lays a report out: what the head says, and the order of the sections.
struct ReportPage {
    /// How much of each list is shown; of the rest the page says how much it is.
    enum Limits {
        static let regions = 12
        static let edges = 40
        static let edgeSizes = 24
        static let policies = 12
        static let days = 31
        static let playDays = 31
        static let rejectGroups = 40
        static let examples = 3
        static let overallChart = 20
        static let regionalChart = 10
        static let genres = 16
        static let trending = 15
        static let releases = 12
        static let moves = 16
        static let notices = 12
        static let stages = 24
    }

    let report: NightReport
    /// The regions of the page: all, or the busiest where there are too many; in the given order.
    let regions: [NightReport.Region]
    let regionNames: [String: String]
    let fills: [String: String]

    init(_ report: NightReport) {
        self.report = report
        let busiest = report.regions.indices.sorted {
            (report.regions[$1].expectedStreams, $0) < (report.regions[$0].expectedStreams, $1)
        }
        regions = busiest.prefix(Limits.regions).sorted().map { report.regions[$0] }
        regionNames = Dictionary(report.regions.map { ($0.id, $0.name) }) { first, _ in first }
        var fills: [String: String] = [:]
        for (index, region) in regions.enumerated() {
            fills[region.id] = "c\(index % ReportStyle.seriesCount)"
        }
        self.fills = fills
    }

    var document: Markup {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="color-scheme" content="light dark">
        <title>Spindle: the night of \(report.night.description)</title>
        <style>
        \(Markup(stringLiteral: ReportStyle.sheet))</style>
        </head>
        <body>
        <a class="skip" href="#intake">Skip to the report</a>
        \(patternDefinitions)
        <div class="wrap">
        \(head)
        <main>
        \(intake)
        \(rejects)
        \(charts)
        \(demand)
        \(placement)
        \(fill)
        \(simulation)
        \(stages)
        </main>
        \(footer)
        </div>
        </body>
        </html>

        """
    }

    private var head: Markup {
        """
        <header>
        <p class="eyebrow">Spindle nightly report · snapshot <code>\(shortened(report.snapshotID, most: 80))</code></p>
        <h1>The night of \(report.night.inWords)</h1>
        \(statusLine)
        <dl class="tiles">
        \(tile("Songs", grouped(report.songs), report.songBytes > 0 ? bytes(report.songBytes) + " of audio" : "in the catalogue"))
        \(tile("Streams", grouped(report.streams), streamsNote))
        \(tile("Rejects", grouped(report.rejectCount), report.rejectCount == 0 ? "nothing set aside" : "files and lines set aside"))
        \(tile("Planned for", report.planDate.inShort, "\(grouped(expectedStreams)) streams expected"))
        </dl>
        <nav aria-label="Sections"><ul>
        <li><a href="#intake">What came in</a></li><li><a href="#rejects">Rejects</a></li>
        <li><a href="#charts">Charts</a></li><li><a href="#demand">Streams and demand</a></li>
        <li><a href="#placement">Where songs went</a></li><li><a href="#fill">How full</a></li>\(simulationLink)
        <li><a href="#stages">Stages</a></li>
        </ul></nav>
        </header>
        """
    }

    private var simulationLink: Markup {
        report.simulation == nil ? "" : "<li><a href=\"#simulation\">What plans are worth</a></li>"
    }

    private func tile(_ name: String, _ value: String, _ note: String) -> Markup {
        "<div><dt>\(name)</dt><dd>\(value)</dd><dd>\(note)</dd></div>"
    }

    private var streamsNote: String {
        report.listeners > 0
            ? counted(report.listeners, "listener") + " on " + report.night.inShort
            : "on " + report.night.inShort
    }

    private var statusLine: Markup {
        let status = report.status
        let notices = report.notices
        var list: Markup = ""
        if !notices.isEmpty {
            let items: [Markup] = notices.prefix(Limits.notices).map {
                "<li>\(quoted($0, most: 300))</li>"
            }
            list = """
                <ul class="notices">\(items)\(moreItem(notices.count, Limits.notices, "notice"))</ul>
                """
        }
        return """
            <p class="status \(status.level.rawValue)"><i>\(status.word)</i> <span>\(status.sentence)</span></p>\(list)
            """
    }

    private var footer: Markup {
        let version =
            report.toolVersion.isEmpty ? "" : " " + shortened(report.toolVersion, most: 80)
        return """
            <footer><p>Made by Spindle\(version). Times are UTC; sizes are in SI units (1 GB is 10⁹ bytes). A stream is a \
            play that counts; a replica is a song's copy in a region.</p></footer>
            """
    }
}

extension ReportPage {
    var expectedStreams: Double { report.regions.reduce(0) { $0 + $1.expectedStreams } }

    func section(_ id: String, _ title: Markup, lead: Markup, _ body: Markup) -> Markup {
        """
        <section id="\(id)" aria-labelledby="\(id)-h">
        <h2 id="\(id)-h">\(title)</h2>
        \(lead.isEmpty ? "" : "<p class=\"lead\">\(lead)</p>" as Markup)
        \(body)
        </section>
        """
    }

    func empty(_ sentence: String) -> Markup { "<p class=\"empty\">\(sentence)</p>" }

    /// A table that scrolls by itself where the page is too narrow for it.
    func table(
        _ caption: Markup, classes: String = "", head: Markup, foot: Markup = "", rows: [Markup]
    ) -> Markup {
        let footer: Markup = foot.isEmpty ? "" : "<tfoot>\(foot)</tfoot>"
        let kind: Markup = classes.isEmpty ? "" : " class=\"\(classes)\""
        return """
            <div class="scroll"><table\(kind)><caption>\(caption)</caption><thead><tr>\(head)</tr></thead>\
            <tbody>\(rows)</tbody>\(footer)</table></div>

            """
    }

    /// A number's cell; zeros step back, so that what happened stands out.
    func cell(_ number: Int) -> Markup {
        number == 0
            ? "<td class=\"n zero\">0</td>" : "<td class=\"n\">\(grouped(number))</td>"
    }

    /// "and 1,234 more songs", or nothing.
    func more(_ count: Int, _ limit: Int, _ noun: String, plural: String? = nil) -> Markup {
        guard count > limit else { return "" }
        return "<p class=\"note\">and \(moreText(count - limit, noun, plural))</p>"
    }

    func moreItem(_ count: Int, _ limit: Int, _ noun: String) -> Markup {
        guard count > limit else { return "" }
        return "<li>and \(moreText(count - limit, noun, nil))</li>"
    }

    private func moreText(_ count: Int, _ noun: String, _ plural: String?) -> String {
        "\(grouped(count)) more \(count == 1 ? noun : plural ?? noun + "s")"
    }

    /// A region's name, or its id where the topology does not know it.
    func regionName(_ id: String) -> String { regionNames[id] ?? id }

    func fill(of region: String) -> String { fills[region] ?? "c7" }

    /// A region's name with its colour beside it.
    func regionLabel(_ id: String) -> Markup {
        """
        <svg class="dot" aria-hidden="true"><circle class="\(fill(of: id))" cx="5" cy="5" r="5"/></svg>\
        \(quoted(regionName(id), most: 60))
        """
    }
}
