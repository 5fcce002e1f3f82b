/// How a QoS model is fitted.
public struct QoSHyperparameters: Sendable, Equatable, Codable {
    /// The width of the factors without their intercept, r ≥ 1.
    public var factors: Int
    /// How often both sides are solved.
    public var sweeps: Int
    /// How many parts take turns in being predicted from the others, ≥ 2; the errors are the predictive distribution.
    public var folds: Int
    /// The weight of a user's prior, in measurements of the average noise.
    public var ridge: Double
    /// The weight of a wider group's mean in the mean of a narrower one, in members.
    public var groupPrior: Double
    /// The weight of the factors before in a warm start, in priors.
    public var memory: Double
    /// The number of atoms of a predictive distribution.
    public var atoms: Int
    /// The seed of the first factors and of the folds.
    public var seed: UInt64

    /// Hyperparameters; the defaults were chosen by cross-validation on training entries.
    public init(
        factors: Int = 9, sweeps: Int = 25, folds: Int = 5, ridge: Double = 4, groupPrior: Double = 3,
        memory: Double = 10, atoms: Int = 100, seed: UInt64 = 1
    ) {
        self.factors = factors
        self.sweeps = sweeps
        self.folds = folds
        self.ridge = ridge
        self.groupPrior = groupPrior
        self.memory = memory
        self.atoms = atoms
        self.seed = seed
    }

    /// - Throws: `invalidHyperparameter` naming the first that has no meaning.
    func check() throws(RecommendationError) {
        func require(_ condition: Bool, _ name: String, _ requirement: String) throws(RecommendationError) {
            guard condition else { throw .invalidHyperparameter(name: name, requirement: requirement) }
        }
        try require((1...64).contains(factors), "factors", "must be within 1…64")
        try require((1...10_000).contains(sweeps), "sweeps", "must be within 1…10000")
        try require((2...1000).contains(folds), "folds", "must be within 2…1000")
        try require(ridge > 0 && ridge.isFinite, "ridge", "must be positive")
        try require(groupPrior > 0 && groupPrior.isFinite, "groupPrior", "must be positive")
        try require(memory >= 0 && memory.isFinite, "memory", "must not be negative")
        try require((2...10_000).contains(atoms), "atoms", "must be within 2…10000")
    }
}
