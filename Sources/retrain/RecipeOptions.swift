import ArgumentParser
import Recommendation

/// Which model is trained, and how; what is left out takes the command's default.
struct RecipeOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The model: \(ModelKind.allCases.map(\.rawValue).joined(separator: ", ")) (ials).",
            discussion: """
                ials: matrix factorization. gf-cf: graph filters, an item-item neighbourhood and a low-pass filter. \
                ease: linear autoencoder in closed form. item-cosine: the nearest neighbours of items. blend: ials and \
                gf-cf added up, the best of them.
                """))
    var model: String?

    @OptionGroup(title: "Options of ials and blend") var training: TrainingOptions

    @Option(
        name: .long, help: "Singular vectors of ease (1024), gf-cf and blend (1024, a sixteenth of users or items).")
    var rank: Int?

    @Option(name: .long, help: "α of gf-cf and blend, the weight of the low-pass filter (0.6).")
    var lowPassWeight: Double?

    @Option(name: .long, help: "The weight of gf-cf in blend, where ials has 1; both standardised by user (0.7).")
    var graphFilterWeight: Double?

    @Option(name: .long, help: "How many neighbours an item has in item-cosine (200).")
    var neighbours: Int?

    @Option(name: .long, help: "What is added to the norms of item-cosine, against the similarity of rare items (0).")
    var shrinkage: Double?

    /// The kind that was asked for; nil without.
    func kind() throws -> ModelKind? {
        guard let model else { return nil }
        guard let kind = ModelKind(rawValue: model) else {
            let known = ModelKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("unknown model '\(model)'; known are \(known)")
        }
        return kind
    }

    /// `base` under the options, checked. Options of other kinds of models are refused.
    func recipe(over base: ModelRecipe) throws -> ModelRecipe {
        try refuseForeign(base.kind)
        var recipe = base
        recipe.seed = training.seed
        if let factorization = recipe.factorization { recipe.factorization = training.applied(to: factorization) }
        func filter(_ base: GraphFilter) -> GraphFilter {
            var filter = base
            filter.rank = rank ?? filter.rank
            filter.lowPassWeight = lowPassWeight ?? filter.lowPassWeight
            return filter
        }
        switch recipe {
        case .popularity, .ials: break
        case .itemCosine(var chosen):
            chosen.neighbours = neighbours ?? chosen.neighbours
            chosen.shrinkage = shrinkage ?? chosen.shrinkage
            recipe = .itemCosine(chosen)
        case .graphFilter(let chosen): recipe = .graphFilter(filter(chosen))
        case .ease(var chosen):
            chosen.rank = rank ?? chosen.rank
            chosen.regularization = training.regularization ?? chosen.regularization
            recipe = .ease(chosen)
        case .blend(var chosen):
            chosen.graphFilter = filter(chosen.graphFilter)
            chosen.graphFilterWeight = graphFilterWeight ?? chosen.graphFilterWeight
            recipe = .blend(chosen)
        }
        do { try recipe.validate() } catch { throw ValidationError("\(error)") }
        return recipe
    }

    private func refuseForeign(_ kind: ModelKind) throws {
        let factorizations: [ModelKind] = [.ials, .blend]
        for (name, isGiven, kinds) in [
            ("--factors", training.factors != nil, factorizations),
            ("--epochs", training.epochs != nil, factorizations),
            ("--solver", training.solver != nil, factorizations),
            ("--regularization", training.regularization != nil, factorizations + [.ease]),
            ("--unobserved-weight", training.unobservedWeight != nil, factorizations),
            ("--frequency-exponent", training.frequencyExponent != nil, factorizations),
            ("--rank", rank != nil, [.ease, .graphFilter, .blend]),
            ("--low-pass-weight", lowPassWeight != nil, [.graphFilter, .blend]),
            ("--graph-filter-weight", graphFilterWeight != nil, [.blend]),
            ("--neighbours", neighbours != nil, [.itemCosine]), ("--shrinkage", shrinkage != nil, [.itemCosine])
        ] where isGiven && !kinds.contains(kind) {
            throw ValidationError(
                "\(name) is an option of \(kinds.map(\.rawValue).joined(separator: " and ")), not of \(kind.rawValue); "
                    + "leave it out, or choose another --model")
        }
    }
}
