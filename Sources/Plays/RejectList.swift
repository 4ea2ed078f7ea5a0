internal import Storage

/// Takes rejects; as a file they are lines of JSON: where, why, and the original.
struct RejectList {
    static let fileName = "rejects.ndjson"

    /// What was rejected and why, its log, its line, and the original.
    typealias Take = (Rejection, String, Int, UnsafeRawBufferPointer) throws -> Void

    private let take: Take

    init(_ take: @escaping Take) { self.take = take }

    init(writer: FileWriter) {
        take = { try writer.write(Self.line($0, file: $1, line: $2, $3)) }
    }

    func add(_ rejection: Rejection, file: String, line: Int, original: UnsafeRawBufferPointer)
        throws
    {
        try take(rejection, file, line, original)
    }

    /// One line of the list, its line feed included.
    static func line(
        _ rejection: Rejection, file: String, line: Int, _ original: UnsafeRawBufferPointer
    ) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.field("file", file)
            json.field("line", line)
            json.field("reason", rejection.reason.rawValue)
            json.field("detail", rejection.detail)
            if isUTF8(original) {
                json.field("text", String(decoding: original, as: UTF8.self))
            } else {
                json.field("bytes", base64(original))
            }
        }
        json.newline()
        return json.bytes
    }
}
