import Marketplace

/// What all requests of a fleet share: offers by number, compiled tariffs, capacities.
struct FleetMarket: Sendable {
    let offers: [Offer]
    let tariffs: [FleetTariff]
    let table: OfferTable
    /// Whether any price changes on a known day.
    let changes: Bool
    /// By offer: its number among those of limited capacity, or −1.
    let limited: [Int]
    /// Offers of limited capacity, and the raw bytes that each can take.
    let limitedOffers: [Int]
    let capacities: [Double]
    let positions: [String: Int]
    let providerNames: [String]
    let providerNumbers: [String: Int]
    /// 1 and the platform's share of what providers are paid.
    let fee: Double

    init(_ problem: FleetProblem) {
        offers = problem.catalog.offers
        let names = Set(offers.map(\.provider)).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        table = OfferTable(offers)
        let rows = table.rows(of: offers) ?? []
        tariffs = zip(offers, rows).map { FleetTariff($1, provider: numbers[$0.provider] ?? 0) }
        changes = offers.contains { !$0.changes.isEmpty }
        providerNames = names
        providerNumbers = numbers
        let limits = offers.map { problem.capacity(of: $0) }
        let finite = offers.indices.filter { limits[$0] != nil }
        limitedOffers = finite
        capacities = finite.map { Double(limits[$0] ?? 0) }
        var limited = [Int](repeating: -1, count: offers.count)
        for (number, j) in finite.enumerated() { limited[j] = number }
        self.limited = limited
        positions = Dictionary(offers.enumerated().map { ($1.id, $0) }) { first, _ in first }
        fee = 1 + Double(problem.charges.feeBasisPoints) / 10_000
    }
}
