internal import HTTPServer

/// Where a listener is: the query says it, else a header that the fronting proxy sets from the
/// address, else the default.
struct ListenerRegion {
    /// Where nobody has said anything.
    static let unknown = "unknown"

    /// - Throws: `APIError` when the query names something that cannot be a region.
    static func of(_ request: HTTPRequest, header: String, fallback: String) throws -> String {
        if let region = request.query("region"), !region.isEmpty {
            guard isValid(region) else {
                throw APIError.badParameter("region", "up to 64 letters, digits, '.', '_' or '-'")
            }
            return region
        }
        // The proxy's mistake is not the listener's: a malformed header counts as none.
        if let region = request.header(header), isValid(region) { return region }
        return fallback
    }

    static func isValid(_ region: String) -> Bool {
        (1...64).contains(region.utf8.count)
            && region.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
