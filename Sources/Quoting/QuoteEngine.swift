import Allocation
import Crypto
import Documents
import Foundation
import Marketplace
import Money

/// What keeps the engine from answering.
public enum QuotingError: Error, Sendable, CustomStringConvertible {
    /// The request is at fault.
    case input(InputError)
    /// The optimizer failed.
    case allocation(AllocationError)
    /// The conversion to the payment asset failed.
    case payment(MoneyError)

    static func wrap<Value>(_ body: () throws(InputError) -> Value) throws(QuotingError) -> Value {
        do throws(InputError) { return try body() } catch { throw .input(error) }
    }

    static func wrap<Value>(_ body: () throws(AllocationError) -> Value) throws(QuotingError) -> Value {
        do throws(AllocationError) { return try body() } catch { throw .allocation(error) }
    }

    static func wrap<Value>(_ body: () throws(MoneyError) -> Value) throws(QuotingError) -> Value {
        do throws(MoneyError) { return try body() } catch { throw .payment(error) }
    }

    /// What is wrong and what helps.
    public var description: String {
        switch self {
        case .input(let error): error.description
        case .allocation(let error): error.description
        case .payment(let error): "/payment/asset: \(error)"
        }
    }
}

/// Makes quotes: eligibility → recommendation → allocation → price → terms.
///
/// A function of values: the catalogue, the model, the rates and the time come in, a quote comes out. The same inputs
/// give the same quote.
public struct QuoteEngine: Sendable {
    private let catalog: Catalog
    private let model: any PreferenceModel
    private let rates: [ExchangeRate]
    private let configuration: QuotingConfiguration
    private let table: OfferTable?
    private let qos: (any QoSPredictor)?
    private let market: MarketEvidence?

    /// An engine over one state of the market.
    ///
    /// - Parameters:
    ///   - table: the catalogue's offers, compiled, when they were compiled before.
    ///   - qos: what predicts performance; the catalogue unless given.
    ///   - market: what is known of the providers' dealings; nil puts nobody on probation for too few.
    public init(
        catalog: Catalog, model: any PreferenceModel, rates: [ExchangeRate],
        configuration: QuotingConfiguration = QuotingConfiguration(), table: OfferTable? = nil,
        qos: (any QoSPredictor)? = nil, market: MarketEvidence? = nil
    ) {
        self.catalog = catalog
        self.model = model
        self.rates = rates
        self.configuration = configuration
        self.table = table
        self.qos = qos
        self.market = market
    }

    /// Answers `request` at `now`, seconds since 1970; `document` names it in faults.
    public func answer(_ request: SLARequest, now: Int, document: String = "") throws(QuotingError) -> QuoteAnswer {
        try QuotingError.wrap { () throws(InputError) in try request.validate(against: catalog, document: document) }
        let today = UTCTime.day(now)
        let pins = pins(request, now: now)

        // 1. Eligibility
        let eligibility = Eligibility(request, catalog, on: today)

        // 2. Recommendation
        let ranking = Ranking(
            eligibility.offers, request: request, catalog: catalog, model: model, configuration: configuration.ranking,
            qos: qos, market: market)

        // 3. Allocation
        let (problem, allocation) = try QuotingError.wrap { () throws(AllocationError) in
            try allocate(request, eligibility, ranking)
        }
        guard !allocation.placements.isEmpty else {
            return .refusal(Refusal(request: request, eligibility: eligibility, allocation: allocation, pins: pins))
        }

        // 4. Price
        let (plan, bill) = try QuotingError.wrap { () throws(AllocationError) in
            let plan = try AllocationPlan(
                problem: problem, placements: allocation.placements, claimants: allocation.claimants)
            return (plan, try plan.bill())
        }
        let (legs, conversion) = try QuotingError.wrap { () throws(MoneyError) in
            (try QuoteLeg.legs(plan, bill), try convert(bill.total, for: request, on: today))
        }

        // 5. Terms
        let terms = Terms(
            plan: plan, bill: bill, catalog: catalog, contract: configuration.contract)

        return .quote(
            Quote(
                id: "q_" + pins.inputHash.prefix(24), createdAt: now, validUntil: now + configuration.validMinutes * 60,
                request: request, eligibility: eligibility, ranking: ranking, allocation: allocation,
                achieved: Achievement(problem: problem, placements: plan.placements), legs: legs, bill: bill,
                conversion: conversion, terms: terms, pins: pins))
    }

    private func allocate(
        _ request: SLARequest, _ eligibility: Eligibility, _ ranking: Ranking
    ) throws(AllocationError) -> (AllocationProblem, Allocation) {
        let problem = try AllocationProblem(
            request: request, offers: eligibility.offers, catalog: catalog, preferences: ranking.liking,
            failures: configuration.failures, charges: configuration.charges, schemes: configuration.schemes,
            table: table)
        return (problem, try AllocationOptimizer(timeLimit: configuration.timeLimit).solve(problem))
    }

    /// The total in the payment asset, at the newest rates, with the margin, rounded up.
    private func convert(
        _ total: Amount, for request: SLARequest, on day: CalendarDay
    ) throws(MoneyError) -> ExchangeRates.Conversion? {
        guard let asset = request.payment, asset != total.asset else { return nil }
        return try ExchangeRates(rates, asOf: day).convert(
            total, to: asset, marginBasisPoints: configuration.rateMarginBasisPoints,
            maximumAgeDays: configuration.maximumRateAgeDays)
    }

    private func pins(_ request: SLARequest, now: Int) -> QuotePins {
        let used = request.payment == nil ? [] : rates.map { "\($0.base.code)/\($0.quote.code) \($0.rate) \($0.date)" }
        let inputs = [
            request.json.text(), catalog.version, model.fingerprint, configuration.fingerprint, "\(now)",
            qos?.fingerprint ?? "", market?.fingerprint ?? "",
            used.joined(separator: " ")
        ]
        let digest = SHA256.hash(data: Data(inputs.joined(separator: "\n").utf8))
        return QuotePins(
            catalog: catalog.version, model: model.version, performance: qos?.version,
            inputHash: digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())
    }
}
