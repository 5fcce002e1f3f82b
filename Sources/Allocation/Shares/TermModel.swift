import Marketplace
import Money

/// A share of the data that lies under one placement and is read in one way.
struct ShareColumn: Sendable, Hashable {
    /// Which of the model's schemes.
    let scheme: Int
    /// Offers of the problem, ascending.
    let members: [Int]
    /// By traffic region: the k offers that its reads fetch from; empty where nothing is read.
    let fetched: [[Int]]
}

/// A request over its term: what shares of the data over placements carry and cost. Everything that the optimizer's
/// linear programs relax is evaluated here as it is, in double precision; the bill (``AllocationPlan``) is exact.
struct TermModel: Sendable {
    let problem: AllocationProblem
    /// Constraints that are left out, for explanations.
    let relaxed: Set<ConstraintKind>
    let classes: [MonthClass]
    /// The placements that each scheme admits.
    let spaces: [PlacementSpace]
    /// By offer of the problem.
    let costs: [OfferCosts]
    /// 1 and the platform's share of what providers are paid.
    let fee: Double
    /// What the platform's gateway costs a month.
    let gateway: Double
    /// Bytes read a month, by traffic region.
    let demand: [Double]
    /// By scheme and month class: raw bytes of a shard of everything.
    let raw: [[Double]]
    /// Moving away from where the data is: by offer, the share of the data there and what reading it out costs.
    let leaving: [(offer: Int?, share: Double, cost: Double)]
    /// By scheme, offer and month class: what storing a shard of everything costs a month.
    let wholeStorage: [[[Double]]]
    let mostEgresses: [Double]
    let egressSlopes: [Double]
    let kinked: [Bool]
    let offerGroups: [Int]
    let providerNumbers: [String: Int]

    init(_ problem: AllocationProblem, relaxed: Set<ConstraintKind> = []) {
        self.problem = problem
        self.relaxed = relaxed
        let request = problem.request
        let classes = request.monthClasses
        self.classes = classes
        let schemes = problem.schemes.filter { $0.shards <= problem.offers.count }
        spaces = schemes.map { PlacementSpace(problem, $0, relaxed: relaxed) }
        let costs = problem.offers.indices.map { OfferCosts(problem, $0, schemes, classes) }
        self.costs = costs
        fee = 1 + Double(problem.charges.feeBasisPoints) / 10_000
        demand = request.traffic.map { Double($0.egressBytes) }
        gateway = problem.charges.gatewayPerGB.doubleValue * demand.reduce(0, +) / 1e9
        let raw = schemes.map { scheme in
            classes.map { Double(request.storedUsage(scheme, logicalBytes: $0.logicalBytes).storedBytes) }
        }
        self.raw = raw
        leaving = problem.leaving
        let wholeStorage = schemes.indices.map { s in costs.map { cost in cost.billed[s].map { cost.storage($0) } } }
        self.wholeStorage = wholeStorage
        let least = Double(schemes.map(\.data).min() ?? 1)
        let most = demand.reduce(0, +) / least
        mostEgresses = costs.map { _ in most }
        egressSlopes = costs.map { most > 0 ? $0.egress(most) / most : 0 }
        let largestRaw = raw.flatMap { $0 }.max() ?? 0
        kinked = costs.indices.map { j in
            Self.isKinked(
                costs[j], held: schemes.indices.map { wholeStorage[$0][j] }, most: most, largestRaw: largestRaw
            ) { !relaxed.contains($0) }
        }
        let credited = [""] + Set(request.credits.map(\.provider)).sorted()
        var numbers: [String: Int] = [:]
        for cost in costs where numbers[cost.provider] == nil { numbers[cost.provider] = numbers.count }
        providerNumbers = numbers
        offerGroups = costs.map { credited.firstIndex(of: $0.provider) ?? 0 }
    }

    var request: SLARequest { problem.request }

    func holds(_ kind: ConstraintKind) -> Bool { !relaxed.contains(kind) }

    func scheme(_ column: ShareColumn) -> RedundancyScheme { spaces[column.scheme].scheme }

    /// How many of the months are of a class; the last entry stands for what is charged once at the end.
    func months(_ v: Int) -> Double { v < classes.count ? Double(classes[v].months.count) : 1 }

    /// Mean liking of the recommender over a column's offers.
    func liking(_ column: ShareColumn) -> Double {
        column.members.reduce(0) { $0 + problem.preferences[$1] } / Double(column.members.count)
    }

    /// What offer `j` carries when all data lies in `column`.
    func load(_ j: Int, _ column: ShareColumn) -> OfferLoad {
        var load = OfferLoad(classes: classes.count)
        let cost = costs[j]
        load.share = 1
        load.billed = cost.billed[column.scheme]
        load.raw = raw[column.scheme]
        load.operations = cost.writes
        let needed = Double(scheme(column).data)
        for (u, offers) in column.fetched.enumerated() where offers.contains(j) {
            load.egress += demand[u] / needed
            load.operations += cost.reads[u] + cost.retrieval * demand[u] / needed
        }
        return load
    }

    /// What every offer carries when the data is divided over `columns`.
    func loads(_ columns: [(column: ShareColumn, share: Double)]) -> [Int: OfferLoad] {
        var loads: [Int: OfferLoad] = [:]
        for (column, share) in columns {
            for j in column.members {
                let own = load(j, column)
                var sum = loads[j] ?? OfferLoad(classes: classes.count)
                sum.share += share
                for v in classes.indices {
                    sum.billed[v] += share * own.billed[v]
                    sum.raw[v] += share * own.raw[v]
                }
                sum.egress += share * own.egress
                sum.operations += share * own.operations
                loads[j] = sum
            }
        }
        return loads
    }
}

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
        let able = loads.keys.filter { costs[$0].hasFree && !costs[$0].feeIncludesFree }.sorted()
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

    /// What reading out the data that does not stay costs, the fee included.
    private func migration(_ columns: [(column: ShareColumn, share: Double)]) -> Double {
        leaving.reduce(0) { sum, holding in
            let kept = holding.offer.map { staying(columns, $0) } ?? 0
            return sum + fee * holding.cost * max(0, 1 - kept / holding.share)
        }
    }

    /// The share of the data that lies as a single copy on offer `j`.
    func staying(_ columns: [(column: ShareColumn, share: Double)], _ j: Int) -> Double {
        columns.reduce(0) { $0 + ($1.column.members == [j] ? $1.share : 0) }
    }

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
            if holds(.egressLimit), let limit = costs[j].limitMultiple,
                load.egress > limit * (load.raw.min() ?? 0) * (1 + tolerance) + 1
            {
                missed.insert(.egressLimit)
            }
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
