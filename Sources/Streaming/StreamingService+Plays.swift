internal import HTTPServer
internal import Storage

extension StreamingService {
    /// Takes one play or an array of plays into the play log.
    ///
    /// 202 when at least one was taken: the others are named, and sending them again would not help.
    func plays(_ request: HTTPRequest) throws -> HTTPResponse {
        let region = try self.region(of: request)
        let reports = try Self.reports(request.body)
        let now = Timestamp.now
        var lines = JSONWriter()
        var accepted = 0
        var rejected: [(index: Int, message: String)] = []
        for (index, report) in reports.enumerated() {
            do throws(PlayEvent.Rejection) {
                let event = try PlayEvent(report, region: region, now: now)
                event.write(to: &lines)
                accepted += 1
            } catch {
                rejected.append((index, error.message))
            }
        }
        guard accepted > 0 else {
            throw APIError(400, "bad_play", "event \(rejected[0].index): \(rejected[0].message)")
        }
        do {
            try playLog.append(lines.bytes, now: now)
        } catch {
            log("\((error as? any Diagnosed)?.message ?? "\(error)"): \(accepted) plays refused")
            throw APIError.unavailable(
                "play_log_unavailable", "the plays could not be kept; send them again")
        }
        var json = JSONWriter()
        json.object {
            $0.field("accepted", accepted)
            $0.field("rejected", rejected.count)
            $0.array("errors") { json in
                for rejection in rejected {
                    json.object {
                        $0.field("index", rejection.index)
                        $0.field("message", rejection.message)
                    }
                }
            }
        }
        json.newline()
        return .json(json.bytes, status: 202, headers: [HTTPHeader("Cache-Control", "no-store")])
    }

    private static let maximumReports = 500

    private static func reports(_ body: [UInt8]) throws -> [JSONValue] {
        let tooMany = APIError(
            413, "too_many_plays", "at most \(maximumReports) plays may come in one request")
        // Reading what cannot be plays would cost far more than sending it: a play has nine keys.
        var separators = 0
        for byte in body
        where byte == UInt8(ascii: ",") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
            separators += 1
        }
        guard separators <= maximumReports * 16 else { throw tooMany }
        guard String(validating: body, as: UTF8.self) != nil,
            let json = try? JSONValue.parse(body, path: "body")
        else { throw APIError(400, "bad_json", "the body is not JSON in UTF-8") }
        let reports = json.array ?? [json]
        guard !reports.isEmpty else { throw APIError(400, "bad_play", "the array is empty") }
        guard reports.count <= maximumReports else { throw tooMany }
        return reports
    }
}
