import Marketplace
import Money

/// An allocation that was evaluated as it is.
struct ShareCandidate: Sendable {
    var columns: [(column: ShareColumn, share: Double)]
    /// Offers whose leg claims the account's free volumes.
    var claimants: Set<Int>
    /// What the term costs.
    var cost: Double
    /// The largest month before credits and migration.
    var largestMonth: Double
    var liking: Double
    /// Constraints on the whole allocation that it misses.
    var missed: Set<ConstraintKind>
    /// Offers that hold less than is worth a leg.
    var slivers: [Int]

    /// Whether it is an allocation as it stands, but for what the exact bill says.
    var stands: Bool { missed.isEmpty && slivers.isEmpty }
}

extension TermModel {
    /// Evaluates the data's division over columns.
    func evaluate(_ columns: [(column: ShareColumn, share: Double)]) -> ShareCandidate {
        let loads = loads(columns)
        var best: ShareCandidate?
        for claimants in claims(loads) {
            let candidate = evaluate(columns, loads, claimants)
            if best.map({
                candidate.missed.count < $0.missed.count
                    || (candidate.missed.count == $0.missed.count && candidate.cost < $0.cost)
            }) ?? true {
                best = candidate
            }
        }
        // There is always at least one way to claim: by nobody.
        return best ?? evaluate(columns, loads, [])
    }

    /// The ways in which each provider's free volumes may be claimed by one of its legs.
    private func claims(_ loads: [Int: OfferLoad]) -> [Set<Int>] {
        let able = loads.keys.filter { costs[$0].hasClaim }.sorted()
        var ways: [Set<Int>] = [[]]
        for (_, legs) in Dictionary(grouping: able, by: { costs[$0].provider }).sorted(by: { $0.key < $1.key }) {
            let dearest = legs.sorted { saving($0, loads) > saving($1, loads) }
            // More ways than these would be tried only by an account with many legs at many providers.
            let tried = ways.count * legs.count <= 256 ? dearest : Array(dearest.prefix(1))
            ways = ways.flatMap { way in tried.map { way.union([$0]) } }
        }
        return ways
    }

    private func saving(_ j: Int, _ loads: [Int: OfferLoad]) -> Double {
        guard let load = loads[j] else { return 0 }
        let (without, with) = (costs[j].charges(load, claims: false), costs[j].charges(load, claims: true))
        return classes.indices.reduce(without.early - with.early) {
            $0 + months($1) * (without.monthly[$1] - with.monthly[$1])
        }
    }

    private func evaluate(
        _ columns: [(column: ShareColumn, share: Double)], _ loads: [Int: OfferLoad], _ claimants: Set<Int>
    ) -> ShareCandidate {
        var charges: [String: [Double]] = [:]
        // In order, so that the same input gives the same last digit.
        for (j, load) in loads.sorted(by: { $0.key < $1.key }) {
            let own = costs[j].charges(load, claims: claimants.contains(j))
            var sums = charges[costs[j].provider] ?? [Double](repeating: 0, count: classes.count + 1)
            for v in classes.indices { sums[v] += own.monthly[v] }
            sums[classes.count] += own.early
            charges[costs[j].provider] = sums
        }
        var cost = gateway * Double(request.months)
        var monthly = [Double](repeating: gateway, count: classes.count)
        var early = 0.0
        for (_, sums) in charges.sorted(by: { $0.key < $1.key }) {
            for v in classes.indices {
                cost += fee * months(v) * sums[v]
                monthly[v] += fee * sums[v]
            }
            cost += fee * sums[classes.count]
            early += fee * sums[classes.count]
        }
        cost -= fee * credited(charges)
        cost += migration(columns)
        if let last = monthly.last { monthly.append(last + early) }
        let largest = monthly.max() ?? 0
        let liking = columns.reduce(0) { $0 + $1.share * self.liking($1.column) }
        return ShareCandidate(
            columns: columns, claimants: claimants, cost: cost, largestMonth: largest, liking: liking,
            missed: missed(columns, loads, cost, largest),
            slivers: loads.filter { $0.value.share < problem.smallestLeg * (1 - 1e-6) }.keys.sorted())
    }

    /// What credits pay of charges: the one that expires first before others, which spends the most.
    private func credited(_ charges: [String: [Double]]) -> Double {
        guard !request.credits.isEmpty else { return 0 }
        var left = request.credits.map(\.amount.doubleValue)
        var paid = 0.0
        for (v, monthClass) in classes.enumerated() {
            let order = monthClass.credits.sorted {
                (request.credits[$0].expires, $0) < (request.credits[$1].expires, $1)
            }
            var due: [String: Double] = [:]
            for index in order {
                let provider = request.credits[index].provider
                guard let sums = charges[provider] else { continue }
                let last = v == classes.count - 1 ? sums[classes.count] : 0
                let open = due[provider] ?? months(v) * sums[v] + last
                let used = min(open, left[index])
                left[index] -= used
                due[provider] = open - used
                paid += used
            }
        }
        return paid
    }

    /// What moving the data away that does not stay costs, the fee included.
    private func migration(_ columns: [(column: ShareColumn, share: Double)]) -> Double {
        guard !leaving.isEmpty else { return 0 }
        func moved(_ holding: AllocationProblem.Leaving, _ stays: (ShareColumn, Int) -> Bool) -> Double {
            guard let j = holding.offer else { return 1 }
            let kept = columns.reduce(0) { $0 + (stays($1.column, j) ? $1.share : 0) }
            return max(0, 1 - kept / holding.share)
        }
        return leaving.reduce(0) { sum, holding in
            sum + fee * (holding.reading * moved(holding, staysUnread) + holding.early * moved(holding, stays))
        }
    }

    /// Whether data that lies on offer `j` already need not be read out: it stays as a single copy.
    func staysUnread(_ column: ShareColumn, _ j: Int) -> Bool { column.members == [j] }

    /// Whether data that lies on offer `j` already is not given up there: it stays as a copy among others.
    func stays(_ column: ShareColumn, _ j: Int) -> Bool { scheme(column).data == 1 && column.members.contains(j) }

    private func missed(
        _ columns: [(column: ShareColumn, share: Double)], _ loads: [Int: OfferLoad], _ cost: Double,
        _ largestMonth: Double
    ) -> Set<ConstraintKind> {
        var missed: Set<ConstraintKind> = []
        let tolerance = 1e-7
        if let budget = request.budget, holds(.budget) {
            let needed = budget.period == .term ? cost : largestMonth
            if needed > budget.amount.doubleValue + roundingSlack(budget.period, loads.count) { missed.insert(.budget) }
        }
        for (j, load) in loads {
            let peak = load.raw.max() ?? 0
            if holds(.capacity), let capacity = costs[j].capacity, peak > capacity * (1 + tolerance) {
                missed.insert(.capacity)
            }
            let isBeyond = load.raw.enumerated().contains { v, raw in
                costs[j].tariff(v).limitMultiple.map { load.egress > $0 * raw * (1 + tolerance) + 1 } ?? false
            }
            if holds(.egressLimit), isBeyond { missed.insert(.egressLimit) }
        }
        var held: [String: Double] = [:]
        var volume: [String: Double] = [:]
        var total = 0.0
        for (column, share) in columns {
            let size = share / Double(scheme(column).data)
            total += size * Double(column.members.count)
            for j in column.members {
                held[costs[j].provider, default: 0] += share
                volume[costs[j].provider, default: 0] += size
            }
        }
        if let most = request.maxProviderShare?.doubleValue, holds(.maxProviderShare),
            volume.values.contains(where: { $0 > (most + tolerance) * total })
        {
            missed.insert(.maxProviderShare)
        }
        if holds(.minProviders),
            held.values.count(where: { $0 >= problem.smallestLeg * (1 - 1e-6) }) < request.minProviders
        {
            missed.insert(.minProviders)
        }
        return missed
    }

    /// How far the sum of exactly billed lines may lie from the model's cost: half a cent for each line and fee.
    func roundingSlack(_ period: SLARequest.BudgetPeriod, _ legs: Int) -> Double {
        let lines = Double(legs * ChargeKind.allCases.count + 2)
        return 0.005 * lines * (period == .month ? 1 : Double(request.months + 1)) * 1.1
    }
}

extension TermModel {
    /// Offers whose legs claim free volumes, by ID.
    func claimants(_ candidate: ShareCandidate) -> Set<String> {
        Set(candidate.claimants.map { problem.offers[$0].id })
    }

    /// A candidate in whole bytes.
    func plan(_ candidate: ShareCandidate) throws(AllocationError) -> AllocationPlan {
        try AllocationPlan(
            problem: problem, placements: placements(candidate), claimants: claimants(candidate))
    }

    /// How far a candidate's exact bill exceeds the budget; nil when it does not.
    func budgetExcess(_ candidate: ShareCandidate) -> Double? {
        guard let budget = request.budget, holds(.budget) else { return nil }
        let legs = Set(candidate.columns.flatMap(\.column.members)).count
        let needed = budget.period == .term ? candidate.cost : candidate.largestMonth
        if needed <= budget.amount.doubleValue - roundingSlack(budget.period, legs) { return nil }
        guard let bill = try? plan(candidate).bill()
        else { return .infinity }
        let excess = bill.needed(for: budget.period).minor - budget.amount.minor
        return excess > 0 ? Double(excess) / 100 : nil
    }
}
