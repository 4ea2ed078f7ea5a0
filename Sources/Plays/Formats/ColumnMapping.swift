/// Which column of a CSV or TSV file holds which field.
struct ColumnMapping: Equatable {
    enum Field: Int, CaseIterable {
        case eventID, time, user, song, region, address, artist, title, isrc, recordingID
        case playedMs, playedSeconds, durationMs, durationSeconds

        /// The name in `--columns`, which is also found by itself.
        var name: String {
            switch self {
            case .eventID: "event_id"
            case .time: "ts"
            case .user: "user_id"
            case .song: "song_id"
            case .region: "region"
            case .address: "address"
            case .artist: "artist"
            case .title: "title"
            case .isrc: "isrc"
            case .recordingID: "recording_mbid"
            case .playedMs: "ms_played"
            case .playedSeconds: "seconds_played"
            case .durationMs: "duration_ms"
            case .durationSeconds: "duration_s"
            }
        }

        /// Names that exports of services and databases use; compared folded (`folded`).
        fileprivate var otherNames: [String] {
            switch self {
            case .eventID: ["eventid", "playid", "scrobbleid", "uuid"]
            case .time:
                [
                    "timestamp", "time", "playedat", "listenedat", "datetime", "date", "utctime",
                    "endtime", "starttime", "startedat", "endedat", "uts",
                ]
            case .user:
                [
                    "userid", "user", "username", "listener", "listenerid", "account", "accountid",
                    "customerid", "profileid",
                ]
            case .song:
                ["songid", "song", "trackid", "recordingid", "mediaid", "url", "uri", "path"]
            case .region: ["country", "conncountry", "market", "territory"]
            case .address: ["ip", "ipaddress", "ipaddr", "clientip", "remoteaddr"]
            case .artist:
                ["artistname", "albumartist", "mastermetadataalbumartistname", "creator"]
            case .title:
                [
                    "track", "trackname", "songname", "songtitle", "tracktitle",
                    "mastermetadatatrackname",
                ]
            case .isrc: ["trackisrc"]
            case .recordingID: ["recordingmbid", "trackmbid", "mbid", "musicbrainzrecordingid"]
            case .playedMs: ["msplayed", "playedms", "listenedms", "playtimems", "playms"]
            case .playedSeconds:
                ["secondsplayed", "playedseconds", "playeds", "listenedseconds", "sec"]
            case .durationMs: ["durationms", "tracklengthms", "lengthms"]
            case .durationSeconds:
                ["durations", "durationseconds", "tracklengthseconds", "lengthseconds"]
            }
        }
    }

    /// The column of each field, or -1.
    private(set) var columns = [Int](repeating: -1, count: Field.allCases.count)
    let columnCount: Int

    /// - Parameter chosen: Names of columns by names of fields (`--columns`); they go first.
    /// - Returns: nil for a line that is no header: none that tells time and song.
    init?(header: [String], chosen: [String: String]) {
        columnCount = header.count
        let folded = header.map(Self.folded)
        // A header has names only, and no name twice.
        guard header.allSatisfy({ !$0.isEmpty || header.count > 1 }),
            Set(folded.filter { !$0.isEmpty }).count == folded.count(where: { !$0.isEmpty })
        else { return nil }
        var taken = Set<Int>()
        for field in Field.allCases {
            guard let name = chosen[field.name] else { continue }
            guard
                let column = header.firstIndex(where: { $0.hasSameBytes(as: name) })
                    ?? folded.firstIndex(of: Self.folded(name))
            else { return nil }
            columns[field.rawValue] = column
            taken.insert(column)
        }
        for field in Field.allCases where columns[field.rawValue] < 0 {
            let names = [Self.folded(field.name)] + field.otherNames
            for name in names {
                if let column = folded.firstIndex(of: name), !taken.contains(column) {
                    columns[field.rawValue] = column
                    taken.insert(column)
                    break
                }
            }
        }
        guard self[.time] >= 0,
            [.song, .title, .isrc, .recordingID].contains(where: { self[$0] >= 0 })
        else { return nil }
    }

    /// The chosen columns that a header does not have, in the order of their fields.
    static func missing(of chosen: [String: String], in header: [String]) -> [String] {
        let names = Set(header.map(folded))
        return Field.allCases.compactMap { chosen[$0.name] }.filter { name in
            !names.contains(folded(name)) && !header.contains { $0.hasSameBytes(as: name) }
        }
    }

    subscript(field: Field) -> Int { columns[field.rawValue] }

    /// Small letters and digits only: `Played At`, `played_at` and `playedAt` are one.
    private static func folded(_ name: String) -> String {
        var folded = ""
        for scalar in name.unicodeScalars {
            if scalar.isASCII {
                guard scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) else {
                    continue
                }
                folded.unicodeScalars.append(
                    ("A"..."Z").contains(scalar)
                        ? Unicode.Scalar(scalar.value | 32)! : scalar)
            } else {
                folded.unicodeScalars.append(scalar)
            }
        }
        return folded
    }
}

/// What `--columns` says.
package enum LogColumns {
    /// Names of columns by our names of fields.
    ///
    /// - Throws: `ColumnError` for what is no `FIELD=NAME` of ours.
    package static func parse(_ text: String) throws -> [String: String] {
        var chosen: [String: String] = [:]
        let known = Set(ColumnMapping.Field.allCases.map(\.name))
        for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty, known.contains(String(parts[0])),
                chosen.updateValue(String(parts[1]), forKey: String(parts[0])) == nil
            else { throw ColumnError(pair: String(pair)) }
        }
        return chosen
    }
}

/// A part of `--columns` that names no field, or one twice.
package struct ColumnError: Error {
    package let pair: String
    package static var names: String {
        ColumnMapping.Field.allCases.map(\.name).joined(separator: ", ")
    }
}
