import Foundation
import LinearAlgebra
import Synchronization

/// The protocol of QoS prediction: random entries train, the other ones test, in several rounds.
///
/// With density ρ, ⌊ρ · users · offers⌋ entries train; the others test but for those whose user or offer has no training
/// entry (Zheng et al. 2014; Zhu et al., TPDS 2017).
public struct QoSEvaluation: Sendable {
    /// ρ, within 0…1.
    public var density: Double
    /// How many times entries are drawn.
    public var rounds: Int
    /// How the model is fitted.
    public var hyperparameters: QoSHyperparameters
    /// The seed of the draws.
    public var seed: UInt64
    /// The coverages whose intervals are measured.
    public static let coverages = [0.8, 0.9]

    /// A protocol.
    public init(density: Double, rounds: Int = 20, hyperparameters: QoSHyperparameters = .init(), seed: UInt64 = 1) {
        self.density = density
        self.rounds = rounds
        self.hyperparameters = hyperparameters
        self.seed = seed
    }

    /// What was measured, as means over the rounds.
    public struct Report: Sendable, Codable {
        /// ρ.
        public var density: Double
        /// The number of rounds.
        public var rounds: Int
        /// The entries that trained and tested, of the last round.
        public var trainEntries: Int
        /// See `trainEntries`.
        public var testEntries: Int
        /// MAE and NMAE of the median, RMSE of the mean, MRE and NPRE of the closest guess at 0.5 and 0.9.
        public var errors: QoSErrors
        /// All measures of the median.
        public var median: QoSErrors
        /// All measures of the mean of the user's training values: a check of the protocol.
        public var userMean: QoSErrors
        /// All measures of the mean of the offer's training values.
        public var offerMean: QoSErrors
        /// The share of test values within their interval, by nominal coverage in percent.
        public var coverage: [String: Double]
        /// The standard deviation of MAE over rounds.
        public var maeDeviation: Double
        /// Seconds of training a round.
        public var trainSeconds: Double
    }

    private struct Round: Sendable {
        var errors, median, userMean, offerMean: QoSErrors
        var coverage: [Double]
        var seconds: Double
        var train, test: Int
    }

    /// Runs all rounds, several at a time on `threads`; only `trainSeconds` depends on their number.
    /// - Throws: `invalidHyperparameter`, `invalidMeasurements` when a round has nothing to train on or to test.
    public func run(
        _ all: QoSMeasurements, threads: Int = ParallelBlocks.defaultThreads,
        progress: @escaping @Sendable (_ done: Int) -> Void = { _ in }
    ) throws(RecommendationError) -> Report {
        guard rounds >= 1 else { throw .invalidHyperparameter(name: "rounds", requirement: "must be at least 1") }
        guard density > 0, density <= 1 else {
            throw .invalidHyperparameter(name: "density", requirement: "must be above 0 and at most 1")
        }
        try hyperparameters.check()
        let results = Mutex<[Int: Result<Round, RecommendationError>]>([:])
        ParallelBlocks.forEach(count: rounds, blockSize: 1, threads: threads) { index, _ in
            let result = Result { () throws(RecommendationError) in try round(index, all) }
            progress(
                results.withLock {
                    $0[index] = result
                    return $0.count
                })
        }
        var done: [Round] = []
        for index in 0..<rounds {
            guard let result = results.withLock({ $0[index] }) else { continue }
            done.append(try result.get())
        }
        let errors = QoSErrors.mean(done.map(\.errors))
        let squares = done.reduce(0.0) { $0 + ($1.errors.mae - errors.mae) * ($1.errors.mae - errors.mae) }
        let names = Self.coverages.map { String(Int(($0 * 100).rounded())) }
        let coverage = names.indices.map { k in done.reduce(0.0) { $0 + $1.coverage[k] } / Double(done.count) }
        return Report(
            density: density, rounds: rounds, trainEntries: done.last?.train ?? 0, testEntries: done.last?.test ?? 0,
            errors: errors, median: .mean(done.map(\.median)), userMean: .mean(done.map(\.userMean)),
            offerMean: .mean(done.map(\.offerMean)), coverage: Dictionary(uniqueKeysWithValues: zip(names, coverage)),
            maeDeviation: (squares / Double(max(1, done.count - 1))).squareRoot(),
            trainSeconds: done.reduce(0) { $0 + $1.seconds } / Double(done.count))
    }

    /// The training and the test entries of one round.
    /// - Throws: `invalidMeasurements` when either is empty.
    public func split(
        _ all: QoSMeasurements, round: Int
    ) throws(RecommendationError) -> (train: QoSMeasurements, test: [QoSMeasurements.Entry]) {
        var random = SplitMix64(seed: seed &+ UInt64(truncatingIfNeeded: round) &* 0x9E37_79B9)
        let shuffled = all.entries.shuffled(using: &random)
        let wanted = Int((density * Double(all.users.count) * Double(all.offers.count)).rounded(.down))
        let count = min(wanted, shuffled.count)
        var (hasUser, hasOffer): (Set<Int>, Set<Int>) = ([], [])
        for entry in shuffled[..<count] {
            hasUser.insert(entry.user)
            hasOffer.insert(entry.offer)
        }
        let test = shuffled[count...].filter { hasUser.contains($0.user) && hasOffer.contains($0.offer) }
        guard count > 0, !test.isEmpty else {
            throw .invalidMeasurements(
                reason: "\(shuffled.count) of them leave \(count) to train on and \(test.count) to test")
        }
        let train = try QoSMeasurements(
            scale: all.scale, users: all.users, offers: all.offers, entries: Array(shuffled[..<count]))
        return (train, test)
    }

    private func round(_ index: Int, _ all: QoSMeasurements) throws(RecommendationError) -> Round {
        let (train, test) = try split(all, round: index)
        let clock = ContinuousClock()
        let start = clock.now
        let model = try QoSModel.train(train, hyperparameters, threads: 1)
        let seconds = start.duration(to: clock.now) / .seconds(1)
        let values = test.map(\.value)
        var (median, mean, half, relative): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        var inside = Self.coverages.map { _ in 0 }
        for entry in test {
            let distribution = try model.predict(user: entry.user, offer: entry.offer)
            median.append(distribution.median)
            mean.append(distribution.mean)
            half.append(distribution.closest(0.5))
            relative.append(distribution.closest(0.9))
            for (k, coverage) in Self.coverages.enumerated()
            where distribution.interval(coverage).contains(entry.value) { inside[k] += 1 }
        }
        func means(_ party: KeyPath<QoSMeasurements.Entry, Int>, _ count: Int) -> [Double] {
            var (sums, counts) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
            for entry in train.entries {
                sums[entry[keyPath: party]] += entry.value
                counts[entry[keyPath: party]] += 1
            }
            return test.map { sums[$0[keyPath: party]] / counts[$0[keyPath: party]] }
        }
        return Round(
            errors: QoSErrors(values, absolute: median, squared: mean, median: half, percentile: relative),
            median: QoSErrors(values, median), userMean: QoSErrors(values, means(\.user, all.users.count)),
            offerMean: QoSErrors(values, means(\.offer, all.offers.count)),
            coverage: inside.map { Double($0) / Double(test.count) }, seconds: seconds, train: train.entries.count,
            test: test.count)
    }
}
