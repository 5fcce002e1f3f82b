import Foundation

/// The maximum of a profit over an interval of prices.
package enum ProfitMaximum {
    /// The best price in `range` of `profit`, which need not be concave: the best of a grid, then golden sections between its
    /// neighbours, to about 1e-9 of the range. O(`points` + 45) evaluations.
    package static func search(
        in range: ClosedRange<Double>, points: Int = 80, _ profit: (Double) -> Double
    ) -> (price: Double, profit: Double) {
        let step = (range.upperBound - range.lowerBound) / Double(max(2, points))
        let grid = (0...max(2, points)).map { range.lowerBound + Double($0) * step }
        let values = grid.map(profit)
        guard let top = values.indices.max(by: { values[$0] < values[$1] }) else { return (range.lowerBound, 0) }
        let ratio = (5.0.squareRoot() - 1) / 2
        var (low, high) = (grid[max(0, top - 1)], grid[min(grid.count - 1, top + 1)])
        var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
        var (atLeft, atRight) = (profit(left), profit(right))
        for _ in 0..<42 {
            if atLeft < atRight {
                (low, left, atLeft) = (left, right, atRight)
                right = low + ratio * (high - low)
                atRight = profit(right)
            } else {
                (high, right, atRight) = (right, left, atLeft)
                left = high - ratio * (high - low)
                atLeft = profit(left)
            }
        }
        let middle = (low + high) / 2
        let best = profit(middle)
        return best >= values[top] ? (middle, best) : (grid[top], values[top])
    }
}
