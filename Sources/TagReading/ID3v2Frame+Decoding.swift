extension ID3v2Frame {
    /// The values of a text frame (`T…`, and `GRP1`, `MVNM`, `MVIN`, `WFED`); of others, none.
    ///
    /// Several values are separated by NUL, in ID3v2.3 too, where they are not allowed and common.
    /// No other separator is looked at.
    package func texts() -> [TagText] {
        guard hasTexts else { return [] }
        let decoding = TextDecoding(content[...])
        return decoding.texts(decoding.rest)
    }

    /// The address in a `W…` frame.
    package func link() -> String? {
        guard isLink else { return nil }
        let bytes = content.prefix { $0 != 0 }
        return bytes.isEmpty ? nil : TextDecoding.latin1(bytes).text
    }

    /// TXXX, and WXXX, whose address is Latin-1 whatever the description is.
    package func described() -> (description: TagText, values: [TagText])? {
        guard id == "TXXX" || id == "WXXX", !content.isEmpty else { return nil }
        let decoding = TextDecoding(content[...])
        let (description, rest) = decoding.cut(decoding.rest)
        guard let rest else {
            // Without a terminator it is a value that nothing describes.
            return (TagText(""), decoding.texts(decoding.rest))
        }
        guard id == "WXXX" else { return (decoding.text(description), decoding.texts(rest)) }
        // Some write the address in the description's encoding.
        let isWide =
            decoding.form.unitBytes == 2 && rest.count >= 2
            && (rest.starts(with: [0xff, 0xfe]) || rest.starts(with: [0xfe, 0xff])
                || rest[rest.startIndex] == 0 || rest[rest.startIndex + 1] == 0)
        let address =
            isWide
            ? decoding.texts(rest) : [TextDecoding.latin1(rest.prefix { $0 != 0 })]
        return (decoding.text(description), address.filter { !$0.text.isEmpty })
    }

    /// COMM, USLT.
    package func comment() -> (language: String, description: TagText, values: [TagText])? {
        guard id == "COMM" || id == "USLT", content.count >= 4 else { return nil }
        let decoding = TextDecoding(content[...], textStart: 3)
        let language = Self.language(decoding.rest.prefix(3))
        let rest = decoding.rest.dropFirst(3)
        let (description, text) = decoding.cut(rest)
        guard let text else { return (language, TagText(""), decoding.texts(rest)) }
        return (language, decoding.text(description), decoding.texts(text))
    }

    /// UFID.
    package func uniqueFileID() -> (owner: String, id: [UInt8])? {
        guard id == "UFID", let end = content.firstIndex(of: 0) else { return nil }
        return (TextDecoding.latin1(content[..<end]).text, Array(content[(end + 1)...]))
    }

    /// POPM; rating 0 is unknown, 1 worst, 255 best.
    package func popularimeter() -> (email: String, rating: UInt8, playCount: UInt64?)? {
        guard id == "POPM", let end = content.firstIndex(of: 0), end + 1 < content.count else {
            return nil
        }
        return (
            TextDecoding.latin1(content[..<end]).text, content[end + 1],
            Self.counter(content[(end + 2)...])
        )
    }

    /// PCNT.
    package func playCount() -> UInt64? { id == "PCNT" ? Self.counter(content[...]) : nil }

    /// TIPL, TMCL, and IPLS, which is called TIPL here: who did what.
    package func people() -> [(role: TagText, name: TagText)] {
        guard id == "TIPL" || id == "TMCL" else { return [] }
        let decoding = TextDecoding(content[...])
        let texts = decoding.texts(decoding.rest, keepsEmpty: true)
        return stride(from: 0, to: texts.count, by: 2).map {
            // Without a role before it, a last one is a name.
            $0 + 1 < texts.count ? (texts[$0], texts[$0 + 1]) : (TagText(""), texts[$0])
        }
    }

    /// APIC, PIC.
    package func picture() -> TagPicture? {
        guard id == "APIC", content.count >= 4 else { return nil }
        let mimeType: String
        var rest = content[1...]
        if major == 2 && storedID == "PIC" {
            guard rest.count >= 4 else { return nil }
            mimeType = Self.mimeType(format: TextDecoding.latin1(rest.prefix(3)).text)
            rest = rest.dropFirst(3)
        } else {
            guard let end = rest.firstIndex(of: 0) else { return nil }
            mimeType = TextDecoding.latin1(rest[..<end]).text
            rest = rest[(end + 1)...]
        }
        guard let type = rest.popFirst() else { return nil }
        let decoding = TextDecoding([content[0]] + rest)
        var (text, data) = decoding.cut(decoding.rest)
        // In UTF-16 the description's end may be a single zero where two belong, or missing.
        if data.map(Self.isImage) != true,
            let start = decoding.rest.prefix(256).indices.first(where: {
                Self.isImage(decoding.rest[$0...])
            })
        {
            (text, data) = (decoding.rest[..<start], decoding.rest[start...])
            if text.last == 0 { text.removeLast() }
        }
        guard let data else { return nil }
        let start = content.count - data.count
        let place: TagPicture.Data =
            storedContent.map { .range($0.lowerBound + start..<$0.upperBound) }
            ?? .bytes(Array(content[start...]))
        return TagPicture(
            type: type, mimeType: mimeType, description: decoding.text(text), data: place,
            offset: offset)
    }

    /// By the first bytes: JPEG, PNG.
    private static func isImage(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.starts(with: [0xff, 0xd8, 0xff]) || bytes.starts(with: [0x89, 0x50, 0x4e, 0x47])
    }

    /// ID3v2.2's three letters.
    private static func mimeType(format: String) -> String {
        switch format.uppercased() {
        case "JPG": "image/jpeg"
        case "PNG": "image/png"
        case "-->": "-->"
        default: "image/" + format.lowercased()
        }
    }

    /// SYLT.
    package func synchronisedLyrics() -> SynchronisedLyrics? {
        guard id == "SYLT", content.count >= 7 else { return nil }
        let decoding = TextDecoding([content[0]] + content[6...])
        var (description, left) = decoding.cut(decoding.rest)
        guard left != nil, content[4] == 1 || content[4] == 2 else { return nil }
        var lines: [SynchronisedLyrics.Line] = []
        while let bytes = left, !bytes.isEmpty {
            let (text, rest) = decoding.cut(bytes)
            guard let rest, rest.count >= 4 else { break }
            let time = rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            lines.append(.init(time: time, text: decoding.text(text)))
            left = rest.dropFirst(4)
        }
        return SynchronisedLyrics(
            language: Self.language(content[1..<4]),
            unit: content[4] == 1 ? .mpegFrames : .milliseconds, contentType: content[5],
            description: decoding.text(description), lines: lines)
    }

    /// RVA2; nil as a peak where there is none.
    ///
    /// - Returns: Per channel (1 is master) the adjustment in decibels and the peak, 1 being full
    ///   scale.
    package func relativeVolume() -> (
        identification: String, channels: [(type: UInt8, decibels: Double, peak: Double?)]
    )? {
        guard id == "RVA2", let end = content.firstIndex(of: 0) else { return nil }
        var channels: [(type: UInt8, decibels: Double, peak: Double?)] = []
        var rest = content[(end + 1)...]
        while rest.count >= 4 {
            let start = rest.startIndex
            let fixed = Int16(bitPattern: UInt16(rest[start + 1]) << 8 | UInt16(rest[start + 2]))
            let bits = Int(rest[start + 3])
            let bytes = (bits + 7) / 8
            let type = rest[start]
            rest = rest.dropFirst(4)
            var peak: Double?
            if bits > 0, rest.count >= bytes {
                // As mutagen and TagLib read it: as many bits as are said fill the bytes from
                // below.
                let value = rest.prefix(min(bytes, 4)).reduce(0.0) { $0 * 256 + Double($1) }
                let scale = min(bytes, 4) * 8 - (bytes <= 4 ? bytes * 8 - bits : 0) - 1
                peak = value / Double(UInt64(1) << UInt64(max(0, scale)))
            }
            channels.append((type, Double(fixed) / 512, peak))
            rest = rest.dropFirst(bytes)
        }
        return (TextDecoding.latin1(content[..<end]).text, channels)
    }

    /// Big-endian, four bytes or more; nil when empty or beyond 64 bits.
    private static func counter(_ bytes: ArraySlice<UInt8>) -> UInt64? {
        let digits = bytes.drop { $0 == 0 }
        guard !bytes.isEmpty, digits.count <= 8 else { return nil }
        return digits.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Three letters; "" for `XXX`, NULs and anything else.
    private static func language(_ bytes: ArraySlice<UInt8>) -> String {
        let text = String(decoding: bytes.map { $0 | 0x20 }, as: UTF8.self)
        let isWord = bytes.count == 3 && text.utf8.allSatisfy { (0x61...0x7a).contains($0) }
        return isWord && text != "xxx" ? text : ""
    }
}
