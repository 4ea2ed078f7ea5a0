internal import Storage

extension PlacementSummary {
    /// What the operator should know of the plan, a line each: what was given up, what more of a
    /// limit would save, what would happen without a region.
    package var warnings: [String] {
        var lines: [String] = []
        if isForeign {
            lines.append(
                "yesterday's placement names none of the catalogue's songs: it is of another "
                    + "catalogue, and all copies are planned anew")
        }
        if strays.unknownRegionStreams > 0 {
            lines.append(
                "\(formatDecimal(strays.unknownRegionStreams, 1)) expected streams are from regions "
                    + "that the topology does not have, and were left out: "
                    + strays.unknownRegions.joined(separator: ", "))
        }
        if strays.unknownSongStreams > 0.01 * plan.expectedStreams {
            lines.append(
                "\(formatDecimal(strays.unknownSongStreams, 1)) expected streams are of "
                    + "\(strays.unknownSongs) songs that the catalogue does not have, and were left out"
            )
        }
        if !lostRegions.isEmpty {
            lines.append(
                "yesterday's regions \(lostRegions.joined(separator: ", ")) are not in the topology: "
                    + "what they hold counts as lost")
        }
        for rule in idleRules { lines.append("rule '\(rule)' matches no song of the catalogue") }
        for limit in plan.limits where limit.givenUp != nil { lines.append(givenUp(limit)) }
        for (region, use) in zip(topology.regions, plan.regions) where use.wantedSongs > 0 {
            // Elsewhere it is another limit that binds.
            guard let saving = saving(of: region.id) else { continue }
            lines.append(
                """
                \(region.id) is full: \(use.wantedSongs) more songs \
                (\(formatDecimal(use.wantedStreams, 1)) expected streams) would be served nearer \
                with more capacity there\(saving)
                """)
        }
        // Below a dollar a day for a million TB it is rounding.
        for limit in plan.limits where limit.savingUSD > 1e-6 {
            switch limit.kind {
            case .moveIn, .moveOut:
                lines.append(
                    "the \(name(limit.kind)) of \(limit.place) binds: \(saving(by: limit))")
            case .majorityLoss:
                lines.append(
                    "majority_loss_songs_max binds in \(limit.place): a song more would save "
                        + "$\(formatDecimal(limit.savingUSD, 6)) a day")
            case .capacity: break
            }
        }
        for (region, use) in zip(topology.regions, plan.regions) where use.outageLostStreams > 0 {
            lines.append(
                "without \(region.id), \(formatDecimal(use.outageLostStreams, 1)) expected streams "
                    + "are of songs that no other region holds")
        }
        return lines
    }

    private func saving(of region: String) -> String? {
        let limit = plan.limits.first { $0.kind == .capacity && $0.place == region }
        guard let limit, limit.savingUSD > 1e-6 else { return nil }
        return "; \(saving(by: limit))"
    }

    /// `a TB more would save $12.30 a day`, in a unit that is no larger than the limit.
    private func saving(by limit: PlacementPlan.Limit) -> String {
        let units = [("TB", 1.0, 2), ("GB", 1e-3, 4), ("MB", 1e-6, 6)]
        let unit = units.first { Double(limit.limit) >= $0.1 * 1e12 } ?? units[2]
        return "a \(unit.0) more would save "
            + "$\(formatDecimal(limit.savingUSD * unit.1, unit.2)) a day"
    }

    private func givenUp(_ limit: PlacementPlan.Limit) -> String {
        guard limit.kind != .majorityLoss else {
            return
                "majority_loss_songs_max \(limit.givenUp!) was given up, as it leaves no placement: "
                + "\(limit.used) songs would lose their majority with \(limit.place)"
        }
        let why =
            isFirstNight
            ? "on a first night every song must be copied"
            : "songs would be left without their copies"
        return "the \(name(limit.kind)) of \(limit.place), \(limit.givenUp!) bytes, was given up: "
            + "\(why); the plan takes \(limit.used) bytes"
    }

    private func name(_ kind: PlacementPlan.Limit.Kind) -> String {
        kind == .moveIn ? "move_in_budget_bytes" : "move_out_budget_bytes"
    }
}
