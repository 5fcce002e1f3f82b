import Foundation

/// The mean of acceptance curves over draws, as a function of the total in reference totals.
///
/// The mean of many draws is asked for at many totals, so it is tabulated: cubic Hermite pieces with steps of 0.01/g₁
/// are within 10⁻¹¹ of it.
struct AcceptanceFunction: Sendable {
    /// A probability and its derivative in the total.
    typealias Value = (probability: Double, slope: Double)

    private let curves: [AcceptanceCurve]
    private var table: Table?
    /// The largest sensitivity of a draw: |A″| ≤ `steepest` · |A′| everywhere.
    let steepest: Double

    private struct Table: Sendable {
        let start: Double
        let step: Double
        /// Probability and derivative times step, node by node.
        let nodes: [Double]
    }

    /// The mean of `curves`; those in which dearer quotes would be accepted more are taken as indifferent to price.
    init(_ curves: [AcceptanceCurve]) {
        self.curves = curves.map {
            AcceptanceCurve(intercept: $0.intercept, sensitivity: max(0, $0.sensitivity))
        }
        steepest = self.curves.reduce(0) { max($0, $1.sensitivity) }
    }

    /// Tabulates totals of `range`, when that costs less than `uses` evaluations.
    mutating func tabulate(_ range: ClosedRange<Double>, uses: Int) {
        let count = ((range.upperBound - range.lowerBound) * steepest / 0.01).rounded(.up)
        guard curves.count > 2, count > 0, count < 200_000, Int(count) < uses else { return }
        let step = (range.upperBound - range.lowerBound) / count
        var nodes: [Double] = []
        nodes.reserveCapacity(2 * Int(count) + 2)
        for node in 0...Int(count) {
            let value = exact(range.lowerBound + Double(node) * step)
            nodes.append(value.probability)
            nodes.append(value.slope * step)
        }
        table = Table(start: range.lowerBound, step: step, nodes: nodes)
    }

    /// The probability at `total`, and its derivative.
    func callAsFunction(_ total: Double) -> Value {
        guard let table else { return exact(total) }
        let place = (total - table.start) / table.step
        let last = table.nodes.count / 2 - 1
        guard place >= 0, place <= Double(last) else { return exact(total) }
        let node = min(Int(place), last - 1)
        let u = place - Double(node)
        let (y0, d0) = (table.nodes[2 * node], table.nodes[2 * node + 1])
        let (y1, d1) = (table.nodes[2 * node + 2], table.nodes[2 * node + 3])
        let rise = y1 - y0
        let second = 3 * rise - 2 * d0 - d1
        let third = d0 + d1 - 2 * rise
        return (y0 + u * (d0 + u * (second + u * third)), (d0 + u * (2 * second + 3 * u * third)) / table.step)
    }

    private func exact(_ total: Double) -> Value {
        var (probability, slope) = (0.0, 0.0)
        for curve in curves {
            let own = curve.probability(at: total)
            probability += own
            slope -= curve.sensitivity * own * (1 - own)
        }
        let count = Double(curves.count)
        return (probability / count, slope / count)
    }
}
