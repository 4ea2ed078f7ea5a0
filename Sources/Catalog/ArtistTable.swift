internal import Storage

/// Every name that the tags give people, and which artist each of them is.
///
/// Names are noted song by song in any order, then resolved once all are known. Memory grows with
/// the number of different names, not of songs.
struct ArtistTable {
    /// What a name was seen as.
    struct Usage: OptionSet {
        let rawValue: UInt8
        /// Credited for a song, or as the guest of one.
        static let credited = Usage(rawValue: 1)
        static let albumArtist = Usage(rawValue: 2)
        /// Alone, as a whole credit: proof that it is a name.
        static let whole = Usage(rawValue: 4)
    }

    /// A name as some song writes it, with the MusicBrainz id that it came with.
    struct Name {
        let text: String
        let musicBrainzID: String?
        let identity: String
        var songCount = 0
        var usage: Usage = []
        var sort: String?
    }

    struct Artist {
        /// What the id is made of: the name folded, or the MusicBrainz id.
        let identity: String
        var musicBrainzID: String?
        var name = ""
        var sortName: String?
        /// Credited for a song or an album, and not only as a composer, say.
        var isListed = false
        var id: String { StableID.text(StableID.artistNumber(identity)) }

        // Filled in rank order.
        var number = 0
        var songCount = 0
        var albumCount = 0
        var bestRank = 0
    }

    static let unknown = "[Unknown Artist]"

    private(set) var names: [Name] = []
    private var numbers: [String: Int] = [:]
    private(set) var artists: [Artist] = []
    /// For each name the artists that it stands for; several where it was split.
    private(set) var artistsOfNames: [[Int]] = []
    /// Ids that would be an artist's if less were known of it, and that lead to it.
    private(set) var formerIDs: [(id: UInt64, artist: Int)] = []
    private(set) var warnings: [String] = []
    /// Of files that are gone; counts where no file that is there says anything.
    var formerNames = FormerNames()

    /// - Parameters:
    ///   - text: In NFC.
    ///   - musicBrainzID: What is none counts as missing.
    /// - Returns: The name's number.
    mutating func note(
        _ text: String, musicBrainzID: String? = nil, sort: String? = nil, _ usage: Usage
    ) -> Int {
        let mbid = musicBrainzID.flatMap { Self.musicBrainzID($0) }
        let key = mbid.map { text + "\0" + $0 } ?? text
        let number: Int
        if let known = numbers[key] {
            number = known
        } else {
            number = names.count
            numbers[key] = number
            var identity = UnicodeText.identity(text)
            var kept = mbid
            if VariousArtists.isOne(identity) || mbid == VariousArtists.musicBrainzID {
                (identity, kept) = (VariousArtists.identity, nil)
            }
            names.append(Name(text: text, musicBrainzID: kept, identity: identity))
        }
        names[number].songCount += 1
        names[number].usage.formUnion(usage)
        // The least of those that differ, so that the order of songs does not matter.
        if let sort,
            names[number].sort.map({ sort.utf8.lexicographicallyPrecedes($0.utf8) }) ?? true
        {
            names[number].sort = sort
        }
        return number
    }

    /// Whether somebody is credited alone under this name, so that it is one.
    private func isKnown(_ identity: String) -> Bool { wholeIdentities.contains(identity) }

    /// The same by a name's number.
    func isKnown(_ name: Int) -> Bool { knownNames[name] }

    func artists(_ name: Int) -> [Int] { artistsOfNames[name] }

    mutating func updateArtist(_ artist: Int, _ change: (inout Artist) -> Void) {
        change(&artists[artist])
    }

    private var wholeIdentities: Set<String> = []
    private var knownNames: [Bool] = []

    // MARK: Resolving

    /// Decides who is who.
    mutating func resolve(_ aliases: ArtistAliases = .none) {
        for name in names where name.usage.contains(.whole) {
            wholeIdentities.insert(name.identity)
        }
        var rules = AliasRules(aliases)
        let parts = splits(&rules)
        var byIdentity: [String: Int] = [:]
        let alone = idsOfIdentities()
        /// The artist of one name that is not split.
        func identity(_ name: String, _ mbid: String?) -> (identity: String, mbid: String?) {
            if let mbid { return (Self.identity(ofMusicBrainzID: mbid), mbid) }
            // A name without an id is the one artist that has this name and an id, if there is one.
            if let ids = alone[name], ids.count == 1 {
                return (Self.identity(ofMusicBrainzID: ids[0]), ids[0])
            }
            return (name, nil)
        }
        rules.resolveTargets { identity($0, nil).identity }
        func artist(_ found: (identity: String, mbid: String?), in table: inout ArtistTable) -> Int
        {
            let target = rules.target(of: found.identity)
            if let known = byIdentity[target ?? found.identity] { return known }
            let number = table.artists.count
            var entry = Artist(identity: target ?? found.identity)
            entry.musicBrainzID =
                target == nil ? found.mbid : Self.musicBrainzID(ofIdentity: entry.identity)
            table.artists.append(entry)
            byIdentity[entry.identity] = number
            return number
        }
        var votes: [SpellingVotes] = []
        var sorts: [String?] = []
        var former: [UInt64: (artist: Int, songs: Int)] = [:]
        for (number, name) in names.enumerated() {
            var found: [Int] = []
            for part in parts[number] ?? [] {
                let one = artist(identity(part.identity, nil), in: &self)
                if !found.contains(one) { found.append(one) }
                note(part.text, 0, for: one, &votes)
            }
            if found.isEmpty {
                let one = artist(identity(name.identity, name.musicBrainzID), in: &self)
                found = [one]
                note(name.text, name.songCount, for: one, &votes)
                while sorts.count <= one { sorts.append(nil) }
                if let sort = name.sort,
                    sorts[one].map({ sort.utf8.lexicographicallyPrecedes($0.utf8) }) ?? true
                {
                    sorts[one] = sort
                }
            }
            artistsOfNames.append(found)
            if name.usage.contains(.credited) { for one in found { artists[one].isListed = true } }
            for identity in Set(
                [
                    name.identity, name.musicBrainzID.map(Self.identity(ofMusicBrainzID:)),
                ].compactMap(\.self))
            {
                let id = StableID.artistNumber(identity)
                if let known = former[id],
                    (known.songs, artists[found[0]].identity)
                        >= (name.songCount, artists[known.artist].identity)
                {
                    continue
                }
                former[id] = (found[0], name.songCount)
            }
        }
        if !formerNames.artists.isEmpty {
            var numbers: [String: Int] = [:]
            for (number, name) in names.enumerated() { numbers[name.identity] = number }
            for (name, mbids) in formerNames.artists {
                guard let number = numbers[name] else { continue }
                for mbid in mbids {
                    let id = StableID.artistNumber(Self.identity(ofMusicBrainzID: mbid))
                    let artist = artistsOfNames[number][0]
                    if let known = former[id],
                        known.songs > 0 || artists[known.artist].identity < artists[artist].identity
                    {
                        continue
                    }
                    former[id] = (artist, 0)
                }
            }
        }
        for (number, entry) in artists.enumerated() {
            artists[number].name =
                (number < votes.count ? votes[number].winner : nil) ?? entry.identity
            if entry.identity == VariousArtists.identity {
                artists[number].name = VariousArtists.name
            }
            artists[number].sortName = number < sorts.count ? sorts[number] : nil
        }
        for (identity, name) in rules.names {
            if let artist = byIdentity[identity] { artists[artist].name = name }
        }
        let current = Set(artists.map { StableID.artistNumber($0.identity) })
        formerIDs = former.filter { !current.contains($0.key) }
            .map { (id: $0.key, artist: $0.value.artist) }.sorted { $0.id < $1.id }
        let seen = Set(names.map(\.identity)).union(
            names.compactMap { $0.musicBrainzID.map(Self.identity(ofMusicBrainzID:)) })
        warnings = aliases.warnings + rules.unused(seen: seen)
        knownNames = names.map { isKnown($0.identity) }
        numbers = [:]
        wholeIdentities = []
    }

    /// Lets go of what only resolving needs.
    mutating func forgetNames() { names = [] }

    private func note(_ text: String, _ count: Int, for artist: Int, _ votes: inout [SpellingVotes])
    {
        while votes.count <= artist { votes.append(SpellingVotes()) }
        votes[artist].add(text, count)
    }

    /// For each folded name the MusicBrainz ids that it comes with, in order.
    private func idsOfIdentities() -> [String: [String]] {
        var ids: [String: [String]] = [:]
        for name in names {
            guard let mbid = name.musicBrainzID, ids[name.identity]?.contains(mbid) != true else {
                continue
            }
            ids[name.identity, default: []].append(mbid)
        }
        for (identity, mbids) in formerNames.artists where ids[identity] == nil {
            ids[identity] = mbids.sorted()
        }
        return ids
    }

    /// The names that stand for several artists: those that the operator has split, and those all of
    /// whose parts are known artists, while nothing says that they are one.
    private func splits(_ rules: inout AliasRules) -> [Int: [(text: String, identity: String)]] {
        var oneArtist: Set<String> = []
        for name in names where name.musicBrainzID != nil || name.usage.contains(.albumArtist) {
            oneArtist.insert(name.identity)
        }
        var result: [Int: [(text: String, identity: String)]] = [:]
        for (number, name) in names.enumerated() where name.musicBrainzID == nil {
            if let parts = rules.split(name.identity) {
                result[number] = parts.map { ($0, UnicodeText.identity($0)) }
                continue
            }
            guard !name.usage.isEmpty, !rules.isKept(name.identity),
                !oneArtist.contains(name.identity),
                let texts = ArtistCredit.names(in: name.text)
            else { continue }
            let parts = texts.map { (text: $0, identity: UnicodeText.identity($0)) }
            guard parts.allSatisfy({ isKnown($0.identity) }) else { continue }
            result[number] = parts
        }
        return result
    }

    // MARK: MusicBrainz ids

    private static let prefix = "mbid:"

    static func identity(ofMusicBrainzID mbid: String) -> String { prefix + mbid }

    private static func musicBrainzID(ofIdentity identity: String) -> String? {
        identity.hasPrefix(prefix) ? String(identity.dropFirst(prefix.utf8.count)) : nil
    }

    /// In lower case; nil for what is no UUID.
    static func musicBrainzID(_ text: String) -> String? {
        guard text.utf8.count == 36 else { return nil }
        var index = 0
        var isLower = true
        for byte in text.utf8 {
            if [8, 13, 18, 23].contains(index) {
                guard byte == 45 else { return nil }
            } else if (65...70).contains(byte) {
                isLower = false
            } else {
                guard (48...57).contains(byte) || (97...102).contains(byte) else { return nil }
            }
            index += 1
        }
        return isLower ? text : text.lowercased()
    }
}
