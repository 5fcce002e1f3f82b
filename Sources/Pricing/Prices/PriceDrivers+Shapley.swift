extension PriceDrivers {
    /// The drivers of the change from the previous inputs of `problem` to its present ones.
    ///
    /// The best price, without the cap on changes, is a function of four groups of inputs, each as before or as now. Its
    /// change is divided by Shapley's values: the mean, over all orders of changing the groups, of what each changes; their
    /// sum is the whole change, whatever the order. At most 16 searches.
    ///
    /// Nil when there are no previous inputs, or when some mixture of old and new earns nothing at any price.
    init?(_ problem: PricingProblem, chosen: Int, present: Double, range: ClosedRange<Double>, grid: PriceGrid) {
        guard let previous = problem.previous else { return nil }
        let now = problem.options[chosen]
        let qualityMoved =
            previous.presentRivals != nil || previous.presentQuality != nil
            || previous.option.breachProbability != now.breachProbability
        let moved = [
            previous.outlay != problem.outlay || previous.platformFee != problem.platformFee,
            previous.option.demand != now.demand, qualityMoved, previous.capacity != problem.capacity
        ]
        var prices: [Int: Double] = [:]
        func price(_ groups: Int) -> Double? {
            if let known = prices[groups] { return known }
            let isNew = { (group: Int) in groups & (1 << group) != 0 }
            let demand: PricedDemand =
                switch (isNew(1), isNew(2) || !qualityMoved) {
                case (true, true): now.demand
                case (true, false): previous.presentRivals ?? now.demand
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
        // Groups that did not move share every coalition's value; only those that did are taken apart.
        let active = moved.indices.filter { moved[$0] }
        let rest = moved.indices.filter { !moved[$0] }.reduce(0) { $0 | 1 << $1 }
        guard let before = price(rest) else { return nil }
        prices[15] = present
        var values = [0.0, 0, 0, 0]
        for group in active {
            let others = active.filter { $0 != group }
            for subset in 0..<(1 << others.count) {
                let members = others.indices.filter { subset & (1 << $0) != 0 }
                let coalition = members.reduce(rest) { $0 | 1 << others[$1] }
                guard let without = price(coalition), let with = price(coalition | 1 << group) else { return nil }
                values[group] += (with - without) * Self.weight(members.count, of: active.count)
            }
        }
        previousPrice = before
        (cost, rivals, quality, capacity) = (values[0], values[1], values[2], values[3])
    }

    /// The share of orders in which just `size` given ones of n come before one: size!(n − 1 − size)!/n!.
    private static func weight(_ size: Int, of n: Int) -> Double {
        let factorial = [1.0, 1, 2, 6, 24]
        return factorial[size] * factorial[n - 1 - size] / factorial[n]
    }
}
