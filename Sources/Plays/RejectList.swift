internal import Storage

/// Writes rejects as lines of JSON: where, why, and the original.
struct RejectList {
    static let fileName = "rejects.ndjson"

    let writer: FileWriter

    func add(_ rejection: Rejection, file: String, line: Int, original: UnsafeRawBufferPointer)
        throws
    {
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
        try writer.write(json.bytes)
    }
}
