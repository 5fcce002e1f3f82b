import Foundation
import LinearAlgebra
import Recommendation
import Synchronization

/// The figures of one option over many prices and all draws.
struct PriceStudy: Sendable {
    private let option: PricedOption
    private let objective: PriceObjective
    private let draws: [PricedOption]
    private let steps: [(tick: Int, volume: Double, quoted: Double)]
    private let points: [Point]
    private let threads: Int

    /// A point of the curve and what the draws say of it.
    private struct Point: Sendable {
        let tick: Int
        let shown: PriceCurvePoint
        let profits: [Double]
        /// Acceptances a month.
        let accepted: [Double]
    }

    /// Studies an option over its whole range, at the points that a drawing needs: evenly, on both sides of the largest
    /// steps, at the best and at the standing price.
    init(_ option: PricedOption, best: Int?, current: Int?, objective: PriceObjective, threads: Int) {
        self.option = option
        self.objective = objective
        self.threads = threads
        guard let known = option.known else {
            (draws, steps, points) = ([], [], [])
            return
        }
        let steps = option.demand.offered(upTo: known.upperBound)
        self.steps = steps
        let count = option.demand.drawCount
        let most = min(200, max(50, 4_000_000 / max(1, option.demand.streamCount)))
        // Every draw is as likely, so evenly spaced ones stand for all.
        let used = count <= 1 ? [] : stride(from: 0, to: count, by: (count + most - 1) / most).map { $0 }
        let draws = used.map(option.drawn)
        self.draws = draws
        let ticks = Self.ticks(known, steps, [best, current, option.profitable?.lowerBound])
        points = Self.parallel(ticks.count, threads) { index in
            let tick = ticks[index]
            let figures = draws.map { $0.demand.point(tick) }
            return Point(
                tick: tick, shown: PriceCurvePoint(option, tick, draws: figures),
                profits: figures.map { option.profit(tick, $0) }, accepted: figures.map(\.accepted))
        }
    }

    private static func ticks(
        _ known: ClosedRange<Int>, _ steps: [(tick: Int, volume: Double, quoted: Double)], _ extra: [Int?]
    ) -> [Int] {
        var ticks = Set(extra.compactMap { $0 }.filter(known.contains))
        let width = known.upperBound - known.lowerBound
        for part in 0...40 { ticks.insert(known.lowerBound + Int(Double(width) * Double(part) / 40)) }
        let drops = zip(steps, steps.dropFirst()).map { (tick: $0.tick, size: abs($0.volume - $1.volume)) }
        for drop in drops.sorted(by: { ($0.size, -$0.tick) > ($1.size, -$1.tick) }).prefix(16) {
            for tick in [drop.tick, drop.tick + 1] where known.contains(tick) { ticks.insert(tick) }
        }
        return ticks.filter(known.contains).sorted()
    }

    /// The curve, by rising price.
    var curve: [PriceCurvePoint] { points.map(\.shown) }

    /// The curve's point at a tick.
    func point(at tick: Int) -> PriceCurvePoint? { points.first { $0.tick == tick }?.shown }

    /// What is won up to which price.
    func breakpoints(_ grid: PriceGrid, _ option: PricedOption) -> [PriceBreakpoint] {
        // Factors of rivals' prices smear the steps; told are those of rivals' prices as they stand.
        guard let known = option.known else { return [] }
        var standing = option.option.demand
        standing.rivalFactors = [1]
        let steps = TickDemand(standing, grid: grid, limit: grid.price(known.upperBound)).offered(
            upTo: known.upperBound)
        return steps.filter { $0.tick >= known.lowerBound }.map {
            PriceBreakpoint(
                price: grid.price($0.tick), volume: $0.volume, requests: $0.quoted,
                isEndOfRange: $0.tick == known.upperBound)
        }
    }

    /// The 90% interval of the best price, each draw's within `range`, with `best` in it; and that of acceptance alone, with
    /// the requests as they are.
    ///
    /// Which requests come is as unsure as what users accept, so each draw has requests drawn anew. The best of a sum of
    /// steps nears the truth by the cube root of their number n (Kim and Pollard, *Cube Root Asymptotics*, 1990), where
    /// drawing n misstates the error. Drawing m < n does not: (m/n)^⅓ of what it moves the price by is distributed as the
    /// error of the price of all n, and taken off (Politis, Romano and Wolf, *Subsampling*, 1999, §2.2).
    func intervals(
        capped range: ClosedRange<Int>?, around best: Int
    ) -> (whole: ClosedRange<Double>, acceptance: ClosedRange<Double>) {
        let grid = option.demand.grid
        let (draws, objective, count) = (draws, objective, option.demand.requestCount)
        let drawn = min(count, max(Self.fewestDrawn, count / 4))
        let rate = cbrt(Double(drawn) / Double(max(1, count)))
        let prices = Self.parallel(draws.count, threads) { index -> (own: Double, drawn: Double)? in
            // A draw under which nothing is won says nothing of the price.
            guard let own = draws[index].best(objective, in: range, tolerance: 1e-5, hint: best) else { return nil }
            let price = grid.price(own.tick)
            guard drawn > 1 else { return (price, price) }
            var random = SyntheticRandom(seed: 1, stream: UInt64(index))
            var weights = [Double](repeating: 0, count: count)
            for _ in 0..<drawn { weights[Int.random(in: 0..<count, using: &random)] += Double(count) / Double(drawn) }
            let other = draws[index].weighted(weights).best(objective, in: range, tolerance: 1e-5, hint: own.tick)
            return (price, price - rate * ((other.map { grid.price($0.tick) } ?? price) - price))
        }
        let ends = range.map { grid.price($0.lowerBound)...grid.price($0.upperBound) }
        let held = prices.compactMap { $0?.drawn }.map { price in
            ends.map { min(max(price, $0.lowerBound), $0.upperBound) } ?? price
        }
        let band = Quantile.band(held, or: grid.price(best))
        let price = grid.price(best)
        return (
            min(band.lowerBound, price)...max(band.upperBound, price),
            Quantile.band(prices.compactMap { $0?.own }, or: price)
        )
    }

    /// Of so few requests as many are drawn as there are.
    private static let fewestDrawn = 30

    // MARK: Waiting

    /// How long to hold the price of `best` when nothing is sold.
    ///
    /// Every draw d expects λ_d acceptances a month, so that silence for t months has probability e^{−λ_d t} under it and the
    /// draws' weights become proportional to that (Bayes). The wait ends when by these weights a lower price of the curve
    /// earns 2% more, or when the silence itself has probability below 5%; or when an announced change of rivals or the
    /// age of the data ends it before.
    func hold(at best: Int, below nearlyBest: Int, _ calendar: PricingCalendar) -> PriceHold {
        let monthDays = ProviderCosts.hoursPerMonth / 24
        let chosen = points.first { $0.tick == best }
        let lower = points.filter { $0.tick < best && (option.profitable?.contains($0.tick) ?? false) }
        let expected = option.demand.point(best).accepted
        let rates = chosen.map { $0.accepted.isEmpty ? [expected] : $0.accepted } ?? [expected]
        let limit = 3650
        var (silence, improbable): (Int?, Int?) = (nil, nil)
        for day in 1...limit where silence == nil && improbable == nil {
            let months = Double(day) / monthDays
            let weights = rates.map { exp(-$0 * months) }
            let total = weights.reduce(0, +)
            if total / Double(rates.count) <= 0.05 { improbable = day }
            guard let chosen, chosen.profits.count == weights.count, total > 0 else { continue }
            let mean = { (profits: [Double]) in zip(weights, profits).reduce(0) { $0 + $1.0 * $1.1 } }
            let stays = mean(chosen.profits)
            if lower.contains(where: { mean($0.profits) > stays + 0.02 * abs(stays) }) { silence = day }
        }
        var ends: [(days: Int, cause: PriceHold.Cause)] = [
            (max(1, calendar.dataLifeDays.subtractingReportingOverflow(calendar.dataAgeDays).partialValue), .staleData)
        ]
        if let days = calendar.daysToRivalChange { ends.insert((max(1, days), .rivalChange), at: 0) }
        if let improbable { ends.insert((improbable, .silenceImprobable), at: 0) }
        if let silence { ends.insert((silence, .silenceFavoursLower), at: 0) }
        let first = ends.min { $0.days < $1.days } ?? (1, .staleData)
        let profit = option.profit(best, option.demand.point(best))
        let next = lower.filter { $0.tick < nearlyBest }.map(\.shown.profit).max()
        return PriceHold(
            days: first.days, cause: first.cause, acceptancesPerMonth: expected,
            valueOfWaiting: next.map { profit - $0 })
    }

    /// The results of `body` for 0..<`count`, in order, shared among threads.
    private static func parallel<Result: Sendable>(
        _ count: Int, _ threads: Int, _ body: @Sendable (Int) -> Result
    ) -> [Result] {
        let results = Mutex([Result?](repeating: nil, count: count))
        ParallelBlocks.forEach(count: count, blockSize: 1, threads: threads) { index, _ in
            let result = body(index)
            results.withLock { $0[index] = result }
        }
        return results.withLock { $0.compactMap { $0 } }
    }
}

extension PricingProblem {
    /// What each of `prices` would do under the promise that stands, in the mean over the draws; their bands are not told
    /// (they are the figures themselves). Nil for a price at which demand is not known. Prices are taken down to whole
    /// ticks.
    /// - Throws: ``PricingError/badValue(field:remedy:)``. O(pieces) a price.
    public func points(at prices: [Double]) throws(PricingError) -> [PriceCurvePoint?] {
        try validate()
        guard let grid = PriceGrid(tick: tick, limit: range.upperBound), let first = options.first else { return [] }
        let option = PricedOption(
            first, outlay: outlay, fee: platformFee, capacity: capacity, range: range, grid: grid)
        return prices.map { price in
            guard price.isFinite, let known = option.known, known.contains(grid.floor(price)) else { return nil }
            return PriceCurvePoint(option, grid.floor(price), draws: [])
        }
    }
}

extension PriceCurvePoint {
    /// The figures of an option at a tick; `draws` are those of each draw.
    init(_ option: PricedOption, _ tick: Int, draws: [TickDemand.Point]) {
        let mean = option.demand.point(tick)
        price = option.demand.grid.price(tick)
        volume = min(mean.volume, option.capacity)
        profit = option.profit(tick, mean)
        otherProfit = mean.other
        revenue = price * volume
        acceptance = mean.quoted > 0 ? mean.accepted / mean.quoted : 0
        winRate = option.demand.arrivals > 0 ? mean.quoted / option.demand.arrivals : 0
        utilisation = option.capacity.isFinite && option.capacity > 0 ? volume / option.capacity : nil
        profitBand = Quantile.band(draws.map { option.profit(tick, $0) }, or: profit)
        acceptanceBand = Quantile.band(draws.map { $0.quoted > 0 ? $0.accepted / $0.quoted : 0 }, or: acceptance)
        volumeBand = Quantile.band(draws.map { min($0.volume, option.capacity) }, or: volume)
    }
}
