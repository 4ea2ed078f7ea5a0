/// Genres by number and in ID3v2's older forms.
package enum GenreName {
    /// Genres as names, in order and each once.
    ///
    /// Numbers alone or in brackets (`17`, `(17)`, `(17)(18)`), numbers with a refinement
    /// (`(4)Eurodisco` is Disco and Eurodisco, `(17)Rock` is Rock), `RX` and `CR`, and `((x)`,
    /// which is `(x)` itself (ID3v2.3, section 4.2.1); several values separated by NUL. 255 is
    /// none. Numbers that have no name, or several, and everything else stay as they are.
    package static func resolve(_ text: String) -> [String] {
        if isPlain(text) { return [text] }
        var names: [String] = []
        var known: Set<String> = []
        for value in text.split(separator: "\u{0}") {
            for name in resolve(value: trimmed(value)) where !name.isEmpty {
                if known.insert(name.lowercased()).inserted { names.append(name) }
            }
        }
        return names
    }

    /// A name and nothing else: most are.
    private static func isPlain(_ text: String) -> Bool {
        let bytes = text.utf8
        guard bytes.count > 2, let first = bytes.first, (0x41...0x5a).contains(first & 0xdf),
            let last = bytes.last, (0x21..<0x7f).contains(last)
        else { return false }
        return !bytes.contains(0)
    }

    private static func resolve(value: Substring) -> [String] {
        if let name = name(code: value) { return [name] }
        var names: [String] = []
        var rest = value
        while rest.first == "(" {
            let inner = rest.dropFirst()
            if inner.first == "(" { return names + [String(inner)] }
            guard let end = inner.firstIndex(of: ")"), let name = name(code: inner[..<end]) else {
                break
            }
            names.append(name)
            rest = trimmed(inner[inner.index(after: end)...])
        }
        return names + [String(rest)]
    }

    /// - Returns: nil when it is no code; "" for 255, which is none.
    private static func name(code: Substring) -> String? {
        if code == "RX" { return "Remix" }
        if code == "CR" { return "Cover" }
        guard (1...3).contains(code.utf8.count),
            code.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(code)
        else { return nil }
        if number == 255 { return "" }
        return named(number) ?? "\(number)"
    }

    /// The name of an ID3v1 genre.
    ///
    /// - Returns: nil for numbers without a name, and for those that programs call differently:
    ///   129 is Hardcore or Hardcore Techno, 133 Afro-Punk, Worldbeat or Winamp's old word, 136
    ///   Christian Gangsta with or without Rap.
    package static func named(_ number: Int) -> String? {
        guard names.indices.contains(number), ![129, 133, 136].contains(number) else { return nil }
        return names[number]
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// 0 to 79 are ID3v1's, the others Winamp's; where spellings differ, the one most readers use.
    private static let names: [String] = """
        Blues|Classic Rock|Country|Dance|Disco|Funk|Grunge|Hip-Hop|Jazz|Metal|New Age|Oldies|\
        Other|Pop|R&B|Rap|Reggae|Rock|Techno|Industrial|Alternative|Ska|Death Metal|Pranks|\
        Soundtrack|Euro-Techno|Ambient|Trip-Hop|Vocal|Jazz+Funk|Fusion|Trance|Classical|\
        Instrumental|Acid|House|Game|Sound Clip|Gospel|Noise|Alternative Rock|Bass|Soul|Punk|\
        Space|Meditative|Instrumental Pop|Instrumental Rock|Ethnic|Gothic|Darkwave|\
        Techno-Industrial|Electronic|Pop-Folk|Eurodance|Dream|Southern Rock|Comedy|Cult|Gangsta|\
        Top 40|Christian Rap|Pop/Funk|Jungle|Native American|Cabaret|New Wave|Psychedelic|Rave|\
        Showtunes|Trailer|Lo-Fi|Tribal|Acid Punk|Acid Jazz|Polka|Retro|Musical|Rock & Roll|\
        Hard Rock|Folk|Folk-Rock|National Folk|Swing|Fast Fusion|Bebop|Latin|Revival|Celtic|\
        Bluegrass|Avantgarde|Gothic Rock|Progressive Rock|Psychedelic Rock|Symphonic Rock|\
        Slow Rock|Big Band|Chorus|Easy Listening|Acoustic|Humour|Speech|Chanson|Opera|\
        Chamber Music|Sonata|Symphony|Booty Bass|Primus|Porn Groove|Satire|Slow Jam|Club|Tango|\
        Samba|Folklore|Ballad|Power Ballad|Rhythmic Soul|Freestyle|Duet|Punk Rock|Drum Solo|\
        A Cappella|Euro-House|Dance Hall|Goa|Drum & Bass|Club-House|Hardcore|Terror|Indie|\
        BritPop|Afro-Punk|Polsk Punk|Beat|Christian Gangsta Rap|Heavy Metal|Black Metal|\
        Crossover|Contemporary Christian|Christian Rock|Merengue|Salsa|Thrash Metal|Anime|JPop|\
        Synthpop|Abstract|Art Rock|Baroque|Bhangra|Big Beat|Breakbeat|Chillout|Downtempo|Dub|\
        EBM|Eclectic|Electro|Electroclash|Emo|Experimental|Garage|Global|IDM|Illbient|\
        Industro-Goth|Jam Band|Krautrock|Leftfield|Lounge|Math Rock|New Romantic|Nu-Breakz|\
        Post-Punk|Post-Rock|Psytrance|Shoegaze|Space Rock|Trop Rock|World Music|Neoclassical|\
        Audiobook|Audio Theatre|Neue Deutsche Welle|Podcast|Indie Rock|G-Funk|Dubstep|\
        Garage Rock|Psybient
        """.split(separator: "|").map(String.init)
}
