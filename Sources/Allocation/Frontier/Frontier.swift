import Marketplace

/// The trade-offs of cost against availability and latency that one request leaves open.
///
/// No listed point is dominated by any allocation: whatever costs as little and is as good in one criterion is worse in
/// the other. Which of the trade-offs that are not dominated are listed is said by the factors and the gaps.
public struct Frontier: Sendable {
    /// One allocation that nothing dominates.
    public struct Point: Sendable {
        /// What the term costs, in units of the tariffs' asset, by the model.
        public let cost: Double
        /// What the placements in use achieve at worst.
        public let quality: AllocationQuality
        /// The placements in use, the largest share first.
        public let placements: [Placement]
        /// Offers whose leg has the free volumes of the user's account with their provider.
        public let claimants: Set<String>
        /// The request's own bounds on the criteria that this allocation misses; empty when it answers the request.
        public let misses: [ConstraintKind]
    }

    /// Where trade-offs may lie that were not looked for.
    public struct Gap: Sendable, Hashable {
        /// They fail at most this often.
        public let quality: AllocationQuality
        /// They cost at least this.
        public let leastCost: Double
    }

    /// The trade-offs, the cheapest first.
    public let points: [Point]
    /// A trade-off that is not listed has a listed one beside it that costs no more and fails less than this many times
    /// as often; 1 when every one is listed.
    public let unavailabilityFactor: Double
    /// The same for the latency: that of the listed one is less than this many times as long.
    public let latencyFactor: Double
    /// Parts to which the factors do not apply, because time or the number of points ran out there.
    public let gaps: [Gap]
    /// How many allocations were solved for.
    public let solves: Int
    /// Milliseconds spent.
    public let milliseconds: Double

    /// Whether every trade-off is listed.
    public var isComplete: Bool { gaps.isEmpty && unavailabilityFactor == 1 && latencyFactor == 1 }
}

/// What can be traded for money.
public enum FrontierCriterion: String, Sendable, Hashable, CaseIterable {
    /// The availability of the worst placement in use.
    case availability
    /// The latency of the worst region.
    case latency
}

/// The availability and the latency of an allocation, both at their worst; less is better in both.
public struct AllocationQuality: Sendable, Hashable {
    /// Probability that an object of the worst placement cannot be read.
    public let unavailability: Double
    /// Milliseconds to the slowest offer that the readers of any region fetch from, where they fetch nothing to the
    /// k-th fastest; infinite when that is unknown, 0 without any region.
    public let latency: Double

    /// Bounds, or what is achieved.
    public init(unavailability: Double, latency: Double) {
        self.unavailability = unavailability
        self.latency = latency
    }

    /// What `placements` achieve at worst.
    public init(problem: AllocationProblem, placements: [Placement]) {
        let positions = Dictionary(problem.offers.enumerated().map { ($1.id, $0) }) { first, _ in first }
        var (failing, slowest) = (0.0, 0.0)
        for placement in placements {
            let members = placement.legs.compactMap { positions[$0.offer.id] }
            let data = placement.scheme.data
            failing = max(
                failing, problem.failures.failureProbability(members.map { problem.leaves[$0] }, data: data))
            for u in problem.request.traffic.indices {
                let known = members.map { problem.latencies[$0][u] ?? .infinity }.sorted()
                slowest = max(slowest, known.count >= data ? known[data - 1] : .infinity)
                for leg in placement.legs where leg.readShares[u] > 0 {
                    slowest = max(slowest, problem.latency(of: leg.offer, u) ?? .infinity)
                }
            }
        }
        (unavailability, latency) = (failing, slowest)
    }

    /// Nothing demanded.
    static let any = AllocationQuality(unavailability: .infinity, latency: .infinity)

    /// Whether this is at least as good as `other`, to the precision at which the optimizer compares.
    func meets(_ other: AllocationQuality) -> Bool {
        unavailability <= other.unavailability * (1 + 1e-9) && latency <= other.latency
    }
}
