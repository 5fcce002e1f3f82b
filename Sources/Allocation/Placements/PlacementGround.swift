import Marketplace

/// What the placements of all schemes have in common: who may hold shards, who serves which readers, who fails together.
struct PlacementGround: Sendable {
    let problem: AllocationProblem
    /// Constraints that are left out, for explanations.
    let relaxed: Set<ConstraintKind>
    /// Offers of the problem that publish what every shard needs; the arrays below go by their positions here.
    let offers: [Int]
    /// Traffic regions whose readers bound or price a placement.
    let readers: [Int]
    /// By reader: whether an offer serves it, in time and at published prices.
    let serves: [[Bool]]
    /// Provider, metro and provider's region, as numbers.
    let provider: [Int]
    let metro: [Int]
    let region: [Int]
    let leaves: [FailureLeaf]
    /// What must not fail too often.
    let hazards: [PlacementSpace.Hazard]

    init(_ problem: AllocationProblem, relaxed: Set<ConstraintKind>) {
        let request = problem.request
        let bound = relaxed.contains(.latency) ? nil : request.qos.latencyMs?.doubleValue
        let readers = request.traffic.indices.filter { u in
            bound != nil || request.traffic[u].egressBytes > 0 || request.traffic[u].reads > 0
        }
        let needs = readers.map { u in (egress: request.traffic[u].egressBytes > 0, reads: request.traffic[u].reads > 0)
        }
        let offers = problem.offers.indices.filter(problem.publishesWrites)
        var serves = readers.map { _ in [Bool](repeating: false, count: offers.count) }
        for (position, j) in offers.enumerated() {
            let (published, latencies) = (problem.published[j], problem.latencies[j])
            for (row, u) in readers.enumerated() {
                guard !needs[row].egress || published.egress, !needs[row].reads || published.reads else { continue }
                if let bound {
                    guard let latency = latencies[u], latency <= bound else { continue }
                }
                serves[row][position] = true
            }
        }
        self.init(problem, relaxed, offers, readers, serves)
    }

    private init(
        _ problem: AllocationProblem, _ relaxed: Set<ConstraintKind>, _ offers: [Int], _ readers: [Int],
        _ serves: [[Bool]]
    ) {
        self.problem = problem
        self.relaxed = relaxed
        self.offers = offers
        self.readers = readers
        self.serves = serves
        provider = offers.map { problem.rows[$0].provider }
        metro = offers.map { problem.rows[$0].metro }
        region = offers.map { problem.rows[$0].region }
        let isWhole = offers.count == problem.offers.count
        let leaves = isWhole ? problem.leaves : offers.map { problem.leaves[$0] }
        self.leaves = leaves
        hazards = PlacementSpace.Hazard.all(
            problem, leaves, provider: provider, region: region, relaxed: relaxed)
    }

    /// The ground without offers that have no room for a shard of `bytes`.
    func holding(_ bytes: Int) -> PlacementGround {
        let hasRoom = offers.map { problem.offers[$0].capacityBytes.map { $0 >= bytes } ?? true }
        guard hasRoom.contains(false) else { return self }
        let kept = offers.indices.filter { hasRoom[$0] }
        return PlacementGround(
            problem, relaxed, kept.map { offers[$0] }, readers, serves.map { row in kept.map { row[$0] } })
    }
}
