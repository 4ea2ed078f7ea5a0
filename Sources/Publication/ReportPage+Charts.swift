internal import Storage

extension ReportPage {
    /// Charts overall and by region, genres, and what is on the rise.
    var charts: Markup {
        let lead: Markup
        if let first = report.overallChart.first {
            lead = """
                <b>\(quoted(first.title))</b> by \(quoted(first.artist)) leads the week up to \(report.night.inShort) with \
                \(counted(first.streams, "stream")).
                """
        } else {
            lead = ""
        }
        return section(
            "charts", "Charts", lead: lead,
            """
            <div class="wide"><div>\(overall)</div><div>\(genres)\(trending)</div></div>
            <h3>By region <small>the first \(Limits.regionalChart)</small></h3>
            \(regional)
            """)
    }

    private var overall: Markup {
        let entries = report.overallChart
        guard !entries.isEmpty else {
            return "<h3>Overall</h3>" + empty("No chart: nothing was streamed.")
        }
        let most = entries.reduce(0) { max($0, $1.streams) }
        let rows: [Markup] = entries.prefix(Limits.overallChart).map { entry in
            """
            <tr><td class="n pos">\(entry.position)</td><td class="move">\(movement(entry))</td>\
            <th scope="row">\(who(entry.title, entry.artist))\
            \(bar([BarPart(share: share(entry.streams, of: most), fill: "accent")], thin: true))</th>\
            <td class="n">\(grouped(entry.streams))</td><td class="n opt">\(change(entry.weeklyTrend))</td>\
            <td class="n opt">\(grouped(entry.listeners))</td><td class="n opt">\(entry.weeks.map(grouped) ?? "")</td></tr>
            """
        }
        return table(
            "Overall <small>top \(Limits.overallChart), with movement since the week before</small>",
            head: """
                <th scope="col" class="n"><span class="vh">Position</span></th>\
                <th scope="col"><span class="vh">Movement</span></th><th scope="col">Song</th>\
                <th scope="col" class="n">Streams</th><th scope="col" class="n opt">In a week</th>\
                <th scope="col" class="n opt">Listeners</th><th scope="col" class="n opt">Weeks</th>
                """, rows: rows) + more(entries.count, Limits.overallChart, "song")
    }

    private var regional: Markup {
        let charts = report.regionalCharts.filter { !$0.entries.isEmpty }
        guard !charts.isEmpty else { return empty("No charts by region.") }
        let cards: [Markup] = charts.prefix(Limits.regions).map { chart in
            let rows: [Markup] = chart.entries.prefix(Limits.regionalChart).map { entry in
                """
                <tr><td class="n pos">\(entry.position)</td><td class="move">\(movement(entry))</td>\
                <th scope="row">\(who(entry.title, entry.artist))</th><td class="n">\(grouped(entry.streams))</td></tr>
                """
            }
            return "<div>"
                + table(
                    regionLabel(chart.region),
                    head: """
                        <th scope="col"><span class="vh">Position</span></th>\
                        <th scope="col"><span class="vh">Movement</span></th>\
                        <th scope="col">Song</th><th scope="col" class="n">Streams</th>
                        """, rows: rows) + more(chart.entries.count, Limits.regionalChart, "song")
                + "</div>"
        }
        return "<div class=\"cols\">\(cards)</div>" + more(charts.count, Limits.regions, "region")
    }

    private var genres: Markup {
        let genres = report.genres
        guard !genres.isEmpty else { return "<h3>Genres</h3>" + empty("No genres.") }
        let most = genres.reduce(0) { max($0, $1.streams) }
        let rows: [Markup] = genres.prefix(Limits.genres).map { genre in
            let leader: Markup =
                genre.leaderTitle.isEmpty
                ? "" : "<small>led by \(quoted(genre.leaderTitle, most: 60))</small>"
            return """
                <tr><th scope="row"><span class="who">\(quoted(genre.genre, most: 60))\(leader)</span>\
                \(bar([BarPart(share: share(genre.streams, of: most), fill: "c2")], thin: true))</th>\
                <td class="n">\(grouped(genre.streams))</td></tr>
                """
        }
        return table(
            "Genres <small>a song may have several</small>",
            head: """
                <th scope="col">Genre</th><th scope="col" class="n">Streams</th>
                """, rows: rows) + more(genres.count, Limits.genres, "genre")
    }

    private var trending: Markup {
        let songs = report.trending
        let heading: Markup =
            "<h3>Trending <small>from the mean of the days before ○ to now ●</small></h3>"
        guard !songs.isEmpty else { return heading + empty("Nothing rises above its usual.") }
        let shown = songs.prefix(Limits.trending)
        let highest = shown.reduce(0.0) { max($0, Double($1.streams), $1.mean) }
        let rows: [Markup] = shown.map { song in
            let region: Markup =
                song.region == "*" ? "" : " · \(quoted(regionName(song.region), most: 40))"
            return """
                <tr><th scope="row"><span class="who">\(quoted(song.title))<small>\(quoted(song.artist))\(region)</small></span>\
                \(dumbbell(from: song.mean, to: Double(song.streams), highest: highest))</th>\
                <td class="n">\(decimal(song.mean, song.mean < 99.5 ? 1 : 0)) → <b>\(grouped(song.streams))</b></td>\
                <td class="n opt">\(decimal(song.trend, 1))</td></tr>
                """
        }
        return heading
            + table(
                "<span class=\"vh\">Trending songs</span>",
                head: """
                    <th scope="col">Song</th><th scope="col" class="n">Streams a day</th>\
                    <th scope="col" class="n opt">Trend</th>
                    """, rows: rows) + more(songs.count, Limits.trending, "song")
    }

    /// "+12%", against the week before.
    private func change(_ percent: Double?) -> Markup {
        guard let percent else { return "" }
        let rounded = percent.rounded()
        return rounded == 0 ? "0%" : "\(rounded > 0 ? "+" : "−")\(decimal(abs(rounded), 0))%"
    }

    private func who(_ title: String, _ artist: String) -> Markup {
        "<span class=\"who\">\(quoted(title))<small>\(quoted(artist))</small></span>"
    }

    private func movement(_ entry: NightReport.ChartEntry) -> Markup {
        guard let before = entry.previousPosition else { return "<span class=\"fresh\">NEW</span>" }
        let steps = before - entry.position
        if steps > 0 {
            return
                "<span class=\"up\"><span aria-hidden=\"true\">▲</span><span class=\"vh\">up</span> \(steps)</span>"
        }
        if steps < 0 {
            return
                "<span class=\"down\"><span aria-hidden=\"true\">▼</span><span class=\"vh\">down</span> \(-steps)</span>"
        }
        return
            "<span class=\"same\"><span aria-hidden=\"true\">–</span><span class=\"vh\">as before</span></span>"
    }
}
