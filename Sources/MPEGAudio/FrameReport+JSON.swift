package import Storage

extension AudioFileCheck {
    /// One object, as docs/formats/frames.md describes it.
    package func write(into json: inout JSONWriter) {
        json.object {
            $0.field("file", path)
            $0.field("size_bytes", sizeBytes)
            $0.field("playable", report?.isPlayable ?? false)
            $0.field("sound", isSound)
            $0.field("content", report == nil ? content : nil)
            report?.write(into: &$0)
        }
    }
}

extension FrameReport {
    fileprivate func write(into json: inout JSONWriter) {
        json.object("audio") {
            $0.field("offset", audio.lowerBound)
            $0.field("bytes", audio.count)
        }
        if let first {
            json.field("kind", first.kind)
            json.field("sample_rate_hz", first.sampleRateHz)
            json.field("channels", first.channels)
        }
        json.field("frames", frames)
        json.field("samples", samples)
        json.field("duration_ms", durationMs)
        json.field("gapless_samples", gaplessSamples)
        json.field("gapless_ms", gaplessMs)
        json.object("bitrate") {
            $0.field("mode", bitrateMode.rawValue)
            $0.field("average_kbps", averageBitrateKbps)
            $0.field("min_kbps", minimumBitrateKbps)
            $0.field("max_kbps", maximumBitrateKbps)
        }
        if let info { info.write(musicCRC, into: &json) } else { json.null("header") }
        json.object("frame_crcs") {
            $0.field("checked", checkedFrameCRCs)
            $0.field("bad", badFrameCRCs)
            $0.field("first_bad_offset", firstBadFrameCRC?.offset)
        }
        json.field("stray_bytes", strayBytes)
        json.field("missing_bytes", missingBytes)
        json.object("counts") {
            for code in FrameFinding.Code.allCases where findings[code].findings > 0 {
                $0.field(code.rawValue, findings[code].findings)
            }
        }
        json.array("findings") {
            for finding in findings.list {
                $0.object {
                    $0.field("code", finding.code.rawValue)
                    $0.field("defect", finding.code.isDefect)
                    $0.field("offset", finding.offset)
                    $0.field("bytes", finding.lengthBytes)
                    $0.field("time_ms", finding.timeMs)
                    $0.field("detail", finding.detail)
                    $0.field("advice", finding.code.advice)
                }
            }
        }
    }
}

extension InfoHeader {
    fileprivate func write(_ musicCRC: FrameReport.Check, into json: inout JSONWriter) {
        json.object("header") {
            $0.field("kind", kind.rawValue)
            $0.field("frames", frames)
            $0.field("bytes", bytes)
            guard let lame else { return }
            $0.field("encoder", lame.encoder)
            $0.field("mode", lame.mode?.rawValue)
            $0.field("delay_samples", lame.delaySamples)
            $0.field("padding_samples", lame.paddingSamples)
            $0.field("tag_crc", lame.isIntact ? "ok" : "bad")
            $0.field("music_bytes", lame.musicBytes)
            $0.field("music_crc", musicCRC.rawValue)
            $0.field("peak", lame.peak.map { .number(($0 * 1e6).rounded() / 1e6) } ?? .null)
            $0.field("track_gain_db", lame.trackGainDB.map { .number($0) } ?? .null)
            $0.field("album_gain_db", lame.albumGainDB.map { .number($0) } ?? .null)
        }
    }
}
