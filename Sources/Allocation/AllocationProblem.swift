import Marketplace
import Money

/// One question to the optimizer: a request, the offers that may serve it, and what is known about them.
public struct AllocationProblem: Sendable {
    /// What is asked for; validated against the catalogue.
    public private(set) var request: SLARequest
    /// The eligible offers.
    public private(set) var offers: [Offer]
    /// The schemes to choose among.
    public private(set) var schemes: [RedundancyScheme]
    /// For each offer the round trip in milliseconds from each traffic region of the request; nil when unknown.
    public private(set) var latencies: [[Double?]]
    /// For each offer its leaf in the failure tree.
    public private(set) var leaves: [FailureLeaf]
    /// For each offer its costs and place as numbers.
    private(set) var rows: [OfferTable.Row]
    /// Where each offer stands, by ID.
    private var positions: [String: Int]
    /// For each offer the prices that it publishes for the whole term.
    private(set) var published: [OfferTable.Published]
    /// For each offer how well the recommender likes it, 0…1.
    public private(set) var preferences: [Double]
    /// How failures are shared.
    public let failures: FailureModel
    /// The platform's own charges.
    public let charges: PlatformCharges
    /// The least share of the data that is worth a leg: an offer holds a shard of at least this share, or of nothing.
    public let smallestLeg: Double
    /// What moving the data from where it is costs, once.
    public let migration: [Migration.Charge]

    /// Schemes that `auto` chooses among: up to four copies, common erasure codes, and the wide code of
    /// decentralized stores.
    public static let defaultSchemes: [RedundancyScheme] = [
        (1, 1), (1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 5), (4, 6), (6, 9), (8, 12), (10, 14), (16, 24), (29, 80)
    ].compactMap { RedundancyScheme(data: $0.0, shards: $0.1) }

    /// A problem over `offers`, which should all be eligible for the request.
    ///
    /// - Parameters:
    ///   - preferences: the recommender's liking by offer ID, 0…1; offers without one count as 0.
    ///   - schemes: what `auto` chooses among.
    ///   - table: the catalogue's offers, compiled; without it, `offers` are compiled for this problem alone.
    ///   - smallestLeg: the least share of the data that is worth a leg, above 0 and at most 1.
    /// - Throws: ``AllocationError/unusable(_:)`` for what readers of files would not let through;
    ///   ``AllocationError/unknownOffer(_:)`` and ``AllocationError/billing(offer:_:)`` for what is held now.
    public init(
        request: SLARequest, offers: [Offer], catalog: Catalog, preferences: [String: Double] = [:],
        failures: FailureModel = FailureModel(), charges: PlatformCharges = PlatformCharges(),
        schemes: [RedundancyScheme] = Self.defaultSchemes, table: OfferTable? = nil, smallestLeg: Double = 0.05
    ) throws(AllocationError) {
        try Self.validate(request)
        self.request = request
        self.offers = offers
        switch request.redundancy {
        case .fixed(let scheme): self.schemes = [scheme]
        case .auto: self.schemes = schemes
        }
        latencies = offers.map { offer in
            request.traffic.map { part in
                offer.access == .archive
                    ? nil : catalog.latency(from: part.region, to: offer.metro)?.milliseconds.known
            }
        }
        rows = table?.rows(of: offers) ?? OfferTable(offers).rows(of: offers) ?? []
        for (offer, row) in zip(offers, rows) {
            if let fault = row.fault { throw .unusable("the offer '\(offer.id)' has \(fault)") }
        }
        published = zip(offers, rows).map { Self.published($0, $1, request) }
        positions = Self.positions(offers)
        leaves = offers.map {
            failures.leaf(of: $0, assumed: catalog.providers[$0.provider]?.assumedAvailability.doubleValue)
        }
        self.preferences = offers.map { preferences[$0.id] ?? 0 }
        self.failures = failures
        self.charges = charges
        self.smallestLeg = min(1, max(1e-6, smallestLeg))
        migration = try Migration.charges(request, catalog)
    }

    /// The prices that an offer publishes for the whole term, by the tariffs that are in force in it.
    private static func published(
        _ offer: Offer, _ row: OfferTable.Row, _ request: SLARequest
    ) -> OfferTable.Published {
        guard !offer.changes.isEmpty else { return row.publishes }
        let versions = offer.tariffs(for: request).map { OfferTable.Published($0) }
        return versions.dropFirst().reduce(versions.first ?? row.publishes) { $0.and($1) }
    }

    private static func positions(_ offers: [Offer]) -> [String: Int] {
        Dictionary(offers.enumerated().map { ($1.id, $0) }) { first, _ in first }
    }

    /// The position of an offer; nil when it is not eligible. O(1).
    func position(_ id: String) -> Int? { positions[id] }

    /// The probability of failure that the request allows, 1 − availability without cancellation; nil if none is asked.
    var allowedUnavailability: Double? { request.qos.availability?.complement }

    /// The same problem with a request that asks for something else of the same traffic regions and holdings.
    func asking(_ change: (inout SLARequest) -> Void) -> AllocationProblem {
        var problem = self
        change(&problem.request)
        if case .fixed(let scheme) = problem.request.redundancy { problem.schemes = [scheme] }
        return problem
    }

    /// The same problem with some of its offers alone, by their positions.
    func keeping(_ kept: [Int]) -> AllocationProblem {
        var problem = self
        problem.offers = kept.map { offers[$0] }
        problem.rows = kept.map { rows[$0] }
        problem.latencies = kept.map { latencies[$0] }
        problem.leaves = kept.map { leaves[$0] }
        problem.preferences = kept.map { preferences[$0] }
        problem.published = kept.map { published[$0] }
        problem.positions = Self.positions(problem.offers)
        return problem
    }

    /// The same problem over those of its offers that are kept.
    func keeping(_ isKept: (Offer) -> Bool) -> AllocationProblem {
        keeping(offers.indices.filter { isKept(offers[$0]) })
    }

    /// The same problem with an offer sold on other terms: another tariff or capacity, all else as it is.
    func selling(_ id: String, _ change: (inout Offer) -> Void) -> AllocationProblem {
        guard let j = position(id) else { return self }
        var problem = self
        change(&problem.offers[j])
        problem.rows[j] = rows[j].selling(problem.offers[j])
        problem.published[j] = Self.published(problem.offers[j], problem.rows[j], request)
        return problem
    }

    /// What leaving each holding costs, before the platform's fee.
    var leaving: [Leaving] {
        var held: [String: Int] = [:]
        for holding in request.current { held[holding.offer, default: 0] += holding.logicalBytes }
        let whole = max(held.values.reduce(0.0) { $0 + Double($1) }, Double(request.logicalBytes))
        return held.sorted { $0.key < $1.key }.map { id, bytes in
            func cost(_ isOf: (ChargeKind) -> Bool) -> Double {
                migration.reduce(0) { $0 + ($1.offer == id && isOf($1.kind) ? $1.amount.doubleValue : 0) }
            }
            return Leaving(
                offer: position(id), share: Double(bytes) / whole,
                reading: cost { $0 != .minimumDuration }, early: cost { $0 == .minimumDuration })
        }
    }

    /// Moving data away from where it is.
    struct Leaving: Sendable {
        /// The offer, if it may be kept.
        let offer: Int?
        /// Which share of the data lies there.
        let share: Double
        /// What reading all of it out costs; not what stays as a single copy.
        let reading: Double
        /// What giving all of it up before the minimum duration is over costs; not what stays as a copy among others.
        let early: Double
    }

    /// Whether offer `j` publishes, for the whole term, the prices of what a read from traffic region `u` needs.
    func publishesReads(_ j: Int, _ u: Int) -> Bool {
        let (part, publishes) = (request.traffic[u], published[j])
        return (part.egressBytes == 0 || publishes.egress) && (part.reads == 0 || publishes.reads)
    }

    /// Whether offer `j` publishes, for the whole term, the prices of what every shard needs.
    func publishesWrites(_ j: Int) -> Bool {
        published[j].writes || request.traffic.allSatisfy { $0.writes == 0 }
    }
}

extension Double {
    /// The number itself, if it can be a latency.
    fileprivate var known: Double? { isFinite && self >= 0 ? self : nil }
}

extension ExactDecimal {
    /// 1 − the value, rounded once: near 1 a difference of doubles would lose the digits that matter.
    var complement: Double { (try? ExactDecimal.one.subtracting(self).doubleValue) ?? 1 - doubleValue }
}

/// Moving data away from where it is now, once.
public enum Migration {
    /// A charge of the provider that the data leaves.
    public struct Charge: Sendable, Hashable {
        /// The offer that the data is read from.
        public let offer: String
        /// What for.
        public let kind: ChargeKind
        /// How much.
        public let amount: Amount
    }

    /// What moving the request's current holdings away costs: egress, retrieval and one read for each object, billed
    /// as a month of its own by the tariff in force at the term's start, and storage for the rest of the minimum duration
    /// where a holding says since when it lies there. Nothing is charged when nothing is held anywhere.
    public static func charges(_ request: SLARequest, _ catalog: Catalog) throws(AllocationError) -> [Charge] {
        var charges: [Charge] = []
        for holding in request.current {
            guard let offer = catalog.offer(holding.offer) else { throw .unknownOffer(holding.offer) }
            let objects = max(1, holding.logicalBytes / max(1, request.meanObjectBytes))
            let usage = Usage(
                storedBytes: holding.logicalBytes, objects: objects, egressBytes: holding.logicalBytes, reads: objects)
            let tariff = offer.tariff(on: request.start)
            do {
                for charge in try tariff.bill(usage) where [.egress, .retrieval, .reads].contains(charge.kind) {
                    charges.append(Charge(offer: offer.id, kind: charge.kind, amount: charge.amount))
                }
                if let since = holding.since {
                    let days = max(0, request.start.ordinal - since.ordinal)
                    if let rest = try tariff.minimumDurationCharge(usage, termDays: days) {
                        charges.append(Charge(offer: offer.id, kind: rest.kind, amount: rest.amount))
                    }
                }
            } catch {
                throw .billing(offer: offer.id, error)
            }
        }
        return charges
    }
}
