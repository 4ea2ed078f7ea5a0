package import Storage

extension NightReport {
    package struct ChartEntry: Sendable {
        package var position: Int
        /// nil for a song that was not in the chart before.
        package var previousPosition: Int?
        package var title: String
        package var artist: String
        package var streams: Int
        package var listeners: Int
        /// Weeks on the chart, this one too; nil where nobody counts them.
        package var weeks: Int?
        /// In per cent of the week before; nil where it is not known.
        package var weeklyTrend: Double?

        package init(
            position: Int, previousPosition: Int?, title: String, artist: String, streams: Int,
            listeners: Int, weeks: Int? = nil, weeklyTrend: Double? = nil
        ) {
            self.position = position
            self.previousPosition = previousPosition
            self.title = title
            self.artist = artist
            self.streams = streams
            self.listeners = listeners
            self.weeks = weeks
            self.weeklyTrend = weeklyTrend
        }
    }

    package struct RegionalChart: Sendable {
        package var region: String
        package var entries: [ChartEntry]

        package init(region: String, entries: [ChartEntry]) {
            self.region = region
            self.entries = entries
        }
    }

    package struct GenreStreams: Sendable {
        package var genre: String
        package var streams: Int
        package var leaderTitle: String
        package var leaderArtist: String

        package init(
            genre: String, streams: Int, leaderTitle: String = "", leaderArtist: String = ""
        ) {
            self.genre = genre
            self.streams = streams
            self.leaderTitle = leaderTitle
            self.leaderArtist = leaderArtist
        }
    }

    package struct TrendingSong: Sendable {
        package var title: String
        package var artist: String
        /// A region's id, or `*` for all.
        package var region: String
        package var streams: Int
        /// Streams a day in the days before.
        package var mean: Double
        package var trend: Double

        package init(
            title: String, artist: String, region: String = "*", streams: Int, mean: Double,
            trend: Double
        ) {
            self.title = title
            self.artist = artist
            self.region = region
            self.streams = streams
            self.mean = mean
            self.trend = trend
        }
    }

    package struct DayStreams: Sendable {
        package var date: CalendarDate
        /// By region id. Listeners in no known region may stand under any further key.
        package var streams: [String: Int]

        package init(date: CalendarDate, streams: [String: Int]) {
            self.date = date
            self.streams = streams
        }

        package var total: Int { streams.values.reduce(0, +) }
    }

    /// A release announced for a day around the plan's, whose demand was raised.
    package struct AnnouncedRelease: Sendable {
        package var title: String
        package var artist: String
        package var date: CalendarDate
        /// On the plan's day, all regions.
        package var expectedStreams: Double

        package init(title: String, artist: String, date: CalendarDate, expectedStreams: Double) {
            self.title = title
            self.artist = artist
            self.date = date
            self.expectedStreams = expectedStreams
        }
    }
}
