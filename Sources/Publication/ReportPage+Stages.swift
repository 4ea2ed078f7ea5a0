internal import Storage

extension ReportPage {
    /// How long each stage took: what ran stands on a common time line where it can.
    var stages: Markup {
        let stages = report.stages
        guard !stages.isEmpty else {
            return section(
                "stages", "How long each stage took", lead: "", empty("No stage was recorded."))
        }
        let ran = stages.filter { $0.status == .ran || $0.status == .failed }
        let total = ran.reduce(0) { $0 + $1.seconds }
        let fresh = stages.filter { $0.status == .upToDate }.count
        let slowest = ran.max { $0.seconds < $1.seconds }
        var lead: Markup
        if let slowest {
            lead = """
                <b>\(duration(seconds: total))</b> in \(counted(ran.count, "stage")); the longest was \
                \(quoted(slowest.name, most: 40))
                """
        } else {
            lead = "Nothing had to run"
        }
        lead +=
            fresh > 0
            ? "; \(counted(fresh, "stage")) \(fresh == 1 ? "was" : "were") up to date." : "."

        let line = TimeLine(ran)
        let rows: [Markup] = stages.prefix(Limits.stages).map { stage in
            let isDrawn = stage.status == .ran || stage.status == .failed
            let fill = stage.status == .failed ? "p-rej" : "accent"
            let drawn: Markup =
                isDrawn
                ? bar(
                    [BarPart(share: share(stage.seconds, of: line.seconds), fill: fill)],
                    from: line.start(of: stage)) : ""
            let time = isDrawn ? duration(seconds: stage.seconds) : "–"
            let summary: Markup =
                stage.summary.isEmpty ? "" : "<small>\(quoted(stage.summary, most: 240))</small>"
            return """
                <tr><th scope="row">\(quoted(stage.name, most: 40))\(summary)</th><td>\(status(stage.status))</td>\
                <td class="n opt">\(stage.started.map(clock) ?? "–")</td><td class="n">\(time)</td><td>\(drawn)</td></tr>
                """
        }
        return section(
            "stages", "How long each stage took", lead: lead,
            table(
                "<span class=\"vh\">Stages of the night, in order</span>", classes: "stages",
                head: """
                    <th scope="col">Stage</th><th scope="col">Status</th>\
                    <th scope="col" class="n opt">Start, UTC</th><th scope="col" class="n">Time</th>\
                    <th scope="col"><span class="vh">Drawn on a time line</span></th>
                    """, rows: rows) + more(stages.count, Limits.stages, "stage"))
    }

    private func status(_ status: NightReport.Stage.Status) -> Markup {
        switch status {
        case .ran: "<span class=\"tag up\">✓ ran</span>"
        case .upToDate: "<span class=\"tag same\">= up to date</span>"
        case .failed: "<span class=\"tag down\">✕ failed</span>"
        case .notRun: "<span class=\"tag same\">not run</span>"
        }
    }

    /// The span from the first start to the last end; or only the longest stage, where stages ran
    /// so far apart that a common line would show nothing.
    private struct TimeLine {
        var first: Timestamp?
        var seconds: Double

        init(_ stages: [NightReport.Stage]) {
            let starts = stages.compactMap(\.started)
            let busy = stages.reduce(0) { $0 + $1.seconds }
            let ends = stages.compactMap { stage in
                stage.started.map { Double($0.milliseconds) / 1_000 + stage.seconds }
            }
            first = nil
            seconds = stages.reduce(0) { max($0, $1.seconds) }
            guard starts.count == stages.count, let start = starts.min(), let end = ends.max()
            else { return }
            let span = end - Double(start.milliseconds) / 1_000
            if span > 0, span < 3 * busy {
                first = start
                seconds = span
            }
        }

        func start(of stage: NightReport.Stage) -> Double {
            guard let first, let started = stage.started else { return 0 }
            return share(Double(started.milliseconds - first.milliseconds) / 1_000, of: seconds)
        }
    }
}
