import Foundation

extension ChoiceMarket {
    /// Prices at which no provider, or no monopolist that owns them all, would change one.
    package struct Equilibrium: Sendable {
        /// By provider, in USD per terabyte and month.
        package let prices: [Double]
        /// Profit of each from one request of the market.
        package let profits: [Double]
        /// The largest change of a price in the last iteration, relative to it.
        package let residual: Double
    }

    /// What `requests` buy at `prices`, and how that changes with each price: quantities are means over the requests.
    package struct Demand: Sendable {
        /// By provider.
        package let quantities: [Double]
        /// `[k][j]`: ∂Q_k/∂p_j.
        package let slopes: [[Double]]
    }

    /// True demand. With P = P_{j|g} P_g and ρ: ∂P_j/∂p_j = −αP_j(1/ρ − (1/ρ − 1)P_{j|g} − P_j), and within a group
    /// ∂P_k/∂p_j = αP_k(P_j + (1/ρ − 1)P_{j|g}). O(requests · shown²).
    ///
    /// - Parameter changes: qualities that nobody knows when prices are set, as changes of `qualities`; requests have them in
    ///   turn, so that demand is expected over them.
    package func demand(
        _ requests: [Request], prices: [Double], qualities: [Double], changes: [[Double]] = []
    ) -> Demand {
        var quantities = [Double](repeating: 0, count: providers.count)
        var slopes = [[Double]](repeating: quantities, count: providers.count)
        let rho = scenario.demand.dissimilarity
        let weight = 1 / Double(max(1, requests.count))
        let states = changes.isEmpty ? [qualities] : changes.map { zip(qualities, $0).map { $0 + $1 } }
        for (number, request) in requests.enumerated() {
            let shares = shares(request, prices: prices, qualities: states[number % states.count])
            var groups = [Double](repeating: 0, count: max(1, scenario.demand.groups))
            for (index, share) in zip(request.shown, shares) { groups[providers[index].group] += share }
            for (k, first) in request.shown.enumerated() {
                quantities[first] += weight * shares[k]
                for (j, second) in request.shown.enumerated() {
                    let near = providers[first].group == providers[second].group
                    let within = near ? shares[j] / max(groups[providers[second].group], .leastNormalMagnitude) : 0
                    let rate = shares[j] + (1 / rho - 1) * within - (j == k ? 1 / rho : 0)
                    slopes[first][second] += weight * request.sensitivity * shares[k] * rate
                }
            }
        }
        return Demand(quantities: quantities, slopes: slopes)
    }

    /// The Bertrand–Nash equilibrium of `requests`, or the prices of one owner of all, at costs `costs`, by the first-order
    /// conditions: p_j = c_j + (Q_j + Σ_k (p_k − c_k) ∂Q_k/∂p_j) / −∂Q_j/∂p_j, the sum over the owner's other offers,
    /// damped by half.
    package func equilibrium(
        _ requests: [Request], costs: [Double], qualities: [Double], changes: [[Double]] = [], isJoint: Bool,
        from start: [Double]? = nil, tolerance: Double = 1e-9
    ) -> Equilibrium {
        var prices = start ?? costs.map { $0 + 1 / scenario.demand.priceSensitivity }
        var residual = Double.infinity
        for _ in 0..<2000 where residual > tolerance {
            let demand = demand(requests, prices: prices, qualities: qualities, changes: changes)
            residual = 0
            var next = prices
            for j in prices.indices where demand.slopes[j][j] < 0 {
                var gain = demand.quantities[j]
                if isJoint {
                    for k in prices.indices where k != j { gain += (prices[k] - costs[k]) * demand.slopes[k][j] }
                }
                // A step of more than half the markup is a step out of the neighbourhood in which it holds.
                let markup = max(1e-9, prices[j] - costs[j])
                let aim = min(max(gain / -demand.slopes[j][j], 0.5 * markup), 2 * markup)
                next[j] = costs[j] + (aim + markup) / 2
                residual = max(residual, abs(next[j] - prices[j]) / prices[j])
            }
            prices = next
        }
        let quantities = demand(requests, prices: prices, qualities: qualities, changes: changes).quantities
        let profits = prices.indices.map { (prices[$0] - costs[$0]) * quantities[$0] }
        return Equilibrium(prices: prices, profits: profits, residual: residual)
    }
}
