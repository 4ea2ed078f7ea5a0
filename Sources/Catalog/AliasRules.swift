/// The operator's decisions by what they are about, with a note of which were of use.
struct AliasRules {
    private let path: String
    private var splits: [String: (into: [String], line: Int)] = [:]
    private var kept: [String: Int] = [:]
    /// From a reference (a name or an id) to what it is merged into.
    private var merges: [(from: String, into: String, line: Int)] = []
    private var renames: [(of: String, to: String, line: Int)] = []
    private var targets: [String: String] = [:]
    /// The texts to show, by identity.
    private(set) var names: [String: String] = [:]

    init(_ aliases: ArtistAliases) {
        path = aliases.path
        for entry in aliases.entries {
            switch entry.decision {
            case .merge(let names, let into):
                for name in names { merges.append((name, into, entry.line)) }
            case .split(let name, let into):
                splits[UnicodeText.identity(name)] = (into, entry.line)
            case .keep(let name): kept[UnicodeText.identity(name)] = entry.line
            case .rename(let name, let to): renames.append((name, to, entry.line))
            }
        }
    }

    func split(_ identity: String) -> [String]? { splits[identity]?.into }
    func isKept(_ identity: String) -> Bool { kept[identity] != nil }
    func target(of identity: String) -> String? { targets[identity] }

    /// - Parameter artist: The identity of the artist that a folded name stands for.
    mutating func resolveTargets(_ artist: (String) -> String) {
        func identity(_ reference: String) -> String {
            if let mbid = ArtistTable.musicBrainzID(reference) {
                return ArtistTable.identity(ofMusicBrainzID: mbid)
            }
            return artist(UnicodeText.identity(reference))
        }
        for merge in merges {
            let from = identity(merge.from)
            let into = identity(merge.into)
            if from != into { targets[from] = into }
            if ArtistTable.musicBrainzID(merge.into) == nil { names[into] = merge.into }
        }
        for rename in renames {
            let who = identity(rename.of)
            names[targets[who] ?? who] = rename.to
        }
    }

    /// Warnings about entries that are about nobody.
    ///
    /// - Parameter seen: Folded names and MusicBrainz ids of the library.
    func unused(seen: Set<String>) -> [String] {
        func isSeen(_ reference: String) -> Bool {
            seen.contains(
                ArtistTable.musicBrainzID(reference).map(ArtistTable.identity(ofMusicBrainzID:))
                    ?? UnicodeText.identity(reference))
        }
        var unused: [(line: Int, name: String)] = []
        for (identity, split) in splits where !seen.contains(identity) {
            unused.append((split.line, identity))
        }
        for (identity, line) in kept where !seen.contains(identity) {
            unused.append((line, identity))
        }
        for merge in merges where !isSeen(merge.from) { unused.append((merge.line, merge.from)) }
        for rename in renames where !isSeen(rename.of) {
            unused.append((rename.line, rename.of))
        }
        return unused.sorted { ($0.line, $0.name) < ($1.line, $1.name) }
            .map { "\(path):\($0.line): the library has no artist '\($0.name)'" }
    }
}
