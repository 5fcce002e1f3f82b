/// A way of reading from a placement.
struct FleetPattern: Sendable {
    /// Which share of the reads follows it.
    let share: Double
    /// By reader the k positions that its reads fetch from; empty where nothing is read.
    let fetched: [[UInt16]]
}

/// A placement of one request that was priced exactly.
struct FleetCandidate: Sendable {
    /// What the term costs.
    let cost: Double
    /// The scheme's number among the profile's spaces.
    let space: Int
    /// Positions in the profile's spaces, ascending.
    let members: [UInt16]
    /// How it is read; the shares sum to 1.
    let patterns: [FleetPattern]
    /// Positions whose legs have their account's free volumes.
    let claimants: [UInt16]
    /// Providers in use whose credits are not used up.
    let unspent: [Int]
    /// Raw bytes at offers of limited capacity, by their number.
    let uses: [(offer: Int, bytes: Double)]

    /// The cost with capacity priced.
    func priced(_ capacity: [Double]) -> Double {
        var sum = cost
        for use in uses { sum += capacity[use.offer] * use.bytes }
        return sum
    }
}

/// What is known about one request of a fleet.
struct FleetEntry: Sendable {
    /// The request's position in the problem.
    let request: Int
    var candidates: [FleetCandidate] = []
    /// No allocation costs less, with capacity at the clearing prices; 0 until it is known.
    var bound = 0.0
    /// What is wrong with the request.
    var fault: String?
    /// Whether it was looked at before time ran out.
    var isPriced = false
    /// Whether placements exist, though perhaps none within its limits.
    var hasPlacement = false

    /// What being left out is taken to cost: far more than any candidate at prices that matter.
    var outside: Double { 20 * (candidates.map(\.cost).min() ?? 0) + 1 }

    /// The candidate that is cheapest at capacity prices; nil where being left out is cheaper, or there is none.
    func choice(_ capacity: [Double]) -> (candidate: Int?, value: Double) {
        var best: Int?
        var value = outside
        for index in candidates.indices {
            let priced = candidates[index].priced(capacity)
            if priced < value { (best, value) = (index, priced) }
        }
        return (best, value)
    }
}

/// Requests of one profile that are worked on together.
struct FleetChunk: Sendable {
    let profile: Int
    var entries: [FleetEntry]

    static let size = 128
}
