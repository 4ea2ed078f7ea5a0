internal import Storage

// Pieces of inline SVG. Widths are percentages where text stands outside, so that bars stretch with
// the page and letters do not.

/// One part of a bar.
struct BarPart {
    /// 0…1 of the bar's width.
    var share: Double
    /// A class of the style sheet that fills it.
    var fill: String
}

/// Parts side by side on a track; the figures stand next to it as text.
///
/// - Parameter mark: Where to draw an upright line, 0…1.
func bar(_ parts: [BarPart], mark: Double? = nil, thin: Bool = false, from start: Double = 0)
    -> Markup
{
    var x = min(max(start, 0), 1)
    var rects: Markup = ""
    for part in parts where part.share > 0 {
        // What is there must be seen, however little it is.
        let width = min(max(part.share, 0.004), max(0.004, 1 - x))
        rects +=
            "<rect class=\"\(part.fill)\" x=\"\(x * 100)%\" width=\"\(width * 100)%\" height=\"100%\"/>"
        x += width
    }
    var line: Markup = ""
    if let mark {
        let at = min(max(mark, 0), 1) * 100
        line = "<line class=\"mark\" x1=\"\(at)%\" x2=\"\(at)%\" y1=\"-15%\" y2=\"115%\"/>"
    }
    return """
        <svg class="\(thin ? "bar thin" : "bar")" aria-hidden="true"><rect class="track" width="100%" \
        height="100%"/>\(rects)\(line)</svg>
        """
}

func bar(_ share: Double, fill: String, mark: Double? = nil) -> Markup {
    bar([BarPart(share: share, fill: fill)], mark: mark)
}

/// A square filled as the part of a bar that it explains.
func swatch(_ fill: String) -> Markup {
    """
    <svg aria-hidden="true" width="14" height="14"><rect class="\(fill)" width="14" height="14" rx="2"/></svg>
    """
}

/// Fills that differ in texture as well as in colour; referred to by the style sheet.
let patternDefinitions: Markup = """
    <svg class="defs" aria-hidden="true" focusable="false"><defs>
    <pattern id="p-new" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
    <rect width="6" height="6" style="fill:var(--card)"/><rect width="3.4" height="6" style="fill:var(--c1)"/></pattern>
    <pattern id="p-dup" width="5" height="5" patternUnits="userSpaceOnUse">\
    <rect width="5" height="5" style="fill:var(--card)"/><rect width="2.5" height="5" style="fill:var(--c7)"/></pattern>
    <pattern id="p-bot" width="6" height="6" patternUnits="userSpaceOnUse">\
    <rect width="6" height="6" style="fill:var(--c4)"/><path d="M0 0L6 6M6 0L0 6" style="stroke:var(--card)"/></pattern>
    <pattern id="p-rej" width="5" height="5" patternUnits="userSpaceOnUse">\
    <rect width="5" height="5" style="fill:var(--c1)"/><circle cx="2.5" cy="2.5" r="1" style="fill:var(--card)"/></pattern>
    <pattern id="p-out" width="5" height="5" patternUnits="userSpaceOnUse">\
    <rect width="5" height="5" style="fill:var(--card)"/><rect width="5" height="2.5" style="fill:var(--c3)"/></pattern>
    <pattern id="p-pend" width="5" height="5" patternUnits="userSpaceOnUse">\
    <rect width="5" height="5" style="fill:var(--card)"/><circle cx="2.5" cy="2.5" r="1.6" style="fill:var(--c6)"/></pattern>
    </defs></svg>
    """

/// Streams of some days as upright bars, the last one strong, weekends marked by their letters.
struct DayBars {
    /// Unique in the page.
    var id: String
    var title: String
    var days: [(date: CalendarDate, streams: Int)]
    /// The height of the panel; shared, so that panels compare.
    var highest: Int
    var fill: String
    var width = 300.0
    var height = 96.0
    /// Whether each bar has its figure above it, which takes room.
    var hasFigures = false

    var svg: Markup {
        let slot = width / Double(max(1, days.count))
        let gap = min(3, slot * 0.2)
        var bars: Markup = ""
        var letters: Markup = ""
        for (index, day) in days.enumerated() {
            let barHeight = max(share(day.streams, of: highest) * height, day.streams > 0 ? 1 : 0)
            let x = Double(index) * slot
            let isLast = index == days.count - 1
            bars += """
                <rect class="\(fill)" x="\(x + gap / 2)" y="\(height - barHeight)" width="\(slot - gap)" \
                height="\(barHeight)" fill-opacity="\(isLast ? 1 : 0.5)"><title>\(day.date.inShort): \
                \(grouped(day.streams))</title></rect>
                """
            if hasFigures {
                bars += """
                    <text class="figure" x="\(x + slot / 2)" y="\(height - barHeight - 5)" text-anchor="middle">\
                    \(grouped(day.streams))</text>
                    """
            }
            if slot >= 9 {
                let weight: Markup = day.date.isWeekend || isLast ? " font-weight=\"700\"" : ""
                letters += """
                    <text x="\(x + slot / 2)" y="\(height + 14)" text-anchor="middle"\(weight)>\
                    \(day.date.weekdayInitial)</text>
                    """
            }
        }
        let figures = days.map { "\($0.date.inShort) \(grouped($0.streams))" }.joined(
            separator: "; ")
        return """
            <svg viewBox="0 \(hasFigures ? -18 : 0) \(width) \(height + (hasFigures ? 36 : 18))" role="img" aria-labelledby="\(id)-t \(id)-d">\
            <title id="\(id)-t">\(title)</title><desc id="\(id)-d">\(figures)</desc>\
            <line class="base" x2="\(width)" y1="\(height)" y2="\(height)"/>\(bars)\(letters)</svg>
            """
    }
}

/// From what was usual to what it is now: a hollow dot, a line, a full dot.
func dumbbell(from mean: Double, to now: Double, highest: Double) -> Markup {
    let a = 2 + share(mean, of: highest) * 96
    let b = 2 + share(now, of: highest) * 96
    return """
        <svg class="bar" aria-hidden="true"><line class="base" x1="0" x2="100%" y1="50%" y2="50%"/>\
        <line class="wick" x1="\(a)%" x2="\(b)%" y1="50%" y2="50%"/>\
        <circle class="hollow" cx="\(a)%" cy="50%" r="4"/><circle class="accent" cx="\(b)%" cy="50%" r="5"/></svg>
        """
}
