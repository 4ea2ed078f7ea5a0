/// What a licence, a label or an owner asks of the copies of its songs.
///
/// A song follows every rule that it matches: the most replicas of all, in all pinned regions and in
/// none of the forbidden ones.
package struct PlacementRule: Equatable, Sendable {
    /// Named in messages.
    package var name: String
    /// A song matches when it has one of these labels; empty: whatever label.
    package var labels: [String]
    /// As `spindle ingest --sources` names the owners of folders.
    package var owners: [String]
    /// Of the song, as its tags name them.
    package var genres: [String]
    /// Any part of the copyright line, which is where tags name a licence.
    package var copyrights: [String]
    /// Songs by id, in hexadecimal.
    package var songs: [String]
    /// Copies; nil: as the topology says.
    package var replicas: Int?
    /// Regions that hold every such song, and regions that hold none.
    package var pinned: RegionSet
    package var forbidden: RegionSet

    package init(
        name: String, labels: [String] = [], owners: [String] = [], genres: [String] = [],
        copyrights: [String] = [], songs: [String] = [], replicas: Int? = nil,
        pinned: RegionSet = RegionSet(), forbidden: RegionSet = RegionSet()
    ) {
        self.name = name
        self.labels = labels
        self.owners = owners
        self.genres = genres
        self.copyrights = copyrights
        self.songs = songs
        self.replicas = replicas
        self.pinned = pinned
        self.forbidden = forbidden
    }

    /// What the catalogue says of a song that rules ask for.
    package struct Traits: Equatable, Sendable {
        package var id = ""
        package var labels: [String] = []
        package var owner: String?
        package var genres: [String] = []
        package var copyright: String?

        package init(
            id: String = "", labels: [String] = [], owner: String? = nil, genres: [String] = [],
            copyright: String? = nil
        ) {
            self.id = id
            self.labels = labels
            self.owner = owner
            self.genres = genres
            self.copyright = copyright
        }
    }

    /// Whether each kind of condition that the rule has is met by one of its values.
    package func matches(_ song: Traits) -> Bool {
        (labels.isEmpty || labels.contains { song.labels.contains($0) })
            && (owners.isEmpty || song.owner.map(owners.contains) == true)
            && (genres.isEmpty || genres.contains { song.genres.contains($0) })
            && (copyrights.isEmpty
                || song.copyright.map { text in copyrights.contains { text.contains($0) } } == true)
            && (songs.isEmpty || songs.contains(song.id))
    }
}

/// Songs that follow the same rules.
package struct PlacementClass: Equatable, Hashable, Sendable {
    /// Names of the rules, in the topology's order.
    package var rules: [String]
    package var replicas: Int
    /// Failure domains that the copies cover at least.
    package var failureDomains: Int
    package var pinned: RegionSet
    package var forbidden: RegionSet

    /// - Parameter rules: All that the songs match.
    package init(_ topology: Topology, rules: [PlacementRule] = []) {
        self.rules = rules.map(\.name)
        replicas = rules.reduce(topology.replicas) { max($0, $1.replicas ?? 0) }
        failureDomains = min(replicas, topology.failureDomainsMin ?? replicas)
        pinned = RegionSet(bits: rules.reduce(0) { $0 | $1.pinned.bits })
        forbidden = RegionSet(bits: rules.reduce(0) { $0 | $1.forbidden.bits })
    }

    /// Whether a set of regions may hold a song of the class.
    package func allows(_ set: RegionSet, _ topology: Topology) -> Bool {
        set.count >= replicas && pinned.subtracting(set).isEmpty
            && set.bits & forbidden.bits == 0 && topology.domainCount(of: set) >= failureDomains
    }

    /// Regions of the smallest set that is allowed: pinned ones may share a failure domain.
    func smallestSetCount(_ topology: Topology) -> Int {
        let missing = max(0, failureDomains - topology.domainCount(of: pinned))
        return max(replicas, pinned.count + missing)
    }

    /// `rule 'archive'`, `rules 'archive', 'no-us'`, or what holds for songs without one.
    var label: String {
        guard !rules.isEmpty else { return "songs without a rule" }
        return (rules.count == 1 ? "rule " : "rules ")
            + rules.map { "'\($0)'" }.joined(separator: ", ")
    }
}
