import Allocation
import Marketplace
import Money

/// What an allocation costs before anything is rounded, from the tariffs' definitions and to sixty digits: the reference
/// of both the optimizer's model (doubles) and the bill (rounded lines).
struct PreciseCost {
    /// What an offer carries in a month.
    struct Load {
        var billed = PreciseNumber.zero
        var raw = PreciseNumber.zero
        var egress = PreciseNumber.zero
        var reads = PreciseNumber.zero
        var writes = PreciseNumber.zero
    }

    let problem: AllocationProblem
    let claimants: Set<String>

    /// The cost of the shares as they are, not in whole bytes and operations.
    func cost(of placements: [Placement]) -> PreciseNumber {
        let request = problem.request
        let offers = Set(placements.flatMap(\.legs).map(\.offer))
        let loads = offers.map { offer in
            (0..<request.months).map { month -> Load in
                var load = Load()
                for placement in placements {
                    guard let leg = placement.legs.first(where: { $0.offer == offer }) else { continue }
                    let share = PreciseNumber(share: placement.share)
                    let usage = request.storedUsage(
                        placement.scheme, logicalBytes: request.logicalBytes(inMonth: month))
                    load.billed = load.billed + share * PreciseNumber(tariff(offer, month).billedBytes(usage))
                    load.raw = load.raw + share * PreciseNumber(usage.storedBytes)
                    for (part, read) in zip(request.traffic, leg.readShares) {
                        let fetched = share * PreciseNumber(share: read)
                        load.egress = load.egress + fetched * PreciseNumber(part.egressBytes) / placement.scheme.data
                        load.reads = load.reads + fetched * PreciseNumber(part.reads)
                        load.writes = load.writes + share * PreciseNumber(part.writes)
                    }
                }
                return load
            }
        }
        let whole = max(request.current.reduce(0) { $0 + $1.logicalBytes }, request.logicalBytes)
        let moving = migration { charge, held in
            let kept = placements.reduce(PreciseNumber.zero) { sum, placement in
                let holds = placement.legs.contains { $0.offer.id == charge.offer }
                // Read out is what does not stay as a single copy; given up is what does not stay as any copy.
                let stays = placement.scheme.data == 1 && (placement.legs.count == 1 || charge.kind == .minimumDuration)
                return holds && stays ? sum + PreciseNumber(share: placement.share) : sum
            }
            return max(.zero, PreciseNumber(held) - kept * PreciseNumber(whole))
        }
        return total(Array(zip(offers, loads)), moving)
    }

    /// The cost of a plan's whole bytes and operations.
    func cost(of plan: AllocationPlan) -> PreciseNumber {
        let loads = zip(plan.offers, plan.usages).map { offer, usages in
            usages.enumerated().map { month, usage in
                Load(
                    billed: PreciseNumber(tariff(offer, month).billedBytes(usage)),
                    raw: PreciseNumber(usage.storedBytes),
                    egress: PreciseNumber(usage.egressBytes), reads: PreciseNumber(usage.reads),
                    writes: PreciseNumber(usage.writes))
            }
        }
        return total(Array(zip(plan.offers, loads)), .zero)
    }

    /// What leaving the holdings costs, when `moved` bytes are to be charged for.
    private func migration(_ moved: (Migration.Charge, Int) -> PreciseNumber) -> PreciseNumber {
        problem.migration.reduce(PreciseNumber.zero) { sum, charge in
            let held = problem.request.current.reduce(0) { $0 + ($1.offer == charge.offer ? $1.logicalBytes : 0) }
            // Holdings are whole gigabytes.
            let part = moved(charge, held) / 1_000_000_000 / max(1, held / 1_000_000_000)
            return sum + PreciseNumber(charge.amount.minor) * part / 100
        }
    }

    /// The tariff that bills a month.
    private func tariff(_ offer: Offer, _ month: Int) -> Tariff {
        offer.tariff(on: problem.request.firstDay(ofMonth: month))
    }

    private func total(_ legs: [(Offer, [Load])], _ moving: PreciseNumber) -> PreciseNumber {
        let request = problem.request
        var left = request.credits.map { PreciseNumber($0.amount.minor) / 100 }
        var paid = moving
        for month in 0..<request.months {
            var due: [String: PreciseNumber] = [:]
            for (offer, loads) in legs {
                let tariff = tariff(offer, month)
                let hasFree = claimants.contains(offer.id) || tariff.monthlyFee != .zero
                var charge = monthly(tariff, loads[month], hasFree)
                let lacking = tariff.minimumDays - request.months * 30
                if month == request.months - 1, lacking > 0 {
                    let storage = price(loads[month].billed, tariff.storage, tariff, grantsFree: hasFree)
                    charge = charge + storage * PreciseNumber(lacking) / 30
                }
                due[offer.provider] = (due[offer.provider] ?? .zero) + charge
            }
            let lastDay = request.start.addingMonths(month + 1).ordinal - 1
            let order = request.credits.indices.filter { request.credits[$0].expires.ordinal >= lastDay }
                .sorted { request.credits[$0].expires < request.credits[$1].expires }
            for index in order {
                guard let open = due[request.credits[index].provider] else { continue }
                let used = min(open, left[index])
                due[request.credits[index].provider] = open - used
                left[index] = left[index] - used
            }
            paid = due.values.reduce(paid, +)
        }
        let bytes = request.traffic.reduce(Int128(0)) { $0 + Int128($1.egressBytes) }
        let gateway =
            value(problem.charges.gatewayPerGB) * PreciseNumber(bytes * Int128(request.months)) / 1_000_000_000
        return paid + paid * PreciseNumber(problem.charges.feeBasisPoints) / 10_000 + gateway
    }

    private func value(_ decimal: ExactDecimal) -> PreciseNumber { PreciseNumber(decimal: decimal.description) }

    // MARK: A tariff, from its definition

    /// - Parameter hasFree: whether the leg has free volumes: the account's, which one leg claims, or those of its base fee.
    private func monthly(_ tariff: Tariff, _ load: Load, _ hasFree: Bool) -> PreciseNumber {
        var sum = value(tariff.monthlyFee) + price(load.billed, tariff.storage, tariff, grantsFree: hasFree)
        if let egress = tariff.egress {
            var free = PreciseNumber.zero
            var isFixed = false
            switch egress.allowance {
            case .multipleOfStored(let multiple): free = value(multiple) * load.raw
            case .fixed(let volume):
                isFixed = true
                if hasFree { free = volumeBytes(volume, tariff) }
            case nil: break
            }
            // A fixed allowance is the free volume; else a first step of price zero is.
            let beyond = max(.zero, load.egress - free)
            sum = sum + price(beyond, egress.tiers, tariff, grantsFree: isFixed || hasFree)
        }
        sum = sum + value(tariff.writesPer1000 ?? .zero) * load.writes / 1000
        sum = sum + value(tariff.readsPer1000 ?? .zero) * load.reads / 1000
        sum = sum + value(tariff.retrieval ?? .zero) * load.egress / Int(tariff.unit.bytes)
        return max(value(tariff.monthlyMinimum), sum)
    }

    private func volumeBytes(_ volume: ExactDecimal, _ tariff: Tariff) -> PreciseNumber {
        value(volume) * PreciseNumber(tariff.unit.bytes)
    }

    /// A graduated price; a first step of price zero is a free volume, and where it is not granted the others move down.
    private func price(
        _ bytes: PreciseNumber, _ tiers: [Tier], _ tariff: Tariff, grantsFree: Bool
    ) -> PreciseNumber {
        var shift = PreciseNumber.zero
        var steps = tiers[...]
        if !grantsFree, tiers.count > 1, let first = tiers.first, first.price == .zero, let end = first.upTo {
            shift = volumeBytes(end, tariff)
            steps = steps.dropFirst()
        }
        var cost = PreciseNumber.zero
        var start = PreciseNumber.zero
        for step in steps {
            guard bytes > start else { break }
            let end = step.upTo.map { volumeBytes($0, tariff) - shift } ?? bytes
            cost = cost + (min(bytes, end) - start) * value(step.price) / Int(tariff.unit.bytes)
            start = end
        }
        return cost
    }
}
