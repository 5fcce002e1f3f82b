/// One promise's demand and costs on the grid of prices: what the decision asks about.
struct PricedOption: Sendable {
    let option: PromiseOption
    let demand: TickDemand
    /// What the provider keeps of each unit of money billed, on average: (1 − fee)(1 − breach probability).
    let kept: Double
    let outlay: Double
    let capacity: Double
    /// The ticks that may be asked and at which demand is known; nil when there are none.
    let known: ClosedRange<Int>?
    /// Those of them that lose nothing at the margin.
    let profitable: ClosedRange<Int>?

    /// Marginal cost with fee and forfeits.
    var marginalCost: Double { outlay / kept }

    /// The demand of `option` at the whole ticks of `range`.
    init(
        _ option: PromiseOption, outlay: Double, fee: Double, capacity: Double?, range: ClosedRange<Double>,
        grid: PriceGrid
    ) {
        self.option = option
        self.outlay = outlay
        self.capacity = capacity ?? .infinity
        kept = (1 - fee) * (1 - option.breachProbability)
        let upper = min(range.upperBound, option.demand.knownUpTo)
        demand = TickDemand(option.demand, grid: grid, limit: upper)
        let (first, last) = (grid.ceiling(range.lowerBound), grid.floor(upper))
        known = first <= last ? first...last : nil
        let cost = outlay / kept
        let least = cost <= upper ? max(first, grid.ceiling(cost)) : last + 1
        profitable = least <= last ? least...last : nil
    }

    private init(_ other: PricedOption, demand: TickDemand) {
        (option, kept, outlay, capacity) = (other.option, other.kept, other.outlay, other.capacity)
        (known, profitable) = (other.known, other.profitable)
        self.demand = demand
    }

    /// The same under one draw.
    func drawn(_ draw: Int) -> PricedOption { PricedOption(self, demand: demand.drawn(draw)) }

    /// The same where requests arrive `weights` times as often.
    func weighted(_ weights: [Double]) -> PricedOption { PricedOption(self, demand: demand.weighted(weights)) }

    /// Profit a month at the margin, where a tick's figures are `point`.
    func profit(_ tick: Int, _ point: TickDemand.Point) -> Double {
        (kept * demand.grid.price(tick) - outlay) * min(point.volume, capacity) + point.other
    }

    private func search(_ objective: PriceObjective, _ range: ClosedRange<Int>) -> TickSearch {
        let form: TickSearch.Objective =
            switch objective {
            case .profit: .init(constant: -outlay, rate: kept, otherWeight: 1)
            case .revenue: .init(constant: 0, rate: kept, otherWeight: 0)
            case .utilisation: .init(constant: 1, rate: 0, otherWeight: 0)
            }
        return TickSearch(demand: demand, objective: form, capacity: capacity, range: range)
    }

    /// The best tick of `range`; nil when nothing is won on it, or no more is earned than without the offer. Among ticks of
    /// as much volume the one of most profit.
    func best(
        _ objective: PriceObjective, in range: ClosedRange<Int>?, tolerance: Double = 1e-9, hint: Int? = nil
    ) -> TickSearch.Best? {
        guard let range else { return nil }
        let best = search(objective, range).best(tolerance: tolerance, hint: hint)
        // Other own offers that sell below cost lose money whatever this one does.
        let without = objective == .profit ? min(0, known.map { demand.point($0.upperBound).other } ?? 0) : 0
        guard best.value > without else { return nil }
        guard objective == .utilisation else { return demand.point(best.tick).volume > 0 ? best : nil }
        let same = search(objective, range).stretch(around: best.tick, atLeast: best.value * (1 - 1e-9))
        let most = search(.profit, same).best(tolerance: tolerance)
        return .init(tick: most.tick, value: search(objective, range).value(most.tick), bound: best.bound)
    }

    /// The ticks around `best` that keep `share` of its objective.
    func stretch(_ objective: PriceObjective, around best: TickSearch.Best, keeping share: Double) -> ClosedRange<Int>?
    {
        profitable.map { search(objective, $0).stretch(around: best.tick, atLeast: share * best.value) }
    }

    /// The objective at a tick.
    func value(_ objective: PriceObjective, _ tick: Int) -> Double {
        search(objective, tick...tick).value(tick)
    }

    /// What one more unit of capacity would earn in a month at the best tick for profit.
    ///
    /// Where demand meets capacity between two breakpoints, more of it lowers the price: κp − outlay + κK/D′(p). Where
    /// demand exceeds it at a breakpoint, the price stays.
    func shadowPrice(at tick: Int) -> Double {
        guard capacity.isFinite else { return 0 }
        let point = demand.point(tick)
        let margin = kept * demand.grid.price(tick) - outlay
        if point.volume > capacity, demand.endsPiece(tick) || tick == profitable?.upperBound { return max(0, margin) }
        // Capacity binds when demand one tick below, where it may have been sold, exceeds it.
        let below = demand.point(max(0, tick - 1))
        guard max(point.volume, below.volume) >= capacity, point.volumeSlope < 0 else { return 0 }
        return max(0, margin + kept * capacity / point.volumeSlope + point.otherSlope / point.volumeSlope)
    }
}
