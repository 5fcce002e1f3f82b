import Foundation
import LinearAlgebra

/// The natural logarithm, kept here so that files without need of Foundation have none.
func logarithm(_ x: Double) -> Double { log(x) }

/// A penalized logit in standardized variables: ℓ(β) − ½ Σ πₖ (βₖ − cₖ)², β = T β̃.
///
/// Variables are shifted by a mean only where that changes the constant alone, or nothing.
struct LogitProblem: Sendable {
    /// Where Newton's method ended.
    struct Optimum: Sendable {
        /// β̃
        let scaled: [Double]
        /// ℓ without penalty, and the derivatives with it.
        let moments: GroupedSoftmax.Moments
        let iterations: Int
    }

    let variables: [String]
    var softmax: GroupedSoftmax
    /// The place of the constant among the variables.
    private let constant: Int?
    /// π: how strongly each coefficient is drawn to its centre, ≥ 0.
    var precision: [Double]
    /// c
    var center: [Double]

    init(
        _ data: ChoiceData, _ variables: [String], outside: Bool, precision: [Double], center: [Double]? = nil
    ) throws(PricingError) {
        guard !variables.isEmpty else { throw .badSetting("variables", problem: "there is none; name one at least") }
        if let twice = variables.indices.first(where: { variables[..<$0].contains(variables[$0]) }) {
            throw .badSetting("variables", problem: "'\(variables[twice])' is named twice; leave one out")
        }
        if !outside, data.outsideChoices > 0 {
            throw .badSetting(
                "outside",
                problem: "\(data.outsideChoices) choices took the outside option; fit with it, or leave them out")
        }
        var columns: [GroupedSoftmax.Column] = []
        for name in variables {
            columns.append(name == ChoiceData.constant ? .ones : .values(try data.values(of: name)))
        }
        constant = variables.firstIndex(of: ChoiceData.constant)
        let isShifted = !outside || constant != nil
        let moments = columns.map(Self.sampledMoments)
        do {
            softmax = try GroupedSoftmax(
                columns: columns, shifts: moments.map { isShifted ? $0.mean : 0 }, scales: moments.map(\.scale),
                starts: data.starts, chosen: data.chosen, hasOutside: outside)
        } catch { throw .badSetting("choices", problem: "\(error)") }
        self.variables = variables
        self.precision = precision
        self.center = center ?? [Double](repeating: 0, count: variables.count)
    }

    /// Mean and spread of some thousand rows: any numbers near them condition the problem as well.
    private static func sampledMoments(_ column: GroupedSoftmax.Column) -> (mean: Double, scale: Double) {
        guard case .values(let values) = column else { return (0, 1) }
        let sample = stride(from: 0, to: values.count, by: (values.count / 8192) | 1).map { values[$0] }
        let largest = sample.reduce(0) { max($0, abs($1)) }
        guard largest > 0 else { return (0, 1) }
        // Divided by the largest first: squares of 1e200 are no numbers.
        let mean = sample.reduce(0) { $0 + $1 / largest } / Double(sample.count)
        let square = sample.reduce(0) { $0 + ($1 / largest - mean) * ($1 / largest - mean) } / Double(sample.count)
        let spread = square.squareRoot()
        return (mean * largest, max(spread > 1e-9 ? spread * largest : largest, .leastNormalMagnitude))
    }

    /// β of β̃.
    func raw(_ scaled: [Double]) -> [Double] {
        var result = zip(scaled, softmax.scales).map { $0 / $1 }
        if let constant { result[constant] -= shifting(result) }
        return result
    }

    /// β̃ of β.
    func scaled(_ raw: [Double]) -> [Double] {
        var result = zip(raw, softmax.scales).map { $0 * $1 }
        if let constant { result[constant] += shifting(raw) }
        return result
    }

    private func shifting(_ raw: [Double]) -> Double { zip(raw, softmax.shifts).reduce(0) { $0 + $1.0 * $1.1 } }

    /// T, k × k.
    var transform: Matrix<Double> {
        Matrix(rows: variables.count, columns: variables.count) { i, j in
            if i == j { return 1 / softmax.scales[i] }
            return i == constant ? -softmax.shifts[j] / softmax.scales[j] : 0
        }
    }

    /// The penalized log likelihood at β̃, its gradient and information; nil where it is no number.
    func evaluate(
        _ scaled: [Double], threads: Int
    ) throws(LinearAlgebraError) -> (objective: Double, moments: GroupedSoftmax.Moments)? {
        var moments = try softmax.moments(at: scaled, threads: threads)
        guard moments.logLikelihood.isFinite, moments.gradient.allSatisfy(\.isFinite) else { return nil }
        guard precision.contains(where: { $0 > 0 }) else { return (moments.logLikelihood, moments) }
        let distance = zip(raw(scaled), center).map { $0 - $1 }
        let pull = zip(precision, distance).map { $0 * $1 }
        let t = transform
        let penalty = zip(pull, distance).reduce(0) { $0 + $1.0 * $1.1 } / 2
        moments.gradient = zip(moments.gradient, try t.multiplied(by: pull, transposed: .transposed)).map { $0 - $1 }
        let weighted = Matrix(rows: t.rows, columns: t.columns) { precision[$0].squareRoot() * t[$0, $1] }
        let added = weighted.gram()
        let information = moments.information
        moments.information = Matrix(rows: t.rows, columns: t.columns) { information[$0, $1] + added[$0, $1] }
        return (moments.logLikelihood - penalty, moments)
    }

    /// The three covariances of β = T β̃ at an optimum.
    func covariances(
        at optimum: Optimum, clusters: [Int]?, threads: Int
    ) throws(PricingError) -> (classical: Matrix<Double>, robust: Matrix<Double>, clustered: Matrix<Double>?) {
        do {
            let k = variables.count
            let inverse = try Cholesky(optimum.moments.information).solve(rows: .identity(k))
            let t = transform
            let bread = try Matrix.product(t, inverse)
            let classical = try Matrix.product(bread, t, transposeB: .transposed)
            let scores = try softmax.scores(at: optimum.scaled, threads: threads)
            let robust = try Matrix.product(bread, scores, transposeB: .transposed).gram(.none)
            guard let clusters else { return (classical, robust, nil) }
            let labels = Set(clusters).sorted()
            guard labels.count > 1 else {
                throw PricingError.badSetting("cluster", problem: "all choices are in one; errors need two at least")
            }
            let places = Dictionary(uniqueKeysWithValues: zip(labels, labels.indices))
            var sums = Matrix<Double>(rows: labels.count, columns: k)
            for (situation, cluster) in clusters.enumerated() {
                guard let place = places[cluster] else { continue }
                for i in 0..<k { sums[place, i] += scores[situation, i] }
            }
            let factor = Double(labels.count) / Double(labels.count - 1)
            let half = try Matrix.product(bread, sums, transposeB: .transposed)
            return (classical, robust, half.gram(.none, alpha: factor))
        } catch let error as PricingError {
            throw error
        } catch {
            throw .notConverged(iterations: optimum.iterations)
        }
    }
}
