/// Why a line of a play log was set aside; the raw value is the code in `rejects.ndjson`.
package enum RejectReason: String, CaseIterable, Sendable {
    /// The line is no JSON object (RFC 8259), or nests deeper than 64 levels.
    case notJSON = "not_json"
    /// Some bytes are not UTF-8 (RFC 3629).
    case notUTF8 = "not_utf8"
    /// A required field is absent or null.
    case missingField = "missing_field"
    /// A field holds another kind of value; numbers with a fraction or an exponent are no integers.
    case wrongType = "wrong_type"
    /// An id is empty, longer than 64 bytes, holds control characters or is a region named `*`.
    case badID = "bad_id"
    /// Not a moment that can be read, or none between the years 1990 and 2199.
    case badTimestamp = "bad_timestamp"
    /// Milliseconds below 0 or above a week.
    case outOfRange = "out_of_range"
    /// Longer than 64 KiB; its beginning is kept.
    case tooLong = "too_long"
    /// The last line of a log that is still being written.
    case cutLine = "cut_line"
    /// CSV and TSV: more or fewer columns than the header has.
    case columnCount = "column_count"
    /// CSV and TSV: a quoted field that does not end, or goes on behind its closing quote.
    case badQuotes = "bad_quotes"
    /// CSV and TSV: another header, and what stands behind it.
    case headerChanged = "header_changed"
    /// CloudFront: a line before any `#Fields:` that says which column is what.
    case noHeader = "no_header"
    /// An access log's line that is no request.
    case notARequest = "not_a_request"
    /// Later than the day of its log.
    case future
    /// More than `lateDays` before the day of its log.
    case tooOld = "too_old"
    /// The packed stream is damaged; what came before the place counts.
    case damagedFile = "damaged_file"
}

/// A reason and the field or the place that it is about.
struct Rejection: Equatable {
    let reason: RejectReason
    let detail: String
}
