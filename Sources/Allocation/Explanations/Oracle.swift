import Marketplace

/// What ends a part of an explanation early.
enum Interruption: Error {
    /// There was no time to solve a problem to the end; what had been found by then, and what nothing costs less than.
    case outOfTime(found: Oracle.Optimum?, bound: Double)
    /// The optimizer failed.
    case failed(AllocationError)
}

/// Answers what variants of one problem cost at least, within one deadline for all of them.
///
/// Every search starts from the columns that earlier ones came to know, as far as the variant admits them.
final class Oracle {
    /// The cheapest allocation of a variant.
    struct Optimum {
        let cost: Double
        let division: Division
        let placements: [Placement]
        let claimants: Set<String>
        /// How far below it the least may lie.
        let gap: Double
    }

    private let optimizer: AllocationOptimizer
    private let clock = Stopwatch()
    private let limit: Double
    /// When the part that is being looked at must be done, in milliseconds.
    private var sectionEnd: Double
    private var weightsLeft: Double
    private var pool: [Division.Part] = []
    private var known: Set<Division.Part> = []
    /// How many searches were run.
    private(set) var solves = 0

    /// The part of the whole time that one search may take, and that the few may take on which others build.
    static let shortPart = 0.04
    static let longPart = 0.15

    /// How far above the least a cost may lie, relative to it.
    static let relativeGap = 1e-7

    init(_ optimizer: AllocationOptimizer, timeLimit: Double) {
        self.optimizer = optimizer
        // Three years are for ever, and can be divided.
        limit = min(max(0, timeLimit), 1e8) * 1000
        (sectionEnd, weightsLeft) = (limit, 0)
    }

    /// Starts the parts of an explanation that are to share the time by these weights.
    func share(_ weights: Double) { weightsLeft = weights }

    /// Starts a part: it may take its share of the time that is left, and what earlier parts did not need.
    func begin(weight: Double) {
        let now = clock.milliseconds
        sectionEnd = weightsLeft > weight ? now + max(0, limit - now) * weight / weightsLeft : limit
        weightsLeft -= weight
    }

    /// Makes known where a search should look.
    func suggest(_ division: Division) { for part in division.parts { remember(part) } }

    /// Seconds until the part's time is over, not below 0.
    var secondsLeft: Double { max(0, min(limit, sectionEnd) - clock.milliseconds) / 1000 }

    /// The cheapest allocation of `problem` without some of its constraints; nil when nothing meets the others.
    ///
    /// - Parameter part: how much of the whole time the search may take.
    func optimum(
        _ problem: AllocationProblem, relaxed: Set<ConstraintKind> = [], part: Double = shortPart
    ) throws(Interruption) -> Optimum? {
        let left = min(limit, sectionEnd) - clock.milliseconds
        guard left > 0 else { throw .outOfTime(found: nil, bound: -.infinity) }
        solves += 1
        var search = optimizer
        // One hard question must not take the time of all others.
        search.timeLimit = min(left, max(part * limit, 100)) / 1000
        search.relativeGap = Self.relativeGap
        let model = TermModel(problem, relaxed: relaxed)
        var timing = Allocation.Timing()
        let found: (ShareOptimizer.Result, [ShareColumn])
        do {
            found = try search.search(
                model, .cost, columns: model.columns(pool).compactMap(\.self), clock: Stopwatch(), timing: &timing)
        } catch {
            throw .failed(error)
        }
        let (result, columns) = found
        if solves == 1 { for column in columns { remember(model.part(column)) } }
        let best = result.best.map { best in
            Optimum(
                cost: best.cost, division: model.division(best), placements: model.placements(best),
                claimants: model.claimants(best), gap: max(0, best.cost - result.bound))
        }
        for known in best?.division.parts ?? [] { remember(known) }
        guard let best else {
            if result.isComplete { return nil }
            throw .outOfTime(found: nil, bound: result.bound)
        }
        // The bound may close before every node is seen; and a search may end with nothing left to branch on.
        guard best.gap <= 1e-6 * max(1e-2, abs(best.cost)) else {
            throw .outOfTime(found: best, bound: result.bound)
        }
        return best
    }

    private func remember(_ part: Division.Part) {
        // Shares do not matter to a column.
        let part = Division.Part(scheme: part.scheme, offers: part.offers, fetched: part.fetched, share: 0)
        if known.insert(part).inserted { pool.append(part) }
    }

    /// What a division costs under another problem, its shares as they are; nil when it does not stand there. Cheap:
    /// nothing is searched.
    func cost(
        of division: Division, in problem: AllocationProblem, relaxed: Set<ConstraintKind> = []
    ) -> Double? {
        let used = division.offers
        let model = TermModel(problem.keeping { used.contains($0.id) }, relaxed: relaxed)
        var columns: [(column: ShareColumn, share: Double)] = []
        for (column, part) in zip(model.columns(division.parts), division.parts) {
            guard let column else { return nil }
            columns.append((column, part.share))
        }
        let candidate = model.evaluate(columns)
        guard candidate.stands, model.budgetExcess(candidate) == nil else { return nil }
        return candidate.cost
    }
}
