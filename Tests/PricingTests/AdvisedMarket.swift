import Documents
import Foundation
import Marketplace
import Money
import Pricing
import TestSupport

/// A small market in which one provider is advised, with costs and a history whose truth is known.
struct AdvisedMarket {
    static let providers = ["own", "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota"]

    /// The truth: g₀ and g₁ of acceptance.
    static let (g0, g1) = (6.0, 6.0)

    var offers = providers.enumerated().map { SmallMarket.offer($1, storage: 5000 + 500 * $0) }
    var requests = [1000, 2000, 4000].map { SmallMarket.request($0) }
    var own = "own"
    /// Months back that the history begins and ends, before the day of the advice.
    var ages = 10...360
    var quotes = 1500
    /// How far totals stray from their reference, as a standard deviation of the logarithm.
    var spread = 0.2
    /// The probability of acceptance by total over reference.
    var acceptance: (Double) -> Double = { 1 / (1 + exp(-(g0 - g1 * $0))) }
    /// How likely a quote is to use the provider's offers.
    var ownShare = 0.23

    /// Quotes drawn from the truth; each uses one provider.
    func history(seed: UInt64 = 7) -> QuoteHistory {
        var random = SeededGenerator(seed: seed)
        let day = SmallMarket.day.ordinal
        return QuoteHistory(
            (0..<quotes).map { index in
                let ratio = exp(spread * random.normal() - 0.03)
                let reference = 100 + Double(random.int(0...9900))
                let rival = random.pick(Array(Self.providers.dropFirst()))
                return QuoteHistory.Quote(
                    day: CalendarDay(ordinal: day - random.int(ages)), user: index / 3, total: ratio * reference,
                    reference: reference, isAccepted: random.chance(acceptance(ratio)),
                    providers: [random.chance(ownShare) ? own : rival])
            }, source: "made up")
    }

    /// Costs of `outlay` USD for a gigabyte and month, all of it operations.
    static func costs(_ outlay: Double) throws -> OwnRecords.Costs {
        OwnRecords.Costs(
            try ProviderCosts(
                hardwarePrice: 1000, lifeMonths: 60, capacityGigabytes: 1e6, utilisation: 0.8, powerWatts: 0,
                powerUsageEffectiveness: 1.2, electricityPricePerKilowattHour: 0.1, bandwidthPricePerGigabyte: 0,
                operationsPerGigabyteMonth: outlay, platformFee: 0.02), source: "test", isAssumption: false)
    }

    /// The advice; `outlay` nil for costs that are not told.
    func advice(
        outlay: Double? = 0.001, history: QuoteHistory? = nil, capacityGB: Double? = nil,
        terms: AdviceTerms = AdviceTerms(),
        bucket: PlatformBucket? = nil, measurements: [Marketplace.Measurement] = [], previous: PreviousAdvice? = nil
    ) throws -> PriceAdvice {
        try PriceAdvice(
            provider: own, requests: requests.enumerated().map { NamedRequest(name: "request-\($0)", request: $1) },
            catalog: SmallMarket.catalog(offers), day: SmallMarket.day,
            own: OwnRecords(
                provider: own, costs: try outlay.map(Self.costs), capacityGB: capacityGB, measurements: measurements,
                bucket: bucket, previous: previous), history: history, terms: terms)
    }
}

extension SeededGenerator {
    /// A standard normal number (Box and Muller 1958).
    mutating func normal() -> Double {
        let (one, other) = (Double.random(in: 1e-12..<1, using: &self), Double.random(in: 0..<1, using: &self))
        return (-2 * log(one)).squareRoot() * cos(2 * .pi * other)
    }
}
