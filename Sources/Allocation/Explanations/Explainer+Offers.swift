import Marketplace
import Money

/// What else was near: other offers, and the prices at which they would be used.
extension Explainer {
    /// IDs that come in and that go when the data is divided otherwise.
    func exchange(_ other: Division) -> (enters: [String], leaves: [String]) {
        let (now, then) = (base.division.offers, other.offers)
        return (then.subtracting(now).sorted(), now.subtracting(then).sorted())
    }

    /// The best answer without an offer in use.
    func runnerUp(_ id: String) throws(Interruption) -> Explanation.RunnerUp {
        guard let found = try oracle.optimum(problem.keeping { $0.id != id }, part: 2 * Oracle.shortPart) else {
            return Explanation.RunnerUp(offer: id, extraCost: nil, enters: [], leaves: [], schemes: [])
        }
        let change = exchange(found.division)
        let schemes = found.division.schemes
        return Explanation.RunnerUp(
            offer: id, extraCost: max(0, difference(found)), enters: change.enters,
            leaves: change.leaves.filter { $0 != id }, schemes: schemes == base.division.schemes ? [] : schemes)
    }

    /// What the end of a provider in use costs.
    func exit(_ provider: String) throws(Interruption) -> Explanation.Exit {
        let found = try oracle.optimum(problem.keeping { $0.provider != provider }, part: Oracle.longPart)
        return Explanation.Exit(
            provider: provider, extraCost: found.map { max(0, difference($0)) },
            enters: found.map { exchange($0.division).enters } ?? [], movingOut: movingOut(provider))
    }

    /// Excluded offers by what the explained allocation costs more with one of them in the place of one of its legs, the
    /// least first; of offers of one provider with the same prices now and later the first, as the others are near for
    /// the same reason. A guide to where to look, no bound: what a search would make of the change is not looked at.
    func nearest(_ count: Int) -> [Offer] {
        let model = TermModel(problem)
        let used = base.division.offers
        let columns = zip(model.columns(base.division.parts), base.division.parts).compactMap { column, part in
            column.map { (column: $0, share: part.share) }
        }
        let legs = Set(columns.flatMap(\.column.members)).sorted()
        var costs: [(offer: Int, cost: Double)] = []
        for j in problem.offers.indices where !used.contains(problem.offers[j].id) {
            var least = Double.infinity
            for leg in legs {
                guard let swapped = swapped(columns, leg, j, model) else { continue }
                least = min(least, model.evaluate(swapped).cost)
            }
            if least.isFinite { costs.append((j, least)) }
        }
        struct Kind: Hashable {
            let provider: String
            let tariff: Tariff
            let changes: [PriceChange]
        }
        var seen: Set<Kind> = []
        return costs.sorted { ($0.cost, $0.offer) < ($1.cost, $1.offer) }.map { problem.offers[$0.offer] }
            .filter { seen.insert(Kind(provider: $0.provider, tariff: $0.tariff, changes: $0.changes)).inserted }
            .prefix(max(0, count)).map(\.self)
    }

    /// `columns` with offer `j` in the place of `leg`; nil where a placement or a read does not allow it.
    private func swapped(
        _ columns: [(column: ShareColumn, share: Double)], _ leg: Int, _ j: Int, _ model: TermModel
    ) -> [(column: ShareColumn, share: Double)]? {
        var swapped: [(column: ShareColumn, share: Double)] = []
        for (column, share) in columns {
            guard column.members.contains(leg) else {
                swapped.append((column, share))
                continue
            }
            let space = model.spaces[column.scheme]
            let members = (column.members.filter { $0 != leg } + [j]).sorted()
            let positions = members.compactMap(space.offers.firstIndex(of:))
            guard positions.count == members.count, space.admits(positions) else { return nil }
            var fetched = column.fetched
            for (row, u) in space.readers.enumerated() where fetched[u].contains(leg) {
                let others = fetched[u].filter { $0 != leg }
                let able = zip(members, positions).filter { space.serves[row][$1] && !others.contains($0) }.map(\.0)
                guard let substitute = able.contains(j) ? j : able.first else { return nil }
                fetched[u] = (others + [substitute]).sorted()
            }
            swapped.append((ShareColumn(scheme: column.scheme, members: members, fetched: fetched), share))
        }
        return swapped
    }

    /// The price below which `offer`, which is not in use, would be. What there is to compare with it is the list price of
    /// what the offer would hold then; of a shard of everything where it would hold nothing at any price.
    func entryPrice(_ offer: Offer) throws(Interruption) -> Explanation.EntryPrice {
        var entrant: Division?
        func variant(_ price: Double) -> AllocationProblem { problem.selling(offer.id) { $0.storeFlat(perGB: price) } }
        /// The explained allocation is known to every search, so that only something cheaper replaces it.
        func staysOut(_ price: Double) throws(Interruption) -> Bool {
            guard let found = try oracle.optimum(variant(price)), found.cost < base.cost - 1e-11 * abs(base.cost),
                found.division.offers.contains(offer.id)
            else { return true }
            entrant = found.division
            return false
        }
        // At the dearest of its own prices for every byte it is no cheaper than it is.
        let top = offer.dearestStorage(for: problem.request)
        var (inside, outside) = (max(top, 1e-9), -1.0)
        for price in [0.9 * top, 0.5 * top, 0] where outside < 0 {
            if try staysOut(price) { inside = price } else { outside = price }
        }
        guard outside >= 0 else { return entry(offer, wholeShard, price: nil) }
        let end = try Narrowing.run(
            inside: inside, outside: outside, isNarrow: { $0 - $1 <= 1e-6 * $0 },
            guess: { inside, outside in
                guard let entrant,
                    let crossing = crossing(entrant, outside, inside, { (variant($0), base.cost) })
                else { return nil }
                return (crossing * (1 + 3e-7), crossing * (1 - 3e-7))
            }, staysOut)
        let usages = entrant?.stored(at: offer.id, problem.request) ?? wholeShard
        return entry(offer, usages, price: (end.inside + end.outside) / 2)
    }

    private func entry(_ offer: Offer, _ usages: [Usage], price: Double?) -> Explanation.EntryPrice {
        let tariffs = offer.tariffs(for: problem.request)
        let changes = zip(tariffs, tariffs.dropFirst()).contains { $0.storage != $1.storage || $0.unit != $1.unit }
        return Explanation.EntryPrice(
            offer: offer.id, listPrice: offer.meanStoragePrice(usages, for: problem.request),
            listPriceChanges: changes, price: price)
    }

    /// A shard of everything by the explained allocation's first scheme, month by month.
    private var wholeShard: [Usage] {
        let request = problem.request
        guard let scheme = base.placements.first?.scheme else { return [] }
        return (0..<request.months).map { request.storedUsage(scheme, logicalBytes: request.logicalBytes(inMonth: $0)) }
    }

    /// Where between `low` and `high` the cost of `division` reaches a bound, by values of that one division: nothing is
    /// searched. Nil where it is not below the bound at one end and above at the other.
    func crossing(
        _ division: Division, _ low: Double, _ high: Double, _ variant: (Double) -> (AllocationProblem, Double?)
    ) -> Double? {
        func excess(_ value: Double) -> Double? {
            let (problem, bound) = variant(value)
            guard let bound, let cost = oracle.cost(of: division, in: problem) else { return nil }
            return cost - bound
        }
        var (low, high) = (low, high)
        guard var below = excess(low), var above = excess(high) else { return nil }
        // A tie where it stands.
        if abs(above) <= 1e-12 * max(1, abs(base.cost)) { return high }
        guard below * above < 0 else { return nil }
        for _ in 0..<100 where abs(high - low) > 1e-13 * max(abs(high), abs(low)) {
            // Costs are piecewise linear: the secant is exact as soon as both ends lie on one piece.
            let secant = low - below * (high - low) / (above - below)
            for next in [secant, (low + high) / 2] where next > min(low, high) && next < max(low, high) {
                guard let value = excess(next) else { return nil }
                if value == 0 || abs(value) < 1e-12 * max(1, abs(base.cost)) { return next }
                if (value < 0) == (below < 0) { (low, below) = (next, value) } else { (high, above) = (next, value) }
            }
        }
        return (low + high) / 2
    }

    /// What reading everything out of a provider's offers costs once: what the explained allocation stores in the first
    /// month, at the prices of that month.
    func movingOut(_ provider: String) -> Double? {
        guard
            let plan = try? AllocationPlan(
                problem: problem, placements: base.placements, claimants: base.claimants)
        else { return nil }
        var cost = 0.0
        for (leg, offer) in plan.offers.enumerated() where offer.provider == provider {
            let tariff = offer.tariff(on: problem.request.start)
            guard tariff.egress != nil, tariff.retrieval != nil, let held = plan.usages[leg].first else { return nil }
            var usage = held
            (usage.egressBytes, usage.reads, usage.writes) = (held.storedBytes, held.objects, 0)
            guard let charges = try? tariff.bill(usage) else { return nil }
            for charge in charges where [.egress, .retrieval, .reads].contains(charge.kind) {
                cost += charge.amount.doubleValue
            }
        }
        return cost * (1 + Double(problem.charges.feeBasisPoints) / 10_000)
    }
}

extension Explanation {
    /// What else was near, by leg and by provider.
    mutating func explainOffers(
        _ explainer: Explainer, _ progress: (String) -> Void
    ) throws(AllocationError) {
        for id in explainer.base.division.offers.sorted() {
            progress("the best answer without \(id)")
            let runnerUp = try attempt("the best answer without \(id)") { () throws(Interruption) in
                try explainer.runnerUp(id)
            }
            if let runnerUp { runnersUp.append(runnerUp) }
        }
        for provider in Set(explainer.base.placements.flatMap(\.legs).map(\.offer.provider)).sorted() {
            progress("what an exit of \(provider) costs")
            let exit = try attempt("what an exit of \(provider) costs") { () throws(Interruption) in
                try explainer.exit(provider)
            }
            if let exit { exits.append(exit) }
        }
    }

    /// At which prices the nearest other offers would be used.
    mutating func explainEntry(
        _ explainer: Explainer, _ options: Options, _ progress: (String) -> Void
    ) throws(AllocationError) {
        for offer in explainer.nearest(options.nearestOffers) {
            progress("the price at which \(offer.id) would be used")
            let entry = try attempt("the price at which \(offer.id) would be used") { () throws(Interruption) in
                try explainer.entryPrice(offer)
            }
            if let entry { entryPrices.append(entry) }
        }
    }
}
