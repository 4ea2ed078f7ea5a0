/// Caches written a second time, plainly: lists that are searched from end to end, names and sizes
/// together. What the fast ones do has to be what these do.
protocol NaiveCache {
    mutating func request(_ object: Int, _ size: Int) -> Bool
}

struct Item: Equatable {
    var object: Int
    var size: Int
    var visits = 0
}

extension [Item] {
    var bytes: Int { reduce(0) { $0 + $1.size } }
    func place(of object: Int) -> Int? { firstIndex { $0.object == object } }
}

/// The oldest first.
struct NaiveLRU: NaiveCache {
    let capacity: Int
    var items: [Item] = []

    mutating func request(_ object: Int, _ size: Int) -> Bool {
        if let place = items.place(of: object) {
            items.append(items.remove(at: place))
            return true
        }
        if size > capacity { return false }
        while items.bytes + size > capacity { items.removeFirst() }
        items.append(Item(object: object, size: size))
        return false
    }
}

/// The oldest first in each queue.
struct NaiveS3FIFO: NaiveCache {
    let capacity: Int
    var small: [Item] = []
    var main: [Item] = []
    var ghost: [Item] = []
    var wasFull = false

    init(capacity: Int) { self.capacity = capacity }

    var smallCapacity: Int { Int(Double(capacity) * 0.1) }

    mutating func request(_ object: Int, _ size: Int) -> Bool {
        if let place = small.place(of: object) {
            small[place].visits += 1
            return true
        }
        let ghostPlace = ghost.place(of: object)
        if let ghostPlace { ghost.remove(at: ghostPlace) }
        if let place = main.place(of: object) {
            main[place].visits += 1
            return true
        }
        if size > smallCapacity { return false }
        while small.bytes + main.bytes + size > capacity {
            wasFull = true
            if main.bytes > capacity - smallCapacity || small.isEmpty {
                shrinkMain()
            } else {
                shrinkSmall()
            }
        }
        let new = Item(object: object, size: size)
        if ghostPlace != nil {
            main.append(new)
        } else if !wasFull && small.bytes >= smallCapacity {
            main.append(new)
        } else if size < smallCapacity {
            small.append(new)
        }
        return false
    }

    mutating func shrinkSmall() {
        while !small.isEmpty {
            let oldest = small.removeFirst()
            if oldest.visits >= 2 {
                main.append(Item(object: oldest.object, size: oldest.size))
                continue
            }
            let ghostCapacity = Int(Double(capacity) * 0.9)
            if oldest.size <= ghostCapacity, ghost.place(of: oldest.object) == nil {
                while ghost.bytes + oldest.size > ghostCapacity { ghost.removeFirst() }
                ghost.append(oldest)
            }
            return
        }
    }

    mutating func shrinkMain() {
        while !main.isEmpty {
            var oldest = main.removeFirst()
            if oldest.visits == 0 { return }
            oldest.visits = (oldest.visits < 3 ? oldest.visits : 3) - 1
            main.append(oldest)
        }
    }
}

/// The oldest first in each list.
struct NaiveWTinyLFU: NaiveCache {
    let capacity: Int
    var window: [Item] = []
    var probation: [Item] = []
    var protected: [Item] = []
    var counts: [Int: Int] = [:]
    var mainHits = 0

    init(capacity: Int) { self.capacity = capacity }

    var windowCapacity: Int { Int(Double(capacity) * 0.01) }
    var mainCapacity: Int { capacity - windowCapacity }
    var probationCapacity: Int { mainCapacity / 5 }
    var protectedCapacity: Int { mainCapacity * 4 / 5 }

    mutating func request(_ object: Int, _ size: Int) -> Bool {
        if let place = window.place(of: object) {
            window.append(window.remove(at: place))
            return true
        }
        let onProbation = probation.place(of: object)
        if let place = onProbation { protected.append(probation.remove(at: place)) }
        if onProbation == nil, let place = protected.place(of: object) {
            protected.append(protected.remove(at: place))
        }
        if protected.place(of: object) != nil {
            while protected.bytes > protectedCapacity {
                probation.append(protected.removeFirst())
                while probation.bytes > probationCapacity { probation.removeFirst() }
            }
            counts[object, default: 0] += 1
            mainHits += 1
            if mainHits == 32 * mainCapacity {
                mainHits = 0
                counts = counts.mapValues { $0 / 2 }
            }
            return true
        }
        if size > windowCapacity || size > probationCapacity { return false }
        while window.bytes + probation.bytes + protected.bytes + size > capacity { makeRoom() }
        window.append(Item(object: object, size: size))
        counts[object, default: 0] += 1
        return false
    }

    mutating func makeRoom() {
        while !window.isEmpty {
            let candidate = window.removeFirst()
            let count = counts[candidate.object] ?? 0
            defer { counts[candidate.object] = count + 1 }
            if probation.bytes + protected.bytes + candidate.size <= mainCapacity {
                enter(candidate)
                continue
            }
            let victim = probation.first ?? protected.first!
            if count > counts[victim.object] ?? 0 {
                dropVictim()
                enter(candidate)
            }
            return
        }
        dropVictim()
    }

    mutating func dropVictim() {
        if probation.isEmpty { protected.removeFirst() } else { probation.removeFirst() }
    }

    mutating func enter(_ item: Item) {
        if probation.bytes + item.size <= probationCapacity {
            probation.append(item)
        } else if protected.bytes + item.size <= protectedCapacity {
            protected.append(item)
        } else {
            while probation.bytes + protected.bytes + item.size > mainCapacity { dropVictim() }
            probation.append(item)
        }
    }
}

/// Looks through the rest of the trace each time.
struct NaiveBelady: NaiveCache {
    let capacity: Int
    let trace: [Int]
    /// Whether sizes count, as in Belady-Size.
    let bySize: Bool
    var items: [Item] = []
    var time = 0

    init(capacity: Int, trace: [Int], bySize: Bool) {
        self.capacity = capacity
        self.trace = trace
        self.bySize = bySize
    }

    func cost(_ item: Item) -> Double {
        let next = trace[(time + 1)...].firstIndex(of: item.object)
        let wait = next.map { Double($0 - time) } ?? (bySize ? 1e18 : Double.infinity)
        return bySize ? wait * Double(item.size) : wait
    }

    mutating func request(_ object: Int, _ size: Int) -> Bool {
        defer { time += 1 }
        if items.place(of: object) != nil { return true }
        if size > capacity { return false }
        while items.bytes + size > capacity {
            // The lower number on a tie.
            let worst = items.max { a, b in
                cost(a) == cost(b) ? a.object > b.object : cost(a) < cost(b)
            }!
            items.remove(at: items.place(of: worst.object)!)
        }
        items.append(Item(object: object, size: size))
        return false
    }
}

struct NaiveSeededLFU: NaiveCache {
    let capacity: Int
    var weights: [Double]
    var items: [Item] = []

    init(capacity: Int, forecast: [Double]) {
        self.capacity = capacity
        weights = forecast.map { $0 + $0 }
    }

    func score(_ item: Item) -> Double { weights[item.object] / Double(item.size) }

    mutating func request(_ object: Int, _ size: Int) -> Bool {
        weights[object] += 1
        if items.place(of: object) != nil { return true }
        if size > capacity { return false }
        let new = Item(object: object, size: size)
        var rest = items.sorted {
            score($0) == score($1) ? $0.object < $1.object : score($0) < score($1)
        }
        while rest.bytes + size > capacity {
            guard score(rest[0]) < score(new) else { return false }
            rest.removeFirst()
        }
        items = rest + [new]
        return false
    }
}

/// The most hits, or bytes of hits, that any cache could have, found by trying every set that a
/// cache could hold at each moment. For a handful of requests only.
func mostHits(_ trace: [Int], sizes: [Int], capacity: Int, countsBytes: Bool) -> Int {
    let sets = (0..<1 << sizes.count).filter { set in
        sizes.indices.reduce(0) { $0 + (set >> $1 & 1 == 1 ? sizes[$1] : 0) } <= capacity
    }
    // What a cache could hold before the first request costs nothing to come by.
    var best = Dictionary(uniqueKeysWithValues: sets.map { ($0, 0) })
    for object in trace {
        let value = countsBytes ? sizes[object] : 1
        var after: [Int: Int] = [:]
        for (held, hits) in best {
            let reached = hits + (held >> object & 1 == 1 ? value : 0)
            // From here it may hold what it held and what it was just asked for, or parts of that.
            for set in sets where set & ~(held | 1 << object) == 0 {
                after[set] = max(after[set] ?? 0, reached)
            }
        }
        best = after
    }
    return best.values.max()!
}
