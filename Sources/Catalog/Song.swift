/// A song as the catalogue has it.
package struct Song: Equatable, Sendable {
    /// 1 is the most popular.
    package let rank: Int
    /// SHA-256 of the audio, 64 hexadecimal digits; also the name of the audio object.
    package let id: String
    package let title: String
    /// The credit as displayed.
    package let artist: String
    package let albumID: String?
    package let album: String?
    package let track: Int?
    package let disc: Int?
    /// YYYY[-MM[-DD]].
    package let releaseDate: String?
    package let durationMs: Int
    package let sizeBytes: Int
    package let bitrateKbps: Int
    package let sampleRateHz: Int
    package let channels: Int
    /// SHA-256 of the cover.
    package let cover: String?
    /// MIME type.
    package let coverType: String?
    package let composer: String?
    package let isrc: String?
    /// 0…100.
    package let score: Int
    /// Within the popularity window.
    package let streams: Int
}

package struct Album: Equatable, Sendable {
    package let id: String
    package let title: String
    package let artist: String
    /// YYYY[-MM[-DD]].
    package let releaseDate: String?
    package let isCompilation: Bool
    package let cover: String?
    package let coverType: String?
    package let songCount: Int
    package let durationMs: Int
    package let discCount: Int
}

/// A disc of an album as its tags describe it.
package struct Disc: Equatable, Sendable {
    package let number: Int
    package let subtitle: String?
    /// As the tags say; songs may be missing.
    package let trackTotal: Int?
}

package struct Artist: Equatable, Sendable {
    package let id: String
    package let name: String
    package let sortName: String
    /// Credited for or featured in.
    package let songCount: Int
    /// As album artist.
    package let albumCount: Int
    package let musicBrainzID: String?
}

package struct Genre: Equatable, Sendable {
    package let id: String
    package let name: String
    /// Of songs that name it.
    package let songCount: Int
    /// With those of the genres below it.
    package let totalSongCount: Int
    /// nil for a root.
    package let parentID: String?
}

/// A part of a song, as its tags divide it.
package struct Chapter: Equatable, Sendable {
    package let startMs: Int
    package let endMs: Int
    package let title: String
    package let url: String?
}

/// One line of a chart.
package struct ChartEntry: Equatable, Sendable {
    /// `overall`, `region`, `genre` or `trending`.
    package let chart: String
    /// The region's id or the genre's name; `*` for all.
    package let key: String
    /// From 1.
    package let position: Int
    package let songID: String
    package let streams: Int
    package let listeners: Int
    /// In the chart of the week before; nil for one that was not in it.
    package let previousPosition: Int?
    /// The best there was; nil where nobody keeps it.
    package let peakPosition: Int?
    /// Weekly charts in which the song was, this one too; nil where nobody counts them.
    package let weeks: Int?

    package init(
        chart: String, key: String, position: Int, songID: String, streams: Int, listeners: Int,
        previousPosition: Int?, peakPosition: Int? = nil, weeks: Int? = nil
    ) {
        self.chart = chart
        self.key = key
        self.position = position
        self.songID = songID
        self.streams = streams
        self.listeners = listeners
        self.previousPosition = previousPosition
        self.peakPosition = peakPosition
        self.weeks = weeks
    }
}
