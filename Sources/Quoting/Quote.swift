import Allocation
import Marketplace
import Money

/// A leg of a quote: the part of the allocation that one offer carries, with its exact cost.
public struct QuoteLeg: Sendable, Hashable {
    /// The offer.
    public let offer: Offer
    /// What it carries in each month.
    public let usages: [Usage]
    /// What it is billed by in each month: without free volumes where another leg of the same account has them.
    public let tariffs: [Tariff]
    /// For each traffic region the share of reads that fetch this leg's shard.
    public let readShares: [Double]
    /// Its charges over the term.
    public let lines: [Bill.Line]
    /// The sum of its charges.
    public let cost: Amount
}

/// An exact, dated, immutable answer to a request that can be met.
public struct Quote: Sendable {
    /// The ID, derived from the inputs and the time.
    public let id: String
    /// When it was made, seconds since 1970.
    public let createdAt: Int
    /// Until when it can be accepted, seconds since 1970.
    public let validUntil: Int
    /// What was asked.
    public let request: SLARequest
    /// How many offers were eligible, and why the others were not.
    public let eligibility: Eligibility
    /// Who suits the user, and why.
    public let ranking: Ranking
    /// The optimizer's answer.
    public let allocation: Allocation
    /// What the placement achieves.
    public let achieved: Achievement
    /// The legs, by offer ID.
    public let legs: [QuoteLeg]
    /// The exact bill; its total is the quote's.
    public let bill: Bill
    /// The total in the payment asset; nil when it is the tariffs' own.
    public let conversion: ExchangeRates.Conversion?
    /// The bill's lines in the payment asset, the rate's margin as one of them; nil when it is the tariffs' own.
    public let payable: Statement?
    /// The terms for the contracts.
    public let terms: Terms
    /// What the quote was made from.
    public let pins: QuotePins

    /// What the user pays over the term, in the tariffs' asset.
    public var total: Amount { bill.total }
}

/// The versions of everything that a quote was made from: the same pins and request give the same quote.
public struct QuotePins: Sendable, Hashable {
    /// The catalogue.
    public let catalog: String
    /// The preference model.
    public let model: String
    /// The models of performance; nil when the catalogue told it.
    public let performance: String?
    /// SHA-256 of request, configuration, versions and rates, in hexadecimal.
    public let inputHash: String
}

/// The answer to a request that cannot be met.
public struct Refusal: Sendable {
    /// What was asked.
    public let request: SLARequest
    /// How many offers were eligible, and why the others were not.
    public let eligibility: Eligibility
    /// The optimizer's answer, with the conflict or the limit that struck.
    public let allocation: Allocation
    /// What it was made from.
    public let pins: QuotePins
}

/// The answer to a request.
public enum QuoteAnswer: Sendable {
    /// It can be met.
    case quote(Quote)
    /// It cannot.
    case refusal(Refusal)
}
