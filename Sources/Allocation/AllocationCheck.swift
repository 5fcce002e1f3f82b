import Foundation
import Marketplace
import Money

/// Checks an allocation against its request, from the request's own words: it shares nothing with the optimizer.
public struct AllocationCheck: Sendable {
    let problem: AllocationProblem
    let placements: [Placement]
    let claimants: Set<String>
    /// The months that are looked at alone, of a plan that moves; nil for the whole term and its bill.
    let months: Range<Int>?

    /// A check of `placements`, where `claimants` have the free volumes of the user's accounts.
    public init(problem: AllocationProblem, placements: [Placement], claimants: Set<String>) {
        self.init(problem: problem, placements: placements, claimants: claimants, months: nil)
    }

    init(problem: AllocationProblem, placements: [Placement], claimants: Set<String>, months: Range<Int>?) {
        self.months = months
        self.problem = problem
        self.placements = placements
        self.claimants = claimants
    }

    /// Everything that does not hold; empty when all does.
    public func faults() -> [String] {
        var faults: [String] = []
        let sum = placements.reduce(0) { $0 + $1.share }
        if abs(sum - 1) > 1e-9 { faults.append("the shares of the placements come to \(sum)") }
        for placement in placements { faults += placementFaults(placement) }
        faults += volumeFaults() + claimFaults()
        do throws(AllocationError) {
            let plan = try AllocationPlan(problem: problem, placements: placements, claimants: claimants)
            return faults + limitFaults(plan) + (months == nil ? try billFaults(plan) : [])
        } catch {
            return faults + ["\(error)"]
        }
    }

    /// What every placement in use must meet by itself.
    private func placementFaults(_ placement: Placement) -> [String] {
        let (request, scheme, legs) = (problem.request, placement.scheme, placement.legs)
        var faults: [String] = []
        func demand(_ holds: Bool, _ fault: @autoclosure () -> String) { if !holds { faults.append(fault()) } }

        demand(placement.share > 0, "a placement holds a share of \(placement.share)")
        demand(legs.count == scheme.shards, "\(legs.count) legs for \(scheme)")
        demand(Set(legs.map(\.offer.id)).count == legs.count, "an offer holds two shards")
        for (u, part) in request.traffic.enumerated() where part.egressBytes > 0 || part.reads > 0 {
            let sum = legs.reduce(0) { $0 + $1.readShares[u] }
            demand(
                abs(sum - Double(scheme.data)) < 1e-6, "reads of \(part.region) fetch \(sum) shards, not \(scheme.data)"
            )
        }
        demand(
            legs.allSatisfy { $0.readShares.allSatisfy { (0...1).contains($0) } }, "a share of reads is not within 0…1")
        let achieved = Achievement(problem: problem, placements: [placement])
        for (u, part) in request.traffic.enumerated() {
            if let bound = request.qos.latencyMs?.doubleValue {
                let latency = achieved.latencies[u]
                demand(latency.map { $0 <= bound + 1e-9 } ?? false, "latency at \(part.region) exceeds \(bound) ms")
                for leg in legs where leg.readShares[u] > 0 {
                    let own = problem.latency(of: leg.offer, u)
                    demand(own.map { $0 <= bound + 1e-9 } ?? false, "\(leg.offer.id) serves \(part.region) too slowly")
                }
            }
        }
        if let allowed = problem.allowedUnavailability {
            let leaves = legs.compactMap { problem.position($0.offer.id) }.map { problem.leaves[$0] }
            let failing = problem.failures.failureProbability(leaves, data: scheme.data)
            demand(failing <= allowed * (1 + 1e-9), "data cannot be read with probability \(failing) > \(allowed)")
        }
        if let asked = request.qos.durabilityNines {
            demand(
                achieved.durabilityNines >= Double(asked) - 1e-9,
                "durability \(achieved.durabilityNines) nines < \(asked)")
        }
        demand(achieved.toleratedProviders >= request.toleratedProviders, "too few providers may be lost")
        demand(achieved.toleratedRegions >= request.toleratedRegions, "too few regions may be lost")
        return faults
    }

    /// What the allocation as a whole must meet.
    private func volumeFaults() -> [String] {
        let request = problem.request
        var faults: [String] = []
        var held: [String: Double] = [:]
        var volumes: [String: Double] = [:]
        for placement in placements {
            for leg in placement.legs {
                held[leg.offer.provider, default: 0] += placement.share
                volumes[leg.offer.provider, default: 0] += placement.share / Double(placement.scheme.data)
            }
        }
        if held.count < request.minProviders { faults.append("\(held.count) providers hold data") }
        var legs: [String: Double] = [:]
        for placement in placements { for leg in placement.legs { legs[leg.offer.id, default: 0] += placement.share } }
        for (id, share) in legs.sorted(by: { $0.key < $1.key }) where share < problem.smallestLeg * (1 - 1e-6) {
            faults.append("\(id) holds a share of \(share), too little for a leg")
        }
        if let share = request.maxProviderShare?.doubleValue {
            let largest = (volumes.values.max() ?? 0) / volumes.values.reduce(0, +)
            if largest > share + 1e-6 { faults.append("a provider holds \(largest) of the volume") }
        }
        return faults
    }

    /// What single offers can take.
    private func limitFaults(_ plan: AllocationPlan) -> [String] {
        var faults: [String] = []
        for (offer, usages) in zip(plan.offers, plan.usages) {
            let usages = usages.enumerated().filter { months?.contains($0.offset) ?? true }
            let peak = usages.map(\.element.storedBytes).max() ?? 0
            if let capacity = offer.capacityBytes, peak > capacity {
                faults.append("\(offer.id) has no room for \(peak) bytes")
            }
            let isBeyond = usages.contains { month, usage in
                let tariff = offer.tariff(on: problem.request.firstDay(ofMonth: month))
                guard let multiple = tariff.egress?.limitMultipleOfStored?.doubleValue else { return false }
                return Double(usage.egressBytes) > multiple * Double(usage.storedBytes) * (1 + 1e-6) + 1
            }
            if isBeyond { faults.append("\(offer.id) is read beyond its limit") }
        }
        return faults
    }

    /// Free volumes are an account's: at most one leg of a provider has them.
    private func claimFaults() -> [String] {
        let offers = Set(placements.flatMap(\.legs).map(\.offer)).filter { claimants.contains($0.id) }
        let shared = Dictionary(grouping: offers, by: \.provider).filter { $0.value.count > 1 }
        return shared.keys.sorted().map { "several legs of \($0) have its free volumes" }
    }

    /// Whether the exact bill can be written and keeps the budget.
    private func billFaults(_ plan: AllocationPlan) throws(AllocationError) -> [String] {
        let bill = try plan.bill()
        guard let budget = problem.request.budget else { return [] }
        let needed = bill.needed(for: budget.period)
        return needed.minor <= budget.amount.minor ? [] : ["the bill of \(needed) exceeds the budget"]
    }
}

/// What an allocation achieves, to stand next to what was asked: the worst of its placements in use.
public struct Achievement: Sendable, Hashable {
    /// Probability that any one object can be read.
    public let availability: Double
    /// Nines of annual durability.
    public let durabilityNines: Double
    /// For each traffic region the k-th smallest latency in milliseconds; nil when fewer than k are known.
    public let latencies: [Double?]
    /// How many providers may be lost at once, whichever they are.
    public let toleratedProviders: Int
    /// How many metros may be lost at once, whichever they are.
    public let toleratedRegions: Int
    /// How many providers hold data.
    public let providers: Int
    /// The largest share of the raw volume with one provider.
    public let largestProviderShare: Double

    /// Evaluates `placements`; there must be one.
    public init(problem: AllocationProblem, placements: [Placement]) {
        let offers = placements.map { $0.legs.compactMap { problem.position($0.offer.id) } }
        func worst(_ value: ([Int], RedundancyScheme) -> Double) -> Double {
            zip(offers, placements).map { value($0, $1.scheme) }.min() ?? 0
        }
        availability = worst { problem.failures.availability($0.map { problem.leaves[$0] }, data: $1.data) }
        durabilityNines = worst { problem.failures.durabilityNines($0.map { problem.leaves[$0] }, data: $1.data) }
        latencies = problem.request.traffic.indices.map { u in
            var largest = 0.0
            for (members, placement) in zip(offers, placements) {
                let known = members.compactMap { problem.latencies[$0][u] }.sorted()
                guard known.count >= placement.scheme.data else { return nil }
                largest = max(largest, known[placement.scheme.data - 1])
            }
            return largest
        }
        func tolerated(_ key: KeyPath<Offer, String>) -> Int {
            placements.map { placement in
                let groups = Dictionary(grouping: placement.legs) { $0.offer[keyPath: key] }
                let counts = groups.values.map(\.count).sorted(by: >)
                var lost = 0
                for (index, count) in counts.enumerated() {
                    lost += count
                    if lost > placement.scheme.parity { return index }
                }
                return counts.count
            }
            .min() ?? 0
        }
        toleratedProviders = tolerated(\.provider)
        toleratedRegions = tolerated(\.metro)
        var volumes: [String: Double] = [:]
        for placement in placements {
            for leg in placement.legs {
                volumes[leg.offer.provider, default: 0] += placement.share / Double(placement.scheme.data)
            }
        }
        providers = volumes.count
        let whole = placements.reduce(0) { $0 + $1.share * Double($1.scheme.shards) / Double($1.scheme.data) }
        largestProviderShare = (volumes.values.max() ?? 0) / max(1e-300, whole)
    }
}

extension AllocationProblem {
    /// The round trip from traffic region `u` to `offer`, in milliseconds; nil when unknown.
    func latency(of offer: Offer, _ u: Int) -> Double? {
        position(offer.id).flatMap { latencies[$0][u] }
    }
}
