internal import Glibc

/// Why something stands where it stands.
package struct SearchScore: Equatable, Sendable {
    package enum Reason: String, Sendable {
        /// It is called just so, or has just this artist, or is on just this album.
        case exactName = "exact name"
        case exactArtist = "exact artist"
        case exactAlbum = "exact album"
        case inName = "words of the name"
        case inNameAndArtist = "words of name and artist"
        case inArtist = "words of an artist"
        case inAlbum = "words of the album"
        case elsewhere = "words in several fields"
        /// Some words are the name of its genre.
        case genre = "of the genre"
        /// Nothing but filters was asked for.
        case filters
    }

    package let reason: Reason
    /// By the words alone.
    package let relevance: Double
    /// 0 for the least popular, `SearchScore.popularityWeight` for the most.
    package let popularity: Double
    package let edits: Int
    /// The last word is incomplete.
    package let isBeginning: Bool

    package var total: Double { relevance + popularity }

    /// Of what is found by its genre: words beside it count less than any that were found.
    var ofGenre: SearchScore {
        SearchScore(
            reason: .genre, relevance: reason == .filters ? 0 : relevance - 30,
            popularity: popularity, edits: edits, isBeginning: isBeginning)
    }

    static let popularityWeight = 20.0

    /// By the logarithm of the rank: from 1 to 10 is as far as from 1,000 to 10,000.
    static func popularity(rank: Int, of songs: Int) -> Double {
        guard songs > 1 else { return popularityWeight }
        let share = log(Double(max(1, rank))) / log(Double(songs + 1))
        return popularityWeight * max(0, 1 - share)
    }
}

/// A query made ready to be held against many rows.
struct SearchJudge {
    struct Term {
        let words: [MatchWord]
        let field: Int?
        let isPrefix: Bool
        let corrections: [(word: MatchWord, meant: SearchQuery.Correction)]
    }

    private let kind: SearchKind
    private let positive: [Term]
    private let negative: [Term]
    private let songs: Int
    private let fieldCount: Int

    /// - Returns: nil when a term is for a field that the kind does not have.
    init?(_ query: SearchQuery, _ kind: SearchKind, songs: Int) {
        self.kind = kind
        self.songs = songs
        fieldCount = kind.fields.count
        var terms: (positive: [Term], negative: [Term]) = ([], [])
        for term in query.terms {
            var field: Int?
            if let asked = term.field {
                guard let index = kind.fields.firstIndex(of: asked) else {
                    // What a kind does not have is not in it.
                    if term.isNegative { continue }
                    return nil
                }
                field = index
            }
            let made = Term(
                words: term.words.map { MatchWord($0) }, field: field, isPrefix: term.isPrefix,
                corrections: term.corrections.map { (MatchWord($0.word), $0) })
            if term.isNegative { terms.negative.append(made) } else { terms.positive.append(made) }
        }
        (positive, negative) = terms
    }

    struct Verdict {
        var score: SearchScore
        /// What words were taken for, by the number of the positive term.
        var corrections: [Int: String]
    }

    /// - Parameters:
    ///   - rank: Of the song, or of the best song of the album or artist.
    ///   - isExactForm: It is called so but for what is in brackets, or an article.
    /// - Returns: nil when a term is missing, or one that must not be there is there.
    func judge(_ document: SearchDocument, rank: Int, isExactForm: Bool = false) -> Verdict? {
        for term in negative
        where document.find(term.words, isPrefix: false, { isAllowed($0, term) }) { return nil }
        let popularity = SearchScore.popularity(rank: rank, of: songs)
        guard !positive.isEmpty else {
            return Verdict(
                score: SearchScore(
                    reason: .filters, relevance: 0, popularity: popularity, edits: 0,
                    isBeginning: false), corrections: [:])
        }
        var found: [[SearchDocument.Place]] = []
        var edits = 0
        var corrections: [Int: String] = [:]
        for (number, term) in positive.enumerated() {
            var places: [SearchDocument.Place] = []
            _ = document.find(term.words, isPrefix: term.isPrefix) { place in
                if isAllowed(place, term) { places.append(place) }
                return places.count == 12
            }
            if places.isEmpty {
                for correction in term.corrections {
                    _ = document.find([correction.word], isPrefix: correction.meant.isBeginning) {
                        place in
                        if isAllowed(place, term) { places.append(place) }
                        return places.count == 12
                    }
                    guard !places.isEmpty else { continue }
                    edits += correction.meant.edits
                    corrections[number] =
                        correction.meant.isBeginning
                        ? document.text(places[0]) : correction.meant.word
                    break
                }
            }
            guard !places.isEmpty else { return nil }
            found.append(places)
        }
        return Verdict(
            score: score(document, found, popularity, edits, isExactForm),
            corrections: corrections)
    }

    /// Other spellings are of no known field.
    private func isAllowed(_ place: SearchDocument.Place, _ term: Term) -> Bool {
        guard let field = term.field else { return true }
        return place.field == field || place.field >= fieldCount
    }

    private func score(
        _ document: SearchDocument, _ found: [[SearchDocument.Place]], _ popularity: Double,
        _ edits: Int, _ isExactForm: Bool
    ) -> SearchScore {
        let name = coverage(document, found, field: 0)
        let artistField = kind.fields.firstIndex(of: .artist)
        let artist = artistField.flatMap { $0 > 0 ? coverage(document, found, field: $0) : nil }
        let albumField = kind.fields.firstIndex(of: .album)
        let album = albumField.flatMap { $0 > 0 ? coverage(document, found, field: $0) : nil }
        var reason = SearchScore.Reason.elsewhere
        var relevance = 22.0
        func propose(_ value: Double, _ why: SearchScore.Reason) {
            if value > relevance { (relevance, reason) = (value, why) }
        }
        var isBeginning = found.allSatisfy { $0.allSatisfy(\.isBeginning) }
        if let name, name.found == found.count {
            isBeginning = name.isBeginning
            if name.share == 1, name.isInOrder, !name.isBeginning {
                propose(100, .exactName)
            } else {
                var value = 36 + 14 * name.share
                if name.isInOrder { value += 5 }
                if name.isTogether { value += name.isAtStart ? 18 : 10 }
                propose(value, .inName)
            }
        }
        if isExactForm, edits == 0 { propose(95, .exactName) }
        if let artist, artist.found == found.count {
            if artist.share == 1, artist.isInOrder, !artist.isBeginning {
                propose(82, .exactArtist)
            } else {
                propose(40 + 18 * artist.share, .inArtist)
            }
        }
        if let album, album.found == found.count {
            if album.share == 1, album.isInOrder, !album.isBeginning {
                propose(76, .exactAlbum)
            } else {
                propose(28 + 20 * album.share, .inAlbum)
            }
        }
        if let name, let artist, name.found < found.count, name.found > 0, artist.found > 0,
            found.allSatisfy({ $0.contains { $0.field == 0 || $0.field == artistField } })
        {
            propose(42 + 16 * name.share + 14 * artist.share, .inNameAndArtist)
        }
        if isBeginning { relevance -= 15 }
        return SearchScore(
            reason: reason, relevance: relevance - 30 * Double(edits), popularity: popularity,
            edits: edits, isBeginning: isBeginning)
    }

    private struct Coverage {
        /// How many terms were found in the field.
        var found = 0
        /// How much of the name in which most was found the terms make up.
        var share = 0.0
        var isInOrder = false
        /// One behind the other, in their order.
        var isTogether = false
        var isAtStart = false
        var isBeginning = false
    }

    private func coverage(
        _ document: SearchDocument, _ found: [[SearchDocument.Place]], field: Int
    ) -> Coverage? {
        var result = Coverage()
        result.found = found.count { $0.contains { $0.field == field } }
        guard result.found > 0 else { return nil }
        for (number, name) in document.names.enumerated()
        where name.field == field && name.count > 0 {
            var covered = 0
            var isInOrder = true
            var isTogether = true
            var isBeginning = false
            var last = -1
            var first: Int?
            for places in found {
                guard
                    let place = places.first(where: { $0.name == number && $0.position > last })
                        ?? places.first(where: { $0.name == number })
                else {
                    isInOrder = false
                    isTogether = false
                    continue
                }
                covered += place.tokens
                if place.position <= last { isInOrder = false }
                if first != nil, place.position != last + 1 { isTogether = false }
                first = first ?? place.position
                last = place.position + place.tokens - 1
                if place.isBeginning { isBeginning = true }
            }
            let share = min(1, Double(covered) / Double(name.count))
            if share > result.share {
                result.share = share
                result.isInOrder = isInOrder
                result.isTogether = isTogether
                result.isAtStart = first == 0
                result.isBeginning = isBeginning
            }
        }
        return result
    }
}
