import Allocation
import Marketplace
import Money
import TestSupport
import Testing

/// Draws stripes by an allocation's shares: each is one placement with, for each region, the k shards that it fetches.
struct StripeSampler {
    let placements: [Placement]

    /// A placement with a probability of its share.
    func placement(_ random: inout SeededGenerator) -> Placement {
        var rest = Double.random(in: 0..<1, using: &random)
        for placement in placements {
            rest -= placement.share
            if rest < 0 { return placement }
        }
        return placements[placements.count - 1]
    }

    /// The k legs that a read from region `u` fetches, each with a probability of its share of reads (systematic
    /// sampling, Madow 1949): points at distance 1 on a line on which each leg covers its share.
    func fetched(_ placement: Placement, _ u: Int, _ random: inout SeededGenerator) -> [Int] {
        var point = Double.random(in: 0..<1, using: &random)
        var covered = 0.0
        var legs: [Int] = []
        for (leg, part) in placement.legs.enumerated() {
            covered += part.readShares[u]
            if covered > point {
                legs.append(leg)
                point += 1
            }
        }
        // The last point may lie a rounding beyond the end.
        if legs.count < placement.scheme.data, let last = placement.legs.indices.last, legs.last != last {
            legs.append(last)
        }
        return legs
    }
}

/// Shares over offers decompose into stripes that each obey every constraint on placements.
@Suite struct StripeTests {
    private static let draws = 100_000

    @Test(arguments: 0..<4) func sampledStripesObeyAndAddUp(_ block: Int) throws {
        var (divided, allocations) = (0, 0)
        for seed in 0..<12 {
            let seed = UInt64(40_000 + block * 12 + seed)
            let problem = try RandomProblem(seed: seed, auto: seed % 3 == 0).problem()
            let answer = try AllocationOptimizer().solve(problem)
            guard answer.objective != nil else { continue }
            allocations += 1
            if answer.placements.count > 1 { divided += 1 }
            #expect(try Self.faults(problem, answer, seed) == [], "seed \(seed)")
        }
        #expect(allocations > 3 && divided > 0, "\(divided) of \(allocations) allocations are divided")
    }

    private static func faults(_ problem: AllocationProblem, _ answer: Allocation, _ seed: UInt64) throws -> [String] {
        struct Stripe: Hashable {
            let placement: Placement
            let fetched: [[Int]]
        }
        let request = problem.request
        let sampler = StripeSampler(placements: answer.placements)
        let read = request.traffic.indices.filter {
            request.traffic[$0].egressBytes > 0 || request.traffic[$0].reads > 0
        }
        var random = SeededGenerator(seed: seed)
        var drawn: [Stripe: Int] = [:]
        for _ in 0..<draws {
            let placement = sampler.placement(&random)
            let fetched = read.map { sampler.fetched(placement, $0, &random) }
            drawn[Stripe(placement: placement, fetched: fetched), default: 0] += 1
        }
        var faults: [String] = []
        for stripe in drawn.keys {
            faults += try self.faults(problem, stripe.placement)
            for (u, legs) in zip(read, stripe.fetched) {
                if Set(legs).count != stripe.placement.scheme.data { faults.append("\(legs.count) shards are fetched") }
                for leg in legs where !isInTime(problem, stripe.placement.legs[leg].offer, u) {
                    faults.append("\(stripe.placement.legs[leg].offer.id) serves region \(u) too late")
                }
            }
        }
        // What stripes carry, beside what is planned and billed.
        let plan = try AllocationPlan(problem: problem, placements: answer.placements, claimants: answer.claimants)
        for (leg, offer) in plan.offers.enumerated() {
            func compare(_ what: String, _ planned: Double, _ value: (Stripe) -> Double) {
                let sum = drawn.reduce(0) { $0 + Double($1.value) * value($1.key) }
                let squares = drawn.reduce(0) { $0 + Double($1.value) * value($1.key) * value($1.key) }
                let mean = sum / Double(draws)
                let error = (max(0, squares / Double(draws) - mean * mean) / Double(draws)).squareRoot()
                if abs(mean - planned) > 5 * error + 1e-6 {
                    faults.append("\(what) of \(offer.id): \(mean) ± \(error), planned \(planned)")
                }
            }
            func position(_ stripe: Stripe) -> Int? { stripe.placement.legs.firstIndex { $0.offer == offer } }
            let stored = Double(plan.usages[leg][0].storedBytes) / Double(request.logicalBytes)
            compare("volume", stored) { position($0) == nil ? 0 : 1 / Double($0.placement.scheme.data) }
            let reads = plan.readShares(of: leg)
            for (row, u) in read.enumerated() {
                compare("reads from \(u)", reads[u]) { stripe in
                    position(stripe).map { stripe.fetched[row].contains($0) ? 1 : 0 } ?? 0
                }
            }
        }
        return faults
    }

    private static func isInTime(_ problem: AllocationProblem, _ offer: Offer, _ u: Int) -> Bool {
        guard let bound = problem.request.qos.latencyMs?.doubleValue else { return true }
        guard let j = problem.offers.firstIndex(of: offer), let latency = problem.latencies[j][u] else { return false }
        return latency <= bound
    }

    /// The constraints that hold for each placement, from their definitions.
    private static func faults(_ problem: AllocationProblem, _ placement: Placement) throws -> [String] {
        let (request, scheme) = (problem.request, placement.scheme)
        let offers = placement.legs.map(\.offer)
        var faults: [String] = []
        if Set(offers.map(\.id)).count != scheme.shards || offers.count != scheme.shards {
            faults.append("\(offers.count) offers for \(scheme)")
        }
        for (groups, lost) in [
            (offers.map(\.provider), request.toleratedProviders), (offers.map(\.metro), request.toleratedRegions)
        ] {
            let names = Array(Set(groups))
            for choice in 0..<(1 << names.count) where choice.nonzeroBitCount <= lost {
                let gone = Set(names.indices.filter { choice >> $0 & 1 == 1 }.map { names[$0] })
                if groups.count(where: { !gone.contains($0) }) < scheme.data {
                    faults.append("\(gone) may not be lost")
                }
            }
        }
        if request.qos.latencyMs != nil {
            for u in request.traffic.indices where offers.count(where: { isInTime(problem, $0, u) }) < scheme.data {
                faults.append("region \(u) is too far")
            }
        }
        let leaves = offers.compactMap { offer in problem.offers.firstIndex(of: offer) }.map { problem.leaves[$0] }
        let simulation = FailureSimulation(unavailabilityOf: leaves, problem.failures)
        if let asked = request.qos.availability {
            let allowed = try ExactDecimal.one.subtracting(asked).doubleValue
            if simulation.probability(than: scheme.data) > allowed * (1 + 1e-6) { faults.append("fails too often") }
        }
        if let asked = request.qos.durabilityNines,
            problem.failures.durabilityNines(leaves, data: scheme.data) < Double(asked) - 1e-9
        {
            faults.append("is lost too often")
        }
        return faults
    }
}
