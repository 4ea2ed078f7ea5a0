internal import Plays
package import Storage

/// A song that was announced for a day.
package struct Release: Equatable, Sendable {
    package let songID: String
    package let date: CalendarDate
    package let artists: [String]
    package let expectedDailyStreams: Double?

    /// Reads a file of format `spindle-releases`.
    ///
    /// - Throws: `FileError`; `FormatError` naming the release that is wrong.
    package static func read(_ path: String) throws -> [Release] {
        let document = try JSONValue.read(path)
        guard document["format"]?.string == "spindle-releases" else {
            throw FormatError(
                path, "is no file of releases", hint: "see docs/formats/popularity.md")
        }
        guard document["version"]?.int == 1, let list = document["releases"]?.array else {
            throw FormatError(path, "is not of version 1, or has no array 'releases'")
        }
        var releases: [Release] = []
        var announced: Set<ByteKey> = []
        for (index, entry) in list.enumerated() {
            let place = "release \(index + 1)"
            guard let id = entry["song_id"]?.string, (1...64).contains(id.utf8.count),
                id.utf8.allSatisfy({ $0 >= 32 && $0 != 127 })
            else { throw FormatError(path, "\(place) has no song_id of 1 to 64 bytes") }
            guard let date = entry["date"]?.string.flatMap({ CalendarDate($0) }) else {
                throw FormatError(path, "\(place) has no date written as YYYY-MM-DD")
            }
            let expected = entry["expected_daily_streams"]
            if let expected, expected != .null {
                guard let value = expected.double, value >= 0, value < 1e12 else {
                    throw FormatError(path, "\(place): expected_daily_streams is no such number")
                }
            }
            if let artists = entry["artists"], artists != .null, artists.strings == nil {
                throw FormatError(path, "\(place): artists is not a list of texts")
            }
            guard announced.insert(ByteKey(id)).inserted else {
                throw FormatError(path, "\(place) announces \(id) a second time")
            }
            releases.append(
                Release(
                    songID: id, date: date, artists: entry["artists"]?.strings ?? [],
                    expectedDailyStreams: expected?.double))
        }
        return releases.sorted { $0.songID.precedesInBytes($1.songID) }
    }
}
