import Arguments
import AudioAnalysis
import Catalog
import Storage

/// Prints the songs that `spindle decode` found damaged, with the files that hold them.
struct DefectList {
    let warehouse: Warehouse
    let terminal: Terminal
    let asJSON: Bool

    func print() throws {
        try warehouse.check()
        guard let store = try DecodeStore.existing(warehouse) else { throw NothingDecoded() }
        var defects: [DecodeStore.Defect] = []
        try store.forEachDefect { defects.append($0) }
        let files = try SongFiles(warehouse, of: Set(defects.map(\.song)))
        for defect in defects {
            let paths = files[defect.song].map(\.path)
            if asJSON {
                terminal.print(json(defect, paths))
            } else {
                terminal.print(line(defect, paths))
            }
        }
        guard !asJSON else { return }
        let counts = try store.verdicts()
        terminal.say(
            """
            \(grouped(counts["ok"] ?? 0)) sound, \(grouped(counts["warnings"] ?? 0)) with \
            warnings, \(grouped(counts["failed"] ?? 0)) failed
            """)
    }

    private func line(_ defect: DecodeStore.Defect, _ paths: [String]) -> String {
        let what = ([defect.failure].compactMap { $0 } + defect.warnings).joined(separator: ", ")
        let place = defect.firstOffset.map { " from byte \($0) of the audio" } ?? ""
        let detail = defect.detail.map { ": \($0)" } ?? ""
        return printable(
            "\(paths.first ?? defect.song.hex): \(defect.verdict): \(what)\(place)\(detail)"
                + paths.dropFirst().map { "\n  also \($0)" }.joined())
    }

    /// A file's name may hold what a terminal would obey.
    private func printable(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\n"
            shown.unicodeScalars.append(isControl ? "?" : scalar)
        }
        return shown
    }

    private func json(_ defect: DecodeStore.Defect, _ paths: [String]) -> JSONWriter {
        var json = JSONWriter()
        json.object {
            $0.field("song_id", defect.song.hex)
            $0.field("verdict", defect.verdict)
            $0.field("failure", defect.failure)
            $0.field("detail", defect.detail)
            $0.field("warnings", defect.warnings)
            $0.field("first_offset", defect.firstOffset)
            $0.field("files", paths)
        }
        return json
    }
}

/// What lists results of `spindle decode` before there are any.
struct NothingDecoded: Diagnosed {
    var message: String { "no song has been decoded yet" }
    var hint: String? { "run spindle decode first" }
    var cause: FailureCause { .inputMissing }
}

/// The present files of some songs.
struct SongFiles {
    struct File {
        /// Source and path below it.
        let path: String
        let title: String
        let artists: [String]
    }

    private var files: [Digest: [File]] = [:]

    init(_ warehouse: Warehouse, of songs: Set<Digest>) throws {
        guard !songs.isEmpty else { return }
        try Ledger(warehouse, .readOnly).forEachFile(state: .present) { source, file in
            guard let song = file.song, songs.contains(song) else { return }
            files[song, default: []].append(
                File(
                    path: source + "/" + String(decoding: file.path, as: UTF8.self),
                    title: file.tags.title, artists: file.tags.artists))
        }
    }

    subscript(song: Digest) -> [File] { files[song] ?? [] }
}
