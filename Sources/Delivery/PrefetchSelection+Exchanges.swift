/// Exchanges near the margin, which use the last bytes of room and budget better.
///
/// Against the prices every song has a *reduced* worth: what it is worth beyond what its bytes cost;
/// about zero at the margin. Taking another set changes the value by the change in reduced worth and
/// by what the bytes that it uses more are worth at the prices. Only as many of those are left as are
/// unused, so an exchange that gives up more reduced worth than they are worth cannot pay, and is not
/// looked at.
extension PrefetchSelection {
    /// How many songs on each side of the margin of each list are tried.
    private static let coreSongs = 32
    private static let exchangesMax = 100

    private struct Song {
        let index: UInt32
        let isOpen: Bool
        let sizeBytes: Int
        /// After the charge for fetching.
        let net: Double
        let reduced: Double
    }

    /// One or two songs, or none: what is given back or taken in one exchange.
    private struct Group {
        var first = -1
        var second = -1
        var sizeBytes = 0
        var openBytes = 0
        var net = 0.0
        /// What giving it back, or taking it, loses of reduced worth.
        var loss = 0.0
    }

    /// Gives back up to two songs for up to two others, as long as that adds something.
    mutating func exchange() {
        var inside: [Song] = []
        var outside: [Song] = []
        for (list, isOpen) in [(order.held, false), (order.open, true)] {
            let price = prices.room + (isOpen ? prices.charge + prices.fill : 0)
            for index in core(list, price: price) {
                let size = Double(order.sizeBytes(index))
                let song = Song(
                    index: index, isOpen: isOpen, sizeBytes: order.sizeBytes(index),
                    net: order.worth(index) - (isOpen ? prices.charge * size : 0),
                    reduced: order.worth(index) - price * size)
                if isTaken[Int(index)] {
                    inside.append(song)
                } else if song.net > 0 {
                    outside.append(song)
                }
            }
        }
        for _ in 0..<Self.exchangesMax {
            guard let (leaving, coming) = bestExchange(inside, outside) else { return }
            let (out, into) = ([leaving.first, leaving.second], [coming.first, coming.second])
            let given = out.filter { $0 >= 0 }.map { inside[$0] }
            let taken = into.filter { $0 >= 0 }.map { outside[$0] }
            for song in given { giveBack(song.index, isOpen: song.isOpen) }
            for song in taken { take(song.index, isOpen: song.isOpen) }
            inside = inside.indices.filter { !out.contains($0) }.map { inside[$0] } + taken
            outside = outside.indices.filter { !into.contains($0) }.map { outside[$0] } + given
        }
    }

    private func bestExchange(_ inside: [Song], _ outside: [Song]) -> (Group, Group)? {
        let unusedWorth =
            prices.room * Double(roomBytes) + prices.fill * Double(budgetBytes)
        let leaving = [Group()] + groups(inside, sign: 1)
        let coming = groups(outside, sign: -1)
        var best: (Group, Group)?
        var bestGain = 0.0
        for out in leaving {
            guard unusedWorth - out.loss - (coming.first?.loss ?? 0) > bestGain else { break }
            let room = roomBytes + out.sizeBytes
            let budget = budgetBytes + out.openBytes
            for into in coming {
                // They lose ever more from here on.
                guard unusedWorth - out.loss - into.loss > bestGain else { break }
                guard into.sizeBytes <= room, into.openBytes <= budget else { continue }
                let gain = into.net - out.net
                // Less than rounding may make of nothing would go round in circles.
                if gain > bestGain, gain > 1e-12 * into.net {
                    best = (out, into)
                    bestGain = gain
                }
            }
        }
        return best
    }

    /// Every song and every pair, those that lose the least first.
    private func groups(_ songs: [Song], sign: Double) -> [Group] {
        var groups: [Group] = []
        groups.reserveCapacity(songs.count * (songs.count + 1) / 2)
        for (first, song) in songs.enumerated() {
            let single = Group(
                first: first, sizeBytes: song.sizeBytes,
                openBytes: song.isOpen ? song.sizeBytes : 0, net: song.net,
                loss: sign * song.reduced)
            groups.append(single)
            for second in (first + 1)..<max(first + 1, songs.count) {
                let other = songs[second]
                groups.append(
                    Group(
                        first: first, second: second,
                        sizeBytes: single.sizeBytes + other.sizeBytes,
                        openBytes: single.openBytes + (other.isOpen ? other.sizeBytes : 0),
                        net: single.net + other.net, loss: single.loss + sign * other.reduced))
            }
        }
        return groups.sorted { a, b in
            if a.loss != b.loss { return a.loss < b.loss }
            return (a.first, a.second) < (b.first, b.second)
        }
    }

    /// The songs of a list around the place where taking ends.
    private func core(_ list: [UInt32], price: Double) -> ArraySlice<UInt32> {
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) / 2
            if order.density[Int(list[middle])] > price { low = middle + 1 } else { high = middle }
        }
        return list[max(0, low - Self.coreSongs)..<min(list.count, low + Self.coreSongs)]
    }
}
