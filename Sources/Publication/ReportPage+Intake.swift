internal import Storage

extension ReportPage {
    /// What came in: files by what became of them, and where the lines of the play logs went.
    var intake: Markup {
        let files = report.files
        let lead: Markup
        if files.seen == 0, report.playDays.isEmpty {
            lead = ""
        } else {
            let lines = report.playDays.reduce(0) { $0 + $1.lines }
            lead = """
                <b>\(counted(files.new, "new file"))</b> among \(grouped(files.seen)) seen, and \
                <b>\(counted(lines, "line"))</b> of play logs \
                from \(counted(report.playDays.count, "day")).
                """
        }
        return section("intake", "What came in", lead: lead, filesPart + playsPart)
    }

    private var filesPart: Markup {
        let files = report.files
        guard files.seen > 0 || files.gone > 0 else {
            return "<h3>Files</h3>" + empty("No files in the source folders.")
        }
        let parts = [
            Part(name: "new", count: files.new, fill: "p-new"),
            Part(name: "changed", count: files.changed, fill: "accent"),
            Part(name: "moved", count: files.moved, fill: "p-bot"),
            Part(name: "unchanged", count: files.unchanged, fill: "faint"),
            Part(name: "duplicate", count: files.duplicate, fill: "p-dup"),
            Part(name: "ignored", count: files.ignored, fill: "p-pend"),
            Part(name: "rejected", count: files.rejected, fill: "p-rej"),
        ]
        let gone =
            files.gone == 0 ? "none is gone" : "\(grouped(files.gone)) gone since the night before"
        let sum = files.isBalanced ? "the parts add up" : "the parts do not add up"
        return """
            <h3>Files <small>\(grouped(files.seen)) seen; \(sum); \(gone)</small></h3>
            \(stack(parts, of: files.seen))
            """
    }

    private var playsPart: Markup {
        let days = report.playDays
        guard !days.isEmpty else { return "<h3>Play logs</h3>" + empty("No play logs.") }
        func sum(_ count: (NightReport.PlayDay) -> Int) -> Int { days.reduce(0) { $0 + count($1) } }
        let parts = [
            Part(name: "streams", count: sum(\.streams), fill: "accent"),
            Part(name: "short", count: sum(\.short), fill: "faint"),
            Part(name: "duplicates", count: sum(\.duplicates), fill: "p-dup"),
            Part(name: "machines", count: sum(\.bot), fill: "p-bot"),
            Part(name: "rejected", count: sum(\.rejected), fill: "p-rej"),
            Part(name: "late out", count: sum(\.lateOut), fill: "p-out"),
            Part(name: "pending", count: sum(\.pending), fill: "p-pend"),
        ]
        let shown = days.suffix(Limits.playDays)
        let rows: [Markup] = shown.map { day in
            """
            <tr><th scope="row" class="day">\(day.date.inShort)</th>\(cell(day.lines))\(cell(day.lateIn))\
            \(cell(day.streams))\(cell(day.short))\(cell(day.duplicates))\(cell(day.bot))\
            \(cell(day.rejected))\(cell(day.lateOut))\(cell(day.pending))\
            <td class="day">\(day.isBalanced ? "✓ adds up" : "✕ does not")</td></tr>
            """
        }
        let total: Markup = """
            <tr><th scope="row">All</th>\(cell(sum(\.lines)))\(cell(sum(\.lateIn)))\(cell(sum(\.streams)))\
            \(cell(sum(\.short)))\(cell(sum(\.duplicates)))\(cell(sum(\.bot)))\(cell(sum(\.rejected)))\
            \(cell(sum(\.lateOut)))\(cell(sum(\.pending)))<td></td></tr>
            """
        let read = sum(\.readCount)
        let unresolved = report.unresolved
        let unknown: Markup =
            unresolved.streams == 0
            ? ""
            : """
            <p class="note">\(counted(unresolved.streams, "stream")) of \(counted(unresolved.songs, "song")) that \
            the catalogue does not know are counted, and listed as unresolved.</p>
            """
        return """
            <h3>Play logs <small>\(grouped(read)) events of \(counted(days.count, "day")): lines + late in = streams + short + duplicates + over 24 h + \
            rejected + late out + pending</small></h3>
            \(stack(parts, of: read))
            \(table("By day", head: playsHead, foot: days.count > 1 ? total : "", rows: rows))\
            \(days.count > Limits.playDays ? more(days.count, Limits.playDays, "day") : "")\(unknown)
            """
    }

    private var playsHead: Markup {
        let names = [
            "Lines", "Late in", "Streams", "Short", "Duplicates", "Over 24 h", "Rejected",
            "Late out",
            "Pending",
        ]
        let cells: [Markup] = names.map { "<th scope=\"col\" class=\"n\">\($0)</th>" }
        return "<th scope=\"col\">Day</th>\(cells)<th scope=\"col\">Sum</th>"
    }

    private struct Part {
        var name: String
        var count: Int
        var fill: String
    }

    /// One bar of all parts, and under it what each fill means, with figures.
    private func stack(_ parts: [Part], of whole: Int) -> Markup {
        let drawn = bar(parts.map { BarPart(share: share($0.count, of: whole), fill: $0.fill) })
        let items: [Markup] = parts.map { part in
            """
            <li>\(swatch(part.fill))\(grouped(part.count)) \(part.name) \
            <span>\(part.count == 0 ? "" : percent(share(part.count, of: whole)))</span></li>
            """
        }
        return "<div class=\"stack\">\(drawn)</div><ul class=\"key\">\(items)</ul>"
    }

    /// What was rejected and why, and what was kept with a warning.
    var rejects: Markup {
        let count = report.rejectCount
        let lead: Markup =
            count == 0
            ? ""
            : """
            <b>\(counted(count, "file or line", plural: "files and lines"))</b> \(count == 1 ? "is" : "are") kept as \
            rejects with the original; <code>spindle rejects</code> lists them all.
            """
        let body =
            report.rejects.isEmpty
            ? empty("No rejects.")
            : groups("Rejects by stage and reason", report.rejects, fill: "p-rej")
        let warnings =
            report.warnings.isEmpty
            ? "<h3>Kept with warnings</h3>" + empty("No warnings.")
            : "<div class=\"gap\"></div>"
                + groups("Kept with warnings", report.warnings, fill: "faint")
        return section("rejects", "What was rejected, and why", lead: lead, body + warnings)
    }

    private func groups(
        _ caption: Markup, _ groups: [NightReport.RejectGroup], fill: String
    ) -> Markup {
        let most = groups.reduce(0) { max($0, $1.count) }
        let rows: [Markup] = groups.prefix(Limits.rejectGroups).map { group in
            let examples: [Markup] = group.examples.prefix(Limits.examples).map { example in
                let detail: Markup =
                    example.detail.isEmpty ? "" : ": \(quoted(example.detail, most: 200))"
                return "<li><code>\(quoted(example.place, most: 160))</code>\(detail)</li>"
            }
            let unseen = group.count - min(group.examples.count, Limits.examples)
            let rest: Markup =
                unseen > 0 && !examples.isEmpty ? "<li>and \(grouped(unseen)) more</li>" : ""
            let list: Markup =
                examples.isEmpty ? "" : "<ul class=\"examples\">\(examples)\(rest)</ul>"
            return """
                <tr><td>\(quoted(group.stage, most: 40))</td><th scope="row">\(quoted(group.reason, most: 200))\(list)</th>\
                <td class="n">\(grouped(group.count))</td>\
                <td class="opt">\(bar(share(group.count, of: most), fill: fill))</td></tr>
                """
        }
        return table(
            caption, classes: "groups",
            head: """
                <th scope="col">Stage</th><th scope="col">Reason and examples</th>\
                <th scope="col" class="n">Count</th><th scope="col" class="opt"><span class="vh">Drawn</span></th>
                """, rows: rows) + more(groups.count, Limits.rejectGroups, "reason")
    }
}
