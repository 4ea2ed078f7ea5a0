package import Storage

extension NightReport {
    /// What the scan of the source folders found.
    ///
    /// Each file seen is counted once: `seen = new + changed + moved + unchanged + duplicate +
    /// ignored + rejected`. Files that are gone were not seen, and stand apart.
    package struct FileCounts: Sendable {
        package var seen: Int
        package var new: Int
        package var changed: Int
        package var moved: Int
        package var unchanged: Int
        /// The same audio as another file.
        package var duplicate: Int
        /// Not audio by name, so not looked into.
        package var ignored: Int
        package var rejected: Int
        package var gone: Int

        package init(
            seen: Int = 0, new: Int = 0, changed: Int = 0, moved: Int = 0, unchanged: Int = 0,
            duplicate: Int = 0, ignored: Int = 0, rejected: Int = 0, gone: Int = 0
        ) {
            self.seen = seen
            self.new = new
            self.changed = changed
            self.moved = moved
            self.unchanged = unchanged
            self.duplicate = duplicate
            self.ignored = ignored
            self.rejected = rejected
            self.gone = gone
        }

        package var isBalanced: Bool {
            seen == new + changed + moved + unchanged + duplicate + ignored + rejected
        }
    }

    /// Where the lines of one day's play logs went.
    ///
    /// `lines + lateIn = streams + short + duplicates + bot + rejected + lateOut + pending`.
    package struct PlayDay: Sendable {
        package var date: CalendarDate
        package var lines: Int
        /// Events of this day that other days' logs brought.
        package var lateIn: Int
        package var streams: Int
        /// Played for less than counts.
        package var short: Int
        package var duplicates: Int
        package var bot: Int
        package var rejected: Int
        /// Lines of this day's logs that happened on another day.
        package var lateOut: Int
        /// Events of a day that has not been counted yet.
        package var pending: Int

        package init(
            date: CalendarDate, lines: Int, lateIn: Int = 0, streams: Int, short: Int = 0,
            duplicates: Int = 0, bot: Int = 0, rejected: Int = 0, lateOut: Int = 0, pending: Int = 0
        ) {
            self.date = date
            self.lines = lines
            self.lateIn = lateIn
            self.streams = streams
            self.short = short
            self.duplicates = duplicates
            self.bot = bot
            self.rejected = rejected
            self.lateOut = lateOut
            self.pending = pending
        }

        package var readCount: Int { lines + lateIn }
        package var isBalanced: Bool {
            readCount == streams + short + duplicates + bot + rejected + lateOut + pending
        }
    }

    /// Rejects, or warnings, of one stage for one reason.
    package struct RejectGroup: Sendable {
        package struct Example: Sendable {
            /// File, or file and line.
            package var place: String
            package var detail: String

            package init(place: String, detail: String = "") {
                self.place = place
                self.detail = detail
            }
        }

        package var stage: String
        package var reason: String
        package var count: Int
        package var examples: [Example]

        package init(stage: String, reason: String, count: Int, examples: [Example] = []) {
            self.stage = stage
            self.reason = reason
            self.count = count
            self.examples = examples
        }
    }

    package struct Unresolved: Sendable {
        package var songs: Int
        package var streams: Int

        package init(songs: Int = 0, streams: Int = 0) {
            self.songs = songs
            self.streams = streams
        }
    }
}
