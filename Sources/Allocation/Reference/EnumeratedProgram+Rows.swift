import Marketplace
import MathematicalProgramming

/// The rows of the reference: reads, tariffs, credits, and what bounds the whole.
extension EnumeratedProgram {
    /// For each region which share of the data is read from which leg.
    func addReads(
        _ p: Int, _ placement: EnumeratedPlacement, _ share: Variable, _ carried: inout [Carried],
        _ program: inout MathematicalProgram
    ) -> [[Variable?]] {
        let k = Double(placement.scheme.data)
        return problem.request.traffic.enumerated().map { u, part in
            guard part.egressBytes > 0 || part.reads > 0 else { return placement.offers.map { _ in nil } }
            var sum = LinearExpression()
            let row: [Variable?] = placement.offers.map { j in
                guard problem.mayServe(j, u) else { return nil }
                let read = program.addVariable()
                program.addConstraint(upper: 0, terms: [Term(read, 1), Term(share, -1)])
                sum += read
                carried[j].egress += (Double(part.egressBytes) / k) * read
                carried[j].reads += Double(part.reads) * read
                return read
            }
            program.add(sum + (-k) * share == 0)
            return row
        }
    }

    /// A month's charge of one offer by one tariff at one volume, and the storage in it.
    func addCharge(
        _ tariff: Tariff, _ volume: Int, _ carried: Carried, _ use: Variable, _ claim: Variable?,
        _ program: inout MathematicalProgram
    ) -> (charge: Variable, storage: LinearExpression) {
        let (paid, unit) = (tariff.paidTiers, Double(tariff.unit.bytes))
        let granted: Variable? = tariff.monthlyFee == .zero ? claim : use
        func excess(_ amount: LinearExpression, _ free: Double) -> LinearExpression {
            guard free > 0, let granted else { return amount }
            return amount + (-free) * granted
        }
        var held = LinearExpression()
        for (placement, share) in carried.placements {
            let usage = problem.request.storedUsage(placement.scheme, logicalBytes: volume)
            held += (Double(tariff.billedBytes(usage)) / unit) * share
        }
        let storage = addPrice(paid.storage.tiers, excess(held, paid.storage.free.doubleValue), &program)
        var charge = storage + tariff.monthlyFee.doubleValue * use
        charge += ((tariff.writesPer1000?.doubleValue ?? 0) / 1000) * carried.writes
        charge += ((tariff.readsPer1000?.doubleValue ?? 0) / 1000) * carried.reads
        charge += ((tariff.retrieval?.doubleValue ?? 0) / unit) * carried.egress
        if let egress = paid.egress, !carried.egress.terms.isEmpty {
            var read = excess((1 / unit) * carried.egress, egress.free.doubleValue)
            if case .multipleOfStored(let multiple) = tariff.egress?.allowance {
                read += (-multiple.doubleValue * Double(volume) / unit) * carried.raw
            }
            charge += addPrice(egress.tiers, read, &program)
        }
        let billed = program.addVariable()
        program.add(charge + (-1) * billed <= 0)
        program.addConstraint(lower: 0, terms: [Term(billed, 1), Term(use, -tariff.monthlyMinimum.doubleValue)])
        return (billed, storage)
    }

    /// What the positive part of `amount`, in volume units, costs by graduated `tiers`.
    func addPrice(
        _ tiers: [Tier], _ amount: LinearExpression, _ program: inout MathematicalProgram
    ) -> LinearExpression {
        let most = max(1, amount.terms.reduce(0) { $0 + max(0, $1.coefficient) } + max(0, amount.constant))
        var sum = LinearExpression()
        var cost = LinearExpression()
        var pick: [Term] = []
        var (start, paid) = (0.0, 0.0)
        for tier in tiers where start < most {
            let end = min(most, tier.upTo?.doubleValue ?? most)
            let price = tier.price.doubleValue
            let (within, chosen) = (program.addVariable(), program.addBinary())
            program.addConstraint(lower: 0, terms: [Term(within, 1), Term(chosen, -start)])
            program.addConstraint(upper: 0, terms: [Term(within, 1), Term(chosen, -end)])
            sum += within
            cost += price * within
            cost += (paid - price * start) * chosen
            pick.append(Term(chosen, 1))
            paid += price * (end - start)
            start = end
        }
        program.addConstraint(lower: 1, upper: 1, terms: pick)
        program.add(amount + (-1) * sum <= 0)
        return cost
    }

    func addLimits(_ j: Int, _ carried: Carried, _ program: inout MathematicalProgram) {
        let offer = problem.offers[j]
        if let capacity = offer.capacityBytes, let peak = volumes.max() {
            program.add(carried.raw <= Double(capacity) * (1 - 1e-9) / Double(peak))
        }
        for (volume, tariff) in zip(volumes, tariffs[j]) {
            guard let limit = tariff.egress?.limitMultipleOfStored?.doubleValue else { continue }
            program.add((1 / 1e9) * carried.egress + (-limit * Double(volume) / 1e9) * carried.raw <= 0)
        }
    }

    func addCredits(
        _ charges: [Int: [Variable]], _ ends: [Int: LinearExpression], _ cost: inout LinearExpression,
        _ program: inout MathematicalProgram
    ) {
        let request = problem.request
        var spent = request.credits.map { _ in LinearExpression() }
        for month in 0..<request.months {
            let lastDay = request.start.addingMonths(month + 1).ordinal - 1
            for provider in Set(request.credits.map(\.provider)).sorted() {
                var due = LinearExpression()
                for (j, variables) in charges where problem.offers[j].provider == provider {
                    due += variables[month]
                    if month == request.months - 1, let end = ends[j] { due += end }
                }
                var paid = LinearExpression()
                for (index, credit) in request.credits.enumerated()
                where credit.provider == provider && credit.expires.ordinal >= lastDay {
                    let part = program.addVariable()
                    paid += part
                    spent[index] += part
                    cost += (-fee) * part
                }
                if !paid.terms.isEmpty { program.add(paid - due <= 0) }
            }
        }
        for (credit, sum) in zip(request.credits, spent) where !sum.terms.isEmpty {
            program.add(sum <= credit.amount.doubleValue)
        }
    }

    func addMigration(
        _ shares: [Variable], _ cost: inout LinearExpression, _ program: inout MathematicalProgram
    ) {
        let request = problem.request
        let held = Dictionary(grouping: request.current, by: \.offer)
        let whole = max(request.current.reduce(0) { $0 + $1.logicalBytes }, request.logicalBytes)
        for (id, holdings) in held.sorted(by: { $0.key < $1.key }) {
            let share = Double(holdings.reduce(0) { $0 + $1.logicalBytes }) / Double(whole)
            for isEarly in [false, true] {
                let charges = problem.migration.filter {
                    $0.offer == id && ($0.kind == .minimumDuration) == isEarly
                }
                let charge = fee * charges.reduce(0.0) { $0 + $1.amount.doubleValue }
                cost.constant += charge
                let stays = program.addVariable(upper: share)
                var staying = LinearExpression([Term(stays, 1)])
                for (p, placement) in placements.enumerated()
                where placement.scheme.data == 1 && (isEarly || placement.offers.count == 1)
                    && placement.offers.contains(where: { problem.offers[$0].id == id })
                {
                    staying += (-1) * shares[p]
                }
                program.add(staying <= 0)
                cost += (-charge / share) * stays
            }
        }
    }

    /// Constraints on the whole volume.
    func addWhole(_ shares: [Variable], _ carried: [Carried], _ program: inout MathematicalProgram) {
        let request = problem.request
        let providers = Dictionary(grouping: problem.offers.indices) { problem.offers[$0].provider }
            .sorted { $0.key < $1.key }.map(\.value)
        func sum(_ offers: [Int], _ part: (Carried) -> LinearExpression) -> LinearExpression {
            offers.reduce(into: LinearExpression()) { $0 += part(carried[$1]) }
        }
        if let most = request.maxProviderShare?.doubleValue {
            let all = sum(Array(carried.indices)) { $0.raw }
            for offers in providers { program.add(sum(offers) { $0.raw } + (-most) * all <= 0) }
        }
        guard request.minProviders > 1 else { return }
        var count = LinearExpression()
        for offers in providers {
            let counts = program.addBinary()
            program.add((-1) * sum(offers) { $0.share } + problem.smallestLeg * counts <= 0)
            count += counts
        }
        program.add(count >= Double(request.minProviders))
    }

    func division(
        _ solution: Solution, _ shares: [Variable], _ reads: [[[Variable?]]]
    ) -> [Placement] {
        let used = placements.indices.filter { solution[shares[$0]] > 1e-7 }
        let whole = used.reduce(0) { $0 + solution[shares[$1]] }
        return used.map { p in
            let share = solution[shares[p]]
            let k = Double(placements[p].scheme.data)
            // By region, the parts of the reads that each leg serves, made to come to k.
            let served = reads[p].map { row -> [Double] in
                let raw = row.map { $0.map { min(1, max(0, solution[$0] / share)) } ?? 0 }
                let sum = raw.reduce(0, +)
                return sum > 0 ? raw.map { min(1, $0 * k / sum) } : raw
            }
            let legs = placements[p].offers.enumerated().map { leg, j in
                PlannedLeg(offer: problem.offers[j], readShares: served.map { $0[leg] })
            }
            return Placement(scheme: placements[p].scheme, share: share / whole, legs: legs)
        }
    }
}
