import Foundation

extension HyperparameterSearch {
    /// What trial `number` tries: the start, then each other kind by its defaults, then in turn anything and what is
    /// like the best so far.
    func candidate(_ number: Int, _ past: [Trial], items: Int) -> ModelRecipe {
        // A stream for each trial, so that none depends on how much another drew.
        var draws = Draws(seed: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
        let kinds = kinds ?? [start.kind]
        let others = kinds.filter { $0 != start.kind }
        var chosen = start
        if number > 0, number <= others.count {
            chosen = defaults(others[number - 1])
        } else if number > 0 {
            let isNear = number % 2 == 0
            let best = isNear ? Self.best(past)?.recipe : nil
            // One kind alone takes nothing from the stream.
            let kind = best?.kind ?? (others.isEmpty ? start.kind : kinds[draws.index(kinds.count)])
            chosen = draws.recipe(
                near: best, from: kind == start.kind ? start : defaults(kind),
                widest: Double(max(1, min(maximumFactors, items))))
        }
        chosen.factorization?.epochs = max(1, maximumEpochs)
        return chosen
    }

    /// The defaults of a kind; a factorization, where both have one, as in the start.
    private func defaults(_ kind: ModelKind) -> ModelRecipe {
        var recipe = ModelRecipe(kind)
        recipe.seed = start.seed
        recipe.factorization = start.factorization ?? recipe.factorization
        return recipe
    }

    /// The draws of a trial.
    private struct Draws {
        private var random: SplitMix64

        init(seed: UInt64) { random = SplitMix64(seed: seed) }

        mutating func index(_ count: Int) -> Int { Int(random.next() % UInt64(max(1, count))) }

        private mutating func uniform(_ low: Double, _ high: Double) -> Double {
            low + (high - low) * Double(random.next() >> 11) * 0x1p-53
        }

        /// Near `best` within a factor of e to the `spread`, or anywhere in the range, evenly by magnitude.
        private mutating func magnitude(
            _ best: Double?, _ range: ClosedRange<Double>, spread: Double = 1
        ) -> Double {
            guard let best else { return exp(uniform(log(range.lowerBound), log(range.upperBound))) }
            return max(range.lowerBound, best) * exp(uniform(-spread, spread))
        }

        private mutating func width(_ best: Int?, _ widest: Double) -> Int {
            let width =
                best.map { Double($0) * exp2(uniform(-0.75, 0.75)) }
                ?? exp2(uniform(min(2, log2(widest)), log2(widest)))
            return Int(min(widest, max(1, width.rounded())))
        }

        mutating func recipe(near best: ModelRecipe?, from recipe: ModelRecipe, widest: Double) -> ModelRecipe {
            switch recipe {
            case .popularity: return recipe
            case .ials(let chosen): return .ials(factorization(best?.factorization, chosen, widest))
            case .itemCosine(var chosen):
                var near: ItemCosine?
                if case .itemCosine(let found)? = best { near = found }
                chosen.neighbours = Int(
                    min(1e6, max(1, magnitude(near.map { Double($0.neighbours) }, 5...500).rounded())))
                chosen.shrinkage = min(1e6, magnitude(near?.shrinkage, 0.01...100))
                return .itemCosine(chosen)
            case .ease(var chosen):
                var near: EASE?
                if case .ease(let found)? = best { near = found }
                chosen.regularization = min(1e9, max(1e-6, magnitude(near?.regularization, 0.5...2000)))
                return .ease(chosen)
            case .graphFilter(let chosen):
                var near: GraphFilter?
                if case .graphFilter(let found)? = best { near = found }
                return .graphFilter(filter(near, chosen, widest))
            case .blend(var chosen):
                var near: Blend?
                if case .blend(let found)? = best { near = found }
                chosen.ials = factorization(near?.ials, chosen.ials, widest)
                chosen.graphFilter = filter(near?.graphFilter, chosen.graphFilter, widest)
                chosen.graphFilterWeight = min(100, magnitude(near?.graphFilterWeight, 0.1...3, spread: 0.7))
                return .blend(chosen)
            }
        }

        private mutating func factorization(
            _ best: ImplicitALS.Hyperparameters?, _ start: ImplicitALS.Hyperparameters, _ widest: Double
        ) -> ImplicitALS.Hyperparameters {
            var chosen = start
            chosen.factors = width(best?.factors, widest)
            chosen.regularization = min(100, max(1e-6, magnitude(best?.regularization, 1e-3...2)))
            chosen.unobservedWeight = min(100, max(1e-6, magnitude(best?.unobservedWeight, 1e-3...1)))
            let exponent = best.map { $0.frequencyExponent + uniform(-0.15, 0.15) } ?? uniform(0.25, 1.25)
            chosen.frequencyExponent = min(2, max(0, exponent))
            return chosen
        }

        private mutating func filter(_ best: GraphFilter?, _ start: GraphFilter, _ widest: Double) -> GraphFilter {
            var chosen = start
            chosen.rank = width(best?.rank, widest)
            chosen.lowPassWeight = min(100, magnitude(best?.lowPassWeight, 0.05...2, spread: 0.7))
            return chosen
        }
    }
}
