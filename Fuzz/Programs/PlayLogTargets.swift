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
        precondition(parser.event.eventID.equals(event.eventID))
        precondition(parser.event.userID.equals(event.userID))
        precondition(parser.event.songID.equals(event.songID))
        precondition(parser.event.region.equals(event.region))
        precondition(parser.event.timeMs == event.timeMs)
        precondition(parser.event.dayNumber == event.dayNumber)
        precondition(parser.event.playedMs == event.playedMs)
        precondition(parser.event.durationMs == event.durationMs)
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
