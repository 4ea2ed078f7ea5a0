/// Which of some spellings most songs have; of equals the least.
///
/// Most things are spelled in one way, and that takes no memory of its own.
struct SpellingVotes {
    private var text = ""
    private var count = -1
    private var others: [(text: String, count: Int)] = []

    mutating func add(_ text: String, _ songs: Int) {
        if count < 0 {
            (self.text, count) = (text, songs)
        } else if self.text == text {
            count += songs
        } else if let known = others.firstIndex(where: { $0.text == text }) {
            others[known].count += songs
        } else {
            others.append((text, songs))
        }
    }

    /// nil where there was no vote.
    var winner: String? {
        guard count >= 0 else { return nil }
        var best = (text: text, count: count)
        for other in others
        where other.count > best.count
            || other.count == best.count
                && other.text.utf8.lexicographicallyPrecedes(best.text.utf8)
        {
            best = other
        }
        return best.text
    }
}
