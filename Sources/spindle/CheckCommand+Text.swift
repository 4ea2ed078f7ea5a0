import Arguments
import MPEGAudio
import Storage

extension AudioFileCheck {
    /// The report for people: a verdict, what the file is, and what is wrong with it.
    var text: String {
        guard let report else { return "\(visible(path)): no MPEG audio: \(content)" }
        var lines = ["\(visible(path)): \(verdict(report))"]
        lines += report.description.map { "  \($0)" }
        for finding in report.findings.list {
            let place = "at \(grouped(finding.offset)), \(clock(finding.timeMs))"
            lines.append("  \(finding.code.rawValue): \(visible(finding.detail)) (\(place))")
        }
        var advised: Set<String> = []
        for code in FrameFinding.Code.allCases {
            let count = report.findings[code].findings
            if count > FrameFindings.limit {
                lines.append("  \(code.rawValue): \(grouped(count)) such places in all")
            }
            if count > 0, advised.insert(code.advice).inserted {
                lines.append("  hint: \(code.rawValue): \(code.advice)")
            }
        }
        return lines.joined(separator: "\n")
    }

    private func verdict(_ report: FrameReport) -> String {
        guard report.isPlayable else { return "not playable" }
        let defects = FrameFinding.Code.allCases.filter {
            $0.isDefect && report.findings[$0].findings > 0
        }
        guard !defects.isEmpty else { return "sound" }
        return "defects: " + defects.map(\.rawValue).joined(separator: ", ")
    }
}

extension FrameReport {
    fileprivate var description: [String] {
        guard let first else { return [] }
        var lines = [
            "\(first.kind), \(first.sampleRateHz) Hz, \(first.channels == 1 ? "mono" : "2 channels"), "
                + bitrates,
            "\(grouped(frames)) frames, \(grouped(samples)) samples, \(clock(durationMs))"
                + (gaplessMs.map { "; gapless \(clock($0))" } ?? ""),
        ]
        guard let info else { return lines }
        var header = "\(info.kind.rawValue) header"
        header += info.frames.map { ", \(grouped($0)) frames" } ?? ""
        header += info.bytes.map { ", \(grouped($0)) bytes" } ?? ""
        if let lame = info.lame {
            header += ", \(lame.encoder)"
            header += ", delay \(lame.delaySamples), padding \(lame.paddingSamples)"
            header += lame.isIntact ? "" : ", tag damaged"
            header += lame.trackGainDB.map { ", gain \(formatDecimal($0, 1)) dB" } ?? ""
            header += lame.peak.map { ", peak \(formatDecimal($0, 3))" } ?? ""
        }
        lines.append(header)
        let frameCRCs =
            checkedFrameCRCs == 0
            ? "absent" : badFrameCRCs == 0 ? "ok" : "\(badFrameCRCs) of \(checkedFrameCRCs) bad"
        lines.append("checksums: music \(musicCRC.rawValue), frames \(frameCRCs)")
        return lines
    }

    private var bitrates: String {
        let average = "\(bitrateMode.rawValue) \(averageBitrateKbps) kbit/s"
        return isVBR ? "\(average) (\(minimumBitrateKbps) to \(maximumBitrateKbps))" : average
    }
}

/// 83,412 ms as "1:23.412".
private func clock(_ milliseconds: Int) -> String {
    let (minutes, rest) = milliseconds.quotientAndRemainder(dividingBy: 60_000)
    let hours = minutes / 60
    let head = hours > 0 ? "\(hours):\(padded(minutes % 60, 2))" : "\(minutes)"
    return "\(head):\(padded(rest / 1000, 2)).\(padded(rest % 1000, 3))"
}

/// A file's name may hold line breaks, and sequences that a terminal would obey.
func visible(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
}
