import Marketplace
import Money

/// Checks a plan that may move the data, from the request's own words and the tariffs: it shares nothing with the search.
public struct MovingCheck: Sendable {
    let problem: AllocationProblem
    let plan: MovingPlan

    /// A check of `plan`.
    public init(problem: AllocationProblem, plan: MovingPlan) {
        self.problem = problem
        self.plan = plan
    }

    /// Everything that does not hold; empty when all does, or when there is no plan.
    public func faults() -> [String] {
        guard !plan.stages.isEmpty else { return [] }
        var faults: [String] = []
        var month = 0
        for stage in plan.stages {
            if stage.months.lowerBound != month || stage.months.isEmpty {
                faults.append("a stage has the months \(stage.months), not those from \(month) on")
            }
            month = stage.months.upperBound
            let isWhole = plan.stages.count == 1
            let check = AllocationCheck(
                problem: problem, placements: stage.placements, claimants: stage.claimants,
                months: isWhole ? nil : stage.months)
            faults += check.faults()
        }
        if month != problem.request.months { faults.append("the stages end before month \(month)") }
        faults += moveFaults()
        do throws(AllocationError) {
            faults += try billFaults()
        } catch {
            faults.append("\(error)")
        }
        return faults
    }

    // MARK: Moves

    private func moveFaults() -> [String] {
        var faults: [String] = []
        var moves = plan.moves[...]
        for (old, new) in zip(plan.stages, plan.stages.dropFirst()) {
            let (before, after) = (Set(old.offers.map(\.id)), Set(new.offers.map(\.id)))
            if before == after { continue }
            guard let move = moves.popFirst() else {
                faults.append("nothing is moved before month \(new.months.lowerBound)")
                continue
            }
            if move.month != new.months.lowerBound || move.from != before.subtracting(after).sorted()
                || move.to != after.subtracting(before).sorted() || move.day != day(move.month)
                || !plan.cuts.contains(move.month)
            {
                faults.append("the move before month \(move.month) is not from one stage to the next")
            }
            faults += chargeFaults(move, old, new)
        }
        if !moves.isEmpty { faults.append("\(moves.count) moves lead nowhere") }
        return faults
    }

    private func day(_ month: Int) -> CalendarDay { problem.request.start.addingMonths(month) }

    /// Reads, writes and early leaving of one move, line by line.
    private func chargeFaults(
        _ move: MovingPlan.Move, _ old: MovingPlan.Stage, _ new: MovingPlan.Stage
    ) -> [String] {
        guard let scheme = old.placements.first?.scheme, old.placements.count == 1, new.placements.count == 1 else {
            return ["data that is divided is moved"]
        }
        let request = problem.request
        let volume = min(request.logicalBytes(inMonth: move.month - 1), request.logicalBytes(inMonth: move.month))
        let shard = request.storedUsage(scheme, logicalBytes: volume)
        var expected: [String] = []
        var readers: [(offer: Offer, cents: Int128, lines: [String])] = []
        for offer in old.offers {
            guard let lines = try? readingLines(offer, shard, scheme, move.month) else { continue }
            readers.append((offer, lines.reduce(0) { $0 + $1.1 }, lines.map(\.0)))
        }
        let cheapest = readers.sorted { ($0.cents, $0.offer.id) < ($1.cents, $1.offer.id) }.prefix(scheme.data)
        let leaving = readers.filter { move.from.contains($0.offer.id) }
        let (rebuilding, copying) = (
            cheapest.reduce(0) { $0 + $1.cents }, leaving.reduce(0) { $0 + $1.cents }
        )
        switch move.method {
        case .rebuild:
            if cheapest.count < scheme.data { return ["too few shards can be read to rebuild any"] }
            expected += cheapest.flatMap(\.lines)
            if leaving.count == move.from.count, leaving.count >= move.to.count, copying < rebuilding {
                return ["copying the shards would be cheaper before month \(move.month)"]
            }
        case .copy:
            if leaving.count != move.from.count { return ["a shard that leaves cannot be read"] }
            expected += leaving.flatMap(\.lines)
            if cheapest.count == scheme.data, rebuilding < copying {
                return ["rebuilding the shards would be cheaper before month \(move.month)"]
            }
        }
        for offer in new.offers where move.to.contains(offer.id) {
            guard let price = offer.tariff(on: day(move.month)).writesPer1000,
                let cents = try? cents(price, per1000: shard.objects)
            else { return ["\(offer.id) publishes no price of writes"] }
            if cents > 0 { expected.append(line(offer, .writes, cents)) }
        }
        for offer in old.offers where move.from.contains(offer.id) {
            let held = move.month - heldSince(offer.id, before: move.month)
            let usage = request.storedUsage(scheme, logicalBytes: request.logicalBytes(inMonth: move.month - 1))
            let tariff = offer.tariff(on: day(move.month - 1)).withoutFreeVolumes
            if let rest = try? tariff.minimumDurationCharge(usage, termDays: held * 30) {
                expected.append(line(offer, .minimumDuration, rest.amount.minor))
            }
        }
        let stated = move.charges.map { "\($0.offer) \($0.kind.rawValue) \($0.amount.minor)" }
        return stated.sorted() == expected.sorted()
            ? [] : ["the move before month \(move.month) is charged \(stated), not \(expected)"]
    }

    /// Price × count / 1,000 in cents, half to even.
    private func cents(_ price: ExactDecimal, per1000 count: Int) throws(MoneyError) -> Int128 {
        var scale: Int128 = 1000
        for _ in 0..<price.scale { scale *= 10 }
        let product = price.significand.multipliedReportingOverflow(by: Int128(count) * 100)
        guard !product.overflow else { throw .overflow(operation: "a charge") }
        return try Rounding.halfEven.quotient(product.partialValue, scale)
    }

    private func line(_ offer: Offer, _ kind: ChargeKind, _ cents: Int128) -> String {
        "\(offer.id) \(kind.rawValue) \(cents)"
    }

    private struct Unpublished: Error {}

    /// What reading a shard out of an offer is charged.
    private func readingLines(
        _ offer: Offer, _ shard: Usage, _ scheme: RedundancyScheme, _ month: Int
    ) throws -> [(String, Int128)] {
        var tariff = offer.tariff(on: day(month - 1))
        guard let egress = tariff.egress, tariff.retrieval != nil, tariff.readsPer1000 != nil else {
            throw Unpublished()
        }
        tariff.monthlyFee = .zero
        var free: Int128 = 0
        if case .multipleOfStored(let multiple) = egress.allowance {
            let last = problem.request.logicalBytes(inMonth: month - 1)
            let stored = problem.request.storedUsage(scheme, logicalBytes: last).storedBytes
            let read = problem.request.traffic.reduce(Int128(0)) { $0 + Int128($1.egressBytes) }
            free = max(0, try multiple.scaled(by: Int128(stored), rounding: .down) - read / Int128(scheme.data) - 1)
        }
        let paid = tariff.paidTiers.egress?.tiers ?? []
        var moved = shard
        (moved.egressBytes, moved.reads) = (shard.storedBytes, shard.objects)
        var beyond = moved
        beyond.egressBytes = Int(max(0, Int128(moved.egressBytes) - free))
        var priced = tariff
        priced.egress = EgressTariff(tiers: paid)
        let lines =
            try priced.bill(beyond).filter { $0.kind == .egress }
            + tariff.bill(moved).filter { $0.kind == .retrieval || $0.kind == .reads }
        return lines.map { (line(offer, $0.kind, $0.amount.minor), $0.amount.minor) }
    }

    /// The month of the term before which the shard came to an offer that is left before `month`.
    private func heldSince(_ id: String, before month: Int) -> Int {
        var since = 0
        for stage in plan.stages where stage.months.upperBound <= month {
            if !stage.offers.contains(where: { $0.id == id }) { since = stage.months.upperBound }
        }
        return since
    }

    // MARK: Bill

    /// Whether the bill's parts come to its total, twice over, and its lines to the tariffs' months.
    private func billFaults() throws(AllocationError) -> [String] {
        guard let bill = plan.bill else { return ["there is no bill"] }
        var faults: [String] = []
        var lines: [String: Int128] = [:]
        for (index, stage) in plan.stages.enumerated() {
            let billed = try AllocationPlan(
                problem: problem, placements: stage.placements, claimants: stage.claimants)
            for (leg, offer) in billed.offers.enumerated() {
                for month in stage.months {
                    let tariff = offer.tariff(on: day(month))
                    let granted = stage.claimants.contains(offer.id) ? tariff : tariff.withoutFreeVolumes
                    let usage = billed.usages[leg][month]
                    var charges: [Charge]
                    do {
                        charges = try granted.bill(usage)
                        if month == problem.request.months - 1 {
                            let held = month + 1 - heldSince(offer.id, before: month + 1)
                            let last = index == 0 ? granted : tariff.withoutFreeVolumes
                            if let rest = try last.minimumDurationCharge(usage, termDays: 30 * held) {
                                charges.append(rest)
                            }
                        }
                    } catch {
                        throw .billing(offer: offer.id, error)
                    }
                    for charge in charges { lines[line(offer, charge.kind, 0), default: 0] += charge.amount.minor }
                }
            }
        }
        for stated in bill.lines {
            let key = "\(stated.offer) \(stated.kind.rawValue) 0"
            if lines[key] != stated.amount.minor {
                faults.append("\(key) comes to \(lines[key] ?? 0) cents, not \(stated.amount.minor)")
            }
            lines[key] = nil
        }
        if !lines.isEmpty { faults.append("the bill lacks \(lines.keys.sorted())") }
        func sum(_ amounts: [Amount]) -> Int128 { amounts.reduce(0) { $0 + $1.minor } }
        let parts =
            sum(bill.lines.map(\.amount)) + sum(bill.migration.map(\.amount)) + sum(bill.moves.map(\.amount))
            - sum(bill.credits.map(\.amount)) + bill.platformFee.minor + bill.gateway.minor
        if parts != bill.total.minor {
            faults.append("the bill's lines come to \(parts) cents, not \(bill.total.minor)")
        }
        let staged = sum(plan.stages.map(\.cost)) + sum(plan.moves.map(\.cost))
        if staged != bill.total.minor { faults.append("stages and moves come to \(staged) cents") }
        if bill.moves != plan.moves.flatMap(\.charges) { faults.append("the bill does not charge the moves") }
        if let budget = problem.request.budget, bill.needed(for: budget.period).minor > budget.amount.minor {
            faults.append("the bill of \(bill.needed(for: budget.period)) exceeds the budget")
        }
        if let stayingCost = plan.stayingCost, bill.total.minor > stayingCost.minor {
            faults.append("moving costs more than staying")
        }
        return faults
    }
}
