internal import Glibc
internal import Storage

/// Reads a partition's `counts.tsv.zst` row by row; several at a time can be merged.
package final class CountsFile {
    package static let fileName = "counts.tsv.zst"

    private let path: String
    private let reader: ContentReader
    private var buffer: UnsafeMutableRawBufferPointer
    private var unread = 0..<0
    private var lineNumber = 0

    // The current row; the bytes are valid until the next.
    package private(set) var songID = UnsafeRawBufferPointer(start: nil, count: 0)
    package private(set) var region = UnsafeRawBufferPointer(start: nil, count: 0)
    package private(set) var plays = 0
    package private(set) var streams = 0
    package private(set) var chartStreams = 0
    package private(set) var listeners = 0
    /// Listeners of the song in all regions, each once.
    package private(set) var songListeners = 0

    /// Opens the file and checks its header.
    package init(_ path: String) throws {
        self.path = path
        reader = try ContentReader(path)
        buffer = .allocate(byteCount: 64 << 10, alignment: 16)
        guard let header = try nextLine(), header.elementsEqual(DayTally.header.utf8.dropLast())
        else { throw damaged("is not a file of counts") }
    }

    deinit { buffer.deallocate() }

    /// Goes to the next row; false behind the last.
    package func next() throws -> Bool {
        guard let line = try nextLine() else { return false }
        var start = 0
        func field() throws -> UnsafeRawBufferPointer {
            guard start <= line.count else { throw damaged("line \(lineNumber) is short") }
            let end = line[start...].firstIndex(of: 9) ?? line.count
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
        plays = try number()
        streams = try number()
        chartStreams = try number()
        listeners = try number()
        _ = try number()
        _ = try number()
        songListeners = try number()
        return true
    }

    private func damaged(_ detail: String) -> FormatError {
        FormatError(path, detail, hint: "remove this partition and run spindle plays again")
    }

    private func nextLine() throws -> UnsafeRawBufferPointer? {
        var searched = unread.lowerBound
        while true {
            if let end = buffer[searched..<unread.upperBound].firstIndex(of: 10) {
                let line = UnsafeRawBufferPointer(rebasing: buffer[unread.lowerBound..<end])
                unread = end + 1..<unread.upperBound
                lineNumber += 1
                return line
            }
            let rest = unread.count
            guard rest < buffer.count else { throw damaged("line \(lineNumber + 1) is too long") }
            if unread.lowerBound > 0, rest > 0 {
                memmove(buffer.baseAddress!, buffer.baseAddress! + unread.lowerBound, rest)
            }
            let count: Int
            do {
                count = try reader.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[rest...]))
            } catch let error as CompressionError {
                throw damaged(error.detail)
            }
            unread = 0..<rest + count
            searched = rest
            if count == 0 {
                guard rest == 0 else { throw damaged("the last line is cut") }
                return nil
            }
        }
    }
}
