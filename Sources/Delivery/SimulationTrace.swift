/// What one edge is asked for: the night's day, which warms caches, then the day that is replayed.
struct SimulationTrace {
    /// Dense numbers of what is asked for, or may be held.
    private(set) var objects: [UInt32] = []
    /// So many of `objects` are of the night's day.
    private(set) var warmingCount = 0
    /// Of each replayed request, the listeners' region and the five minutes of the day.
    private(set) var listeners: [UInt8] = []
    private(set) var slots: [UInt16] = []
    /// Of each object, its song and bytes.
    private(set) var songs: [UInt32] = []
    private(set) var sizes: [Int] = []

    static let slotCount = 288
    static let slotSeconds = 300

    var objectCount: Int { songs.count }
    var replayed: ArraySlice<UInt32> { objects[warmingCount...] }

    /// - Parameters:
    ///   - also: Songs that get a number although nobody may ask for them.
    ///   - numbers: `UInt32.max` for each song; it is left as it was found.
    init(
        warming: (requests: [SimulationRequest], places: ArraySlice<UInt32>),
        replayed: (requests: [SimulationRequest], places: ArraySlice<UInt32>),
        also: some Sequence<UInt32>, sizesBytes: [Int], numbers: inout [UInt32]
    ) {
        objects.reserveCapacity(warming.places.count + replayed.places.count)
        listeners.reserveCapacity(replayed.places.count)
        slots.reserveCapacity(replayed.places.count)
        for song in also { number(Int(song), sizesBytes, &numbers) }
        for place in warming.places {
            let song = warming.requests[Int(place)].song
            objects.append(number(song, sizesBytes, &numbers))
        }
        warmingCount = objects.count
        for place in replayed.places {
            let request = replayed.requests[Int(place)]
            objects.append(number(request.song, sizesBytes, &numbers))
            listeners.append(UInt8(request.region))
            slots.append(UInt16(request.timeMs / (Self.slotSeconds * 1000)))
        }
        for song in songs { numbers[Int(song)] = UInt32.max }
    }

    @discardableResult
    private mutating func number(
        _ song: Int, _ sizesBytes: [Int], _ numbers: inout [UInt32]
    ) -> UInt32 {
        if numbers[song] == UInt32.max {
            numbers[song] = UInt32(songs.count)
            songs.append(UInt32(song))
            sizes.append(sizesBytes[song])
        }
        return numbers[song]
    }

    /// Requests of each object on the night's day.
    var warmingCounts: [Double] {
        var counts = Array(repeating: 0.0, count: objectCount)
        for object in objects[..<warmingCount] { counts[Int(object)] += 1 }
        return counts
    }

    /// Lets a cache see both days, and hands on what became of each request of the second one.
    ///
    /// - Parameter isWarm: Whether the cache has its content already.
    @inline(__always)
    func replay(
        _ policy: inout some CachePolicy, isWarm: Bool = false,
        _ body: (_ place: Int, _ object: Int, _ isHit: Bool) -> Void
    ) {
        if !isWarm { for object in objects[..<warmingCount] { _ = policy.request(Int(object)) } }
        for place in 0..<objects.count - warmingCount {
            let object = Int(objects[warmingCount + place])
            body(place, object, policy.request(object))
        }
    }
}
