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

    @Option(name: .long, help: "The seed of the random start.")
    var seed: UInt64 = 1

    /// What the options and `defaults` come to, checked.
    func hyperparameters(_ defaults: ImplicitALS.Hyperparameters) throws -> ImplicitALS.Hyperparameters {
        var chosen = defaults
        chosen.factors = factors ?? chosen.factors
        chosen.epochs = epochs ?? chosen.epochs
        chosen.regularization = regularization ?? chosen.regularization
        chosen.unobservedWeight = unobservedWeight ?? chosen.unobservedWeight
        chosen.frequencyExponent = frequencyExponent ?? chosen.frequencyExponent
        chosen.seed = seed
        do { try chosen.validate() } catch { throw ValidationError("\(error)") }
        return chosen
    }
}
