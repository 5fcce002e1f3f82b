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
        node.storage[j] != nil || Self.storageIsKinked(costs[j])
    }

    /// Whether egress is priced by one slope, the mean price of the most that can be read.
    func egressIsLinear(_ j: Int, _ node: ShareNode) -> Bool {
        node.egress[j] == nil && !Self.egressIsKinked(costs[j], mostEgress(j))
    }

    /// Money a byte of egress at least in a month of class `v`.
    func egressSlope(_ j: Int, _ v: Int) -> Double {
        egressSlopes[j].count == 1 ? egressSlopes[j][0] : egressSlopes[j][v]
    }

    /// What is linear in the share at offer `j`: operations, retrieval, and storage unless it has rows of its own.
    func linearMoney(_ j: Int, _ scheme: Int, _ load: OfferLoad, _ v: Int, withStorage: Bool) -> Double {
        let cost = costs[j]
        let stored = withStorage ? wholeStorage[scheme][j][min(v, classes.count - 1)] : 0
        return v < classes.count ? stored + cost.tariff(v).operations(load) : stored * cost.earlyShare
    }

    /// What an offer without rows of its own is charged when all data lies in a column.
    func linearCharge(_ j: Int, _ scheme: Int, _ load: OfferLoad, _ v: Int) -> Double {
        let money = linearMoney(j, scheme, load, v, withStorage: true)
        return v < classes.count ? money + costs[j].tariff(v).fee + egressSlope(j, v) * load.egress : money
    }

    private static func storageIsKinked(_ cost: OfferCosts) -> Bool {
        cost.sometimes { $0.freeStorage > 0 || $0.storage.rises(before: cost.mostBilled) }
    }

    private static func egressIsKinked(_ cost: OfferCosts, _ most: Double) -> Bool {
        cost.sometimes { $0.freeEgress > 0 || $0.freeMultiple > 0 || $0.egress.rises(before: most) }
    }

    /// Whether costs are not linear in the share before any branching.
    static func isKinked(
        _ cost: OfferCosts, held: [[Double]], most: Double, largestRaw: Double, writes: Double,
        _ holds: (ConstraintKind) -> Bool
    ) -> Bool {
        if storageIsKinked(cost) { return true }
        if most > 0, egressIsKinked(cost, most) { return true }
        if holds(.egressLimit), most > 0, cost.sometimes({ $0.limitMultiple != nil }) { return true }
        if holds(.capacity), let capacity = cost.capacity, largestRaw > capacity * (1 - 1e-9) { return true }
        guard cost.sometimes({ $0.minimum > 0 }) else { return false }
        return held.contains { classes in
            classes.enumerated().contains { v, stored in
                let tariff = cost.tariff(v)
                return tariff.fee + writes * tariff.write + stored < tariff.minimum
            }
        }
    }
}
