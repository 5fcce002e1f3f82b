import Marketplace

/// What ends a part of an explanation early.
enum Interruption: Error {
    /// There was no time to solve a problem to the end.
    case outOfTime
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
    }

    private let optimizer: AllocationOptimizer
    private let clock = Stopwatch()
    private let limit: Double
    private var pool: [Division.Part] = []
    private var known: Set<Division.Part> = []
    /// How many searches were run.
    private(set) var solves = 0

    /// How far above the least a cost may lie, relative to it.
    static let relativeGap = 1e-8

    init(_ optimizer: AllocationOptimizer, timeLimit: Double) {
        self.optimizer = optimizer
        limit = timeLimit.isFinite ? max(0, timeLimit) * 1000 : .infinity
    }

    /// Milliseconds since the start.
    var milliseconds: Double { clock.milliseconds }

    /// Whether the deadline has struck.
    var isOver: Bool { clock.milliseconds >= limit }

    /// The cheapest allocation of `problem` without some of its constraints; nil when nothing meets the others.
    func optimum(
        _ problem: AllocationProblem, relaxed: Set<ConstraintKind> = []
    ) throws(Interruption) -> Optimum? {
        let left = limit - clock.milliseconds
        guard left > 0 else { throw .outOfTime }
        solves += 1
        var search = optimizer
        // One hard question must not take the time of all others.
        search.timeLimit = max(left / 3, min(left, 250)) / 1000
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
        guard result.isComplete else { throw .outOfTime }
        if solves == 1 { for column in columns { remember(model.part(column)) } }
        guard let best = result.best else { return nil }
        guard best.cost - result.bound <= 1e-6 * max(1, abs(best.cost)) else { throw .outOfTime }
        for (column, _) in best.columns { remember(model.part(column)) }
        return Optimum(
            cost: best.cost, division: model.division(best), placements: model.placements(best),
            claimants: model.claimants(best))
    }

    private func remember(_ part: Division.Part) {
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
