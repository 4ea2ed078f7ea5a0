package import Storage

/// What the placement and prefetch manifests have in common: NDJSON, a header line, then records.
package enum DeliveryManifest {
    /// Longer than any record: a song in 32 regions with ids of 64 bytes, three times over.
    static let lineBytesMax = 64 << 10

    /// Copies a manifest with the id of the snapshot that it belongs to in its header line.
    ///
    ///     {"format":"spindle-placement","version":1,"snapshot":null,…}
    ///     {"format":"spindle-placement","version":1,"snapshot":"2026-11-19-0f3a…",…}
    ///
    /// - Parameter writer: A new file; the caller finishes it.
    /// - Throws: `FormatError` when the file is no manifest, `CompressionError` when it is damaged.
    package static func stamp(
        snapshot id: String, from path: String, into writer: FileWriter
    ) throws {
        var copied = false
        let damage = try LineReader(path, maximumLineBytes: lineBytesMax).forEach { line in
            if line.number == 1 {
                try writer.write(try stamped(line, id, path))
                copied = true
            } else {
                try writer.write(line.bytes)
            }
            try writer.write("\n")
        }
        if let damage { throw damage }
        guard copied else { throw FormatError(path, "an empty manifest") }
    }

    private static let stampedFormats = [
        (PlacementManifest.format, PlacementManifest.version),
        (PlacementChanges.format, PlacementChanges.version),
        (PrefetchManifest.format, PrefetchManifest.version),
        (PrefetchChanges.format, PrefetchChanges.version),
    ]

    private static func stamped(
        _ line: LineReader.Line, _ id: String, _ path: String
    ) throws -> String {
        let text = String(decoding: line.bytes, as: UTF8.self)
        for (format, version) in stampedFormats {
            let start = "{\"format\":\"\(format)\",\"version\":\(version),\"snapshot\":"
            guard text.hasPrefix(start), let comma = text.dropFirst(start.count).firstIndex(of: ",")
            else { continue }
            return "\(start)\"\(id)\"\(text[comma...])"
        }
        throw FormatError(
            "\(path):1", "no header of a placement or prefetch manifest",
            hint: "run spindle place and spindle prefetch again")
    }

    /// Calls `body` with each line, or with the header alone, and whether it is the header.
    static func forEachLine(
        _ path: String, headerOnly: Bool = false,
        _ body: (inout JSONLine, _ isHeader: Bool) throws -> Void
    ) throws {
        struct HeaderWasAll: Error {}
        var lines = 0
        do {
            let damage = try LineReader(path, maximumLineBytes: lineBytesMax).forEach { line in
                lines += 1
                var json = try JSONLine(line, path: path)
                try body(&json, line.number == 1)
                if headerOnly { throw HeaderWasAll() }
            }
            if let damage { throw damage }
        } catch is HeaderWasAll {}
        guard lines > 0 else {
            throw FormatError(path, "an empty manifest", hint: "run the stage of that night again")
        }
    }
}
