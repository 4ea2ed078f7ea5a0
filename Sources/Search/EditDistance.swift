/// How many letters of one word have to be changed, added, dropped or swapped with a neighbour to
/// make another (optimal string alignment).
struct EditDistance {
    /// Three rows of the table, for one word after the other.
    private var rows: [Int] = []

    /// - Returns: nil beyond the limit.
    mutating func between(_ a: [UInt32], _ b: [UInt32], limit: Int) -> Int? {
        guard abs(a.count - b.count) <= limit else { return nil }
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        let width = b.count + 1
        if rows.count < 3 * width { rows = [Int](repeating: 0, count: 3 * width) }
        return rows.withUnsafeMutableBufferPointer { rows in
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in Self.fill(rows, a, b, width, limit) }
            }
        }
    }

    private static func fill(
        _ rows: UnsafeMutableBufferPointer<Int>, _ a: UnsafeBufferPointer<UInt32>,
        _ b: UnsafeBufferPointer<UInt32>, _ width: Int, _ limit: Int
    ) -> Int? {
        for column in 0..<width { rows[column] = column }
        for i in 1...a.count {
            let (now, last, before) = (i % 3 * width, (i + 2) % 3 * width, (i + 1) % 3 * width)
            rows[now] = i
            var least = i
            for j in 1...b.count {
                let isSame = a[i - 1] == b[j - 1]
                var cost = min(
                    rows[last + j] + 1, rows[now + j - 1] + 1, rows[last + j - 1] + (isSame ? 0 : 1)
                )
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    cost = min(cost, rows[before + j - 2] + 1)
                }
                rows[now + j] = cost
                least = min(least, cost)
            }
            // A swap looks two rows back, where one less may stand.
            if least > limit + 1 { return nil }
        }
        let distance = rows[a.count % 3 * width + b.count]
        return distance <= limit ? distance : nil
    }
}
