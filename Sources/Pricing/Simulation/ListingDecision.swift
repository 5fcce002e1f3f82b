import Foundation
import Recommendation

/// The price of one provider of a listing: the best under the estimate, and how far it may be from the truth's.
///
/// The interval is the draws', shifted in the logarithm of the markup so that their mean is the estimate's: there, unlike
/// in the coefficients, no bound cuts the shift. Each draw has weekly quality that prices do not betray.
struct ListingDecision: Sendable {
    /// In USD per terabyte and month.
    let price: Double
    /// 90%; widened for few weeks, see ``Quantile/expandedTail(clusters:)``.
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
        /// Users of different price sensitivity in turn: as many of each.
        func curve(_ draw: ListingEstimate.Parameters, _ standing: [Double]) -> [PurchaseProbability] {
            let factors = draw.spread > 0 ? MixedPriceLogit.factors(draw.spread) : [1]
            return sample.enumerated().compactMap { number, request in
                let factor = factors[number % factors.count]
                return draw.probability(of: index, request, week, standing, estimate.groups, factor)
            }
        }
        let isDrawn = !estimate.draws.isEmpty
        let center = estimate.estimate.scaled(isDrawn ? estimate.scale : 1)
        let draws = estimate.draws.filter { $0.sensitivity > 0 }.map { $0.scaled(estimate.scale) }
        guard !sample.isEmpty, center.sensitivity > 0, 10 * draws.count >= 9 * estimate.draws.count else { return nil }
        let own = curve(center, center.standing(week, estimate.firstStage))
        // The best price of a logit is at most (1 + w)/α above cost, and w grows with the logarithm of the odds alone.
        let sensitivity = own.reduce(0) { $0 + $1.sensitivity } / Double(max(1, own.count))
        let range = cost...cost + 8 / sensitivity
        let points = 96
        let grid = (0...points).map {
            range.lowerBound + Double($0) * (range.upperBound - range.lowerBound) / Double(points)
        }
        func best(_ curve: [PurchaseProbability]) -> Double {
            Self.peak(grid, grid.map { price in (price - cost) * curve.reduce(0) { $0 + $1(price) } })
        }
        let price = best(own)
        let markups = draws.map { draw -> Double in
            let standing = draw.standing(week, estimate.firstStage).map { $0 + estimate.dispersion * random.normal() }
            return log(max(best(curve(draw, standing)) - cost, 1e-9))
        }
        self.price = price
        guard isDrawn, price > cost else {
            interval = price...price
            return
        }
        let mean = markups.reduce(0, +) / Double(markups.count)
        let shift = log(price - cost) - mean
        let tail = Quantile.expandedTail(clusters: estimate.weeks)
        let ends = [tail, 1 - tail].map { cost + exp(Quantile.of(markups, $0) + shift) }
        interval = min(ends[0], price)...max(ends[1], price)
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
