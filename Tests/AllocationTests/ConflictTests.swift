import Allocation
import Marketplace
import Money
import Testing

/// What is said about requests that cannot be met, against enumeration.
@Suite struct ConflictTests {
    @Test(arguments: 0..<8) func conflictsAreMinimalAndRemediesAreLeast(_ block: Int) throws {
        var (conflicts, changes, lesser) = (0, 0, 0)
        for seed in 0..<30 {
            let seed = UInt64(20_000 + block * 30 + seed)
            let instance = RandomProblem(seed: seed, auto: seed % 5 == 0)
            guard let conflict = try AllocationOptimizer().solve(instance.problem()).conflict else { continue }
            var oracle = ConflictOracle(instance, conflict)
            #expect(try oracle.faults() == [], "seed \(seed)")
            conflicts += 1
            changes += oracle.tried.changes
            lesser += oracle.tried.lesser
        }
        #expect(
            conflicts > 5 && changes > 3 && lesser > 3,
            "too few conflicts to mean anything: \(conflicts), \(changes), \(lesser)")
    }

    @Test(arguments: 0..<2) func alternativesHelp(_ block: Int) throws {
        for seed in 0..<40 {
            let seed = UInt64(30_000 + block * 40 + seed)
            let instance = RandomProblem(seed: seed)
            guard let conflict = try AllocationOptimizer().solve(instance.problem()).conflict,
                let alternative = conflict.alternatives.first, case .fixed(let scheme) = instance.request.redundancy
            else { continue }
            let helping = try (1...3).contains { extra in
                guard let more = RedundancyScheme(data: scheme.data, shards: scheme.shards + extra),
                    alternative.hasPrefix("\(more)")
                else { return false }
                return try AllocationEnumeration(instance.problem { $0.redundancy = .fixed(more) }).solve().objective
                    != nil
            }
            #expect(helping, "seed \(seed): '\(alternative)' does not help")
        }
    }

    /// However little time there is for it: what is named holds together in no way, and is called proven only where
    /// enumeration agrees that it is.
    @Test(arguments: [1e-4, 1e-3, 3e-3, 1e-2]) func conflictsInAHurryAreNeverTooSmall(_ seconds: Double) throws {
        for seed in 20_000..<20_060 as Range<UInt64> {
            let instance = RandomProblem(seed: seed)
            let answer = try AllocationOptimizer(timeLimit: seconds).solve(instance.problem())
            guard let conflict = answer.conflict else {
                #expect(answer.status != .infeasible, "seed \(seed): no conflict is named")
                continue
            }
            var oracle = ConflictOracle(instance, conflict)
            let faults = try oracle.faults().filter { fault in
                !fault.contains("proven") && (conflict.isProven || !fault.contains("superfluous"))
                    && (conflict.members.allSatisfy(\.isProven) || !fault.contains("would do"))
            }
            #expect(faults == [], "seed \(seed)")
        }
    }
}
