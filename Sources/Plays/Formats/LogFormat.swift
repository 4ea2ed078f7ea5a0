/// The kinds of logs that can be read; the raw value is the name on the command line.
///
/// docs/formats/playlogs.md says what each is and how it is recognised.
package enum LogFormat: String, CaseIterable, Sendable {
    /// Spindle's own, as `spindled` writes it.
    case spindle
    case csv, tsv
    case listenBrainz = "listenbrainz"
    /// The extended streaming history that Spotify hands out.
    case spotify
    /// The dataset Last.fm-1K: six columns without a header.
    case lastFM = "lastfm"
    /// CloudFront's standard logs, and other W3C extended logs with the same fields.
    case cloudFront = "cloudfront"
    /// The format `combined` of nginx and Apache.
    case combined
    /// Access logs with a JSON object a line.
    case jsonAccess = "json-access"

    /// Requests are no plays: they are folded into sessions first.
    var isAccessLog: Bool {
        switch self {
        case .cloudFront, .combined, .jsonAccess: true
        default: false
        }
    }

    package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// How logs are read that are not Spindle's own, and what stands in for what they lack.
package struct PlayLogOptions: Sendable, Equatable {
    /// nil: told by the content of each file.
    package var format: LogFormat?
    /// Names of columns by our names of fields, for CSV and TSV.
    package var columns: [String: String] = [:]
    /// The region of plays that name none.
    package var region: String?
    /// The listener of plays that name none: a history that was handed out to one person.
    package var listener: String?
    /// For access logs of songs whose size and duration the catalogue does not know.
    package var bitrateKbps: Int?
    /// Holds `catalog.sqlite`, by which songs are looked up; nil for none.
    package var catalog: String?
    /// The clock, in milliseconds since 1970, by which a log is still being written.
    package var nowMs = 0

    package init() {}

    /// What decides how lines are read, where it is not the default.
    package var parameters: [String: String] {
        var parameters: [String: String] = [:]
        if let format { parameters["log_format"] = format.rawValue }
        if !columns.isEmpty {
            parameters["columns"] = columns.sorted { $0.key < $1.key }
                .map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        }
        if let region { parameters["region"] = region }
        if let listener { parameters["listener"] = listener }
        if let bitrateKbps { parameters["bitrate_kbps"] = "\(bitrateKbps)" }
        return parameters
    }
}
