internal import Glibc

/// Several ranges of a file as multipart/byteranges (RFC 9110, section 14.6).
package struct MultipartRanges: Sendable {
    package let file: HTTPFile
    package let ranges: [Range<Int>]
    package let boundary: String
    private let contentType: String

    /// - Parameter contentType: Of each part.
    package init(_ file: HTTPFile, _ ranges: [Range<Int>], contentType: String) {
        self.file = file
        self.ranges = ranges
        self.contentType = contentType
        // 128 random bits: nobody can put the boundary into a song beforehand.
        boundary =
            "spindle" + String(UInt64.random(in: .min ... .max), radix: 16)
            + String(UInt64.random(in: .min ... .max), radix: 16)
    }

    package var responseContentType: String { "multipart/byteranges; boundary=\(boundary)" }

    /// What stands before each part, and after the last.
    var delimiters: [[UInt8]] {
        ranges.enumerated().map { index, range in
            Array(
                """
                \(index == 0 ? "" : "\r\n")--\(boundary)\r
                Content-Type: \(contentType)\r
                Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.sizeBytes)\r
                \r

                """.utf8)
        } + [Array("\r\n--\(boundary)--\r\n".utf8)]
    }

    package var sizeBytes: Int {
        delimiters.reduce(0) { $0 + $1.count } + ranges.reduce(0) { $0 + $1.count }
    }
}
