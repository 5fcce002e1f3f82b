import Marketplace

/// A profile's offers as far as a replay needs them: those that others make superfluous are left out.
struct ReplayProfile: Sendable {
    /// Which offers of one scheme are searched.
    struct Legs: Sendable {
        /// The scheme's number among the profile's spaces.
        let space: Int
        /// Positions in the space, ascending.
        let positions: [Int]
        /// By leg: which of ``tariffs`` it has.
        let tariffs: [Int]
        /// Each of them once.
        let distinctTariffs: [Int]
        /// The replayed offer's leg.
        let own: Int
        /// By leg: sets of readers with one that it does not serve.
        let unserved: [[Int]]
    }

    let profile: FleetProfile
    let legs: [Legs]
    /// An offer of the market for each distinct tariff in use.
    let tariffs: [Int]

    /// The offers of `profile` that are needed for a replay of the market's offer `own`; nil when it is not among them.
    init?(_ profile: FleetProfile, _ market: FleetMarket, _ order: TariffOrder, own: Int) {
        guard let ownPosition = profile.offers.firstIndex(of: own) else { return nil }
        self.profile = profile
        var numbers: [Int: Int] = [:]
        var examples: [Int] = []
        var all: [Legs] = []
        let masks = profile.readers.count <= LegSearch.readerLimit ? 1 << profile.readers.count : 1
        let count = profile.offers.count
        for (s, space) in profile.spaces.enumerated() {
            let kept = Self.needed(profile, space, order, own: ownPosition)
            let tariffs = kept.map { p -> Int in
                let number = order.numbers[profile.offers[p]]
                if let known = numbers[number] { return known }
                numbers[number] = examples.count
                examples.append(order.examples[number])
                return examples.count - 1
            }
            guard let own = kept.firstIndex(of: ownPosition) else { continue }
            let unserved = kept.map { p in
                (0..<masks).filter { mask in
                    profile.readers.indices.contains { mask >> $0 & 1 == 1 && !profile.serves[$0 * count + p] }
                }
            }
            all.append(
                Legs(
                    space: s, positions: kept, tariffs: tariffs, distinctTariffs: Set(tariffs).sorted(), own: own,
                    unserved: unserved))
        }
        legs = all
        self.tariffs = examples
    }

    /// The positions that are not superfluous beside better ones of their provider, by the argument of
    /// ``PlacementSearch/undominated(_:)``, for every request of the profile.
    private static func needed(
        _ profile: FleetProfile, _ space: PlacementSpace, _ order: TariffOrder, own: Int
    ) -> [Int] {
        let all = Array(0..<profile.offers.count)
        let byProvider = Dictionary(grouping: all) { space.provider[$0] }
        let regions = space.problem.request.toleratedRegions
        return all.filter { b in
            guard b != own, regions <= 1 else { return true }
            let cap = max(1, min(space.scheme.shards, space.providerCaps[space.provider[b]]))
            let dominators = (byProvider[space.provider[b]] ?? []).filter { a in
                a != b && a != own && dominates(a, b, profile, space, order, cap)
            }
            if dominators.count(where: { space.shareMetro($0, b) }) >= cap { return false }
            if regions == 0 { return dominators.count < cap }
            guard space.scheme.parity > 0 else { return true }
            let metros = Set(dominators.map { space.ground.metro[$0] }).count
            return metros < cap + (space.scheme.shards - 1) / space.scheme.parity
        }
    }

    private static func dominates(
        _ a: Int, _ b: Int, _ profile: FleetProfile, _ space: PlacementSpace, _ order: TariffOrder, _ cap: Int
    ) -> Bool {
        // Limited room may be too small for a request.
        guard profile.limited[a] < 0 else { return false }
        let (one, other) = (order.numbers[profile.offers[a]], order.numbers[profile.offers[b]])
        guard order.neverDearer(one, other) else { return false }
        let count = profile.offers.count
        for u in profile.readers.indices where profile.serves[u * count + b] && !profile.serves[u * count + a] {
            return false
        }
        let (leaf, otherLeaf) = (space.leaf(a), space.leaf(b))
        if !space.hazards.isEmpty {
            if cap > 1, leaf.region != otherLeaf.region || leaf.unavailability != otherLeaf.unavailability {
                return false
            }
            guard leaf.unavailability <= otherLeaf.unavailability, leaf.annualLoss <= otherLeaf.annualLoss else {
                return false
            }
        }
        if a < b { return true }
        // Of equals the earlier one.
        if !order.neverDearer(other, one) { return true }
        for u in profile.readers.indices where profile.serves[u * count + a] && !profile.serves[u * count + b] {
            return true
        }
        return !space.hazards.isEmpty
            && (leaf.unavailability < otherLeaf.unavailability || leaf.annualLoss < otherLeaf.annualLoss)
    }
}
