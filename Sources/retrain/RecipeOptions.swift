import ArgumentParser
import Recommendation

/// Which model `evaluate` trains, and how.
struct RecipeOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The model: \(ModelKind.allCases.map(\.rawValue).joined(separator: ", ")).",
            discussion: """
                ials: matrix factorization. gf-cf: graph filters, an item-item neighbourhood and a low-pass filter. \
                ease: linear autoencoder in closed form. blend: ials and gf-cf added up, the best of them.
                """))
    var model: String = ModelKind.ials.rawValue

    @OptionGroup(title: "Options of ials and blend") var training: TrainingOptions

    @Option(
        name: .long, help: "Singular vectors of ease (1024), gf-cf and blend (1024, a sixteenth of users or items).")
    var rank: Int?

    @Option(name: .long, help: "α of gf-cf and blend, the weight of the low-pass filter (0.6).")
    var lowPassWeight: Double?

    @Option(name: .long, help: "The weight of gf-cf in blend, where ials has 1; both standardised by user (0.7).")
    var graphFilterWeight: Double?

    /// What the options come to, checked. `--regularization` is λ of ials and blend, and that of ease (200).
    func recipe() throws -> ModelRecipe {
        guard let kind = ModelKind(rawValue: model) else {
            let known = ModelKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("unknown model '\(model)'; known are \(known)")
        }
        var filter = GraphFilter(rank: rank, seed: training.seed)
        filter.lowPassWeight = lowPassWeight ?? filter.lowPassWeight
        let recipe: ModelRecipe
        switch kind {
        case .popularity: recipe = .popularity
        case .itemCosine: recipe = .itemCosine(.init())
        case .ials: recipe = .ials(try training.hyperparameters(.init()))
        case .graphFilter: recipe = .graphFilter(filter)
        case .ease:
            var ease = EASE(seed: training.seed)
            ease.rank = rank ?? ease.rank
            ease.regularization = training.regularization ?? ease.regularization
            recipe = .ease(ease)
        case .blend:
            var blend = Blend(ials: try training.hyperparameters(.init()), graphFilter: filter)
            blend.graphFilterWeight = graphFilterWeight ?? blend.graphFilterWeight
            recipe = .blend(blend)
        }
        do { try recipe.validate() } catch { throw ValidationError("\(error)") }
        return recipe
    }
}
