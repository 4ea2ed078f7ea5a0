internal import Catalog
internal import Storage

/// Which rules each song follows.
package struct SongClasses: Sendable {
    /// The first is of songs without a rule, whether there are any or not.
    package var classes: [PlacementClass]
    /// For each song its place in `classes`; empty when there are no rules.
    package var classOfSong: [UInt16] = []
    /// Rules that no song of the catalogue matches, by name.
    package var idleRules: [String] = []

    /// - Parameter directory: Holds `catalog.sqlite`; read only when there are rules.
    /// - Throws: `FileError`, `FormatError`; `DeliveryError` when songs follow rules that cannot be
    ///   kept together.
    package init(catalog directory: String, songs: SongList, topology: Topology) throws {
        classes = [PlacementClass(topology)]
        guard !topology.rules.isEmpty else { return }
        classOfSong = Array(repeating: 0, count: songs.count)
        var known: [[Int]: UInt16] = [[]: 0]
        try CatalogReader(directory: directory).forEachSongTraits { traits in
            guard let song = songs.index(of: traits.id) else { return }
            let asked = PlacementRule.Traits(
                id: traits.id.hex, labels: traits.labels, owner: traits.owner,
                genres: traits.genres, copyright: traits.copyright)
            let matched = topology.rules.indices.filter { topology.rules[$0].matches(asked) }
            if let index = known[matched] { return classOfSong[song] = index }
            let group = PlacementClass(topology, rules: matched.map { topology.rules[$0] })
            if let fault = topology.fault(of: group) {
                throw DeliveryError(
                    .impossiblePlacement, at: "",
                    "song \(traits.id) follows \(group.label): \(fault)",
                    hint: "change one of them, so that the songs of both have a place")
            }
            guard let index = UInt16(exactly: classes.count) else {
                throw DeliveryError(
                    .badTopology, at: "", "the rules divide the songs into more than 65,535 kinds",
                    hint: "use fewer rules")
            }
            known[matched] = index
            classOfSong[song] = index
            classes.append(group)
        }
        let used = Set(known.keys.joined())
        idleRules = topology.rules.indices.filter { !used.contains($0) }.map {
            topology.rules[$0].name
        }
    }
}
