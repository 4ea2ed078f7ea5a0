package import Storage

/// Which of a region's edges serves a listener a song: of those that may, always the same one, so
/// that its cache and a resumed download fit (highest random weight, Thaler and Ravishankar 1998).
///
/// The daemon's redirect and the simulation choose by the same weights.
package enum EdgeChoice {
    /// The weight of an edge for a listener and a song; the highest serves, on a tie the first.
    package static func weight(edge: String, listener: String, song: Digest) -> UInt64 {
        weight(edge: edge.utf8, listener: listener.utf8, song: song)
    }

    static func weight(
        edge: some Sequence<UInt8>, listener: some Sequence<UInt8>, song: Digest
    ) -> UInt64 {
        var hash = StableHash()
        hash.add(edge)
        hash.add(slash)
        hash.add(listener)
        hash.add(slash)
        hash.add(song.hex.utf8)
        return hash.value
    }

    private static let slash = CollectionOfOne(UInt8(ascii: "/"))
}

/// FNV-1a, 64 bits, with the last step of MurmurHash3 to spread it; the same in every process,
/// which Swift's own hash is not.
struct StableHash {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }

    var value: UInt64 {
        let mixed = (state ^ state >> 33) &* 0xff51_afd7_ed55_8ccd
        return mixed ^ mixed >> 33
    }
}
