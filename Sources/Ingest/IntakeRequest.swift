internal import Catalog
internal import Storage
internal import TagReading

/// One file to be read, as a worker process is told of it.
struct IntakeRequest: Equatable {
    var warehousePath: String
    /// What the names of its temporary blobs begin with; no other request has it.
    var temporaryName: String
    /// Absolute.
    var path: [UInt8]
    /// Below the source.
    var name: [UInt8]
    /// As the scan saw it.
    var stamp: FileStamp
    /// The audio that the file held last. When it still does and its blob is there, it is not
    /// copied again.
    var knownAudio: LedgerFile.Part?
    var separators = TagSeparators()

    var bytes: [UInt8] {
        var writer = FieldWriter()
        writer.add(warehousePath)
        writer.add(temporaryName)
        writer.add(path)
        writer.add(name)
        writer.add(stamp)
        writer.add(knownAudio) { $0.add($1) }
        for list in [
            separators.artists, separators.genres, separators.people, separators.others,
        ] {
            writer.add(list: list) { $0.add($1) }
        }
        return writer.bytes
    }
}

extension IntakeRequest {
    init(_ bytes: some Collection<UInt8>) throws(FieldReader.Malformed) {
        var reader = FieldReader(bytes)
        warehousePath = try reader.text()
        temporaryName = try reader.text()
        path = try reader.byteArray()
        name = try reader.byteArray()
        stamp = try reader.stamp()
        knownAudio = try reader.optional { reader throws(FieldReader.Malformed) in
            try reader.part()
        }
        func texts() throws(FieldReader.Malformed) -> [String] {
            try reader.list { reader throws(FieldReader.Malformed) in try reader.text() }
        }
        separators = TagSeparators(
            artists: try texts(), genres: try texts(), people: try texts(), others: try texts())
    }
}
