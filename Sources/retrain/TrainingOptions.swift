import ArgumentParser
import Recommendation

/// How a factorization is trained; what is left out takes the command's default.
struct TrainingOptions: ParsableArguments {
    @Option(name: .long, help: "Width of the factors, 1…4096 (64).")
    var factors: Int?

    @Option(name: .long, help: "How often all items and then all users are solved (10; at most 32 in 'run').")
    var epochs: Int?

    @Option(name: .long, help: "λ, the regularization (0.003; 0.1 in 'run'; 200 for ease).")
    var regularization: Double?

    @Option(name: .long, help: "α₀, the weight of what was not observed (0.03; 0.005 in 'run').")
    var unobservedWeight: Double?

    @Option(name: .long, help: "ν, how regularization grows with frequency (1; 0.5 in 'run').")
    var frequencyExponent: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How factors are solved: \(ImplicitALS.Solver.allCases.map(\.rawValue).joined(separator: ", ")).",
            discussion: "automatic is exact up to 16 factors and conjugateGradient beyond."))
    var solver: ImplicitALS.Solver?

    @Option(name: .long, help: "The seed of the random start.")
    var seed: UInt64 = 1

    /// `defaults` under the options; not checked.
    func applied(to defaults: ImplicitALS.Hyperparameters) -> ImplicitALS.Hyperparameters {
        var chosen = defaults
        chosen.factors = factors ?? chosen.factors
        chosen.epochs = epochs ?? chosen.epochs
        chosen.regularization = regularization ?? chosen.regularization
        chosen.unobservedWeight = unobservedWeight ?? chosen.unobservedWeight
        chosen.frequencyExponent = frequencyExponent ?? chosen.frequencyExponent
        chosen.solver = solver ?? chosen.solver
        chosen.seed = seed
        return chosen
    }
}

extension ImplicitALS.Solver: ExpressibleByArgument {}
