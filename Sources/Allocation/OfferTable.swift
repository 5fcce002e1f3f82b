import Marketplace
import Money

/// What offers cost and where they are, as numbers in double precision: made once for a state of the market and used by
/// every request.
public struct OfferTable: Sendable {
    /// One offer. Equal numbers stand for equal names throughout the table.
    struct Row: Sendable {
        let tariff: CompiledTariff
        /// Announced changes of the tariff, the earliest first.
        let changes: [(from: CalendarDay, tariff: CompiledTariff)]
        let provider: Int
        let metro: Int
        /// The provider's region.
        let region: Int
        let publishes: Published

        init(_ offer: Offer, provider: Int, metro: Int, region: Int) {
            tariff = CompiledTariff(offer.tariff)
            changes = offer.changes.sorted { $0.from < $1.from }.map { ($0.from, CompiledTariff($0.tariff)) }
            publishes = Published(offer.tariff)
            (self.provider, self.metro, self.region) = (provider, metro, region)
        }

        /// The row of `offer`, which is this one sold on other terms.
        func selling(_ offer: Offer) -> Row { Row(offer, provider: provider, metro: metro, region: region) }

        /// The tariff in force on `day`.
        func tariff(on day: CalendarDay) -> CompiledTariff { changes.last { $0.from <= day }?.tariff ?? tariff }
    }

    /// Which prices a tariff publishes: of writes, of read operations, and of reading data out.
    struct Published: Sendable {
        var writes: Bool
        var reads: Bool
        var egress: Bool

        init(_ tariff: Tariff) {
            writes = tariff.writesPer1000 != nil
            reads = tariff.readsPer1000 != nil
            egress = tariff.egress != nil && tariff.retrieval != nil
        }

        /// What both publish.
        func and(_ other: Published) -> Published {
            var both = self
            both.writes = writes && other.writes
            both.reads = reads && other.reads
            both.egress = egress && other.egress
            return both
        }
    }

    private let rows: [String: Row]

    /// Compiles `offers`. O(offers × tiers).
    public init(_ offers: [Offer]) {
        var providers = Numbering()
        var metros = Numbering()
        var regions = Numbering()
        var rows: [String: Row] = [:]
        rows.reserveCapacity(offers.count)
        for offer in offers {
            // A name may hold any character: the provider's number keeps its regions apart.
            let provider = providers[offer.provider]
            rows[offer.id] = Row(
                offer, provider: provider, metro: metros[offer.metro],
                region: regions["\(provider)/" + offer.region])
        }
        self.rows = rows
    }

    /// The rows of `offers`, in their order; nil when the table lacks one.
    func rows(of offers: [Offer]) -> [Row]? {
        var found: [Row] = []
        found.reserveCapacity(offers.count)
        for offer in offers {
            guard let row = rows[offer.id] else { return nil }
            found.append(row)
        }
        return found
    }

    /// Names as numbers, in order of first appearance.
    private struct Numbering {
        private var numbers: [String: Int] = [:]

        subscript(name: String) -> Int {
            mutating get {
                if let number = numbers[name] { return number }
                numbers[name] = numbers.count
                return numbers.count - 1
            }
        }
    }
}

/// A tariff in double precision: volumes in bytes, money in units of the tariff's asset. The exact bill is
/// ``Marketplace/Tariff/bill(_:)``; this is the same function without rounding.
final class CompiledTariff: Sendable {
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
    /// Money for a write and for a read, and for a byte retrieved.
    let write: Double
    let read: Double
    let retrieval: Double
    let minimumDays: Int
    /// Bytes that an object is billed at least, and on top.
    let minimumObject: Double
    let objectOverhead: Double

    init(_ tariff: Tariff) {
        let unit = Double(tariff.unit.bytes)
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
        write = (tariff.writesPer1000?.doubleValue ?? 0) / 1000
        read = (tariff.readsPer1000?.doubleValue ?? 0) / 1000
        retrieval = (tariff.retrieval?.doubleValue ?? 0) / unit
        minimumDays = tariff.minimumDays
        minimumObject = Double(tariff.minimumObjectBytes)
        objectOverhead = Double(tariff.objectOverheadBytes)
    }

    /// Bytes that are billed for `bytes` in `objects` objects.
    func billed(_ bytes: Double, objects: Double) -> Double {
        max(bytes, objects * minimumObject) + objects * objectOverhead
    }

    /// Whether the account's free volumes come with the base fee.
    var feeIncludesFree: Bool { fee > 0 }

    /// Whether there are free volumes.
    var hasFree: Bool { freeStorage > 0 || freeEgress > 0 }

    /// Whether what is billed is what is stored.
    var billsWhatIsStored: Bool { minimumObject == 0 && objectOverhead == 0 }
}
