import LinearAlgebra

extension LogitProblem {
    /// The maximum by Newton's method from β̃ = 0, or from `start` (β).
    ///
    /// - Throws: `collinear`, `separated`, `notConverged`.
    func maximize(from start: [Double]? = nil, threads: Int) throws(PricingError) -> Optimum {
        let zero = [Double](repeating: 0, count: variables.count)
        var scaled = start.map(scaled) ?? sampledStart(threads: threads) ?? zero
        do {
            guard var point = try evaluate(scaled, threads: threads) else { throw LogitFailure.noNumber }
            if isSingular(point.moments.information) { throw diagnosis(zero, zero, point.moments, 0, threads) }
            var step = zero
            for iteration in 1...Self.largestIterations {
                guard let factor = try? Cholesky(point.moments.information) else {
                    throw diagnosis(scaled, step, point.moments, iteration, threads)
                }
                step = try factor.solve(point.moments.gradient)
                let size = step.reduce(0) { max($0, abs($1)) } / (1 + scaled.reduce(0) { max($0, abs($1)) })
                guard size.isFinite else { throw diagnosis(scaled, step, point.moments, iteration, threads) }
                if size < 1e-11 { return Optimum(scaled: scaled, moments: point.moments, iterations: iteration - 1) }
                var length = 1.0
                var next = try evaluate(moved(scaled, step, length), threads: threads)
                // What is lost in rounding is no fall.
                while next.map({ $0.objective < point.objective - 1e-12 * abs(point.objective) }) ?? true {
                    length /= 2
                    guard length > 1e-10 else { throw diagnosis(scaled, step, point.moments, iteration, threads) }
                    next = try evaluate(moved(scaled, step, length), threads: threads)
                }
                guard let next else { continue }
                scaled = moved(scaled, step, length)
                point = next
                // Convergence is quadratic: after a full step of 1e-6 about 1e-12 is left.
                if size < 1e-6, length == 1 {
                    return Optimum(scaled: scaled, moments: point.moments, iterations: iteration)
                }
            }
            throw diagnosis(scaled, step, point.moments, Self.largestIterations, threads)
        } catch let error as PricingError {
            throw error
        } catch { throw .notConverged(iterations: 0) }
    }

    /// The maximizing β from `start` (β), on one thread: one draw of a bootstrap.
    func estimate(from start: [Double]) throws(PricingError) -> [Double] {
        raw(try maximize(from: start, threads: 1).scaled)
    }

    /// The same problem with other numbers of one variable.
    func replacing(column: Int, by values: [Double]) throws(PricingError) -> LogitProblem {
        var result = self
        do { result.softmax = try softmax.replacing(column: column, by: values) } catch {
            throw .badSetting(variables[column], problem: "\(error)")
        }
        return result
    }

    /// The same problem, each situation counted `weights` times.
    func weighted(_ weights: [Double]) throws(PricingError) -> LogitProblem {
        var result = self
        do { result.softmax = try softmax.weighted(weights) } catch {
            throw .badSetting("weights", problem: "\(error)")
        }
        return result
    }

    private static let largestIterations = 30

    private func moved(_ scaled: [Double], _ step: [Double], _ length: Double) -> [Double] {
        zip(scaled, step).map { $0 + length * $1 }
    }

    /// The optimum over one situation of sixteen, where there are many: the whole then takes two or three passes.
    private func sampledStart(threads: Int) -> [Double]? {
        guard softmax.groups >= 8_000, softmax.weights == nil else { return nil }
        let weights = (0..<softmax.groups).map { $0 / 64 % 16 == 0 ? 1.0 : 0 }
        guard let sample = try? softmax.weighted(weights) else { return nil }
        var problem = self
        problem.softmax = sample
        return try? problem.maximize(threads: threads).scaled
    }

    /// Whether the information has a direction without curvature, up to rounding.
    private func isSingular(_ information: Matrix<Double>) -> Bool {
        guard let (value, _) = flattest(information) else { return true }
        return value < 1e-12
    }

    /// The smallest eigenvalue of the information scaled to a diagonal of ones, and its direction in β̃; nil when a
    /// variable has no curvature at all.
    private func flattest(_ information: Matrix<Double>) -> (value: Double, direction: [Double])? {
        let k = variables.count
        let roots = (0..<k).map { information[$0, $0].squareRoot() }
        guard roots.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        let correlation = Matrix(rows: k, columns: k) { information[$0, $1] / roots[$0] / roots[$1] }
        guard let parts = try? SymmetricEigendecomposition(correlation), let value = parts.values.first else {
            return nil
        }
        return (value, (0..<k).map { parts.vectors[$0, 0] / roots[$0] })
    }

    /// Why there is no maximum: a direction that changes no choice's odds, or one that only ever raises the likelihood.
    private func diagnosis(
        _ scaled: [Double], _ step: [Double], _ moments: GroupedSoftmax.Moments, _ iterations: Int, _ threads: Int
    ) -> PricingError {
        let k = variables.count
        for place in 0..<k where precision[place] == 0 {
            let unit = (0..<k).map { $0 == place ? 1.0 : 0 }
            if let margins = try? softmax.margins(along: unit, threads: threads),
                max(-margins.lowerBound, margins.upperBound) <= 1e-9
            {
                return .collinear([variables[place]])
            }
        }
        let start = try? evaluate([Double](repeating: 0, count: k), threads: threads)
        if let start, let (value, direction) = flattest(start.moments.information), value < 1e-11 {
            return .collinear(named(direction))
        }
        for direction in [step, scaled] where direction.contains(where: { $0 != 0 }) {
            guard let margins = try? softmax.margins(along: direction, threads: threads) else { continue }
            if margins.upperBound > 0, margins.lowerBound >= -1e-6 * margins.upperBound {
                return .separated(named(direction))
            }
        }
        return .notConverged(iterations: iterations)
    }

    /// The variables that take part in a direction of β̃.
    private func named(_ direction: [Double]) -> [String] {
        let largest = direction.reduce(0) { max($0, abs($1)) }
        return zip(variables, direction).filter { abs($0.1) > 1e-3 * largest }.map(\.0)
    }

    private enum LogitFailure: Error { case noNumber }
}
