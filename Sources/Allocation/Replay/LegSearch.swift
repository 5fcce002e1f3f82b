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
/// the multipliers lies below the best cost are then listed; where they are many, the program over providers is solved
/// (``program(_:_:)``), and what it leaves open is branched on.
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

    /// What a search ended with, from which that of a similar request begins.
    private struct Ending {
        /// The multipliers, relative to what their terms cost.
        var at: [Double] = []
        /// The cheapest placement.
        var members: [Int] = []
    }

    typealias Stage = (ascent: Int, steps: Int, looks: Int, solves: Bool)

    /// A set of at most 256 legs.
    typealias LegSet = SIMD4<UInt64>

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
    /// Leg j is in the side groups `sides[sideStarts[j]..<sideStarts[j + 1]]`.
    let sides: [Int]
    let sideStarts: [Int]
    let sideCaps: [Int]
    /// By hazard: the least sum of its weights; hazard-major the weights of legs.
    let needed: [Double]
    let weights: [Double]
    /// How many ways of serving there are on the way of an assignment.
    let states: Int
    /// By leg: its number among the accounts whose free volumes several legs could have, or −1; how many there are.
    let account: [Int]
    let accounts: Int
    var hasClaim: [Bool]
    /// By leg: whether its charge for all its readers is what they cost one by one.
    var isAdditive: [Bool]
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
    /// The multipliers that the last search of the request ended with.
    var lasting: [Double] = []
    /// How the last searches without a forced leg and with one ended; and, by multiplier, what its terms cost now.
    private var endings = [Ending(), Ending()]
    private var scales: [Double] = []
    var chosen: [Int] = []
    var admitted: [LegSet: Bool] = [:]
    var seen: Set<LegSet> = []
    /// Room for an assignment: rows of charges, and by leg what is left, what a reader costs more, and its readers.
    var rows: [Int] = []
    var rest: [Double] = []
    var extra: [Double] = []
    var order: [Int] = []
    var sets: [Int] = []
    var best = Outcome(bound: 0)
    var incumbent = Double.infinity
    var nodes = 0
    var looks = 0
    var left = Double.infinity

    /// How many nodes are searched before the bound is left open; fewer while nothing is found.
    static let nodeLimit = 10
    static let vainLimit = 4
    /// By stage of the root: steps of the ascent, then steps of listing placements, and looks at some so far, then whether the
    /// program is solved, before the next stage is begun, which is branching after the last. What a similar request ended with
    /// often needs no ascent.
    static let stages: [Stage] = [(0, 60, 8, false), (16, 100, 24, true), (30, 200, 60, false)]
    /// The same of other nodes.
    static let later: Stage = (ascent: 8, steps: 200, looks: 60, solves: true)
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
        sides = legs.flatMap { levels.sides[$0] }
        sideStarts = legs.reduce(into: [0]) { starts, leg in
            starts.append(starts[starts.count - 1] + levels.sides[leg].count)
        }
        sideCaps = levels.caps
        let hazards = data == 1 ? space.hazards : []
        needed = hazards.map { -$0.allowed - 1e-9 }
        weights = hazards.flatMap { hazard in legs.map { -hazard.logs[$0] } }
        var numbers: [Int: Int] = [:]
        for (g, able) in Dictionary(grouping: legs.indices.filter { claims[$0] }, by: { space.provider[legs[$0]] })
            .sorted(by: { $0.key < $1.key }) where able.count > 1 && space.providerCaps[g] > 1
        { numbers[g] = numbers.count }
        account = legs.indices.map { claims[$0] ? numbers[space.provider[legs[$0]]] ?? -1 : -1 }
        accounts = numbers.count
        hasClaim = claims
        isAdditive = claims.map { _ in true }
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
    ///   - distinct: each of them once.
    ///   - unserved: by leg: sets of readers that it cannot serve.
    ///   - full: legs in which the request does not fit.
    mutating func load(_ table: [Double], _ tariffs: [Int], _ distinct: [Int], unserved: [[Int]], full: [Int]) {
        var additive = [Bool](repeating: true, count: table.count / 2 / masks)
        let (half, second) = (table.count / 2, legs.count * masks)
        for (leg, tariff) in tariffs.enumerated() {
            let (from, to) = (tariff * masks, leg * masks)
            for mask in 0..<masks { charges[to + mask] = table[from + mask] }
            for mask in unserved[leg] { charges[to + mask] = .infinity }
            guard accounts > 0 else { continue }
            for mask in 0..<masks { charges[second + to + mask] = table[half + from + mask] }
            for mask in unserved[leg] { charges[second + to + mask] = .infinity }
        }
        for leg in full {
            for entry in leg * masks..<(leg + 1) * masks {
                charges[entry] = .infinity
                charges[second + entry] = .infinity
            }
        }
        if readers > 1 {
            // Sets that a leg cannot serve leave the others what they are.
            for tariff in distinct { additive[tariff] = addsUp(table, tariff * masks) }
            for leg in legs.indices { isAdditive[leg] = additive[tariffs[leg]] }
            if accounts > 0 {
                for leg in legs.indices where account[leg] >= 0 && isAdditive[leg] {
                    isAdditive[leg] = addsUp(table, half + tariffs[leg] * masks)
                }
            }
        }
        scale(table, distinct)
        lasting = []
    }

    /// What holding the data and serving each reader costs on average, for multipliers to be compared by.
    private mutating func scale(_ table: [Double], _ tariffs: [Int]) {
        var sums = [Double](repeating: 0, count: readers + 1)
        var counts = sums
        for tariff in tariffs {
            let held = table[tariff * masks]
            guard held < .infinity else { continue }
            sums[readers] += held
            counts[readers] += 1
            for u in 0..<readers where table[tariff * masks + 1 << u] < .infinity {
                sums[u] += table[tariff * masks + 1 << u] - held
                counts[u] += 1
            }
        }
        let means = zip(sums, counts).map { $1 > 0 && $0 > 0 ? $0 / $1 : 1 }
        scales = (0..<(readers + sideCaps.count + needed.count + accounts)).map { means[min($0, readers)] }
    }

    /// Whether the charge for all readers, in the row from `row`, is what they cost one by one.
    private func addsUp(_ charges: [Double], _ row: Int) -> Bool {
        let base = charges[row]
        var sum = base
        var all = 0
        for u in 0..<readers where charges[row + 1 << u] < .infinity {
            sum += charges[row + 1 << u] - base
            all |= 1 << u
        }
        return base == .infinity || abs(charges[row + all] - sum) <= 1e-11 * abs(sum)
    }

    /// Whether some placement with the leg `forced` and without the leg `excluded` may cost less than `cutoff`, as far as
    /// holding the data tells; needs no charges.
    ///
    /// - Parameters:
    ///   - held: by tariff, what holding alone costs.
    ///   - tariffs: by leg: which tariff it has.
    mutating func mayCostLess(
        than cutoff: Double, _ held: [Double], _ tariffs: [Int], forced: Int? = nil, excluded: Int? = nil
    ) -> Bool {
        for j in legs.indices { reduced[j] = held[tariffs[j]] }
        let free = legs.indices.filter { $0 != forced && $0 != excluded && reduced[$0] < .infinity }
        let fixed = forced.map { [$0] } ?? []
        guard select(free, fixed) else { return false }
        return (fixed + chosen).reduce(0) { $0 + reduced[$1] } < cutoff
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
        let kind = forced == nil ? 0 : 1
        explore(begin(fixed, free, endings[kind]), isRoot: true)
        best.bound = min(left, incumbent)
        endings[kind].at = zip(lasting, scales).map { $0 / $1 }
        if !best.members.isEmpty { endings[kind].members = best.members }
        return best
    }

    // MARK: Start

    /// The root, after a look at a first placement and at that of a similar request: with the better of the multipliers
    /// of such a request and of the search before, or with some from the placement where there are none.
    private mutating func begin(_ fixed: [Int], _ free: [Int], _ ending: Ending) -> Node {
        let isPossible = ending.members.allSatisfy { charges[$0 * masks] < .infinity }
        if isPossible { consider(ending.members) }
        var node = Node(fixed: fixed, free: free, at: [])
        var most = -Double.infinity
        for at in [lasting, zip(ending.at, scales).map { $0 * $1 }] where !at.isEmpty {
            guard let value = bound(node, at), value > most else { continue }
            (most, node.at) = (value, at)
        }
        if most > -.infinity { return node }
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
        let members = best.members.isEmpty ? fixed + chosen : best.members
        node.at = [Double](repeating: 0, count: scales.count)
        for u in 0..<readers {
            let prices = members.map { charges[$0 * masks + 1 << u] - charges[$0 * masks] }
                .filter { $0 < .infinity }.sorted()
            node.at[u] = prices.count >= data ? prices[data - 1] : (prices.last ?? 0) + 1
        }
        return node
    }
}
