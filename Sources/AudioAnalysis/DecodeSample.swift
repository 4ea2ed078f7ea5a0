package import Storage

/// Which songs a run looks at. Chosen by song id, which is as even as dice, so that a larger
/// sample holds every smaller one and the same one comes out every night.
package enum DecodeSample: Equatable, Sendable {
    case all
    /// The first so many by id.
    case count(Int)
    /// Those whose id lies in the first part of all ids: 0 to 100.
    case percent(Double)
    case songs(Set<Digest>)

    /// "500" or "2.5%".
    package init?(_ text: String) {
        if text.hasSuffix("%") {
            guard let percent = Double(text.dropLast()), (0...100).contains(percent) else {
                return nil
            }
            self = .percent(percent)
        } else {
            guard let count = Int(text), count >= 0 else { return nil }
            self = .count(count)
        }
    }

    enum Choice { case take, skip, end }

    /// - Parameter index: How many songs come before this one by id.
    func choice(_ song: Digest, index: Int) -> Choice {
        switch self {
        case .all: .take
        case .count(let count): index < count ? .take : .end
        case .percent(let percent):
            // The first 53 bits, as many as a Double holds.
            Double(song.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 11)
                < percent / 100 * 0x1p53 ? .take : .end
        case .songs(let songs): songs.contains(song) ? .take : .skip
        }
    }
}
