import Marketplace
import Money

/// An allocation in whole bytes and operations, ready to be billed exactly.
///
/// Here floating point ends: shares become integers by largest remainder, and all that follows is exact.
public struct AllocationPlan: Sendable {
    /// The request.
    public let request: SLARequest
    /// The placements in use.
    public let placements: [Placement]
    /// The offers that hold data, one leg each, by ID.
    public let offers: [Offer]
    /// For each leg what it carries in each month of the term.
    public let usages: [[Usage]]
    /// For each leg and month its tariff: without free volumes where another leg of the same account has them.
    public let tariffs: [[Tariff]]
    let charges: PlatformCharges
    /// Moving the data away from where it is, as far as it does not stay.
    let migration: [Migration.Charge]

    /// Fixes the integers of `placements`.
    ///
    /// - Parameter claimants: offers whose legs have the free volumes of the user's account with their provider.
    public init(
        problem: AllocationProblem, placements: [Placement], claimants: Set<String>
    ) throws(AllocationError) {
        request = problem.request
        self.placements = placements
        charges = problem.charges
        let byID = Dictionary(placements.flatMap(\.legs).map { ($0.offer.id, $0.offer) }) { first, _ in first }
        let offers = byID.values.sorted { $0.id < $1.id }
        self.offers = offers
        let request = problem.request
        tariffs = offers.map { offer in
            func granted(_ tariff: Tariff) -> Tariff {
                claimants.contains(offer.id) ? tariff : tariff.withoutFreeVolumes
            }
            let months = 0..<max(0, request.months)
            guard !offer.changes.isEmpty else { return months.map { [tariff = granted(offer.tariff)] _ in tariff } }
            return months.map { granted(offer.tariff(on: request.firstDay(ofMonth: $0))) }
        }
        do throws(MoneyError) {
            usages = try Self.usages(request, placements, offers)
            migration = try Self.moving(request, placements, problem.migration)
        } catch {
            throw .billing(offer: offers.first?.id ?? "", .money(error))
        }
    }

    /// A share as a whole number; what is not above 0, or is no number, weighs nothing.
    private static func weight(_ share: Double) -> Int128 { share > 0 ? Int128((min(share, 1) * 1e15).rounded()) : 0 }

    /// `whole` divided by `shares`, each part an Int.
    static func apportion(_ whole: Int128, _ shares: [Double]) throws(MoneyError) -> [Int] {
        var parts: [Int] = []
        for part in try Apportionment.largestRemainder(whole, weights: shares.map(weight)) {
            guard let value = Int(exactly: part) else { throw .overflow(operation: "a leg's volume") }
            parts.append(value)
        }
        return parts
    }

    private static func usages(
        _ request: SLARequest, _ placements: [Placement], _ offers: [Offer]
    ) throws(MoneyError) -> [[Usage]] {
        let shares = placements.map(\.share)
        let position = Dictionary(uniqueKeysWithValues: offers.enumerated().map { ($1.id, $0) })
        var monthly = offers.map { _ in Usage(storedBytes: 0) }
        func add(_ amount: Int, to leg: Int, _ path: WritableKeyPath<Usage, Int>) throws(MoneyError) {
            let sum = monthly[leg][keyPath: path].addingReportingOverflow(amount)
            guard !sum.overflow else { throw .overflow(operation: "a leg's volume") }
            monthly[leg][keyPath: path] = sum.partialValue
        }
        for (u, part) in request.traffic.enumerated() {
            let writes = try apportion(Int128(part.writes), shares)
            for (placement, count) in zip(placements, writes) {
                for leg in placement.legs { try add(count, to: position[leg.offer.id] ?? 0, \.writes) }
            }
            guard part.egressBytes > 0 || part.reads > 0 else { continue }
            let bytes = try apportion(Int128(part.egressBytes), shares)
            let reads = try apportion(Int128(part.reads), shares)
            for (index, placement) in placements.enumerated() {
                let served = placement.legs.map { $0.readShares[u] }
                let fetched = Int128(reads[index]) * Int128(placement.scheme.data)
                for (leg, amount) in zip(placement.legs, try apportion(Int128(bytes[index]), served)) {
                    try add(amount, to: position[leg.offer.id] ?? 0, \.egressBytes)
                }
                for (leg, amount) in zip(placement.legs, try apportion(fetched, served)) {
                    try add(amount, to: position[leg.offer.id] ?? 0, \.reads)
                }
            }
        }
        var usages = offers.map { _ in [Usage]() }
        for month in 0..<request.months {
            let bytes = try apportion(Int128(request.logicalBytes(inMonth: month)), shares)
            var stored = offers.map { _ in [Usage.Volume]() }
            for (placement, logical) in zip(placements, bytes) where logical > 0 {
                let volumes = request.storedUsage(placement.scheme, logicalBytes: logical).volumes
                for leg in placement.legs { stored[position[leg.offer.id] ?? 0] += volumes }
            }
            for leg in offers.indices {
                var usage = monthly[leg]
                usage.volumes = stored[leg]
                usages[leg].append(usage)
            }
        }
        return usages
    }

    /// The charges of moving away: for reading, of the part of each holding that does not stay as a single copy; for
    /// leaving early, of the part that does not stay as a copy among others either.
    private static func moving(
        _ request: SLARequest, _ placements: [Placement], _ migration: [Migration.Charge]
    ) throws(MoneyError) -> [Migration.Charge] {
        var held: [String: Int] = [:]
        for holding in request.current { held[holding.offer, default: 0] += holding.logicalBytes }
        // Holdings may overlap, or hold less than all: shares are of whichever is more.
        let all = max(held.values.reduce(Int128(0)) { $0 + Int128($1) }, Int128(request.logicalBytes))
        let bytes = try apportion(all, placements.map(\.share))
        var charges: [Migration.Charge] = []
        for charge in migration {
            let whole = held[charge.offer] ?? 0
            let staying = zip(placements, bytes).reduce(0) {
                let copies = $1.0.scheme.data == 1 && $1.0.legs.contains { $0.offer.id == charge.offer }
                return $0 + (copies && (charge.kind == .minimumDuration || $1.0.legs.count == 1) ? $1.1 : 0)
            }
            let moved = Int128(max(0, whole - staying))
            let product = charge.amount.minor.multipliedReportingOverflow(by: moved)
            guard !product.overflow else { throw .overflow(operation: "a migration charge") }
            let amount = try Rounding.halfEven.quotient(product.partialValue, Int128(max(1, whole)))
            if amount > 0 {
                charges.append(
                    Migration.Charge(
                        offer: charge.offer, kind: charge.kind, amount: Amount(minor: amount, charge.amount.asset)))
            }
        }
        return charges
    }
}
