import Foundation
import Marketplace
import MathematicalProgramming

/// The plain formulation of one scheme (k, n) as a mixed-integer program: all data lies under one placement.
///
/// Variables: `chosen[j]` ∈ {0, 1}, whether offer j holds a shard; `reads[u][j]` ∈ [0, 1], the share of region u's
/// reads that fetch j's shard. Constraints: n offers are chosen; each region's reads fetch k shards from chosen offers
/// within the latency bound; caps on providers and metros; capacity; budget. Costs: each offer's whole tariff, with
/// integers where a price falls, and the platform's fee.
///
/// Availability and durability are not linear. Their necessary conditions are rows of the model.
///
/// This is the program that a user would give to a solver, kept as the peer of the optimizer and for export; the
/// optimizer itself works with placements (``ShareOptimizer``).
struct AllocationModel {
    let problem: AllocationProblem
    let scheme: RedundancyScheme
    let classes: [MonthClass]
    var program: MathematicalProgram
    var chosen: [Variable] = []
    /// By traffic region, then by offer; nil where the offer cannot serve the region.
    var reads: [[Variable?]] = []
    /// What the whole term costs, migration and the platform's charges included.
    var termCost = LinearExpression()
    /// What a month of each class costs before credits, the platform's charges included.
    var monthlyCosts: [LinearExpression] = []
    /// What storing less long than the minimum durations costs in the last month on top, the fee included.
    var earlyEnd = LinearExpression()

    /// Builds the model; the objective is the term's cost. O(offers × (regions + classes)).
    init(
        _ problem: AllocationProblem, scheme: RedundancyScheme
    ) throws(ProgrammingError) {
        self.init(
            placementOf: problem, scheme: scheme, months: 0..<max(1, problem.request.months),
            in: MathematicalProgram(name: "allocation"))
        addCosts()
        addBudget()
        try program.setObjective(.minimize, termCost)
    }

    /// The placement alone, its reads and its constraints but for costs, for some months of the term: as further rows of
    /// `program`.
    init(
        placementOf problem: AllocationProblem, scheme: RedundancyScheme, months: Range<Int>,
        in program: MathematicalProgram
    ) {
        self.problem = problem
        self.scheme = scheme
        self.program = program
        classes = problem.request.monthClasses(problem.offers)
        addPlacement(peak: shardBytes(months.map(problem.request.logicalBytes(inMonth:)).max() ?? 1))
        addReads()
        addTolerance()
        addDiversification()
        addReliability()
    }

    /// Raw bytes of one shard for `logical` bytes, rounded up.
    func shardBytes(_ logical: Int) -> Int { (logical - 1) / scheme.data + 1 }

    /// Whether offer `j` serves readers of traffic region `u` within the bound and at published prices.
    func serves(_ j: Int, _ u: Int) -> Bool {
        guard problem.publishesReads(j, u) else { return false }
        guard let bound = problem.request.qos.latencyMs?.doubleValue else { return true }
        return problem.latencies[j][u].map { $0 <= bound } ?? false
    }

    /// Offers in groups of equal key.
    func groups(_ key: KeyPath<Offer, String>) -> [[Int]] {
        let groups = Dictionary(grouping: problem.offers.indices) { problem.offers[$0][keyPath: key] }
        return groups.sorted { $0.key < $1.key }.map(\.value)
    }

    // MARK: Placement and reads

    private mutating func addPlacement(peak: Int) {
        for (j, offer) in problem.offers.enumerated() {
            let hasRoom = offer.capacityBytes.map { peak <= $0 } ?? true
            let fits = hasRoom && problem.publishesWrites(j)
            chosen.append(
                program.addVariable("hold:" + offer.id, lower: 0, upper: fits ? 1 : 0, kind: .integer))
        }
        let shards = Double(scheme.shards)
        program.addConstraint("shards", lower: shards, upper: shards, terms: chosen.map { Term($0, 1) })
    }

    private mutating func addReads() {
        let needed = Double(scheme.data)
        for (u, part) in problem.request.traffic.enumerated() {
            let within = problem.offers.indices.filter { serves($0, u) }
            var row: [Variable?] = Array(repeating: nil, count: problem.offers.count)
            if part.egressBytes > 0 || part.reads > 0 {
                for j in within {
                    let read = program.addVariable("read:\(part.region):\(problem.offers[j].id)", upper: 1)
                    program.addConstraint(upper: 0, terms: [Term(read, 1), Term(chosen[j], -1)])
                    row[j] = read
                }
                program.addConstraint(
                    "reads:" + part.region, lower: needed, upper: needed,
                    terms: row.compactMap { $0.map { Term($0, 1) } })
            } else if within.count < problem.offers.count {
                program.addConstraint("reach:" + part.region, lower: needed, terms: within.map { Term(chosen[$0], 1) })
            }
            reads.append(row)
        }
    }

    // MARK: Constraints on the placement

    private mutating func addTolerance() {
        let request = problem.request
        addTolerance(of: request.toleratedProviders, groups(\.provider), "provider")
        addTolerance(of: request.toleratedRegions, groups(\.metro), "metro")
    }

    /// The `lost` groups that hold the most shards hold at most n − k together.
    private mutating func addTolerance(of lost: Int, _ groups: [[Int]], _ name: String) {
        guard lost > 0 else { return }
        let counts = groups.map { group in LinearExpression(group.map { Term(chosen[$0], 1) }) }
        addLargestSum(counts, count: lost, atMost: Double(scheme.parity), name)
    }

    /// Σ of the `count` largest expressions ≤ `bound`, for expressions that are never negative.
    ///
    /// By duality the sum is min over θ of count·θ + Σ max(0, eᵢ − θ), which is linear (Ogryczak and Tamir, 2003).
    mutating func addLargestSum(
        _ expressions: [LinearExpression], count: Int, atMost bound: Double, _ name: String
    ) {
        if count == 1 {
            for expression in expressions { program.addConstraint(name, upper: bound, terms: expression.terms) }
            return
        }
        let threshold = program.addVariable(name + ":threshold")
        var sum = [Term(threshold, Double(count))]
        for expression in expressions {
            let excess = program.addVariable(name + ":excess")
            program.addConstraint(upper: 0, terms: expression.terms + [Term(threshold, -1), Term(excess, -1)])
            sum.append(Term(excess, 1))
        }
        program.addConstraint(name, upper: bound, terms: sum)
    }

    private mutating func addDiversification() {
        let request = problem.request
        let providers = groups(\.provider)
        if let share = request.maxProviderShare {
            let most = (share.doubleValue * Double(scheme.shards) + 1e-9).rounded(.down)
            for group in providers {
                program.addConstraint("maxProviderShare", upper: most, terms: group.map { Term(chosen[$0], 1) })
            }
        }
        if request.minProviders > 1 {
            var used: [Term] = []
            for group in providers {
                let holds = program.addBinary("provider:" + problem.offers[group[0]].provider)
                program.addConstraint(upper: 0, terms: [Term(holds, 1)] + group.map { Term(chosen[$0], -1) })
                used.append(Term(holds, 1))
            }
            program.addConstraint("minProviders", lower: Double(request.minProviders), terms: used)
        }
    }
}
