internal import Storage

extension ReportPage {
    /// Streams of the last days by region, and what is expected for the plan's day.
    var demand: Markup {
        section(
            "demand", "Streams and demand", lead: demandLead,
            streamsPart
                + "<div class=\"wide even\"><div>\(expectedPart)</div><div>\(releasesPart)</div></div>"
        )
    }

    private var demandLead: Markup {
        guard let last = report.streamsByDay.last else { return "" }
        var change: Markup = ""
        if let before = report.streamsByDay.last(where: { $0.date == last.date - 7 }),
            before.total > 0
        {
            let ratio = Double(last.total) / Double(before.total) - 1
            let size = percent(ratio.magnitude)
            change =
                size == "0%"
                ? ", as many as a week before"
                : ", \(size) \(ratio > 0 ? "more" : "fewer") than a week before"
        }
        return """
            <b>\(counted(last.total, "stream"))</b> on \(last.date.inShort)\(change); \
            <b>\(grouped(expectedStreams))</b> expected for \(report.planDate.inShort).
            """
    }

    private var streamsPart: Markup {
        let days = report.streamsByDay.suffix(Limits.days)
        guard !days.isEmpty else {
            return "<h3>Streams by day</h3>" + empty("No day has been counted yet.")
        }
        let first = days[days.startIndex].date
        let last = days[days.index(before: days.endIndex)].date
        let total = DayBars(
            id: "streams", title: "Streams by day, all regions",
            days: days.map { ($0.date, $0.total) }, highest: days.reduce(0) { max($0, $1.total) },
            fill: "accent", width: 1000, height: 150, hasFigures: days.count <= 16)
        let highest = days.reduce(0) { highest, day in
            regions.reduce(highest) { max($0, day.streams[$1.id] ?? 0) }
        }
        let panels: [Markup] = regions.enumerated().map { index, region in
            let bars = DayBars(
                id: "streams-\(index)",
                title: "Streams by day, " + shortened(region.name, most: 60),
                days: days.map { ($0.date, $0.streams[region.id] ?? 0) }, highest: highest,
                fill: fill(of: region.id))
            return """
                <figure class="panel"><figcaption><b>\(regionLabel(region.id))</b>\
                <span>\(grouped(bars.days.last?.streams ?? 0)) last</span></figcaption>\(bars.svg)</figure>
                """
        }
        return """
            <h3>Streams by day <small>\(first.inShort) to \(last.inShort); the last day is strong</small></h3>
            <figure class="panel total"><figcaption>All regions<span>\
            highest \(grouped(total.highest))</span></figcaption>\(total.svg)</figure>
            <div class="cols small">\(panels)</div>
            \(more(report.regions.count, Limits.regions, "region"))
            <p class="note">The regions share one scale: the tallest bar is \(counted(highest, "stream")).</p>
            <details><summary>The figures as a table</summary>\(streamsTable(Array(days)))</details>
            """
    }

    private func streamsTable(_ days: [NightReport.DayStreams]) -> Markup {
        let names: [Markup] = regions.map {
            "<th scope=\"col\" class=\"n\">\(quoted($0.name, most: 40))</th>"
        }
        let rows: [Markup] = days.map { day in
            let cells = regions.map { cell(day.streams[$0.id] ?? 0) }
            let others = day.total - regions.reduce(0) { $0 + (day.streams[$1.id] ?? 0) }
            return """
                <tr><th scope="row" class="day">\(day.date.inShort)</th>\(cells)\(cell(others))\(cell(day.total))</tr>
                """
        }
        return table(
            "Streams by day and region",
            head: """
                <th scope="col">Day</th>\(names)<th scope="col" class="n">Other</th>\
                <th scope="col" class="n">All</th>
                """, rows: rows)
    }

    private var expectedPart: Markup {
        let heading: Markup =
            "<h3>Expected on \(report.planDate.inShort) <small>the upright line is the last day</small></h3>"
        guard expectedStreams > 0 else { return heading + empty("No demand is expected.") }
        let last = report.streamsByDay.last?.streams ?? [:]
        let highest = regions.reduce(0.0) { max($0, $1.expectedStreams, Double(last[$1.id] ?? 0)) }
        let rows: [Markup] = regions.map { region in
            let before = last[region.id].map(Double.init)
            let against: Markup = before.map { "<small>last \(grouped($0))</small>" } ?? ""
            return """
                <dt>\(quoted(region.name, most: 60))</dt><dd>\(bar(
                    share(region.expectedStreams, of: highest), fill: fill(of: region.id),
                    mark: before.map { share($0, of: highest) }))</dd>\
                <dd class="n"><b>\(grouped(region.expectedStreams))</b>\(against)</dd>
                """
        }
        return heading + "<dl class=\"rows\">\(rows)</dl>"
            + more(report.regions.count, Limits.regions, "region")
    }

    private var releasesPart: Markup {
        let releases = report.releases
        guard !releases.isEmpty else {
            return "<h3>Announced releases</h3>" + empty("No release is announced.")
        }
        let rows: [Markup] = releases.prefix(Limits.releases).map { release in
            """
            <tr><th scope="row"><span class="who">\(quoted(release.title))<small>\(quoted(release.artist))</small></span></th>\
            <td class="day">\(release.date.inShort)</td><td class="n">\(grouped(release.expectedStreams))</td></tr>
            """
        }
        return "<h3>Announced releases <small>their demand is raised</small></h3>"
            + table(
                "<span class=\"vh\">Announced releases</span>",
                head: """
                    <th scope="col">Song</th><th scope="col">Release</th>\
                    <th scope="col" class="n">Expected</th>
                    """, rows: rows) + more(releases.count, Limits.releases, "release")
    }
}
