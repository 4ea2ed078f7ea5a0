import Glibc
import Storage

@testable import Plays

/// Reads the bytes as a log of one format and holds what comes out to what must be so of any bytes.
func fuzzPlayLog(_ bytes: UnsafeRawBufferPointer, as format: LogFormat, path: String) {
    var options = PlayLogOptions()
    options.format = format
    options.region = "eu"
    options.listener = "me"
    options.bitrateKbps = 128
    var events = 0
    var parser = PlayEventParser()
    let body: PlayLogReader.Body = { _, event, line, _ in
        events += 1
        guard format != .spindle else { return .taken }
        // What is set aside for another day must be read as the same event.
        precondition(parser.parse(line) == nil, "\(line.text)")
        precondition(parser.event.isSame(as: event))
        return .taken
    }
    do {
        let rejects = try RejectScratch.list()
        let warehouse = Warehouse(path: RejectScratch.folder)
        let reader = PlayLogReader(
            warehouse, options, songs, rejects, body)
        let read = try reader.read([LogFile(path: path, day: nil, fingerprint: "")])
        precondition(
            read.lines == events + read.rejected + read.leftOut + read.folded, "\(read)")
    } catch is FormatError {
        // A first line that is no header.
    } catch {
        preconditionFailure("\(error)")
    }
}

/// Its table is larger than most logs.
nonisolated(unsafe) private let songs = SongResolver(catalog: nil, isRequired: false)

func fuzzDetection(_ bytes: UnsafeRawBufferPointer) {
    do {
        _ = try LogDetection.format(of: bytes, isWhole: true, path: "x", columns: [:])
    } catch let error as FormatError {
        precondition(error.hint != nil)
    } catch {
        preconditionFailure("\(error)")
    }
}

/// What is read ahead must be read strictly as well, to the same event; learned from the bytes
/// themselves, which come twice, behind a line as `spindled` writes it.
func fuzzLines(_ bytes: UnsafeRawBufferPointer) {
    let known = """
        {"event_id":"e","ts":"2026-11-19T20:15:04.120Z","user_id":"u","song_id":"s","region":"r",\
        "ms_played":1,"duration_ms":1,"reason_end":"trackdone","platform":"web"}

        """
    var lines = Array(known.utf8) + bytes + [10] + bytes
    let count = lines.count
    // What stands behind the lines must not matter.
    lines += bytes.prefix(64)
    lines += [UInt8](repeating: 34, count: count + 64 - lines.count)
    var parser = PlayEventParser()
    lines.withUnsafeBytes { lines in
        var start = 0
        while start < count {
            let rest = lines.part(start..<count)
            let ahead = parser.parseAhead(rest)
            var line = lines.part(start..<(lines.part(0..<count).first(10, from: start) ?? count))
            start += line.count + 1
            if line.last == 13 { line = line.part(0..<line.count - 1) }
            precondition(ahead == 0 || ahead == line.count, "\(ahead) of \(line.count)")
            let rejection = ahead > 0 ? nil : parser.parsePadded(line)
            var strict = PlayEventParser()
            precondition(strict.parse(line) == rejection, "\(line.text)")
            guard rejection == nil else { continue }
            precondition(parser.event.isSame(as: strict.event), "\(line.text)")
        }
    }
}

/// A list that is begun anew before it fills the memory in which it lies. It has no name, so that
/// nothing is left however the fuzzer ends.
private enum RejectScratch {
    static let folder = "/dev/shm"
    nonisolated(unsafe) private static var writer: FileWriter?
    nonisolated(unsafe) private static var uses = 0

    static func list() throws -> RejectList {
        if uses % 500 == 0 {
            let path = "\(folder)/spindle-fuzz-\(getpid())"
            writer = try FileWriter(path)
            try FileSystem.remove(path)
        }
        uses += 1
        return RejectList(writer: writer!)
    }
}
