internal import CLinux

/// What libmpg123 prints while it decodes, which it tells in no other way: a frame whose data is
/// corrupt is filled with silence and passes for decoded.
enum DecoderMessages {
    /// Of the frame being decoded; this process decodes on one thread.
    nonisolated(unsafe) private static var text: [UInt8] = []
    private static let maximumBytes = 4096

    /// Makes this process's `stderr` the place where they are collected.
    static func listen() {
        _ = spindle_divert_stderr { start, count in
            guard let start else { return }
            let room = min(count, DecoderMessages.maximumBytes - DecoderMessages.text.count)
            DecoderMessages.text.append(
                contentsOf: UnsafeRawBufferPointer(start: start, count: max(0, room)))
        }
    }

    /// The kinds of what was printed since the last call, and the first line that has one.
    static func take() -> (kinds: Set<DecodeWarning>, line: String?)? {
        guard !text.isEmpty else { return nil }
        defer { text.removeAll(keepingCapacity: true) }
        var kinds: Set<DecodeWarning> = []
        var first: String?
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            // Notes and warnings tell of what is counted elsewhere (resync, format) or harmless.
            guard let error = line.ranges(of: "] error: ").first else { continue }
            let kind: DecodeWarning =
                if line.contains("side_info") || line.contains("sideinfo") {
                    .badSideInfo
                } else if line.contains("layer1.c") || line.contains("layer2.c")
                    || line.contains("layer3.c")
                {
                    .badAudioData
                } else {
                    .decoderMessage
                }
            kinds.insert(kind)
            first = first ?? String(line[error.upperBound...])
        }
        return (kinds, first)
    }
}
