internal import Storage

extension PrefetchManifest {
    /// - Throws: `FileError`, `CompressionError`, or `FormatError` naming file and line.
    package static func readHeader(_ path: String) throws -> Header {
        var found: Header?
        try DeliveryManifest.forEachLine(path, headerOnly: true) { line, _ in
            found = try header(&line)
        }
        return found!
    }

    /// Calls `body` with each record in rank order.
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
        let expected = found.map { $0.holdSongs + $0.fetchSongs + $0.evictSongs }
        guard let found, expected == count else {
            throw FormatError(
                path, "\(count) records where the header says \(expected ?? 0)",
                hint: "the file was cut: run spindle prefetch for that night again")
        }
        return found
    }

    private static func header(_ line: inout JSONLine) throws -> Header {
        var header = Header(
            date: "", planDate: "", edge: "", region: "", url: "", capacityBytes: 0,
            pinnedBytes: 0, fillBudgetBytes: 0,
            catalogSHA256: Digest(bytes: Array(repeating: 0, count: 32))!)
        var certificate = Certificate(objective: .requests)
        var isOurs = false
        var version = 0
        try line.fields { key, value in
            switch key {
            case "format":
                guard try value.string() == format else { throw value.error("not a prefetch") }
                isOurs = true
            case "version":
                version = try value.integer()
                // Yesterday's may be of before: it lacks only what came since.
                guard (1...Self.version).contains(version) else {
                    throw value.error("another version than 1 to \(Self.version)")
                }
            case "snapshot": header.snapshot = try value.optionalString()
            case "date": header.date = try value.string()
            case "plan_date": header.planDate = try value.string()
            case "edge": header.edge = try value.string()
            case "region": header.region = try value.string()
            case "url": header.url = try value.string()
            case "capacity_bytes": header.capacityBytes = try value.integer()
            case "pinned_bytes": header.pinnedBytes = try value.integer()
            case "fill_budget_bytes": header.fillBudgetBytes = try value.integer()
            case "fill_bytes": header.fillBytes = try value.integer()
            case "hold_songs": header.holdSongs = try value.integer()
            case "fetch_songs": header.fetchSongs = try value.integer()
            case "evict_songs": header.evictSongs = try value.integer()
            case "expected_hits": header.expectedHits = try value.number()
            case "expected_requests": header.expectedRequests = try value.number()
            case "embargoed_songs": header.embargoedSongs = try value.integer()
            case "expected_hit_bytes": header.expectedHitBytes = try value.number()
            case "expected_request_bytes": header.expectedRequestBytes = try value.number()
            case "objective":
                let text = try value.string()
                guard let objective = PrefetchPlanner.Objective(rawValue: text) else {
                    throw value.error("unknown objective '\(text)'")
                }
                certificate.objective = objective
            case "fill_price_per_gb": certificate.fillPricePerGB = try value.number()
            case "value": certificate.value = try value.number()
            case "bound": certificate.bound = try value.number()
            case "gap_percent": certificate.gapPercent = try value.number()
            case "room_worth_per_gb": certificate.roomWorthPerGB = try value.number()
            case "fill_worth_per_gb": certificate.fillWorthPerGB = try value.number()
            case "catalog_sha256": header.catalogSHA256 = try value.digest()
            default: throw value.error("unknown key '\(key)'")
            }
        }
        guard isOurs, version > 0, !header.edge.isEmpty else {
            throw line.error("not a prefetch's header")
        }
        if version > 1 { header.certificate = certificate }
        return header
    }

    private static func record(_ line: inout JSONLine) throws -> Record {
        var song: Digest?
        var content: Digest?
        var action: PrefetchPlanner.Action?
        var rank = 0
        var sizeBytes = -1
        var source: String?
        var hits = 0.0
        var url = ""
        var absolute: String?
        var notBefore: CalendarDate?
        try line.fields { key, value in
            switch key {
            case "rank": rank = try value.integer()
            case "action": action = PrefetchPlanner.Action(rawValue: try value.string())
            case "song_id": song = try value.digest()
            case "size_bytes": sizeBytes = try value.integer()
            case "sha256": content = try value.digest()
            case "url": url = try value.string()
            case "absolute_url": absolute = try value.string()
            case "source_region": source = try value.optionalString()
            case "expected_hits": hits = try value.number()
            case "not_before":
                let text = try value.string()
                guard let date = CalendarDate(text) else {
                    throw value.error("'\(text)' is no day")
                }
                notBefore = date
            default: throw value.error("unknown key '\(key)'")
            }
        }
        guard let song, let action, sizeBytes >= 0 else {
            throw line.error("a record without song_id, action or size_bytes")
        }
        guard content == song, url == path(of: song), absolute?.hasSuffix(url) ?? true else {
            throw line.error("sha256 and URLs are not those of the song")
        }
        return Record(
            rank: rank, action: action, song: song, sizeBytes: sizeBytes, sourceRegion: source,
            expectedHits: hits, notBefore: notBefore)
    }
}
