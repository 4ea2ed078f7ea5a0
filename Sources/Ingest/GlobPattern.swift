/// A pattern for paths below a source, in the form that .gitignore files have.
///
/// `*` stands for any signs but slashes, `?` for one of them, `[a-z]` and `[!a-z]` for one of those
/// or none of them, `**` for any signs with slashes, `\` takes the meaning from the sign behind it.
/// A pattern without a slash is for a name at any depth, one with a slash for a whole path; with a
/// slash at its end it is for folders alone. Case counts.
package struct GlobPattern: Equatable, Sendable {
    private enum Token: Equatable {
        case byte(UInt8)
        case one
        case set(Set<UInt8>, isNegated: Bool)
        /// `*`
        case many
        /// `**`
        case anything
        /// `**/`: no folder, or any folders.
        case folders
    }

    private let tokens: [Token]
    package let isForFoldersOnly: Bool
    /// As it was written.
    package let text: String

    /// - Returns: nil for an empty pattern, and one with an open bracket that is not closed.
    package init?(_ text: String) {
        self.text = text
        var bytes = Array(text.utf8)[...]
        isForFoldersOnly = bytes.last == 47
        if isForFoldersOnly { bytes.removeLast() }
        let isAnchored = bytes.contains(47)
        if bytes.first == 47 { bytes.removeFirst() }
        guard !bytes.isEmpty else { return nil }
        var tokens: [Token] = isAnchored ? [] : [.folders]
        while let byte = bytes.popFirst() {
            switch byte {
            case 42 where bytes.starts(with: [42, 47]):
                bytes.removeFirst(2)
                tokens.append(.folders)
            case 42 where bytes.first == 42:
                bytes.removeFirst()
                tokens.append(.anything)
            case 42: tokens.append(.many)
            case 63: tokens.append(.one)
            case 91:
                guard let set = Self.set(&bytes) else { return nil }
                tokens.append(set)
            case 92:
                guard let next = bytes.popFirst() else { return nil }
                tokens.append(.byte(next))
            default: tokens.append(.byte(byte))
            }
        }
        self.tokens = tokens
    }

    private static func set(_ bytes: inout ArraySlice<UInt8>) -> Token? {
        let isNegated = bytes.first == 33 || bytes.first == 94
        if isNegated { bytes.removeFirst() }
        var set: Set<UInt8> = []
        var isFirst = true
        while let byte = bytes.popFirst() {
            if byte == 93, !isFirst { return .set(set, isNegated: isNegated) }
            isFirst = false
            if bytes.count >= 2, bytes.first == 45, bytes[bytes.startIndex + 1] != 93 {
                let last = bytes[bytes.startIndex + 1]
                bytes.removeFirst(2)
                if byte <= last { set.formUnion(byte...last) }
            } else {
                set.insert(byte)
            }
        }
        return nil
    }

    /// Whether the pattern is for all of this path.
    ///
    /// - Complexity: O(pattern × path), whatever the pattern.
    package func matches(_ path: [UInt8]) -> Bool {
        // From the last token to the first: row[i] says whether the tokens from there match path[i...].
        let count = path.count
        var row = [Bool](repeating: false, count: count + 1)
        row[count] = true
        for token in tokens.reversed() {
            var next = [Bool](repeating: false, count: count + 1)
            // For `folders`: whether the tokens behind it match behind a slash at i or later.
            var behindSlash = false
            for i in stride(from: count, through: 0, by: -1) {
                let byte = i < count ? path[i] : 0
                if i < count, byte == 47, row[i + 1] { behindSlash = true }
                switch token {
                case .byte(let wanted): next[i] = i < count && byte == wanted && row[i + 1]
                case .one:
                    next[i] = i < count && byte != 47 && row[Self.endOfSign(path, i)]
                case .set(let set, let isNegated):
                    next[i] =
                        i < count && byte != 47 && set.contains(byte) != isNegated
                        && row[isNegated ? Self.endOfSign(path, i) : i + 1]
                case .many: next[i] = row[i] || i < count && byte != 47 && next[i + 1]
                case .anything: next[i] = row[i] || i < count && next[i + 1]
                case .folders: next[i] = row[i] || behindSlash
                }
            }
            row = next
        }
        return row[0]
    }

    /// A sign of UTF-8 may have several bytes.
    private static func endOfSign(_ path: [UInt8], _ start: Int) -> Int {
        var end = start + 1
        if path[start] >= 0xc0 {
            while end < path.count, path[end] & 0xc0 == 0x80 { end += 1 }
        }
        return end
    }
}
