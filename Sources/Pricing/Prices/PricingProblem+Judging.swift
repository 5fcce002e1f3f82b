import Foundation

extension PricingProblem {
    /// Why the evidence does not bear a price; empty when it does.
    func evidenceReasons(_ stage: EvidenceStage, _ demand: PricedDemand) -> [AbstentionReason] {
        if let barrier = evidence.barrier { return [.notEstimated(barrier)] }
        var reasons: [AbstentionReason] = []
        let draws = sensitivityDraws(demand)
        // Under twenty draws the 2.5% quantile is no more than the smallest of them.
        if draws.count >= 20 {
            let (lower, median) = (Quantile.of(draws, 0.025), Quantile.of(draws, 0.5))
            if lower <= 0.1 * median || median <= 0 {
                reasons.append(.sensitivityNearsZero(lower: lower, median: median))
            }
        } else if let least = draws.min(), least <= 0 {
            reasons.append(.sensitivityNearsZero(lower: least, median: Quantile.of(draws, 0.5)))
        }
        if let priceVariation, priceVariation < 0.02 { reasons.append(.pricesHardlyVaried(priceVariation)) }
        let isSilent = benchmark.map { $0.standing == .silent } ?? true
        if stage == .cold, (evidence.cohortQuotes ?? 0) < 50, isSilent {
            reasons.append(
                .tooFewQuotes(
                    own: evidence.ownQuotes ?? 0, cohort: evidence.cohortQuotes ?? 0,
                    comparables: benchmark?.comparables ?? 0))
        }
        return reasons
    }

    private var priceVariation: Double? { evidence.priceVariation }

    /// Draws of the price sensitivity: those of the evidence, or of the acceptances that are estimated.
    private func sensitivityDraws(_ demand: PricedDemand) -> [Double] {
        guard evidence.sensitivityDraws.isEmpty else { return evidence.sensitivityDraws }
        let uncertain = demand.acceptances.filter { $0.draws.contains { $0.intercept.isFinite } }
        // Groups share their prior: the one whose sensitivity is least sure speaks for all.
        return uncertain.map { $0.draws.map(\.sensitivity) }.min { one, other in
            Quantile.of(one, 0.025) < Quantile.of(other, 0.025)
        } ?? []
    }

    /// What the reader should know of the evidence.
    func evidenceCautions(_ stage: EvidenceStage, _ demand: PricedDemand) -> [PriceCaution] {
        var cautions: [PriceCaution] = []
        if let f = evidence.firstStageF, f < 10 { cautions.append(.associationOnly(firstStageF: f)) }
        if calendar.dataAgeDays > calendar.dataLifeDays { cautions.append(.staleData(days: calendar.dataAgeDays)) }
        if stage != .own { cautions.append(.borrowedAcceptance(ownQuotes: evidence.ownQuotes ?? 0)) }
        if let benchmark, benchmark.standing == .cautious { cautions.append(.fewComparables(benchmark.comparables)) }
        let draws = demand.acceptances.flatMap(\.draws)
        let odd = draws.count { $0.sensitivity < 0 }
        if odd > 0 { cautions.append(.indifferentDraws(Double(odd) / Double(draws.count))) }
        return cautions
    }

    /// What the reader should know of a price.
    func cautions(
        _ recommendation: PriceRecommendation, _ stage: EvidenceStage, _ option: PricedOption,
        _ found: PriceDecision.Found,
        _ searched: ClosedRange<Double>, _ grid: PriceGrid
    ) -> [PriceCaution] {
        var cautions = evidenceCautions(stage, option.option.demand)
        let price = recommendation.price
        if let observed = evidence.observedPrices, !observed.contains(price) {
            cautions.append(.beyondObservedPrices(observed))
        }
        if recommendation.uncappedPrice != price {
            cautions.append(.changeCapped(uncapped: recommendation.uncappedPrice))
        }
        if let tick = found.uncapped?.tick, let known = option.known {
            if searched.upperBound < range.upperBound { cautions.append(.heldToBenchmark(searched.upperBound)) }
            if tick == known.upperBound || tick == known.lowerBound && range.lowerBound > 0 {
                cautions.append(.atEndOfRange(grid.price(tick)))
            }
        }
        if let floor, price < floor { cautions.append(.belowFloor(floor)) }
        if let fullOutlay, price < fullOutlay / option.kept {
            cautions.append(.belowFullCost(fullOutlay / option.kept))
        }
        if recommendation.capacityShadowPrice > 0 { cautions.append(.capacityBinds) }
        return cautions
    }
}

/// Quantiles of a sample.
enum Quantile {
    /// The `share` quantile by linear interpolation between order statistics (Hyndman and Fan's type 7); 0 of nothing.
    static func of(_ sample: [Double], _ share: Double) -> Double {
        let sorted = sample.sorted()
        guard let last = sorted.last else { return 0 }
        let place = share * Double(sorted.count - 1)
        let index = Int(place)
        guard index + 1 < sorted.count else { return last }
        let (one, next) = (sorted[index], sorted[index + 1])
        return one + (place - Double(index)) * (next - one)
    }

    /// The share beyond which a bootstrap's draws leave out 5% of the truth where there are but few clusters n: draws of clusters
    /// scatter by √((n − 1)/n) too little, and as the normal does instead of Student's t (Hesterberg, *What Teachers Should
    /// Know About the Bootstrap*, 2015, §4.5: the expanded percentile interval). t by its expansion in 1/(n − 1).
    static func expandedTail(clusters: Int) -> Double {
        guard clusters > 1 else { return 0 }
        let (n, z) = (Double(clusters), 1.6448536269514722)
        let t = z + (z * z * z + z) / (4 * (n - 1))
        return erfc((n / (n - 1)).squareRoot() * t / 2.0.squareRoot()) / 2
    }

    /// The middle 90%; nothing but `value` without a sample.
    static func band(_ sample: [Double], or value: Double) -> ClosedRange<Double> {
        guard !sample.isEmpty else { return value...value }
        let (low, high) = (of(sample, 0.05), of(sample, 0.95))
        return min(low, high)...max(low, high)
    }
}
