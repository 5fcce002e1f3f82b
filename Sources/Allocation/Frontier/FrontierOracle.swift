import Marketplace
import Money

/// The cheapest allocation that is good enough, for any demand; what earlier answers imply is not solved for again.
final class FrontierOracle {
    /// What is known about the allocations that meet a demand.
    enum Answer {
        /// The cheapest; of those that cost the same one that no other dominates.
        case point(Candidate)
        /// There is none.
        case nothing
        /// The search was cut short: none costs less than this; and what the best that was found achieves, if any was.
        case unresolved(leastCost: Double, found: AllocationQuality?)
    }

    /// An allocation.
    struct Candidate {
        let cost: Double
        let quality: AllocationQuality
        let placements: [Placement]
        let claimants: Set<String>
    }

    /// A demand that was solved for.
    private struct Entry {
        let demand: AllocationQuality
        /// Nothing that meets the demand costs less; infinite when there is nothing.
        let leastCost: Double
        let candidate: Candidate?
    }

    let criteria: Set<FrontierCriterion>
    private(set) var solves = 0
    private let problem: AllocationProblem
    private let optimizer: AllocationOptimizer
    private let clock: Stopwatch
    /// The latencies that occur, ascending, those that no decimal of a request tells apart as one.
    private let latencies: [Double]
    private var solved: [Entry] = []
    private var settled: [Entry] = []
    /// Placements of earlier answers, to begin with.
    private var pool: [ShareColumn] = []
    private var unresolved: [AllocationQuality: (leastCost: Double, found: AllocationQuality?)] = [:]

    /// Costs that differ by less, relative to them, are the same: a cent in ten thousand dollars.
    static let tie = 1e-6

    init(_ problem: AllocationProblem, _ criteria: Set<FrontierCriterion>, timeLimit: Double, clock: Stopwatch) {
        self.criteria = criteria
        self.problem = problem.asking { request in
            request.budget = nil
            request.recommendedPreference = .zero
            if criteria.contains(.availability) { request.qos.availability = nil }
            if criteria.contains(.latency) { request.qos.latencyMs = nil }
        }
        // Closer than a tie, so that two solves of the same optimum count as one.
        optimizer = AllocationOptimizer(timeLimit: timeLimit, relativeGap: 1e-7)
        self.clock = clock
        var distinct: [Double] = []
        for latency in problem.latencies.flatMap({ $0.compactMap { $0 } }).sorted() where latency <= 1e9 {
            if let last = distinct.last, latency - last < 3e-6 { distinct.removeLast() }
            distinct.append(latency)
        }
        latencies = distinct
        patience = timeLimit / 40
    }

    /// Seconds for one demand: one that is hard to prove anything of must not take the time of all others.
    private var patience: Double

    /// Takes more time from now on for each demand that was given up.
    func haveMorePatience() {
        patience *= 3
        unresolved = [:]
    }

    /// Whether the time is up.
    var isOutOfTime: Bool { clock.milliseconds > optimizer.timeLimit * 1000 }

    // MARK: Demands

    /// The demand to fail less often than `unavailability` by `factor`, or merely less; nil when nobody could ask for it.
    ///
    /// A request states 18 decimals of an availability: what fails less than once in 10¹⁸ cannot be improved on.
    func unavailability(below unavailability: Double, by factor: Double) -> Double? {
        guard criteria.contains(.availability), unavailability > 0 else { return nil }
        let units = (min(unavailability / factor, unavailability * (1 - 1e-8)) * 1e18).rounded(.down)
        return units >= 1 ? units / 1e18 : nil
    }

    /// The longest latency that occurs and is shorter than `latency` by `factor`, or merely shorter.
    func latency(below latency: Double, by factor: Double) -> Double? {
        guard criteria.contains(.latency), !problem.request.traffic.isEmpty else { return nil }
        return latencies.last { $0 < latency && $0 <= latency / factor }
    }

    /// The part of a quality that is traded; nothing is demanded of the rest but what the request does.
    private func traded(_ quality: AllocationQuality) -> AllocationQuality {
        AllocationQuality(
            unavailability: criteria.contains(.availability) ? quality.unavailability : .infinity,
            latency: criteria.contains(.latency) ? quality.latency : .infinity)
    }

    /// The problem with a demand in place of the request's own bounds.
    private func asking(_ demand: AllocationQuality) -> AllocationProblem {
        var asking = problem
        if demand.unavailability < 1 { asking = asking.allowing(unavailability: demand.unavailability) }
        guard demand.latency < .infinity else { return asking }
        return asking.asking { request in
            // Rounded up by less than lies between two latencies that occur.
            let micros = Int128((demand.latency * 1e6 + 1e-3).rounded(.up))
            request.qos.latencyMs = try? ExactDecimal(significand: micros, scale: 6)
        }
    }

    // MARK: Answers

    /// The cheapest allocation that meets `demand`, and of those the one that no other dominates.
    func optimum(_ demand: AllocationQuality) throws(AllocationError) -> Answer {
        if let known = settled.first(where: { demand.meets($0.demand) && $0.candidate?.quality.meets(demand) ?? true })
        {
            return known.candidate.map { .point($0) } ?? .nothing
        }
        let first = try cheapest(demand)
        guard case .point(var candidate) = first else { return first }
        let ceiling = candidate.cost + Self.tie * abs(candidate.cost)
        let least = leastCost(demand)
        settling: while true {
            let quality = traded(candidate.quality)
            let better = [
                unavailability(below: quality.unavailability, by: 1).map {
                    AllocationQuality(unavailability: $0, latency: quality.latency)
                },
                latency(below: quality.latency, by: 1).map {
                    AllocationQuality(unavailability: quality.unavailability, latency: $0)
                }
            ]
            for case .some(let demand) in better where leastCost(demand) <= ceiling {
                switch try cheapest(demand) {
                case .point(let other) where other.cost <= ceiling:
                    candidate = other
                    continue settling
                case .unresolved: return .unresolved(leastCost: least, found: candidate.quality)
                default: break
                }
            }
            break
        }
        try check(candidate, demand)
        settled.append(Entry(demand: demand, leastCost: least, candidate: candidate))
        return .point(candidate)
    }

    /// A cost that nothing which meets `demand` undercuts, from what was solved.
    func leastCost(_ demand: AllocationQuality) -> Double {
        solved.reduce(0) { demand.meets($1.demand) ? max($0, $1.leastCost) : $0 }
    }

    /// One of the cheapest allocations that meet `demand`.
    private func cheapest(_ demand: AllocationQuality) throws(AllocationError) -> Answer {
        let known = solved.first { demand.meets($0.demand) && $0.candidate?.quality.meets(demand) ?? true }
        if let known { return known.candidate.map { .point($0) } ?? .nothing }
        if let known = unresolved[demand] { return .unresolved(leastCost: known.leastCost, found: known.found) }
        if isOutOfTime { return .unresolved(leastCost: leastCost(demand), found: nil) }
        solves += 1
        let model = TermModel(asking(demand))
        var timing = Allocation.Timing()
        var optimizer = optimizer
        // The cheapest of all is worth more.
        let patience = demand == .any ? optimizer.timeLimit / 4 : self.patience
        optimizer.timeLimit = min(optimizer.timeLimit, clock.milliseconds / 1000 + patience)
        let columns = pool.filter(model.admits)
        let result = try optimizer.search(model, .cost, columns: columns, clock: clock, timing: &timing).0
        guard result.isComplete else {
            let least = max(leastCost(demand), result.bound.isFinite ? result.bound : 0)
            let found = result.best.map {
                AllocationQuality(problem: problem, placements: model.placements($0))
            }
            unresolved[demand] = (least, found)
            return .unresolved(leastCost: least, found: found)
        }
        guard let best = result.best else {
            solved.append(Entry(demand: demand, leastCost: .infinity, candidate: nil))
            settled.append(Entry(demand: demand, leastCost: .infinity, candidate: nil))
            return .nothing
        }
        for (column, _) in best.columns where !pool.contains(column) { pool.append(column) }
        let placements = model.placements(best)
        let candidate = Candidate(
            cost: best.cost, quality: AllocationQuality(problem: problem, placements: placements),
            placements: placements, claimants: model.claimants(best))
        solved.append(Entry(demand: demand, leastCost: result.bound, candidate: candidate))
        return .point(candidate)
    }

    /// Holds an answer against the independent check.
    private func check(_ candidate: Candidate, _ demand: AllocationQuality) throws(AllocationError) {
        let check = AllocationCheck(
            problem: asking(demand), placements: candidate.placements, claimants: candidate.claimants)
        let faults = check.faults()
        guard faults.isEmpty else { throw .checkFailed(faults) }
    }
}

extension TermModel {
    /// Whether a column of a model over the same offers and schemes meets the demands of this one.
    func admits(_ column: ShareColumn) -> Bool {
        let space = spaces[column.scheme]
        let positions = column.members.compactMap { space.offers.firstIndex(of: $0) }
        guard positions.count == column.members.count, space.admits(positions) else { return false }
        return zip(space.readers, space.serves).allSatisfy { u, serves in
            column.fetched[u].allSatisfy { j in space.offers.firstIndex(of: j).map { serves[$0] } ?? false }
        }
    }
}
