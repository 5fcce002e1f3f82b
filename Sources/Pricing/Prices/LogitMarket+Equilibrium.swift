import Foundation
import LinearAlgebra

/// Prices that no owner would change alone.
public struct PriceEquilibrium: Sendable, Hashable {
    /// The price of each offer.
    public let prices: [Double]
    /// The share of each offer.
    public let shares: [Double]
    /// The share of each offer within its nest.
    public let sharesWithinNests: [Double]
    /// The profit of each offer from one user.
    public let profits: [Double]
    /// Evaluations of the fixed point.
    public let iterations: Int
    /// The largest violation of a first-order condition: how far an offer's markup is from what the others' ask for, as a
    /// share of itself.
    public let residual: Double
}

extension LogitMarket {
    /// The Bertrand–Nash equilibrium in prices.
    ///
    /// Iterates the ζ-markup map p = c + ζ(p) of Morrow and Skerlos (*Fixed-point approaches to computing
    /// Bertrand–Nash equilibrium prices under mixed-logit demand*, 2011), which for a nested logit reads
    /// m_j = (1 − ρ)/α + Σ_k H_jk (ρ s_{k|g}·[same nest] + (1 − ρ) s_k) m_k in the markups m, and damps it where it does
    /// not contract.
    ///
    /// - Throws: ``PricingError/badValue(field:remedy:)`` for ownership that does not fit,
    ///   ``PricingError/noEquilibrium(iterations:residual:)``. O(offers²) an iteration. Deterministic.
    public func equilibrium(_ ownership: Ownership) throws(PricingError) -> PriceEquilibrium {
        let weights = try ownership.weights(count: offers.count)
        return try fixedPoint(weights, free: Array(offers.indices), start: startingMarkups)
    }

    /// The best prices of one owner's offers while all others keep theirs: for nests the ρ-markup, without them
    /// ``LogitBestResponse``.
    ///
    /// - Parameters:
    ///   - own: indices of the owner's offers.
    ///   - prices: the price of each offer; those of `own` are not used.
    /// - Returns: all prices, the own ones changed.
    /// - Throws: as ``equilibrium(_:)``.
    public func bestResponse(of own: Set<Int>, at prices: [Double]) throws(PricingError) -> PriceEquilibrium {
        try PricingError.require(
            !own.isEmpty && own.allSatisfy(offers.indices.contains), "own", "give indices of the market's offers")
        _ = try shares(at: prices)
        let weights = offers.indices.map { j in
            offers.indices.map { k in j == k || own.contains(j) && own.contains(k) ? 1.0 : 0 }
        }
        var start = startingMarkups
        for index in offers.indices where !own.contains(index) {
            start[index] = prices[index] - offers[index].marginalCost
        }
        return try fixedPoint(weights, free: own.sorted(), start: start)
    }

    /// Iterates the map on the markups of the offers `free`.
    private func fixedPoint(
        _ weights: [[Double]], free: [Int], start: [Double]
    ) throws(PricingError) -> PriceEquilibrium {
        var markups = start
        var (damping, last, calm) = (1.0, Double.infinity, 0)
        let limit = 5000
        for iteration in 1...limit {
            let prices = zip(offers, markups).map { $0.marginalCost + $1 }
            let shares = uncheckedShares(prices)
            let reactions = reactions(shares, weights)
            let next = free.map { j in zip(reactions[j], markups).reduce(baseMarkup) { $0 + $1.0 * $1.1 } }
            let residual = zip(free, next).reduce(0) {
                max($0, abs(markups[$1.0] - $1.1) / max(baseMarkup, markups[$1.0]))
            }
            guard residual.isFinite else { break }
            if residual <= 1e-15 || (residual <= 1e-13 && residual >= last) {
                return PriceEquilibrium(
                    prices: prices, shares: shares.all, sharesWithinNests: shares.within,
                    profits: zip(shares.all, markups).map { $0 * $1 }, iterations: iteration, residual: residual)
            }
            if residual < last { calm += 1 } else { (damping, calm) = (max(0.02, damping / 2), 0) }
            if calm >= 20 { (damping, calm) = (min(1, damping * 1.5), 0) }
            last = residual
            for (j, markup) in zip(free, next) { markups[j] += damping * (markup - markups[j]) }
        }
        throw .noEquilibrium(iterations: limit, residual: last)
    }

    /// The market whose equilibrium under `ownership` are the observed prices and shares: qualities by Berry's inversion
    /// ln s_j − ln s_0 = a_j − αp_j + ρ ln s_{j|g} (1994, eq. 26), costs from the first-order conditions.
    ///
    /// - Parameters:
    ///   - prices: the observed prices.
    ///   - shares: the observed shares of all users, above 0, their sum below 1.
    /// - Throws: ``PricingError/badValue(field:remedy:)``. O(offers³).
    public init(
        prices: [Double], shares: [Double], priceSensitivity: Double, ownership: Ownership, nests: LogitNests? = nil
    ) throws(PricingError) {
        let outside = 1 - shares.reduce(0, +)
        try PricingError.require(
            shares.allSatisfy { $0 > 0 } && outside > 0 && shares.count == prices.count, "shares",
            "give one share above 0 for each offer, their sum below 1")
        try PricingError.require(prices.allSatisfy(\.isFinite), "prices", "give finite prices")
        let rho = nests?.correlation ?? 0
        let labels = nests?.nests ?? [Int](repeating: 0, count: shares.count)
        try PricingError.require(labels.count == shares.count, "nests", "give one nest for each offer")
        var sums: [Int: Double] = [:]
        for (label, share) in zip(labels, shares) { sums[label, default: 0] += share }
        let within = zip(labels, shares).map { $1 / (sums[$0] ?? 1) }
        let offers = prices.indices.map { index in
            LogitOffer(
                quality: log(shares[index]) - log(outside) - rho * log(within[index]) + priceSensitivity
                    * prices[index],
                marginalCost: 0)
        }
        let free = try LogitMarket(offers, priceSensitivity: priceSensitivity, nests: nests)
        let reactions = free.reactions(
            Shares(all: shares, within: within), try ownership.weights(count: offers.count))
        let system = Matrix<Double>(rows: offers.count, columns: offers.count) { row, column in
            (row == column ? 1 : 0) - reactions[row][column]
        }
        let right = Matrix<Double>(rows: offers.count, columns: 1, repeating: free.baseMarkup)
        guard let markups = try? system.solve(right).elements, markups.allSatisfy(\.isFinite) else {
            throw .badValue(
                field: "ownership", remedy: "give firms, or shares of profit that do not exceed the owner's own")
        }
        try self.init(
            offers.indices.map { LogitOffer(quality: offers[$0].quality, marginalCost: prices[$0] - markups[$0]) },
            priceSensitivity: priceSensitivity, nests: nests)
    }

    /// The markup of an offer that nobody chooses: (1 − ρ)/α.
    private var baseMarkup: Double { (1 - (nests?.correlation ?? 0)) / priceSensitivity }

    /// Markups of offers alone with the outside option, which is where strong offers stand; 1/α without one.
    private var startingMarkups: [Double] {
        offers.map { offer in
            guard outsideUtility.isFinite else { return baseMarkup }
            let y = offer.quality - priceSensitivity * offer.marginalCost - 1 - outsideUtility
            return (1 + WrightOmega.value(y)) / priceSensitivity
        }
    }

    /// `[j][k]`: how much a markup of k adds to the markup of j.
    private func reactions(_ shares: Shares, _ weights: [[Double]]) -> [[Double]] {
        let rho = nests?.correlation ?? 0
        return weights.enumerated().map { j, row in
            row.enumerated().map { k, weight in
                guard weight != 0 else { return 0 }
                let near = nests.map { $0.nests[j] == $0.nests[k] } ?? true
                return weight * ((1 - rho) * shares.all[k] + (near ? rho * shares.within[k] : 0))
            }
        }
    }
}

extension Ownership {
    /// The matrix of `count` offers.
    func weights(count: Int) throws(PricingError) -> [[Double]] {
        switch self {
        case .firms(let firms):
            try PricingError.require(firms.count == count, "ownership", "give one firm for each offer")
            return firms.map { firm in firms.map { $0 == firm ? 1 : 0 } }
        case .matrix(let rows):
            try PricingError.require(
                rows.count == count && rows.allSatisfy { $0.count == count && $0.allSatisfy(\.isFinite) }
                    && rows.indices.allSatisfy { rows[$0][$0] == 1 }, "ownership",
                "give a square of finite numbers with 1 on the diagonal, a row for each offer")
            return rows
        }
    }
}
