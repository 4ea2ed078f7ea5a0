/// An edge's candidates in order of worth per byte: those that it holds, and those that it may fetch.
///
/// Songs that no plan can take are in neither list: larger than the room, larger than the budget, or
/// gone from the catalogue.
struct PrefetchOrder {
    let candidates: [PrefetchPlanner.Candidate]
    let objective: PrefetchPlanner.Objective
    /// Worth per byte, by candidate.
    let density: [Double]
    /// Held songs, worth the most per byte first; those without worth last.
    let held: [UInt32]
    /// Songs that could be fetched and are worth something, worth the most per byte first.
    let open: [UInt32]

    init(_ candidates: [PrefetchPlanner.Candidate], _ limits: PrefetchPlanner.Limits) {
        self.candidates = candidates
        objective = limits.objective
        let density = candidates.map {
            limits.objective.worth(hits: $0.expectedHits, sizeBytes: $0.sizeBytes)
                / Double(max(1, $0.sizeBytes))
        }
        self.density = density
        let openBytesMax = min(limits.pinnedBytes, limits.fillBudgetBytes)
        func sorted(_ belongs: (PrefetchPlanner.Candidate) -> Bool) -> [UInt32] {
            candidates.indices.filter { belongs(candidates[$0]) }.map(UInt32.init).sorted { a, b in
                let (first, second) = (density[Int(a)], density[Int(b)])
                return first != second ? first > second : a < b
            }
        }
        held = sorted {
            $0.isHeld && !$0.isGone && !$0.isComing && $0.sizeBytes <= limits.pinnedBytes
        }
        open = sorted {
            !$0.isHeld && !$0.isGone && !$0.isComing && $0.expectedHits > 0
                && $0.sizeBytes <= openBytesMax
        }
    }

    func sizeBytes(_ index: UInt32) -> Int { candidates[Int(index)].sizeBytes }

    func worth(_ index: UInt32) -> Double {
        let candidate = candidates[Int(index)]
        return objective.worth(hits: candidate.expectedHits, sizeBytes: candidate.sizeBytes)
    }

    /// Calls `body` with held and open songs together, in order of worth per byte after `charge` was
    /// taken off that of the open ones, as long as it is above zero; on a tie the held one first.
    ///
    /// - Parameter body: Ends the walk by returning false.
    func walk(
        charge: Double, _ body: (_ index: UInt32, _ isOpen: Bool, _ net: Double) -> Bool
    ) {
        var nextHeld = 0
        var nextOpen = 0
        while true {
            let heldNet = nextHeld < held.count ? density[Int(held[nextHeld])] : 0
            let openNet = nextOpen < open.count ? density[Int(open[nextOpen])] - charge : 0
            guard max(heldNet, openNet) > 0 else { return }
            let isOpen = openNet > heldNet
            let index = isOpen ? open[nextOpen] : held[nextHeld]
            if isOpen { nextOpen += 1 } else { nextHeld += 1 }
            guard body(index, isOpen, isOpen ? openNet : heldNet) else { return }
        }
    }
}
