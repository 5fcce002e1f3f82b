import Marketplace
import Money

/// What requests have in common that differ in volumes, term, budget, credits and user only: the offers that may serve
/// them and the placements that they admit.
struct FleetProfile: Sendable {
    /// What such requests agree in.
    struct Key: Hashable, Sendable {
        struct Region: Hashable, Sendable {
            let name: String
            let isRead: Bool
            let hasEgress: Bool
            let hasReads: Bool
            let isWritten: Bool
        }

        let regions: [Region]
        let redundancy: RedundancyChoice
        let toleratedProviders: Int
        let toleratedRegions: Int
        let qos: SLARequest.QoS
        let eligibility: SLARequest.Eligibility
        let start: CalendarDay
        /// The term, where prices change on known days.
        let months: Int

        init(_ request: SLARequest, hasChanges: Bool) {
            months = hasChanges ? request.months : 0
            regions = request.traffic.map {
                Region(
                    name: $0.region, isRead: $0.egressBytes > 0 || $0.reads > 0, hasEgress: $0.egressBytes > 0,
                    hasReads: $0.reads > 0, isWritten: $0.writes > 0)
            }
            redundancy = request.redundancy
            toleratedProviders = request.toleratedProviders
            toleratedRegions = request.toleratedRegions
            var qos = SLARequest.QoS()
            qos.availability = request.qos.availability
            qos.durabilityNines = request.qos.durabilityNines
            qos.latencyMs = request.qos.latencyMs
            self.qos = qos
            eligibility = request.eligibility
            start = request.start
        }
    }

    /// The market's offers that may hold a shard, by position in the spaces.
    let offers: [Int]
    let tariffs: [FleetTariff]
    let providers: [Int]
    /// By position: the offer's number among those of limited capacity, or −1.
    let limited: [Int]
    /// Those of the offers whose prices change.
    let changing: [Offer]
    /// Placements by scheme; only schemes that some placement can have.
    let spaces: [PlacementSpace]
    /// Traffic regions that are read or bound by latency, the same in all spaces.
    let readers: [Int]
    /// Reader-major: whether an offer serves a reader.
    let serves: [Bool]
    /// The smallest k of the spaces.
    let leastData: Int

    init(_ request: SLARequest, _ problem: FleetProblem, _ market: FleetMarket) throws(AllocationError) {
        var request = request
        request.credits = []
        request.current = []
        request.budget = nil
        request.maxProviderShare = nil
        var offers = problem.eligible(request).filter { market.positions[$0.id] != nil }
        // What others leave of a capacity is for prices to say, not for the placements that a request admits.
        for index in offers.indices { offers[index].capacityBytes = nil }
        let own = try AllocationProblem(
            request: request, offers: offers, catalog: problem.catalog, failures: problem.failures,
            charges: problem.charges, schemes: problem.schemes, table: market.table)
        let ground = PlacementGround(own, relaxed: [])
        let spaces = own.schemes.filter { $0.shards <= offers.count }.map { PlacementSpace(ground, $0) }
            .filter { space in
                space.offers.count >= space.scheme.shards
                    && space.serves.allSatisfy { $0.count { $0 } >= space.scheme.data }
            }
        self.spaces = spaces
        let held = spaces.first?.offers ?? []
        self.offers = held.compactMap { market.positions[offers[$0].id] }
        tariffs = self.offers.map { market.tariffs[$0] }
        providers = tariffs.map(\.provider)
        changing = self.offers.map { market.offers[$0] }.filter { !$0.changes.isEmpty }
        limited = self.offers.map { market.limited[$0] }
        readers = spaces.first?.readers ?? []
        serves = spaces.first?.serves.flatMap { $0 } ?? []
        leastData = spaces.map(\.scheme.data).min() ?? 1
    }
}
