import Testing

@testable import Catalog

struct SpellingVotesTests {
    @Test(
        arguments: [
            ([("b", 1), ("a", 1)], "a"), ([("a", 1), ("b", 2)], "b"),
            ([("b", 1), ("a", 1), ("b", 1)], "b"),
            ([("a", 0)], "a"), ([], nil), ([("c", 2), ("b", 1), ("a", 1), ("a", 1)], "a"),
        ] as [([(String, Int)], String?)])
    func `the spelling of most songs wins, of equals the least`(
        votes: [(String, Int)], winner: String?
    ) {
        var tally = SpellingVotes()
        for (text, songs) in votes { tally.add(text, songs) }
        #expect(tally.winner == winner)
    }
}
