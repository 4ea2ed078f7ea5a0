internal import Storage

extension NightReport {
    /// The night in one sentence, by the worst that happened.
    struct Status: Equatable {
        enum Level: String {
            case good, attention, failed
        }

        var level: Level
        var sentence: String

        /// The level in a word, as its colour alone would say nothing to some.
        var word: String {
            switch level {
            case .good: "✓ Good"
            case .attention: "! Look"
            case .failed: "✕ Failed"
            }
        }
    }

    var status: Status {
        let failed = stages.filter { $0.status == .failed }.map { shortened($0.name, most: 40) }
        if !failed.isEmpty {
            let names = failed.prefix(3).joined(separator: ", ")
            return Status(level: .failed, sentence: "The night is not complete: \(names) failed.")
        }
        let unbalanced = playDays.filter { !$0.isBalanced }.map(\.date.description)
        if !unbalanced.isEmpty || !files.isBalanced {
            let what = unbalanced.first.map { "the play logs of \($0)" } ?? "the files"
            return Status(
                level: .attention,
                sentence: "Published, but the counts of \(what) do not add up.")
        }
        if songs == 0 {
            return Status(level: .attention, sentence: "Published, but the catalogue has no songs.")
        }
        let aside =
            rejectCount == 0
            ? "nothing was rejected"
            : "\(counted(rejectCount, "reject")) \(rejectCount == 1 ? "was" : "were") set aside"
        if !notices.isEmpty {
            let things = notices.count == 1 ? "one thing" : "\(grouped(notices.count)) things"
            return Status(
                level: .attention,
                sentence: "Published, with \(things) to look at; \(aside), and all counts add up.")
        }
        return Status(level: .good, sentence: "Published; \(aside), and all counts add up.")
    }
}
