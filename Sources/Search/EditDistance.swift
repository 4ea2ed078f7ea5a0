/// How many letters of one word have to be changed, added, dropped or swapped with a neighbour to
/// make another (optimal string alignment).
struct EditDistance {
    /// Three rows of the table, for one word after the other.
    private var rows: [Int] = []

    /// - Returns: nil beyond the limit.
    mutating func between(_ a: [UInt32], _ b: [UInt32], limit: Int) -> Int? {
        guard abs(a.count - b.count) <= limit else { return nil }
        return a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in between(a, b, limit) }
        }
    }

    private mutating func between(
        _ a: UnsafeBufferPointer<UInt32>, _ b: UnsafeBufferPointer<UInt32>, _ limit: Int
    ) -> Int? {
        // What is the same at both ends costs nothing, and leaves little of most words.
        var start = 0
        let shorter = min(a.count, b.count)
        while start < shorter, a[start] == b[start] { start += 1 }
        var same = 0
        while same < shorter - start, a[a.count - 1 - same] == b[b.count - 1 - same] { same += 1 }
        let a = UnsafeBufferPointer(rebasing: a[start..<(a.count - same)])
        let b = UnsafeBufferPointer(rebasing: b[start..<(b.count - same)])
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        // One edit leaves one letter of each, or two that are swapped.
        if limit == 1, max(a.count, b.count) > 2 { return nil }
        let width = b.count + 1
        if rows.count < 3 * width { rows = [Int](repeating: 0, count: 3 * width) }
        return rows.withUnsafeMutableBufferPointer { Self.fill($0, a, b, width, limit) }
    }

    /// How many of a word's first letters are one edit away from what was typed, which may be
    /// incomplete; nil where it begins with just that, or it takes more.
    static func beginning(of word: [UInt32], oneEditFrom typed: [UInt32]) -> Int? {
        var start = 0
        while start < min(word.count, typed.count), word[start] == typed[start] { start += 1 }
        guard start < typed.count else { return nil }
        func isSame(_ further: Int, _ typedFurther: Int) -> Bool {
            let rest = typed.dropFirst(start + typedFurther)
            return word.dropFirst(start + further).starts(with: rest)
        }
        if start + 1 < min(word.count, typed.count), word[start] == typed[start + 1],
            word[start + 1] == typed[start], isSame(2, 2)
        {
            return typed.count
        }
        if start < word.count, isSame(1, 0) { return typed.count + 1 }
        if start < word.count, isSame(1, 1) { return typed.count }
        return isSame(0, 1) ? typed.count - 1 : nil
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
