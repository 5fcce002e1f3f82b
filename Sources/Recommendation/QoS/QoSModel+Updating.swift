import LinearAlgebra

extension QoSModel {
    /// Takes one measurement in: the user's and the offer's factors are solved again with it.
    ///
    /// Each side is a Bayesian regression on the other's factors, as in training, over all measurements since the last
    /// training, but for those of this pair before its twenty latest. The pair then gets a level of its own: one value far
    /// off is resisted, and three in a row, or more that are less far off, are followed (`QoSPair`). A user or offer that
    /// is new joins, with its group's mean as prior. Until it has `measurementsToBeKnown`, its distributions stay as wide
    /// as for strangers. O((n_u + n_s) r² + r³).
    /// - Parameters:
    ///   - userPath: where a new user belongs, from coarse to fine.
    ///   - offerPath: where a new offer belongs.
    /// - Throws: `invalidMeasurements` for a value that the scale does not admit; `numerical`. The model is then as before.
    public mutating func record(
        user: String, offer: String, value: Double, userPath: [String] = [], offerPath: [String] = []
    ) throws(RecommendationError) {
        try QoSMeasurements.check(value, scale, user: user, offer: offer)
        var model = self
        let row = try model.joinUser(user, userPath)
        let column = try model.joinOffer(offer, offerPath)
        let skewed = scale.skewed(value)
        let key = QoSPairKey(user: row, offer: column)
        var pair = pairs[key] ?? QoSPair(views: factorizations.count)
        model.userEntries[row].append(QoSLink(other: column, skewed: skewed))
        model.offerEntries[column].append(QoSLink(other: row, skewed: skewed))
        let surprise = model.residual(skewed, key, 0) - pair.levels[0]
        let run = pair.notice(surprise / model.factorizations[0].noise[row].squareRoot())
        model.keepLatest(min(run ?? QoSPair.window, QoSPair.window), of: key)
        // The level before the factors: what one path does is not taken for its user's and its offer's doing.
        if run != nil { for k in factorizations.indices { model.settle(&pair, key, k) } }
        model.pairs[key] = pair
        model.support = min(support.lowerBound, skewed)...max(support.upperBound, skewed)
        for k in factorizations.indices {
            // Twice, as the weights of heavy-tailed noise depend on the fit.
            for _ in 0..<2 {
                try model.solveOffer(column, k)
                try model.solveUser(row, k)
            }
            model.settle(&pair, key, k)
        }
        model.pairs[key] = pair
        model.userIsKnown[row] =
            userIsKnown.indices.contains(row) && userIsKnown[row]
            || model.userEntries[row].count >= Self.measurementsToBeKnown
        model.offerIsKnown[column] =
            offerIsKnown.indices.contains(column) && offerIsKnown[column]
            || model.offerEntries[column].count >= Self.measurementsToBeKnown
        self = model
    }

    /// How far a value lies from what the factors say of a pair, in logarithms.
    private func residual(_ skewed: Double, _ pair: QoSPairKey, _ k: Int) -> Float {
        let fit = factorizations[k]
        let location = fit.location(fit.users.means.row(pair.user), fit.offers.means.row(pair.offer))
        return fit.target(skewed) + Float(fit.center) - location
    }

    /// Solves the level of a pair in one factorization.
    private func settle(_ pair: inout QoSPair, _ key: QoSPairKey, _ k: Int) {
        let residuals = userEntries[key.user].compactMap { link in
            link.other == key.offer ? residual(link.skewed, key, k) : nil
        }
        let fit = factorizations[k]
        pair.settle(k, residuals: residuals, noise: fit.noise[key.user], freedom: fit.freedom)
    }

    /// What the factors need not explain of a pair: the level that began anew.
    private func ownLevel(_ user: Int, _ offer: Int, _ k: Int) -> Float {
        guard let pair = pairs[QoSPairKey(user: user, offer: offer)], pair.isRestarted else { return 0 }
        return pair.levels[k]
    }

    /// Forgets all but the latest measurements of a pair.
    private mutating func keepLatest(_ count: Int, of pair: QoSPairKey) {
        Self.keepLatest(count, of: pair.offer, in: &userEntries[pair.user])
        Self.keepLatest(count, of: pair.user, in: &offerEntries[pair.offer])
    }

    private static func keepLatest(_ count: Int, of other: Int, in links: inout [QoSLink]) {
        var surplus = links.count { $0.other == other } - count
        guard surplus > 0 else { return }
        links.removeAll { link in
            guard surplus > 0, link.other == other else { return false }
            surplus -= 1
            return true
        }
    }

    /// How many times heavier than a plain prior factors of earlier slices are.
    private var memory: Float { Float(1 + hyperparameters.memory) }

    private mutating func joinUser(_ id: String, _ path: [String]) throws(RecommendationError) -> Int {
        if let index = users.index(id) { return index }
        for k in factorizations.indices {
            let mean = userGroups[k].mean(path)
            factorizations[k].users = try numerical { () throws(LinearAlgebraError) in
                try factorizations[k].users.appending(mean)
            }
            let noise = factorizations[k].noise
            factorizations[k].noise.append(noise.reduce(0, +) / Float(max(1, noise.count)))
        }
        userEntries.append([])
        userIsKnown.append(false)
        return users.join(id, path: path)
    }

    private mutating func joinOffer(_ id: String, _ path: [String]) throws(RecommendationError) -> Int {
        if let index = offers.index(id) { return index }
        for k in factorizations.indices {
            let mean = offerGroups[k].mean(path, last: 1)
            factorizations[k].offers = try numerical { () throws(LinearAlgebraError) in
                try factorizations[k].offers.appending(mean)
            }
        }
        offerEntries.append([])
        offerIsKnown.append(false)
        return offers.join(id, path: path)
    }

    private mutating func solveUser(_ user: Int, _ k: Int) throws(RecommendationError) {
        let fit = factorizations[k]
        let row = fit.users.means.row(user)
        let anchor = anchors.indices.contains(k) ? anchors[k].user(user) : nil
        let (columns, targets, weights) = system(userEntries[user], fit) { _, other in
            (row, fit.offers.means.row(other), fit.noise[user], ownLevel(user, other, k))
        }
        let solved = try posterior(
            columns, targets, weights, basis: fit.offers,
            prior: anchor ?? userGroups[k].mean(users.paths[user]),
            precision: Float(hyperparameters.ridge / fit.variance) * (anchor == nil ? 1 : memory), .modes)
        try numerical { () throws(LinearAlgebraError) in try factorizations[k].users.replace(user, by: solved) }
    }

    private mutating func solveOffer(_ offer: Int, _ k: Int) throws(RecommendationError) {
        let fit = factorizations[k]
        let column = fit.offers.means.row(offer)
        let anchor = anchors.indices.contains(k) ? anchors[k].offer(offer) : nil
        let (rows, targets, weights) = system(offerEntries[offer], fit) { _, other in
            (fit.users.means.row(other), column, fit.noise[other], ownLevel(other, offer, k))
        }
        let solved = try posterior(
            rows, targets, weights, basis: fit.users,
            prior: anchor ?? offerGroups[k].mean(offers.paths[offer], last: 1),
            precision: anchor == nil ? 1 : memory, .momentsWithUnitLast)
        try numerical { () throws(LinearAlgebraError) in try factorizations[k].offers.replace(offer, by: solved) }
    }

    private func system(
        _ links: [QoSLink], _ fit: QoSFactorization,
        _ rows: (QoSLink, Int) -> (ArraySlice<Float>, ArraySlice<Float>, Float, Float)
    ) -> (columns: [Int32], targets: [Float], weights: [Float]) {
        var (columns, targets, weights): ([Int32], [Float], [Float]) = ([], [], [])
        for link in links {
            let (user, offer, noise, level) = rows(link, link.other)
            let target = fit.target(link.skewed) - level
            let error = target - (fit.location(user, offer) - Float(fit.center))
            columns.append(Int32(link.other))
            targets.append(target)
            weights.append(QoSFactorization.weight(error * error, noise, fit.freedom))
        }
        return (columns, targets, weights)
    }

    private func posterior(
        _ columns: [Int32], _ targets: [Float], _ weights: [Float], basis: RowMoments, prior: [Float],
        precision: Float, _ outcome: PosteriorSystems.Outcome
    ) throws(RecommendationError) -> RowMoments {
        try numerical { () throws(LinearAlgebraError) in
            try PosteriorSystems(rowStarts: [0, columns.count], columns: columns).solve(
                basis: basis, weights: weights, targets: targets,
                priorMeans: Matrix(rows: 1, columns: prior.count, elements: prior), priorPrecisions: [precision],
                outcome)
        }
    }
}
