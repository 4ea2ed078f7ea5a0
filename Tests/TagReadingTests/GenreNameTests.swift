import TagReading
import Testing

@Suite struct GenreNameTests {
    @Test func `a name stays as it is`() {
        #expect(GenreName.resolve("Rock") == ["Rock"])
    }
}
