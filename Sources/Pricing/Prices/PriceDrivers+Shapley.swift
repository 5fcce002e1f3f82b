extension PriceDrivers {
    /// The drivers of the change from the previous inputs of `problem` to its present ones.
    ///
    /// The best price, without the cap on changes, is a function of four groups of inputs, each as before or as now. Its
    /// change is divided by Shapley's values: the mean, over the orders of changing the groups, of what each changes; their
    /// sum is the whole change, whatever the order. All orders count, unless demand at rivals' prices of then and the quality
    /// of now is not known: then those in which rivals change before quality. At most 16 searches.
    ///
    /// Nil when there are no previous inputs, or when some mixture of old and new earns nothing at any price.
    init?(_ problem: PricingProblem, chosen: Int, present: Double, range: ClosedRange<Double>, grid: PriceGrid) {
        guard let previous = problem.previous else { return nil }
        let now = problem.options[chosen]
        let qualityMoved =
            previous.presentRivals != nil || previous.presentQuality != nil || previous.option.promise != now.promise
            || previous.option.breachProbability != now.breachProbability
        // The promise of then may be one of the options of now.
        let presentRivals =
            previous.presentRivals ?? problem.options.first { $0.promise == previous.option.promise }?.demand
            ?? now.demand
        let moved = [
            previous.outlay != problem.outlay || previous.platformFee != problem.platformFee,
            previous.option.demand != (qualityMoved ? presentRivals : now.demand), qualityMoved,
            previous.capacity != problem.capacity
        ]
        var prices: [Int: Double] = [:]
        func price(_ groups: Int) -> Double? {
            if let known = prices[groups] { return known }
            let isNew = { (group: Int) in groups & (1 << group) != 0 }
            let demand: PricedDemand =
                switch (isNew(1), isNew(2) || !qualityMoved) {
                case (true, true): now.demand
                case (true, false): presentRivals
                case (false, true): previous.presentQuality ?? previous.option.demand
                case (false, false): previous.option.demand
                }
            var option = isNew(2) ? now : previous.option
            option.demand = demand
            let priced = PricedOption(
                option, outlay: isNew(0) ? problem.outlay : previous.outlay,
                fee: isNew(0) ? problem.platformFee : previous.platformFee,
                capacity: isNew(3) ? problem.capacity : previous.capacity, range: range, grid: grid)
            let best = priced.best(problem.objective, in: priced.profitable)
            prices[groups] = best.map { grid.price($0.tick) }
            return prices[groups]
        }
        let active = moved.indices.filter { moved[$0] }
        let rest = moved.indices.filter { !moved[$0] }.reduce(0) { $0 | 1 << $1 }
        guard let before = price(rest) else { return nil }
        prices[15] = present
        let rivalsFirst = moved[1] && moved[2] && previous.presentQuality == nil
        let orders = Self.orders(active).filter { order in
            !rivalsFirst || (order.firstIndex(of: 1) ?? 0) < (order.firstIndex(of: 2) ?? 0)
        }
        var values = [0.0, 0, 0, 0]
        for order in orders {
            var (groups, last) = (rest, before)
            for group in order {
                groups |= 1 << group
                guard let next = price(groups) else { return nil }
                values[group] += (next - last) / Double(orders.count)
                last = next
            }
        }
        previousPrice = before
        (cost, rivals, quality, capacity) = (values[0], values[1], values[2], values[3])
    }

    /// All orders of some groups.
    private static func orders(_ groups: [Int]) -> [[Int]] {
        guard groups.count > 1 else { return [groups] }
        return groups.flatMap { first in orders(groups.filter { $0 != first }).map { [first] + $0 } }
    }
}
