import Allocation
import Marketplace
import Money

/// Answers one request at any storage price of one offer, by the allocation optimizer.
///
/// The cost of the offer's own volume is the price times ``billedUnitMonths(_:)``; the platform's fee comes on top. So
/// every allocation costs a line in the price, and no constraint but the budget depends on it.
struct ReplayOracle: Sendable {
    /// An optimal allocation at one price.
    struct Answer: Sendable {
        /// The price it is optimal at, in USD per volume unit and month.
        let price: Double
        /// The term's cost, in USD.
        let cost: Double
        /// How much the cost rises with the price: billed unit-months, the platform's fee included.
        let slope: Double
        /// What the offer stores over the term, in gigabyte-months; 0 when it holds nothing.
        let gigabyteMonths: Double
        /// What has to fit into the budget, billed exactly; nil without a budget.
        let needed: Amount?
        /// The most that ``needed`` rises with the price, in USD for a USD per unit.
        let neededSlope: Double
        /// The provider's other offers that take part, by ID.
        let siblings: [RequestReplay.Sibling]
        /// Whether the answer is proven optimal.
        let isProven: Bool
        /// Whether the data is divided over several placements.
        let isDivided: Bool

        /// The cost of this allocation at any price.
        var line: CostLine<Answer> { CostLine(through: cost, at: price, slope: slope, solution: self) }
    }

    /// What came back at one price.
    enum Outcome: Sendable {
        case found(Answer)
        /// Nothing meets the constraints; why, in words.
        case infeasible(String)
        /// Time ran out first.
        case undecided

        var answer: Answer? { if case .found(let answer) = self { answer } else { nil } }
    }

    let name: String
    /// The request without its preference, and without the user's credits at the offer's provider.
    private(set) var request: SLARequest
    let offer: Offer
    let eligible: [Offer]
    let settings: PriceReplay

    /// An oracle for `request`; `eligible` contains `offer`.
    init(_ named: NamedRequest, offer: Offer, eligible: [Offer], settings: PriceReplay) {
        name = named.name
        var request = named.request
        request.recommendedPreference = .zero
        request.credits.removeAll { $0.provider == offer.provider }
        self.request = request
        self.offer = offer
        self.eligible = eligible
        self.settings = settings
    }

    /// The schemes that the request leaves to choose among.
    var schemes: [RedundancyScheme] {
        if case .fixed(let scheme) = request.redundancy { return [scheme] }
        return settings.schemes
    }

    /// The cheapest allocation at `price`, under all constraints but, unless `keepsBudget`, the budget.
    func cheapest(
        at price: Double, keepsBudget: Bool, schemes: [RedundancyScheme]? = nil
    ) throws(PricingError) -> Outcome {
        guard let price = ReplayPrice(price) else { throw .badRange(lower: price, upper: price) }
        let flat = offer.flat(price)
        return try solve(
            eligible.map { $0.id == offer.id ? flat : $0 }, at: price.value, keepsBudget: keepsBudget, schemes: schemes)
    }

    /// The cheapest allocation when the offer is not there.
    func withoutOffer(schemes: [RedundancyScheme]? = nil) throws(PricingError) -> Outcome {
        try solve(eligible.filter { $0.id != offer.id }, at: 0, keepsBudget: true, schemes: schemes)
    }

    /// The allocation as everything is listed, for the request as it was asked, its preference aside; nil when nothing
    /// meets it or time ran out.
    func asListed(_ asked: SLARequest) throws(PricingError) -> Answer? {
        var listed = self
        listed.request = asked
        listed.request.recommendedPreference = .zero
        return try listed.solve(eligible, at: 0, keepsBudget: true, schemes: nil).answer
    }

    private func solve(
        _ offers: [Offer], at price: Double, keepsBudget: Bool, schemes: [RedundancyScheme]?
    ) throws(PricingError) -> Outcome {
        var asked = request
        if !keepsBudget { asked.budget = nil }
        do throws(AllocationError) {
            let problem = try AllocationProblem(
                request: asked, offers: offers, catalog: settings.catalog, failures: settings.failures,
                charges: settings.charges, schemes: schemes ?? settings.schemes)
            let optimizer = AllocationOptimizer(timeLimit: settings.timeLimit, relativeGap: settings.relativeGap)
            let allocation = try optimizer.solve(problem)
            if allocation.status == .infeasible { return .infeasible(Self.words(allocation.conflict)) }
            guard let cost = allocation.objective else { return .undecided }
            let plan = try AllocationPlan(
                problem: problem, placements: allocation.placements, claimants: allocation.claimants)
            let others = plan.offers.indices.filter {
                plan.offers[$0].provider == offer.provider && plan.offers[$0].id != offer.id
            }
            let bill = request.budget != nil || !others.isEmpty ? try plan.bill() : nil
            let needed = request.budget.flatMap { budget in bill?.needed(for: budget.period) }
            let siblings = others.map { leg in
                let id = plan.offers[leg].id
                return RequestReplay.Sibling(
                    offer: id, gigabyteMonths: plan.usages[leg].reduce(0) { $0 + Double($1.storedBytes) } / 1e9,
                    billed: (bill?.lines ?? []).reduce(0) { $1.offer == id ? $0 + $1.amount.doubleValue : $0 })
            }
            let usages = plan.offers.firstIndex { $0.id == offer.id }.map { plan.usages[$0] } ?? []
            let fee = 1 + Double(settings.charges.feeBasisPoints) / 10_000
            let slope = fee * billedUnitMonths(usages)
            let largest = usages.map { billedUnitMonths([$0]) }.max() ?? 0
            return .found(
                Answer(
                    price: price, cost: cost, slope: slope,
                    gigabyteMonths: usages.reduce(0) { $0 + Double($1.storedBytes) } / 1e9, needed: needed,
                    neededSlope: request.budget?.period == .term ? slope : fee * largest, siblings: siblings,
                    isProven: allocation.status == .optimal, isDivided: allocation.placements.count > 1))
        } catch {
            throw .allocation(request: name, error)
        }
    }

    /// Volume units that are billed over the term for `usages`, one a month: objects below the minimum size count as
    /// that size, and what is lacking to the minimum duration is billed with the last month.
    private func billedUnitMonths(_ usages: [Usage]) -> Double {
        let billed = usages.map { Double(offer.tariff.billedBytes($0)) / Double(offer.tariff.unit.bytes) }
        let lacking = max(0, offer.tariff.minimumDays - request.termDays)
        return billed.reduce(0, +) + (billed.last ?? 0) * Double(lacking) / 30
    }

    private static func words(_ conflict: Conflict?) -> String {
        guard let conflict, !conflict.members.isEmpty else { return "no allocation meets every constraint" }
        let members = conflict.members.map { member in
            member.constraint.rawValue + (member.remedy.map { " (would do: \($0))" } ?? "")
        }
        return "cannot hold together: " + members.joined(separator: ", ")
    }
}
