/// Replays one edge's day with one cache after another.
struct SimulationReplay {
    let plan: SimulationPlan
    let routing: SimulationRouting

    private var topology: Topology { plan.topology }

    var emptyFigures: SimulationFigures {
        let regions = topology.regions.count
        return SimulationFigures(
            plan: plan, outage: routing.outage,
            tallies: Array(
                repeating: SimulationTally(regionCount: regions), count: topology.edges.count + 1),
            bounds: Array(repeating: HitBound.Bound(), count: topology.edges.count),
            load: SimulationLoad(regionCount: regions),
            fills: Array(
                repeating: Array(repeating: 0, count: regions), count: topology.edges.count))
    }

    /// What an edge has pinned, with an ordinary cache beside it.
    func replayPlan(
        _ trace: SimulationTrace, edge: Int, _ pins: SimulationPlan.EdgePins,
        into figures: inout SimulationFigures
    ) {
        // The trace has numbered the pinned songs first.
        var cache = PinnedCache(
            capacityBytes: pins.capacityBytes, pinnedCapacityBytes: pins.pinnedBytes,
            pinned: Array(pins.songs.indices), sizes: trace.sizes)
        run(&cache, trace, edge: edge, into: &figures)
        figures.fills[edge] = pins.fillBytes
        figures.bounds[edge] = HitBound(trace.replayed, sizes: trace.sizes)
            .bound(capacityBytes: pins.capacityBytes)
    }

    func replay(
        _ policy: CachePolicyName, _ trace: SimulationTrace, edge: Int, capacityBytes: Int,
        fillBudgetBytes: Int, nexts: [UInt32], into figures: inout SimulationFigures
    ) {
        let sizes = trace.sizes
        switch policy {
        case .lru:
            var cache = LRU(capacityBytes: capacityBytes, sizes: sizes)
            run(&cache, trace, edge: edge, into: &figures)
        case .s3fifo:
            var cache = S3FIFO(capacityBytes: capacityBytes, sizes: sizes)
            run(&cache, trace, edge: edge, into: &figures)
        case .wtinylfu:
            var cache = WTinyLFU(capacityBytes: capacityBytes, sizes: sizes)
            run(&cache, trace, edge: edge, into: &figures)
        case .top:
            var cache = StaticSet(
                capacityBytes: capacityBytes, sizes: sizes, weights: trace.warmingCounts)
            run(&cache, trace, edge: edge, into: &figures)
            // What it held a day before is not known, as that takes one day's log more.
            figures.fills[edge] = nil
        case .seeded:
            var cache = seeded(trace, edge, capacityBytes, fillBudgetBytes, &figures)
            run(&cache, trace, edge: edge, isWarm: true, into: &figures)
        case .belady:
            var cache = Belady(capacityBytes: capacityBytes, sizes: sizes, nexts: nexts)
            run(&cache, trace, edge: edge, into: &figures)
        case .beladysize:
            var cache = BeladySize(capacityBytes: capacityBytes, sizes: sizes, nexts: nexts)
            run(&cache, trace, edge: edge, into: &figures)
        }
    }

    /// The night's day is run without a forecast; then the night fills by tonight's.
    private func seeded(
        _ trace: SimulationTrace, _ edge: Int, _ capacityBytes: Int, _ fillBudgetBytes: Int,
        _ figures: inout SimulationFigures
    ) -> SeededLFU {
        let sizes = trace.sizes
        var before = SeededLFU(
            capacityBytes: capacityBytes, sizes: sizes,
            forecast: Array(repeating: 0, count: sizes.count))
        for object in trace.objects[..<trace.warmingCount] { _ = before.request(Int(object)) }
        let forecast = plan.forecast(trace.songs, edge: edge)
        let fill = SimulationReplan.fill(
            capacityBytes: capacityBytes, fillBudgetBytes: fillBudgetBytes, songs: trace.songs,
            forecast: forecast, of: plan, isHeld: before.holds)
        var cache = SeededLFU(capacityBytes: capacityBytes, sizes: sizes, forecast: forecast)
        for object in fill.objects { cache.fill(object) }
        var bytes = Array(repeating: 0, count: topology.regions.count)
        for object in fill.fetched {
            let holders = plan.holders[Int(trace.songs[object])]
            let region = topology.edges[edge].region
            bytes[topology.cheapest(of: holders, for: region) ?? region] += sizes[object]
        }
        figures.fills[edge] = bytes
        return cache
    }

    private func run(
        _ cache: inout some CachePolicy, _ trace: SimulationTrace, edge: Int, isWarm: Bool = false,
        into figures: inout SimulationFigures
    ) {
        let region = topology.edges[edge].region
        let origin = topology.regions.count
        let sources = trace.songs.map { song in
            UInt8(routing.source(of: plan.holders[Int(song)], to: region) ?? origin)
        }
        var tally = figures.tallies[edge]
        var load = figures.load
        trace.replay(&cache, isWarm: isWarm) { place, object, isHit in
            let listeners = Int(trace.listeners[place])
            let size = trace.sizes[object]
            guard !isHit else { return tally.add(from: tally.edge, to: listeners, bytes: size) }
            let source = Int(sources[object])
            tally.add(from: source, to: listeners, bytes: size)
            load.add(from: source, slot: Int(trace.slots[place]), bytes: size)
        }
        precondition(cache.usedBytes <= cache.capacityBytes)
        figures.tallies[edge] = tally
        figures.load = load
    }

    /// Requests that no edge serves go to the nearest region that holds the song.
    func replayDirect(
        _ requests: [SimulationRequest], _ places: ArraySlice<UInt32>,
        into figures: inout SimulationFigures
    ) {
        for place in places {
            let request = requests[Int(place)]
            let size = plan.songs.sizesBytes[request.song]
            let source =
                routing.source(of: plan.holders[request.song], to: request.region)
                ?? topology.regions.count
            figures.tallies[topology.edges.count].add(
                from: source, to: request.region, bytes: size)
            figures.load.add(
                from: source, slot: request.timeMs / (SimulationTrace.slotSeconds * 1000),
                bytes: size)
        }
    }
}
