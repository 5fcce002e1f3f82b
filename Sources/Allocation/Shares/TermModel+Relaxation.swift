import Marketplace

/// Which costs are relaxed, and how, before any branching.
extension TermModel {
    /// Groups of providers whose charges are summed apart: those with credits, and the others (named "").
    var groups: [String] { [""] + Set(request.credits.map(\.provider)).sorted() }

    /// The group of an offer.
    func group(_ j: Int) -> Int { offerGroups[j] }

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
        let stored = withStorage ? wholeStorage(scheme, j, min(v, classes.count - 1)) : 0
        return v < classes.count ? stored + load.operations : stored * cost.earlyShare
    }

    /// What an offer without rows of its own is charged when all data lies in a column.
    func linearCharge(_ j: Int, _ scheme: Int, _ load: OfferLoad, _ v: Int) -> Double {
        let money = linearMoney(j, scheme, load, v, withStorage: true)
        return v < classes.count ? money + costs[j].fee + egressSlopes[j] * load.egress : money
    }
}

extension OfferCosts {
    /// Whether prices or free volumes make costs other than linear in the share, `most` being the most bytes read.
    func hasKinks(most: Double) -> Bool {
        if freeStorage > 0 || storage.rises(before: mostBilled) { return true }
        return most > 0 && (freeEgress > 0 || freeMultiple > 0 || egress.rises(before: most))
    }
}
