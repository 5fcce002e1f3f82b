import Marketplace
import MathematicalProgramming

/// The mixed-integer program of plans that keep all data under one placement of one scheme in each stage.
///
/// By stage the rows of the plain program (``AllocationModel``): which offers hold a shard, and which shares of reads they
/// serve. Costs are each offer's tariffs in the stage's months. Between stages, what is entered is written, what is left
/// is read out or rebuilt, and what is left before its minimum duration is over is paid for until then.
struct StagedProgram {
    let problem: AllocationProblem
    let scheme: RedundancyScheme
    let stages: [Range<Int>]
    let model: TermModel
    let moveCosts: MoveCosts
    var program = MathematicalProgram(name: "moves")
    /// By stage and offer: whether it holds a shard.
    var chosen: [[Variable]] = []
    /// By stage, region and offer: the share of the reads that fetch its shard.
    var reads: [[[Variable?]]] = []
    /// By stage and offer: whether its leg has the account's free volumes; nil where it is used or has none to claim.
    var claims: [[Variable?]] = []
    var cost = LinearExpression()
    /// By provider with credits and slice: what its offers charge, all months of the slice together.
    var credited: [String: [LinearExpression]] = [:]
    /// By slice: what a month costs before credits, the platform's charges included.
    var monthly: [LinearExpression] = []
    /// What is charged at the end of the term for minimum durations, the fee included.
    var endCharge = LinearExpression()

    /// Months of one class within one stage.
    struct Slice {
        let stage: Int
        let monthClass: Int
        let months: Int
    }

    let slices: [Slice]

    /// Builds the program; O(offers × stages × (regions + slices)).
    init(
        _ problem: AllocationProblem, _ scheme: RedundancyScheme, _ stages: [Range<Int>], tightening: Double = 0
    ) throws(AllocationError) {
        self.problem = problem
        self.scheme = scheme
        self.stages = stages
        model = TermModel(problem.asking { $0.redundancy = .fixed(scheme) })
        moveCosts = MoveCosts(problem: problem, scheme: scheme)
        let classes = model.classes
        slices = stages.enumerated().flatMap { s, months in
            classes.indices.compactMap { v in
                let shared = classes[v].months.count { months.contains($0) }
                return shared > 0 ? Slice(stage: s, monthClass: v, months: shared) : nil
            }
        }
        for months in stages {
            let stage = AllocationModel(placementOf: problem, scheme: scheme, months: months, in: program)
            program = stage.program
            chosen.append(stage.chosen)
            reads.append(stage.reads)
        }
        cost.constant = model.gateway * Double(problem.request.months)
        monthly = slices.map { _ in LinearExpression([], constant: model.gateway) }
        let credited = Set(problem.request.credits.map(\.provider))
        for provider in credited { self.credited[provider] = slices.map { _ in LinearExpression() } }
        addClaims()
        for s in stages.indices { for j in problem.offers.indices { addCharges(s, j) } }
        try addMoves()
        addDurations()
        addHoldings()
        addCredits()
        addBudget(tightening)
        do throws(ProgrammingError) {
            try program.setObjective(.minimize, cost)
        } catch {
            throw .solver(error)
        }
    }

    var request: SLARequest { problem.request }

    /// Forbids offers in stages.
    mutating func forbid(_ isForbidden: (_ stage: Int, _ offer: Int) -> Bool) throws(ProgrammingError) {
        for s in stages.indices {
            for j in problem.offers.indices where isForbidden(s, j) {
                try program.setBounds(of: chosen[s][j], lower: 0, upper: 0)
            }
        }
    }

    /// Demands that of `offers` at most `most` hold a shard together, in every stage.
    mutating func allow(_ offers: [Int], atMost most: Int) {
        for row in chosen {
            program.addConstraint("unreliable", upper: Double(most), terms: offers.map { Term(row[$0], 1) })
        }
    }

    // MARK: Between stages

    private mutating func addMoves() throws(AllocationError) {
        for s in stages.indices.dropFirst() {
            let month = stages[s].lowerBound
            let isRebuilt = scheme.data == 1 ? program.addVariable(upper: 1) : program.addBinary()
            var read = LinearExpression()
            for (j, offer) in problem.offers.enumerated() {
                let (before, after) = (chosen[s - 1][j], chosen[s][j])
                // Who enters: one copy suffices to make all others, so that reading it is all that rebuilding takes.
                if scheme.data == 1 {
                    program.addConstraint(upper: 0, terms: [Term(after, 1), Term(before, -1), Term(isRebuilt, -1)])
                }
                if let writes = try moveCosts.writing(offer, before: month) {
                    let price = model.fee * writes.reduce(0) { $0 + $1.amount.doubleValue }
                    if price > 0 {
                        let enters = program.addVariable(upper: 1)
                        program.addConstraint(upper: 0, terms: [Term(after, 1), Term(before, -1), Term(enters, -1)])
                        cost += price * enters
                    }
                } else {
                    // What it cannot be written to can only be kept.
                    program.addConstraint(upper: 0, terms: [Term(after, 1), Term(before, -1)])
                }
                let reading = try moveCosts.reading(offer, before: month)
                let isRead = program.addVariable(upper: reading == nil ? 0 : 1)
                program.addConstraint(upper: 0, terms: [Term(isRead, 1), Term(before, -1)])
                if scheme.data > 1 {
                    program.addConstraint(
                        lower: 0,
                        terms: [Term(isRead, 1), Term(before, -1), Term(after, 1), Term(isRebuilt, 1)])
                }
                read += isRead
                cost += (model.fee * (reading ?? []).reduce(0) { $0 + $1.amount.doubleValue }) * isRead
            }
            program.add(read + (-Double(scheme.data)) * isRebuilt >= 0)
        }
    }

    /// Runs of stages that an offer holds a shard through, where some would end before its minimum duration does.
    private mutating func addDurations() {
        for (j, offer) in problem.offers.enumerated() {
            var prices: [(first: Int, last: Int, price: Double)] = []
            for first in stages.indices {
                for last in first..<stages.count {
                    prices.append((first, last, early(j, stages[first].lowerBound, stages[last].upperBound)))
                }
            }
            guard prices.contains(where: { $0.price > 0 }) else { continue }
            var through = stages.indices.map { LinearExpression([Term(chosen[$0][j], -1)]) }
            var atEnd = LinearExpression()
            for (first, last, price) in prices {
                let run = program.addVariable(upper: 1)
                for s in first...last { through[s] += run }
                if last == stages.count - 1 { atEnd += price * run } else { cost += (model.fee * price) * run }
            }
            for sum in through { program.add(sum == 0) }
            guard !atEnd.terms.isEmpty else { continue }
            cost += model.fee * atEnd
            endCharge += model.fee * atEnd
            if let last = slices.indices.last { credited[offer.provider]?[last] += atEnd }
        }
    }

    /// What giving a shard up before month `end` costs that came before month `start`: the same as
    /// ``MoveCosts/early(_:from:to:)``, without rounding.
    private func early(_ j: Int, _ start: Int, _ end: Int) -> Double {
        guard let v = model.classes.firstIndex(where: { $0.months.contains(end - 1) }) else { return 0 }
        let tariff = model.costs[j].tariff(v)
        let lacking = tariff.minimumDays - 30 * (end - start)
        guard lacking > 0 else { return 0 }
        let free = tariff.feeIncludesFree ? tariff.freeStorage : 0
        return tariff.storage(max(0, model.costs[j].billed[0][v] - free)) * Double(lacking) / 30
    }

    /// What lies with an offer already and stays there is not moved away from it.
    private mutating func addHoldings() {
        for holding in model.leaving {
            cost.constant += model.fee * (holding.reading + holding.early)
            guard scheme.data == 1, let j = holding.offer, let first = chosen.first else { continue }
            cost += (-model.fee * (holding.early + (scheme.shards == 1 ? holding.reading : 0))) * first[j]
        }
    }
}
