import Allocation
import Marketplace
import Money
import Testing

/// What is said about requests that cannot be met, against enumeration.
@Suite struct ConflictTests {
    static func canStand(_ problem: AllocationProblem) throws -> Bool {
        try AllocationEnumeration(problem).solve().objective != nil
    }

    /// The number after `prefix` in a remedy.
    static func number(_ remedy: String, after prefix: String) -> ExactDecimal? {
        guard remedy.hasPrefix(prefix) else { return nil }
        return try? ExactDecimal(String(remedy.dropFirst(prefix.count).prefix { "0123456789.".contains($0) }))
    }

    /// The remedy as a change of the request; nil when it is not of that kind.
    static func change(_ member: Conflict.Member) -> ((inout SLARequest) -> Void)? {
        guard let remedy = member.remedy else { return nil }
        switch member.constraint {
        case .budget:
            guard let value = number(remedy, after: "a budget of "),
                let minor = try? value.scaled(by: 100, rounding: .up)
            else { return nil }
            return { $0.budget?.amount = Amount(minor: minor, .usd) }
        case .latency:
            guard let value = number(remedy, after: "a latency bound of ") else { return nil }
            return { $0.qos.latencyMs = value }
        case .availability:
            guard let value = number(remedy, after: "an availability of ") else { return nil }
            return { $0.qos.availability = value }
        case .durability:
            guard let value = number(remedy, after: "") else { return nil }
            return { $0.qos.durabilityNines = Int(value.doubleValue) }
        case .toleratedProviders:
            guard let value = number(remedy, after: "tolerate the loss of ") else { return nil }
            return { $0.toleratedProviders = Int(value.doubleValue) }
        case .toleratedRegions:
            guard let value = number(remedy, after: "tolerate the loss of ") else { return nil }
            return { $0.toleratedRegions = Int(value.doubleValue) }
        case .maxProviderShare:
            guard let value = number(remedy, after: "allow a share of ") else { return nil }
            return { $0.maxProviderShare = value }
        case .minProviders:
            guard let value = number(remedy, after: "be content with ") else { return nil }
            return { $0.minProviders = Int(value.doubleValue) }
        case .capacity:
            guard let value = number(remedy, after: "store at most ") else { return nil }
            return { $0.logicalBytes = Int(value.doubleValue * 1e9) }
        case .egressLimit, .eligibility: return nil
        }
    }

    /// A change a little smaller than the remedy, where the remedy claims to be the least.
    static func lesser(_ member: Conflict.Member, _ asked: SLARequest) -> ((inout SLARequest) -> Void)? {
        guard let change = change(member) else { return nil }
        var changed = asked
        change(&changed)
        switch member.constraint {
        case .budget:
            // Beyond what rounding can make of a term's lines.
            guard let budget = changed.budget else { return nil }
            let less = Amount(minor: budget.amount.minor - 300, .usd)
            return less.minor > 0 ? { $0.budget?.amount = less } : nil
        case .latency:
            guard let value = changed.qos.latencyMs, let less = try? value.subtracting(RandomProblem.decimal("0.2"))
            else { return nil }
            return { $0.qos.latencyMs = less }
        case .toleratedProviders: return { $0.toleratedProviders = changed.toleratedProviders + 1 }
        case .toleratedRegions: return { $0.toleratedRegions = changed.toleratedRegions + 1 }
        case .minProviders: return { $0.minProviders = changed.minProviders + 1 }
        default: return nil
        }
    }

    @Test(arguments: 0..<6) func conflictsAreMinimalAndRemediesHelp(_ block: Int) throws {
        var (conflicts, remedies) = (0, 0)
        for seed in 0..<30 {
            let seed = UInt64(20_000 + block * 30 + seed)
            let instance = RandomProblem(seed: seed, auto: seed % 5 == 0)
            guard let conflict = try AllocationOptimizer().solve(instance.problem()).conflict else { continue }
            conflicts += 1
            let members = Set(conflict.members.map(\.constraint))
            #expect(!members.isEmpty, "seed \(seed)")
            let others = Set(ConstraintKind.allCases).subtracting(members)
            #expect(try !Self.canStand(instance.problem(without: others)), "seed \(seed): \(members) can be met")
            for member in conflict.members where member.constraint != .eligibility {
                let kind = member.constraint
                let rest = try instance.problem(without: others.union([kind]))
                #expect(try Self.canStand(rest), "seed \(seed): \(kind) is superfluous in \(members)")
                guard let change = Self.change(member) else {
                    // Alone it does not help, or it is not stated as a number.
                    if kind != .egressLimit, kind != .capacity, kind != .latency {
                        let alone = try instance.problem(without: [kind])
                        #expect(try !Self.canStand(alone), "seed \(seed): relaxing \(kind) would do; \(member)")
                    }
                    continue
                }
                remedies += 1
                let answer = try AllocationOptimizer().solve(instance.problem(change))
                // Where the budget is met to the cent, rounding may cost optimality.
                let helped = answer.status == .optimal || (kind == .budget && answer.status == .feasible)
                #expect(helped, "seed \(seed): '\(member.remedy ?? "")' does not help")
                if let lesser = Self.lesser(member, instance.request), kind != .budget || instance.request.months < 4 {
                    let stands = try Self.canStand(instance.problem(lesser))
                    #expect(!stands, "seed \(seed): less than '\(member.remedy ?? "")' would do")
                }
            }
        }
        #expect(conflicts > 5 && remedies > 3, "too few conflicts to mean anything: \(conflicts), \(remedies)")
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
                return try Self.canStand(instance.problem { $0.redundancy = .fixed(more) })
            }
            #expect(helping, "seed \(seed): '\(alternative)' does not help")
        }
    }
}
