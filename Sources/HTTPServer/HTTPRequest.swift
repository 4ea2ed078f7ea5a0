/// A request, read whole.
package struct HTTPRequest: Sendable {
    package let method: String
    /// As it was sent: path and query, still percent-encoded.
    package let target: String
    /// The path's segments, percent-decoded each on its own, so that an encoded slash stays inside
    /// its segment. `/` has none; a slash at the end gives an empty last one.
    package let path: [String]
    package let query: [(name: String, value: String)]
    package let headers: [HTTPHeader]
    package let body: [UInt8]

    /// - Returns: nil when the target is not a path with an optional query, or when an escape in it
    ///   is broken, stands for a control character, or makes invalid UTF-8.
    package init?(
        method: String, target: String, headers: [HTTPHeader] = [], body: [UInt8] = []
    ) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path.hasPrefix("/") else { return nil }
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body

        var segments: [String] = []
        for segment in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = Self.decode(segment, plusIsSpace: false) else { return nil }
            segments.append(decoded)
        }
        self.path = segments == [""] ? [] : segments

        var items: [(name: String, value: String)] = []
        for item in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(pair[0], plusIsSpace: true),
                let value = Self.decode(pair.count > 1 ? pair[1] : "", plusIsSpace: true)
            else { return nil }
            items.append((name, value))
        }
        query = items
    }

    package func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// A field's value; several lines of one field are one list (RFC 9110, section 5.2).
    package func header(_ name: String) -> String? {
        var value: String?
        for header in headers where header.isNamed(name) {
            value = value.map { $0 + ", " + header.value } ?? header.value
        }
        return value
    }

    /// RFC 3986, section 2.1; `+` for a space is the habit of HTML forms.
    private static func decode(_ text: Substring, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(hexValue),
                    let low = iterator.next().flatMap(hexValue)
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        // NUL would end a C string early, CR and LF would begin a header of the sender's choosing.
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - 55
        default: nil
        }
    }
}

/// A header field.
package struct HTTPHeader: Equatable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Field names know no case (RFC 9110, section 5.1).
    package func isNamed(_ other: String) -> Bool {
        name.utf8.count == other.utf8.count
            && zip(name.utf8, other.utf8).allSatisfy { a, b in
                a == b
                    || (a ^ b == 0x20 && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(a | 0x20))
            }
    }
}
