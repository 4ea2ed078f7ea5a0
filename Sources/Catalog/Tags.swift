/// What a file's tags say, as far as Spindle uses it; "" and nil where they say nothing.
package struct Tags: Equatable, Sendable {
    package var title = ""
    /// As credited, in order.
    package var artists: [String] = []
    package var album = ""
    package var albumArtist = ""
    package var track: Int?
    package var trackTotal: Int?
    package var disc: Int?
    package var discTotal: Int?
    /// YYYY, YYYY-MM or YYYY-MM-DD.
    package var releaseDate = ""
    package var genres: [String] = []
    package var composer = ""
    package var isrc = ""
    package var isCompilation = false

    package init() {}

    /// Artists as one text: "A", "A & B", "A, B & C".
    package static func credit(_ names: [String]) -> String {
        switch names.count {
        case 0: ""
        case 1: names[0]
        default: names.dropLast().joined(separator: ", ") + " & " + names.last!
        }
    }
}
