import Foundation

extension AbstentionReason {
    /// A word for programs.
    public var code: String {
        switch self {
        case .sensitivityNearsZero: "sensitivityNearsZero"
        case .priceIntervalTooWide: "priceIntervalTooWide"
        case .pricesHardlyVaried: "pricesHardlyVaried"
        case .tooFewQuotes: "tooFewQuotes"
        case .notEstimated: "notEstimated"
        case .noProfitablePrice: "noProfitablePrice"
        case .zeroCapacity: "zeroCapacity"
        case .otherOffersEarnMore: "otherOffersEarnMore"
        case .changeCapBelowCost: "changeCapBelowCost"
        }
    }

    /// The reason for people, and what would help.
    public var words: String {
        switch self {
        case .sensitivityNearsZero(let lower, let median):
            "how much users mind the price is not known well enough (\(short(median)), perhaps \(short(lower))); more quotes "
                + "at more varied totals would tell"
        case .priceIntervalTooWide(let interval):
            "the best price lies anywhere from \(price(interval.lowerBound)) to \(price(interval.upperBound)), more than "
                + "30% off; more quotes would narrow it"
        case .pricesHardlyVaried(let spread):
            "the totals that users were shown hardly varied (\(percent(spread))), so that nobody can tell what another "
                + "price would do; vary prices a little, for a while"
        case .tooFewQuotes(let own, let cohort, let comparables):
            "\(own) own quotes, \(cohort) of a cohort and \(comparables) comparable offers are too few to estimate anything "
                + "from; name a history by --quotes, or wait for more"
        case .notEstimated(let why): why
        case .noProfitablePrice(let cost, let highest):
            highest.map {
                "nothing is won at or above the marginal cost of \(price(cost)): the offer wins up to \(price($0)) only"
            } ?? "nothing is won at any price searched, whatever the marginal cost of \(price(cost))"
        case .zeroCapacity: "there is nothing left to sell: the free capacity is zero"
        case .otherOffersEarnMore:
            "what this offer would win is taken from your other offers, which earn more with it at every price"
        case .changeCapBelowCost(let cap, let cost):
            "the marginal cost of \(price(cost)) lies beyond your own cap on changes of \(percent(cap))"
        }
    }
}

extension PriceCaution {
    /// A word for programs.
    public var code: String {
        switch self {
        case .beyondObservedPrices: "beyondObservedPrices"
        case .atEndOfRange: "atEndOfRange"
        case .heldToBenchmark: "heldToBenchmark"
        case .belowFloor: "belowFloor"
        case .belowFullCost: "belowFullCost"
        case .changeCapped: "changeCapped"
        case .associationOnly: "associationOnly"
        case .staleData: "staleData"
        case .fewComparables: "fewComparables"
        case .capacityBinds: "capacityBinds"
        case .borrowedAcceptance: "borrowedAcceptance"
        case .indifferentDraws: "indifferentDraws"
        }
    }

    /// The caution for people.
    public var words: String {
        switch self {
        case .beyondObservedPrices(let range):
            "outside of the prices that users were shown, \(price(range.lowerBound)) to \(price(range.upperBound))"
        case .atEndOfRange(let end):
            "at an end of the prices searched, \(price(end)): a better one may lie beyond; see --maximum-price"
        case .heldToBenchmark(let limit):
            "with so few own quotes no price above \(price(limit)) is advised, where comparable offers end"
        case .belowFloor(let floor): "below your own floor of \(price(floor)); the advice is not changed by it"
        case .belowFullCost(let cost):
            "below the full cost of \(price(cost)): it pays to sell what stands idle, not to buy more"
        case .changeCapped(let uncapped):
            "your own cap on changes holds it; without the cap it would be \(price(uncapped))"
        case .associationOnly(let f):
            "cost shifters say little of prices (F \(short(f))): what users did may have other causes than the price"
        case .staleData(let days): "the newest quote behind it is \(days) days old"
        case .fewComparables(let count): "only \(count) comparable offers stand behind the benchmark"
        case .capacityBinds: "demand at this price exceeds the free capacity"
        case .borrowedAcceptance(let own): "with \(own) own quotes, acceptance rests on a cohort's parameters"
        case .indifferentDraws(let share):
            "in \(percent(share)) of the draws users would prefer dearer quotes; there they count as indifferent"
        }
    }
}

extension PriceHold {
    /// What ends the wait, for people.
    var words: String {
        switch cause {
        case .silenceFavoursLower: "unless something sells, a lower price is then the better bet"
        case .silenceImprobable: "so long without a sale would be improbable at this price"
        case .rivalChange: "then a comparable offer's announced change comes into force"
        case .staleData: "then the data is too old to hold on"
        }
    }
}

/// A price to the tick.
private func price(_ value: Double) -> String { String(format: "%.6f", value) }
private func percent(_ share: Double) -> String { String(format: "%.3g%%", 100 * share) }
private func short(_ value: Double) -> String { String(format: "%.3g", value) }
