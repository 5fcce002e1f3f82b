import Allocation
import Foundation
import Marketplace
import Money
import Testing

/// The frontier against enumeration of the whole grid of demands, on seeded small instances.
@Suite struct FrontierTests {
    /// One trade-off.
    struct TradeOff: CustomStringConvertible {
        let cost: Double
        let quality: AllocationQuality

        var description: String { "\(cost) fails \(quality.unavailability) in \(quality.latency) ms" }

        /// Whether this is at least as good as `other` in all criteria and better in one, ties aside.
        func dominates(_ other: TradeOff) -> Bool {
            let slack = 2e-6 * max(1, abs(other.cost))
            guard cost <= other.cost + slack,
                quality.unavailability <= other.quality.unavailability * (1 + 2e-8) + 1e-18,
                quality.latency <= other.quality.latency
            else { return false }
            return cost < other.cost - slack || quality.latency < other.quality.latency
                || quality.unavailability < other.quality.unavailability * (1 - 2e-8) - 1e-18
        }

        func isSame(as other: TradeOff) -> Bool {
            abs(cost - other.cost) <= 4e-6 * max(1, abs(cost)) && quality.latency == other.quality.latency
                && abs(quality.unavailability - other.quality.unavailability)
                    <= 2e-8 * quality.unavailability + 1e-18
        }
    }

    /// A request that asks for a quality and drops its budget.
    static func demand(_ quality: AllocationQuality, _ request: inout SLARequest) {
        request.budget = nil
        request.recommendedPreference = .zero
        request.qos.availability = nil
        request.qos.latencyMs = nil
        if quality.unavailability < 1 {
            let failing = Int128((quality.unavailability * (1 + 5e-9) * 1e18).rounded(.up))
            request.qos.availability = try? ExactDecimal(significand: 1_000_000_000_000_000_000 - failing, scale: 18)
        }
        if quality.latency < .infinity {
            request.qos.latencyMs = try? ExactDecimal(significand: Int128(quality.latency * 1000), scale: 3)
        }
    }

    /// Every way in which any placement of the problem's schemes may fail, each once; nil when there are too many.
    static func unavailabilities(_ problem: AllocationProblem) -> [Double] {
        var values: Set<Double> = []
        for scheme in problem.schemes where scheme.shards <= problem.offers.count {
            for subset in 0..<(1 << problem.offers.count) where subset.nonzeroBitCount == scheme.shards {
                let leaves = problem.offers.indices.filter { subset >> $0 & 1 == 1 }.map { problem.leaves[$0] }
                values.insert(problem.failures.failureProbability(leaves, data: scheme.data))
            }
        }
        var distinct: [Double] = []
        for value in values.sorted() where distinct.last.map({ value > $0 * (1 + 2e-8) + 1e-18 }) ?? true {
            distinct.append(value)
        }
        return distinct
    }

    /// The frontier by solving for every pair of an unavailability and a latency that occur; nil when there are too many.
    static func enumerated(_ instance: RandomProblem) throws -> [TradeOff]? {
        let problem = try instance.problem()
        let latencies = Set(problem.latencies.flatMap { $0.compactMap { $0 } }).sorted() + [.infinity]
        let failing = unavailabilities(problem)
        guard latencies.count * failing.count <= 150 else { return nil }
        var all: [TradeOff] = []
        for latency in latencies {
            for unavailability in failing {
                let quality = AllocationQuality(unavailability: unavailability, latency: latency)
                let asking = try instance.problem { demand(quality, &$0) }
                guard let cost = try AllocationEnumeration(asking).solve().cheapest else { continue }
                all.append(TradeOff(cost: cost, quality: quality))
            }
        }
        return all.filter { one in !all.contains { $0.dominates(one) } }
    }

    static func tradeOffs(_ frontier: Frontier) -> [TradeOff] {
        frontier.points.map { TradeOff(cost: $0.cost, quality: $0.quality) }
    }

    /// What must hold of every frontier, complete or not.
    static func expectSound(_ frontier: Frontier, _ instance: RandomProblem, _ seed: UInt64) throws {
        let points = tradeOffs(frontier)
        for (index, point) in frontier.points.enumerated() {
            let asking = try instance.problem { demand(point.quality, &$0) }
            let check = AllocationCheck(problem: asking, placements: point.placements, claimants: point.claimants)
            #expect(check.faults() == [], "seed \(seed)")
            #expect(
                AllocationQuality(problem: asking, placements: point.placements) == point.quality, "seed \(seed)")
            let own = try AllocationCheck(
                problem: instance.problem(), placements: point.placements, claimants: point.claimants)
            #expect(own.faults().isEmpty == point.misses.isEmpty, "seed \(seed): \(own.faults()), \(point.misses)")
            for other in points.indices where other != index {
                #expect(!points[other].dominates(points[index]), "seed \(seed): \(points[other]), \(points[index])")
            }
        }
    }

    static func compare(_ instance: RandomProblem, _ seed: UInt64) throws -> Int? {
        guard let expected = try enumerated(instance) else { return nil }
        let frontier = try FrontierSearch().run(instance.problem())
        #expect(frontier.isComplete, "seed \(seed): \(frontier.gaps)")
        let points = tradeOffs(frontier)
        for one in expected {
            #expect(points.contains { $0.isSame(as: one) }, "seed \(seed): \(one) is missing from \(points)")
        }
        for one in points {
            #expect(expected.contains { $0.isSame(as: one) }, "seed \(seed): \(one) is not among \(expected)")
        }
        try expectSound(frontier, instance, seed)
        return points.count
    }

    @Test(arguments: 0..<3) func equalsEnumerationOfAllDemands(_ block: Int) throws {
        var counts: [Int] = []
        for seed in 0..<12 {
            let seed = UInt64(20_000 + block * 12 + seed)
            if let count = try Self.compare(RandomProblem(seed: seed), seed) { counts.append(count) }
        }
        #expect(counts.count >= 4 && counts.contains { $0 >= 3 }, "too little to mean anything: \(counts)")
    }

    @Test(arguments: 0..<2) func equalsEnumerationWithSchemesLeftOpen(_ block: Int) throws {
        var counts: [Int] = []
        for seed in 0..<5 {
            let seed = UInt64(30_000 + block * 5 + seed)
            if let count = try Self.compare(RandomProblem(seed: seed, auto: true), seed) { counts.append(count) }
        }
        #expect(counts.count >= 2 && counts.contains { $0 >= 3 }, "too little to mean anything: \(counts)")
    }

    /// With one criterion the other bound stays the request's own.
    @Test(arguments: FrontierCriterion.allCases) func oneCriterionIsTradedAtTheBoundOfTheOther(
        _ criterion: FrontierCriterion
    ) throws {
        var longest = 0
        for seed in UInt64(40_000)..<40_012 {
            let instance = RandomProblem(seed: seed)
            let problem = try instance.problem()
            let asked = problem.request.qos
            let frontier = try FrontierSearch(criteria: [criterion]).run(problem)
            #expect(frontier.isComplete)
            longest = max(longest, frontier.points.count)
            // The least that each demand costs under the request's other bound, all of them by enumeration.
            let demands: [AllocationQuality]
            switch criterion {
            case .availability:
                demands = Self.unavailabilities(problem).map {
                    AllocationQuality(unavailability: $0, latency: .infinity)
                }
            case .latency:
                demands = (Set(problem.latencies.flatMap { $0.compactMap { $0 } }).sorted() + [.infinity]).map {
                    AllocationQuality(unavailability: .infinity, latency: $0)
                }
            }
            var expected: [(cost: Double, demand: AllocationQuality)] = []
            for demand in demands.reversed() {
                let asking = try instance.problem {
                    Self.demand(demand, &$0)
                    if criterion == .availability { $0.qos.latencyMs = asked.latencyMs }
                    if criterion == .latency { $0.qos.availability = asked.availability }
                }
                guard let cost = try AllocationEnumeration(asking).solve().cheapest else { break }
                while let last = expected.last, cost <= last.cost + 2e-6 * max(1, last.cost) { expected.removeLast() }
                expected.append((cost, demand))
            }
            #expect(frontier.points.count == expected.count, "seed \(seed)")
            for (point, one) in zip(frontier.points, expected) {
                #expect(OracleTests.agree(point.cost, one.cost), "seed \(seed): \(point.cost), not \(one.cost)")
                let (quality, demand) = (point.quality, one.demand)
                switch criterion {
                case .availability:
                    #expect(
                        abs(quality.unavailability - demand.unavailability) <= 2e-8 * demand.unavailability + 1e-18,
                        "seed \(seed): \(quality.unavailability), not \(demand.unavailability)")
                case .latency: #expect(quality.latency == demand.latency, "seed \(seed)")
                }
                #expect(point.misses.allSatisfy { $0 == .budget || $0.rawValue == criterion.rawValue }, "seed \(seed)")
            }
        }
        #expect(longest >= 3)
    }

    @Test func withoutTimeTheAnswerIsLabelled() throws {
        for seed in UInt64(0)..<10 {
            let frontier = try FrontierSearch(timeLimit: 0).run(RandomProblem(seed: seed).problem())
            #expect(frontier.points.isEmpty && !frontier.isComplete)
            #expect(frontier.gaps.map(\.leastCost) == [0])
            #expect(frontier.gaps.map(\.quality.latency) == [.infinity])
            #expect(frontier.solves == 0)
        }
    }

    /// A frontier that ends early covers all of the whole one that its gaps leave.
    @Test func whatIsMissingIsBounded() throws {
        var shortened = 0
        for seed in UInt64(20_000)..<20_036 {
            let instance = RandomProblem(seed: seed)
            let problem = try instance.problem()
            let whole = try FrontierSearch().run(problem)
            let enough = [1, 3, 6][Int(seed % 3)]
            let part = try FrontierSearch(enoughPoints: enough).run(problem)
            try Self.expectSound(part, instance, seed)
            if part.points.count < whole.points.count {
                shortened += 1
                #expect(!part.isComplete)
            }
            for missing in whole.points {
                let isCovered = part.points.contains {
                    $0.cost <= missing.cost * (1 + 4e-6)
                        && $0.quality.unavailability <= missing.quality.unavailability * part.unavailabilityFactor
                            * (1 + 2e-8) + 1e-16
                        && $0.quality.latency <= missing.quality.latency * part.latencyFactor
                }
                let isInGap = part.gaps.contains {
                    $0.leastCost <= missing.cost * (1 + 4e-6)
                        && missing.quality.unavailability <= $0.quality.unavailability * (1 + 2e-8)
                        && missing.quality.latency <= $0.quality.latency
                }
                #expect(isCovered || isInGap, "seed \(seed): \(missing.cost), \(missing.quality)")
            }
        }
        #expect(shortened >= 5)
    }

    @Test func whatCannotBeHasAnEmptyFrontier() throws {
        let frontier = try FrontierSearch().run(RandomProblem(seed: 1).problem { $0.minProviders = 9 })
        #expect(frontier.points.isEmpty && frontier.isComplete)
    }
}
