internal import CTagLib
internal import CTagLibProperties
package import Catalog
internal import Glibc
internal import Storage

/// Reads tags through TagLib's C bindings.
///
/// Where a file has several tags, ID3v2 goes before APE and APE before ID3v1, field by field.
package enum TagReader {
    package struct Result: Sendable {
        package var tags = Tags()
        package var cover: (bytes: [UInt8], type: String)?
    }

    /// Call once before the first file: TagLib would keep every string it returns in a list that
    /// threads share without a lock.
    package static let prepare: Void = taglib_set_string_management_enabled(0)

    /// - Parameter path: The bytes of the path, without a NUL.
    /// - Returns: Empty tags when there are none, or none that TagLib can read.
    package static func read(_ path: [UInt8]) -> Result {
        _ = prepare
        var result = Result()
        let opened = (path + [0]).withUnsafeBufferPointer {
            $0.withMemoryRebound(to: CChar.self) {
                taglib_file_new_type($0.baseAddress, TagLib_File_MPEG)
            }
        }
        // Valid or not tells nothing: TagLib 1.13 says valid of an empty file.
        guard let file = opened else { return result }
        defer { taglib_file_free(file) }
        let tag = taglib_file_tag(file)

        func property(_ name: String) -> [String] {
            guard let list = taglib_property_get(file, name) else { return [] }
            defer { taglib_property_free(list) }
            var values: [String] = []
            var index = 0
            while let value = list[index] {
                let text = clean(String(cString: value))
                if !text.isEmpty { values.append(text) }
                index += 1
            }
            return values
        }
        func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
            guard let pointer else { return "" }
            defer { taglib_free(pointer) }
            return clean(String(cString: pointer))
        }

        var tags = Tags()
        tags.title = text(taglib_tag_title(tag))
        tags.album = text(taglib_tag_album(tag))
        // Picard writes the artists one by one into ARTISTS, and the credit into ARTIST.
        let listed = property("ARTISTS")
        let credited = property("ARTIST")
        tags.artists = listed.count > 1 ? listed : split(credited)
        if tags.artists.isEmpty { tags.artists = split([text(taglib_tag_artist(tag))]) }
        tags.albumArtist = property("ALBUMARTIST").first ?? ""
        (tags.track, tags.trackTotal) = position(property("TRACKNUMBER").first)
        if tags.track == nil { tags.track = positive(Int(taglib_tag_track(tag))) }
        (tags.disc, tags.discTotal) = position(property("DISCNUMBER").first)
        tags.releaseDate =
            [property("DATE").first, property("RELEASEDATE").first]
            .compactMap { $0.flatMap(date) }.first
            ?? positive(Int(taglib_tag_year(tag))).flatMap { date("\($0)") } ?? ""
        tags.genres = split(property("GENRE"))
        if tags.genres.isEmpty { tags.genres = split([text(taglib_tag_genre(tag))]) }
        tags.composer = property("COMPOSER").joined(separator: ", ")
        tags.isrc = property("ISRC").first ?? ""
        tags.isCompilation = property("COMPILATION").first == "1"
        result.tags = tags

        var picture = TagLib_Complex_Property_Picture_Data()
        if taglib_picture_from_file(file, &picture) != 0 {
            defer { taglib_picture_free(&picture) }
            let bytes = Array(UnsafeRawBufferPointer(start: picture.data, count: Int(picture.size)))
            if let type = imageType(bytes) { result.cover = (bytes, type) }
        }
        return result
    }

    /// ID3v2.3 has one string for all artists, and for all genres. Only separators that names do not contain are
    /// split at: " / " and ";", but not the "/" of AC/DC.
    static func split(_ values: [String]) -> [String] {
        unique(
            values.flatMap { value in
                value.split(separator: ";").flatMap { part in
                    part.replacingSlashes().split(separator: "\u{0}")
                }.map { clean(String($0)) }
            })
    }

    /// "3/12" → (3, 12).
    static func position(_ text: String?) -> (Int?, Int?) {
        guard let text else { return (nil, nil) }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            .map { Int($0.trimmed) }
        return (positive(parts.first ?? nil), parts.count > 1 ? positive(parts[1]) : nil)
    }

    /// The date at the precision given: "2004", "2004-05", "2004-05-17"; nil for anything else.
    static func date(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        func isNumber(_ range: Range<Int>, _ allowed: ClosedRange<Int>) -> Bool {
            guard range.upperBound <= bytes.count,
                bytes[range].allSatisfy({ (48...57).contains($0) }),
                let number = Int(String(decoding: bytes[range], as: UTF8.self))
            else { return false }
            return allowed.contains(number)
        }
        guard isNumber(0..<4, 1...9999) else { return nil }
        guard bytes.count >= 7, bytes[4] == 45, isNumber(5..<7, 1...12) else {
            return String(decoding: bytes[..<4], as: UTF8.self)
        }
        guard bytes.count >= 10,
            let day = CalendarDate(String(decoding: bytes[..<10], as: UTF8.self))
        else { return String(decoding: bytes[..<7], as: UTF8.self) }
        return day.description
    }

    /// The bytes decide, as MIME types in tags are often wrong.
    static func imageType(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xff, 0xd8, 0xff]) { return "image/jpeg" }
        if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]) { return "image/png" }
        if bytes.starts(with: "GIF8".utf8) { return "image/gif" }
        if bytes.count > 12, bytes.starts(with: "RIFF".utf8),
            bytes[8..<12].elementsEqual("WEBP".utf8)
        {
            return "image/webp"
        }
        return nil
    }

    private static func positive(_ number: Int?) -> Int? { number.flatMap { $0 > 0 ? $0 : nil } }

    /// Without white space around it, and without control characters, which ID3v1 fields and
    /// broken taggers leave.
    private static func clean(_ text: String) -> String {
        let visible = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
        return visible.trimmed
    }

    private static func unique(_ values: [String]) -> [String] {
        var seen: Set<String> = []
        return values.filter { !$0.isEmpty && seen.insert($0).inserted }
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        let front = drop { $0.isWhitespace }
        guard let last = front.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(front[...last])
    }

    /// " / " as NUL.
    fileprivate func replacingSlashes() -> String {
        var result = ""
        var rest = self[...]
        while let slash = rest.firstIndex(of: "/") {
            let before = rest[..<slash]
            let after = rest[rest.index(after: slash)...]
            let separates = before.last == " " && after.first == " "
            result += before + (separates ? "\u{0}" : "/")
            rest = after
        }
        return result + rest
    }
}
