import Foundation
import LinearAlgebra
import Synchronization

extension QoSModel {
    /// The offsets of the two logarithms in typical values, medians or, of shares, means, and the degrees of freedom of their noise: chosen by
    /// cross-validation on training entries.
    private static let views: [(offset: Double, freedom: Double)] = [(0.1, 4), (1, 8)]

    /// Trains on `measurements`.
    ///
    /// All that is fitted or chosen, offsets included, comes from `measurements`. Each fold of the pairs is predicted
    /// from the others for calibration; then everything is fitted. O(folds · sweeps · n r²), over `threads`; the same
    /// bits at any number of them.
    ///
    /// - Parameter previous: a model of earlier time slices to start from. Its factors become prior means, so that a
    ///   thin slice is enough, and its parties stay known; its measurements are forgotten but for that.
    /// - Throws: `invalidHyperparameter`; `invalidMeasurements` without measurements, or with another scale than
    ///   `previous`; `numerical`.
    public static func train(
        _ measurements: QoSMeasurements, _ hyperparameters: QoSHyperparameters = .init(),
        from previous: QoSModel? = nil,
        threads: Int = ParallelBlocks.defaultThreads
    ) throws(RecommendationError) -> QoSModel {
        try hyperparameters.check()
        guard !measurements.entries.isEmpty else { throw .invalidMeasurements(reason: "there are none to learn from") }
        if let previous {
            guard previous.scale == measurements.scale else {
                throw .invalidMeasurements(reason: "the model before is of another metric")
            }
            guard previous.hyperparameters.factors == hyperparameters.factors else {
                throw .invalidHyperparameter(
                    name: "factors", requirement: "must be \(previous.hyperparameters.factors), as in the model before")
            }
        }
        let training = QoSTraining(measurements, hyperparameters, previous, views)
        let factorizations = try training.factorizations(threads: threads)
        let calibrations = try training.calibrations(factorizations)
        let whole = Array(factorizations.suffix(views.count))
        let skewed = training.entries.map { measurements.scale.skewed($0.value) }
        let (least, most) = (skewed.min() ?? 0, skewed.max() ?? 0)
        return QoSModel(
            hyperparameters: hyperparameters, scale: measurements.scale, users: training.users,
            offers: training.offers, factorizations: whole, calibrations: calibrations,
            support: min(
                least, previous?.support.lowerBound ?? least)...max(most, previous?.support.upperBound ?? most),
            entries: training.entries, previous: previous)
    }
}

/// One training run's data and folds.
private struct QoSTraining: Sendable {
    let users: QoSParties
    let offers: QoSParties
    let entries: [QoSMeasurements.Entry]
    private let scale: QoSScale
    private let settings: QoSHyperparameters
    private let previous: QoSModel?
    private let views: [(offset: Double, freedom: Double)]
    /// The fold of each entry.
    private let folds: [Int]
    private let foldCount: Int

    init(
        _ measurements: QoSMeasurements, _ settings: QoSHyperparameters, _ previous: QoSModel?,
        _ views: [(offset: Double, freedom: Double)]
    ) {
        scale = measurements.scale
        self.previous = previous
        var settings = settings
        var (users, offers, entries) = (measurements.users, measurements.offers, measurements.entries)
        if let previous {
            // Who was known before keeps the place that the factors before have.
            (users, offers) = (previous.users, previous.offers)
            let rows = measurements.users.ids.indices.map {
                users.join(measurements.users.ids[$0], path: measurements.users.paths[$0])
            }
            let columns = measurements.offers.ids.indices.map {
                offers.join(measurements.offers.ids[$0], path: measurements.offers.paths[$0])
            }
            entries = entries.map { .init(user: rows[$0.user], offer: columns[$0.offer], value: $0.value) }
                .enumerated().sorted { ($0.element.user, $0.offset) < ($1.element.user, $1.offset) }.map(\.element)
            settings.sweeps = max(3, settings.sweeps / 5)
        }
        (self.users, self.offers, self.entries, self.settings) = (users, offers, entries, settings)
        let scale = scale
        let skewed = entries.map { scale.skewed($0.value) }.sorted()
        let median = skewed[skewed.count / 2]
        let mean = skewed.reduce(0, +) / Double(skewed.count)
        // Shares are mostly 1: the median of what they lack would make a logarithm of nothing but zeros and the rest.
        let middle = scale == .share ? mean : median
        let unit = middle > 0 ? middle : 1e-6
        self.views = views.enumerated().map { k, view in
            (previous?.factorizations[k].offset ?? view.offset * unit, view.freedom)
        }
        // Repeated measurements of a pair share its fold, or they would give each other away.
        var pairs: [Int] = []
        for (index, entry) in entries.enumerated() {
            let isRepeated =
                index > 0 && entries[index - 1].user == entry.user && entries[index - 1].offer == entry.offer
            pairs.append(isRepeated ? pairs[index - 1] : (pairs.last ?? -1) + 1)
        }
        let pairCount = (pairs.last ?? -1) + 1
        let count = min(settings.folds, pairCount)
        var random = SplitMix64(seed: settings.seed)
        var foldOfPair = (0..<pairCount).map { $0 % count }
        foldOfPair.shuffle(using: &random)
        folds = pairs.map { foldOfPair[$0] }
        foldCount = count > 1 ? count : 0
    }

    /// The factorizations without each fold in turn, then those of everything; for each, one after the other view.
    func factorizations(threads: Int) throws(RecommendationError) -> [QoSFactorization] {
        let results = Mutex<[Int: Result<QoSFactorization, RecommendationError>]>([:])
        let count = (foldCount + 1) * views.count
        ParallelBlocks.forEach(count: count, blockSize: 1, threads: threads) { task, _ in
            let result = Result { () throws(RecommendationError) in
                try factorization(without: task / views.count, view: task % views.count)
            }
            results.withLock { $0[task] = result }
        }
        var factorizations: [QoSFactorization] = []
        for task in 0..<count {
            guard let result = results.withLock({ $0[task] }) else { continue }
            factorizations.append(try result.get())
        }
        return factorizations
    }

    private func factorization(without fold: Int, view: Int) throws(RecommendationError) -> QoSFactorization {
        let kept = fold == foldCount ? entries : entries.indices.filter { folds[$0] != fold }.map { entries[$0] }
        return try QoSFactorization.fit(
            QoSSystems(kept, users: users.count, offers: offers.count, scale: scale), userPaths: users.paths,
            offerPaths: offers.paths, offset: views[view].offset, freedom: views[view].freedom, settings,
            previous: previous?.factorizations[view])
    }

    /// The calibrations by level: every entry is predicted by the factorizations that do not know it, as it is, and as
    /// if its user, its offer, or both were new.
    func calibrations(_ factorizations: [QoSFactorization]) throws(RecommendationError) -> [QoSCalibration] {
        var features = [[QoSCalibration.Feature]](repeating: [], count: 4)
        var logs = [[Float]](repeating: [], count: 4)
        for fold in 0..<foldCount {
            let held = entries.indices.filter { folds[$0] == fold }
            var knowsUser = users.ids.indices.map { previous?.userIsKnown.indices.contains($0) ?? false }
            var knowsOffer = offers.ids.indices.map { previous?.offerIsKnown.indices.contains($0) ?? false }
            for index in entries.indices where folds[index] != fold {
                knowsUser[entries[index].user] = true
                knowsOffer[entries[index].offer] = true
            }
            let fits = (0..<views.count).map { factorizations[fold * views.count + $0] }
            let asNew = fits.map { fit in
                (
                    strangers(fit.users.means, users.paths, knowsUser),
                    strangers(fit.offers.means, offers.paths, knowsOffer)
                )
            }
            for index in held {
                let entry = entries[index]
                let log = Float(log(scale.skewed(entry.value) + views[0].offset))
                for level in 0..<4 {
                    let (isStrangeUser, isStrangeOffer) = (level & 1 != 0, level & 2 != 0)
                    guard isStrangeUser || knowsUser[entry.user], isStrangeOffer || knowsOffer[entry.offer] else {
                        continue
                    }
                    let locations = fits.indices.map { k in
                        fits[k].location(
                            isStrangeUser ? asNew[k].0.row(entry.user) : fits[k].users.means.row(entry.user),
                            isStrangeOffer ? asNew[k].1.row(entry.offer) : fits[k].offers.means.row(entry.offer))
                    }
                    features[level].append(.init(p: locations[0], q: locations[1]))
                    logs[level].append(log)
                }
            }
        }
        // Where nothing could be held out, as with one measurement for each offer, what is wider stands in.
        for level in [2, 1, 0] where features[level].isEmpty {
            let wider = level == 0 ? (features[1].isEmpty ? 2 : 1) : 3
            (features[level], logs[level]) = (features[wider], logs[wider])
        }
        return features.indices.map { QoSCalibration(features[$0], logs: logs[$0], atoms: settings.atoms) }
    }

    /// What each row would be if it were new.
    private func strangers(_ rows: Matrix<Float>, _ paths: [[String]], _ isKnown: [Bool]) -> Matrix<Float> {
        let groups = QoSGroups(rows, paths: paths, isKnown: isKnown, prior: settings.groupPrior)
        let width = rows.columns
        let means = paths.indices.map { groups.mean(paths[$0], without: ($0, rows.row($0))) }
        return Matrix(rows: rows.rows, columns: width) { means[$0][$1] }
    }
}
