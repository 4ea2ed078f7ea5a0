internal import Storage

/// `changes/<edge>.ndjson.zst`: only what an edge has to do tonight, without what it keeps.
///
/// A header line, then the manifest's own lines of fetches and evictions, ranks as there.
package enum PrefetchChanges {
    package static let format = "spindle-prefetch-changes"
    package static let version = 1

    static func write(
        _ header: PrefetchManifest.Header, evictBytes: Int, into json: inout JSONWriter
    ) {
        json.object {
            $0.field("format", format)
            $0.field("version", version)
            $0.field("snapshot", header.snapshot)
            $0.field("date", header.date)
            $0.field("plan_date", header.planDate)
            $0.field("edge", header.edge)
            $0.field("url", header.url)
            $0.field("fetch_songs", header.fetchSongs)
            $0.field("fetch_bytes", header.fillBytes)
            $0.field("evict_songs", header.evictSongs)
            $0.field("evict_bytes", evictBytes)
        }
        json.newline()
    }
}
