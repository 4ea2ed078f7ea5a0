/// Where the regions are, how much each keeps, and what was copied between them tonight.
///
/// Equirectangular, 2 units a degree; a region's dot has an area by its bytes, an arc a width by
/// the bytes moved along it.
struct ReportMap {
    let regions: [NightReport.Region]
    let moves: [NightReport.Placement.Move]
    /// By region id, as everywhere in the page.
    let fills: [String: String]

    private static let width = 720.0
    private static let north = 82.0
    private static let south = -57.0
    private static var height: Double { (north - south) * 2 }

    private struct Site {
        var region: NightReport.Region
        var x: Double
        var y: Double
        var radius: Double
    }

    private func sites() -> [Site] {
        let largest = regions.map(\.usedBytes).max() ?? 0
        return regions.map { region in
            let longitude = region.longitude.isFinite ? region.longitude : 0
            let latitude = region.latitude.isFinite ? region.latitude : 0
            return Site(
                region: region, x: min(max((longitude + 180) * 2, 6), Self.width - 6),
                y: min(max((Self.north - latitude) * 2, 6), Self.height - 6),
                radius: 5 + 7 * share(region.usedBytes, of: largest).squareRoot())
        }
    }

    func svg() -> Markup {
        let sites = sites()
        let arcs = arcs(sites)
        return """
            <svg viewBox="0 0 \(Self.width) \(Self.height)" role="img" aria-labelledby="map-t map-d">\
            <title id="map-t">World map of the regions</title><desc id="map-d">\(description)</desc>\
            \(graticule)<path class="land" d="\(ReportLand.path(north: Self.north))"/>\
            \(arcs.map(\.svg))\(dots(sites))\(labels(sites, arcs))</svg>
            """
    }

    private var description: String {
        let kept = regions.map { "\(shortened($0.name, most: 60)) keeps \(bytes($0.usedBytes))" }
        return kept.joined(separator: "; ")
            + ". What was copied between them is in the table below."
    }

    private var graticule: Markup {
        var path = ""
        for longitude in stride(from: -150.0, through: 150, by: 30) {
            path += "M\(coordinate((longitude + 180) * 2)) 0V\(coordinate(Self.height))"
        }
        for latitude in stride(from: -30.0, through: 60, by: 30) {
            path += "M0 \(coordinate((Self.north - latitude) * 2))H\(coordinate(Self.width))"
        }
        return "<path class=\"grid\" d=\"\(path)\"/>"
    }

    /// An arrow along which songs were copied: a curve from the dot's middle, and its head.
    private struct Arc {
        var stroke: Double
        var from: (x: Double, y: Double)
        var bend: (x: Double, y: Double)
        var neck: (x: Double, y: Double)
        var tip: (x: Double, y: Double)

        init(from: Site, to: Site, stroke: Double) {
            let dx = to.x - from.x
            let dy = to.y - from.y
            // Bent by the way's direction, so that there and back are two arcs; and upwards, as
            // the great circles are in the north, where most regions lie.
            let bend = (
                x: (from.x + to.x) / 2 + dy * 0.22,
                y: max(4, (from.y + to.y) / 2 - dx.magnitude * 0.12 - dx * 0.1)
            )
            let aim = (x: to.x - bend.x, y: to.y - bend.y)
            let length = max(1, (aim.x * aim.x + aim.y * aim.y).squareRoot())
            let unit = (x: aim.x / length, y: aim.y / length)
            self.stroke = stroke
            self.from = (from.x, from.y)
            self.bend = bend
            tip = (to.x - unit.x * (to.radius + 2), to.y - unit.y * (to.radius + 2))
            neck = (tip.x - unit.x * (5 + stroke), tip.y - unit.y * (5 + stroke))
        }

        /// A point of the curve, by Bernstein's form; 0 is the start.
        func point(_ t: Double) -> (x: Double, y: Double) {
            let (a, b, c) = ((1 - t) * (1 - t), 2 * t * (1 - t), t * t)
            return (a * from.x + b * bend.x + c * neck.x, a * from.y + b * bend.y + c * neck.y)
        }

        var svg: Markup {
            let side = (x: (neck.y - tip.y) * 0.55, y: (tip.x - neck.x) * 0.55)
            return """
                <path class="arc" stroke-width="\(stroke)" d="M\(from.x) \(from.y)Q\(bend.x) \(bend.y) \(neck.x) \(neck.y)"/>\
                <path class="head" d="M\(tip.x) \(tip.y)L\(neck.x + side.x) \(neck.y + side.y)L\(neck.x - side.x) \(neck.y - side.y)Z"/>
                """
        }
    }

    private func arcs(_ sites: [Site]) -> [Arc] {
        let byID = Dictionary(sites.map { ($0.region.id, $0) }) { first, _ in first }
        let largest = moves.map { $0.from == nil ? 0 : $0.bytes }.max() ?? 0
        return moves.compactMap { move in
            guard move.bytes > 0, let fromID = move.from, fromID != move.to,
                let from = byID[fromID], let to = byID[move.to],
                (from.x - to.x).magnitude + (from.y - to.y).magnitude > 2
                    * (from.radius + to.radius)
            else { return nil }
            return Arc(
                from: from, to: to, stroke: 1 + 4 * share(move.bytes, of: largest).squareRoot())
        }
    }

    private func dots(_ sites: [Site]) -> Markup {
        var result: Markup = ""
        for site in sites {
            result += """
                <circle class="site \(fills[site.region.id] ?? "c7")" cx="\(site.x)" cy="\(site.y)" r="\(site.radius)">\
                <title>\(shortened(site.region.name, most: 60)): \(bytes(site.region.usedBytes))</title></circle>
                """
        }
        return result
    }

    /// Each name on the first side of its dot where it covers no other name, dot or arrow;
    /// left out where there is none, as the table below has them all.
    private func labels(_ sites: [Site], _ arcs: [Arc]) -> Markup {
        struct Box {
            var x0, y0, x1, y1: Double
            func meets(_ other: Box) -> Bool {
                x0 < other.x1 && other.x0 < x1 && y0 < other.y1 && other.y0 < y1
            }
        }
        var taken = sites.map {
            Box(
                x0: $0.x - $0.radius, y0: $0.y - $0.radius, x1: $0.x + $0.radius,
                y1: $0.y + $0.radius)
        }
        for arc in arcs {
            for step in 1...10 {
                let point = arc.point(Double(step) / 10)
                taken.append(
                    Box(x0: point.x - 4, y0: point.y - 4, x1: point.x + 4, y1: point.y + 4))
            }
        }
        var result: Markup = ""
        for site in sites {
            let name = shortened(site.region.name, most: 24)
            // As wide as on a telephone, where the style sheet enlarges it.
            let width = Double(name.unicodeScalars.count) * 11.5
            let gap = site.radius + 4
            let places: [(anchor: String, x: Double, y: Double, x0: Double)] = [
                ("start", site.x + gap, site.y + 5, site.x + gap),
                ("end", site.x - gap, site.y + 5, site.x - gap - width),
                ("middle", site.x, site.y - gap - 2, site.x - width / 2),
                ("middle", site.x, site.y + gap + 14, site.x - width / 2),
            ]
            for place in places {
                let box = Box(x0: place.x0, y0: place.y - 15, x1: place.x0 + width, y1: place.y + 3)
                guard box.x0 >= 0, box.x1 <= Self.width, box.y0 >= 0, box.y1 <= Self.height,
                    !taken.contains(where: box.meets)
                else { continue }
                taken.append(box)
                result +=
                    "<text x=\"\(place.x)\" y=\"\(place.y)\" text-anchor=\"\(place.anchor)\">\(name)</text>"
                break
            }
        }
        return result
    }
}
