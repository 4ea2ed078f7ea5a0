/// Words that are the name of a genre.
extension SearchQuery {
    private static let maximumReadings = 4

    /// The query with words that are a genre's name taken for that genre: the longest such run
    /// first, and last all of them.
    func genreReadings(_ isGenre: ([String]) throws -> Bool) rethrows -> [SearchQuery] {
        var runs: [Range<Int>] = []
        for start in terms.indices {
            var words: [String] = []
            for end in start..<terms.count {
                guard !terms[end].isNegative, terms[end].field == nil else { break }
                words += terms[end].words.map(\.plain)
                if try isGenre(words) { runs.append(start..<(end + 1)) }
            }
        }
        runs.sort { (-$0.count, $0.lowerBound) < (-$1.count, $1.lowerBound) }
        var readings = runs.prefix(Self.maximumReadings - 1).map { reading([$0]) }
        var apart: [Range<Int>] = []
        for run in runs where !apart.contains(where: { $0.overlaps(run) }) { apart.append(run) }
        if apart.count > 1 { readings.append(reading(apart)) }
        return readings
    }

    private func reading(_ runs: [Range<Int>]) -> SearchQuery {
        var reading = self
        for run in runs.sorted(by: { $0.lowerBound > $1.lowerBound }) {
            let name = terms[run].flatMap(\.words).map(\.plain).joined(separator: " ")
            reading.filters.append((.genre(name), false))
            reading.terms.removeSubrange(run)
        }
        return reading
    }
}
