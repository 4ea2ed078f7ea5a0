/// How alike two fingerprints are where one is laid over the other.
package struct FingerprintAlignment: Equatable, Sendable {
    /// 1 for the same bits, 0 for bits that agree by chance.
    package let similarity: Double
    /// How many items the second starts behind the first.
    package let offset: Int
    /// Items that lie over each other.
    package let overlap: Int

    /// Shorter overlaps say nothing: five seconds.
    static let minimumOverlap = 40

    /// The best of the offsets around one; nil where too little overlaps.
    ///
    /// Similarity is 1 − 2·(bit errors a bit): unrelated music has 0.3 to 0.5 bit errors a bit.
    package static func best(_ a: [UInt32], _ b: [UInt32], around offset: Int)
        -> FingerprintAlignment?
    {
        var best: FingerprintAlignment?
        for shift in offset - 2...offset + 2 {
            // a[i + shift] lies over b[i].
            let first = max(0, -shift)
            let end = min(b.count, a.count - shift)
            guard end - first >= minimumOverlap, 2 * (end - first) >= min(a.count, b.count) else {
                continue
            }
            var errors = 0
            for index in first..<end { errors += (a[index + shift] ^ b[index]).nonzeroBitCount }
            let similarity = max(0, 1 - Double(errors) / Double(16 * (end - first)))
            if similarity > best?.similarity ?? -1 {
                best = .init(similarity: similarity, offset: shift, overlap: end - first)
            }
        }
        return best
    }
}
