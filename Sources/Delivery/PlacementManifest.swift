package import Storage

/// `placement.ndjson.zst`: which regions keep which song, most popular song first.
///
/// See docs/formats/delivery.md and docs/schemas/placement-header and placement-record.
package enum PlacementManifest {
    package static let format = "spindle-placement"
    package static let version = 1

    package struct Header: Equatable, Sendable {
        /// nil until the placement is published.
        package var snapshot: String?
        /// The night: the day that had just ended.
        package var date: String
        package var planDate: String
        /// Of the catalogue whose songs these are.
        package var catalogSHA256: Digest
        package var replicas: Int
        /// Ids, sorted.
        package var regions: [String]
        package var songs: Int
        /// For the plan's day.
        package var expectedCostUSD: Double
        /// No placement within the limits costs less; nil in manifests of before.
        package var boundUSD: Double?

        package init(
            snapshot: String? = nil, date: String, planDate: String, catalogSHA256: Digest,
            replicas: Int, regions: [String], songs: Int, expectedCostUSD: Double,
            boundUSD: Double? = nil
        ) {
            self.snapshot = snapshot
            self.date = date
            self.planDate = planDate
            self.catalogSHA256 = catalogSHA256
            self.replicas = replicas
            self.regions = regions
            self.songs = songs
            self.expectedCostUSD = expectedCostUSD
            self.boundUSD = boundUSD
        }
    }

    package struct Record: Equatable, Sendable {
        package var song: Digest
        package var sizeBytes: Int
        /// Sorted, and so are the other two.
        package var regions: [String]
        /// Those of `regions` that had no copy yesterday.
        package var added: [String]
        /// Regions that had a copy yesterday and are to delete it.
        package var removed: [String]
        package var expectedStreams: Double

        package init(
            song: Digest, sizeBytes: Int, regions: [String], added: [String], removed: [String],
            expectedStreams: Double
        ) {
            self.song = song
            self.sizeBytes = sizeBytes
            self.regions = regions
            self.added = added
            self.removed = removed
            self.expectedStreams = expectedStreams
        }
    }

    // MARK: Writing

    package static func write(_ header: Header, into json: inout JSONWriter) {
        json.object {
            $0.field("format", format)
            $0.field("version", version)
            $0.field("snapshot", header.snapshot)
            $0.field("date", header.date)
            $0.field("plan_date", header.planDate)
            $0.field("catalog_sha256", header.catalogSHA256.hex)
            $0.field("replicas", header.replicas)
            $0.field("regions", header.regions)
            $0.field("songs", header.songs)
            $0.field("expected_cost_usd", header.expectedCostUSD, decimals: 6)
            if let bound = header.boundUSD { $0.field("bound_usd", bound, decimals: 6) }
        }
        json.newline()
    }

    package static func write(_ record: Record, into json: inout JSONWriter) {
        json.object {
            $0.field("song_id", record.song.hex)
            $0.field("size_bytes", record.sizeBytes)
            $0.field("regions", record.regions)
            $0.field("added", record.added)
            $0.field("removed", record.removed)
            $0.field("expected_streams", record.expectedStreams, decimals: 4)
        }
        json.newline()
    }

    // MARK: Reading

    /// - Throws: `FileError`, `CompressionError`, or `FormatError` naming file and line.
    package static func readHeader(_ path: String) throws -> Header {
        var found: Header?
        try DeliveryManifest.forEachLine(path, headerOnly: true) { line, _ in
            found = try header(&line)
        }
        return found!
    }

    /// Calls `body` with each record in the file's order.
    ///
    /// - Throws: As `readHeader`; also when the file holds fewer or more records than its header says.
    @discardableResult
    package static func read(_ path: String, _ body: (Record) throws -> Void) throws -> Header {
        var found: Header?
        var count = 0
        try DeliveryManifest.forEachLine(path) { line, isHeader in
            guard !isHeader else { return found = try header(&line) }
            count += 1
            try body(try record(&line))
        }
        guard let found, found.songs == count else {
            throw FormatError(
                path, "\(count) records where the header says \(found?.songs ?? 0)",
                hint: "the file was cut: run spindle place for that night again")
        }
        return found
    }

    private static func header(_ line: inout JSONLine) throws -> Header {
        var header = Header(
            date: "", planDate: "", catalogSHA256: Digest(bytes: Array(repeating: 0, count: 32))!,
            replicas: 0, regions: [], songs: -1, expectedCostUSD: 0)
        var isOurs = false
        try line.fields { key, value in
            switch key {
            case "format":
                guard try value.string() == format else { throw value.error("not a placement") }
                isOurs = true
            case "version":
                guard try value.integer() == version else {
                    throw value.error("another version than \(version)")
                }
            case "snapshot": header.snapshot = try value.optionalString()
            case "date": header.date = try value.string()
            case "plan_date": header.planDate = try value.string()
            case "catalog_sha256": header.catalogSHA256 = try value.digest()
            case "replicas": header.replicas = try value.integer()
            case "regions": header.regions = try value.strings()
            case "songs": header.songs = try value.integer()
            case "expected_cost_usd": header.expectedCostUSD = try value.number()
            case "bound_usd": header.boundUSD = try value.number()
            default: throw value.error("unknown key '\(key)'")
            }
        }
        guard isOurs, header.songs >= 0 else { throw line.error("not a placement's header") }
        return header
    }

    private static func record(_ line: inout JSONLine) throws -> Record {
        var song: Digest?
        var record = Record(
            song: Digest(bytes: Array(repeating: 0, count: 32))!, sizeBytes: -1, regions: [],
            added: [], removed: [], expectedStreams: 0)
        try line.fields { key, value in
            switch key {
            case "song_id": song = try value.digest()
            case "size_bytes": record.sizeBytes = try value.integer()
            case "regions": record.regions = try value.strings()
            case "added": record.added = try value.strings()
            case "removed": record.removed = try value.strings()
            case "expected_streams": record.expectedStreams = try value.number()
            default: throw value.error("unknown key '\(key)'")
            }
        }
        guard let song, record.sizeBytes >= 0 else {
            throw line.error("a record without song_id or size_bytes")
        }
        record.song = song
        return record
    }
}
