/// The share of a day's streams that an edge answers which pinned songs by a forecast beforehand,
/// in order of expected streams per byte.
package struct EdgeHits: Sendable {
    /// Of the catalogue's bytes.
    package static let shares = [0.001, 0.01, 0.05, 0.1]

    private var hits = Array(repeating: 0.0, count: shares.count)
    private var hitBytes = Array(repeating: 0.0, count: shares.count)
    private var streams = 0.0
    private var bytes = 0.0

    /// Adds an edge's day.
    ///
    /// - Parameters:
    ///   - expected: By song. What is not expected at all is not pinned.
    ///   - sizesBytes: By song; 0 for one that cannot be pinned, whose streams are left out.
    mutating func add(expected: [Float], came: [Float], sizesBytes: [Int], catalogBytes: Int) {
        var smallest = Int.max
        var order: [(density: Double, song: Int)] = []
        for song in expected.indices where sizesBytes[song] > 0 {
            streams += Double(came[song])
            bytes += Double(came[song]) * Double(sizesBytes[song])
            guard expected[song] > 0 else { continue }
            smallest = min(smallest, sizesBytes[song])
            order.append((Double(expected[song]) / Double(sizesBytes[song]), song))
        }
        order.sort { $0.density != $1.density ? $0.density > $1.density : $0.song < $1.song }
        for (place, share) in Self.shares.enumerated() {
            var room = Int(share * Double(catalogBytes))
            for (_, song) in order {
                guard room >= smallest else { break }
                guard sizesBytes[song] <= room else { continue }
                room -= sizesBytes[song]
                hits[place] += Double(came[song])
                hitBytes[place] += Double(came[song]) * Double(sizesBytes[song])
            }
        }
    }

    /// By `shares`.
    package var requestRatios: [Double] { hits.map { streams > 0 ? $0 / streams : 0 } }
    package var byteRatios: [Double] { hitBytes.map { bytes > 0 ? $0 / bytes : 0 } }
}
