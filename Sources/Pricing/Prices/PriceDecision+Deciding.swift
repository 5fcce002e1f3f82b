import Foundation
import LinearAlgebra

extension PriceDecision {
    /// Decides `problem`.
    ///
    /// 1. Demand under each promise is laid on the grid of whole ticks, steps and all.
    /// 2. For each promise the best tick at or above marginal cost is found by branch and bound, in the mean over the draws
    ///    of acceptance and the factors of rivals' prices; the best promise wins.
    /// 3. The same is done under each draw (at most 200; fewer, though at least 50, where there are many requests), which
    ///    gives the interval of the price.
    /// 4. Evidence and interval decide whether the price is told.
    ///
    /// - Parameter threads: how many threads share the draws and the points of the curve.
    /// - Throws: ``PricingError/badValue(field:remedy:)`` for figures that are no numbers or out of range.
    ///
    /// O(pieces · draws · (points of the curve + nodes of the search)); some hundred nodes are usual.
    public init(
        _ problem: PricingProblem, threads: Int = ParallelBlocks.defaultThreads
    ) throws(PricingError) {
        try problem.validate()
        guard let grid = PriceGrid(tick: problem.tick, limit: problem.range.upperBound) else {
            throw .badValue(field: "tick", remedy: "give a coarser tick")
        }
        let stage = EvidenceStage(ownQuotes: problem.evidence.ownQuotes)
        let searched = problem.searchedRange(stage)
        let options = problem.options.map {
            PricedOption(
                $0, outlay: problem.outlay, fee: problem.platformFee, capacity: problem.capacity, range: searched,
                grid: grid)
        }
        let found = options.map { Found($0, problem) }
        let chosen = Self.chosen(found, problem.objective)
        let option = options[chosen ?? 0]
        let best = chosen.flatMap { found[$0].best }

        var reasons = problem.evidenceReasons(stage, option.option.demand)
        if problem.capacity == 0 { reasons.append(.zeroCapacity) }
        let study = PriceStudy(
            option, best: best?.tick, current: problem.currentPrice.map(grid.floor), objective: problem.objective,
            threads: threads)
        var recommendation: PriceRecommendation?
        if let chosen, let best, let uncapped = found[chosen].uncapped, let expected = study.point(at: best.tick),
            problem.capacity != 0
        {
            let (interval, known) = study.intervals(capped: found[chosen].allowed, around: best.tick)
            let price = grid.price(best.tick)
            // More evidence narrows what acceptance leaves open; which of two steps the next requests make the better one
            // stays open, and either earns nearly as much.
            if known.upperBound > 1.3 * price || known.lowerBound < 0.7 * price {
                reasons.append(.priceIntervalTooWide(known))
            }
            let nearly = option.stretch(problem.objective, around: best, keeping: 0.98) ?? best.tick...best.tick
            recommendation = PriceRecommendation(
                price: price, interval: interval,
                nearlyBest: grid.price(nearly.lowerBound)...grid.price(nearly.upperBound), option: chosen,
                promise: option.option.promise, expected: expected,
                current: problem.standing(options[0], grid), objectiveBound: best.bound,
                capacityShadowPrice: option.shadowPrice(at: best.tick), uncappedPrice: grid.price(uncapped.tick),
                expectedForfeits: expected.revenue * option.option.breachProbability * (1 - problem.platformFee),
                hold: study.hold(at: best.tick, below: nearly.lowerBound, problem.calendar))
        } else if problem.capacity != 0, problem.evidence.barrier == nil {
            reasons.append(problem.barrier(found[chosen ?? 0], option, grid))
        }
        let outcomes = zip(options, found).map { option, found in
            PromiseOutcome(option, reasons.isEmpty ? found.best : nil, fee: problem.platformFee)
        }
        if reasons.isEmpty, let recommendation {
            outcome = .recommended(recommendation)
            cautions = problem.cautions(recommendation, stage, option, found[recommendation.option], searched, grid)
            drivers = PriceDrivers(
                problem, chosen: recommendation.option, present: recommendation.uncappedPrice, range: searched,
                grid: grid)
        } else {
            outcome = .abstained(reasons)
            cautions = problem.evidenceCautions(stage, option.option.demand)
            drivers = nil
        }
        self.stage = stage
        marginalCost = option.marginalCost
        fullCost = problem.fullOutlay.map { $0 / option.kept }
        curve = study.curve
        breakpoints = study.breakpoints(grid, option)
        promises = outcomes
        benchmark = problem.benchmark
    }

    /// An option's best ticks, with and without the cap on changes.
    struct Found: Sendable {
        /// The best of all profitable ticks.
        let uncapped: TickSearch.Best?
        /// The best of those within the cap.
        let best: TickSearch.Best?
        /// The profitable ticks within the cap.
        let allowed: ClosedRange<Int>?

        init(_ option: PricedOption, _ problem: PricingProblem) {
            let allowed = problem.capped(option.profitable, option.demand.grid)
            self.allowed = allowed
            uncapped = option.best(problem.objective, in: option.profitable)
            let isFree = uncapped.flatMap { best in allowed.map { $0.contains(best.tick) } } ?? false
            best = isFree ? uncapped : option.best(problem.objective, in: allowed, hint: uncapped?.tick)
        }
    }

    /// The option of the highest objective; the earlier one of equals.
    private static func chosen(_ found: [Found], _ objective: PriceObjective) -> Int? {
        found.indices.filter { found[$0].best != nil }.max {
            (found[$0].best?.value ?? 0, -$0) < (found[$1].best?.value ?? 0, -$1)
        }
    }
}

extension EvidenceStage {
    /// The stage of a provider with that many quotes.
    public init(ownQuotes: Int?) {
        switch ownQuotes {
        case .some(..<50): self = .cold
        case .some(50...300): self = .pooled
        default: self = .own
        }
    }
}

extension PromiseOutcome {
    init(_ option: PricedOption, _ best: TickSearch.Best?, fee: Double) {
        promise = option.option.promise
        breachProbability = option.option.breachProbability
        marginalCost = option.marginalCost
        let point = best.map { PriceCurvePoint(option, $0.tick, draws: []) }
        self.best = point
        expectedForfeits = (point?.revenue ?? 0) * option.option.breachProbability * (1 - fee)
    }
}

extension PricingProblem {
    /// The prices that are searched: for lack of own history not above what comparable offers cost.
    func searchedRange(_ stage: EvidenceStage) -> ClosedRange<Double> {
        guard stage == .cold, let benchmark, benchmark.standing != .silent, let upper = benchmark.interval?.upperBound,
            upper < range.upperBound
        else { return range }
        return range.lowerBound...max(range.lowerBound, upper)
    }

    /// The ticks of `range` within the cap on changes.
    func capped(_ range: ClosedRange<Int>?, _ grid: PriceGrid) -> ClosedRange<Int>? {
        guard let range, let currentPrice, let largestChange else { return range }
        let low = grid.ceiling(min(self.range.upperBound, currentPrice * max(0, 1 - largestChange)))
        let high = grid.floor(min(self.range.upperBound, currentPrice * (1 + largestChange)))
        let (first, last) = (max(low, range.lowerBound), min(high, range.upperBound))
        return first <= last ? first...last : nil
    }

    /// What the standing price does under the standing promise.
    func standing(_ option: PricedOption, _ grid: PriceGrid) -> PriceCurvePoint? {
        guard let currentPrice, let known = option.known else { return nil }
        let tick = grid.floor(currentPrice)
        return known.contains(tick) ? PriceCurvePoint(option, tick, draws: []) : nil
    }

    /// Why no price of an option earns anything.
    func barrier(_ found: PriceDecision.Found, _ option: PricedOption, _ grid: PriceGrid) -> AbstentionReason {
        if found.uncapped != nil, found.best == nil, let currentPrice, let largestChange {
            return .changeCapBelowCost(cap: currentPrice * (1 + largestChange), marginalCost: option.marginalCost)
        }
        let won = option.known.flatMap { known in
            option.demand.offered(upTo: known.upperBound).last { $0.volume > 0 }?.tick
        }
        if let won, let profitable = option.profitable, profitable.contains(won) { return .otherOffersEarnMore }
        return .noProfitablePrice(marginalCost: option.marginalCost, highestWinningPrice: won.map(grid.price))
    }
}
