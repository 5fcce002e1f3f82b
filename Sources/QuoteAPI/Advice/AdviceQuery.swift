import Foundation
import Hummingbird
import Money
import Pricing

/// What a provider asks to be advised on.
struct AdviceQuery: Sendable, Hashable {
    /// The most prices that one call may ask about.
    static let mostPrices = 20

    /// The offer; nil for the one that is eligible for most requests.
    let offer: String?
    /// What the provider wants.
    let terms: AdviceTerms
    /// Gigabytes that can still be sold; nil for what the listing says.
    let freeCapacityGB: Double?
    /// The highest price to search, in USD per volume unit and month; nil for twice the dearest comparable.
    let maximumPrice: Double?

    init(_ request: Request, platformFee: Double) throws(Problem) {
        let query = QueryReader(request)
        func number(_ name: String, _ low: String, _ high: Int, _ unit: String) -> Double? {
            let least = (try? ExactDecimal(low)) ?? .zero
            return query.decimal(name, in: least...ExactDecimal(high), unit: unit)?.doubleValue
        }
        func numbers(_ name: String, _ low: String, _ high: String, _ most: Int, _ unit: String) -> [Double] {
            let words = query.list(name, limit: most)
            guard let least = try? ExactDecimal(low), let largest = try? ExactDecimal(high) else { return [] }
            return words.compactMap { word in
                if let value = try? ExactDecimal(word), (least...largest).contains(value) { return value.doubleValue }
                query.report(name, "'\(word)' is out of range (\(unit))", "give \(low)…\(high)")
                return nil
            }
        }
        offer = query.text("offer")
        var terms = AdviceTerms()
        terms.platformFee = platformFee
        let aims = PriceObjective.allCases.map(\.rawValue)
        if let aim = query.choice("objective", aims).flatMap(PriceObjective.init) { terms.objective = aim }
        terms.largestChange = number("largestChange", "0.01", 100, "percent").map { $0 / 100 }
        terms.floor = number("floor", "0", 100_000, "USD per volume unit and month")
        terms.monthlyRequests = number("monthlyRequests", "0.000001", 1_000_000_000, "requests a month")
        if let spread = number("rivalSpread", "0", 50, "percent") { terms.rivalSpread = spread / 100 }
        terms.uptimes = numbers("uptime", "50", "99.999999", 4, "percent").map { $0 / 100 }
        terms.whatIf = numbers("whatIf", "0.000001", "100000", Self.mostPrices, "USD per volume unit and month")
        freeCapacityGB = number("freeCapacityGB", "0", 1_000_000_000, "GB")
        maximumPrice = number("maximumPrice", "0.000001", 100_000, "USD per volume unit and month")
        self.terms = terms
        try query.finish()
    }
}
