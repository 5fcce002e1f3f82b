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
        /// By offer: log of the probability of its provider's, and of its region's, shared cause.
        private let shared: (provider: [Double], region: [Double])
        private let least: Double

        /// Stands for zero where a logarithm is taken; far below what eighteen decimals can ask for.
        private static func logarithm(_ probability: Double) -> Double { log(max(probability, 1e-30)) }

        static func all(
            _ problem: AllocationProblem, _ leaves: [FailureLeaf], relaxed: Set<ConstraintKind>
        ) -> [Hazard] {
            let failures = problem.failures
            var hazards: [Hazard] = []
            if let allowed = problem.allowedUnavailability, !relaxed.contains(.availability) {
                hazards.append(
                    Hazard(
                        kind: .unavailability, rates: leaves.map(\.unavailability), probability: allowed,
                        provider: leaves.map { failures.providerCauseShare * $0.unavailability },
                        region: leaves.map { failures.regionCauseShare * $0.unavailability }))
            }
            if let asked = problem.request.qos.durabilityNines, !relaxed.contains(.durability) {
                let window = failures.repairWindow
                let exit = failures.providerExitPerYear * window
                hazards.append(
                    Hazard(
                        kind: .loss(nines: asked), rates: leaves.map { exit + (1 - exit) * $0.annualLoss * window },
                        probability: pow(10, -Double(asked)) * window, provider: leaves.map { _ in exit },
                        region: leaves.map { _ in 0 }))
            }
            return hazards
        }

        private init(kind: Kind, rates: [Double], probability: Double, provider: [Double], region: [Double]) {
            self.kind = kind
            self.probability = probability
            logs = rates.map(Self.logarithm)
            allowed = Self.logarithm(probability)
            shared = (provider.map(Self.logarithm), region.map(Self.logarithm))
            least = min(-1e-9, logs.min() ?? -1)
        }

        /// By group the most shards that it may hold, `groups` being those of the offers: when its c shards are struck at
        /// once, n − k + 1 − c others suffice, and even if each of them failed as rarely as the best offer does, that may
        /// be too often.
        func caps(_ groups: [Int], _ scheme: RedundancyScheme, _ level: Level) -> [Int] {
            let rates = level == .provider ? shared.provider : shared.region
            var causes = [Double](repeating: .infinity, count: (groups.max() ?? -1) + 1)
            for (member, group) in groups.enumerated() { causes[group] = min(causes[group], rates[member]) }
            return causes.map { cause in
                guard cause < .infinity, allowed < cause else { return scheme.shards }
                let others = ((allowed - cause) / least - 1e-9).rounded(.up)
                return max(0, scheme.parity + 1 - Int(min(max(0, others), 1e6)))
            }
        }

        /// Whether the failure of the n − k + 1 offers that fail most often is rare enough, the missing ones being as
        /// good as the best offer is.
        func mayPass(_ members: [Int], _ scheme: RedundancyScheme) -> Bool {
            let failing = scheme.parity + 1
            let worst = members.map { logs[$0] }.sorted(by: >).prefix(failing)
            let sum = worst.reduce(0, +) + Double(max(0, failing - worst.count)) * least
            return sum <= allowed + 1e-9
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
