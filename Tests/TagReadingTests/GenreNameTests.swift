import TagReading
import Testing

@Suite struct GenreNameTests {
    @Test(arguments: [
        ("Rock", ["Rock"]), ("17", ["Rock"]), ("(17)", ["Rock"]), ("(17)Rock", ["Rock"]),
        ("(17) Rock", ["Rock"]), ("(17)(18)", ["Rock", "Techno"]),
        ("(4)Eurodisco", ["Disco", "Eurodisco"]),
        ("17\0Rock", ["Rock"]), ("17\u{0}18", ["Rock", "Techno"]), ("RX", ["Remix"]),
        ("(CR)", ["Cover"]), ("(RX)(17)", ["Remix", "Rock"]),
        ("((x)", ["(x)"]), ("(31)((I think so)", ["Trance", "(I think so)"]),
        ("(abc)", ["(abc)"]), ("(17", ["(17"]), ("(", ["("]), ("", []), ("255", []), ("(255)", []),
        // Numbers without a name of their own stay.
        ("129", ["129"]), ("(133)", ["133"]), ("192", ["192"]), ("1984", ["1984"]),
        ("0", ["Blues"]), ("79", ["Hard Rock"]), ("125", ["Dance Hall"]), ("191", ["Psybient"]),
        ("80s", ["80s"]), ("R&B", ["R&B"]), ("Hip-Hop / Rap", ["Hip-Hop / Rap"]),
    ])
    func `a genre's names`(text: String, names: [String]) {
        #expect(GenreName.resolve(text) == names)
    }
}
