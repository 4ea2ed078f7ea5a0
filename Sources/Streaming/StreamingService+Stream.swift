internal import Catalog
internal import HTTPServer
internal import Publication
internal import Storage

extension StreamingService {
    private static let audioType = "audio/mpeg"
    // The name is the content's digest: under it there will never be anything else.
    private static let forEver = HTTPHeader("Cache-Control", "public, max-age=31536000, immutable")
    // Pages of other origins may play as well, and after a redirect to an edge ours is one of them.
    private static let anyOrigin = HTTPHeader("Access-Control-Allow-Origin", "*")

    /// A song's audio: from an edge of the listener's region that holds it, else from here.
    func stream(_ request: HTTPRequest, _ id: String) throws -> HTTPResponse {
        let id = try songID(id)
        let snapshot = try serving()
        guard let sizeBytes = try snapshot.sizeBytes(of: id) else {
            throw APIError.notFound("song")
        }
        if request.query("direct") != "1", let signer = configuration.signer,
            let edge = snapshot.edges.edge(
                for: id, region: try region(of: request), listener: request.query("user_id") ?? "")
        {
            let location = signer.url(base: edge.url, song: id, now: .now)
            return .redirect(
                to: location, headers: [HTTPHeader("Cache-Control", "no-store"), Self.anyOrigin])
        }
        return try audio(request, id, sizeBytes: sizeBytes)
    }

    /// The origin of edges and regions: the path under which they hold a song.
    func audio(_ request: HTTPRequest, _ name: String) throws -> HTTPResponse {
        guard name.hasSuffix(".mp3") else { throw APIError.notFound("song") }
        let id = try songID(String(name.dropLast(4)))
        guard let sizeBytes = try serving().sizeBytes(of: id) else {
            throw APIError.notFound("song")
        }
        return try audio(request, id, sizeBytes: sizeBytes)
    }

    private func audio(
        _ request: HTTPRequest, _ id: Digest, sizeBytes: Int
    ) throws -> HTTPResponse {
        let path = blobs.path(id)
        guard let file = HTTPFile(path), file.sizeBytes == sizeBytes else {
            log("\(path): the audio is missing or has another size than the catalogue says")
            throw APIError.unavailable("audio_unavailable", "the store cannot give this song now")
        }
        return send(
            file, of: request, tag: "\"\(id.hex)\"", type: Self.audioType,
            headers: [Self.forEver, Self.anyOrigin])
    }

    func cover(_ request: HTTPRequest, _ id: String) throws -> HTTPResponse {
        let id = try songID(id)
        guard let song = try serving().readers.read({ try $0.song(id: id.hex) }) else {
            throw APIError.notFound("song")
        }
        return try cover(request, song.cover, type: song.coverType)
    }

    func albumCover(_ request: HTTPRequest, _ id: String) throws -> HTTPResponse {
        let id = try stableID(id)
        guard let album = try serving().readers.read({ try $0.album(id: id) }) else {
            throw APIError.notFound("album")
        }
        return try cover(request, album.cover, type: album.coverType)
    }

    private func cover(_ request: HTTPRequest, _ hex: String?, type: String?) throws -> HTTPResponse
    {
        guard let cover = hex.flatMap({ Digest(hex: $0) }) else {
            throw APIError.notFound("cover")
        }
        if let small = try smallCover(request, cover) { return small }
        let path = blobs.path(cover)
        guard let file = HTTPFile(path) else {
            log("\(path): the cover is missing")
            throw APIError.unavailable("cover_unavailable", "the store cannot give this cover now")
        }
        return send(
            file, of: request, tag: "\"\(cover.hex)\"", type: Self.imageType(type),
            headers: Self.coverHeaders(request, cover))
    }

    /// The smallest version of a cover that is at least as large as the `size` asked for; nil where
    /// none was made, and where the whole picture is asked for.
    private func smallCover(_ request: HTTPRequest, _ cover: Digest) throws -> HTTPResponse? {
        guard let text = request.query("size") else { return nil }
        guard let size = Int(text), (1...10_000).contains(size) else {
            throw APIError.badParameter("size", "a whole number of pixels from 1 to 10000")
        }
        let store = CoverStore(warehouse)
        for made in CoverStore.sizes(for: size) {
            guard let file = HTTPFile(store.path(cover, size: made)), file.sizeBytes > 0 else {
                continue
            }
            return send(
                file, of: request, tag: "\"\(cover.hex)-\(made)\"", type: "image/jpeg",
                headers: Self.coverHeaders(request, cover))
        }
        return nil
    }

    /// The cover may change one day; the picture that the URL names cannot.
    private static func coverHeaders(_ request: HTTPRequest, _ cover: Digest) -> [HTTPHeader] {
        let isNamed = request.query("v").map { $0.utf8.count >= 16 && cover.hex.hasPrefix($0) }
        return [
            isNamed == true ? forEver : HTTPHeader("Cache-Control", "no-cache"), anyOrigin,
        ]
    }

    func report(_ request: HTTPRequest) throws -> HTTPResponse {
        let snapshot = try serving()
        return send(
            snapshot.report, of: request, tag: "\"\(snapshot.manifest.report.sha256.hex)\"",
            type: "text/html; charset=utf-8",
            headers: [
                HTTPHeader("Cache-Control", "no-cache"),
                // It draws with inline SVG and styles, and needs nothing else.
                HTTPHeader(
                    "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
            ])
    }

    /// A file or the parts of it that were asked for (RFC 9110, sections 13 and 14).
    func send(
        _ file: HTTPFile, of request: HTTPRequest, tag: String, type: String,
        headers: [HTTPHeader]
    ) -> HTTPResponse {
        let headers = headers + [HTTPHeader("ETag", tag), HTTPHeader("Accept-Ranges", "bytes")]
        let whole = HTTPResponse(
            status: 200, headers: headers + [HTTPHeader("Content-Type", type)],
            body: .file(file, 0..<file.sizeBytes))

        // In the order of section 13.2.2.
        if let field = request.header("If-Match"), !EntityTag.isListed(tag, inIfMatch: field) {
            return APIError(
                412, "precondition_failed", "this is not the version that If-Match names",
                headers: [HTTPHeader("ETag", tag)]
            ).response
        }
        if let field = request.header("If-None-Match"),
            EntityTag.isListed(tag, inIfNoneMatch: field)
        {
            return .notModified(instead: whole)
        }
        // For methods other than GET ranges are not defined (section 14.2); nginx 1.22 answers a
        // HEAD with 206 or 416 nevertheless.
        guard request.method == "GET", let field = request.header("Range") else { return whole }
        if let condition = request.header("If-Range"),
            !EntityTag.isSame(tag, inIfRange: condition)
        {
            return whole
        }
        switch ByteRanges(field, sizeBytes: file.sizeBytes) {
        case .whole: return whole
        case .unsatisfiable:
            return APIError(
                416, "range_not_satisfiable", "no such range in \(file.sizeBytes) bytes",
                headers: [
                    HTTPHeader("Content-Range", "bytes */\(file.sizeBytes)"), Self.anyOrigin,
                    HTTPHeader("Accept-Ranges", "bytes"),
                ]
            ).response
        case .ranges(let ranges) where ranges.count == 1:
            let range = ranges[0]
            return HTTPResponse(
                status: 206,
                headers: headers + [
                    HTTPHeader("Content-Type", type),
                    HTTPHeader(
                        "Content-Range",
                        "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.sizeBytes)"),
                ],
                body: .file(file, range))
        case .ranges(let ranges):
            let parts = MultipartRanges(file, ranges, contentType: type)
            return HTTPResponse(
                status: 206,
                headers: headers + [HTTPHeader("Content-Type", parts.responseContentType)],
                body: .fileParts(parts))
        }
    }

    /// The type stands in the song's tag, where anybody can write anything; a browser must not run
    /// what claims to be a picture.
    private static func imageType(_ type: String?) -> String {
        switch type?.lowercased() {
        case "image/jpeg", "image/jpg": "image/jpeg"
        case "image/png": "image/png"
        case "image/webp": "image/webp"
        case "image/gif": "image/gif"
        default: "application/octet-stream"
        }
    }
}
