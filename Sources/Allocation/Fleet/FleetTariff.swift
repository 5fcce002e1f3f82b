import Marketplace
import Money

/// An offer's tariffs by the day from which they are in force.
struct FleetTariff: Sendable {
    /// The provider's number in the market.
    let provider: Int
    /// The tariff of the first day, and those that follow it.
    let versions: [FleetTariffVersion]
    /// From when each of them is in force but the first.
    private let from: [CalendarDay]

    init(_ row: OfferTable.Row, provider: Int) {
        self.provider = provider
        versions = [FleetTariffVersion(row.tariff)] + row.changes.map { FleetTariffVersion($0.tariff) }
        from = row.changes.map(\.from)
    }

    /// Which version is in force on a day.
    func version(on day: CalendarDay) -> Int { from.isEmpty ? 0 : (from.lastIndex { $0 <= day }.map { $0 + 1 } ?? 0) }

    /// The tariff in force on a day.
    func tariff(on day: CalendarDay) -> CompiledTariff { versions[version(on: day)].tariff }

    /// Whether any tariff limits egress.
    var limitsEgress: Bool { versions.contains { $0.tariff.limitMultiple != nil } }
}

/// A compiled tariff, and what of it a linear price may not exceed.
struct FleetTariffVersion: Sendable {
    /// How a graduated price runs.
    private enum Shape {
        case flat, falling, other
    }

    let tariff: CompiledTariff
    /// The least slope of storage and of egress.
    private let storage: (shape: Shape, least: Double)
    private let egress: (shape: Shape, least: Double)

    init(_ tariff: CompiledTariff) {
        self.tariff = tariff
        storage = (Self.shape(tariff.storage), tariff.storage.pieces.map(\.slope).min() ?? 0)
        egress = (Self.shape(tariff.egress), tariff.egress.pieces.map(\.slope).min() ?? 0)
    }

    private static func shape(_ cost: GraduatedCost) -> Shape {
        let pieces = cost.pieces
        if pieces.count <= 1 { return .flat }
        return zip(pieces, pieces.dropFirst()).allSatisfy { $0.slope >= $1.slope } ? .falling : .other
    }

    /// A price of a byte stored that no volume up to `most` undercuts on average, free volumes aside.
    func storageSlope(_ most: Double) -> Double {
        storage.shape == .falling && most > 0 ? tariff.storage(most) / most : storage.least
    }

    /// The same of a byte read out.
    func egressSlope(_ most: Double) -> Double {
        egress.shape == .falling && most > 0 ? tariff.egress(most) / most : egress.least
    }
}
