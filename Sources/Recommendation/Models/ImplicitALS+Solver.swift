extension ImplicitALS {
    /// How the rows of a half-step are solved. All have the same fixed points.
    ///
    /// Seconds an epoch on Gowalla (10 epochs, two cores of AMD Zen 5) at 64, 128 and 256 factors: conjugate gradients
    /// .027, .070 and .15; exact .15, .26 and .52; blocks .50, .97 and 1.85, at a Recall@20 within .001 of each other.
    /// Rows there are short beside the factors, so that Woodbury's identity is cheaper than blocks.
    public enum Solver: String, Sendable, Codable, CaseIterable {
        /// `exact` up to 16 factors, `conjugateGradient` beyond: what takes the least time to a given Recall.
        case automatic
        /// Every row by normal equations or by the identity of Woodbury, whichever is smaller: O(n d min(n, d)).
        case exact
        /// One step of conjugate gradients for each row and epoch, from the row that the epoch before left, and as many
        /// as it takes in the last half-step: O(n d) a step.
        case conjugateGradient
        /// One sweep of exact steps in blocks of 64 coordinates for each row and epoch (iALS++), and exact solutions in
        /// the last half-step: O(n d b + d b²) a sweep.
        case blocks

        /// The solver for so many factors.
        func resolved(factors: Int) -> Solver {
            guard self == .automatic else { return self }
            return factors <= 16 ? .exact : .conjugateGradient
        }
    }
}

extension ImplicitALS.Hyperparameters {
    private enum CodingKeys: String, CodingKey {
        case factors, epochs, regularization, unobservedWeight, frequencyExponent, seed, solver
    }

    /// Without a solver, as models before there was a choice were stored, it is `automatic`.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            factors: try values.decode(Int.self, forKey: .factors),
            epochs: try values.decode(Int.self, forKey: .epochs),
            regularization: try values.decode(Double.self, forKey: .regularization),
            unobservedWeight: try values.decode(Double.self, forKey: .unobservedWeight),
            frequencyExponent: try values.decode(Double.self, forKey: .frequencyExponent),
            seed: try values.decode(UInt64.self, forKey: .seed),
            solver: try values.decodeIfPresent(ImplicitALS.Solver.self, forKey: .solver) ?? .automatic)
    }

    /// Leaves an automatic solver out.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(factors, forKey: .factors)
        try values.encode(epochs, forKey: .epochs)
        try values.encode(regularization, forKey: .regularization)
        try values.encode(unobservedWeight, forKey: .unobservedWeight)
        try values.encode(frequencyExponent, forKey: .frequencyExponent)
        try values.encode(seed, forKey: .seed)
        if solver != .automatic { try values.encode(solver, forKey: .solver) }
    }
}
