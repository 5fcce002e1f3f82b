import Foundation
import Marketplace

extension PlacementSpace {
    /// A failure that must not happen too often: data that cannot be read, or data that is lost.
    ///
    /// Failures that share causes are positively associated (Esary, Proschan and Walkup, 1967): several offers fail
    /// together at least as often as if each failed on its own, and at least as often as their shared cause strikes
    /// together with the others failing on their own. Both bounds are products, so their logarithms are linear in the
    /// choice. What they let through is evaluated exactly.
    struct Hazard: Sendable {
        enum Kind: Sendable {
            case unavailability
            case loss(nines: Int)
        }

        enum Level: Sendable {
            case provider
            case region
        }

        let kind: Kind
        /// By offer: log of the probability that it fails, from all causes.
        let logs: [Double]
        /// Log of the probability that is allowed for fewer than k shards being left.
        let allowed: Double
        /// The allowed probability itself.
        let probability: Double
        private let least: Double
        /// By offer: the least probability that it fails on its own, while no shared cause strikes.
        private let own: [Double]
        /// The same, ascending.
        private let rarest: [Double]
        /// By offer: its provider and its region, as numbers.
        private let groups: (provider: [Int], region: [Int])
        /// By offer: the least probability of its provider's, and of its region's, shared cause, whatever else is chosen.
        private let leastCauses: (provider: [Double], region: [Double])

        /// Stands for zero where a logarithm is taken; far below what eighteen decimals can ask for.
        private static func logarithm(_ probability: Double) -> Double { log(max(probability, 1e-30)) }

        static func all(
            _ problem: AllocationProblem, _ leaves: [FailureLeaf], provider: [Int], region: [Int],
            relaxed: Set<ConstraintKind>
        ) -> [Hazard] {
            let failures = problem.failures
            var hazards: [Hazard] = []
            if let allowed = problem.allowedUnavailability, !relaxed.contains(.availability) {
                hazards.append(
                    Hazard(
                        (provider, region), kind: .unavailability, rates: leaves.map(\.unavailability),
                        own: leaves.map {
                            $0.unavailability * max(0, 1 - failures.providerCauseShare - failures.regionCauseShare)
                        },
                        probability: allowed,
                        provider: leaves.map { failures.providerCauseShare * $0.unavailability },
                        region: leaves.map { failures.regionCauseShare * $0.unavailability }))
            }
            if let asked = problem.request.qos.durabilityNines, !relaxed.contains(.durability) {
                let window = failures.repairWindow
                let exit = failures.providerExitPerYear * window
                hazards.append(
                    Hazard(
                        (provider, region), kind: .loss(nines: asked),
                        rates: leaves.map { exit + (1 - exit) * $0.annualLoss * window },
                        own: leaves.map { $0.annualLoss * window },
                        probability: pow(10, -Double(asked)) * window, provider: leaves.map { _ in exit },
                        region: leaves.map { _ in 0 }))
            }
            return hazards
        }

        private init(
            _ groups: (provider: [Int], region: [Int]), kind: Kind, rates: [Double], own: [Double], probability: Double,
            provider: [Double], region: [Double]
        ) {
            self.kind = kind
            self.own = own
            rarest = own.sorted()
            self.groups = groups
            func leastCauses(_ causes: [Double], _ groups: [Int]) -> [Double] {
                var least = [Double](repeating: .infinity, count: (groups.max() ?? -1) + 1)
                for (cause, group) in zip(causes, groups) { least[group] = min(least[group], cause) }
                return groups.map { least[$0] }
            }
            self.leastCauses = (leastCauses(provider, groups.provider), leastCauses(region, groups.region))
            self.probability = probability
            logs = rates.map(Self.logarithm)
            allowed = Self.logarithm(probability)
            least = min(-1e-9, logs.min() ?? -1)
        }

        /// By group the most shards that it may hold, `groups` being those of the offers: when its c shards are struck at
        /// once, n − k + 1 − c of the others suffice, and even if those fail on their own as rarely as the best offers do,
        /// that may be too often.
        func caps(_ groups: [Int], _ scheme: RedundancyScheme, _ level: Level) -> [Int] {
            let rates = level == .provider ? leastCauses.provider : leastCauses.region
            var causes = [Double](repeating: 0, count: (groups.max() ?? -1) + 1)
            for (member, group) in groups.enumerated() { causes[group] = rates[member] }
            let most = probability * (1 + 1e-9)
            guard causes.contains(where: { $0 > most }) else { return causes.map { _ in scheme.shards } }
            let tails = tails(scheme)
            return causes.map { cause in
                guard cause > most else { return scheme.shards }
                return (1...scheme.shards).first { cause * tails[$0] > most }.map { $0 - 1 } ?? scheme.shards
            }
        }

        /// By the number c of shards that are struck, probability that of the n − c others too many fail besides, each on
        /// its own and as rarely as the best offers do. O(n (n − k)).
        private func tails(_ scheme: RedundancyScheme) -> [Double] {
            var tails = [Double](repeating: 0, count: scheme.shards + 1)
            var others = FailureCount(tolerated: scheme.parity)
            for size in 0...scheme.shards {
                tails[scheme.shards - size] = others.moreThan(scheme.parity - (scheme.shards - size))
                if size < rarest.count { others.add(rarest[size]) }
            }
            return tails
        }

        /// Whether the failure of the n − k + 1 offers that fail most often is rare enough, the missing ones being as
        /// good as the best offer is.
        func mayPass(_ members: [Int], _ scheme: RedundancyScheme) -> Bool {
            let failing = scheme.parity + 1
            let worst = members.map { logs[$0] }.sorted(by: >).prefix(failing)
            let sum = worst.reduce(0, +) + Double(max(0, failing - worst.count)) * least
            guard sum <= allowed + 1e-9 else { return false }
            return scheme.data == 1 || tail(members, scheme) <= probability * (1 + 1e-9)
        }

        /// A lower bound of the probability that n − k + 1 offers of a placement fail, of which `members` are known: by
        /// the least that their shared causes and their own can be, the missing ones failing on their own as rarely as
        /// the best offers do. Failures are more with every cause, so that no placement with these members has fewer.
        /// O(n (n − k)²).
        private func tail(_ members: [Int], _ scheme: RedundancyScheme) -> Double {
            let order = members.sorted {
                (groups.provider[$0], groups.region[$0]) < (groups.provider[$1], groups.region[$1])
            }
            let none = FailureCount(tolerated: scheme.parity)
            var (total, below, inside) = (none, none, none)
            var (inProvider, inRegion) = (0, 0)
            for (index, member) in order.enumerated() {
                inside.add(own[member])
                (inProvider, inRegion) = (inProvider + 1, inRegion + 1)
                let next = index + 1 < order.count ? order[index + 1] : nil
                let leavesProvider = next.map { groups.provider[$0] != groups.provider[member] } ?? true
                guard leavesProvider || next.map({ groups.region[$0] != groups.region[member] }) ?? true
                else { continue }
                inside.strike(inRegion, leastCauses.region[member])
                below.add(inside)
                (inside, inRegion) = (none, 0)
                guard leavesProvider else { continue }
                below.strike(inProvider, leastCauses.provider[member])
                total.add(below)
                (below, inProvider) = (none, 0)
            }
            for rate in rarest.prefix(max(0, scheme.shards - members.count)) { total.add(rate) }
            return total.tooMany
        }

        /// A linear condition that every placement meets which does not fail too often: weights by offer, and the least
        /// sum of them; nil where there is none.
        ///
        /// Copies are all lost when every one of them fails, so that the logarithms add up. With an erasure code any m =
        /// n − k + 1 failures are too many: P ≥ (1 − max p)ⁿ⁻ᵐ · Σ over m-subsets of Π p, and by the inequality of
        /// arithmetic and geometric means that sum is at least C(n, m) · (Π p over all)^(m/n).
        func linear(_ scheme: RedundancyScheme) -> (weights: [Double], needed: Double)? {
            if scheme.data == 1 { return (logs.map { -$0 }, -allowed - 1e-9) }
            let (n, m) = (Double(scheme.shards), Double(scheme.parity + 1))
            guard let most = own.max(), most < 1 else { return nil }
            let subsets = lgamma(n + 1) - lgamma(m + 1) - lgamma(n - m + 1)
            let needed = n / m * (subsets + (n - m) * log1p(-most) - allowed) - 1e-6
            // An offer that never fails on its own makes up for all others.
            return (own.map { $0 > 1e-30 ? -log($0) : max(needed, -log(1e-30)) }, needed)
        }

        /// Whether a whole placement fails too often, exactly.
        func strikes(_ leaves: [FailureLeaf], _ failures: FailureModel, _ scheme: RedundancyScheme) -> Bool {
            switch kind {
            case .unavailability:
                failures.failureProbability(leaves, data: scheme.data) > probability * (1 + 1e-9)
            case .loss(let nines):
                failures.durabilityNines(leaves, data: scheme.data) < Double(nines) - 1e-9
            }
        }
    }
}

/// The distribution of how many shards fail, those that are too many taken together.
private struct FailureCount {
    /// By number of failures; the last entry stands for more than are tolerated.
    private var probabilities: [Double]

    /// Nothing fails.
    init(tolerated: Int) { probabilities = [1] + [Double](repeating: 0, count: tolerated + 1) }

    /// Probability that more fail than are tolerated.
    var tooMany: Double { probabilities[probabilities.count - 1] }

    /// Probability that more than `count` fail, which may be negative and is at most what is tolerated.
    func moreThan(_ count: Int) -> Double {
        count < 0 ? 1 : probabilities.dropFirst(count + 1).reduce(0, +)
    }

    /// One more shard, which fails with this probability, whatever else does.
    mutating func add(_ failing: Double) {
        let last = probabilities.count - 1
        probabilities[last] += failing * probabilities[last - 1]
        for count in stride(from: last - 1, to: 0, by: -1) {
            probabilities[count] += failing * (probabilities[count - 1] - probabilities[count])
        }
        probabilities[0] *= 1 - failing
    }

    /// More shards, whose failures do not depend on these.
    mutating func add(_ other: FailureCount) {
        var sum = [Double](repeating: 0, count: probabilities.count)
        for (i, p) in probabilities.enumerated() where p > 0 {
            for (j, q) in other.probabilities.enumerated() { sum[min(i + j, sum.count - 1)] += p * q }
        }
        probabilities = sum
    }

    /// With `probability`, `count` shards fail at once, which are all there are.
    mutating func strike(_ count: Int, _ probability: Double) {
        for index in probabilities.indices { probabilities[index] *= 1 - probability }
        probabilities[min(count, probabilities.count - 1)] += probability
    }
}
