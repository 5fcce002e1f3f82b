/// Whether the solver did as it was told, apart from what it found.
public enum CallStatus: String, Sendable, Codable {
    /// Everything went well.
    case ok
    /// The solver finished and warned, for example about an entry of negligible size or a limit that was reached.
    case warning
}

/// What is known about the model after a solve.
public enum ModelStatus: String, Sendable, Codable, CaseIterable {
    /// The solution is optimal within the tolerances and gaps asked for.
    case optimal
    /// A limit was reached; the solution is feasible, and its distance to the optimum is at most `Solution.gap`, if
    /// that is known.
    case feasible
    /// No point satisfies the constraints.
    case infeasible
    /// Feasible points exist, and their objectives have no bound.
    case unbounded
    /// One of the two; neither could be excluded.
    case infeasibleOrUnbounded
    /// The time ran out before a feasible point was found.
    case timeLimit
    /// Another limit (nodes, iterations) was reached before a feasible point was found.
    case otherLimit
    /// The solver ended with a point that misses the tolerances: use with care.
    case imprecise
    /// The solver ended without a result.
    case failed
}

/// Which limit ended a solve.
public enum SolveLimit: String, Sendable, Codable {
    /// The time limit.
    case time
    /// The limit of simplex iterations.
    case iterations
    /// The limit of nodes or of solutions.
    case nodes
    /// The objective target: a solution is at least as good.
    case target
    /// An interrupt.
    case interrupt
}

/// What a solver found.
///
/// Arrays have one element for each variable or constraint, in the model's order; they are empty where the solver has
/// nothing to say. Duals belong to linear programs only.
///
/// Sign convention: a dual value is the derivative of the optimal objective with respect to the constraint's active
/// bound, and a reduced cost the same for the variable's active bound, in the model's own sense. With rows A, costs c,
/// duals y: reduced costs d = c − Aᵀy. When minimizing, y and d are ≥ 0 at an active lower bound and ≤ 0 at an active
/// upper bound; when maximizing, the reverse.
public struct Solution: Sendable, Equatable {
    /// Whether the call went well.
    public var callStatus: CallStatus
    /// What is known about the model.
    public var status: ModelStatus
    /// Which limit ended the solve, if one did.
    public var limit: SolveLimit?
    /// The objective at `values`, offset included; nil if there is no point.
    public var objective: Double?
    /// No feasible point has a better objective than this; nil if nothing is known.
    public var bound: Double?
    /// |objective − bound| / |objective|, 0 if the two are equal; nil unless both are known.
    public var gap: Double?
    /// The point: a value for each variable.
    public var values: [Double]
    /// The value of each row at the point.
    public var activities: [Double]
    /// The dual value of each constraint.
    public var duals: [Double]
    /// The reduced cost of each variable.
    public var reducedCosts: [Double]
    /// The simplex basis at which a linear program ended.
    public var basis: Basis?
    /// Over which ranges the basis stays optimal; only if it was asked for.
    public var ranging: Ranging?
    /// Of an infeasible linear program: a multiplier for each constraint which proves it (Farkas).
    public var dualRay: [Double]
    /// Of an unbounded linear program: a direction in which the objective improves for ever.
    public var primalRay: [Double]
    /// Simplex iterations.
    public var simplexIterations: Int
    /// Branch-and-bound nodes.
    public var nodes: Int
    /// Wall-clock seconds within the solver, rays and ranging included.
    public var solveSeconds: Double

    /// Makes a result that says nothing but its status.
    public init(
        status: ModelStatus, callStatus: CallStatus = .ok, objective: Double? = nil, bound: Double? = nil,
        values: [Double] = [], activities: [Double] = [], duals: [Double] = [], reducedCosts: [Double] = []
    ) {
        self.callStatus = callStatus
        self.status = status
        self.limit = nil
        self.objective = objective
        self.bound = bound
        self.gap = Self.relativeGap(objective: objective, bound: bound)
        self.values = values
        self.activities = activities
        self.duals = duals
        self.reducedCosts = reducedCosts
        self.basis = nil
        self.ranging = nil
        self.dualRay = []
        self.primalRay = []
        self.simplexIterations = 0
        self.nodes = 0
        self.solveSeconds = 0
    }

    /// Whether there is a feasible point: `optimal` or `feasible`.
    public var isFeasible: Bool { status == .optimal || status == .feasible }

    /// The value of a variable; NaN if there is none.
    public subscript(variable: Variable) -> Double { Self.element(values, variable.index) }

    /// The value of a row; NaN if there is none.
    public func activity(of constraint: Constraint) -> Double { Self.element(activities, constraint.index) }

    /// The dual value of a constraint; NaN if there is none.
    public func dual(of constraint: Constraint) -> Double { Self.element(duals, constraint.index) }

    /// The reduced cost of a variable; NaN if there is none.
    public func reducedCost(of variable: Variable) -> Double { Self.element(reducedCosts, variable.index) }

    /// |objective − bound| / |objective|; 0 if they are equal, ∞ if only the objective is zero, nil if one is unknown.
    public static func relativeGap(objective: Double?, bound: Double?) -> Double? {
        guard let objective, let bound else { return nil }
        let difference = abs(objective - bound)
        return difference == 0 ? 0 : difference / abs(objective)
    }

    private static func element(_ array: [Double], _ index: Int) -> Double {
        array.indices.contains(index) ? array[index] : .nan
    }
}
