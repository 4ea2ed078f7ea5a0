package import Storage

/// All that the night's report shows: a plain value, made by the stage that publishes.
///
/// `html()` turns it into one self-contained page. Lists may be of any length, the page cuts them;
/// what is missing is left empty, and the page says so. Orders are kept as given, so the same
/// report makes the same bytes.
package struct NightReport: Sendable {
    package var snapshotID: String
    /// The day that had just ended when the night began.
    package var night: CalendarDate
    /// The day for which placement, prefetch and demand were made.
    package var planDate: CalendarDate
    /// Songs in the catalogue, and the size of their audio.
    package var songs = 0
    package var songBytes = 0
    /// Streams and distinct listeners of the night's day.
    package var streams = 0
    package var listeners = 0

    package var files = FileCounts()
    /// The days whose play logs are accounted for, oldest first: tonight's, or the whole window.
    package var playDays: [PlayDay] = []
    package var rejects: [RejectGroup] = []
    /// Files that were kept although something about them is odd.
    package var warnings: [RejectGroup] = []
    /// Streams of songs that the catalogue does not know.
    package var unresolved = Unresolved()

    package var overallChart: [ChartEntry] = []
    package var regionalCharts: [RegionalChart] = []
    /// Streams by genre, most first.
    package var genres: [GenreStreams] = []
    package var trending: [TrendingSong] = []

    /// The window of days behind the scores, oldest first.
    package var streamsByDay: [DayStreams] = []
    package var releases: [AnnouncedRelease] = []

    package var regions: [Region] = []
    package var edges: [Edge] = []
    package var placement = Placement()
    /// What an earlier plan was worth; nil where none was simulated.
    package var simulation: Simulation?

    package var stages: [Stage] = []
    /// Sentences for the operator that belong at the top: what the plan could not satisfy, say.
    package var notices: [String] = []
    package var toolVersion = ""

    package init(snapshotID: String, night: CalendarDate, planDate: CalendarDate) {
        self.snapshotID = snapshotID
        self.night = night
        self.planDate = planDate
    }

    /// Files and lines set aside, over all stages.
    package var rejectCount: Int { rejects.reduce(0) { $0 + $1.count } }
}

extension NightReport {
    /// One stage of the night.
    package struct Stage: Sendable {
        package enum Status: String, Sendable {
            case ran, upToDate, failed, notRun
        }

        package var name: String
        package var status: Status
        /// When it started, or when it was found to be up to date.
        package var started: Timestamp?
        package var seconds: Double
        /// What it did, in a line.
        package var summary: String

        package init(
            name: String, status: Status, started: Timestamp? = nil, seconds: Double = 0,
            summary: String = ""
        ) {
            self.name = name
            self.status = status
            self.started = started
            self.seconds = seconds
            self.summary = summary
        }
    }
}
