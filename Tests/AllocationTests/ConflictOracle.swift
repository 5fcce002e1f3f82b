import Allocation
import Marketplace
import Money

/// Holds what is said about a request that cannot be met against enumeration.
struct ConflictOracle {
    let instance: RandomProblem
    let conflict: Conflict
    /// How many changes were tried, and how many slightly smaller ones.
    private(set) var tried = (changes: 0, lesser: 0)

    init(_ instance: RandomProblem, _ conflict: Conflict) {
        self.instance = instance
        self.conflict = conflict
    }

    private static func canStand(_ problem: AllocationProblem) throws -> Bool {
        try AllocationEnumeration(problem).solve().objective != nil
    }

    /// Everything that is not as it is said.
    mutating func faults() throws -> [String] {
        var faults: [String] = []
        let members = Set(conflict.members.map(\.constraint))
        if members.isEmpty { faults.append("no member") }
        if !conflict.isProven { faults.append("not proven") }
        let others = Set(ConstraintKind.allCases).subtracting(members)
        if try Self.canStand(instance.problem(without: others)) { faults.append("\(members) can be met together") }
        for member in conflict.members where member.constraint != .eligibility {
            let kind = member.constraint
            // Every smaller set is part of one that lacks a single member.
            if try !Self.canStand(instance.problem(without: others.union([kind]))) {
                faults.append("\(kind) is superfluous in \(members)")
            }
            if !member.isProven { faults.append("'\(member.remedy ?? "nothing")' is not proven for \(kind)") }
            faults += try remedyFaults(member)
        }
        return faults
    }

    private mutating func remedyFaults(_ member: Conflict.Member) throws -> [String] {
        guard let change = member.change else {
            // A finite capacity, latency or limit may do where none of the finite values that are tried does.
            let alone = try Self.canStand(instance.problem(without: [member.constraint]))
            return alone && member.constraint != .capacity && member.constraint != .egressLimit
                && member.constraint != .latency ? ["relaxing \(member.constraint) would do"] : []
        }
        var faults: [String] = []
        tried.changes += 1
        let changed = try instance.problem { $0 = change.applied(to: $0) }
        let answer = try AllocationOptimizer().solve(changed)
        let check = AllocationCheck(problem: changed, placements: answer.placements, claimants: answer.claimants)
        if answer.objective == nil || check.faults() != [] { faults.append("'\(change)' does not help") }
        // The enumeration looks at one cheapest allocation: where its bill is rounded beyond a budget that is met to the
        // cent, it may miss another. The checked allocation is proof enough.
        if member.constraint != .budget, try !Self.canStand(changed) {
            faults.append("'\(change)' does not help, says the enumeration")
        }
        if let lesser = lesser(change) {
            tried.lesser += 1
            let problem = try instance.problem { $0 = lesser.applied(to: $0) }
            let reference = try AllocationEnumeration(problem).solve()
            // The solver of the enumeration lets rows be violated by a millionth; the check does not.
            let check = AllocationCheck(
                problem: problem, placements: reference.placements, claimants: reference.claimants)
            if reference.objective != nil, check.faults() == [] {
                faults.append("'\(lesser)' would do, less than '\(change)'")
            }
        }
        return faults
    }

    /// The next smaller change of the same kind.
    private func lesser(_ change: Conflict.Change) -> Conflict.Change? {
        let request = instance.request
        switch change {
        case .budget(let amount, let period): return .budget(Amount(minor: amount.minor - 1, amount.asset), period)
        case .latency(let bound):
            let occurring = RandomProblem.regions.flatMap { region in
                instance.offers.compactMap { instance.catalog.latency(from: region, to: $0.metro)?.milliseconds }
            }
            return occurring.filter { $0 < bound.doubleValue }.max()
                .flatMap { try? ExactDecimal(significand: Int128(($0 * 10).rounded()), scale: 1) }.map { .latency($0) }
        case .availability(let value):
            // One more of the last of three digits that are not nines.
            var scale = 3
            while scale < 18, let rest = try? ExactDecimal.one.subtracting(value),
                let bound = try? ExactDecimal(significand: 1, scale: scale - 2), rest <= bound
            {
                scale += 1
            }
            return (try? ExactDecimal(significand: 1, scale: scale)).flatMap { try? value.adding($0) }
                .map { .availability($0) }
        case .durability(let nines): return .durability(nines: nines + 1)
        case .toleratedProviders(let count): return .toleratedProviders(count + 1)
        case .toleratedRegions(let count): return .toleratedRegions(count + 1)
        case .maxProviderShare(let share):
            return (try? share.subtracting(ExactDecimal(significand: 1, scale: 4))).map { .maxProviderShare($0) }
        case .minProviders(let count): return .minProviders(count + 1)
        case .volume(let bytes):
            var step = 1
            while step <= request.logicalBytes / 1_000_000 { step *= 10 }
            return bytes + step < request.logicalBytes ? .volume(bytes + step) : nil
        case .egress(let percent): return .egress(percent: percent + 1)
        }
    }
}
