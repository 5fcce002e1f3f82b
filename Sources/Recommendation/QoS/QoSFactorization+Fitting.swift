import Foundation
import LinearAlgebra

extension QoSFactorization {
    /// Fits by expectation and conditional maximization. O(sweeps · (n r² + (users + offers) r³)).
    ///
    /// With `previous`, whose rows are those of users and offers as far as it has any, the factors before are starting
    /// point and prior means, `memory` times as heavy as the priors; the axes then stay where they are.
    /// - Throws: `numerical`.
    static func fit(
        _ systems: QoSSystems, userPaths: [[String]], offerPaths: [[String]], offset: Double, freedom: Double,
        _ settings: QoSHyperparameters, previous: QoSFactorization? = nil
    ) throws(RecommendationError) -> QoSFactorization {
        var fit = start(systems, offset, freedom, settings, previous)
        let isWarm = previous != nil
        let userIsKnown = QoSSystems.counts(systems.byUser).map { $0 > 0 }
        let offerIsKnown = QoSSystems.counts(systems.byOffer).map { $0 > 0 }
        let targets = systems.values.map { fit.target($0) }
        let offerTargets = systems.order.map { targets[$0] }
        let ridge = Float(settings.ridge / fit.variance)
        let heavy = Float(1 + settings.memory)
        let earlier = previous.map { ($0.users.means.rows, $0.offers.means.rows) } ?? (0, 0)
        var userPriors = fit.users.means
        let userPrecisions = userIsKnown.indices.map { $0 < earlier.0 ? ridge * heavy : ridge }
        var offerPriors = fit.offers.means
        let offerPrecisions = offerIsKnown.indices.map { $0 < earlier.1 ? heavy : 1 }
        var weights = systems.byUser.expandingRows { 1 / fit.noise[$0] }
        for sweep in 0...settings.sweeps {
            let isLast = sweep == settings.sweeps
            if isLast && !isWarm {
                // The last posterior of the offers shrinks towards their groups.
                let groups = QoSGroups(
                    fit.offers.means, paths: offerPaths, isKnown: offerIsKnown, prior: settings.groupPrior)
                for offer in offerPaths.indices where !offerPaths[offer].isEmpty {
                    try offerPriors.replace(offer, groups.mean(offerPaths[offer]))
                }
            }
            let offerWeights = systems.order.map { weights[$0] }
            fit.offers = try numerical { () throws(LinearAlgebraError) in
                try systems.byOffer.solve(
                    basis: fit.users, weights: offerWeights, targets: offerTargets, priorMeans: offerPriors,
                    priorPrecisions: offerPrecisions, .momentsWithUnitLast)
            }
            if isLast { break }
            let groups = QoSGroups(
                fit.users.means, paths: userPaths, isKnown: userIsKnown, prior: settings.groupPrior)
            for user in max(0, earlier.0)..<max(earlier.0, userPaths.count) {
                try userPriors.replace(user, groups.mean(userPaths[user]))
            }
            fit.users = try numerical { () throws(LinearAlgebraError) in
                try systems.byUser.solve(
                    basis: fit.offers, weights: weights, targets: targets, priorMeans: userPriors,
                    priorPrecisions: userPrecisions, .modes)
            }
            let squares = try numerical { () throws(LinearAlgebraError) in
                try systems.byUser.expectedSquares(rows: fit.users, basis: fit.offers, targets: targets)
            }
            fit.reweight(systems, squares, &weights)
            if !isWarm { try fit.turn(offerIsKnown) }
        }
        return fit
    }

    /// The first factors: random, with each user's shrunk mean as intercept, or those of `previous`.
    private static func start(
        _ systems: QoSSystems, _ offset: Double, _ freedom: Double, _ settings: QoSHyperparameters,
        _ previous: QoSFactorization?
    ) -> QoSFactorization {
        let logs = systems.values.map { log($0 + offset) }
        let mean = logs.reduce(0, +) / Double(max(1, logs.count))
        let center = previous?.center ?? mean
        let variance = max(1e-6, logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, logs.count)))
        let (r, userCount, offerCount) = (settings.factors, systems.byUser.count, systems.byOffer.count)
        var normal = NormalGenerator(seed: settings.seed)
        var users = Matrix<Float>(rows: userCount, columns: r + 1)
        for user in 0..<userCount {
            if let previous, user < previous.users.means.rows {
                for i in 0...r { users[user, i] = previous.users.means[user, i] }
                continue
            }
            for i in 0..<r {
                users[user, i] = Float((0.3 * Double(normal.next()) + (i == 0 ? 0.7 : 0)) * variance.squareRoot())
            }
            let range = systems.byUser.rowStarts[user]..<systems.byUser.rowStarts[user + 1]
            users[user, r] = Float(range.reduce(0.0) { $0 + logs[$1] - center } / Double(range.count + 3))
        }
        var offers = Matrix<Float>(rows: offerCount, columns: r + 1)
        for offer in 0..<offerCount {
            if let previous, offer < previous.offers.means.rows {
                for i in 0..<r { offers[offer, i] = previous.offers.means[offer, i] }
            }
            offers[offer, r] = 1
        }
        let noise = (0..<userCount).map { user in
            previous.flatMap { user < $0.noise.count ? $0.noise[user] : nil } ?? Float(0.4 * variance)
        }
        return QoSFactorization(
            offset: offset, freedom: freedom, center: center, users: RowMoments(exactly: users),
            offers: RowMoments(exactly: offers), noise: noise, variance: previous?.variance ?? variance)
    }

    /// The noise of each user, shrunk towards the mean noise, and the weight of each entry.
    private mutating func reweight(_ systems: QoSSystems, _ squares: [Float], _ weights: inout [Float]) {
        let mean = Double(noise.reduce(0, +)) / Double(max(1, noise.count))
        for user in noise.indices {
            let range = systems.byUser.rowStarts[user]..<systems.byUser.rowStarts[user + 1]
            let old = noise[user]
            var sum = 2 * mean
            for k in range { sum += Double(Self.weight(squares[k], old, freedom) * old * squares[k]) }
            noise[user] = Float(max(1e-6 * variance, sum / Double(range.count + 2)))
            for k in range { weights[k] = Self.weight(squares[k], old, freedom) * old / noise[user] }
        }
    }

    /// Turns the users' factors so that the offers' have mean 0 and covariance I when they are solved next.
    private mutating func turn(_ offerIsKnown: [Bool]) throws(RecommendationError) {
        let r = offers.means.columns - 1
        let known = offerIsKnown.indices.filter { offerIsKnown[$0] }
        guard !known.isEmpty else { return }
        var mean = [Double](repeating: 0, count: r)
        for offer in known { for i in 0..<r { mean[i] += Double(offers.means[offer, i]) / Double(known.count) } }
        var covariance = Matrix<Double>(rows: r, columns: r)
        for i in 0..<r {
            for j in 0...i {
                let sum = known.reduce(0.0) { $0 + Double(offers.second($1, i, j)) }
                covariance[i, j] = sum / Double(known.count) - mean[i] * mean[j] + (i == j ? 1e-6 : 0)
            }
        }
        // Rounding of a covariance that is nearly singular is no reason to fail: the axes are then left alone.
        guard let root = try? Cholesky(covariance).factor else { return }
        var turned = users.means
        for user in 0..<turned.rows {
            let row = users.means.row(user).map(Double.init)
            for j in 0..<r { turned[user, j] = Float((j..<r).reduce(0.0) { $0 + row[$1] * root[$1, j] }) }
            turned[user, r] = Float((0..<r).reduce(row[r]) { $0 + row[$1] * mean[$1] })
        }
        users = RowMoments(exactly: turned)
    }
}

extension PosteriorSystems {
    /// One value for each entry, by the row that it is in.
    func expandingRows(_ value: (Int) -> Float) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(columns.count)
        for row in 0..<count {
            values.append(contentsOf: repeatElement(value(row), count: rowStarts[row + 1] - rowStarts[row]))
        }
        return values
    }
}

extension Matrix<Float> {
    /// Replaces a row that has as many columns as `values`.
    mutating func replace(_ row: Int, _ values: [Float]) throws(RecommendationError) {
        do { try replaceRow(row, with: values[...]) } catch { throw .numerical(error) }
    }
}
