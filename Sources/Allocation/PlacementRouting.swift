import Foundation
import Marketplace
import MathematicalProgramming

/// The cheapest routing of reads over one given placement, solved exactly.
///
/// A tariff whose marginal price of egress never falls is convex in the egress: the maximum of its linear pieces. Where
/// it falls, the range of the egress is cut at every tier's end of every month, so that within each cell of the
/// product of ranges all costs are convex and one linear program is exact; the cheapest cell is the answer.
struct PlacementRouting {
    let problem: AllocationProblem
    let scheme: RedundancyScheme
    let placement: [Int]
    private let volumes: [Int]
    /// Gigabytes a month that region `u` reads from an offer that serves all its reads.
    private let demands: [Double]
    /// By leg and volume: the price of egress.
    private let prices: [[EgressPrice]]
    private let fee: Double

    init(_ problem: AllocationProblem, _ scheme: RedundancyScheme, _ placement: [Int]) {
        self.problem = problem
        self.scheme = scheme
        self.placement = placement
        let request = problem.request
        let volumes = (0..<request.months).map(request.logicalBytes(inMonth:))
        self.volumes = volumes
        demands = request.traffic.map { Double($0.egressBytes) / Double(scheme.data) / 1e9 }
        prices = placement.map { j in
            volumes.map {
                EgressPrice(
                    problem.offers[j].tariff, stored: request.storedUsage(scheme, logicalBytes: $0).storedBytes)
            }
        }
        fee = 1 + Double(problem.charges.feeBasisPoints) / 10_000
    }

    /// The routing and its cost over the term; nil when no routing meets the constraints.
    func cheapest() throws(AllocationError) -> (legs: [PlannedLeg], cost: Double)? {
        let writes = problem.request.traffic.contains { $0.writes > 0 }
        if writes, placement.contains(where: { problem.offers[$0].tariff.writesPer1000 == nil }) { return nil }
        let ranges = placement.indices.map { leg -> [ClosedRange<Double>] in
            let most = demands.indices.reduce(0.0) { $0 + (serves(leg, $1) ? demands[$1] : 0) }
            guard prices[leg].contains(where: { !$0.isConvex }) else { return [0...most] }
            let cuts = Set(prices[leg].flatMap(\.breakpoints)).filter { $0 > 0 && $0 < most }.sorted()
            let ends = [0] + cuts + [most]
            return zip(ends, ends.dropFirst()).map { $0...$1 }
        }
        var best: (legs: [PlannedLeg], cost: Double)?
        let total = demands.reduce(0, +) * Double(scheme.data)
        var cell = [Int](repeating: 0, count: placement.count)
        while true {
            let box = cell.enumerated().map { ranges[$0.offset][$0.element] }
            let slack = 1e-9 * (1 + total)
            if box.reduce(0, { $0 + $1.lowerBound }) <= total + slack,
                box.reduce(0, { $0 + $1.upperBound }) >= total - slack, let routing = try fitting(within: box),
                routing.cost < best?.cost ?? .infinity
            {
                best = routing
            }
            guard let position = cell.indices.first(where: { cell[$0] + 1 < ranges[$0].count }) else { return best }
            cell[position] += 1
            for earlier in 0..<position { cell[earlier] = 0 }
        }
    }

    /// Whether a leg may serve the readers of region `u`: in time, and at published prices.
    private func serves(_ leg: Int, _ u: Int) -> Bool {
        let part = problem.request.traffic[u]
        let tariff = problem.offers[placement[leg]].tariff
        if part.egressBytes > 0, tariff.egress == nil || tariff.retrieval == nil { return false }
        if part.reads > 0, tariff.readsPer1000 == nil { return false }
        guard let bound = problem.request.qos.latencyMs?.doubleValue else { return true }
        return problem.latencies[placement[leg]][u].map { $0 <= bound } ?? false
    }

    /// What a leg costs in a month whatever is read: storage, writes, the base fee.
    private func held(_ leg: Int, _ month: Int) -> Double {
        let tariff = problem.offers[placement[leg]].tariff
        let writes = problem.request.traffic.reduce(0) { $0 + Double($1.writes) } / 1000
        return storage(leg, month) + writes * (tariff.writesPer1000?.doubleValue ?? 0)
            + tariff.monthlyFee.doubleValue
    }

    private func storage(_ leg: Int, _ month: Int) -> Double {
        let tariff = problem.offers[placement[leg]].tariff
        let usage = problem.request.storedUsage(scheme, logicalBytes: volumes[month])
        let units = Double(tariff.billedBytes(usage)) / Double(tariff.unit.bytes)
        return EgressPrice.graduated(tariff.storage, units)
    }

    /// The routing of one cell whose exact bill keeps the budget: the cheapest one, or where that exceeds the budget by
    /// the rounding of its lines, the cheapest one that keeps it for certain.
    private func fitting(
        within box: [ClosedRange<Double>]
    ) throws(AllocationError) -> (legs: [PlannedLeg], cost: Double)? {
        for slack in [Self.roundingSlack, -Self.roundingSlack] {
            guard let routing = try routing(within: box, slack: slack) else { return nil }
            if fits(routing.legs) { return routing }
        }
        return nil
    }

    /// Half a cent a line, and a tenth more.
    private static let roundingSlack = 0.0055

    /// The linear program of one cell; `slack` widens the budget for each line of the bill.
    private func routing(
        within box: [ClosedRange<Double>], slack: Double
    ) throws(AllocationError) -> (legs: [PlannedLeg], cost: Double)? {
        let request = problem.request
        var program = MathematicalProgram(name: "routing")
        let shares = request.traffic.indices.map { u in
            placement.indices.map { program.addVariable(upper: serves($0, u) ? 1 : 0) }
        }
        for (u, part) in request.traffic.enumerated() {
            let asked = part.egressBytes > 0 || part.reads > 0 ? Double(scheme.data) : 0
            program.addConstraint(lower: asked, upper: asked, terms: shares[u].map { Term($0, 1) })
        }
        var charges: [[Variable]] = []
        for leg in placement.indices {
            let tariff = problem.offers[placement[leg]].tariff
            var operations: [Term] = []
            for (u, part) in request.traffic.enumerated() {
                let perUnit = demands[u] * 1e9 / Double(tariff.unit.bytes) * (tariff.retrieval?.doubleValue ?? 0)
                let perRead = Double(part.reads) / 1000 * (tariff.readsPer1000?.doubleValue ?? 0)
                operations.append(Term(shares[u][leg], perUnit + perRead))
            }
            let egress = program.addVariable(lower: box[leg].lowerBound, upper: box[leg].upperBound)
            program.add(
                LinearExpression(request.traffic.indices.map { Term(shares[$0][leg], demands[$0]) })
                    + (-1) * egress == 0)
            if let multiple = tariff.egress?.limitMultipleOfStored?.doubleValue, let least = volumes.min() {
                let stored = Double(request.storedUsage(scheme, logicalBytes: least).storedBytes) / 1e9
                program.add(egress <= multiple * stored)
            }
            charges.append(
                volumes.indices.map { month in
                    let charge = program.addVariable(lower: tariff.monthlyMinimum.doubleValue)
                    for piece in prices[leg][month].pieces(within: box[leg]) {
                        let cost =
                            LinearExpression(operations) + piece.slope * egress
                            + (held(leg, month) + piece.constant)
                        program.add(cost + (-1) * charge <= 0)
                    }
                    return charge
                })
        }
        let cost = addTotal(to: &program, charges, slack: slack)
        do throws(ProgrammingError) {
            try program.setObjective(.minimize, cost)
            let solution = try HiGHSSolver().solve(program)
            guard solution.status == .optimal, let objective = solution.objective else { return nil }
            let legs = placement.indices.map { leg in
                PlannedLeg(
                    offer: problem.offers[placement[leg]],
                    readShares: shares.map { min(1, max(0, solution[$0[leg]])) })
            }
            return (legs, objective)
        } catch {
            throw .solver(error)
        }
    }

    /// Adds credits and the budget, widened by `perLine` a line of the bill; returns what the term costs.
    private func addTotal(
        to program: inout MathematicalProgram, _ charges: [[Variable]], slack perLine: Double
    ) -> LinearExpression {
        let request = problem.request
        let last = request.months - 1
        let gateway =
            problem.charges.gatewayPerGB.doubleValue
            * request.traffic.reduce(0.0) { $0 + Double($1.egressBytes) } / 1e9
        let early = placement.indices.map { leg -> Double in
            let lacking = problem.offers[placement[leg]].tariff.minimumDays - 30 * request.months
            return lacking > 0 ? storage(leg, last) * Double(lacking) / 30 : 0
        }
        let moving = problem.migration.reduce(0) { $0 + $1.amount.doubleValue }
        let stays =
            scheme.shards == 1 && request.current.count == 1
            && problem.offers[placement[0]].id == request.current[0].offer
        var total = LinearExpression(
            [], constant: fee * (stays ? 0 : moving) + fee * early.reduce(0, +) + gateway * Double(request.months))
        var spent: [[Term]] = request.credits.map { _ in [] }
        let slack = perLine * Double(scheme.shards * ChargeKind.allCases.count + 2)
        for month in volumes.indices {
            let owed = LinearExpression(charges.map { Term($0[month], 1) })
            total += fee * owed
            if let budget = request.budget, budget.period == .month {
                let lastly = month == last ? early.reduce(0, +) : 0
                program.add(fee * (owed + lastly) + gateway <= budget.amount.doubleValue + slack)
            }
            let lastDay = request.start.addingMonths(month + 1).ordinal - 1
            for provider in Set(request.credits.map(\.provider)).sorted() {
                let legs = placement.indices.filter { problem.offers[placement[$0]].provider == provider }
                var used: [Term] = []
                for (index, credit) in request.credits.enumerated()
                where credit.provider == provider && credit.expires.ordinal >= lastDay {
                    let part = program.addVariable()
                    used.append(Term(part, 1))
                    spent[index].append(Term(part, 1))
                    total += (-fee) * part
                }
                let lastly = month == last ? legs.reduce(0.0) { $0 + early[$1] } : 0
                let bound = LinearExpression(legs.map { Term(charges[$0][month], 1) }, constant: lastly)
                program.add(LinearExpression(used) - bound <= 0)
            }
        }
        for (index, terms) in spent.enumerated() {
            program.addConstraint(upper: request.credits[index].amount.doubleValue, terms: terms)
        }
        if let budget = request.budget, budget.period == .term {
            program.add(total <= budget.amount.doubleValue + slack * Double(request.months + 1))
        }
        return total
    }

    /// Whether the exact bill keeps the budget: the program lets half a cent a line pass.
    private func fits(_ legs: [PlannedLeg]) -> Bool {
        guard let budget = problem.request.budget else { return true }
        guard let plan = try? AllocationPlan(problem: problem, scheme: scheme, legs: legs), let bill = try? plan.bill()
        else { return false }
        return bill.needed(for: budget.period).minor <= budget.amount.minor
    }
}

/// What a month's egress costs at one offer: a piecewise linear function of gigabytes, nothing up to the allowance.
struct EgressPrice {
    /// Where the price changes, in gigabytes; the last piece has no end.
    let breakpoints: [Double]
    /// The price of a gigabyte on each piece: one more than breakpoints.
    let slopes: [Double]

    /// The price at `tariff` with `stored` bytes in the offer.
    init(_ tariff: Tariff, stored: Int) {
        guard let egress = tariff.egress else {
            (breakpoints, slopes) = ([], [0])
            return
        }
        let size = Double(tariff.unit.bytes) / 1e9
        let free: Double =
            switch egress.allowance {
            case nil: 0
            case .fixed(let volume): volume.doubleValue * size
            case .multipleOfStored(let multiple): multiple.doubleValue * Double(stored) / 1e9
            }
        breakpoints = [free] + egress.tiers.compactMap { $0.upTo.map { free + $0.doubleValue * size } }
        slopes = [0] + egress.tiers.map { $0.price.doubleValue / size }
    }

    /// Whether a gigabyte never costs less than one before it.
    var isConvex: Bool { zip(slopes, slopes.dropFirst()).allSatisfy { $0 <= $1 } }

    /// The linear functions whose maximum is the price on `range`: all pieces of a convex price, else the one piece
    /// that `range` lies in.
    func pieces(within range: ClosedRange<Double>) -> [(slope: Double, constant: Double)] {
        var pieces: [(slope: Double, constant: Double)] = []
        var (start, cost) = (0.0, 0.0)
        let middle = (range.lowerBound + range.upperBound) / 2
        for (index, slope) in slopes.enumerated() {
            let end = index < breakpoints.count ? breakpoints[index] : .infinity
            if isConvex || (start <= middle && middle < end) { pieces.append((slope, cost - slope * start)) }
            if end.isFinite { cost += slope * (end - start) }
            start = end
        }
        return pieces
    }

    /// The cost of `units` by graduated `tiers`.
    static func graduated(_ tiers: [Tier], _ units: Double) -> Double {
        var cost = 0.0
        var start = 0.0
        for tier in tiers {
            let end = tier.upTo?.doubleValue ?? .infinity
            cost += max(0, min(units, end) - start) * tier.price.doubleValue
            start = end
        }
        return cost
    }
}
