internal import Storage

extension ReportPage {
    /// Where songs went: what was copied, how much of each genre each region keeps, who serves whom.
    var placement: Markup {
        guard !regions.isEmpty else {
            return section(
                "placement", "Where songs went", lead: "", empty("No topology, so no placement."))
        }
        let added = report.regions.reduce(0) { $0 + $1.addedSongs }
        let addedBytes = report.regions.reduce(0) { $0 + $1.addedBytes }
        let removed = report.regions.reduce(0) { $0 + $1.removedSongs }
        let lead: Markup = """
            Tonight <b>\(counted(added, "replica")) came</b> (\(bytes(addedBytes))) and \
            <b>\(grouped(removed)) went</b>; every song should have at least \(report.placement.replicas).
            """
        let map = ReportMap(
            regions: regions, moves: Array(report.placement.moves.prefix(200)), fills: fills)
        return section(
            "placement", "Where songs went", lead: lead,
            """
            <figure class="map">\(map.svg())<figcaption class="note">A dot's area is what the region keeps; an arrow's \
            width is what was copied along it tonight.</figcaption></figure>
            <div class="wide even"><div>\(replicaTable)</div><div>\(movesTable)</div></div>
            <div class="even">\(genreMatrix)</div>
            <div class="wide even"><div>\(servingMatrix)</div><div>\(replicaCounts)\(costs)</div></div>
            """)
    }

    private var replicaTable: Markup {
        let rows: [Markup] = regions.map { region in
            """
            <tr><th scope="row"><span class="who">\(regionLabel(region.id))\
            \(region.failureDomain.isEmpty ? "" : "<small>domain \(quoted(region.failureDomain, most: 40))</small>" as Markup)</span></th>\
            \(cell(region.songs))<td class="n">\(bytes(region.usedBytes))</td>\
            \(change("+", region.addedSongs))\(change("−", region.removedSongs))</tr>
            """
        }
        return table(
            "Replicas by region",
            head: """
                <th scope="col">Region</th><th scope="col" class="n">Replicas</th><th scope="col" class="n">Size</th>\
                <th scope="col" class="n">In</th><th scope="col" class="n">Out</th>
                """, rows: rows) + more(report.regions.count, Limits.regions, "region")
    }

    private func change(_ sign: String, _ count: Int) -> Markup {
        count == 0 ? cell(0) : "<td class=\"n\">\(sign)\(grouped(count))</td>"
    }

    private var movesTable: Markup {
        let moves = report.placement.moves
        guard !moves.isEmpty else {
            return "<h3 class=\"first\">Copied tonight</h3>" + empty("Nothing had to be copied.")
        }
        let most = moves.reduce(0) { max($0, $1.bytes) }
        let rows: [Markup] = moves.prefix(Limits.moves).map { move in
            let from: Markup = move.from.map { quoted(regionName($0), most: 60) } ?? "origin"
            return """
                <tr><th scope="row">\(from) → \(quoted(regionName(move.to), most: 60))\
                \(bar([BarPart(share: share(move.bytes, of: most), fill: "accent")], thin: true))</th>\
                \(cell(move.songs))<td class="n">\(bytes(move.bytes))</td></tr>
                """
        }
        return table(
            "Copied tonight",
            head: """
                <th scope="col">From and to</th><th scope="col" class="n">Songs</th><th scope="col" class="n">Size</th>
                """, rows: rows) + more(moves.count, Limits.moves, "way")
    }

    private var genreMatrix: Markup {
        let genres = report.placement.genres
        guard !genres.isEmpty else { return "" }
        let columns: [Markup] = regions.map {
            "<th scope=\"col\">\(quoted($0.name, most: 40))</th>"
        }
        let rows: [Markup] = genres.prefix(Limits.genres).map { genre in
            let cells = regions.map { region in
                heatCell(share(genre.songsByRegion[region.id] ?? 0, of: genre.songs))
            }
            return """
                <tr><th scope="row">\(quoted(genre.genre, most: 40)) <small class="zero">\(grouped(genre.songs))</small></th>\(cells)</tr>
                """
        }
        return table(
            "Share of each genre's songs kept in each region <small>beside the genre: its songs</small>",
            classes: "heat", head: "<th scope=\"col\">Genre</th>\(columns)", rows: rows)
            + more(genres.count, Limits.genres, "genre")
    }

    private var servingMatrix: Markup {
        let servings = report.placement.servings
        guard !servings.isEmpty else { return "" }
        var streams: [String: [String: Double]] = [:]
        for serving in servings {
            streams[serving.listeners, default: [:]][serving.holder, default: 0] +=
                serving.expectedStreams
        }
        let columns: [Markup] = regions.map {
            "<th scope=\"col\">\(quoted($0.name, most: 40))</th>"
        }
        let rows: [Markup] = regions.map { listener in
            let row = streams[listener.id] ?? [:]
            // In the order of the keys, as a sum of doubles depends on it.
            let total = row.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
            let cells = regions.map { heatCell(share(row[$0.id] ?? 0, of: total)) }
            return "<tr><th scope=\"row\">\(quoted(listener.name, most: 40))</th>\(cells)</tr>"
        }
        return table(
            "Who serves whom <small>share of the expected streams of each row's listeners, by holding region</small>",
            classes: "heat", head: "<th scope=\"col\">Listeners in</th>\(columns)", rows: rows)
    }

    private func heatCell(_ share: Double) -> Markup {
        let step = min(
            ReportStyle.heatSteps - 1, max(0, Int((min(max(share, 0), 1) * 10).rounded(.down))))
        return share > 0
            ? "<td class=\"h\(step)\">\(percent(share))</td>" : "<td class=\"zero\">–</td>"
    }

    private var replicaCounts: Markup {
        let counts = report.placement.replicaCounts
        guard !counts.isEmpty else { return "" }
        let total = counts.reduce(0) { $0 + $1.songs }
        let rows: [Markup] = counts.prefix(Limits.regions).map { count in
            let isShort = count.replicas < report.placement.replicas
            let note: Markup = isShort ? "<small>fewer than asked for</small>" : ""
            return """
                <dt>\(counted(count.replicas, "replica"))\(note)</dt>\
                <dd>\(bar(share(count.songs, of: total), fill: isShort ? "p-rej" : "accent"))</dd>\
                <dd class="n">\(counted(count.songs, "song"))</dd>
                """
        }
        return "<h3>Songs by number of replicas</h3><dl class=\"rows\">\(rows)</dl>"
    }

    private var costs: Markup {
        let costs = report.placement.costs
        guard !costs.isEmpty else { return "" }
        let most = costs.reduce(0) { max($0, $1.usd) }
        let rows: [Markup] = costs.prefix(Limits.regions).map { cost in
            """
            <dt>\(quoted(cost.name, most: 40))</dt><dd>\(bar(share(cost.usd, of: most), fill: "c7"))</dd>\
            <dd class="n">\(dollars(cost.usd))</dd>
            """
        }
        let total = costs.reduce(0) { $0 + $1.usd }
        return """
            <h3>What it is expected to cost <small>\(dollars(total)) on \(report.planDate.inShort)</small></h3>\
            <dl class="rows">\(rows)</dl>\(certificate)
            """
    }

    /// How good the plan is at least, and what would make it better.
    private var certificate: Markup {
        guard let gap = report.placement.gapPercent else { return "" }
        let most = report.placement.savings.sorted {
            $0.usd == $1.usd ? $0.limit < $1.limit : $0.usd > $1.usd
        }.first
        let saving: Markup =
            most.map {
                " What binds most is the \(quoted($0.limit, most: 60)): a \($0.unit) more would save \(dollars($0.usd)) a day."
            } ?? " No limit binds."
        return """
            <p class="note">No placement within the same limits can cost less than this one by more \
            than <b>\(decimal(gap, gap < 0.01 ? 4 : 2)) %</b>.\(saving)</p>
            """
    }

    private func dollars(_ usd: Double) -> String {
        usd > 0 && usd < 0.01 ? "under $0.01" : "$" + decimal(usd, 2)
    }

    /// How full each region and each edge is, and what tonight added.
    var fill: Markup {
        let fullest = regions.max {
            share($0.usedBytes, of: $0.capacityBytes) < share($1.usedBytes, of: $1.capacityBytes)
        }
        let lead: Markup =
            fullest.map {
                """
                <b>\(quoted($0.name, most: 60))</b> is the fullest region, at \
                <b>\(percent(share($0.usedBytes, of: $0.capacityBytes)))</b> of its capacity.
                """
            } ?? ""
        let key: Markup = """
            <ul class="key"><li>\(swatch("accent"))kept from before</li><li>\(swatch("p-new"))new tonight</li>\
            <li>\(swatch("track"))free</li></ul>
            """
        return section(
            "fill", "How full regions and edges are", lead: lead,
            regions.isEmpty && report.edges.isEmpty
                ? empty("No regions and no edges.")
                : key
                    + "<div class=\"wide\"><div><h3>Regions</h3>\(regionMeters)</div><div><h3>Edges</h3>\(edgeMeters)</div></div>"
        )
    }

    private var regionMeters: Markup {
        guard !regions.isEmpty else { return empty("No regions.") }
        let meters: [Markup] = regions.map { region in
            let kept = max(0, region.usedBytes - region.addedBytes)
            let wanted: Markup =
                region.wantedSongs == 0
                ? "" : " · <b>\(counted(region.wantedSongs, "song")) more wanted</b>, no room"
            let removed = region.removedBytes == 0 ? "" : ", \(bytes(region.removedBytes)) removed"
            let change = "\(bytes(region.addedBytes)) new\(removed)"
            return """
                <div class="meter"><h4>\(quoted(region.name, most: 60))\
                <span>\(percent(share(region.usedBytes, of: region.capacityBytes))) of \(bytes(region.capacityBytes))</span></h4>\
                \(usage(kept: kept, new: region.addedBytes, of: region.capacityBytes))\
                <p>\(bytes(region.usedBytes)) in \(counted(region.songs, "song")) · \(change)\(wanted)</p></div>
                """
        }
        return "\(meters)" + more(report.regions.count, Limits.regions, "region")
    }

    private var edgeMeters: Markup {
        guard !report.edges.isEmpty else { return empty("No edges.") }
        let meters: [Markup] = report.edges.prefix(Limits.edges).map { edge in
            let kept = max(0, edge.heldBytes - edge.fetchedBytes)
            let pinned =
                edge.pinnedBytes < edge.capacityBytes
                ? share(edge.pinnedBytes, of: edge.capacityBytes) : nil
            let hits: Markup =
                edge.expectedHitShare.map { "<b>\(percent($0)) hits expected</b> · " } ?? ""
            return """
                <div class="meter"><h4>\(quoted(edge.id, most: 60))\
                <span>\(quoted(regionName(edge.region), most: 60)) · \
                \(percent(share(edge.heldBytes, of: edge.capacityBytes))) of \(bytes(edge.capacityBytes))</span></h4>\
                \(usage(kept: kept, new: edge.fetchedBytes, of: edge.capacityBytes, mark: pinned))\
                \(bar([BarPart(share: share(edge.fetchedBytes, of: edge.fillBudgetBytes), fill: "p-new")], thin: true))\
                <p>\(hits)fetched \(bytes(edge.fetchedBytes)) of the \(bytes(edge.fillBudgetBytes)) fill budget \
                (thin bar, \(percent(share(edge.fetchedBytes, of: edge.fillBudgetBytes)))) · \
                \(counted(edge.heldSongs, "song")), \(grouped(edge.fetchedSongs)) new, \(grouped(edge.evictedSongs)) evicted</p></div>
                """
        }
        let pins = report.edges.contains { $0.pinnedBytes < $0.capacityBytes }
        return "\(meters)" + more(report.edges.count, Limits.edges, "edge")
            + (pins
                ? "<p class=\"note\">The upright line is the part of an edge that plans may fill; the rest is an ordinary cache.</p>"
                : "")
    }

    private func usage(kept: Int, new: Int, of capacity: Int, mark: Double? = nil) -> Markup {
        bar(
            [
                BarPart(share: share(kept, of: capacity), fill: "accent"),
                BarPart(share: share(new, of: capacity), fill: "p-new"),
            ], mark: mark)
    }
}
