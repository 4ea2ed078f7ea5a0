internal import HTTPServer

extension StreamingService {
    /// The web page, which does the rest through the other routes.
    func home(_ request: HTTPRequest) -> HTTPResponse {
        // Songs are played from edges as well, and those are other origins.
        var origins = Set(["'self'"])
        for edge in snapshots.current?.edges ?? [] where configuration.signer != nil {
            origins.insert(edge.url.split(separator: "/").prefix(2).joined(separator: "//"))
        }
        let headers = [
            HTTPHeader("ETag", page.tag),
            HTTPHeader("Cache-Control", "no-cache"),
            HTTPHeader("Content-Security-Policy", page.policy(mediaOrigins: origins.sorted())),
            HTTPHeader("Referrer-Policy", "no-referrer"),
        ]
        let response = HTTPResponse(
            status: 200,
            headers: headers + [HTTPHeader("Content-Type", "text/html; charset=utf-8")],
            body: .bytes(page.bytes))
        if let field = request.header("If-None-Match"),
            EntityTag.isListed(page.tag, inIfNoneMatch: field)
        {
            return .notModified(instead: response)
        }
        return response
    }
}
