/// SYLT: words with the times at which they are sung.
package struct SynchronisedLyrics: Hashable, Sendable {
    package enum Unit: Hashable, Sendable { case mpegFrames, milliseconds }

    package struct Line: Hashable, Sendable {
        /// In the unit of the lyrics.
        package var time: UInt32
        package var text: TagText
    }

    /// Three letters, "" where there are none.
    package var language: String
    package var unit: Unit
    /// 1 lyrics, 2 transcription, 3 movement, 4 events, 5 chords, 6 trivia, 7 and 8 links.
    package var contentType: UInt8
    package var description: TagText
    package var lines: [Line]

    /// When each line is sung.
    ///
    /// - Parameter frameDurationMs: Of one MPEG frame, for times that are counted in frames.
    package func timesMs(frameDurationMs: Double) -> [Int] {
        lines.map {
            unit == .milliseconds
                ? Int($0.time) : Int((Double($0.time) * frameDurationMs).rounded())
        }
    }
}
