import Foundation
import LinearAlgebra

/// A logit whose price sensitivity is log-normal over users: β_p · exp(σz − σ²/2), z standard normal, the mean β_p.
///
/// Maximum likelihood over six nodes of z, each as likely, by the method of Berndt, Hall, Hall and Hausman (1974): the
/// information is the sum of squares of the gradients of single choices.
enum MixedPriceLogit {
    /// Midpoints of six equal parts of the standard normal, scaled to variance 1.
    static let nodes: [Double] = {
        let half = [0.210428394247925, 0.674489750196082, 1.38299412710064]
        let scale = (half.reduce(0) { $0 + $1 * $1 } / 3).squareRoot()
        return half.reversed().map { -$0 / scale } + half.map { $0 / scale }
    }()

    /// Factors on the mean price sensitivity, one for each node.
    static func factors(_ spread: Double) -> [Double] {
        let raw = nodes.map { exp(spread * $0 - spread * spread / 2) }
        let mean = raw.reduce(0, +) / Double(raw.count)
        return raw.map { $0 / mean }
    }

    /// A fit.
    struct Fit: Sendable {
        /// In the order of the variables.
        let coefficients: [Double]
        /// σ, not negative.
        let spread: Double
        let logLikelihood: Double
    }

    /// Estimates from `start`, the coefficients of the plain logit; the outside option is an alternative.
    ///
    /// - Throws: ``PricingError/notConverged(iterations:)``, ``PricingError/unknownVariable(_:known:)``.
    ///   O(iterations · rows · (nodes + k)).
    static func fit(
        _ data: ChoiceData, variables: [String], price: String, start: [Double], spread: Double = 0.4
    ) throws(PricingError) -> Fit {
        guard let pricePlace = variables.firstIndex(of: price) else {
            throw .unknownVariable(price, known: variables)
        }
        var columns: [[Double]] = []
        for name in variables { columns.append(try data.values(of: name)) }
        let likelihood = Likelihood(data: data, columns: columns, price: pricePlace)
        var point = start + [spread]
        var (value, gradient, information) = likelihood.evaluate(point)
        for iteration in 1...60 {
            let k = point.count
            let damped = Matrix<Double>(rows: k, columns: k) { information[$0][$1] + ($0 == $1 ? 1e-6 : 0) }
            guard let step = try? Cholesky(damped).solve(gradient) else { throw .notConverged(iterations: iteration) }
            let gain = zip(step, gradient).reduce(0) { $0 + $1.0 * $1.1 }
            if gain < 1e-5 { break }
            var length = 1.0
            while true {
                let next = zip(point, step).map { $0 + length * $1 }
                let found = likelihood.evaluate(next)
                if found.0 > value {
                    (value, gradient, information) = found
                    point = next
                    break
                }
                length /= 2
                guard length > 1e-6 else { break }
            }
            if length <= 1e-6 { break }
        }
        return Fit(coefficients: Array(point.dropLast()), spread: abs(point[point.count - 1]), logLikelihood: value)
    }

    private struct Likelihood {
        let data: ChoiceData
        let columns: [[Double]]
        let price: Int

        func evaluate(_ point: [Double]) -> (Double, [Double], [[Double]]) {
            let k = columns.count
            let (slope, spread) = (point[price], point[k])
            let factors = MixedPriceLogit.nodes.map { exp(spread * $0 - spread * spread / 2) }
            var (value, gradient) = (0.0, [Double](repeating: 0, count: k + 1))
            var information = [[Double]](repeating: gradient, count: k + 1)
            for situation in 0..<data.situations {
                let rows = data.starts[situation]..<data.starts[situation + 1]
                let base = rows.map { row in
                    (0..<k).reduce(0.0) { $0 + ($1 == price ? 0 : columns[$1][row] * point[$1]) }
                }
                let prices = rows.map { columns[price][$0] }
                let chosen = data.chosen[situation] - rows.lowerBound
                var chances: [Double] = []
                var shares: [[Double]] = []
                for factor in factors {
                    let powers = zip(base, prices).map { exp($0 + slope * factor * $1) }
                    let total = 1 + powers.reduce(0, +)
                    let own = powers.map { $0 / total }
                    shares.append(own)
                    chances.append(chosen >= 0 ? own[chosen] : 1 / total)
                }
                let total = chances.reduce(0, +)
                value += log(max(total / Double(factors.count), .leastNormalMagnitude))
                let weights = chances.map { $0 / max(total, .leastNormalMagnitude) }
                var own = [Double](repeating: 0, count: k + 1)
                for (place, row) in rows.enumerated() {
                    let expected = zip(weights, shares).reduce(0) { $0 + $1.0 * $1.1[place] }
                    let excess = (place == chosen ? 1 : 0) - expected
                    for l in 0..<k where l != price { own[l] += excess * columns[l][row] }
                }
                for (node, weight) in weights.enumerated() {
                    let mean = zip(shares[node], prices).reduce(0) { $0 + $1.0 * $1.1 }
                    let excess = weight * factors[node] * ((chosen >= 0 ? prices[chosen] : 0) - mean)
                    own[price] += excess
                    own[k] += slope * (MixedPriceLogit.nodes[node] - spread) * excess
                }
                for i in 0...k where own[i] != 0 {
                    gradient[i] += own[i]
                    for j in 0...k { information[i][j] += own[i] * own[j] }
                }
            }
            return (value, gradient, information)
        }
    }
}

extension MixedPriceLogit {
    /// The fit as a model of choices.
    struct Model: ChoiceModel {
        let fit: Fit
        let variables: [String]
        let price: String

        func probabilities(of data: ChoiceData) throws(PricingError) -> ChoiceProbabilities {
            var base = [Double](repeating: 0, count: data.rows)
            var slope = 0.0
            for (name, coefficient) in zip(variables, fit.coefficients) {
                if name == price {
                    slope = coefficient
                    continue
                }
                for (row, value) in try data.values(of: name).enumerated() { base[row] += coefficient * value }
            }
            let prices = try data.values(of: price)
            var rows = [Double](repeating: 0, count: data.rows)
            var outside = [Double](repeating: 0, count: data.situations)
            let factors = MixedPriceLogit.factors(fit.spread)
            for situation in 0..<data.situations {
                let span = data.starts[situation]..<data.starts[situation + 1]
                for factor in factors {
                    let utilities = span.map { base[$0] + slope * factor * prices[$0] }
                    let shares = NestedShares.shares(
                        utilities, groups: [Int](repeating: 0, count: utilities.count), dissimilarity: 1)
                    for (row, share) in zip(span, shares) { rows[row] += share / Double(factors.count) }
                    outside[situation] += max(0, 1 - shares.reduce(0, +)) / Double(factors.count)
                }
            }
            return ChoiceProbabilities(rows: rows, outside: outside)
        }
    }
}
