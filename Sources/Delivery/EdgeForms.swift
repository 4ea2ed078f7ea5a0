internal import Storage

/// What an edge has to do, in forms that other programs take as they are.
///
/// Made of the manifest's steps in its order, so that any first part of each is the most useful one.
/// In folders of their own: an edge's id may hold a dot and end like any of the names.
enum EdgeForms {
    /// One URL a line, fetches only: `xargs`, `wget -i`.
    static func urls(edge id: String) -> String { "urls/\(id).txt.zst" }
    /// A configuration for `curl -K`, fetches only.
    static func curl(edge id: String) -> String { "curl/\(id).txt.zst" }
    /// Trigger commands of RFC 8007, one a line: pre-position and purge.
    static func triggers(edge id: String) -> String { "cdni/\(id).ndjson.zst" }
    /// Fetches and evictions as the manifest has them.
    static func changes(edge id: String) -> String { "changes/\(id).ndjson.zst" }

    static func names(edge id: String) -> [String] {
        [urls(edge: id), curl(edge: id), triggers(edge: id), changes(edge: id)]
    }

    /// Writes all of them.
    ///
    /// - Parameters:
    ///   - header: The manifest's.
    ///   - forEachChange: Calls its argument with each fetch and eviction in rank order.
    static func write(
        _ header: PrefetchManifest.Header, evictBytes: Int, triggers options: EdgeTriggers.Options,
        into directory: StagedDirectory,
        forEachChange: ((PrefetchManifest.Record) throws -> Void) throws -> Void
    ) throws {
        let base = header.url
        try directory.write(urls(edge: header.edge)) { writer in
            try forEachChange { record in
                guard record.action == .fetch else { return }
                try writer.write("\(base)\(record.path)\n")
            }
        }
        try directory.write(curl(edge: header.edge)) { writer in
            try forEachChange { record in
                guard record.action == .fetch else { return }
                // The base holds neither quote nor backslash (`Topology.isEdgeURL`).
                try writer.write(
                    "url = \"\(base)\(record.path)\"\noutput = \"\(record.path.dropFirst())\"\n")
            }
        }
        try directory.write(triggers(edge: header.edge)) { writer in
            var triggers = EdgeTriggers(options, base: base)
            try forEachChange { record in
                try triggers.add(record) { try writer.write($0) }
            }
            try triggers.finish { try writer.write($0) }
        }
        try directory.write(changes(edge: header.edge)) { writer in
            var json = JSONWriter()
            PrefetchChanges.write(header, evictBytes: evictBytes, into: &json)
            try writer.write(json.bytes)
            try forEachChange { record in
                json.removeAll()
                PrefetchManifest.write(record, base: base, into: &json)
                try writer.write(json.bytes)
            }
        }
    }
}
