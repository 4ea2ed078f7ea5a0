internal import Storage

extension PrefetchSummary {
    /// What the plan could not do, or takes for granted, in sentences for an operator.
    package var notices: [String] {
        var notices: [String] = []
        for edge in edges {
            let header = edge.header
            if edge.isNew {
                notices.append(
                    """
                    \(header.edge): yesterday's snapshot has no manifest of this edge; it is taken \
                    to be empty
                    """)
            }
            if header.pinnedBytes == 0 {
                notices.append(
                    """
                    \(header.edge) pins nothing: capacity_bytes times pinned_share is 0 in the \
                    topology; all of its streams are its cache's and the origin's
                    """)
            } else if header.fillBudgetBytes == 0 {
                notices.append(
                    """
                    \(header.edge) fetches nothing: its fill_budget_bytes is 0 in the topology; the \
                    plan holds what is there
                    """)
            }
            if header.expectedRequests == 0 {
                notices.append(
                    """
                    \(header.edge): no stream is expected in \(header.region); the plan holds what \
                    is there
                    """)
            }
            if edge.vanishedSongs > 0, edge.vanishedSongs >= header.holdSongs {
                notices.append(
                    """
                    \(header.edge): \(edge.vanishedSongs) of the \
                    \(header.holdSongs + header.evictSongs) songs that it holds are not in the \
                    catalogue and are evicted: is yesterday's snapshot of this library?
                    """)
            }
        }
        for region in unservedRegions {
            let from = region.servedFrom.prefix(3).map { id, streams in
                "\(id) (\(formatDecimal(100 * streams / region.expectedStreams, 0))%)"
            }
            notices.append(
                """
                \(region.region) has no edge: its \(formatDecimal(region.expectedStreams, 0)) \
                expected streams are served from \(from.joined(separator: ", "))
                """)
        }
        let known =
            edges.reduce(0) { $0 + $1.header.expectedRequests }
            + unservedRegions.reduce(0) { $0 + $1.expectedStreams }
        // A few there always are: songs that left, or are in logs only.
        if strays.unknownSongStreams > 0.01 * known {
            notices.append(
                """
                demand names \(strays.unknownSongs) song\(strays.unknownSongs == 1 ? "" : "s") \
                (\(formatDecimal(strays.unknownSongStreams, 1)) expected streams) that the \
                catalogue does not have; left out
                """)
        }
        return notices
    }
}
