package import HTTPServer
internal import Storage

/// What a client is told when it does not get what it asked for.
///
///     {"error":{"code":"song_not_found","message":"no song has this id"}}
package struct APIError: Error {
    package let status: Int
    /// For programs; stays the same when the message is worded anew.
    package let code: String
    package let message: String
    package let headers: [HTTPHeader]

    package init(_ status: Int, _ code: String, _ message: String, headers: [HTTPHeader] = []) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }

    static func notFound(_ what: String) -> APIError {
        APIError(404, "\(what)_not_found", "no such \(what) in this snapshot")
    }

    static func badParameter(_ name: String, _ expectation: String) -> APIError {
        APIError(400, "bad_parameter", "\(name) must be \(expectation)")
    }

    /// For what passes: the client may ask again.
    static func unavailable(_ code: String, _ message: String) -> APIError {
        APIError(503, code, message, headers: [HTTPHeader("Retry-After", "5")])
    }

    var response: HTTPResponse {
        var json = JSONWriter()
        json.object {
            $0.object("error") {
                $0.field("code", code)
                $0.field("message", message)
            }
        }
        json.newline()
        return .json(
            json.bytes, status: status, headers: headers + [HTTPHeader("Cache-Control", "no-store")]
        )
    }
}
