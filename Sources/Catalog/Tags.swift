/// What a file's tags say; a field that they do not have has no values.
///
/// Values stand as the file has them (but for white space around them, control characters and
/// repairs); NFC and other forms for comparing are made where they are compared.
package struct Tags: Equatable, Sendable {
    /// A comment or the lyrics: texts that have a language and a description.
    package struct Note: Equatable, Sendable {
        /// ISO 639-2; "" where the tag does not say.
        package var language = ""
        package var description = ""
        package var text: String

        package init(language: String = "", description: String = "", text: String) {
            self.language = language
            self.description = description
            self.text = text
        }
    }

    /// Lyrics with times.
    package struct SyncedLyrics: Equatable, Sendable {
        package struct Line: Equatable, Sendable {
            package let timeMs: Int
            package let text: String

            package init(timeMs: Int, text: String) {
                self.timeMs = timeMs
                self.text = text
            }
        }

        package var language = ""
        package var description = ""
        package var lines: [Line]

        package init(language: String = "", description: String = "", lines: [Line]) {
            self.language = language
            self.description = description
            self.lines = lines
        }
    }

    package struct Chapter: Equatable, Sendable {
        package var id: String
        package var startMs: Int
        package var endMs: Int
        package var title: String
        package var url: String

        package init(id: String, startMs: Int, endMs: Int, title: String = "", url: String = "") {
            self.id = id
            self.startMs = startMs
            self.endMs = endMs
            self.title = title
            self.url = url
        }
    }

    /// A text that was mislabelled as Latin-1 and is shown in the encoding that it is really in.
    package struct Repair: Equatable, Sendable {
        /// The field's name in JSON.
        package var field: String
        /// As the tag says it, read as Latin-1.
        package var original: String
        /// "windows-1251", "shift_jis", …
        package var encoding: String

        package init(field: String, original: String, encoding: String) {
            self.field = field
            self.original = original
            self.encoding = encoding
        }
    }

    /// Never holds an empty list, nor an empty text.
    package internal(set) var values: [TagField: [String]] = [:]
    package var comments: [Note] = []
    package var lyrics: [Note] = []
    package var syncedLyrics: [SyncedLyrics] = []
    package var chapters: [Chapter] = []
    /// What no field stands for, by the name that the tag gives it (TXXX description, APE key).
    package var other: [String: [String]] = [:]
    package var repairs: [Repair] = []

    package init() {}

    /// Makes room for so many fields.
    package mutating func reserveCapacity(_ count: Int) { values.reserveCapacity(count) }

    package subscript(_ field: TagField) -> [String] {
        get { values[field] ?? [] }
        set {
            let kept =
                newValue.contains(where: \.isEmpty) ? newValue.filter { !$0.isEmpty } : newValue
            values[field] = kept.isEmpty ? nil : kept
        }
    }

    /// The first value; "" where there is none.
    package subscript(first field: TagField) -> String {
        get { values[field]?.first ?? "" }
        set { self[field] = [newValue] }
    }

    /// Artists as one text: "A", "A & B", "A, B & C".
    package static func credit(_ names: [String]) -> String {
        switch names.count {
        case 0: ""
        case 1: names[0]
        default: names.dropLast().joined(separator: ", ") + " & " + names.last!
        }
    }
}

/// The fields that everything needs, in the form in which it needs them.
extension Tags {
    package var title: String {
        get { self[first: .title] }
        set { self[first: .title] = newValue }
    }
    /// As credited, in order.
    package var artists: [String] {
        get { self[.artists] }
        set { self[.artists] = newValue }
    }
    package var album: String {
        get { self[first: .album] }
        set { self[first: .album] = newValue }
    }
    package var albumArtist: String {
        get { self[first: .albumArtists] }
        set { self[first: .albumArtists] = newValue }
    }
    package var track: Int? {
        get { number(.track) }
        set { setNumber(.track, newValue) }
    }
    package var trackTotal: Int? {
        get { number(.trackTotal) }
        set { setNumber(.trackTotal, newValue) }
    }
    package var disc: Int? {
        get { number(.disc) }
        set { setNumber(.disc, newValue) }
    }
    package var discTotal: Int? {
        get { number(.discTotal) }
        set { setNumber(.discTotal, newValue) }
    }
    /// YYYY, YYYY-MM or YYYY-MM-DD: of the release, or else of the recording.
    package var releaseDate: String {
        get { String((values[.releaseDate] ?? values[.recordingDate])?.first?.prefix(10) ?? "") }
        set { self[first: .releaseDate] = newValue }
    }
    package var genres: [String] {
        get { self[.genres] }
        set { self[.genres] = newValue }
    }
    package var composer: String {
        get { self[.composers].joined(separator: ", ") }
        set { self[.composers] = [newValue] }
    }
    package var isrc: String {
        get { self[first: .isrcs] }
        set { self[first: .isrcs] = newValue }
    }
    package var isCompilation: Bool {
        get { self[first: .compilation] == "1" }
        set { self[.compilation] = newValue ? ["1"] : [] }
    }

    private func number(_ field: TagField) -> Int? { values[field]?.first.flatMap { Int($0) } }

    private mutating func setNumber(_ field: TagField, _ number: Int?) {
        self[field] = number.map { ["\($0)"] } ?? []
    }
}
