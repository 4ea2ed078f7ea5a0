/// A weighted least-squares fit without negative weights, from sums that are added row by row.
///
/// Minimises Σ w·(y − β·x)² + Σ_j r_j·(β_j − prior_j)² over β ≥ 0, with r_j = 20 + Σ w·x_j²/100. The
/// rows are not kept, and the same rows in the same order give the same bits.
struct NormalEquations {
    typealias Vector = DemandFeatures.Vector

    private static let ridge = 20.0
    private static let relativeRidge = 0.01
    private static let rounds = 200
    /// Streams' worth of prior in `calibration`.
    private static let calibrationDamping = 50.0

    private(set) var rows = 0
    private var squares = Array(repeating: Vector.zero, count: DemandFeatures.count)
    private var products = Vector.zero
    private var sums = Vector.zero
    private var sum = 0.0

    @inline(__always)
    mutating func add(_ x: Vector, _ y: Double, weight: Double) {
        let weighted = x * weight
        for place in squares.indices { squares[place] += weighted[place] * x }
        products += weighted * y
        sums += x
        sum += y
        rows += 1
    }

    /// By coordinate descent, which ends at the one minimum whatever the order.
    func solution(prior: Vector) -> Vector {
        var beta = prior
        for _ in 0..<Self.rounds {
            for place in squares.indices {
                let own = squares[place][place]
                let ridge = Self.ridge + Self.relativeRidge * own
                let others = (squares[place] * beta).sum() - own * beta[place]
                beta[place] = max(
                    0, (products[place] + ridge * prior[place] - others) / (own + ridge))
            }
        }
        return beta
    }

    /// What makes the fit's sum over the rows the sum of what came; 1 without rows.
    func calibration(_ beta: Vector) -> Double {
        (sum + Self.calibrationDamping) / ((beta * sums).sum() + Self.calibrationDamping)
    }
}
