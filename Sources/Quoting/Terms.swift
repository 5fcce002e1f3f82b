import Allocation
import Foundation
import Marketplace
import Money

/// The units of a version of the marketplace contract.
public struct ContractProfile: Sendable, Hashable {
    /// A name, e.g. `marketplace-16`.
    public let name: String
    /// Contract units of volume in a gigabyte (10⁹ bytes), rounded up as a whole: GB, or MB at 1,024 to the GB.
    public let volumeUnitsPerGB: Int
    /// The name of the volume arguments' unit.
    public let volumeSuffix: String
    /// What 100% uptime is in the contract's integers.
    public let fullUptime: Int

    /// The compiled contract with `version()` = 16: gigabytes, uptime as percent × 10⁶.
    public static let version16 = ContractProfile(
        name: "marketplace-16", volumeUnitsPerGB: 1, volumeSuffix: "gb", fullUptime: 100_000_000)
    /// The newer client's contract: megabytes, 102,400 for 100 GB; uptime as percent × 10⁶.
    public static let megabytes = ContractProfile(
        name: "marketplace-mb", volumeUnitsPerGB: 1024, volumeSuffix: "mb", fullUptime: 100_000_000)
}

/// What one leg means for the contract and the platform.
public struct LegTerms: Sendable, Hashable {
    /// The offer.
    public let offer: String
    /// `duration_secs` of `create_deal`.
    public let durationSeconds: Int
    /// `agreed_storage_*` of `create_deal`: the largest month, in contract units, rounded up.
    public let agreedStorage: Int
    /// `agreed_egress_*` of `create_deal`: of the whole term, in contract units, rounded up.
    public let agreedEgress: Int
    /// `api_compatibility` of `create_deal`.
    public let api: String
    /// `amount_usd` of `set_deal_funded`: USD × 10⁷, rounded up.
    public let fundingAmount: Int128
    /// `sla_avg_latency_ms` to hold the bucket to: the slowest region it serves; nil when it serves no reads.
    public let latencyMs: Int?
    /// `sla_avg_uptime_pct` to hold the bucket to, in contract integers; never 100%, at which a new deal would breach.
    public let uptime: Int
    /// The folder of the repository plan.
    public let folder: String
    /// Whether the leg is the master of a mirror.
    public let isMaster: Bool
}

/// Step 5 of a quote: the SLA terms in the form that the contract and the platform take.
public struct Terms: Sendable, Hashable {
    /// The contract that the arguments are for.
    public let contract: ContractProfile
    /// `MIRROR` for replication, `NORMAL` for erasure coding and single copies.
    public let repositoryMode: String
    /// A leg's terms each, in the order of the legs.
    public let legs: [LegTerms]
    /// What the contract enforces by itself.
    public static let onChain = ["latency", "uptime"]
    /// What the parties owe each other outside the contract.
    public static let offChain = [
        "throughput", "error rate", "redundancy", "durability", "operations", "monthly minimums", "minimum duration"
    ]

    /// The terms of a billed plan.
    init(
        plan: AllocationPlan, bill: Bill, catalog: Catalog, contract: ContractProfile
    ) {
        let mirrored = plan.placements.allSatisfy { $0.scheme.data == 1 && $0.scheme.shards > 1 }
        let masters = Set(plan.placements.compactMap { $0.legs.first?.offer.id })
        self.contract = contract
        repositoryMode = mirrored ? "MIRROR" : "NORMAL"
        let days = plan.request.start.addingMonths(plan.request.months).ordinal - plan.request.start.ordinal
        legs = plan.offers.indices.map { index in
            let offer = plan.offers[index]
            let usages = plan.usages[index]
            let apis = catalog.providers[offer.provider]?.apis ?? []
            let shares = plan.readShares(of: index)
            let served = shares.indices.filter { shares[$0] > 0 }
            let latencies = served.compactMap {
                catalog.latency(from: plan.request.traffic[$0].region, to: offer.metro)?.milliseconds
            }
            let charged = bill.lines.filter { $0.offer == offer.id }.reduce(Int128(0)) { $0 + $1.amount.minor }
            let promised = offer.availability ?? catalog.providers[offer.provider]?.assumedAvailability
            let uptime = Int(((promised?.doubleValue ?? 0) * Double(contract.fullUptime)).rounded(.down))
            return LegTerms(
                offer: offer.id, durationSeconds: days * 86_400,
                agreedStorage: contract.units(usages.map(\.storedBytes).max() ?? 0),
                agreedEgress: contract.units(usages.reduce(0) { $0 + $1.egressBytes }),
                api: plan.request.eligibility.api ?? apis.first ?? "",
                fundingAmount: charged * (10_000_000 / Asset.usd.unit),
                latencyMs: latencies.max().map { Int($0.rounded(.up)) },
                uptime: min(contract.fullUptime - 1, uptime),
                folder: mirrored ? "data" : "shard-\(index + 1)", isMaster: mirrored && masters.contains(offer.id))
        }
    }
}

extension ContractProfile {
    /// Bytes in contract units, rounded up.
    func units(_ bytes: Int) -> Int {
        let scaled = Int128(bytes) * Int128(volumeUnitsPerGB)
        return Int((scaled + 999_999_999) / 1_000_000_000)
    }
}
