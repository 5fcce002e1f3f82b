import Foundation
import Marketplace
import MathematicalProgramming

/// Linear conditions that every placement of enough availability and durability meets.
///
/// Failures that share causes are positively associated (Esary, Proschan and Walkup, 1967): several offers fail together
/// at least as often as if each failed on its own, and at least as often as their shared cause strikes together with
/// the others failing on their own. Both bounds are products, so their logarithms are linear in the choice. What they
/// let through, this model lets through.
extension AllocationModel {
    /// One kind of failure, in logarithms.
    private struct Hazard {
        let name: String
        /// By offer: log of the probability that it fails, from all causes.
        let logs: [Double]
        /// Log of the probability of what strikes all chosen offers of a provider at once, at least.
        let provider: ([Int]) -> Double
        /// The same of a provider's region.
        let region: ([Int]) -> Double
        /// Log of the probability that is allowed for fewer than k shards being left.
        let allowed: Double
    }

    /// Stands for zero where a logarithm is taken; far below what eighteen decimals can ask for.
    private static func logarithm(_ probability: Double) -> Double { log(max(probability, 1e-30)) }

    mutating func addReliability() {
        let (problem, failures) = (problem, problem.failures)
        if let allowed = problem.allowedUnavailability {
            let rates = problem.leaves.map(\.unavailability)
            func shared(_ group: [Int], _ share: Double) -> Double {
                Self.logarithm(share * (group.map { rates[$0] }.min() ?? 0))
            }
            add(
                Hazard(
                    name: "availability", logs: rates.map(Self.logarithm),
                    provider: { shared($0, failures.providerCauseShare) },
                    region: { shared($0, failures.regionCauseShare) }, allowed: Self.logarithm(allowed)))
        }
        if let asked = problem.request.qos.durabilityNines {
            let window = failures.repairWindow
            let exit = failures.providerExitPerYear * window
            add(
                Hazard(
                    name: "durability",
                    logs: problem.leaves.map { Self.logarithm(exit + (1 - exit) * $0.annualLoss * window) },
                    provider: { _ in Self.logarithm(exit) }, region: { _ in Self.logarithm(0) },
                    allowed: Self.logarithm(pow(10, -Double(asked)) * window)))
        }
    }

    private mutating func add(_ hazard: Hazard) {
        guard let least = hazard.logs.min(), least < 0 else { return }
        let providers = groups(\.provider)
        if scheme.data == 1 {
            addCopies(hazard, providers)
        } else {
            let failing = scheme.parity + 1
            let logs = chosen.indices.map { LinearExpression([Term(chosen[$0], hazard.logs[$0] - least)]) }
            let most = hazard.allowed - Double(failing) * least + 1e-9
            addLargestSum(logs, count: failing, atMost: most, hazard.name)
        }
        for provider in providers {
            limit(provider, struckAtOnce: hazard.provider(provider), hazard, least)
            for region in regions(of: provider) where region.count > 1 {
                limit(region, struckAtOnce: hazard.region(region), hazard, least)
            }
        }
    }

    /// Copies: all of them must fail. The logarithm of that is a sum over providers, within a provider over its regions,
    /// each sum bounded by the shared cause of its node.
    private mutating func addCopies(_ hazard: Hazard, _ providers: [[Int]]) {
        var total: [Term] = []
        for provider in providers {
            var below: [Term] = []
            for region in regions(of: provider) {
                let offers = region.map { Term(chosen[$0], -hazard.logs[$0]) }
                guard region.count > 1 else {
                    below += offers
                    continue
                }
                below.append(Term(addBounded(offers, by: -hazard.region(region)), 1))
            }
            total.append(Term(addBounded(below, by: -hazard.provider(provider)), 1))
        }
        program.addConstraint(hazard.name, lower: -hazard.allowed - 1e-9, terms: total)
    }

    /// A variable that is at most the sum and at most `most`.
    private mutating func addBounded(_ sum: [Term], by most: Double) -> Variable {
        let variable = program.addVariable("nats", upper: max(0, most))
        program.addConstraint(upper: 0, terms: [Term(variable, 1)] + sum.map { Term($0.variable, -$0.coefficient) })
        return variable
    }

    /// When the group's c offers are struck at once, n − k + 1 − c others suffice: even if each of them failed as rarely
    /// as the best offer does, that may be too often.
    private mutating func limit(_ group: [Int], struckAtOnce shared: Double, _ hazard: Hazard, _ least: Double) {
        guard hazard.allowed < shared else { return }
        let others = ((hazard.allowed - shared) / least - 1e-9).rounded(.up)
        guard others >= 1 else { return }
        let most = max(0, Double(scheme.parity + 1) - others)
        guard most < Double(group.count) else { return }
        program.addConstraint(hazard.name, upper: most, terms: group.map { Term(chosen[$0], 1) })
    }

    private func regions(of provider: [Int]) -> [[Int]] {
        Dictionary(grouping: provider) { problem.offers[$0].region }.sorted { $0.key < $1.key }.map(\.value)
    }
}
