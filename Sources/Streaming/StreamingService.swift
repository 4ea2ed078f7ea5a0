internal import Catalog
internal import Glibc
package import HTTPServer
internal import Search
package import Storage
internal import Synchronization

/// Answers listeners from a published snapshot: what there is, the songs themselves, and what was
/// played.
package final class StreamingService: Sendable {
    package static let version = spindleVersion

    package struct Configuration: Sendable {
        package var defaultRegion = ListenerRegion.unknown
        package var regionHeader = "Spindle-Region"
        /// nil: songs come from here, never from an edge.
        package var signer: EdgeURLSigner?

        package init() {}

        package var isDefaultRegionValid: Bool { ListenerRegion.isValid(defaultRegion) }
    }

    let warehouse: Warehouse
    let blobs: BlobStore
    let configuration: Configuration
    let snapshots: SnapshotWatch
    let playLog: PlayLog
    let page: WebPage
    let log: @Sendable (String) -> Void
    private let draining = Atomic<Bool>(false)

    package init(
        _ warehouse: Warehouse, _ configuration: Configuration, snapshots: SnapshotWatch,
        playLog: PlayLog, log: @escaping @Sendable (String) -> Void
    ) {
        self.warehouse = warehouse
        self.configuration = configuration
        self.snapshots = snapshots
        self.playLog = playLog
        self.log = log
        blobs = BlobStore(warehouse)
        page = WebPage()
    }

    /// From now on `/readyz` sends new listeners elsewhere.
    package func beginDraining() { draining.store(true, ordering: .releasing) }
    var isDraining: Bool { draining.load(ordering: .acquiring) }

    // MARK: Routes

    typealias Answer =
        @Sendable (StreamingService) -> (HTTPRequest, [String]) throws -> HTTPResponse

    struct Route: Sendable {
        let method: String
        /// `*` stands for one segment, which is handed to the answer.
        let path: [String]
        let answer: Answer

        init(_ method: String, _ path: String, _ answer: @escaping Answer) {
            self.method = method
            self.path = path.split(separator: "/").map(String.init)
            self.answer = answer
        }

        func match(_ segments: [String]) -> [String]? {
            guard segments.count == path.count else { return nil }
            var parameters: [String] = []
            for (expected, segment) in zip(path, segments) {
                if expected == "*" {
                    parameters.append(segment)
                } else if expected != segment {
                    return nil
                }
            }
            return parameters
        }
    }

    /// Everything that is answered, in one list; docs/formats/http.md describes each.
    static let routes: [Route] = [
        Route("GET", "/audio/*") { service in { try service.audio($0, $1[0]) } },
        Route("GET", "/v1/songs/*/stream") { service in { try service.stream($0, $1[0]) } },
        Route("GET", "/v1/songs/*/cover") { service in { try service.cover($0, $1[0]) } },
        Route("GET", "/v1/songs/*") { service in { try service.song($0, $1[0]) } },
        Route("POST", "/v1/plays") { service in { request, _ in try service.plays(request) } },
        Route("GET", "/v1/search") { service in { request, _ in try service.search(request) } },
        Route("GET", "/v1/genres") { service in { request, _ in try service.genres(request) } },
        Route("GET", "/v1/genres/*") { service in { try service.genre($0, $1[0]) } },
        Route("GET", "/v1/artists") { service in { request, _ in try service.artists(request) } },
        Route("GET", "/v1/artists/*") { service in { try service.artist($0, $1[0]) } },
        Route("GET", "/v1/albums") { service in { request, _ in try service.albums(request) } },
        Route("GET", "/v1/albums/*") { service in { try service.album($0, $1[0]) } },
        Route("GET", "/v1/albums/*/cover") { service in { try service.albumCover($0, $1[0]) } },
        Route("GET", "/v1/releases") { service in { request, _ in try service.releases(request) } },
        Route("GET", "/v1/charts") { service in { request, _ in try service.charts(request) } },
        Route("GET", "/v1/charts/*/*") { service in { try service.chart($0, $1[0], key: $1[1]) } },
        Route("GET", "/v1/snapshot") { service in { request, _ in try service.snapshot(request) } },
        Route("GET", "/v1/region") { service in { request, _ in try service.region(request) } },
        Route("GET", "/healthz") { service in { _, _ in service.health() } },
        Route("GET", "/readyz") { service in { _, _ in service.readiness() } },
        Route("GET", "/report") { service in { request, _ in try service.report(request) } },
        Route("GET", "/") { service in { request, _ in service.home(request) } },
    ]

    package func respond(to request: HTTPRequest) -> HTTPResponse {
        var response: HTTPResponse
        do {
            response = try route(request)
        } catch let error as APIError {
            response = error.response
        } catch {
            log(
                "\(request.method) \(request.target): \((error as? any Diagnosed)?.message ?? "\(error)")"
            )
            response = APIError(500, "internal", "the server failed; its log says why").response
        }
        // What a tag or a listener wrote is never to be taken for a page of ours.
        response.headers.append(HTTPHeader("X-Content-Type-Options", "nosniff"))
        return response
    }

    private func route(_ request: HTTPRequest) throws -> HTTPResponse {
        let method = request.method == "HEAD" ? "GET" : request.method
        var allowed: [String] = []
        for route in Self.routes {
            guard let parameters = route.match(request.path) else { continue }
            if route.method == method { return try route.answer(self)(request, parameters) }
            allowed += route.method == "GET" ? ["GET", "HEAD"] : [route.method]
        }
        guard !allowed.isEmpty else { throw APIError(404, "not_found", "nothing is at this path") }
        throw APIError(
            405, "method_not_allowed", "\(request.method) is not possible here",
            headers: [HTTPHeader("Allow", allowed.joined(separator: ", "))])
    }

    // MARK: What the answers share

    func serving() throws -> ServingSnapshot {
        guard let snapshot = snapshots.current else {
            throw APIError.unavailable("no_snapshot", "no snapshot is published yet")
        }
        return snapshot
    }

    func region(of request: HTTPRequest) throws -> String {
        try ListenerRegion.of(
            request, header: configuration.regionHeader, fallback: configuration.defaultRegion)
    }

    /// An answer that is the same until the next snapshot.
    func metadata(
        _ request: HTTPRequest, _ snapshot: ServingSnapshot,
        _ write: (inout JSONWriter, CatalogReader) throws -> Void
    ) throws -> HTTPResponse {
        try metadata(request, snapshot) { json, catalog, _ in try write(&json, catalog) }
    }

    func metadata(
        _ request: HTTPRequest, _ snapshot: ServingSnapshot,
        _ write: (inout JSONWriter, CatalogReader, SearchIndex) throws -> Void
    ) throws -> HTTPResponse {
        // Written first: only what exists can be unchanged.
        var json = JSONWriter()
        try snapshot.readers.read { catalog, search in
            try json.object { try write(&$0, catalog, search) }
        }
        json.newline()
        let tag = "\"\(snapshot.id).\(Self.version)\""
        let headers = [HTTPHeader("ETag", tag), HTTPHeader("Cache-Control", "no-cache")]
        let response = HTTPResponse.json(json.bytes, headers: headers)
        if let field = request.header("If-None-Match"),
            EntityTag.isListed(tag, inIfNoneMatch: field)
        {
            return .notModified(instead: response)
        }
        return response
    }

    struct Page {
        let limit: Int
        let offset: Int
    }

    /// - Throws: `APIError` for anything but whole numbers within the bounds.
    func page(of request: HTTPRequest) throws -> Page {
        func number(_ name: String, default value: Int, in range: ClosedRange<Int>) throws -> Int {
            guard let text = request.query(name) else { return value }
            guard let number = Int(text), range.contains(number) else {
                throw APIError.badParameter(
                    name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        return Page(
            limit: try number("limit", default: 50, in: 1...200),
            offset: try number("offset", default: 0, in: 0...100_000_000))
    }

    /// - Throws: `APIError` unless the text is 64 lower-case hexadecimal digits.
    func songID(_ text: String) throws -> Digest {
        guard let digest = Digest(hex: text) else {
            throw APIError.badParameter("the song's id", "64 lower-case hexadecimal digits")
        }
        return digest
    }

    /// - Throws: `APIError` unless the text has the form of an id of albums, artists and genres.
    func stableID(_ text: String) throws -> String {
        guard StableID.isValid(text) else {
            throw APIError.badParameter("the id", "16 lower-case hexadecimal digits")
        }
        return text
    }
}
