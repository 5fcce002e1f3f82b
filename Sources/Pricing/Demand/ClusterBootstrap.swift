import LinearAlgebra
import Recommendation

/// The pairs bootstrap over clusters of choice situations: whole clusters are drawn with replacement, as many as there
/// are, so that what goes together within a cluster stays together (Cameron, Gelbach and Miller 2008). Of several
/// kinds of clusters each is drawn by itself, and a situation counts the product (Owen, *The pigeonhole bootstrap*, 2007).
struct ClusterBootstrap: Sendable {
    /// The number of draws.
    let draws: Int
    private let seed: UInt64
    /// Of each kind of clusters how many there are, and the place of each situation's.
    private let kinds: [(count: Int, places: [Int])]

    /// Draws over the groups of equal labels; each kind of clusters has a label for each situation.
    /// - Throws: `badSetting` for fewer than two clusters of a kind, or a number of draws out of 1…100 000.
    init(labels: [[Int]], draws: Int, seed: UInt64) throws(PricingError) {
        guard (1...100_000).contains(draws) else {
            throw .badSetting("draws", problem: "is \(draws); use 1…100000, 200 or more for intervals")
        }
        var kinds: [(Int, [Int])] = []
        for labels in labels {
            let known = Set(labels).sorted()
            guard known.count > 1 else {
                throw .badSetting("cluster", problem: "all choices are in one; a bootstrap needs two at least")
            }
            let order = Dictionary(uniqueKeysWithValues: zip(known, known.indices))
            kinds.append((known.count, labels.map { order[$0] ?? 0 }))
        }
        guard !kinds.isEmpty else { throw .badSetting("cluster", problem: "there is none; name one at least") }
        self.kinds = kinds
        self.draws = draws
        self.seed = seed
    }

    /// How often each situation was drawn.
    func weights(draw: Int) -> [Double] {
        var random = SyntheticRandom(seed: seed, stream: UInt64(draw))
        var weights: [Double] = []
        for (count, places) in kinds {
            var counts = [Double](repeating: 0, count: count)
            for _ in 0..<count { counts[Int.random(in: 0..<count, using: &random)] += 1 }
            weights =
                weights.isEmpty ? places.map { counts[$0] } : zip(weights, places).map { $0 * counts[$1] }
        }
        return weights
    }

    /// `estimate` of each draw's number and weights, in order, those that have one; each runs on one thread.
    ///
    /// - Throws: `badSetting` when more than a tenth of the draws have no estimate: the error is that of the first.
    func estimates<Estimate: Sendable>(
        threads: Int, _ estimate: @Sendable (Int, [Double]) throws(PricingError) -> Estimate
    ) throws(PricingError) -> [Estimate] {
        let results = ParallelBlocks.map(count: draws, blockSize: 1, threads: threads) { draw, _ in
            Result { () throws(PricingError) in try estimate(draw, weights(draw: draw)) }
        }
        var found: [Estimate] = []
        var first: PricingError?
        for result in results {
            switch result {
            case .success(let value): found.append(value)
            case .failure(let error): first = first ?? error
            }
        }
        if let first, 10 * (draws - found.count) > draws {
            throw .badSetting(
                "draws", problem: "\(draws - found.count) of \(draws) bootstrap draws have no estimate: \(first)")
        }
        return found
    }
}
