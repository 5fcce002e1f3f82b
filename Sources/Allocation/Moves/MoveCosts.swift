import Marketplace
import Money

/// What it costs that a shard of everything leaves an offer, or comes to it, before the platform's fee.
///
/// Each part is billed exactly, as a month of its own that has none of the account's free volumes: those are the other
/// reads'. Of egress that is free for what is stored, a move has what the month's reads cannot use up. Credits do not pay
/// for moves, and limits of egress do not hold for them.
struct MoveCosts {
    let problem: AllocationProblem
    let scheme: RedundancyScheme

    private var request: SLARequest { problem.request }

    /// What is moved before month `month`: the data that both it and the month before it have.
    func moved(before month: Int) -> Usage {
        let bytes = min(request.logicalBytes(inMonth: month - 1), request.logicalBytes(inMonth: month))
        return request.storedUsage(scheme, logicalBytes: bytes)
    }

    /// Reading the shard out of `offer` before month `month`, by the tariff of the month before; nil where its prices
    /// are not published.
    func reading(_ offer: Offer, before month: Int) throws(AllocationError) -> [Migration.Charge]? {
        let tariff = tariff(offer, month - 1)
        guard let egress = tariff.egress, tariff.retrieval != nil, tariff.readsPer1000 != nil else { return nil }
        var usage = moved(before: month)
        (usage.egressBytes, usage.reads) = (usage.storedBytes, usage.objects)
        var paid = usage
        var beyond = tariff
        if case .multipleOfStored(let multiple) = egress.allowance {
            let stored = request.storedUsage(scheme, logicalBytes: request.logicalBytes(inMonth: month - 1)).storedBytes
            let free = try exact(offer) { () throws(MoneyError) in
                try multiple.scaled(by: Int128(stored), rounding: .down)
            }
            let read = request.traffic.reduce(Int128(0)) { $0 + Int128($1.egressBytes) } / Int128(scheme.data) + 1
            paid.egressBytes = Int(max(0, Int128(usage.egressBytes) - max(0, free - read)))
            beyond.egress = EgressTariff(tiers: egress.tiers)
        }
        let lines = try bill(beyond, paid, offer).filter { $0.kind == .egress }
        let others = try bill(tariff, usage, offer).filter { $0.kind == .retrieval || $0.kind == .reads }
        return (lines + others).map { Migration.Charge(offer: offer.id, kind: $0.kind, amount: $0.amount) }
    }

    /// Writing the shard to `offer` before month `month`, by that month's tariff; nil where its price is not published.
    func writing(_ offer: Offer, before month: Int) throws(AllocationError) -> [Migration.Charge]? {
        let tariff = tariff(offer, month)
        guard tariff.writesPer1000 != nil else { return nil }
        let usage = Usage(storedBytes: 0, writes: moved(before: month).objects)
        return try bill(tariff, usage, offer).filter { $0.kind == .writes }
            .map { Migration.Charge(offer: offer.id, kind: $0.kind, amount: $0.amount) }
    }

    /// Giving the shard up before month `end` when it came before month `start`: storage for the rest of the minimum
    /// duration, a month being 30 days, at what the last month's volume costs by its tariff.
    func early(_ offer: Offer, from start: Int, to end: Int) throws(AllocationError) -> [Migration.Charge] {
        let tariff = offer.tariff(on: request.firstDay(ofMonth: end - 1)).withoutFreeVolumes
        let usage = request.storedUsage(scheme, logicalBytes: request.logicalBytes(inMonth: end - 1))
        do {
            let rest = try tariff.minimumDurationCharge(usage, termDays: 30 * (end - start))
            return rest.map { [Migration.Charge(offer: offer.id, kind: $0.kind, amount: $0.amount)] } ?? []
        } catch {
            throw .billing(offer: offer.id, error)
        }
    }

    /// The tariff of a month without free volumes, whether the account has them or the base fee includes them.
    private func tariff(_ offer: Offer, _ month: Int) -> Tariff {
        var tariff = offer.tariff(on: request.firstDay(ofMonth: month))
        tariff.monthlyFee = .zero
        return tariff.withoutFreeVolumes
    }

    private func bill(_ tariff: Tariff, _ usage: Usage, _ offer: Offer) throws(AllocationError) -> [Charge] {
        do { return try tariff.bill(usage) } catch { throw .billing(offer: offer.id, error) }
    }

    private func exact<Value>(
        _ offer: Offer, _ body: () throws(MoneyError) -> Value
    ) throws(AllocationError) -> Value {
        do { return try body() } catch { throw .billing(offer: offer.id, .money(error)) }
    }
}

extension MoveCosts {
    /// The move from `left` to `entered` before month `month`, made in the cheaper way.
    ///
    /// - Parameters:
    ///   - since: for an offer the month of the term before which its shard came.
    func move(
        _ old: [Offer], _ new: [Offer], before month: Int, since: (Offer) -> Int
    ) throws(AllocationError) -> MovingPlan.Move? {
        let (before, after) = (Set(old.map(\.id)), Set(new.map(\.id)))
        let (left, entered) = (old.filter { !after.contains($0.id) }, new.filter { !before.contains($0.id) })
        guard !left.isEmpty || !entered.isEmpty else { return nil }
        var prices: [(offer: Offer, charges: [Migration.Charge], sum: Int128)] = []
        for offer in old {
            guard let charges = try reading(offer, before: month) else { continue }
            prices.append((offer, charges, charges.reduce(0) { $0 + $1.amount.minor }))
        }
        let cheapest = prices.sorted { ($0.sum, $0.offer.id) < ($1.sum, $1.offer.id) }.prefix(scheme.data)
        let leaving = prices.filter { !after.contains($0.offer.id) }
        func sum(_ parts: some Sequence<(offer: Offer, charges: [Migration.Charge], sum: Int128)>) -> Int128 {
            parts.reduce(0) { $0 + $1.sum }
        }
        let canRebuild = cheapest.count == scheme.data
        let canCopy = leaving.count == left.count && left.count >= entered.count
        guard canRebuild || canCopy else {
            throw .billing(offer: left.first?.id ?? "", .unpublished(.egress))
        }
        let copies = canCopy && (!canRebuild || sum(leaving) < sum(cheapest))
        let read = copies ? leaving : Array(cheapest)
        var charges = read.sorted { $0.offer.id < $1.offer.id }.flatMap(\.charges)
        for offer in entered.sorted(by: { $0.id < $1.id }) {
            guard let writes = try writing(offer, before: month) else {
                throw .billing(offer: offer.id, .unpublished(.writes))
            }
            charges += writes
        }
        for offer in left.sorted(by: { $0.id < $1.id }) {
            charges += try early(offer, from: since(offer), to: month)
        }
        let shard = Int128(moved(before: month).storedBytes)
        let (fee, cost) = try exact(left.first ?? new[0]) { () throws(MoneyError) in
            let due = try Amount.sum(charges.map(\.amount), .usd)
            let fee = try due.share(basisPoints: problem.charges.feeBasisPoints, rounding: .halfEven)
            return (fee, try due.adding(fee))
        }
        return MovingPlan.Move(
            month: month, day: request.firstDay(ofMonth: month), from: left.map(\.id).sorted(),
            to: entered.map(\.id).sorted(), method: copies ? .copy : .rebuild, readBytes: shard * Int128(read.count),
            writtenBytes: shard * Int128(entered.count), charges: charges, platformFee: fee, cost: cost)
    }
}
