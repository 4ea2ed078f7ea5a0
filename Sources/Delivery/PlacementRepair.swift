/// Makes a placement keep to its limits, and uses what is left of them.
///
/// Both passes price songs at the prices that `PlacementPricing` holds, and change one song at a time
/// in the order of what that costs or brings per GB. Songs beyond what a pass can use are not kept:
/// memory is bounded by the limits' excess, or by their room.
extension PlacementState {
    /// A song that could go to another set, and what that costs per GB (negative: saves).
    private struct Change {
        var song: UInt32
        var place: UInt16
        var costUSDPerGB: Float
    }

    /// The cheapest so many GB of changes.
    private struct ChangePool {
        private(set) var changes: [Change] = []
        private var gigabytes = 0.0
        let enoughGB: Double
        private var worst = Float.infinity

        init(enoughGB: Double) { self.enoughGB = enoughGB }

        mutating func insert(_ change: Change, gigabytes size: Double) {
            guard change.costUSDPerGB < worst else { return }
            changes.append(change)
            gigabytes += size
        }

        /// Forgets what lies beyond enough, once twice that has come together.
        mutating func trim(_ size: (Int) -> Double) {
            guard gigabytes > 2 * enoughGB, changes.count > 4096 else { return }
            sort()
            var (kept, sum) = (0, 0.0)
            while kept < changes.count, sum < enoughGB || kept < 1024 {
                sum += size(Int(changes[kept].song))
                kept += 1
            }
            if kept < changes.count { worst = changes[kept].costUSDPerGB }
            changes.removeSubrange(kept...)
            gigabytes = sum
        }

        mutating func sort() {
            changes.sort { a, b in
                a.costUSDPerGB == b.costUSDPerGB
                    ? a.song < b.song : a.costUSDPerGB < b.costUSDPerGB
            }
        }
    }

    /// Rounds of moving songs out of what is too full.
    private static let repairRoundsMax = 60
    /// Of them those in which songs wait for a better turn. Songs that are alike all wait for each
    /// other: after these, each goes where it can.
    private static let patientRoundsMax = 30

    /// Moves songs until no limit is exceeded, those first that lose least by it.
    ///
    /// - Returns: false when that was not possible; some limits are exceeded then.
    mutating func repair() -> Bool {
        var buffer = Array(repeating: Float(0), count: pricing.table.stride)
        for round in 0..<Self.repairRoundsMax where isOver {
            var pool = ChangePool(enoughGB: 2 * excessGB + 64 * meanGB)
            let state = room(for: 0)
            for song in choice.indices where choice[song] != Self.none {
                guard burden(song, Int(choice[song]), state) > 0,
                    let change = relief(song, &buffer)
                else { continue }
                pool.insert(change, gigabytes: gigabytes(song))
                if song % 1024 == 0 { pool.trim(gigabytes) }
            }
            guard !pool.changes.isEmpty else { return false }
            pool.sort()
            var changed = false
            var dearer: Change?
            for change in pool.changes {
                guard isOver else { return true }
                // Room may have gone since, or the need of it: the song is asked again.
                guard let now = relief(Int(change.song), &buffer) else { continue }
                guard now.costUSDPerGB <= change.costUSDPerGB || round >= Self.patientRoundsMax
                else {
                    // What has become dearer waits for the next round, and others for their turn.
                    if now.costUSDPerGB < dearer?.costUSDPerGB ?? .infinity { dearer = now }
                    continue
                }
                assign(Int(change.song), now.place)
                changed = true
            }
            if !changed {
                guard let dearer else { return false }
                assign(Int(dearer.song), dearer.place)
            }
        }
        return !isOver
    }

    /// The song's cheapest other set that takes less of exceeded limits and fits into the others.
    private func relief(_ song: Int, _ buffer: inout [Float]) -> Change? {
        let current = Int(choice[song])
        let room = room(for: sizesBytes[song])
        let burden = burden(song, current, room)
        guard burden > 0 else { return nil }
        pricing.price(song, into: &buffer)
        var best: (place: Int, price: Float)?
        for place in buffer.indices where buffer[place] < best?.price ?? .infinity {
            guard place != current, fits(song, place, room), self.burden(song, place, room) < burden
            else { continue }
            best = (place, buffer[place])
        }
        return best.map {
            Change(
                song: UInt32(song), place: UInt16($0.place),
                costUSDPerGB: $0.price - buffer[current])
        }
    }

    private var excessGB: Double {
        let bytes = (freeBytes + freeIn + freeOut).reduce(0) { $0 + max(0, -$1) }
        return Double(bytes) / 1e9 + meanGB * Double(freeMajority.reduce(0) { $0 + max(0, -$1) })
    }

    private var meanGB: Double {
        guard choice.count > 0 else { return 0 }
        let bytes = sizesBytes.reduce(0, +)
        return Double(bytes) / 1e9 / Double(choice.count)
    }

    /// Lets songs change to cheaper sets that fit, the greatest saving per GB first, until none is
    /// left or `passesMax` is reached.
    ///
    /// - Parameter onlyHomeless: Only songs without a set.
    /// - Returns: Whether the last pass found nothing more.
    mutating func fill(passesMax: Int, onlyHomeless: Bool = false) -> Bool {
        var buffer = Array(repeating: Float(0), count: pricing.table.stride)
        for pass in 1...passesMax {
            let roomGB = freeBytes.reduce(0.0) { $0 + Double(max(0, $1)) / 1e9 }
            var pool = ChangePool(enoughGB: 2 * roomGB + 64 * meanGB)
            for song in choice.indices where !onlyHomeless || choice[song] == Self.none {
                guard let change = saving(song, &buffer) else { continue }
                pool.insert(change, gigabytes: gigabytes(song))
                if song % 1024 == 0 { pool.trim(gigabytes) }
            }
            guard !pool.changes.isEmpty else { return true }
            pool.sort()
            for change in pool.changes {
                guard let now = saving(Int(change.song), &buffer) else { continue }
                // What saves less than it would have waits, as others may save more.
                guard now.costUSDPerGB <= change.costUSDPerGB || pass == passesMax else { continue }
                assign(Int(change.song), now.place)
            }
        }
        return false
    }

    /// The song's cheapest set that fits, if it is cheaper than where it is.
    private func saving(_ song: Int, _ buffer: inout [Float]) -> Change? {
        pricing.price(song, into: &buffer)
        let current = choice[song]
        let isPlaced = current != Self.none
        let now = isPlaced ? buffer[Int(current)] : .infinity
        // Below this a saving is rounding.
        let bar = isPlaced ? now - now * 2e-6 : now
        var best: (place: Int, price: Float)?
        var room: Room?
        for place in buffer.indices where buffer[place] < min(best?.price ?? .infinity, bar) {
            let known = room ?? self.room(for: sizesBytes[song])
            room = known
            guard place != Int(current), fits(song, place, known) else { continue }
            best = (place, buffer[place])
        }
        return best.map {
            Change(
                song: UInt32(song), place: UInt16($0.place),
                costUSDPerGB: isPlaced ? $0.price - now : -Float.greatestFiniteMagnitude)
        }
    }
}
