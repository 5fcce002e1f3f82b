import Foundation
import LinearAlgebra

/// The conditional logit of a listing as one provider may see it: its own offer was taken, or something else was.
///
/// Utility is V = a + β′q − αp + κμ̂, with one a for the own offer and one for all rivals', 0 outside. Of each choice only
/// whether the own offer was taken enters: P = e^{V_own} / (1 + Σ e^{V_j}), so that nothing is learnt of which rival won
/// (McFadden 1974; the likelihood of the coarsened outcome). With s_j = P_j / (1 − P_own) and z = x_own − Σ s_j x_j the score
/// is Σ (y − P) z, the expected information Σ P (1 − P) z z′, and the observed one has (y − P) (Σ s_j x_j x_j′ − m m′) besides,
/// m = Σ s_j x_j. Maximised by Newton's method, by Fisher scoring where the observed information is not positive.
package struct OwnChoiceLogit: Sendable {
    /// The names of the two constants.
    static let own = "own"
    static let rival = "rival"

    /// A normal prior on the coefficients.
    struct Prior: Sendable {
        var mean: [Double]
        /// Inverse of the covariance, k × k.
        var precision: Matrix<Double>
    }

    /// own, rival, and the variables that were asked for.
    package let variables: [String]
    /// Rows by k, each column over its scale.
    private var rows: [Double]
    private let scales: [Double]
    private let starts: [Int]
    private let ownRows: [Int]
    /// Whether the own offer was taken, of each choice.
    let isTaken: [Bool]
    private var weights: [Double]
    /// What the coefficients are drawn to besides.
    var prior: Prior?

    /// How strongly both constants are drawn to 0, and what usual prices say, over their range: a utility of 10 is far.
    /// Compositions of listings that hardly differ cannot tell them apart, and need not.
    private static let pull = 1.0 / 100

    private func pull(_ place: Int) -> Double {
        place < 2 || variables[place] == ListingChoices.usualPrice ? Self.pull : 0
    }

    /// The choices of `data`, `ownRows` naming the own row of each.
    package init(_ data: ChoiceData, variables: [String], ownRows: [Int]) throws(PricingError) {
        let k = variables.count + 2
        var rows = [Double](repeating: 0, count: data.rows * k)
        var scales = [Double](repeating: 1, count: k)
        for row in 0..<data.rows { rows[row * k + 1] = 1 }
        for row in ownRows { (rows[row * k], rows[row * k + 1]) = (1, 0) }
        for (place, name) in variables.enumerated() {
            let values = try data.values(of: name)
            let largest = values.reduce(0) { max($0, abs($1)) }
            scales[place + 2] = largest > 0 ? largest : 1
            for row in values.indices { rows[row * k + place + 2] = values[row] / scales[place + 2] }
        }
        self.variables = [Self.own, Self.rival] + variables
        self.rows = rows
        self.scales = scales
        self.ownRows = ownRows
        starts = data.starts
        isTaken = zip(ownRows, data.chosen).map { $0 == $1 }
        weights = [Double](repeating: 1, count: ownRows.count)
    }

    /// The same problem, each choice counted `weights` times.
    func weighted(_ weights: [Double]) -> OwnChoiceLogit {
        var result = self
        result.weights = weights
        return result
    }

    /// The same problem with other numbers of one variable, by row.
    func replacing(_ variable: String, by values: [Double]) -> OwnChoiceLogit {
        guard let place = variables.firstIndex(of: variable) else { return self }
        var result = self
        for row in values.indices { result.rows[row * variables.count + place] = values[row] / scales[place] }
        return result
    }

    /// Probability that the own offer is taken, of each choice. O(rows · k).
    package func probabilities(_ coefficients: [Double]) -> [Double] {
        let scaled = zip(coefficients, scales).map { $0 * $1 }
        var (z, none) = (scaled, [Double]())
        return ownRows.indices.map { choice(at: $0, scaled, &z, &none).probability }
    }

    // MARK: Likelihood

    private struct Point {
        var objective = 0.0
        var gradient: [Double]
        /// The expected information, and what the observed one has besides.
        var information: Matrix<Double>
        var bend: Matrix<Double>
    }

    /// The log odds of the own offer, its probability, and z, of one choice; Σ s_j x_j x_j′ is added to `squares` if there
    /// is room for it, its lower triangle.
    private func choice(
        at index: Int, _ scaled: [Double], _ z: inout [Double], _ squares: inout [Double]
    ) -> (logOdds: Double, probability: Double) {
        let k = scaled.count
        func utility(_ row: Int) -> Double {
            var sum = 0.0
            for place in 0..<k { sum += rows[row * k + place] * scaled[place] }
            return sum
        }
        let span = starts[index]..<starts[index + 1]
        var top = 0.0
        for row in span where row != ownRows[index] { top = max(top, utility(row)) }
        var total = exp(-top)
        for place in 0..<k { z[place] = 0 }
        for row in span where row != ownRows[index] {
            let weight = exp(utility(row) - top)
            total += weight
            for place in 0..<k { z[place] += weight * rows[row * k + place] }
            guard !squares.isEmpty else { continue }
            for i in 0..<k {
                for j in 0...i { squares[i * k + j] += weight * rows[row * k + i] * rows[row * k + j] }
            }
        }
        for place in squares.indices { squares[place] /= total }
        for place in 0..<k { z[place] = rows[ownRows[index] * k + place] - z[place] / total }
        let odds = utility(ownRows[index]) - top - log(total)
        return (odds, 1 / (1 + exp(-odds)))
    }

    /// The penalised log likelihood at β̃, its gradient and expected information.
    private func evaluate(_ scaled: [Double]) -> Point {
        let k = scaled.count
        var point = Point(
            gradient: [Double](repeating: 0, count: k), information: Matrix(rows: k, columns: k),
            bend: Matrix(rows: k, columns: k))
        var z = scaled
        let zeros = [Double](repeating: 0, count: k * k)
        var (information, bend, squares) = (zeros, zeros, zeros)
        for index in ownRows.indices where weights[index] > 0 {
            for place in squares.indices { squares[place] = 0 }
            let (odds, probability) = choice(at: index, scaled, &z, &squares)
            let weight = weights[index]
            // ln P and ln (1 − P) without cancellation.
            let rest = odds > 0 ? log1p(exp(-odds)) : log1p(exp(odds)) - odds
            point.objective += weight * (isTaken[index] ? -rest : -rest - odds)
            let residual = weight * ((isTaken[index] ? 1 : 0) - probability)
            let variance = weight * probability * (1 - probability)
            for i in 0..<k {
                point.gradient[i] += residual * z[i]
                let mean = rows[ownRows[index] * k + i] - z[i]
                for j in 0...i {
                    information[i * k + j] += variance * z[i] * z[j]
                    let spread = squares[i * k + j] - mean * (rows[ownRows[index] * k + j] - z[j])
                    bend[i * k + j] += residual * spread
                }
            }
        }
        point.information = Matrix(rows: k, columns: k) { information[max($0, $1) * k + min($0, $1)] }
        point.bend = Matrix(rows: k, columns: k) { bend[max($0, $1) * k + min($0, $1)] }
        return point
    }

    /// `point` with the prior and the pull on the constants.
    private func penalized(_ point: Point, _ scaled: [Double]) -> Point {
        let k = scaled.count
        var result = point
        func add(_ i: Int, _ j: Int, _ precision: Double, _ distance: Double) {
            result.gradient[i] -= precision * distance
            result.information[i, j] += precision
        }
        if let prior {
            let distance = scaled.indices.map { scaled[$0] - prior.mean[$0] * scales[$0] }
            for i in 0..<k {
                for j in 0..<k {
                    let precision = prior.precision[i, j] / scales[i] / scales[j]
                    add(i, j, precision, distance[j])
                    result.objective -= precision * distance[i] * distance[j] / 2
                }
            }
        } else {
            for i in 0..<k where pull(i) > 0 {
                add(i, i, pull(i), scaled[i])
                result.objective -= pull(i) * scaled[i] * scaled[i] / 2
            }
        }
        return result
    }

    // MARK: Maximum

    /// The maximising coefficients, from `start`; O(steps · rows · k²).
    ///
    /// - Throws: `separated` when the own offer was always taken or never; `collinear`; `notConverged`.
    package func maximize(from start: [Double]? = nil) throws(PricingError) -> [Double] {
        let taken = zip(isTaken, weights).reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
        let total = weights.reduce(0, +)
        guard taken > 0, taken < total else { throw .separated([Self.own]) }
        var scaled = zip(start ?? prior?.mean ?? [Double](repeating: 0, count: variables.count), scales).map(*)
        var bare = evaluate(scaled)
        if prior == nil { try requireVariation(bare.information) }
        var point = penalized(bare, scaled)
        for iteration in 1...100 {
            let observed = Matrix(rows: scaled.count, columns: scaled.count) {
                point.information[$0, $1] + point.bend[$0, $1]
            }
            guard let factor = (try? Cholesky(observed)) ?? (try? Cholesky(point.information)),
                let step = try? factor.solve(point.gradient), step.allSatisfy(\.isFinite)
            else { throw .notConverged(iterations: iteration) }
            var length = 1.0
            var next = scaled
            repeat {
                next = zip(scaled, step).map { $0 + length * $1 }
                bare = evaluate(next)
                length /= 2
            } while !(penalized(bare, next).objective >= point.objective - 1e-12 * abs(point.objective))
                && length > 1e-10
            guard penalized(bare, next).objective.isFinite else { throw .notConverged(iterations: iteration) }
            let size = zip(next, scaled).reduce(0) { max($0, abs($1.0 - $1.1)) }
            scaled = next
            point = penalized(bare, scaled)
            let largest = scaled.indices.max { abs(scaled[$0]) < abs(scaled[$1]) } ?? 0
            if abs(scaled[largest]) > 1e4 { throw .separated([variables[largest]]) }
            if size < 1e-9 * (1 + abs(scaled[largest])) { return zip(scaled, scales).map { $0 / $1 } }
        }
        throw .notConverged(iterations: 100)
    }

    /// Refuses variables of which the choices say nothing, or that explain each other.
    private func requireVariation(_ information: Matrix<Double>) throws(PricingError) {
        let k = variables.count
        let roots = (0..<k).map { (information[$0, $0] + pull($0)).squareRoot() }
        if let still = (0..<k).first(where: { !(roots[$0] > 1e-12) }) { throw .collinear([variables[still]]) }
        // What is pulled need not be told apart: only what the others say beyond each other counts.
        let others = Matrix(rows: k, columns: k) { i, j in
            (information[i, j] + (i == j ? pull(i) : 0)) / roots[i] / roots[j]
        }
        guard let spectrum = try? SymmetricEigendecomposition(others), let least = spectrum.values.first, least < 1e-10
        else { return }
        let names = (0..<k).filter { abs(spectrum.vectors[$0, 0]) > 0.1 }.map { variables[$0] }
        throw .collinear(names)
    }
}
