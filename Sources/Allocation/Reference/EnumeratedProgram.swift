import Marketplace
import MathematicalProgramming

/// One admissible placement: a scheme and the positions of its offers.
struct EnumeratedPlacement: Sendable, Hashable {
    let scheme: RedundancyScheme
    let offers: [Int]
}

/// The mixed-integer program over the shares of all placements of a small instance, month by month.
///
/// Every step of a graduated price is a binary of its own (the multiple choice model of piecewise linear functions), so
/// that nothing is relaxed; free volumes, base fees and minimums are binaries too.
struct EnumeratedProgram {
    /// An optimal division of the data.
    struct Answer {
        let placements: [Placement]
        let claimants: Set<String>
        let cost: Double
        let liking: Double
    }

    let problem: AllocationProblem
    let placements: [EnumeratedPlacement]
    /// By month: logical bytes.
    let volumes: [Int]
    /// By offer and month: the tariff.
    let tariffs: [[Tariff]]
    let fee: Double

    init(_ problem: AllocationProblem, _ placements: [EnumeratedPlacement]) {
        self.problem = problem
        self.placements = placements
        volumes = (0..<problem.request.months).map(problem.request.logicalBytes(inMonth:))
        tariffs = problem.offers.indices.map(problem.monthlyTariffs)
        fee = 1 + Double(problem.charges.feeBasisPoints) / 10_000
    }

    /// The cheapest division, or the most liked one that costs at most so much; nil when there is none.
    ///
    /// A budget is compared with the exact bill; where rounding makes the bill exceed it, it is tightened by as much.
    func solve(mostLikedWithin most: Double?) throws(AllocationError) -> Answer? {
        var tightening = 0.0
        for _ in 0..<40 {
            guard let answer = try attempt(mostLikedWithin: most, tightening: tightening) else { return nil }
            guard let excess = try budgetExcess(answer) else { return answer }
            tightening += excess
        }
        return nil
    }

    private func budgetExcess(_ answer: Answer) throws(AllocationError) -> Double? {
        guard let budget = problem.request.budget else { return nil }
        let plan = try AllocationPlan(
            problem: problem, placements: answer.placements, claimants: answer.claimants)
        let excess = try plan.bill().needed(for: budget.period).minor - budget.amount.minor
        return excess > 0 ? Double(excess) / 100 : nil
    }

    /// Sums over the placements of what one offer carries.
    struct Carried {
        var share = LinearExpression()
        var raw = LinearExpression()
        /// The placements with a shard here, and their shares of the data.
        var placements: [(placement: EnumeratedPlacement, share: Variable)] = []
        /// A month, in bytes and operations.
        var egress = LinearExpression()
        var reads = LinearExpression()
        var writes = LinearExpression()
    }

    private func attempt(mostLikedWithin most: Double?, tightening: Double) throws(AllocationError) -> Answer? {
        do throws(ProgrammingError) {
            return try build(mostLikedWithin: most, tightening: tightening)
        } catch {
            throw .solver(error)
        }
    }

    /// The program and what its variables are.
    struct Formulation {
        var program: MathematicalProgram
        let shares: [Variable]
        let reads: [[[Variable?]]]
        let claims: [Int: Variable]
        let cost: LinearExpression
        let liking: LinearExpression
    }

    /// Writes the program down: to minimise the cost, or to maximise the liking at a cost of at most so much.
    func formulation(
        mostLikedWithin most: Double? = nil, tightening: Double = 0
    ) throws(ProgrammingError) -> Formulation {
        let request = problem.request
        var program = MathematicalProgram(name: "allocation")
        let shares = placements.map { placement in
            let offers = placement.offers.map { problem.offers[$0].id }.joined(separator: "+")
            return program.addVariable("share:\(placement.scheme.data):\(offers)", upper: 1)
        }
        program.addConstraint(lower: 1, upper: 1, terms: shares.map { Term($0, 1) })
        var carried = problem.offers.map { _ in Carried() }
        var reads: [[[Variable?]]] = []
        let writes = request.traffic.reduce(0.0) { $0 + Double($1.writes) }
        for (p, placement) in placements.enumerated() {
            let k = Double(placement.scheme.data)
            for j in placement.offers {
                carried[j].share += shares[p]
                carried[j].raw += (1 / k) * shares[p]
                carried[j].writes += writes * shares[p]
                carried[j].placements.append((placement, shares[p]))
            }
            reads.append(addReads(p, placement, shares[p], &carried, &program))
        }
        var used: [Int: Variable] = [:]
        var claims: [Int: Variable] = [:]
        for j in problem.offers.indices where !carried[j].share.terms.isEmpty {
            let variable = program.addBinary()
            program.add(carried[j].share + (-1) * variable <= 0)
            program.add(carried[j].share + (-problem.smallestLeg) * variable >= 0)
            used[j] = variable
            if tariffs[j].contains(where: { $0.withoutFreeVolumes != $0 }) { claims[j] = program.addBinary() }
        }
        for (_, offers) in Dictionary(grouping: claims.keys, by: { problem.offers[$0].provider }) {
            program.addConstraint(upper: 1, terms: offers.sorted().compactMap { claims[$0].map { Term($0, 1) } })
        }
        // Charges: by month and offer.
        var charges: [Int: [Variable]] = [:]
        var ends: [Int: LinearExpression] = [:]
        for (j, use) in used.sorted(by: { $0.key < $1.key }) {
            // Months of one volume and one tariff cost the same.
            struct Alike: Hashable {
                let volume: Int
                let tariff: Tariff
            }
            var known: [Alike: (charge: Variable, storage: LinearExpression)] = [:]
            for (volume, tariff) in zip(volumes, tariffs[j]) {
                let alike = Alike(volume: volume, tariff: tariff)
                let month = known[alike] ?? addCharge(tariff, volume, carried[j], use, claims[j], &program)
                known[alike] = month
                charges[j, default: []].append(month.charge)
                let lacking = tariff.minimumDays - request.termDays
                ends[j] = lacking > 0 ? (Double(lacking) / 30) * month.storage : nil
            }
            addLimits(j, carried[j], &program)
        }
        var cost = LinearExpression([], constant: gatewayAMonth * Double(request.months))
        for variables in charges.values { for charge in variables { cost += fee * charge } }
        for end in ends.values { cost += fee * end }
        addCredits(charges, ends, &cost, &program)
        addMigration(shares, &cost, &program)
        addWhole(shares, carried, &program)
        if let budget = request.budget {
            switch budget.period {
            case .term: program.add(cost <= budget.amount.doubleValue - tightening)
            case .month:
                for month in 0..<request.months {
                    var due = LinearExpression([], constant: gatewayAMonth)
                    for variables in charges.values { due += fee * variables[month] }
                    if month == request.months - 1 { for end in ends.values { due += fee * end } }
                    program.add(due <= budget.amount.doubleValue - tightening)
                }
            }
        }
        var liking = LinearExpression()
        for (p, placement) in placements.enumerated() {
            let mean = placement.offers.reduce(0) { $0 + problem.preferences[$1] } / Double(placement.offers.count)
            liking += mean * shares[p]
        }
        if let most {
            program.add(cost <= most)
            try program.setObjective(.maximize, liking + (-1e-6 / max(most, 1e-9)) * cost)
        } else {
            try program.setObjective(.minimize, cost)
        }
        return Formulation(
            program: program, shares: shares, reads: reads, claims: claims, cost: cost, liking: liking)
    }

    private func build(mostLikedWithin most: Double?, tightening: Double) throws(ProgrammingError) -> Answer? {
        let formulation = try formulation(mostLikedWithin: most, tightening: tightening)
        var parameters = SolverParameters(timeLimit: 120, relativeGap: 1e-8)
        parameters.absoluteGap = 1e-9
        parameters.wantsRays = false
        parameters.primalFeasibilityTolerance = 1e-9
        let solution = try HiGHSSolver().solve(formulation.program, parameters)
        if solution.status == .infeasible { return nil }
        guard solution.status == .optimal else {
            throw .solverRefused(operation: "solve the reference to the end")
        }
        return Answer(
            placements: division(solution, formulation.shares, formulation.reads),
            claimants: Set(formulation.claims.filter { solution[$0.value] > 0.5 }.map { problem.offers[$0.key].id }),
            cost: formulation.cost.value(solution), liking: formulation.liking.value(solution))
    }

    var gatewayAMonth: Double {
        problem.charges.gatewayPerGB.doubleValue * problem.request.traffic.reduce(0) { $0 + Double($1.egressBytes) }
            / 1e9
    }
}
