internal import Storage

/// Reads a partition's `counts.tsv.zst` row by row; several at a time can be merged.
package final class CountsFile {
    package static let fileName = "counts.tsv.zst"
    static let header =
        "song_id\tregion\tplays\tstreams\tchart_streams\tscrobbles\tlisteners\tplayed_ms\tskips"
        + "\ttimed_plays\tcompleted_plays\tcompletion_permille\tsong_listeners\thours\n"

    private let path: String
    private let lines: TextLines
    private var lineNumber: Int { lines.number }

    // The current row; the bytes are valid until the next.
    package private(set) var songID = UnsafeRawBufferPointer(start: nil, count: 0)
    package private(set) var region = UnsafeRawBufferPointer(start: nil, count: 0)
    package private(set) var row = CountsRow()

    /// Opens the file and checks its header.
    package init(_ path: String) throws {
        self.path = path
        lines = try TextLines(path)
        guard let header = try lines.next(), header.elementsEqual(Self.header.utf8.dropLast())
        else { throw damaged("is not a file of counts") }
    }

    /// The current row's place, from 0.
    package var place: Int { lines.number - 2 }

    /// Goes to the next row; false behind the last, where there is no song.
    package func next() throws -> Bool { try read(lines.next()) }

    /// Goes to the first further row whose song does not come before an id; false where there is none.
    package func next(notBefore id: UnsafeRawBufferPointer) throws -> Bool {
        while let line = try lines.next() {
            // What follows a song is a tab, which no id has, and which comes before all that ids have.
            let shared = min(line.count, id.count)
            if compareBytes(
                UnsafeRawBufferPointer(rebasing: line[..<shared]),
                UnsafeRawBufferPointer(rebasing: id[..<shared])) >= 0
            {
                return try read(line)
            }
        }
        return try read(nil)
    }

    private func read(_ line: UnsafeRawBufferPointer?) throws -> Bool {
        guard let line else {
            songID = UnsafeRawBufferPointer(start: nil, count: 0)
            return false
        }
        var start = 0
        func field() throws -> UnsafeRawBufferPointer {
            guard start <= line.count else { throw damaged("line \(lineNumber) is short") }
            let end = TextLines.tab(line, from: start) ?? line.count
            defer { start = end + 1 }
            return UnsafeRawBufferPointer(rebasing: line[start..<end])
        }
        func number() throws -> Int {
            var value = 0
            for digit in try field() {
                guard (48...57).contains(digit) else {
                    throw damaged("line \(lineNumber) has no number where one is due")
                }
                value = value &* 10 &+ Int(digit - 48)
            }
            return value
        }
        songID = try field()
        region = try field()
        row.plays = try number()
        row.streams = try number()
        row.chartStreams = try number()
        row.scrobbles = try number()
        row.listeners = try number()
        row.playedMs = try number()
        row.skips = try number()
        row.timedPlays = try number()
        row.completedPlays = try number()
        row.completionPermille = try number()
        row.songListeners = try number()
        try setHours(try field())
        return true
    }

    /// Reads `7:12 8:3 20:1`.
    private func setHours(_ text: UnsafeRawBufferPointer) throws {
        row.hours = InlineArray(repeating: 0)
        var index = 0
        while index < text.count {
            var hour = 0
            while index < text.count, text[index] != 58, hour < 24 {
                hour = hour * 10 + Int(text[index] &- 48)
                index += 1
            }
            guard hour < 24, index < text.count - 1 else {
                throw damaged("line \(lineNumber) has hours that are none")
            }
            index += 1
            var count = 0
            while index < text.count, text[index] != 32 {
                guard (48...57).contains(text[index]) else {
                    throw damaged("line \(lineNumber) has hours that are none")
                }
                count = count &* 10 &+ Int(text[index] &- 48)
                index += 1
            }
            index += 1
            row.hours[hour] = count
        }
    }

    private func damaged(_ detail: String) -> FormatError {
        FormatError(path, detail, hint: "remove this partition and run spindle plays again")
    }
}
