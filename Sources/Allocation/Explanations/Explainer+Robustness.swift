import Marketplace

/// How far numbers may move while the same placements stay cheapest; where the data is divided over several, whose shares
/// move with everything, while the same offers do.
extension Explainer {
    /// The range of the stored volume, in terabytes at the start.
    func volumeRange() throws(Interruption) -> Explanation.StableRange {
        let bytes = Double(problem.request.logicalBytes)
        let range = try range(up: [1.1, 1.5, 2.5, 5, 10], down: [0.9, 0.6, 0.3, 0.1]) { factor in
            problem.asking { $0.logicalBytes = max(1, Int(min(factor * bytes, 9e18).rounded())) }
        }
        let unit = bytes / 1e12
        return Explanation.StableRange(
            value: unit, lower: unit * range.lower, upper: unit * range.upper, isOpenBelow: range.isOpenBelow,
            isOpenAbove: range.isOpenAbove, entersBelow: range.entersBelow, entersAbove: range.entersAbove)
    }

    /// The range of the factor of all storage prices of an offer, those of now and the announced ones alike.
    ///
    /// The optimum is a concave function of one price: placements that are cheapest at two prices are so in between.
    ///
    /// - Parameter runnerUp: what is known of the answer without the offer, which ends the range at the latest.
    func priceRange(_ id: String, _ runnerUp: Explanation.RunnerUp?) throws(Interruption) -> Explanation.StableRange {
        let dearer = oracle.cost(of: base.division, in: pricing(id, 1.01)) ?? .infinity
        if let runnerUp, runnerUp.extraCost == 0, dearer > base.cost + threshold {
            // As good without it, and dearer with it: any more is too much.
            let below = try end([0], { pricing(id, $0) })
            return Explanation.StableRange(
                value: 1, lower: below.factor, upper: 1, isOpenBelow: below.isOpen, isOpenAbove: false,
                entersBelow: below.enters, entersAbove: runnerUp.enters)
        }
        return try range(up: [1.25, 2, 4, 16], down: [0]) { pricing(id, $0) }
    }

    /// The problem with all storage prices of an offer multiplied.
    private func pricing(_ id: String, _ factor: Double) -> AllocationProblem {
        problem.selling(id) { $0.scaleStorage(by: factor) }
    }

    private func range(
        up: [Double], down: [Double], _ variant: (Double) -> AllocationProblem
    ) throws(Interruption) -> Explanation.StableRange {
        let below = try end(down, variant)
        let above = try end(up, variant)
        return Explanation.StableRange(
            value: 1, lower: below.factor, upper: above.factor, isOpenBelow: below.isOpen, isOpenAbove: above.isOpen,
            entersBelow: below.enters, entersAbove: above.enters)
    }

    /// How far the factor may go to one side: to where `factors`, the nearest first, show another answer, then narrowed
    /// down to a hundredth of the way.
    private func end(
        _ factors: [Double], _ variant: (Double) -> AllocationProblem
    ) throws(Interruption) -> (factor: Double, isOpen: Bool, enters: [String]?) {
        /// What is cheaper beyond the end; nil where nothing is feasible there.
        var rival: Division?
        func stays(_ factor: Double) throws(Interruption) -> Bool {
            let problem = variant(factor)
            let found = try oracle.optimum(problem)
            guard let found else {
                rival = nil
                return false
            }
            if found.division.places == base.division.places { return true }
            // Another answer may cost the same.
            let most = found.cost + base.gap + 1e-9 * abs(found.cost)
            if let cost = oracle.cost(of: base.division, in: problem), cost <= most { return true }
            if base.division.places.count > 1 {
                let own = base.division.offers
                if let alone = try oracle.optimum(problem.keeping { own.contains($0.id) }),
                    alone.cost <= most + alone.gap
                {
                    return true
                }
            }
            rival = found.division
            return false
        }
        var inside = 1.0
        var outside: Double?
        for factor in factors where outside == nil {
            if try stays(factor) { inside = factor } else { outside = factor }
        }
        guard let outside else { return (inside, true, nil) }
        let end = try Narrowing.run(
            inside: inside, outside: outside, isNarrow: { abs($1 - $0) <= 0.01 * abs($1 - 1) },
            guess: { inside, outside in
                guard let rival,
                    let crossing = crossing(
                        rival, inside, outside,
                        { factor in
                            let problem = variant(factor)
                            return (problem, oracle.cost(of: base.division, in: problem))
                        })
                else { return nil }
                let margin = 0.004 * (crossing - 1)
                return (crossing - margin, crossing + margin)
            }, stays)
        return (end.inside, false, rival.map { exchange($0).enters })
    }
}

extension Explanation {
    /// How far the answer holds.
    mutating func explainRobustness(_ explainer: Explainer, _ progress: (String) -> Void) throws(AllocationError) {
        progress("how far the volume may move")
        volumeRange = try attempt("how far the volume may move") { () throws(Interruption) in
            try explainer.volumeRange()
        }
        for id in explainer.base.division.offers.sorted() {
            progress("how far the price of \(id) may move")
            let runnerUp = runnersUp.first { $0.offer == id }
            let range = try attempt("how far the price of \(id) may move") { () throws(Interruption) in
                try explainer.priceRange(id, runnerUp)
            }
            if let range { priceRanges.append(PriceRange(offer: id, range: range)) }
        }
    }
}
