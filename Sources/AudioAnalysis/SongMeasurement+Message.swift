/// A measurement on its way from a helper process: a line for each field, name and value.
extension SongMeasurement {
    package var message: [UInt8] {
        var text = ""
        func line(_ name: String, _ value: (some CustomStringConvertible)?) {
            if let value { text += "\(name) \(value)\n" }
        }
        line("failure", failure?.rawValue)
        line("detail", detail?.split(whereSeparator: \.isNewline).joined(separator: " "))
        for (warning, count) in warnings.counts { line("warning", "\(warning.rawValue) \(count)") }
        line("first_offset", warnings.firstOffset)
        line("frames", frames)
        line("samples", samples)
        line("expected", expectedSamples)
        line("rate", sampleRateHz)
        line("channels", channels)
        if let levels {
            line("peak", levels.samplePeak)
            line("loudness", levels.loudnessLUFS)
            line("range", levels.rangeLU)
            line("clipped", levels.clippedSamples)
            line("leading", levels.leadingSilenceMs)
            line("trailing", levels.trailingSilenceMs)
            line("silent", levels.isSilent ? 1 : 0)
        }
        line("true_peak", truePeak)
        if let fingerprint {
            line("items", fingerprint.items.map(String.init).joined(separator: ","))
            line("compressed", fingerprint.compressed)
        }
        return Array(text.utf8)
    }

    /// - Returns: nil for what no helper writes.
    package init?(message: [UInt8]) {
        self.init()
        var levels = Levels()
        var hasLevels = false
        for line in String(decoding: message, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            let value = String(parts[1])
            let number = Int(value) ?? 0
            switch parts[0] {
            case "failure":
                failure = DecodeFailure(rawValue: value)
                if failure == nil { return nil }
            case "detail": detail = value
            case "warning":
                let words = value.split(separator: " ")
                guard words.count == 2, let warning = DecodeWarning(rawValue: String(words[0])),
                    let count = Int(words[1])
                else { return nil }
                warnings.counts[warning] = count
            case "first_offset": warnings.firstOffset = number
            case "frames": frames = number
            case "samples": samples = number
            case "expected": expectedSamples = number
            case "rate": sampleRateHz = number
            case "channels": channels = number
            case "peak": (hasLevels, levels.samplePeak) = (true, Double(value) ?? 0)
            case "loudness": levels.loudnessLUFS = Double(value)
            case "range": levels.rangeLU = Double(value)
            case "clipped": levels.clippedSamples = number
            case "leading": levels.leadingSilenceMs = number
            case "trailing": levels.trailingSilenceMs = number
            case "silent": levels.isSilent = number != 0
            case "true_peak": truePeak = Double(value)
            case "items":
                fingerprint = Fingerprint(
                    items: value.split(separator: ",").compactMap { UInt32($0) }, compressed: "")
            case "compressed": fingerprint?.compressed = value
            default: return nil
            }
        }
        if hasLevels { self.levels = levels }
    }
}
