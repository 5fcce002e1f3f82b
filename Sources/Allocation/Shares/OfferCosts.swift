import Marketplace
import Money

/// What one offer costs a request, as functions of what it carries, in double precision.
///
/// Volumes are bytes, money is in units of the tariffs' asset before the platform's fee. A leg's month costs
///
///     max(minimum, fee + storage(billed − free storage) + egress(read − free egress − multiple · raw) + operations)
///
/// Free volumes belong to the user's account with the provider: at most one leg of a provider claims them. Where a base
/// fee includes them, they come with the fee.
struct OfferCosts: Sendable {
    let provider: String
    let fee: Double
    let minimum: Double
    /// The graduated price of what is billed beyond the free volume.
    let storage: GraduatedCost
    let freeStorage: Double
    /// The graduated price of egress beyond the free volume.
    let egress: GraduatedCost
    let freeEgress: Double
    /// Free egress for each byte stored.
    let freeMultiple: Double
    /// The most egress for each byte stored; nil without a limit.
    let limitMultiple: Double?
    /// The most raw bytes; nil without a limit.
    let capacity: Double?
    /// By scheme and month class: bytes that are billed when all data has a shard here.
    let billed: [[Double]]
    /// Money a month for writing a shard of everything.
    let writes: Double
    /// By traffic region: money a month for the read operations when all its reads fetch here.
    let reads: [Double]
    /// Money a byte retrieved.
    let retrieval: Double
    /// What the last month's storage is charged once more, for the minimum duration.
    let earlyShare: Double

    init(_ problem: AllocationProblem, _ j: Int, _ schemes: [RedundancyScheme], _ classes: [MonthClass]) {
        let (request, offer) = (problem.request, problem.offers[j])
        let tariff = offer.tariff
        let unit = Double(tariff.unit.bytes)
        provider = offer.provider
        fee = tariff.monthlyFee.doubleValue
        minimum = tariff.monthlyMinimum.doubleValue
        let paid = tariff.paidTiers
        storage = GraduatedCost(paid.storage.tiers, unit: tariff.unit)
        freeStorage = paid.storage.free.doubleValue * unit
        egress = GraduatedCost(paid.egress?.tiers ?? [Tier(price: .zero)], unit: tariff.unit)
        freeEgress = (paid.egress?.free.doubleValue ?? 0) * unit
        if case .multipleOfStored(let multiple) = tariff.egress?.allowance {
            freeMultiple = multiple.doubleValue
        } else {
            freeMultiple = 0
        }
        limitMultiple = tariff.egress?.limitMultipleOfStored?.doubleValue
        capacity = offer.capacityBytes.map { Double($0) }
        billed = schemes.map { scheme in
            classes.map { Double(tariff.billedBytes(request.storedUsage(scheme, logicalBytes: $0.logicalBytes))) }
        }
        let allWrites = request.traffic.reduce(0) { $0 + Double($1.writes) }
        writes = allWrites / 1000 * (tariff.writesPer1000?.doubleValue ?? 0)
        reads = request.traffic.map { Double($0.reads) / 1000 * (tariff.readsPer1000?.doubleValue ?? 0) }
        retrieval = (tariff.retrieval?.doubleValue ?? 0) / unit
        let lacking = tariff.minimumDays - request.termDays
        earlyShare = lacking > 0 ? Double(lacking) / 30 : 0
    }

    /// Whether free volumes come with the base fee rather than with the account.
    var feeIncludesFree: Bool { fee > 0 }

    /// Whether the offer has free volumes at all.
    var hasFree: Bool { freeStorage > 0 || freeEgress > 0 }
}

/// What one offer carries under an allocation.
struct OfferLoad: Sendable {
    /// The share of the data that has a shard here.
    var share = 0.0
    /// By month class: bytes billed and raw bytes.
    var billed: [Double]
    var raw: [Double]
    /// Bytes read out a month.
    var egress = 0.0
    /// Money a month for operations and retrieval.
    var operations = 0.0

    init(classes: Int) {
        billed = [Double](repeating: 0, count: classes)
        raw = billed
    }
}

extension OfferCosts {
    /// Money a month in each class, and what is charged once in the last month on top.
    ///
    /// - Parameter claims: whether this leg has the account's free volumes.
    func charges(_ load: OfferLoad, claims: Bool) -> (monthly: [Double], early: Double) {
        let free = claims || feeIncludesFree
        var monthly: [Double] = []
        monthly.reserveCapacity(load.billed.count)
        var last = 0.0
        for v in load.billed.indices {
            last = storage(max(0, load.billed[v] - (free ? freeStorage : 0)))
            let read = max(0, load.egress - (free ? freeEgress : 0) - freeMultiple * load.raw[v])
            monthly.append(max(minimum, fee + last + egress(read) + load.operations))
        }
        return (monthly, last * earlyShare)
    }
}
