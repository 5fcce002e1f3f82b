import Marketplace

extension FleetPlanning {
    /// What solving a request by itself came to.
    private struct Answer: Sendable {
        var placements: [Placement] = []
        var claimants: Set<String> = []
        /// Infinite where nothing was found.
        var cost = Double.infinity
        var bound = 0.0
        /// Whether it is proven that nothing serves the request, whatever the others take.
        var isImpossible = false
    }

    /// Solves requests exactly, one by one, where that can gain most: those that no placement was found for, and those
    /// whose cost lies farthest above their bound.
    ///
    /// Scarce room is paid for at its price; but not where a budget or credits would have a part in that: what is found
    /// there may want room that is not left, and is then not taken, while its bound holds in any case, as no allocation
    /// is cheaper for having to pay for room.
    func refine() {
        let work = refinable()
        guard !work.isEmpty else { return }
        var profile = [Int](repeating: 0, count: problem.requests.count)
        for chunk in chunks { for entry in chunk.entries { profile[entry.request] = chunk.profile } }
        var eligible: [Int: [Offer]] = [:]
        for r in work where eligible[profile[r]] == nil { eligible[profile[r]] = problem.eligible(problem.requests[r]) }
        let (problem, table, stops) = (problem, market.table, stops)
        var room: [String: Double] = [:]
        for (k, j) in market.limitedOffers.enumerated() where self.prices[k] > 0 {
            room[market.offers[j].id] = self.prices[k] / market.fee
        }
        let prices = room
        let (profiles, offers, limit, progress) = (profile, eligible, options.refiningSeconds, options.progress)
        let answers = workers.map(work.count) { i -> Answer in
            if i & 63 == 0 { progress?(.init(phase: "refining", share: Double(i) / Double(work.count))) }
            let r = work[i]
            guard !stops(), let own = offers[profiles[r]],
                let alone = try? AllocationProblem(
                    request: problem.requests[r], offers: own, catalog: problem.catalog, failures: problem.failures,
                    charges: problem.charges, schemes: problem.schemes, table: table)
            else { return Answer() }
            let plain = TermModel(alone)
            let isPriced = alone.request.budget == nil && alone.request.credits.isEmpty
            let room = isPriced ? own.map { prices[$0.id] ?? 0 } : []
            let model = room.contains { $0 > 0 } ? TermModel(alone, capacityPrices: room) : plain
            var timing = Allocation.Timing()
            guard
                let found = try? AllocationOptimizer(timeLimit: limit).search(
                    model, .cost, clock: Stopwatch(), timing: &timing
                ).0
            else { return Answer() }
            guard let best = found.best else { return Answer(isImpossible: found.isComplete) }
            return Answer(
                placements: plain.placements(best), claimants: plain.claimants(best),
                cost: plain.evaluate(best.columns).cost, bound: found.bound)
        }
        for (r, answer) in zip(work, answers) { take(answer, r) }
    }

    /// Requests that are worth solving, those that may gain most first.
    private func refinable() -> [Int] {
        let missed = plan.unserved.filter { $0.reason == .noPlacement || $0.reason == .noneWithinLimits }
        let loose = plan.assignments.filter { $0.priced - $0.bound > 0.1 * options.relativeGap * $0.cost }
            .sorted { ($0.priced - $0.bound, $1.request) > ($1.priced - $1.bound, $0.request) }
        return Array((missed.map(\.request) + loose.map(\.request)).prefix(options.refinements))
    }

    private func take(_ answer: Answer, _ r: Int) {
        let request = problem.requests[r]
        let uses = uses(answer.placements, request)
        if let index = plan.assignments.firstIndex(ofRequest: r) {
            let old = plan.assignments[index]
            let bound = max(old.bound, answer.bound)
            let better =
                priced(answer, uses) < old.priced * (1 - 1e-9)
                && exchange(self.uses(old.placements, request), for: uses)
            plan.assignments[index] =
                better
                ? assignment(r, answer, bound)
                : FleetPlan.Assignment(
                    request: r, placements: old.placements, claimants: old.claimants, cost: old.cost, bound: bound,
                    priced: old.priced)
        } else if let index = plan.unserved.firstIndex(where: { $0.request == r }) {
            if answer.cost < .infinity, exchange([], for: uses) {
                plan.unserved.remove(at: index)
                let place = plan.assignments.firstIndex { $0.request > r } ?? plan.assignments.count
                plan.assignments.insert(assignment(r, answer, answer.bound), at: place)
            } else if answer.cost < .infinity {
                plan.unserved[index].reason = .noRoom
            } else if answer.isImpossible {
                plan.unserved[index].isImpossible = true
            }
        }
    }

    private func priced(_ answer: Answer, _ uses: [(offer: Int, bytes: Double)]) -> Double {
        uses.reduce(answer.cost) { $0 + prices[$1.offer] * $1.bytes }
    }

    private func assignment(_ r: Int, _ answer: Answer, _ bound: Double) -> FleetPlan.Assignment {
        FleetPlan.Assignment(
            request: r, placements: answer.placements, claimants: answer.claimants, cost: answer.cost, bound: bound,
            priced: priced(answer, uses(answer.placements, problem.requests[r])))
    }

    /// Gives up room for other room, where there is as much.
    private func exchange(_ old: [(offer: Int, bytes: Double)], for new: [(offer: Int, bytes: Double)]) -> Bool {
        var after = room
        for use in old { after[use.offer] += use.bytes }
        for use in new { after[use.offer] -= use.bytes }
        guard new.allSatisfy({ after[$0.offer] >= 0 }) else { return false }
        room = after
        return true
    }
}

extension [FleetPlan.Assignment] {
    /// Where a request's assignment stands among assignments in the requests' order; nil when it has none. O(log n).
    fileprivate func firstIndex(ofRequest request: Int) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].request < request { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].request == request ? low : nil
    }
}
