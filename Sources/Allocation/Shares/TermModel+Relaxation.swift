import Marketplace

/// Which costs are relaxed, and how, before any branching.
extension TermModel {
    /// Groups of providers whose charges are summed apart: those with credits, and the others (named "").
    var groups: [String] { [""] + Set(request.credits.map(\.provider)).sorted() }

    /// The group of an offer.
    func group(_ j: Int) -> Int { offerGroups[j] }

    /// The most bytes that the request can read from offer `j` in a month.
    func mostEgress(_ j: Int) -> Double { mostEgresses[j] }

    /// Whether offer `j` needs rows of its own.
    func isMetered(_ j: Int, _ node: ShareNode) -> Bool { kinked[j] || node.refines(j) }

    /// Whether storage needs rows: a free volume, prices that rise, or bounds of the node. Prices that fall cost a share
    /// of the data at least that share of what all of it costs.
    func storageHasRows(_ j: Int, _ node: ShareNode) -> Bool {
        node.storage[j] != nil || costs[j].freeStorage > 0
            || costs[j].storage.rises(before: costs[j].mostBilled)
    }

    /// Whether egress is priced by one slope, the mean price of the most that can be read.
    func egressIsLinear(_ j: Int, _ node: ShareNode) -> Bool {
        node.egress[j] == nil && costs[j].freeEgress == 0 && costs[j].freeMultiple == 0
            && !costs[j].egress.rises(before: mostEgress(j))
    }

    /// Money a byte of egress at least; nil when it costs nothing.
    func egressSlope(_ j: Int) -> Double? { egressSlopes[j] > 0 ? egressSlopes[j] : nil }

    /// What is linear in the share at offer `j`: operations, retrieval, and storage unless it has rows of its own.
    func linearMoney(_ j: Int, _ scheme: Int, _ load: OfferLoad, _ v: Int, withStorage: Bool) -> Double {
        let cost = costs[j]
        let stored = withStorage ? wholeStorage[scheme][j][min(v, classes.count - 1)] : 0
        return v < classes.count ? stored + load.operations : stored * cost.earlyShare
    }

    /// What an offer without rows of its own is charged when all data lies in a column.
    func linearCharge(_ j: Int, _ scheme: Int, _ load: OfferLoad, _ v: Int) -> Double {
        let money = linearMoney(j, scheme, load, v, withStorage: true)
        return v < classes.count ? money + costs[j].fee + egressSlopes[j] * load.egress : money
    }

    /// Whether costs are not linear in the share before any branching.
    static func isKinked(
        _ cost: OfferCosts, held: [[Double]], most: Double, largestRaw: Double, _ holds: (ConstraintKind) -> Bool
    ) -> Bool {
        if cost.freeStorage > 0 || cost.storage.rises(before: cost.mostBilled) { return true }
        if most > 0, cost.freeEgress > 0 || cost.freeMultiple > 0 || cost.egress.rises(before: most) { return true }
        if holds(.egressLimit), cost.limitMultiple != nil, most > 0 { return true }
        if holds(.capacity), let capacity = cost.capacity, largestRaw > capacity * (1 - 1e-9) { return true }
        return held.contains { $0.contains { cost.fee + cost.writes + $0 < cost.minimum } }
    }
}
