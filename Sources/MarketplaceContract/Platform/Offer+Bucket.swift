import Documents
import Marketplace
import Money

/// What the platform's buckets do not tell and an offer needs.
public struct BucketContext: Sendable {
    /// The engine's provider of each `provider_id`; itself where there is none.
    public var providers: [String: String]
    /// The metro of each region, by `provider/region` or by the region alone.
    public var metros: [String: String]
    /// The day that the prices were read.
    public var day: CalendarDay

    /// A context of given parts.
    public init(providers: [String: String] = [:], metros: [String: String], day: CalendarDay) {
        self.providers = providers
        self.metros = metros
        self.day = day
    }
}

extension PlatformBucket {
    /// The bucket as an offer: flat prices per GB stored for a month and per GB read, as the contract knows no others;
    /// operations and retrieval cost nothing on chain. Its ID is `provider/region/bucket-<number>`.
    ///
    /// A bucket promises neither durability nor zones: none is taken for the one, one for the other.
    /// - Throws: `InputError` when the region has no metro.
    public func offer(_ context: BucketContext, profile: ContractProfile = .version16) throws(InputError) -> Offer {
        let provider = context.providers[self.provider] ?? self.provider
        guard let metro = context.metros["\(provider)/\(region)"] ?? context.metros[region] else {
            let near = suggestion(region, context.metros.keys.sorted())
            throw InputError(
                "bucket \(id)",
                [
                    InputIssue(
                        "/region", "no metro is known for '\(region)' of \(provider)",
                        remedy: near.isEmpty ? "map the region to a metro" : near)
                ])
        }
        func price(_ integer: Int128) throws(InputError) -> ExactDecimal {
            do throws(MoneyError) {
                return try ExactDecimal(significand: integer, scale: profile.amountDecimals)
            } catch {
                throw InputError("bucket \(id)", [InputIssue("/price_per_gb", error.description)])
            }
        }
        return Offer(
            id: "\(provider)/\(region)/bucket-\(id)", provider: provider, region: region, storageClass: "bucket-\(id)",
            metro: metro,
            tariff: Tariff(
                storage: [Tier(price: try price(conditions.storagePrice))],
                egress: EgressTariff(tiers: [Tier(price: try price(conditions.egressPrice))]), writesPer1000: .zero,
                readsPer1000: .zero, retrieval: .zero),
            availability: uptime.share, zones: .single,
            capacityBytes: maxStorageGB.map { $0 * 1_000_000_000 },
            provenance: Provenance(
                source: "marketplace contract, bucket \(id)", asOf: context.day.description, verified: "on-chain",
                notes: name))
    }
}

/// What a listing from the platform comes to.
public struct PlatformListing: Sendable {
    /// The buckets that are for sale, as offers, by ID.
    public let offers: [Offer]
    /// The buckets that are not, and why.
    public let dropped: [(bucket: Int, reason: String)]

    /// The offers of `buckets`: those that are active and not locked by another deal.
    /// - Throws: `InputError` with every bucket that cannot be an offer.
    public init(
        _ buckets: [PlatformBucket], _ context: BucketContext, profile: ContractProfile = .version16
    ) throws(InputError) {
        let log = IssueLog()
        var offers: [Offer] = []
        var dropped: [(bucket: Int, reason: String)] = []
        for bucket in buckets {
            if bucket.status != .active {
                dropped.append((bucket.id, bucket.status.rawValue.lowercased()))
            } else if bucket.isLocked {
                dropped.append((bucket.id, "locked"))
            } else {
                do throws(InputError) {
                    offers.append(try bucket.offer(context, profile: profile))
                } catch {
                    for issue in error.issues {
                        log.report("\(error.document), \(issue.location)", issue.problem, remedy: issue.remedy)
                    }
                }
            }
        }
        try log.check("")
        self.offers = offers.sorted { $0.id < $1.id }
        self.dropped = dropped
    }
}
