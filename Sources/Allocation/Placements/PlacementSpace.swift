import Marketplace

/// The placements of one scheme that a request admits.
///
/// Offers are named by their position among ``offers``: those that may hold a shard at all.
struct PlacementSpace: Sendable {
    let ground: PlacementGround
    let scheme: RedundancyScheme
    /// By provider: the most shards it may hold.
    let providerCaps: [Int]
    /// By offer: groups of offers beside its provider that may hold only so many shards (its metro, its region).
    let sides: [[Int]]
    /// By side group: the most shards it may hold.
    let sideCaps: [Int]

    /// Offers of the problem that may hold a shard.
    var offers: [Int] { ground.offers }
    /// Traffic regions whose readers bound or price a placement.
    var readers: [Int] { ground.readers }
    /// By reader: whether an offer serves it, in time and at published prices.
    var serves: [[Bool]] { ground.serves }
    /// By offer: its provider, as a number.
    var provider: [Int] { ground.provider }
    /// What must not fail too often.
    var hazards: [Hazard] { ground.hazards }
    var problem: AllocationProblem { ground.problem }

    /// The space of `scheme` over what all schemes have in common.
    init(_ common: PlacementGround, _ scheme: RedundancyScheme) {
        let request = common.problem.request
        let shard = (min(request.meanObjectBytes, request.peakLogicalBytes) - 1) / scheme.data + 1
        let ground = common.relaxed.contains(.capacity) ? common : common.holding(shard)
        self.ground = ground
        self.scheme = scheme

        // The largest of L groups that hold at most n − k shards together leaves one shard for each of the others.
        func tolerated(_ count: Int, _ kind: ConstraintKind) -> Int {
            count == 0 || ground.relaxed.contains(kind) ? scheme.shards : max(0, scheme.parity - (count - 1))
        }
        let mostOfProvider = tolerated(request.toleratedProviders, .toleratedProviders)
        providerCaps = ground.hazards.reduce(
            [Int](repeating: mostOfProvider, count: (ground.provider.max() ?? -1) + 1)
        ) { caps, hazard in
            zip(caps, hazard.caps(ground.provider, scheme, .provider)).map(min)
        }
        var sides: [[Int]] = ground.offers.map { _ in [] }
        var caps: [Int] = []
        func addSides(_ groups: [Int], _ most: [Int]) {
            var sizes = [Int](repeating: 0, count: most.count)
            for group in groups { sizes[group] += 1 }
            var numbers = [Int?](repeating: nil, count: most.count)
            for (group, cap) in most.enumerated() where cap < min(sizes[group], scheme.shards) {
                numbers[group] = caps.count
                caps.append(cap)
            }
            for (member, group) in groups.enumerated() {
                if let number = numbers[group] { sides[member].append(number) }
            }
        }
        let mostOfMetro = tolerated(request.toleratedRegions, .toleratedRegions)
        if mostOfMetro < scheme.shards {
            addSides(ground.metro, [Int](repeating: mostOfMetro, count: (ground.metro.max() ?? -1) + 1))
        }
        if let first = ground.hazards.first {
            let most = ground.hazards.dropFirst().reduce(first.caps(ground.region, scheme, .region)) { caps, hazard in
                zip(caps, hazard.caps(ground.region, scheme, .region)).map(min)
            }
            addSides(ground.region, most)
        }
        self.sides = sides
        sideCaps = caps
    }

    private func holds(_ kind: ConstraintKind) -> Bool { !ground.relaxed.contains(kind) }

    /// Whether a whole placement meets every constraint, exactly.
    func admits(_ members: [Int]) -> Bool {
        mayGrow(members)
            && serves.allSatisfy { row in members.count(where: { row[$0] }) >= scheme.data }
            && hazards.allSatisfy { !$0.strikes(members.map { ground.leaves[$0] }, problem.failures, scheme) }
    }

    /// Whether a part of a placement may be completed, by conditions that only get worse as it grows.
    func mayGrow(_ members: [Int]) -> Bool {
        let request = problem.request
        if holds(.toleratedProviders), request.toleratedProviders > 0,
            Self.largest(request.toleratedProviders, members.map { provider[$0] }) > scheme.parity
        {
            return false
        }
        if holds(.toleratedRegions), request.toleratedRegions > 0,
            Self.largest(request.toleratedRegions, members.map { ground.metro[$0] }) > scheme.parity
        {
            return false
        }
        var held: [Int: Int] = [:]
        for member in members {
            for group in sides[member] {
                held[group, default: 0] += 1
                if held[group, default: 0] > sideCaps[group] { return false }
            }
        }
        return hazards.allSatisfy { $0.mayPass(members, scheme) }
    }

    /// How many of `keys` the `count` most frequent ones are.
    private static func largest(_ count: Int, _ keys: [Int]) -> Int {
        var counts: [Int: Int] = [:]
        for key in keys { counts[key, default: 0] += 1 }
        return counts.values.sorted(by: >).prefix(count).reduce(0, +)
    }

    /// The leaf of an offer in the failure tree.
    func leaf(_ position: Int) -> FailureLeaf { ground.leaves[position] }

    /// Whether two offers lie in the same metro.
    func shareMetro(_ one: Int, _ other: Int) -> Bool { ground.metro[one] == ground.metro[other] }
}
