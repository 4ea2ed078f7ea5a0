package import Storage

/// The form in which the ledger keeps tags: one object, empty members left out.
///
///     {"title":["Song"],"artists":["A","B"],"track":["3"],"comments":[{"language":"eng","text":"…"}]}
extension Tags {
    package var json: String {
        var writer = JSONWriter()
        write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Writes an object; the order of its members is fixed, so that equal tags are equal bytes.
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            for field in TagField.allCases {
                if let values = values[field] { writer.field(field.rawValue, values) }
            }
            writeBesideFields(to: &writer)
        }
    }

    /// Writes the members of an object that are no fields: comments, lyrics, chapters, repairs, …
    package func writeBesideFields(to writer: inout JSONWriter) {
        write(comments, "comments", &writer)
        write(lyrics, "lyrics", &writer)
        if !syncedLyrics.isEmpty {
            writer.array("synced_lyrics") { writer in
                for text in syncedLyrics {
                    writer.object { writer in
                        if !text.language.isEmpty { writer.field("language", text.language) }
                        if !text.description.isEmpty {
                            writer.field("description", text.description)
                        }
                        writer.array("lines") { writer in
                            for line in text.lines {
                                writer.object { writer in
                                    writer.field("time_ms", line.timeMs)
                                    writer.field("text", line.text)
                                }
                            }
                        }
                    }
                }
            }
        }
        if !chapters.isEmpty {
            writer.array("chapters") { writer in
                for chapter in chapters {
                    writer.object { writer in
                        writer.field("id", chapter.id)
                        writer.field("start_ms", chapter.startMs)
                        writer.field("end_ms", chapter.endMs)
                        if !chapter.title.isEmpty { writer.field("title", chapter.title) }
                        if !chapter.url.isEmpty { writer.field("url", chapter.url) }
                    }
                }
            }
        }
        if !other.isEmpty {
            writer.object("other") { writer in
                let byBytes = other.sorted {
                    $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
                }
                for (name, values) in byBytes { writer.field(name, values) }
            }
        }
        if !repairs.isEmpty {
            writer.array("repairs") { writer in
                for repair in repairs {
                    writer.object { writer in
                        writer.field("field", repair.field)
                        writer.field("original", repair.original)
                        writer.field("encoding", repair.encoding)
                    }
                }
            }
        }
    }

    private func write(_ notes: [Note], _ key: String, _ writer: inout JSONWriter) {
        guard !notes.isEmpty else { return }
        writer.array(key) { writer in
            for note in notes {
                writer.object { writer in
                    if !note.language.isEmpty { writer.field("language", note.language) }
                    if !note.description.isEmpty { writer.field("description", note.description) }
                    writer.field("text", note.text)
                }
            }
        }
    }

    /// - Parameter place: For the message of the error.
    /// - Throws: `FormatError`.
    package init(json: [UInt8], place: String) throws {
        self = try json.withUnsafeBytes { try Tags(json: $0, place: place) }
    }

    /// - Throws: `FormatError`.
    package init(json: UnsafeRawBufferPointer, place: String) throws {
        self.init()
        values.reserveCapacity(24)
        var decoder = TagsDecoder(json)
        let isOurs = try decoder.decode(
            { self[$0] = $1 },
            notes: { name, notes in
                if name == "lyrics" { lyrics = notes } else { comments = notes }
            },
            member: { name, bytes in
                read(name, try JSONValue.parse(Array(bytes), path: place))
            })
        guard !isOurs else { return }
        self.init()
        let root = try JSONValue.parse(Array(json), path: place)
        for (name, value) in root.object ?? [:] {
            if let field = TagField(rawValue: name) {
                self[field] = value.strings ?? []
            } else {
                read(name, value)
            }
        }
    }

    /// A member that is no field.
    private mutating func read(_ name: String, _ value: JSONValue) {
        switch name {
        case "comments": comments = Self.notes(value)
        case "lyrics": lyrics = Self.notes(value)
        case "synced_lyrics":
            syncedLyrics = (value.array ?? []).map { text in
                SyncedLyrics(
                    language: text["language"]?.string ?? "",
                    description: text["description"]?.string ?? "",
                    lines: (text["lines"]?.array ?? []).map {
                        .init(timeMs: $0["time_ms"]?.int ?? 0, text: $0["text"]?.string ?? "")
                    })
            }
        case "chapters":
            chapters = (value.array ?? []).map {
                Chapter(
                    id: $0["id"]?.string ?? "", startMs: $0["start_ms"]?.int ?? 0,
                    endMs: $0["end_ms"]?.int ?? 0, title: $0["title"]?.string ?? "",
                    url: $0["url"]?.string ?? "")
            }
        case "other": other = (value.object ?? [:]).compactMapValues(\.strings)
        case "repairs":
            repairs = (value.array ?? []).map {
                Repair(
                    field: $0["field"]?.string ?? "", original: $0["original"]?.string ?? "",
                    encoding: $0["encoding"]?.string ?? "")
            }
        default: break
        }
    }

    private static func notes(_ value: JSONValue) -> [Note] {
        (value.array ?? []).map {
            Note(
                language: $0["language"]?.string ?? "",
                description: $0["description"]?.string ?? "", text: $0["text"]?.string ?? "")
        }
    }
}
