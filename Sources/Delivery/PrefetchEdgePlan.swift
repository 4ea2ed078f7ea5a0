internal import Storage

/// One edge's plan with the names, sources and sums that its manifest has.
struct PrefetchEdgePlan {
    private let view: PrefetchEdgeView
    private let steps: [PrefetchPlanner.Step]
    private let topology: Topology
    private let holders: [RegionSet]
    private(set) var header: PrefetchManifest.Header
    /// Of the songs that stay.
    private(set) var heldBytes = 0
    private var evictBytes = 0

    init(
        _ view: PrefetchEdgeView, _ plan: PrefetchPlanner.Plan, topology: Topology,
        holders: [RegionSet], objective: PrefetchPlanner.Objective, date: CalendarDate,
        catalogSHA256: Digest
    ) {
        self.view = view
        steps = plan.steps
        self.topology = topology
        self.holders = holders
        header = PrefetchManifest.Header(
            date: date.description, planDate: date.next.description, edge: view.edge.id,
            region: topology.regions[view.edge.region].id, url: view.edge.url,
            capacityBytes: view.edge.capacityBytes, pinnedBytes: view.edge.pinnedBytes,
            fillBudgetBytes: view.edge.fillBudgetBytes, expectedRequests: view.expectedRequests,
            catalogSHA256: catalogSHA256)
        header.expectedRequestBytes = view.expectedRequestBytes
        header.certificate = PrefetchManifest.Certificate(plan.certificate, objective: objective)
        for step in steps {
            let candidate = view.candidates[step.candidate]
            switch step.action {
            case .hold:
                header.holdSongs += 1
                heldBytes += candidate.sizeBytes
            case .fetch:
                header.fetchSongs += 1
                header.fillBytes += candidate.sizeBytes
            case .evict:
                header.evictSongs += 1
                evictBytes += candidate.sizeBytes
                continue
            }
            header.expectedHits += candidate.expectedHits
            header.expectedHitBytes += candidate.expectedHits * Double(candidate.sizeBytes)
            if view.notBefore(step.candidate) != nil { header.embargoedSongs += 1 }
        }
    }

    func write(triggers: EdgeTriggers.Options, into directory: StagedDirectory) throws {
        try directory.write(Prefetch.manifestName(edge: view.edge.id)) { writer in
            var json = JSONWriter()
            PrefetchManifest.write(header, into: &json)
            try writer.write(json.bytes)
            for index in steps.indices {
                json.removeAll()
                PrefetchManifest.write(record(index), base: view.edge.url, into: &json)
                try writer.write(json.bytes)
            }
        }
        try EdgeForms.write(
            header, evictBytes: evictBytes, triggers: triggers, into: directory
        ) { body in
            for index in steps.indices where steps[index].action != .hold {
                try body(record(index))
            }
        }
    }

    private func record(_ index: Int) -> PrefetchManifest.Record {
        let step = steps[index]
        let candidate = view.candidates[step.candidate]
        let source =
            step.action == .evict
            ? nil
            : view.place(step.candidate).flatMap {
                topology.cheapest(of: holders[$0], for: view.edge.region)
            }
        return PrefetchManifest.Record(
            rank: index + 1, action: step.action, song: view.song(step.candidate),
            sizeBytes: candidate.sizeBytes, sourceRegion: source.map { topology.regions[$0].id },
            expectedHits: candidate.expectedHits, notBefore: view.notBefore(step.candidate))
    }
}
