import Catalog
import Storage

/// Files and songs for ledgers.
enum LedgerFixture {
    static let night = CalendarDate(year: 2026, month: 11, day: 19)

    static func id(_ number: Int) -> Digest { SHA256.hash("song \(number)") }

    static func song(_ number: Int) -> LedgerSong {
        LedgerSong(
            id: id(number), sizeBytes: 1_000 + number, durationMs: 200_000 + number,
            bitrateKbps: 128, sampleRateHz: 44_100,
            channels: 2, frames: 7_000, isVBR: false)
    }

    static func file(
        _ number: Int, path: String? = nil, _ change: (inout LedgerFile) -> Void = { _ in }
    ) -> LedgerFile {
        var file = LedgerFile(
            path: Array((path ?? "file \(number).mp3").utf8), state: .present,
            status: FileStamp(sizeBytes: 1, modifiedNs: 2, changedNs: 3, inode: 4))
        file.song = id(number)
        file.tags.title = "Song \(number)"
        file.tags.artists = ["Artist"]
        change(&file)
        return file
    }

    /// A ledger of these files, each with its song.
    static func ledger(_ warehouse: Warehouse, _ files: [(number: Int, file: LedgerFile)]) throws
        -> Ledger
    {
        try warehouse.prepare()
        let ledger = try Ledger(warehouse, .readWrite)
        let writer = try LedgerWriter(ledger, source: "/music", date: night)
        try ledger.transaction {
            for (number, file) in files {
                try writer.save(song(number))
                try writer.save(file)
            }
        }
        return ledger
    }
}
