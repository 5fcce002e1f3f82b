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
    let tariff: CompiledTariff
    /// The most raw bytes; nil without a limit.
    let capacity: Double?
    /// By scheme and month class: bytes that are billed when all data has a shard here.
    let billed: [[Double]]
    /// The most of them.
    let mostBilled: Double
    /// Money a month for writing a shard of everything.
    let writes: Double
    /// What the last month's storage is charged once more, for the minimum duration.
    let earlyShare: Double

    init(_ problem: AllocationProblem, _ j: Int, _ volumes: StoredVolumes) {
        let offer = problem.offers[j]
        let tariff = problem.rows[j].tariff
        self.tariff = tariff
        provider = offer.provider
        capacity = offer.capacityBytes.map { Double($0) }
        if tariff.billsWhatIsStored {
            billed = volumes.bytes
            mostBilled = volumes.most
        } else {
            billed = volumes.bytes.map { zip($0, volumes.objects).map { tariff.billed($0, objects: $1) } }
            mostBilled = billed.reduce(0) { $1.reduce($0, max) }
        }
        writes = volumes.writes * tariff.write
        let lacking = tariff.minimumDays - volumes.termDays
        earlyShare = lacking > 0 ? Double(lacking) / 30 : 0
    }

    var fee: Double { tariff.fee }
    var minimum: Double { tariff.minimum }
    var storage: GraduatedCost { tariff.storage }
    var freeStorage: Double { tariff.freeStorage }
    var egress: GraduatedCost { tariff.egress }
    var freeEgress: Double { tariff.freeEgress }
    var freeMultiple: Double { tariff.freeMultiple }
    var limitMultiple: Double? { tariff.limitMultiple }
    /// Money a byte retrieved.
    var retrieval: Double { tariff.retrieval }

    /// Money a month for `count` read operations.
    func reads(_ count: Double) -> Double { count * tariff.read }

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

extension TermModel {
    /// Money over the term when all data has a shard at offer `j` and nothing is read there, free volumes included.
    func holding(_ j: Int, _ scheme: Int) -> Double {
        let cost = costs[j]
        var (sum, last) = (0.0, 0.0)
        for (v, bytes) in cost.billed[scheme].enumerated() {
            last = cost.storage(max(0, bytes - cost.freeStorage))
            sum += months(v) * max(cost.minimum, cost.fee + last + cost.writes)
        }
        return sum + last * cost.earlyShare
    }
}

/// What a request stores, whatever the offer.
struct StoredVolumes: Sendable {
    /// By scheme and month class: raw bytes of a shard of everything.
    let bytes: [[Double]]
    /// By month class: objects, each of which has a shard on every offer of its placement.
    let objects: [Double]
    let most: Double
    /// Writes a month, all regions together.
    let writes: Double
    let termDays: Int

    init(_ request: SLARequest, _ schemes: [RedundancyScheme], _ classes: [MonthClass]) {
        bytes = schemes.map { scheme in
            classes.map { Double(request.storedUsage(scheme, logicalBytes: $0.logicalBytes).storedBytes) }
        }
        objects = classes.map { monthClass in
            schemes.first.map {
                Double(request.storedUsage($0, logicalBytes: monthClass.logicalBytes).objects)
            } ?? 0
        }
        most = bytes.reduce(0) { $1.reduce($0, max) }
        writes = request.traffic.reduce(0) { $0 + Double($1.writes) }
        termDays = request.termDays
    }
}
