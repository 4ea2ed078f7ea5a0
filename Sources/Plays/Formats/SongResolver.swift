internal import Catalog
internal import SQLite
internal import Storage

/// Finds the songs that logs name, in a catalogue.
///
/// What was asked lately is remembered in a table of fixed size (7 MB); the names of all songs are
/// read once, when the first of a kind is asked for (40 to 60 bytes a song and kind).
final class SongResolver {
    struct Match {
        /// The song's id; or, behind `?`, how the log names it. Valid until the next question.
        let id: UnsafeRawBufferPointer
        let isResolved: Bool
        /// 0 where the catalogue does not know the song.
        let durationMs: Int
        let sizeBytes: Int
    }

    private struct Song {
        var id: [UInt8]
        var durationMs = 0
        var sizeBytes = 0
        var isResolved = true
    }

    private let path: String?
    private let isRequired: Bool
    private var catalog: Database?
    private var isOpened = false
    private var names: SongIndex?
    private var isrcs: SongIndex?
    private var recordings: SongIndex?
    /// Told once, when the catalogue that there is cannot be used.
    private(set) var warning: String?

    private static let slotCount = 1 << 16
    private static let slotBytes = 112
    private static let maximumIDBytes = PlayEventParser.maximumIDBytes
    @exclusivity(unchecked) private var slots: UnsafeMutableRawPointer?
    private let room: UnsafeMutableRawBufferPointer

    /// - Parameter catalog: The folder with `catalog.sqlite`; opened when the first song is looked up.
    /// - Parameter isRequired: Whether a catalogue that cannot be read is an error.
    init(catalog: String?, isRequired: Bool) {
        path = catalog
        self.isRequired = isRequired
        room = .allocate(byteCount: PlayEventParser.maximumLineBytes * 2, alignment: 16)
    }

    /// Looks songs up in the catalogue that is named; else in the one that is published, or else in
    /// the newest that was built.
    convenience init(_ options: PlayLogOptions, in warehouse: Warehouse) {
        if let catalog = options.catalog {
            self.init(catalog: catalog, isRequired: true)
            return
        }
        let kind = FileSystem.parent(of: warehouse.artefact("catalog", .init(dayNumber: 0)))
        let built = ((try? FileSystem.list(kind)) ?? []).filter { $0.hasPrefix("date=") }.max()
        let folders = [warehouse.currentSnapshotPath] + (built.map { ["\(kind)/\($0)"] } ?? [])
        self.init(
            catalog: folders.first { FileSystem.exists($0 + "/catalog.sqlite") }, isRequired: false)
    }

    deinit {
        slots?.deallocate()
        room.deallocate()
    }

    /// - Throws: `FormatError`, `DatabaseError` for a catalogue that cannot be read.
    func resolve(_ reference: SongReference) throws -> Match {
        let hash = hash(reference)
        let slots = slots ?? makeSlots()
        let slot = slots + Int(truncatingIfNeeded: hash.0) & (Self.slotCount - 1) * Self.slotBytes
        if slot.load(as: UInt64.self) != hash.0
            || slot.load(fromByteOffset: 8, as: UInt64.self) != hash.1
            || slot.load(fromByteOffset: 32, as: Int.self) == 0
        {
            let song = try find(reference)
            slot.storeBytes(of: hash.0, as: UInt64.self)
            slot.storeBytes(of: hash.1, toByteOffset: 8, as: UInt64.self)
            slot.storeBytes(of: song.durationMs, toByteOffset: 16, as: Int.self)
            slot.storeBytes(of: song.sizeBytes, toByteOffset: 24, as: Int.self)
            slot.storeBytes(of: song.id.count, toByteOffset: 32, as: Int.self)
            slot.storeBytes(of: song.isResolved ? 1 : 0, toByteOffset: 40, as: Int.self)
            (slot + 48).copyMemory(from: song.id, byteCount: song.id.count)
        }
        return Match(
            id: UnsafeRawBufferPointer(
                start: slot + 48, count: slot.load(fromByteOffset: 32, as: Int.self)),
            isResolved: slot.load(fromByteOffset: 40, as: Int.self) == 1,
            durationMs: slot.load(fromByteOffset: 16, as: Int.self),
            sizeBytes: slot.load(fromByteOffset: 24, as: Int.self))
    }

    /// Whether there is a catalogue that can be asked.
    func hasCatalog() throws -> Bool { try open() != nil }

    private func makeSlots() -> UnsafeMutableRawPointer {
        let made = UnsafeMutableRawPointer.allocate(
            byteCount: Self.slotCount * Self.slotBytes, alignment: 16)
        made.initializeMemory(as: UInt8.self, repeating: 0, count: Self.slotCount * Self.slotBytes)
        slots = made
        return made
    }

    /// Of what names the song in every delivery of a log: services come to know ISRCs and ids of
    /// recordings only later, and mend titles of songs that have an id.
    func identityHash(_ reference: SongReference) -> (UInt64, UInt64) {
        var identity = reference
        if !reference.id.isEmpty {
            identity = SongReference()
            identity.id = reference.id
        } else if !reference.title.isEmpty {
            identity.isrc = .none
            identity.recordingID = .none
        } else if !reference.isrc.isEmpty {
            identity.recordingID = .none
        }
        return hash(identity)
    }

    private func hash(_ reference: SongReference) -> (UInt64, UInt64) {
        var used = 0
        add(reference.id, &used)
        add(reference.isrc, &used)
        add(reference.recordingID, &used)
        add(reference.artist, &used)
        add(reference.title, &used)
        return ByteHash.hash128(UnsafeRawBufferPointer(rebasing: room[..<used]))
    }

    @inline(__always)
    private func add(_ part: UnsafeRawBufferPointer, _ used: inout Int) {
        // Longer than any line: cannot be.
        precondition(used + part.count < room.count)
        if let start = part.baseAddress, !part.isEmpty {
            (room.baseAddress! + used).copyMemory(from: start, byteCount: part.count)
        }
        used += part.count + 1
        room[used - 1] = 0
    }

    // MARK: Looking up

    private func find(_ reference: SongReference) throws -> Song {
        let id = reference.id.trimmed
        if let given = SongPath.isSongID(id) ? id : SongPath.songID(in: id) {
            return try song(id: given.text.lowercased())
        }
        if !reference.isrc.isEmpty, let found = try song(isrc: reference.isrc.trimmed.text) {
            return found
        }
        if !reference.recordingID.isEmpty,
            let found = try song(recording: reference.recordingID.trimmed.text)
        {
            return found
        }
        if !reference.title.isEmpty, !reference.artist.isEmpty,
            let found = try song(reference.artist.text, reference.title.text)
        {
            return found
        }
        if !id.isEmpty {
            let text = id.text
            if isRecordingID(id), let found = try song(recording: text) { return found }
            if isISRC(text), let found = try song(isrc: text) { return found }
            // An id of the service whose log it is; a path or a URN is none.
            if id.count <= Self.maximumIDBytes, !id.hasControlCharacter, id.first(47) == nil,
                id.first(58) == nil, id[0] != 63
            {
                return Song(id: Array(id))
            }
        }
        return Song(id: Self.unresolved(reference), isResolved: false)
    }

    private func open() throws -> Database? {
        if isOpened { return catalog }
        isOpened = true
        guard let path else { return nil }
        do {
            catalog = try CatalogReader.open(path + "/catalog.sqlite")
        } catch  where !isRequired {
            warning =
                "songs of other services are not looked up: \(path)/catalog.sqlite cannot be read"
        }
        return catalog
    }

    /// An id is believed; the catalogue only adds what it knows.
    private func song(id: String) throws -> Song {
        guard let catalog = try open() else { return Song(id: Array(id.utf8)) }
        var statement = try catalog.prepare(
            "SELECT duration_ms, size_bytes FROM songs WHERE song_id = ?")
        try statement.bind(1, id)
        guard try statement.step() else { return Song(id: Array(id.utf8)) }
        return Song(
            id: Array(id.utf8), durationMs: statement.int(0), sizeBytes: statement.int(1))
    }

    private func song(rank: Int) throws -> Song? {
        var statement = try catalog!.prepare(
            "SELECT song_id, duration_ms, size_bytes FROM songs WHERE rank = ?")
        try statement.bind(1, rank)
        guard try statement.step() else { return nil }
        return Song(
            id: Array(statement.text(0).utf8.prefix(Self.maximumIDBytes)),
            durationMs: statement.int(1), sizeBytes: statement.int(2))
    }

    private func song(isrc: String) throws -> Song? {
        guard let catalog = try open() else { return nil }
        if isrcs == nil { isrcs = try SongIndex.isrcs(catalog) }
        return try isrcs!.rank(SongIndex.folded(isrc: isrc)).flatMap(song(rank:))
    }

    private func song(recording: String) throws -> Song? {
        guard let catalog = try open() else { return nil }
        if recordings == nil { recordings = try SongIndex.recordings(catalog) }
        return try recordings!.rank(recording.lowercased()).flatMap(song(rank:))
    }

    /// As the log has it, then by what else is the same artist and the same recording.
    private func song(_ artist: String, _ title: String) throws -> Song? {
        guard let catalog = try open() else { return nil }
        if names == nil { names = try SongIndex.names(catalog) }
        var artists = [SongName.artist(artist)]
        if let former = try currentName(catalog, artist) { artists.append(former) }
        if let first = SongName.firstArtist(artist) { artists.append(first) }
        var titles = [SongName.title(title)]
        if let plain = SongName.titleWithoutRemaster(title) { titles.append(plain) }
        for title in titles {
            for artist in artists {
                if let rank = names!.rank(artist, title) { return try song(rank: rank) }
            }
        }
        return nil
    }

    /// The name of the artist whom the catalogue knows by another one, too.
    private func currentName(_ catalog: Database, _ artist: String) throws -> String? {
        var statement = try catalog.prepare(
            """
            SELECT name FROM artist_aliases JOIN artists USING(artist_number) WHERE former_id = ?
            """)
        try statement.bind(1, StableID.artist(artist))
        return try statement.step() ? SongName.artist(statement.text(0)) : nil
    }

    private func isRecordingID(_ text: UnsafeRawBufferPointer) -> Bool {
        text.count == 36 && text[8] == 45 && text[13] == 45 && text[18] == 45 && text[23] == 45
    }

    private func isISRC(_ text: String) -> Bool {
        let bytes = Array(SongIndex.folded(isrc: text).utf8)
        return bytes.count == 12 && bytes[..<2].allSatisfy { (65...90).contains($0) }
            && bytes[5...].allSatisfy { (48...57).contains($0) }
    }

    // MARK: What is not found

    private static func withHexadecimal(_ hash: UInt64) -> [UInt8] {
        var digits = [UInt8](repeating: 0, count: 16)
        digits.withUnsafeMutableBytes { $0.writeHexadecimal(hash, at: 0) }
        return digits
    }

    /// `?Artist / Title`, `?isrc:…`, `?mbid:…` or `?path`, without control characters and in at most
    /// 64 bytes: of a longer one 47 at most, `~` and 16 digits of a hash of all.
    static func unresolved(_ reference: SongReference) -> [UInt8] {
        var text: [UInt8] = [63]
        if !reference.title.isEmpty {
            if !reference.artist.isEmpty { text += Array(reference.artist) + Array(" / ".utf8) }
            text += Array(reference.title)
        } else if !reference.isrc.isEmpty {
            text += Array("isrc:".utf8) + Array(reference.isrc)
        } else if !reference.recordingID.isEmpty {
            text += Array("mbid:".utf8) + Array(reference.recordingID)
        } else {
            let end = reference.id.first(63) ?? reference.id.count
            text += Array(reference.id.part(0..<end))
        }
        for index in text.indices where text[index] < 32 || text[index] == 127 { text[index] = 32 }
        guard text.count > maximumIDBytes else { return text }
        let hash = text.withUnsafeBytes { ByteHash.hash64($0) }
        var end = 47
        while text[end] & 0xc0 == 0x80 { end -= 1 }
        return text[..<end] + [126] + withHexadecimal(hash)
    }
}
