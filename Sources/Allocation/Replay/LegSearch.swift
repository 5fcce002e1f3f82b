import Marketplace

/// Finds the cheapest placement of one scheme that holds all data and is read in one way, exactly, for charges of any form.
///
/// A leg's charge is given for each set of readers that it serves, so that tiers, free volumes, minimums and limits are
/// what they are. Relaxing "k legs serve each reader" leaves legs that are independent but for the caps of their groups:
///
///     L(t, μ, θ, δ) = k Σ tᵤ − Σ μₛ capₛ + Σ θₕ Aₕ − Σ δ + min over placements of Σⱼ ρⱼ
///     ρⱼ = min over sets S of readers of (chargeⱼ(S) − Σ over u in S of tᵤ) + Σ over groups s of j of μₛ − Σ θₕ wₕⱼ
///
/// where a charge is the lesser of that with its account's free volumes at the price δ of claiming them, and that without:
/// one leg of an account may claim.
///
/// It is maximised by Polyak's steps, as in ``PlacementSearch``, whose reading is linear. The placements whose own bound at
/// the multipliers lies below the best cost are then listed, or branched on where they are many.
struct LegSearch {
    /// What a search came to.
    struct Outcome {
        /// No placement below the cutoff costs less.
        var bound: Double
        /// The cheapest that was found; infinite where there is none below the cutoff.
        var cost = Double.infinity
        /// Its legs, by their numbers, and the readers that each serves.
        var members: [Int] = []
        var masks: [Int] = []
    }

    struct Node {
        var fixed: [Int]
        var free: [Int]
        /// By reader, by side group, by hazard, by account: the multipliers.
        var at: [Double]
    }

    let space: PlacementSpace
    /// Positions in the space of the offers that are searched.
    let legs: [Int]
    /// How many sets of readers there are.
    let masks: Int
    /// Leg-major: what a leg costs over the term when it serves a set of readers; infinite where it cannot. In the second
    /// half the same without the account's free volumes.
    private(set) var charges: [Double]
    /// By leg: whether it claims the account's free volumes.
    let claims: [Bool]

    let readers: Int
    let data: Int
    let shards: Int
    let provider: [Int]
    let sides: [[Int]]
    let sideCaps: [Int]
    let nats: [(weights: [Double], needed: Double)]
    /// How many ways of serving there are on the way of an assignment.
    let states: Int
    /// By leg: its number among the accounts whose free volumes several legs could have, or −1; how many there are.
    let account: [Int]
    let accounts: Int
    var hasClaim: [Bool]
    var reduced: [Double]
    var served: [Int]
    var room: [Int]
    var sums: [Double]
    var gradient: [Double] = []
    /// A state of an assignment counts by reader how many legs serve it already, as digits to the base k + 1. By set of
    /// readers: what serving it adds; by state: the readers that lack none; and by state what is known on the way.
    let steps: [Int]
    let full: [Int]
    var costs: [Double]
    var next: [Double]
    var worths: [Double]
    var origins: [UInt8] = []
    /// The multipliers that the last search ended with.
    var lasting: [Double] = []
    var chosen: [Int] = []
    var admitted: [[Int]: Bool] = [:]
    var seen: Set<[Int]> = []
    var best = Outcome(bound: 0)
    var incumbent = Double.infinity
    var nodes = 0
    var looks = 0
    var left = Double.infinity

    /// How many nodes are searched before the bound is left open.
    static let nodeLimit = 40
    /// How many steps listing placements may take before it is branched instead.
    static let listLimit = 200
    /// How many placements a search looks at in lists.
    static let lookLimit = 60
    /// How far above the cheapest an answer may cost, relative to it.
    static let tolerance = 3e-8
    /// The most steps of one assignment.
    static let assignmentLimit = 200_000

    /// The most readers of whom every set is looked at.
    static let readerLimit = 6

    /// A search among `legs`; nil where there are too many readers for it.
    ///
    /// - Parameter claims: by leg: whether it claims its account's free volumes.
    init?(_ space: PlacementSpace, legs: [Int], claims: [Bool]) {
        (data, shards) = (space.scheme.data, space.scheme.shards)
        readers = space.readers.count
        guard readers <= Self.readerLimit else { return nil }
        masks = 1 << readers
        // More than a million are as many as any number: none of them is looked at.
        states = (0..<readers).reduce(1) { product, _ in min(1_000_001, product * min(1_000, space.scheme.data + 1)) }
        let isSmall = states * masks * shards <= Self.assignmentLimit
        let kept = isSmall && readers > 1 ? states : 0
        var steps = [Int](repeating: 0, count: masks)
        var full = [Int](repeating: 0, count: kept)
        var unit = 1
        for u in 0..<(kept > 0 ? readers : 0) {
            for mask in 0..<(1 << u) { steps[mask | 1 << u] = steps[mask] + unit }
            for state in 0..<kept where state / unit % (data + 1) == data { full[state] |= 1 << u }
            unit *= data + 1
        }
        (self.steps, self.full) = (steps, full)
        costs = [Double](repeating: .infinity, count: kept)
        next = costs
        worths = costs
        self.space = space
        self.legs = legs
        self.claims = claims
        charges = [Double](repeating: .infinity, count: 2 * legs.count * masks)
        provider = legs.map { space.provider[$0] }
        let levels = space.sidesWithHazardLevels
        sides = legs.map { levels.sides[$0] }
        sideCaps = levels.caps
        nats =
            data == 1
            ? space.hazards.map { hazard in (legs.map { -hazard.logs[$0] }, -hazard.allowed - 1e-9) } : []
        var numbers: [Int: Int] = [:]
        for (g, able) in Dictionary(grouping: legs.indices.filter { claims[$0] }, by: { space.provider[legs[$0]] })
            .sorted(by: { $0.key < $1.key }) where able.count > 1 && space.providerCaps[g] > 1
        { numbers[g] = numbers.count }
        account = legs.indices.map { claims[$0] ? numbers[space.provider[legs[$0]]] ?? -1 : -1 }
        accounts = numbers.count
        hasClaim = claims
        reduced = [Double](repeating: 0, count: legs.count)
        served = [Int](repeating: 0, count: legs.count)
        room = space.providerCaps
        sums = [Double](repeating: 0, count: masks)
    }

    /// Puts in the charges of a request.
    ///
    /// - Parameters:
    ///   - table: by tariff, then by set of readers: with the account's free volumes, and without in a second half.
    ///   - tariffs: by leg: which tariff it has.
    ///   - unserved: by leg: sets of readers that it cannot serve.
    ///   - hasRoom: by leg, whether the request fits.
    mutating func load(_ table: [Double], _ tariffs: [Int], unserved: [[Int]], hasRoom: (Int) -> Bool) {
        let (half, second) = (table.count / 2, legs.count * masks)
        for (leg, tariff) in tariffs.enumerated() {
            let (from, to) = (tariff * masks, leg * masks)
            let fits = hasRoom(leg)
            for mask in 0..<masks {
                charges[to + mask] = fits ? table[from + mask] : .infinity
                charges[second + to + mask] = fits ? table[half + from + mask] : .infinity
            }
            for mask in unserved[leg] {
                charges[to + mask] = .infinity
                charges[second + to + mask] = .infinity
            }
        }
        lasting = []
    }

    /// The cheapest placement below `cutoff`, with the leg `forced` and without the leg `excluded`.
    mutating func run(forced: Int? = nil, excluded: Int? = nil, cutoff: Double = .infinity) -> Outcome {
        best = Outcome(bound: cutoff)
        (incumbent, left, nodes, looks) = (cutoff, .infinity, 0, 0)
        seen.removeAll(keepingCapacity: true)
        let free = legs.indices.filter { $0 != forced && $0 != excluded && charges[$0 * masks] < .infinity }
        let fixed = forced.map { [$0] } ?? []
        if let forced, charges[forced * masks] == .infinity { return best }
        guard fixed.count + free.count >= shards else { return best }
        // Holding alone may cost too much already.
        if cutoff < .infinity {
            let bases = free.map { charges[$0 * masks] }.sorted().prefix(shards - fixed.count)
            if fixed.reduce(bases.reduce(0, +), { $0 + charges[$1 * masks] }) >= cutoff { return best }
        }
        explore(Node(fixed: fixed, free: free, at: begin(fixed, free)), isRoot: true)
        best.bound = min(left, incumbent)
        return best
    }

    // MARK: Start

    /// A first placement, and multipliers from it, or those of the search before where there was one.
    mutating func begin(_ fixed: [Int], _ free: [Int]) -> [Double] {
        let share = Double(data) / Double(shards)
        for part in [fixed, free] {
            for j in part {
                let base = j * masks
                var most = charges[base]
                for mask in stride(from: masks - 1, to: 0, by: -1) where charges[base + mask] < .infinity {
                    most = charges[base + mask]
                    break
                }
                reduced[j] = charges[base] + share * (most - charges[base])
            }
        }
        if select(free, fixed) { consider(fixed + chosen) }
        if !lasting.isEmpty { return lasting }
        let members = best.members.isEmpty ? fixed + chosen : best.members
        var at = [Double](repeating: 0, count: readers + sideCaps.count + nats.count + accounts)
        for u in 0..<readers {
            let prices = members.map { charges[$0 * masks + 1 << u] - charges[$0 * masks] }
                .filter { $0 < .infinity }.sorted()
            at[u] = prices.count >= data ? prices[data - 1] : (prices.last ?? 0) + 1
        }
        return at
    }
}
