import Marketplace

/// The placements of one scheme that a request admits.
///
/// Offers are named by their position among ``offers``: those that may hold a shard at all.
struct PlacementSpace: Sendable {
    let problem: AllocationProblem
    let scheme: RedundancyScheme
    /// Constraints that are left out, for explanations.
    let relaxed: Set<ConstraintKind>
    /// Offers of the problem that may hold a shard.
    let offers: [Int]
    /// Traffic regions whose readers bound or price a placement.
    let readers: [Int]
    /// By reader: whether an offer serves it, in time and at published prices.
    let serves: [[Bool]]
    /// By offer: its provider, as a number.
    let provider: [Int]
    /// By provider: the most shards it may hold.
    let providerCaps: [Int]
    /// By offer: groups of offers beside its provider that may hold only so many shards (its metro, its region).
    let sides: [[Int]]
    /// By side group: the most shards it may hold.
    let sideCaps: [Int]
    /// What must not fail too often.
    let hazards: [Hazard]
    private let leaves: [FailureLeaf]
    private let metro: [Int]

    init(_ problem: AllocationProblem, _ scheme: RedundancyScheme, relaxed: Set<ConstraintKind> = []) {
        let request = problem.request
        self.problem = problem
        self.scheme = scheme
        self.relaxed = relaxed
        let shard = (min(request.meanObjectBytes, request.peakLogicalBytes) - 1) / scheme.data + 1
        offers = problem.offers.indices.filter { j in
            let hasRoom = relaxed.contains(.capacity) || problem.offers[j].capacityBytes.map { $0 >= shard } ?? true
            return hasRoom && problem.publishesWrites(j)
        }
        leaves = offers.map { problem.leaves[$0] }
        let bound = relaxed.contains(.latency) ? nil : request.qos.latencyMs?.doubleValue
        readers = request.traffic.indices.filter { u in
            bound != nil || request.traffic[u].egressBytes > 0 || request.traffic[u].reads > 0
        }
        let offers = offers
        serves = readers.map { u in
            offers.map { j in
                guard problem.publishesReads(j, u) else { return false }
                return bound.map { bound in problem.latencies[j][u].map { $0 <= bound } ?? false } ?? true
            }
        }
        provider = Self.numbered(offers.map { problem.offers[$0].provider })
        metro = Self.numbered(offers.map { problem.offers[$0].metro })
        let regions = Self.numbered(offers.map { problem.offers[$0].provider + "/" + problem.offers[$0].region })
        hazards = Hazard.all(problem, leaves, relaxed: relaxed)

        // The largest of L groups that hold at most n − k shards together leaves one shard for each of the others.
        func tolerated(_ count: Int, _ kind: ConstraintKind) -> Int {
            count == 0 || relaxed.contains(kind) ? scheme.shards : max(0, scheme.parity - (count - 1))
        }
        let byProvider = Dictionary(grouping: offers.indices) { [provider] in provider[$0] }
        let mostOfProvider = tolerated(request.toleratedProviders, .toleratedProviders)
        providerCaps = (0..<byProvider.count).map { [hazards] group in
            hazards.reduce(mostOfProvider) { min($0, $1.cap(byProvider[group] ?? [], scheme, .provider)) }
        }
        var sides: [[Int]] = offers.map { _ in [] }
        var caps: [Int] = []
        func addSides(_ groups: [Int], _ cap: ([Int]) -> Int) {
            for (_, members) in Dictionary(grouping: offers.indices, by: { groups[$0] }).sorted(by: { $0.key < $1.key })
            {
                let most = cap(members)
                guard most < min(members.count, scheme.shards) else { continue }
                for member in members { sides[member].append(caps.count) }
                caps.append(most)
            }
        }
        let mostOfMetro = tolerated(request.toleratedRegions, .toleratedRegions)
        addSides(metro) { _ in mostOfMetro }
        addSides(regions) { [hazards] members in
            hazards.reduce(scheme.shards) { min($0, $1.cap(members, scheme, .region)) }
        }
        self.sides = sides
        sideCaps = caps
    }

    /// Equal keys as equal numbers, from 0.
    static func numbered(_ keys: [String]) -> [Int] {
        var numbers: [String: Int] = [:]
        return keys.map { key in
            let number = numbers[key] ?? numbers.count
            numbers[key] = number
            return number
        }
    }

    private func holds(_ kind: ConstraintKind) -> Bool { !relaxed.contains(kind) }

    /// Whether a whole placement meets every constraint, exactly.
    func admits(_ members: [Int]) -> Bool {
        mayGrow(members)
            && serves.allSatisfy { row in members.count(where: { row[$0] }) >= scheme.data }
            && hazards.allSatisfy { !$0.strikes(members.map { leaves[$0] }, problem.failures, scheme) }
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
            Self.largest(request.toleratedRegions, members.map { metro[$0] }) > scheme.parity
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
    func leaf(_ position: Int) -> FailureLeaf { leaves[position] }

    /// Whether two offers lie in the same metro.
    func shareMetro(_ one: Int, _ other: Int) -> Bool { metro[one] == metro[other] }
}
