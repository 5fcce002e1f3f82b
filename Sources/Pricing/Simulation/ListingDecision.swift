import Foundation
import Recommendation

/// The price of one provider of a listing: the most expected profit over the draws, and how far the draws' own best prices
/// lie apart.
struct ListingDecision: Sendable {
    /// In USD per terabyte and month.
    let price: Double
    /// Between the 5% and the 95% quantile of the draws' best prices.
    let interval: ClosedRange<Double>

    /// Requests that stand for the history's; more change the price by less than its interval by far.
    static let requests = 160

    /// Decides for provider `index`, whose cost is `cost`, in `week`.
    ///
    /// - Parameter requests: requests like those to come.
    /// - Returns: nil when no request shows the provider or users do not mind prices.
    init?(
        for index: Int, cost: Double, week: ListingWeek, requests: [ChoiceMarket.Request], estimate: ListingEstimate,
        seed: UInt64
    ) {
        let showing = requests.filter { $0.shown.contains(index) }
        let step = max(1, showing.count / Self.requests)
        let sample = stride(from: 0, to: showing.count, by: step).map { showing[$0] }
        var random = SyntheticRandom(seed: seed, stream: UInt64(index))
        var curves: [[PurchaseProbability]] = []
        for draw in estimate.draws.isEmpty ? [estimate.estimate] : estimate.draws where draw.sensitivity > 0 {
            var standing = draw.standing(week, estimate.firstStage)
            if !estimate.draws.isEmpty {
                for j in standing.indices { standing[j] += estimate.dispersion * random.normal() }
            }
            let factors = draw.spread > 0 ? MixedPriceLogit.factors(draw.spread) : [1]
            // Users of different price sensitivity in turn: as many of each.
            curves.append(
                sample.enumerated().compactMap { number, request in
                    let factor = factors[number % factors.count]
                    return draw.probability(of: index, request, week, standing, estimate.groups, factor)
                })
        }
        let means = curves.map { curve in
            curve.reduce(0) { $0 + $1.sensitivity } / Double(max(1, curve.count))
        }
        let slowest = means.min() ?? 0
        guard !sample.isEmpty, slowest > 0, 10 * curves.count >= 9 * max(1, estimate.draws.count) else { return nil }
        // The best price of a logit is at most (1 + w)/α above cost, and w grows with the logarithm of the odds alone.
        let typical = Quantile.of(means, 0.5)
        let range = cost...cost + 8 / typical
        let points = 96
        let grid = (0...points).map {
            range.lowerBound + Double($0) * (range.upperBound - range.lowerBound) / Double(points)
        }
        let profits = curves.map { curve in
            grid.map { price in (price - cost) * curve.reduce(0) { $0 + $1(price) } / Double(curve.count) }
        }
        let mean = grid.indices.map { point in profits.reduce(0) { $0 + $1[point] } / Double(profits.count) }
        price = Self.peak(grid, mean)
        let best = profits.map { Self.peak(grid, $0) }
        interval = Quantile.of(best, 0.05)...Quantile.of(best, 0.95)
    }

    /// Where the parabola through a grid's best point and its neighbours has its top.
    private static func peak(_ grid: [Double], _ values: [Double]) -> Double {
        guard let top = values.indices.max(by: { values[$0] < values[$1] }), top > 0, top < grid.count - 1 else {
            return grid[values.indices.max(by: { values[$0] < values[$1] }) ?? 0]
        }
        let (left, middle, right) = (values[top - 1], values[top], values[top + 1])
        let bend = left - 2 * middle + right
        guard bend < 0 else { return grid[top] }
        return grid[top] + (grid[top + 1] - grid[top]) * (left - right) / (2 * bend)
    }
}

extension ListingEstimate.Parameters {
    /// The estimated probability that a request goes to a provider, over that provider's price.
    func probability(
        of index: Int, _ request: ChoiceMarket.Request, _ week: ListingWeek, _ standing: [Double], _ groups: [Int],
        _ factor: Double = 1
    ) -> PurchaseProbability? {
        guard let own = request.shown.firstIndex(of: index) else { return nil }
        let sensitivity = factor * sensitivity
        var sums: [Int: Double] = [:]
        for (place, j) in request.shown.enumerated() where place != own {
            let utility = standing[j] + latency * request.latencies[place] - sensitivity * week.prices[j]
            sums[groups[j], default: 0] += exp(utility / dissimilarity)
        }
        // In the order of the groups: sums of the same numbers in another order are not the same.
        let outside = sums.keys.sorted().reduce(1.0) { sum, group in
            group == groups[index] ? sum : sum + pow(sums[group] ?? 0, dissimilarity)
        }
        return PurchaseProbability(
            utility: standing[index] + latency * request.latencies[own], sensitivity: sensitivity,
            group: sums[groups[index]] ?? 0, outside: outside, dissimilarity: dissimilarity)
    }
}
