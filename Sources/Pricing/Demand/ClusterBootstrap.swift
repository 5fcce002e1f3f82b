import LinearAlgebra
import Recommendation

/// The pairs bootstrap over clusters of choice situations: whole clusters are drawn with replacement, as many as there
/// are, so that what goes together within a cluster stays together (Cameron, Gelbach and Miller 2008).
struct ClusterBootstrap: Sendable {
    /// The number of draws.
    let draws: Int
    private let seed: UInt64
    /// The place of each situation's cluster.
    private let places: [Int]
    private let clusters: Int

    /// Draws over the groups of equal `labels`, one label a situation.
    /// - Throws: `badSetting` for fewer than two clusters, or a number of draws out of 1…100 000.
    init(labels: [Int], draws: Int, seed: UInt64) throws(PricingError) {
        guard (1...100_000).contains(draws) else {
            throw .badSetting("draws", problem: "is \(draws); use 1…100000, 200 or more for intervals")
        }
        let known = Set(labels).sorted()
        guard known.count > 1 else {
            throw .badSetting("cluster", problem: "all choices are in one; a bootstrap needs two at least")
        }
        let order = Dictionary(uniqueKeysWithValues: zip(known, known.indices))
        self.draws = draws
        self.seed = seed
        places = labels.map { order[$0] ?? 0 }
        clusters = known.count
    }

    /// How often each situation was drawn.
    func weights(draw: Int) -> [Double] {
        var random = SyntheticRandom(seed: seed, stream: UInt64(draw))
        var counts = [Double](repeating: 0, count: clusters)
        for _ in 0..<clusters { counts[Int.random(in: 0..<clusters, using: &random)] += 1 }
        return places.map { counts[$0] }
    }

    /// `estimate` of each draw's weights, in order, those that have one; each runs on one thread.
    ///
    /// - Throws: `badSetting` when more than a tenth of the draws have no estimate: the error is that of the first.
    func estimates<Estimate: Sendable>(
        threads: Int, _ estimate: @Sendable ([Double]) throws(PricingError) -> Estimate
    ) throws(PricingError) -> [Estimate] {
        let results = ParallelBlocks.map(count: draws, blockSize: 1, threads: threads) { draw, _ in
            Result { () throws(PricingError) in try estimate(weights(draw: draw)) }
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
