import Marketplace

/// Finds the trade-offs of cost against availability and latency that no allocation dominates.
///
/// The method is the ε-constraint method over two criteria: the plane of demands (unavailability, latency) is parted
/// into zones, each a demand; the cheapest allocation that meets a zone's demand is a point of the frontier, and parts
/// the zone into what fails less often and what is faster. Zones are taken by cost, the cheapest first, so that all that
/// a point parts off is dominated by it. (Haimes, Lasdon and Wismer 1971; for the zones Klamroth, Lacour and
/// Vanderpooten, *On the representation of the search region in multi-objective optimization*, EJOR 2015.)
///
/// There may be thousands of points that differ by next to nothing, so the search goes by levels: at first, "better"
/// means better by a large factor, and then by ever smaller ones, down to 1. Every level is a cover of the whole frontier
/// by points of it, and keeps all that was solved before. (Papadimitriou and Yannakakis, *On the approximability of
/// trade-offs*, FOCS 2000.)
///
/// The request's own bounds on availability, latency and budget are dropped, as those are what is traded; all else that
/// it asks for holds for every point. A criterion that is not traded keeps the request's bound.
public struct FrontierSearch: Sendable {
    /// Seconds for the whole search.
    public var timeLimit: Double
    /// How many points are enough; a level that was begun may find a few more.
    public var enoughPoints: Int
    /// What is traded for money.
    public var criteria: Set<FrontierCriterion>

    /// A search with limits.
    public init(
        timeLimit: Double = 30, enoughPoints: Int = 200,
        criteria: Set<FrontierCriterion> = Set(FrontierCriterion.allCases)
    ) {
        self.timeLimit = timeLimit
        self.enoughPoints = enoughPoints
        self.criteria = criteria
    }

    /// What "better" means at a level.
    private struct Level {
        let unavailability: Double
        let latency: Double

        var isExact: Bool { unavailability == 1 && latency == 1 }
    }

    private static let levels = [
        Level(unavailability: 100, latency: 2), Level(unavailability: 10, latency: 1.5),
        Level(unavailability: 3, latency: 1.25), Level(unavailability: 1.5, latency: 1.1),
        Level(unavailability: 1.1, latency: 1.03), Level(unavailability: 1, latency: 1)
    ]

    /// The frontier of `problem`. Deterministic unless the time limit strikes.
    ///
    /// - Throws: ``AllocationError/solver(_:)``, and ``AllocationError/checkFailed(_:)`` should a point not hold.
    public func run(_ problem: AllocationProblem) throws(AllocationError) -> Frontier {
        let clock = Stopwatch()
        let oracle = FrontierOracle(problem, criteria, timeLimit: timeLimit, clock: clock)
        var found: [FrontierOracle.Candidate] = []
        var reached = Self.levels[0]
        var gaps: [Frontier.Gap] = []
        for (index, level) in Self.levels.enumerated() {
            let left = try cover(level, oracle, &found)
            if left.isCutShort, index > 0 { break }
            (reached, gaps) = (level, left.gaps)
            if left.isCutShort { break }
        }
        // What is left of the time is for the demands that were given up.
        while reached.isExact, !gaps.isEmpty, !oracle.isOutOfTime, found.count < enoughPoints {
            oracle.haveMorePatience()
            gaps = try cover(reached, oracle, &found).gaps
        }
        var points: [Frontier.Point] = []
        for candidate in found.sorted(by: { $0.cost < $1.cost }) {
            points.append(
                Frontier.Point(
                    cost: candidate.cost, quality: candidate.quality, placements: candidate.placements,
                    claimants: candidate.claimants, misses: try misses(candidate, problem)))
        }
        return Frontier(
            points: points, unavailabilityFactor: criteria.contains(.availability) ? reached.unavailability : 1,
            latencyFactor: criteria.contains(.latency) ? reached.latency : 1, gaps: gaps, solves: oracle.solves,
            milliseconds: clock.milliseconds)
    }

    /// A demand whose allocations are still to be looked for.
    private struct Zone {
        let demand: AllocationQuality
        /// Nothing in the zone costs less.
        var leastCost: Double
        /// The cheapest of the zone, once it is known.
        var cheapest: FrontierOracle.Candidate?

        /// The part of the zone that is not parted off by a point that is better than `demand` has it.
        func parts(_ unavailability: Double?, _ latency: Double?) -> [Zone] {
            if let unavailability, demand.unavailability <= unavailability { return [self] }
            if let latency, demand.latency <= latency { return [self] }
            let demands = [
                unavailability.map { AllocationQuality(unavailability: $0, latency: demand.latency) },
                latency.map { AllocationQuality(unavailability: demand.unavailability, latency: $0) }
            ]
            return demands.compactMap { $0 }.map { part in
                let kept = cheapest.flatMap { $0.quality.meets(part) ? $0 : nil }
                return Zone(demand: part, leastCost: leastCost, cheapest: kept)
            }
        }
    }

    /// Covers the frontier by points of it, to the precision of `level`.
    private func cover(
        _ level: Level, _ oracle: FrontierOracle, _ found: inout [FrontierOracle.Candidate]
    ) throws(AllocationError) -> (gaps: [Frontier.Gap], isCutShort: Bool) {
        var zones = [Zone(demand: .any, leastCost: 0, cheapest: nil)]
        var gaps: [Frontier.Gap] = []
        while let index = zones.indices.min(by: { zones[$0].leastCost < zones[$1].leastCost }) {
            if oracle.isOutOfTime || found.count >= enoughPoints {
                return (gaps + zones.map { Frontier.Gap(quality: $0.demand, leastCost: $0.leastCost) }, true)
            }
            var zone = zones.remove(at: index)
            guard let point = zone.cheapest else {
                switch try oracle.optimum(zone.demand) {
                case .nothing: break
                case .unresolved(let least, let best):
                    zone.leastCost = max(least, zone.leastCost)
                    gaps.append(Frontier.Gap(quality: zone.demand, leastCost: zone.leastCost))
                    // What is beyond the best that was found there may still be decided.
                    guard let best else { break }
                    let unavailability = oracle.unavailability(below: best.unavailability, by: level.unavailability)
                    let latency = oracle.latency(below: best.latency, by: level.latency)
                    zones = Self.outermost(zones + zone.parts(unavailability, latency))
                case .point(let point):
                    Self.note(point, &found)
                    zone.cheapest = point
                    zone.leastCost = max(zone.leastCost, point.cost)
                    zones.append(zone)
                }
                continue
            }
            let quality = point.quality
            let unavailability = oracle.unavailability(below: quality.unavailability, by: level.unavailability)
            let latency = oracle.latency(below: quality.latency, by: level.latency)
            let parts = ([zone] + zones).flatMap { $0.parts(unavailability, latency) }
            zones = Self.outermost(parts)
        }
        return (gaps, oracle.isOutOfTime && !gaps.isEmpty)
    }

    /// The zones that do not lie within others.
    private static func outermost(_ zones: [Zone]) -> [Zone] {
        zones.indices.filter { index in
            !zones.indices.contains { other in
                other != index && zones[index].demand.lies(within: zones[other].demand)
                    && (zones[index].demand != zones[other].demand || other < index)
            }
        }
        .map { zones[$0] }
    }

    /// Adds a point unless it is there.
    private static func note(_ point: FrontierOracle.Candidate, _ found: inout [FrontierOracle.Candidate]) {
        let isKnown = found.contains { $0.quality.meets(point.quality) && point.quality.meets($0.quality) }
        if !isKnown { found.append(point) }
    }

    /// The request's own bounds on what is traded that an allocation misses.
    private func misses(
        _ candidate: FrontierOracle.Candidate, _ problem: AllocationProblem
    ) throws(AllocationError) -> [ConstraintKind] {
        var misses: [ConstraintKind] = []
        if let budget = problem.request.budget {
            let plan = try AllocationPlan(
                problem: problem, placements: candidate.placements, claimants: candidate.claimants)
            if try plan.bill().needed(for: budget.period).minor > budget.amount.minor { misses.append(.budget) }
        }
        if let bound = problem.request.qos.latencyMs?.doubleValue, candidate.quality.latency > bound + 1e-9 {
            misses.append(.latency)
        }
        if let allowed = problem.allowedUnavailability, candidate.quality.unavailability > allowed * (1 + 1e-9) {
            misses.append(.availability)
        }
        return misses
    }
}

extension AllocationQuality {
    /// Whether whatever meets this demand meets `other`.
    func lies(within other: AllocationQuality) -> Bool {
        unavailability <= other.unavailability && latency <= other.latency
    }
}
