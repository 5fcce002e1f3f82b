/// How a model is to be solved.
///
/// The defaults are the solver's, but for one thread, a tighter relative gap and no cap on time.
public struct SolverParameters: Sendable, Equatable {
    /// Seconds of wall-clock time for one solve; ∞ for no limit.
    public var timeLimit: Double = .infinity
    /// A mixed-integer program is solved when |objective − bound| ≤ `relativeGap`·|objective|.
    public var relativeGap: Double = 1e-6
    /// A mixed-integer program is solved when |objective − bound| ≤ `absoluteGap` (units of the objective).
    public var absoluteGap: Double = 1e-6
    /// The number of threads; 0 lets the solver choose. With 1 the solve runs on the caller's thread.
    public var threads: Int = 1
    /// The seed of the solver's random numbers: the same model, parameters and version give the same answer.
    public var seed: Int = 0
    /// Whether the model is simplified before it is solved.
    public var presolve: Bool = true
    /// How far a bound or row may be violated (absolute).
    public var primalFeasibilityTolerance: Double = 1e-7
    /// How far a reduced cost may have the wrong sign (absolute).
    public var dualFeasibilityTolerance: Double = 1e-7
    /// How far an integer variable may be from an integer (absolute).
    public var integralityTolerance: Double = 1e-6
    /// Whether an optimal linear program's `Solution.ranging` is computed.
    public var wantsRanging: Bool = false
    /// Whether a ray is computed that proves a linear program infeasible (`Solution.dualRay`) or unbounded
    /// (`Solution.primalRay`). It can cost another solve.
    public var wantsRays: Bool = true
    /// A mixed-integer solve stops at the first solution at least as good (units of the objective).
    public var objectiveTarget: Double?
    /// The greatest number of branch-and-bound nodes; nil for no limit.
    public var nodeLimit: Int?
    /// The greatest number of simplex iterations for a linear program; nil for no limit.
    public var iterationLimit: Int?

    /// Makes the default parameters.
    public init() {}

    /// Makes the default parameters, with those that matter most.
    public init(timeLimit: Double = .infinity, relativeGap: Double = 1e-6, threads: Int = 1, wantsRanging: Bool = false)
    {
        self.timeLimit = timeLimit
        self.relativeGap = relativeGap
        self.threads = threads
        self.wantsRanging = wantsRanging
    }

    /// Refuses parameters outside their range.
    /// - Throws: `invalidParameter`.
    public func validate() throws(ProgrammingError) {
        let largest = Double(Int32.max)
        try Self.require(timeLimit >= 0, "timeLimit", timeLimit)
        try Self.require(relativeGap >= 0 && relativeGap < .infinity, "relativeGap", relativeGap)
        try Self.require(absoluteGap >= 0 && absoluteGap < .infinity, "absoluteGap", absoluteGap)
        try Self.require(threads >= 0 && threads <= 4096, "threads", Double(threads))
        try Self.require(seed >= 0 && Double(seed) <= largest, "seed", Double(seed))
        for (name, tolerance) in [
            ("primalFeasibilityTolerance", primalFeasibilityTolerance),
            ("dualFeasibilityTolerance", dualFeasibilityTolerance), ("integralityTolerance", integralityTolerance)
        ] {
            try Self.require(tolerance >= 1e-10 && tolerance <= 0.1, name, tolerance)
        }
        if let objectiveTarget { try Self.require(objectiveTarget.isFinite, "objectiveTarget", objectiveTarget) }
        for (name, limit) in [("nodeLimit", nodeLimit), ("iterationLimit", iterationLimit)] {
            if let limit { try Self.require(limit >= 0 && Double(limit) <= largest, name, Double(limit)) }
        }
    }

    private static func require(_ holds: Bool, _ name: String, _ value: Double) throws(ProgrammingError) {
        if !holds { throw .invalidParameter(name: name, value: value) }
    }
}
