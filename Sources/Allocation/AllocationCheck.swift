import Foundation
import Marketplace
import Money

/// Checks an allocation against its request, from the request's own words: it shares nothing with the model.
public struct AllocationCheck: Sendable {
    let problem: AllocationProblem
    let scheme: RedundancyScheme
    let legs: [PlannedLeg]

    /// A check of `legs` under `scheme`.
    public init(problem: AllocationProblem, scheme: RedundancyScheme, legs: [PlannedLeg]) {
        self.problem = problem
        self.scheme = scheme
        self.legs = legs
    }

    /// Everything that does not hold; empty when all does.
    public func faults() -> [String] {
        let request = problem.request
        var faults: [String] = []
        func demand(_ holds: Bool, _ fault: @autoclosure () -> String) { if !holds { faults.append(fault()) } }

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
        let achieved = Achievement(problem: problem, scheme: scheme, offers: legs.map(\.offer))
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
            let leaves = legs.compactMap { leg in problem.offers.firstIndex { $0.id == leg.offer.id } }
                .map { problem.leaves[$0] }
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
        demand(achieved.providers >= request.minProviders, "too few providers hold data")
        if let share = request.maxProviderShare?.doubleValue {
            demand(achieved.largestProviderShare <= share + 1e-9, "a provider holds more than \(share)")
        }
        for leg in legs {
            if let capacity = leg.offer.capacityBytes {
                let peak = request.storedUsage(scheme, logicalBytes: request.peakLogicalBytes).storedBytes
                demand(peak <= capacity, "\(leg.offer.id) has no room for \(peak) bytes")
            }
            if let multiple = leg.offer.tariff.egress?.limitMultipleOfStored?.doubleValue {
                let least = request.monthClasses.map(\.logicalBytes).min() ?? request.logicalBytes
                let stored = Double(request.storedUsage(scheme, logicalBytes: least).storedBytes)
                let egress = request.traffic.enumerated().reduce(0.0) {
                    $0 + Double($1.element.egressBytes) / Double(scheme.data) * leg.readShares[$1.offset]
                }
                demand(egress <= multiple * stored * (1 + 1e-6) + 1, "\(leg.offer.id) is read beyond its limit")
            }
        }
        return faults + billFaults()
    }

    /// Whether the exact bill can be written and keeps the budget.
    private func billFaults() -> [String] {
        do throws(AllocationError) {
            let bill = try AllocationPlan(problem: problem, scheme: scheme, legs: legs).bill()
            guard let budget = problem.request.budget else { return [] }
            let needed = bill.needed(for: budget.period)
            return needed.minor <= budget.amount.minor ? [] : ["the bill of \(needed) exceeds the budget"]
        } catch {
            return ["\(error)"]
        }
    }
}

/// What a placement achieves, to stand next to what was asked.
public struct Achievement: Sendable, Hashable {
    /// Probability that the data can be read.
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

    /// Evaluates the placement of `scheme` on `offers`.
    public init(problem: AllocationProblem, scheme: RedundancyScheme, offers: [Offer]) {
        let leaves = offers.compactMap { offer in problem.offers.firstIndex { $0.id == offer.id } }.map {
            problem.leaves[$0]
        }
        availability = problem.failures.availability(leaves, data: scheme.data)
        durabilityNines = problem.failures.durabilityNines(leaves, data: scheme.data)
        latencies = problem.request.traffic.indices.map { u in
            let known = offers.compactMap { problem.latency(of: $0, u) }.sorted()
            return known.count >= scheme.data ? known[scheme.data - 1] : nil
        }
        func counts(_ key: KeyPath<Offer, String>) -> [Int] {
            Dictionary(grouping: offers) { $0[keyPath: key] }.values.map(\.count).sorted(by: >)
        }
        func tolerated(_ counts: [Int]) -> Int {
            var lost = 0
            for (index, count) in counts.enumerated() {
                lost += count
                if lost > scheme.parity { return index }
            }
            return counts.count
        }
        let byProvider = counts(\.provider)
        toleratedProviders = tolerated(byProvider)
        toleratedRegions = tolerated(counts(\.metro))
        providers = byProvider.count
        largestProviderShare = Double(byProvider.first ?? 0) / Double(max(1, offers.count))
    }
}

extension AllocationProblem {
    /// The round trip from traffic region `u` to `offer`, in milliseconds; nil when unknown.
    func latency(of offer: Offer, _ u: Int) -> Double? {
        offers.firstIndex { $0.id == offer.id }.flatMap { latencies[$0][u] }
    }
}
