import Marketplace
import MathematicalProgramming

/// One stage's placement as the program found it.
struct StagedPlacement {
    /// Offers of the problem, ascending.
    let members: [Int]
    let placement: Placement
    /// Offers whose leg has the account's free volumes.
    let claimants: Set<Int>
}

extension StagedProgram {
    /// By stage the placement at a solution.
    func placements(_ solution: Solution) -> [StagedPlacement] {
        stages.indices.map { s in
            let members = problem.offers.indices.filter { solution[chosen[s][$0]] > 0.5 }
            let k = Double(scheme.data)
            let served = reads[s].map { row -> [Double] in
                let raw = members.map { j in row[j].map { min(1, max(0, solution[$0])) } ?? 0 }
                let sum = raw.reduce(0, +)
                return sum > 0 ? raw.map { min(1, $0 * k / sum) } : raw
            }
            let legs = members.enumerated().map { leg, j in
                PlannedLeg(offer: problem.offers[j], readShares: served.map { $0[leg] })
            }
            let claimants = members.filter { j in
                model.costs[j].hasClaim && (claims[s][j].map { solution[$0] > 0.5 } ?? true)
            }
            return StagedPlacement(
                members: members, placement: Placement(scheme: scheme, legs: legs), claimants: Set(claimants))
        }
    }

    /// Whether a placement is as reliable as asked: the program has only linear conditions of it.
    func isReliable(_ members: [Int]) -> Bool {
        guard let space = model.spaces.first else { return false }
        let leaves = members.map { problem.leaves[$0] }
        return !space.hazards.contains { $0.strikes(leaves, problem.failures, scheme) }
    }

    /// Excludes a placement that is not reliable enough; and with it, where that is so, all placements on offers that
    /// lie in the same regions and fail as often or more.
    mutating func exclude(_ members: [Int]) {
        var alike: [[Int]] = []
        for (_, group) in Dictionary(grouping: members, by: { region($0) }).sorted(by: { $0.key < $1.key }) {
            let worse = problem.offers.indices.filter { j in
                region(j) == region(group[0])
                    && group.contains {
                        leaf($0).unavailability <= leaf(j).unavailability
                            && leaf($0).annualLoss <= leaf(j).annualLoss
                    }
            }
            alike.append(worse)
        }
        if areUnreliable(alike) {
            allow(alike.flatMap { $0 }, atMost: scheme.shards - 1)
        } else {
            allow(members, atMost: scheme.shards - 1)
        }
    }

    private func leaf(_ j: Int) -> FailureLeaf { problem.leaves[j] }

    private func region(_ j: Int) -> String { leaf(j).provider + "/" + leaf(j).region }

    /// Whether no n offers of the groups make a reliable placement: not even of made-up offers, each as good in every
    /// way as the best of its group are in any.
    private func areUnreliable(_ groups: [[Int]]) -> Bool {
        guard let space = model.spaces.first else { return false }
        let best = groups.map { group in
            let rates = group.map { leaf($0).unavailability }.sorted()
            let losses = group.map { leaf($0).annualLoss }.sorted()
            return group.indices.map {
                FailureLeaf(
                    provider: leaf(group[0]).provider, region: leaf(group[0]).region, unavailability: rates[$0],
                    annualLoss: losses[$0])
            }
        }
        var tried = 0
        // All ways to take n offers, so many of each group.
        func mayStand(_ group: Int, _ taken: [FailureLeaf]) -> Bool {
            tried += 1
            if tried > 2_000 { return true }
            if taken.count == scheme.shards {
                return !space.hazards.contains { $0.strikes(taken, problem.failures, scheme) }
            }
            guard group < best.count else { return false }
            let most = min(best[group].count, scheme.shards - taken.count)
            return (0...most).contains { mayStand(group + 1, taken + best[group].prefix($0)) }
        }
        return !mayStand(0, [])
    }
}
