import Marketplace

/// The distinct tariffs of a market, and which of them never cost more than which.
struct TariffOrder: Sendable {
    private struct Key: Hashable {
        let provider: Int
        let numbers: [Double]
        let storage: GraduatedCost
        let egress: GraduatedCost

        init(_ tariff: CompiledTariff, _ provider: Int) {
            self.provider = provider
            numbers = [
                tariff.fee, tariff.minimum, tariff.freeStorage, tariff.freeEgress, tariff.freeMultiple,
                tariff.limitMultiple ?? .infinity, tariff.write, tariff.read, tariff.retrieval,
                Double(tariff.minimumDays), tariff.minimumObject, tariff.objectOverhead
            ]
            (storage, egress) = (tariff.storage, tariff.egress)
        }
    }

    /// By offer of the market: the number of its tariff; equal numbers are of one provider.
    let numbers: [Int]
    /// By number: an offer that has the tariff.
    let examples: [Int]
    private let order: [Bool]

    /// Compares the tariffs of `market`; that of the offer `own`, whose price is not known, with none. O(tariffs²).
    init(_ market: FleetMarket, own: Int) {
        var known: [Key: Int] = [:]
        var numbers: [Int] = []
        var examples: [Int] = []
        for (j, tariff) in market.tariffs.enumerated() {
            let key = Key(tariff.versions[0].tariff, tariff.provider)
            let isPlain = j != own && tariff.versions.count == 1
            if isPlain, let number = known[key] {
                numbers.append(number)
                continue
            }
            if isPlain { known[key] = examples.count }
            numbers.append(examples.count)
            examples.append(j)
        }
        self.numbers = numbers
        self.examples = examples
        var order = [Bool](repeating: false, count: examples.count * examples.count)
        for (a, one) in examples.enumerated() where one != own && market.tariffs[one].versions.count == 1 {
            for (b, other) in examples.enumerated()
            where other != own && market.tariffs[other].versions.count == 1
                && market.tariffs[one].provider == market.tariffs[other].provider
            {
                order[a * examples.count + b] =
                    a == b
                    || Self.neverDearer(
                        market.tariffs[one].versions[0].tariff, market.tariffs[other].versions[0].tariff)
            }
        }
        self.order = order
    }

    /// Whether tariff `a` costs no more than tariff `b` of the same provider, whatever is stored and read.
    func neverDearer(_ a: Int, _ b: Int) -> Bool { order[a * examples.count + b] }

    private static func neverDearer(_ a: CompiledTariff, _ b: CompiledTariff) -> Bool {
        a.fee <= b.fee && a.minimum <= b.minimum && a.write <= b.write && a.read <= b.read
            && a.retrieval <= b.retrieval && a.minimumDays <= b.minimumDays && a.minimumObject <= b.minimumObject
            && a.objectOverhead <= b.objectOverhead && a.freeMultiple >= b.freeMultiple
            && (a.limitMultiple ?? .infinity) >= (b.limitMultiple ?? .infinity)
            // Which leg has the account's free volumes is not to change.
            && (a.hasFree && !a.feeIncludesFree) == (b.hasFree && !b.feeIncludesFree)
            && neverDearer(a.storage, a.freeStorage, b.storage, b.freeStorage)
            && neverDearer(a.egress, a.freeEgress, b.egress, b.freeEgress)
    }

    /// Whether one graduated price beyond a free volume is at most another, at every volume: at all ends of pieces, and in
    /// the slope beyond them.
    private static func neverDearer(
        _ a: GraduatedCost, _ freeA: Double, _ b: GraduatedCost, _ freeB: Double
    ) -> Bool {
        let ends = [freeA, freeB] + a.pieces.map { $0.end + freeA } + b.pieces.map { $0.end + freeB }
        return (a.pieces.last?.slope ?? 0) <= (b.pieces.last?.slope ?? 0)
            && ends.allSatisfy { $0 == .infinity || a(max(0, $0 - freeA)) <= b(max(0, $0 - freeB)) }
    }
}
