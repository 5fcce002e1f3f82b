import Allocation
import Marketplace
import MathematicalProgramming
import Money
import TestSupport

/// A tiny instance in which something changes on known dates, and the cost of every sequence of placements.
///
/// What is left to decide when the placements of all stages are given is who serves which reads, and when credits pay: a
/// linear program a sequence, as the tariffs drawn here have no egress whose price falls.
struct MovingInstance {
    let problem: AllocationProblem
    let scheme: RedundancyScheme

    init(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let (data, shards) = random.pick([(1, 1), (1, 2), (1, 2), (2, 2), (2, 3)])
        scheme = RedundancyScheme(data: data, shards: shards) ?? AllocationProblem.defaultSchemes[0]
        var request = SLARequest(
            user: "u", logicalBytes: random.int(100...2000) * 1_000_000_000,
            start: CalendarDay(ordinal: random.int(20_000...20_400)), months: random.int(3...9),
            redundancy: .fixed(scheme))
        if random.chance(0.4) { request.monthlyGrowth = random.decimal(-5...10, scale: 2) }
        for region in ["north", "south"].prefix(random.int(1...2)) {
            request.traffic.append(
                .init(
                    region: region, egressBytes: random.int(0...400) * 1_000_000_000, reads: random.int(0...500_000),
                    writes: random.int(0...200_000)))
        }
        // Free volumes only where an account has one offer: the last two share theirs.
        let providers = ["p0", "p1", "p2", "p3", "p3"]
        let changing = request.start.addingMonths(random.int(1...request.months))
        let offers = providers.enumerated().map { index, provider in
            var offer = Offer(
                id: "\(provider)/\(index)", provider: provider, region: "r\(index)", storageClass: "c",
                metro: "m\(index)", tariff: Self.tariff(&random, isAlone: index < 3),
                availability: RandomProblem.decimal(random.pick(["0.99", "0.999", "0.9999"])))
            if random.chance(0.5) {
                offer.changes = [PriceChange(from: changing, tariff: Self.tariff(&random, isAlone: index < 3))]
            }
            if random.chance(0.15) { offer.capacityBytes = random.int(200...2000) * 1_000_000_000 }
            return offer
        }
        if random.chance(0.7) {
            request.credits = [
                .init(
                    provider: random.pick(providers), amount: Amount(minor: Int128(random.int(500...20_000)), .usd),
                    expires: request.start.addingMonths(random.int(0...request.months)))
            ]
        }
        if random.chance(0.3) {
            request.current = [
                .init(
                    offer: offers[random.int(0...4)].id, logicalBytes: request.logicalBytes,
                    since: CalendarDay(ordinal: request.start.ordinal - random.int(0...100)))
            ]
        }
        if random.chance(0.3) { request.qos.availability = RandomProblem.decimal(random.pick(["0.995", "0.9995"])) }
        if scheme.parity > 0, random.chance(0.3) { request.toleratedProviders = 1 }
        var charges = PlatformCharges()
        charges.feeBasisPoints = random.pick([0, 200])
        problem = try AllocationProblem(
            request: request, offers: offers, catalog: InputEdgeTests.catalog(offers), charges: charges)
    }

    private static func tariff(_ random: inout SeededGenerator, isAlone: Bool) -> Tariff {
        var tariff = Tariff(
            unit: random.pick([.gigabyte, .gibibyte]), storage: [Tier(price: random.decimal(2...40, scale: 3))])
        if random.chance(0.3) {
            tariff.storage = [
                Tier(upTo: ExactDecimal(random.int(50...600)), price: random.decimal(10...40, scale: 3)),
                Tier(price: random.decimal(2...20, scale: 3))
            ]
        }
        var allowance: EgressAllowance?
        if random.chance(0.3) { allowance = .multipleOfStored(random.decimal(1...20, scale: 1)) }
        if allowance == nil, isAlone, random.chance(0.3) { allowance = .fixed(ExactDecimal(random.int(10...200))) }
        tariff.egress = EgressTariff(
            tiers: [Tier(price: random.decimal(0...30, scale: 3))], allowance: allowance)
        tariff.writesPer1000 = random.decimal(0...10, scale: 3)
        tariff.readsPer1000 = random.decimal(0...4, scale: 4)
        tariff.retrieval = random.chance(0.3) ? random.decimal(0...10, scale: 3) : .zero
        if random.chance(0.2) { tariff.monthlyFee = random.decimal(100...900, scale: 2) }
        if random.chance(0.2) { tariff.monthlyMinimum = random.decimal(500...3000, scale: 2) }
        if random.chance(0.3) { tariff.minimumDays = random.pick([30, 90, 180]) }
        return tariff
    }

    private var request: SLARequest { problem.request }
    private var fee: Double { 1 + Double(problem.charges.feeBasisPoints) / 10_000 }

    private func tariff(_ j: Int, _ month: Int) -> Tariff {
        problem.offers[j].tariff(on: request.start.addingMonths(month))
    }

    private func usage(_ month: Int) -> Usage {
        request.storedUsage(scheme, logicalBytes: request.logicalBytes(inMonth: month))
    }

    // MARK: Sequences

    /// Placements that are admissible whatever the month, capacities aside.
    private var placements: [[Int]] {
        var found: [[Int]] = [[]]
        for j in problem.offers.indices { found += found.map { $0 + [j] } }
        return found.filter { members in
            guard members.count == scheme.shards else { return false }
            let leaves = members.map { problem.leaves[$0] }
            if let asked = request.qos.availability?.doubleValue,
                problem.failures.failureProbability(leaves, data: scheme.data) > (1 - asked) * (1 + 1e-9)
            {
                return false
            }
            let counts = Dictionary(grouping: members) { problem.offers[$0].provider }.values.map(\.count)
            return request.toleratedProviders == 0 || counts.allSatisfy { $0 <= scheme.parity }
        }
    }

    /// The least cost of any sequence of placements, one for each stage; nil when there is none.
    func cheapest(_ stages: [Range<Int>]) throws -> Double? {
        let fitting = stages.map { months in
            placements.filter { members in
                members.allSatisfy { j in
                    problem.offers[j].capacityBytes.map { room in months.allSatisfy { usage($0).storedBytes <= room } }
                        ?? true
                }
            }
        }
        var sequences: [[[Int]]] = [[]]
        for choices in fitting { sequences = sequences.flatMap { start in choices.map { start + [$0] } } }
        // A stage costs at least what it does when all credits are its own.
        var least: [[Int]: Double] = [:]
        for (s, choices) in fitting.enumerated() {
            for members in choices {
                least[[s] + members] = try running([(stages[s], members)])
            }
        }
        let bounded = try sequences.map { sequence in
            let moves = try moving(sequence, stages)
            return (
                sequence: sequence, moves: moves,
                bound: moves + sequence.enumerated().reduce(0) { $0 + (least[[$1.offset] + $1.element] ?? .infinity) }
            )
        }
        var best = Double.infinity
        for candidate in bounded.sorted(by: { $0.bound < $1.bound }) {
            if candidate.bound >= best { break }
            best = min(best, candidate.moves + (try running(Array(zip(stages, candidate.sequence)))))
        }
        return best < .infinity ? best : nil
    }

    /// What the months cost when the placements of each stage are given: reads and credits at their best.
    private func running(_ parts: [(months: Range<Int>, members: [Int])]) throws -> Double {
        var program = MathematicalProgram()
        var cost = LinearExpression()
        var spent = LinearExpression()
        for (months, members) in parts {
            var egress = members.map { _ in LinearExpression() }
            var reads = members.map { _ in LinearExpression() }
            for part in request.traffic where part.egressBytes > 0 || part.reads > 0 {
                var sum = LinearExpression()
                for leg in members.indices {
                    let share = program.addVariable(upper: 1)
                    sum += share
                    egress[leg] += (Double(part.egressBytes) / Double(scheme.data) / 1e9) * share
                    reads[leg] += Double(part.reads) * share
                }
                program.add(sum == Double(scheme.data))
            }
            for month in months {
                var owed: [String: LinearExpression] = [:]
                for (leg, j) in members.enumerated() {
                    let charge = self.charge(j, month, egress[leg], reads[leg], &program)
                    cost += fee * charge
                    owed[problem.offers[j].provider, default: LinearExpression()] += charge
                }
                let lastDay = request.start.addingMonths(month + 1).ordinal - 1
                for credit in request.credits where credit.expires.ordinal >= lastDay {
                    guard var due = owed[credit.provider] else { continue }
                    if month == request.months - 1 {
                        due.constant += ends(parts.map(\.months), parts.map(\.members), credit)
                    }
                    let paid = program.addVariable()
                    program.add(paid - due <= 0)
                    spent += paid
                    cost += (-fee) * paid
                }
            }
        }
        if let credit = request.credits.first, !spent.terms.isEmpty {
            program.add(spent <= credit.amount.doubleValue)
        }
        try program.setObjective(.minimize, cost)
        let solution = try HiGHSSolver().solve(program, SolverParameters())
        return solution.objective ?? .infinity
    }

    private func charge(
        _ j: Int, _ month: Int, _ egress: LinearExpression, _ reads: LinearExpression,
        _ program: inout MathematicalProgram
    ) -> LinearExpression {
        let (tariff, stored) = (tariff(j, month), usage(month))
        let gigabytes = Double(tariff.unit.bytes) / 1e9
        let writes = request.traffic.reduce(0.0) { $0 + Double($1.writes) } / 1000
        var fixed = storage(tariff, stored) + tariff.monthlyFee.doubleValue
        fixed += writes * (tariff.writesPer1000?.doubleValue ?? 0)
        var free = 0.0
        switch tariff.egress?.allowance {
        case nil: break
        case .fixed(let volume): free = volume.doubleValue * gigabytes
        case .multipleOfStored(let multiple): free = multiple.doubleValue * Double(stored.storedBytes) / 1e9
        }
        let paid = program.addVariable()
        program.add(paid - egress >= -free)
        let sum = program.addVariable(lower: tariff.monthlyMinimum.doubleValue)
        let price = (tariff.egress?.tiers.first?.price.doubleValue ?? 0) / gigabytes
        let retrieval = (tariff.retrieval?.doubleValue ?? 0) / gigabytes
        let operations = (tariff.readsPer1000?.doubleValue ?? 0) / 1000
        program.add(sum - price * paid - retrieval * egress - operations * reads >= fixed)
        return LinearExpression([Term(sum, 1)])
    }

    private func storage(_ tariff: Tariff, _ stored: Usage) -> Double {
        var (left, cost, start) = (Double(stored.storedBytes) / Double(tariff.unit.bytes), 0.0, 0.0)
        for tier in tariff.storage {
            let width = min(left, (tier.upTo?.doubleValue ?? .infinity) - start)
            cost += width * tier.price.doubleValue
            left -= width
            start += width
        }
        return cost
    }

    // MARK: Moves

    /// What is charged at the end of the term for minimum durations by offers of a credit's provider, or by all.
    private func ends(_ stages: [Range<Int>], _ sequence: [[Int]], _ credit: SLARequest.Credit?) -> Double {
        guard let last = sequence.last, stages.last?.upperBound == request.months else { return 0 }
        return last.reduce(0) { sum, j in
            guard credit.map({ $0.provider == problem.offers[j].provider }) ?? true else { return sum }
            let stayed = sequence.reversed().prefix { $0.contains(j) }.count
            let since = stages[stages.count - stayed].lowerBound
            return sum + early(j, since, request.months)
        }
    }

    private func early(_ j: Int, _ start: Int, _ end: Int) -> Double {
        let tariff = tariff(j, end - 1)
        let lacking = tariff.minimumDays - 30 * (end - start)
        return lacking > 0 ? storage(tariff, usage(end - 1)) * Double(lacking) / 30 : 0
    }

    /// `quantity` at `price` for every `size`, in whole cents.
    private func cents(_ price: ExactDecimal?, _ quantity: Int128, per size: Int128) throws -> Double {
        guard let price else { return 0 }
        var scale = size
        for _ in 0..<price.scale { scale *= 10 }
        return Double(try Rounding.halfEven.quotient(price.significand * quantity * 100, scale)) / 100
    }

    /// Everything that is paid once: leaving where the data is, moves, and the ends of minimum durations.
    private func moving(_ sequence: [[Int]], _ stages: [Range<Int>]) throws -> Double {
        var cost = ends(stages, sequence, nil)
        for charge in problem.migration {
            let copies = scheme.data == 1 && sequence[0].contains { problem.offers[$0].id == charge.offer }
            let stays = copies && (charge.kind == .minimumDuration || scheme.shards == 1)
            if !stays { cost += charge.amount.doubleValue }
        }
        for s in sequence.indices.dropFirst() {
            let (old, new, month) = (sequence[s - 1], sequence[s], stages[s].lowerBound)
            let (left, entered) = (old.filter { !new.contains($0) }, new.filter { !old.contains($0) })
            if entered.isEmpty { continue }
            let bytes = min(request.logicalBytes(inMonth: month - 1), request.logicalBytes(inMonth: month))
            let shard = request.storedUsage(scheme, logicalBytes: bytes)
            let prices = try old.map { try reading($0, shard, month) }
            let rebuilt = prices.sorted().prefix(scheme.data).reduce(0, +)
            let copied = zip(old, prices).reduce(0) { left.contains($1.0) ? $0 + $1.1 : $0 }
            cost += min(rebuilt, copied)
            for j in entered {
                cost += try cents(tariff(j, month).writesPer1000, Int128(shard.objects), per: 1000)
            }
            for j in left {
                let stayed = sequence[..<s].reversed().prefix { $0.contains(j) }.count
                cost += early(j, stages[s - stayed].lowerBound, month)
            }
        }
        return fee * cost
    }

    private func reading(_ j: Int, _ shard: Usage, _ month: Int) throws -> Double {
        let tariff = tariff(j, month - 1)
        let bytes = Int128(shard.storedBytes)
        var free: Int128 = 0
        if case .multipleOfStored(let multiple) = tariff.egress?.allowance {
            let read = request.traffic.reduce(Int128(0)) { $0 + Int128($1.egressBytes) } / Int128(scheme.data) + 1
            free = try multiple.scaled(by: Int128(usage(month - 1).storedBytes), rounding: .down) - read
        }
        return try cents(
            tariff.egress?.tiers.first?.price, max(0, bytes - max(0, free)), per: tariff.unit.bytes)
            + cents(tariff.retrieval, bytes, per: tariff.unit.bytes)
            + cents(tariff.readsPer1000, Int128(shard.objects), per: 1000)
    }
}
