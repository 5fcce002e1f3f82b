import Marketplace

/// Which costs are relaxed, and how, before any branching.
extension TermModel {
    /// Groups of providers whose charges are summed apart: those with credits, and the others (named "").
    var groups: [String] { [""] + Set(request.credits.map(\.provider)).sorted() }

    /// The group of an offer.
    func group(_ j: Int) -> Int { offerGroups[j] }

    /// Whether offer `j` needs rows of its own.
    func isMetered(_ j: Int, _ node: ShareNode) -> Bool { kinked[j] || node.refines(j) }

    /// Whether storage needs rows: a free volume that a leg may not fill, prices that rise, or bounds of the node. Prices
    /// that fall cost a share of the data at least that share of what all of it costs.
    func storageHasRows(_ j: Int, _ node: ShareNode) -> Bool {
        node.storage[j] != nil || costs[j].storageIsKinked && !outgrowsFree[j]
    }

    /// Whether egress is priced by one slope, the mean price of the most that can be read.
    func egressIsLinear(_ j: Int, _ node: ShareNode) -> Bool {
        node.egress[j] == nil && (readsFree[j] || !costs[j].egressIsKinked(mostEgress(j)))
    }

    /// Money a byte of egress at least in a month of class `v`.
    func egressSlope(_ j: Int, _ v: Int) -> Double {
        readsFree[j] ? 0 : variedEgressSlopes[j]?[v] ?? egressSlopes[j]
    }

    /// Month classes whose charges a program sums together, for each group of providers, and what is charged at the end:
    /// classes with the same credits, unless the months are bounded one by one. A monthly budget bounds the largest month
    /// only, until an answer misses it in another.
    func parts(_ group: Int, _ objective: ShareObjective, everyMonth: Bool) -> [[Int]] {
        var isApart = everyMonth
        if case .largestMonth = objective { isApart = true }
        let ends = [classes.count]
        if isApart { return classes.indices.map { [$0] } + [ends] }
        let bounded = boundedMonth
        let provider = groups[group]
        let byCredits = Dictionary(grouping: classes.indices.filter { $0 != bounded }) { v in
            classes[v].credits.filter { request.credits[$0].provider == provider }
        }
        let parts = byCredits.values.map { $0.sorted() } + (bounded.map { [[$0]] } ?? [])
        return parts.sorted { $0[0] < $1[0] } + [ends]
    }

    /// The class of the largest volume, where a monthly budget holds.
    private var boundedMonth: Int? {
        guard holds(.budget), request.budget?.period == .month else { return nil }
        return classes.indices.max { (classes[$0].logicalBytes, $0) < (classes[$1].logicalBytes, $1) }
    }

    /// What is linear in the share at offer `j`: operations, retrieval, and storage unless it has rows of its own.
    func linearMoney(_ j: Int, _ scheme: Int, _ load: OfferLoad, _ v: Int, withStorage: Bool) -> Double {
        let cost = costs[j]
        let stored = withStorage ? wholeStorage(scheme, j, min(v, classes.count - 1)) : 0
        return v < classes.count
            ? stored + cost.tariff(v).operations(load) : stored * cost.earlyShare + capacityCharge(j, scheme)
    }

    /// What the room for a shard of everything at offer `j` is worth.
    func capacityCharge(_ j: Int, _ scheme: Int) -> Double {
        costs[j].capacityPrice == 0 ? 0 : costs[j].capacityPrice * (raw[scheme].max() ?? 0)
    }

    /// What an offer without rows of its own is charged when all data lies in a column.
    func linearCharge(_ j: Int, _ scheme: Int, _ load: OfferLoad, _ v: Int) -> Double {
        let money = linearMoney(j, scheme, load, v, withStorage: true)
        return v < classes.count ? money + costs[j].tariff(v).fee + egressSlope(j, v) * load.egress : money
    }
}

extension OfferCosts {
    /// Whether free volumes or rising prices make storage other than linear in the share.
    var storageIsKinked: Bool { sometimes { $0.freeStorage > 0 || $0.storage.rises(before: mostBilled) } }

    /// Whether allowances or rising prices make egress other than linear, `most` being the most bytes read.
    func egressIsKinked(_ most: Double) -> Bool {
        sometimes { $0.freeEgress > 0 || $0.freeMultiple > 0 || $0.egress.rises(before: most) }
    }
}
