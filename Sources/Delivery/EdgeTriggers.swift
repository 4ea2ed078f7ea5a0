internal import Storage

/// Trigger commands of the CDNI Control Interface (RFC 8007, section 5.1.1), one JSON object a line.
///
///     {"trigger":{"type":"purge","content.urls":["http://…/audio/c0de….mp3"]},"cdn-path":["AS64496:1"]}
///     {"trigger":{"type":"preposition","content.urls":["http://…/audio/0f3a….mp3"]},"cdn-path":["AS64496:1"]}
///
/// Chunked, as CDNs limit the URLs of a call. What is to be purged for a chunk's room stands before
/// it; whoever sends them waits until a purge is complete, since commands may be carried out in any
/// order (section 2.1).
package struct EdgeTriggers {
    package struct Options: Equatable, Sendable {
        /// The CDN provider's id of whoever sends the commands (section 4.6).
        package var providerID: String
        /// URLs in one command.
        package var urlsMax: Int

        /// The id is the RFC's own example, of an AS number that is for documentation (RFC 5398).
        package init(providerID: String = "AS64496:1", urlsMax: Int = 100) {
            self.providerID = providerID
            self.urlsMax = urlsMax
        }

        /// Whether a text is `AS<number>:<qualifier>`.
        package static func isProviderID(_ text: String) -> Bool {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].hasPrefix("AS"), !parts[1].isEmpty,
                text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\"") })
            else { return false }
            let digits = parts[0].dropFirst(2)
            return digits.utf8.allSatisfy { (48...57).contains($0) } && UInt32(digits) != nil
        }
    }

    /// Of the HTTP POST that carries a command.
    package static let mediaType = "application/cdni; ptype=ci-trigger-command"

    private let options: Options
    private let base: String
    private var purges: [String] = []
    private var prepositions: [String] = []

    init(_ options: Options, base: String) {
        self.options = options
        self.base = base
    }

    mutating func add(
        _ record: PrefetchManifest.Record, _ write: ([UInt8]) throws -> Void
    ) throws {
        let url = base + record.path
        switch record.action {
        case .hold: return
        case .evict:
            purges.append(url)
            if purges.count == options.urlsMax { try Self.flush("purge", &purges, options, write) }
        case .fetch:
            prepositions.append(url)
            if prepositions.count == options.urlsMax { try finish(write) }
        }
    }

    /// Writes what is left.
    mutating func finish(_ write: ([UInt8]) throws -> Void) throws {
        try Self.flush("purge", &purges, options, write)
        try Self.flush("preposition", &prepositions, options, write)
    }

    private static func flush(
        _ type: String, _ urls: inout [String], _ options: Options,
        _ write: ([UInt8]) throws -> Void
    ) throws {
        guard !urls.isEmpty else { return }
        var json = JSONWriter()
        json.object {
            $0.object("trigger") {
                $0.field("type", type)
                $0.field("content.urls", urls)
            }
            $0.field("cdn-path", [options.providerID])
        }
        json.newline()
        try write(json.bytes)
        urls.removeAll(keepingCapacity: true)
    }
}
