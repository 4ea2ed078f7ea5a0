/// How good an edge's plan is, proved.
///
/// For any prices λ, φ ≥ 0 of room and fill no plan reaches more than
///
///     Σ max(0, worth − λ·size − (φ + charge)·size, the last for songs not held) + λ·room + φ·budget
///
/// because a plan that keeps within room and budget pays for them what they cost at most, and of
/// each song it gains no more than the greater of that and nothing (Lagrangian duality).
package struct PrefetchCertificate: Equatable, Sendable {
    package var prices: PrefetchPrices
    /// Σ worth of what is taken − charge · bytes fetched.
    package var value: Double
    /// No plan has a greater value. Rounded up.
    package var bound: Double
    /// Whether more room would add something.
    package var roomBinds: Bool { prices.room > 0 }
    package var fillBinds: Bool { prices.fill > 0 }

    /// How far the plan is from the best at most.
    package var gapPercent: Double {
        bound > 0 ? max(0, 100 * (bound - value) / bound) : 0
    }

    init(
        _ order: PrefetchOrder, _ limits: PrefetchPlanner.Limits, _ prices: PrefetchPrices,
        _ selection: PrefetchSelection
    ) {
        self.prices = prices
        var value = CompensatedSum()
        var gains = CompensatedSum()
        // All amounts that the gains are differences of: what rounding can be a share of.
        var magnitude = 0.0
        var step = 0
        var openStep = 0
        for (list, isOpen) in [(order.held, false), (order.open, true)] {
            let price = prices.room + (isOpen ? prices.charge + prices.fill : 0)
            for index in list {
                let size = Double(order.sizeBytes(index))
                let worth = order.worth(index)
                if selection.isTaken[Int(index)] {
                    value.add(worth)
                    if isOpen { value.add(-prices.charge * size) }
                }
                if worth > price * size {
                    gains.add(worth - price * size)
                    magnitude += worth
                }
                guard worth > 0 else { continue }
                step = greatestCommonDivisor(step, order.sizeBytes(index))
                if isOpen { openStep = greatestCommonDivisor(openStep, order.sizeBytes(index)) }
            }
        }
        // Sizes are multiples of `step`, so what is taken is one, too.
        let roomBytes = limits.pinnedBytes - (step > 0 ? limits.pinnedBytes % step : 0)
        let budgetBytes =
            limits.fillBudgetBytes - (openStep > 0 ? limits.fillBudgetBytes % openStep : 0)
        gains.add(prices.room * Double(roomBytes))
        gains.add(prices.fill * Double(budgetBytes))
        magnitude += prices.room * Double(roomBytes) + prices.fill * Double(budgetBytes)
        self.value = value.total
        // Each amount is off by a few units in its last place (2^-53) and the sums by as little.
        bound = gains.total + magnitude * 1e-14
    }
}

/// A sum whose error does not grow with the count of what is added (Neumaier 1974).
struct CompensatedSum {
    private var sum = 0.0
    private var lost = 0.0

    mutating func add(_ value: Double) {
        let next = sum + value
        lost += abs(sum) >= abs(value) ? (sum - next) + value : (value - next) + sum
        sum = next
    }

    var total: Double { sum + lost }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
}
