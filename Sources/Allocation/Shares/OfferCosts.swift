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
    /// The tariff of the first month.
    let firstTariff: CompiledTariff
    /// By month class: the tariff; empty when it is the same in all.
    let varied: [CompiledTariff]
    /// The most raw bytes; nil without a limit.
    let capacity: Double?
    /// By scheme and month class: bytes that are billed when all data has a shard here.
    let billed: [[Double]]
    /// The most of them.
    let mostBilled: Double
    /// What the last month's storage is charged once more, for the minimum duration.
    let earlyShare: Double
    /// Money for each raw byte held at the peak: what a fleet asks for scarce room. Charged once, at the end.
    var capacityPrice = 0.0

    init(_ problem: AllocationProblem, _ j: Int, _ volumes: StoredVolumes) {
        // Field by field: copying whole offers costs more than all the rest.
        provider = problem.offers[j].provider
        capacity = problem.offers[j].capacityBytes.map { Self.capacity(Double($0), volumes) }
        let row = problem.rows[j]
        if row.changes.isEmpty {
            (firstTariff, varied) = (row.tariff, [])
        } else {
            let tariffs = volumes.firstDays.map { row.tariff(on: $0) }
            let days = volumes.firstDays.map { day in row.changes.lastIndex { $0.from <= day } }
            firstTariff = tariffs.first ?? row.tariff
            varied = Set(days).count > 1 ? tariffs : []
        }
        if firstTariff.billsWhatIsStored, varied.allSatisfy(\.billsWhatIsStored) {
            billed = volumes.bytes
            mostBilled = volumes.most
        } else {
            let (tariff, varied) = (firstTariff, varied)
            billed = volumes.bytes.map { bytes in
                bytes.indices.map { v in
                    (varied.isEmpty ? tariff : varied[v]).billed(bytes[v], objects: volumes.objects[v])
                }
            }
            mostBilled = billed.reduce(0) { $1.reduce($0, max) }
        }
        let lacking = (varied.last ?? firstTariff).minimumDays - volumes.termDays
        earlyShare = lacking > 0 ? Double(lacking) / 30 : 0
    }

    /// Room for `bytes`, a millionth less where it just fails to hold a whole shard: solvers take a share of 1 for one of
    /// 1 − 10⁻⁷, and bytes that are not there cannot be sold.
    private static func capacity(_ bytes: Double, _ volumes: StoredVolumes) -> Double {
        let shards = volumes.bytes.compactMap { $0.max() }
        return shards.filter { bytes < $0 && bytes > $0 * (1 - 1e-6) }.reduce(bytes) { min($0, $1 * (1 - 1e-6)) }
    }

    /// The tariff of a month class.
    func tariff(_ v: Int) -> CompiledTariff { varied.isEmpty ? firstTariff : varied[v] }

    /// Whether any tariff of the term is as asked.
    func sometimes(_ isAsAsked: (CompiledTariff) -> Bool) -> Bool {
        varied.isEmpty ? isAsAsked(firstTariff) : varied.contains(where: isAsAsked)
    }

    /// Whether a leg of the share `leg` holds at least the free volume in every month, and prices never rise.
    func outgrowsFree(_ leg: Double) -> Bool {
        guard sometimes({ $0.freeStorage > 0 }), !sometimes({ $0.storage.rises(before: mostBilled) }) else {
            return false
        }
        return billed.allSatisfy { bytes in
            bytes.indices.allSatisfy { leg * bytes[$0] >= tariff($0).freeStorage }
        }
    }

    /// Whether a leg of the share `leg` may be charged less than the minimum before it is topped up.
    func mayFallShort(_ leg: Double, writes: Double) -> Bool {
        guard sometimes({ $0.minimum > 0 }) else { return false }
        return billed.contains { bytes in
            bytes.indices.contains { v in
                let tariff = tariff(v)
                let stored = tariff.storage(max(0, leg * bytes[v] - tariff.freeStorage))
                return tariff.fee + leg * writes * tariff.write + stored < tariff.minimum * (1 + 1e-9)
            }
        }
    }

    /// Whether in some month there are free volumes that the account's one claim gives.
    var hasClaim: Bool { sometimes { $0.hasFree && !$0.feeIncludesFree } }

    /// Whether egress is priced apart in each month class.
    var egressVaries: Bool { !varied.isEmpty || firstTariff.freeMultiple > 0 }
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
    /// Operations a month.
    var reads = 0.0
    var writes = 0.0

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
        var monthly: [Double] = []
        monthly.reserveCapacity(load.billed.count)
        var last = 0.0
        for v in load.billed.indices {
            let tariff = tariff(v)
            let free = claims || tariff.feeIncludesFree
            last = tariff.storage(max(0, load.billed[v] - (free ? tariff.freeStorage : 0)))
            let read = max(0, load.egress - (free ? tariff.freeEgress : 0) - tariff.freeMultiple * load.raw[v])
            let sum = tariff.fee + last + tariff.egress(read) + tariff.operations(load)
            monthly.append(max(tariff.minimum, sum))
        }
        return (monthly, last * earlyShare + capacityPrice * (load.raw.max() ?? 0))
    }
}

extension CompiledTariff {
    /// Money a month for the operations and the retrieval of a load.
    func operations(_ load: OfferLoad) -> Double {
        load.writes * write + load.reads * read + load.egress * retrieval
    }
}

extension TermModel {
    /// Money over the term when all data has a shard at offer `j` and nothing is read there, free volumes included.
    func holding(_ j: Int, _ scheme: Int) -> Double {
        let cost = costs[j]
        var (sum, last) = (0.0, 0.0)
        for (v, bytes) in cost.billed[scheme].enumerated() {
            let tariff = cost.tariff(v)
            last = tariff.storage(max(0, bytes - tariff.freeStorage))
            sum += months(v) * max(tariff.minimum, tariff.fee + last + writes * tariff.write)
        }
        return sum + last * cost.earlyShare + capacityCharge(j, scheme)
    }
}

/// What a request stores, whatever the offer.
struct StoredVolumes: Sendable {
    /// By scheme and month class: raw bytes of a shard of everything.
    let bytes: [[Double]]
    /// By month class: objects, each of which has a shard on every offer of its placement.
    let objects: [Double]
    /// By month class: its first day.
    let firstDays: [CalendarDay]
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
        firstDays = classes.map(\.firstDay)
        most = bytes.reduce(0) { $1.reduce($0, max) }
        writes = request.traffic.reduce(0) { $0 + Double($1.writes) }
        termDays = request.termDays
    }
}
