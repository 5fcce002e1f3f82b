import Foundation
import LinearAlgebra

/// The log likelihood of a nested logit and its gradient in (β, σ), σ = 1 − ρ.
struct NestedLikelihood: Sendable {
    /// Row-major, rows × k.
    private let x: [Double]
    private let k: Int
    /// The nest of each row, from 0.
    private let nest: [Int]
    private let nestCount: Int
    private let starts: [Int]
    private let chosen: [Int]
    private let hasOutside: Bool
    /// Whether some choice has two alternatives of one nest.
    let hasSharedNests: Bool

    /// Gathers the rows.
    /// - Throws: `unknownVariable`; `badSetting` where rows have no provider.
    init(
        _ data: ChoiceData, _ variables: [String], nests: NestedFit.Nests, outside: Bool
    ) throws(PricingError) {
        var columns: [[Double]] = []
        for name in variables { columns.append(try data.values(of: name)) }
        var x = [Double](repeating: 0, count: data.rows * variables.count)
        for (column, values) in columns.enumerated() {
            for row in values.indices { x[row * variables.count + column] = values[row] }
        }
        switch nests {
        case .provider:
            guard !data.providerOfRow.isEmpty else {
                throw .badSetting("nests", problem: "the choices name no provider; name a variable")
            }
            nest = data.providerOfRow.map { Int($0) }
        case .variable(let name):
            let values = try data.values(of: name)
            let known = Set(values).sorted()
            let places = Dictionary(uniqueKeysWithValues: zip(known, known.indices))
            nest = values.map { places[$0] ?? 0 }
        }
        nestCount = (nest.max() ?? -1) + 1
        self.x = x
        k = variables.count
        starts = data.starts
        chosen = data.chosen
        hasOutside = outside
        let nest = nest
        hasSharedNests = zip(starts, starts.dropFirst()).contains { start, end in
            Set(nest[start..<end]).count < end - start
        }
    }

    /// Of one situation: V/σ − I of each row's nest as log share, I by nest, the share of each nest, log of the sum.
    private struct Situation {
        var logWithin: [Double] = []
        var utilities: [Double] = []
        var inclusive: [Double]
        var shares: [Double]
        var logSum = 0.0
        var outside = 0.0
    }

    private func evaluate(_ situation: Int, _ b: [Double], _ sigma: Double, into s: inout Situation) {
        let range = starts[situation]..<starts[situation + 1]
        s.utilities.removeAll(keepingCapacity: true)
        s.logWithin.removeAll(keepingCapacity: true)
        for nest in 0..<nestCount { s.inclusive[nest] = -.infinity }
        for row in range {
            var v = 0.0
            for i in 0..<k { v += b[i] * x[row * k + i] }
            s.utilities.append(v)
            s.inclusive[nest[row]] = max(s.inclusive[nest[row]], v / sigma)
        }
        // The largest of each nest first, then the sums beside it, in `shares` for the while.
        for nest in 0..<nestCount { s.shares[nest] = 0 }
        for (place, row) in range.enumerated() {
            s.shares[nest[row]] += exp(s.utilities[place] / sigma - s.inclusive[nest[row]])
        }
        var largest = hasOutside ? 0 : -Double.infinity
        for nest in 0..<nestCount where s.shares[nest] > 0 {
            s.inclusive[nest] += log(s.shares[nest])
            largest = max(largest, sigma * s.inclusive[nest])
        }
        for (place, row) in range.enumerated() {
            s.logWithin.append(s.utilities[place] / sigma - s.inclusive[nest[row]])
        }
        s.outside = hasOutside ? exp(-largest) : 0
        var sum = s.outside
        for nest in 0..<nestCount {
            s.shares[nest] = s.shares[nest] > 0 ? exp(sigma * s.inclusive[nest] - largest) : 0
            sum += s.shares[nest]
        }
        for nest in 0..<nestCount { s.shares[nest] /= sum }
        s.outside /= sum
        s.logSum = largest + log(sum)
    }

    private var empty: Situation {
        Situation(
            inclusive: [Double](repeating: 0, count: nestCount), shares: [Double](repeating: 0, count: nestCount))
    }

    /// ℓ and its gradient, k + 1 numbers, at `point` = (β, σ). The same bits at any number of threads. O(rows · k).
    func evaluate(at point: [Double], threads: Int) -> (logLikelihood: Double, gradient: [Double]) {
        let sigma = point[k]
        let parts = ParallelBlocks.map(count: chosen.count, blockSize: 256, threads: threads) { _, situations in
            var s = empty
            var gradient = [Double](repeating: 0, count: k + 1)
            var logLikelihood = 0.0
            for situation in situations {
                evaluate(situation, point, sigma, into: &s)
                let range = starts[situation]..<starts[situation + 1]
                let choice = chosen[situation]
                logLikelihood -= s.logSum
                if choice >= 0 {
                    let place = choice - range.lowerBound
                    let m = nest[choice]
                    let v = s.utilities[place]
                    logLikelihood += s.logWithin[place] + sigma * s.inclusive[m]
                    for i in 0..<k { gradient[i] += x[choice * k + i] / sigma }
                    gradient[k] += s.inclusive[m] - v / (sigma * sigma)
                }
                for (place, row) in range.enumerated() {
                    let m = nest[row]
                    let within = exp(s.logWithin[place])
                    // x̄ of the chosen nest enters with 1 − 1/σ, those of all nests with their shares.
                    let own = choice >= 0 && nest[choice] == m ? 1 - 1 / sigma : 0
                    let weight = within * (own - s.shares[m])
                    for i in 0..<k { gradient[i] += weight * x[row * k + i] }
                    let v = s.utilities[place]
                    gradient[k] -= within * v / sigma * (own - s.shares[m])
                }
                for m in 0..<nestCount where s.shares[m] > 0 { gradient[k] -= s.shares[m] * s.inclusive[m] }
            }
            return (logLikelihood, gradient)
        }
        var total = (0.0, [Double](repeating: 0, count: k + 1))
        for part in parts {
            total.0 += part.0
            for i in 0...k { total.1[i] += part.1[i] }
        }
        return total
    }

    /// The probabilities at `point` = (β, σ).
    func probabilities(at point: [Double]) -> ChoiceProbabilities {
        var (rows, outside): ([Double], [Double]) = ([], [])
        var s = empty
        for situation in chosen.indices {
            evaluate(situation, point, point[k], into: &s)
            for (place, row) in (starts[situation]..<starts[situation + 1]).enumerated() {
                rows.append(exp(s.logWithin[place]) * s.shares[nest[row]])
            }
            outside.append(s.outside)
        }
        return ChoiceProbabilities(rows: rows, outside: outside)
    }
}

/// Newton's ascent of a nested likelihood.
struct NestedSearch {
    static let largestIterations = 60

    let likelihood: NestedLikelihood
    /// The size of each parameter's error, for steps and differences.
    let scales: [Double]
    let threads: Int

    /// Climbs until a step is a millionth of the errors; σ stays within 0.01…10.
    func maximize(
        from start: [Double]
    ) throws -> (point: [Double], logLikelihood: Double, covariance: Matrix<Double>) {
        var point = start
        var value = likelihood.evaluate(at: point, threads: threads)
        for iteration in 1...Self.largestIterations {
            let information = self.information(at: point)
            let spectrum = try SymmetricEigendecomposition(information)
            let gradient = zip(value.gradient, scales).map { $0 * $1 }
            let inside = try spectrum.vectors.multiplied(by: gradient, transposed: .transposed)
            // Directions that curve upwards are climbed as if they curved down as much.
            let floor = 1e-6 * max(1, abs(spectrum.values.last ?? 1))
            let step = try spectrum.vectors.multiplied(
                by: zip(inside, spectrum.values).map { $0 / max(abs($1), floor) })
            let size = step.reduce(0) { max($0, abs($1)) }
            if size < 1e-7 {
                guard (spectrum.values.first ?? 0) > 0 else {
                    throw PricingError.notConverged(iterations: iteration)
                }
                let inverse = try Cholesky(information).solve(rows: .identity(scales.count))
                let covariance = Matrix(rows: scales.count, columns: scales.count) {
                    inverse[$0, $1] * scales[$0] * scales[$1]
                }
                return (point, value.logLikelihood, covariance)
            }
            var length = 1.0
            while true {
                let next = point.indices.map { point[$0] + length * step[$0] * scales[$0] }
                if let sigma = next.last, (0.01...10).contains(sigma) {
                    let trial = likelihood.evaluate(at: next, threads: threads)
                    if trial.logLikelihood >= value.logLikelihood - 1e-12 * abs(value.logLikelihood) {
                        (point, value) = (next, trial)
                        break
                    }
                }
                length /= 2
                guard length > 1e-12 else { throw PricingError.notConverged(iterations: iteration) }
            }
        }
        throw PricingError.notConverged(iterations: Self.largestIterations)
    }

    /// −∇²ℓ in units of the scales, by central differences of the gradient.
    private func information(at point: [Double]) -> Matrix<Double> {
        let h = 1e-4
        let columns = point.indices.map { place -> [Double] in
            var (above, below) = (point, point)
            above[place] += h * scales[place]
            below[place] -= h * scales[place]
            let up = likelihood.evaluate(at: above, threads: threads).gradient
            let down = likelihood.evaluate(at: below, threads: threads).gradient
            return point.indices.map { (down[$0] - up[$0]) * scales[$0] / (2 * h) }
        }
        return Matrix(rows: point.count, columns: point.count) { (columns[$0][$1] + columns[$1][$0]) / 2 }
    }
}
