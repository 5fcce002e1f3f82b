import Allocation
import Marketplace
import MarketplaceContract
import Money

/// What one leg means for the contract and the platform.
public struct LegTerms: Sendable, Hashable {
    /// The offer.
    public let offer: String
    /// Its provider.
    public let provider: String
    /// The bucket's number in the contract, where the offer is one of the platform's buckets.
    public let bucket: Int?
    /// `create_deal`, its arguments in order; addresses and IDs that the platform knows are left open.
    public let createDeal: ContractCall
    /// `set_deal_funded`, likewise.
    public let setDealFunded: ContractCall
    /// `duration_secs` of `create_deal`.
    public let durationSeconds: Int
    /// `agreed_storage_*` of `create_deal`: the largest month, in contract units, rounded up.
    public let agreedStorage: Int
    /// `agreed_egress_*` of `create_deal`: of the whole term, in contract units, rounded up.
    public let agreedEgress: Int
    /// `api_compatibility` of `create_deal`.
    public let api: String
    /// `amount_usd` of `set_deal_funded`: USD × 10⁷, rounded up. Covers the bill of the leg and every settlement of the
    /// agreed volumes at the quoted bucket price, so that the user does not breach by rounding.
    public let fundingAmount: Int128
    /// The bucket price and SLA that were quoted, to be read again before the deal is made and funded.
    public let priceGuard: BucketGuard
    /// Whether the bucket price is the tariff's own; else it is the average of a tariff that two prices cannot express.
    public let isPriceExact: Bool
    /// What is promised, how it is measured, and what follows when it is not kept.
    public let metrics: [SLAMetric]
    /// How probable it is that a settlement period breaks what the contract enforces.
    public let breach: BreachProbability

    /// `sla_avg_latency_ms` to hold the bucket to: what the request asks for, or the slowest region it serves where that is
    /// more or nothing is asked; nil when it serves no reads.
    public var latencyMs: Int? { priceGuard.conditions.latencyMs }
    /// `sla_avg_uptime_pct` to hold the bucket to, in contract integers; never 100%, at which a new deal would breach.
    public var uptime: Int { priceGuard.conditions.uptime }
}

/// Step 5 of a quote: the SLA terms in the form that the contract and the platform take.
public struct Terms: Sendable, Hashable {
    /// The contract that the arguments are for.
    public let contract: ContractProfile
    /// How the data is spread over buckets.
    public let repository: RepositoryPlan
    /// A leg's terms each, in the order of the legs.
    public let legs: [LegTerms]
    /// What is paid to whom in each settlement period.
    public let payments: [PaymentStream]
    /// What the contract enforces by itself.
    public static let onChain = ["latency", "uptime"]
    /// What the parties owe each other outside the contract.
    public static let offChain = [
        "throughput", "error rate", "redundancy", "durability", "operations", "monthly minimums", "minimum duration"
    ]

    /// `MIRROR` for replication, `NORMAL` for erasure coding and single copies.
    public var repositoryMode: String { repository.mode.rawValue }

    /// What terms are made from beside the plan and its bill.
    struct Context {
        let catalog: Catalog
        let configuration: QuotingConfiguration
        let qos: any QoSPredictor
        let measurements: [String: [Measurement]]
        let conversion: ExchangeRates.Conversion?
    }

    /// The terms of a billed plan.
    init(plan: AllocationPlan, bill: Bill, legs: [QuoteLeg], context: Context) throws(QuotingError) {
        let plan = (request: plan.request, repository: RepositoryPlan(plan, catalog: context.catalog))
        let charges = try legs.map { leg throws(QuotingError) in try leg.monthlyCharges(plan.request) }
        let terms = try QuotingError.wrap { () throws(ContractError) in
            try plan.repository.validate()
            return try zip(legs, charges).map { leg, charges throws(ContractError) in
                try LegTerms(leg, charges, plan.request, context)
            }
        }
        contract = context.configuration.contract
        repository = plan.repository
        payments = try QuotingError.wrap { () throws(MoneyError) in
            try PaymentStream.streams(
                plan.request, bill, zip(legs, charges).map { ($0.offer.provider, $1) }, context.configuration,
                context.conversion)
        }
        self.legs = terms
    }
}

extension LegTerms {
    fileprivate init(
        _ leg: QuoteLeg, _ charges: [[Charge]], _ request: SLARequest, _ context: Terms.Context
    ) throws(ContractError) {
        let contract = context.configuration.contract
        let offer = leg.offer
        let number = offer.storageClass.hasPrefix("bucket-") ? Int(offer.storageClass.dropFirst(7)) : nil
        let volumes = try leg.usages.map { usage throws(ContractError) -> Deal.Volumes in
            let storage = try contract.units(usage.storedBytes)
            return Deal.Volumes(storage: storage, egress: try contract.units(usage.egressBytes))
        }
        let served = leg.readShares.indices.filter { leg.readShares[$0] > 0 }.map { request.traffic[$0].region }
        let slowest = served.compactMap { context.catalog.latency(from: $0, to: offer.metro)?.milliseconds }
            .filter(\.isFinite).max()
        let asked = request.qos.latencyMs?.doubleValue ?? 0
        let promised = offer.availability ?? context.catalog.providers[offer.provider]?.assumedAvailability ?? .zero
        let hundredfold = try ContractError.wrap { () throws(MoneyError) in
            try promised.scaled(by: 100_000_000, rounding: .down)
        }
        let uptime = Uptime(clamping: Int(clamping: hundredfold))
        let price = try BucketPrice(leg, charges, volumes, contract)
        let conditions = BucketConditions(
            storagePrice: price.storage, egressPrice: price.egress,
            latencyMs: slowest.map { Int(min(max(0, max($0, asked).rounded(.up)), 4_294_967_295)) },
            uptime: contract.promised(uptime))
        var exposure: Int128 = 0
        for month in volumes {
            let next = exposure.addingReportingOverflow(try contract.amount(of: month, at: conditions))
            guard !next.overflow else { throw .overflow("a term's settlements") }
            exposure = next.partialValue
        }
        let calls = MarketplaceCalls(contract)
        let seconds = (request.start.addingMonths(request.months).ordinal - request.start.ordinal) * 86_400
        let egress = leg.usages.reduce(Int128(0)) { $0 + Int128($1.egressBytes) }
        let agreed = Deal.Volumes(
            storage: volumes.map(\.storage).max() ?? 0, egress: try contract.units(Int(clamping: egress)))
        let api = request.eligibility.api ?? context.catalog.providers[offer.provider]?.apis.first ?? "s3"
        self.offer = offer.id
        provider = offer.provider
        self.bucket = number
        durationSeconds = seconds
        agreedStorage = Int(clamping: agreed.storage)
        agreedEgress = Int(clamping: agreed.egress)
        self.api = api
        createDeal = try calls.createDeal(
            DealParties(), bucket: number, repository: nil, durationSeconds: seconds, storage: agreed.storage,
            egress: agreed.egress, api: api)
        // A leg that costs nothing is still to be funded with what the contract takes as a deposit.
        fundingAmount = max(1, try contract.amount(leg.cost), exposure)
        setDealFunded = try calls.setDealFunded(DealParties(), deal: nil, amount: fundingAmount, repository: nil)
        priceGuard = BucketGuard(conditions)
        isPriceExact = price.isExact
        metrics = SLAMetric.metrics(
            latencyMs: conditions.latencyMs, uptime: contract.promisedShare(conditions.uptime), request,
            context.configuration.sla)
        breach = BreachProbability(
            offer, regions: zip(request.traffic, leg.readShares).map { ($0.region, $1 * Double($0.reads)) },
            latencyMs: conditions.latencyMs, uptime: contract.promisedShare(conditions.uptime), context)
    }
}

/// The two prices that a bucket can have, as close to a tariff as they come.
private struct BucketPrice {
    let storage: Int128
    let egress: Int128
    let isExact: Bool

    /// A flat tariff's own prices, rounded up; else what the leg is billed over the term, divided by the volumes that will
    /// be reported, rounded down: the provider is paid no more than the bill. Charges that are neither follow the volume
    /// that causes them: operations and retrieval egress, fees and minimums storage.
    init(
        _ leg: QuoteLeg, _ charges: [[Charge]], _ volumes: [Deal.Volumes], _ contract: ContractProfile
    ) throws(ContractError) {
        if let tariff = leg.tariffs.first, leg.tariffs.allSatisfy({ $0 == tariff }),
            let flat = tariff.flatPrices, !charges.contains(where: { $0.contains { $0.kind == .minimumDuration } })
        {
            (storage, egress, isExact) = (
                try contract.amount(flat.storage), try contract.amount(flat.egress), true
            )
            return
        }
        let reported = (
            storage: volumes.reduce(Int128(0)) { $0 + $1.storage }, egress: volumes.reduce(Int128(0)) { $0 + $1.egress }
        )
        var charged = (storage: Int128(0), egress: Int128(0))
        for charge in charges.joined() {
            let isEgress = [.egress, .retrieval, .reads, .writes].contains(charge.kind) && reported.egress > 0
            if isEgress { charged.egress += charge.amount.minor } else { charged.storage += charge.amount.minor }
        }
        func price(_ minor: Int128, _ units: Int128) throws(ContractError) -> Int128 {
            guard units > 0 else { return 0 }
            return try ContractError.wrap { () throws(MoneyError) in
                let amount = try ExactDecimal(significand: minor, scale: leg.cost.asset.decimals)
                let whole = try amount.scaled(
                    by: contract.usd * Int128(contract.settlementDivisor), rounding: .down)
                return try Rounding.down.quotient(whole, units)
            }
        }
        storage = try price(charged.storage, reported.storage)
        egress = try price(charged.egress, reported.egress)
        isExact = false
    }
}

extension Tariff {
    /// Storage and egress per GB, where the tariff is these two prices and nothing else.
    fileprivate var flatPrices: (storage: ExactDecimal, egress: ExactDecimal)? {
        guard asset == .usd, unit == .gigabyte, storage.count == 1, let stored = storage.first, let egress,
            egress.tiers.count == 1, let read = egress.tiers.first, egress.allowance == nil,
            (writesPer1000 ?? .zero) == .zero, (readsPer1000 ?? .zero) == .zero, (retrieval ?? .zero) == .zero,
            monthlyFee == .zero, monthlyMinimum == .zero, minimumDays == 0, minimumObjectBytes == 0,
            objectOverheadBytes == 0
        else { return nil }
        return (stored.price, read.price)
    }
}

extension ContractProfile {
    /// An uptime of the contract's integers as a share of time, 0…1.
    func promisedShare(_ integer: Int) -> ExactDecimal {
        Uptime(clamping: integer * (100_000_000 / fullUptime)).share
    }
}
