/// Convex functions below a graduated price.
extension GraduatedCost {
    /// The lines whose maximum is the largest convex function below the price within `range`, in order of slope.
    func envelope(within range: ClosedRange<Double>) -> [(slope: Double, constant: Double)] {
        let (low, high) = (range.lowerBound, range.upperBound)
        guard high > low else { return [(0, self(low))] }
        var hull: [(volume: Double, cost: Double)] = []
        let inner = pieces.map(\.end).filter { $0 > low && $0 < high }
        for volume in [low] + inner + [high] {
            let point = (volume, self(volume))
            while hull.count >= 2 {
                let (a, b) = (hull[hull.count - 2], hull[hull.count - 1])
                let turns = (b.1 - a.1) * (point.0 - a.0) >= (point.1 - a.1) * (b.0 - a.0)
                guard turns else { break }
                hull.removeLast()
            }
            hull.append(point)
        }
        return zip(hull, hull.dropFirst()).map { a, b in
            let slope = (b.cost - a.cost) / (b.volume - a.volume)
            return (slope, a.volume == 0 ? a.cost : a.cost - slope * a.volume)
        }
    }

    /// Whether a later byte may cost more than an earlier one before `bytes`.
    func rises(before bytes: Double) -> Bool {
        pieces.indices.dropFirst().contains { pieces[$0 - 1].end < bytes && pieces[$0 - 1].slope < pieces[$0].slope }
    }

    /// The slope at 0 of the largest convex function below the price of up to `bytes`.
    func startSlope(before bytes: Double) -> Double {
        bytes > 0 ? envelope(within: 0...bytes).first?.slope ?? 0 : 0
    }
}
