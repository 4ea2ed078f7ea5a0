import Publication
import Storage
import Testing

/// What the report says of an earlier plan that was simulated.
@Suite struct ReportSimulationTests {
    private typealias Simulation = NightReport.Simulation

    private func simulation(edges: Int = 2, sizes: Int = 3, policies: Int = 2) -> Simulation {
        let sizes = (0..<sizes).map { Double($0 + 1) * 2.5 }
        func curves(_ base: Double) -> [Simulation.Curve] {
            (0..<policies).map { number in
                Simulation.Curve(
                    title: number == 0 ? "plan" : "cache \(number)",
                    kind: number == 0 ? .plan : .cache,
                    ratios: sizes.map { base + $0 / 100 - Double(number) / 100 })
            } + [
                Simulation.Curve(
                    title: "no cache exceeds", kind: .bound, ratios: sizes.map { _ in 0.875 })
            ]
        }
        var simulation = Simulation(night: ReportSample.night - 1, requests: 1701)
        simulation.policies = (0..<policies).map {
            Simulation.Policy(
                title: $0 == 0 ? "plan" : "cache \($0)", isPlan: $0 == 0,
                hitRatio: 0.68 - Double($0) / 1000, byteHitRatio: 0.6, latencyMs: 7.75,
                usd: 0.0009)
        }
        simulation.boundRatio = 0.82
        simulation.percents = sizes
        simulation.curves = curves(0.3)
        simulation.edges = (0..<edges).map {
            Simulation.Edge(
                id: "edge-\($0)", region: "eu-west", requests: 1000 + $0,
                hitRatios: simulation.policies.map(\.hitRatio), boundRatio: 0.71,
                curves: curves(0.2), bestPinnedShare: $0 == 0 ? 0.95 : nil)
        }
        return simulation
    }

    private func page(_ simulation: Simulation?) -> String {
        var report = ReportSample.report()
        report.simulation = simulation
        return report.html()
    }

    @Test func `a night without a simulation has no section for it`() {
        #expect(!page(nil).contains("#simulation") && !page(nil).contains("id=\"simulation\""))
    }

    @Test(arguments: [
        "href=\"#simulation\"", "id=\"simulation\"", "<b>68%</b> of 1,701 requests",
        "could have answered more than <b>82%</b>", "cache 1 would have answered <b>68%</b>",
        "plan 2.5%: 33%, 5%: 35%, 7.5%: 38%; cache 1 2.5%: 32%", "no cache exceeds 88%",
        "7.8\u{A0}ms", "edge-1", "1,001 requests", "95%", "71%",
    ])
    func `the section shows`(text: String) {
        let shown = page(simulation())
        let isShown =
            shown.contains(text) || shown.contains(text.replacing("\u{A0}", with: " "))
        #expect(isShown)
    }

    @Test func `each line has a style of its own, and the plan lies on top`() throws {
        let shown = page(simulation(policies: 8))
        let figure = try #require(
            shown.firstMatch(of: /<svg [^>]*aria-labelledby="hit-curves-t .*?<\/svg>/))
        let styles = figure.output.matches(of: /<g class="curve ([a-z0-9]+)">/)
            .map { String($0.output.1) }
        #expect(styles.count == 9 && Set(styles).count == 9 && styles.last == "plan")
    }

    @Test func `names of lines that end together do not overlap`() throws {
        var simulation = simulation(policies: 8)
        for number in simulation.curves.indices { simulation.curves[number].ratios = [0, 0, 0] }
        let shown = page(simulation)
        let figure = try #require(
            shown.firstMatch(of: /<svg [^>]*aria-labelledby="hit-curves-t .*?<\/svg>/))
        let places = figure.output.matches(of: /<text class="figure" x="[0-9.]+" y="([-0-9.]+)">/)
            .map { Double($0.output.1)! }
        #expect(places.count == 9)
        for (above, below) in zip(places, places.dropFirst()) { #expect(below - above >= 14) }
        #expect(places.last! <= 334 + 4)
    }

    @Test func `the section is of a bounded size, and says what it leaves out`() {
        let large = page(simulation(edges: 5000, sizes: 300, policies: 60))
        #expect(large.utf8.count < page(nil).utf8.count + 400_000)
        #expect(large.contains("and 4,988 more edges") && large.contains("and 4,960 more edges"))
    }

    @Test func `names from outside stay text`() {
        var simulation = simulation()
        simulation.edges[0].id = "<b>\"x\"</b>"
        simulation.curves[0].title = "<i>"
        simulation.policies[1].title = "<u>"
        let shown = page(simulation)
        for markup in ["<b>\"x\"", "</i></text>", "<i> 2.5%", "<u>"] {
            let isMarkup = shown.contains(markup)
            #expect(!isMarkup, "\(markup)")
        }
        let isText = shown.contains("&lt;b&gt;&quot;x&quot;&lt;/b&gt;")
        #expect(isText)
    }
}
