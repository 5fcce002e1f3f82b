import Allocation
import Crypto
import Documents
import Foundation
import Marketplace
import MarketplaceContract
import Money

/// What keeps the engine from answering.
public enum QuotingError: Error, Sendable, CustomStringConvertible {
    /// The request is at fault.
    case input(InputError)
    /// The optimizer failed.
    case allocation(AllocationError)
    /// The conversion to the payment asset failed.
    case payment(MoneyError)
    /// The contract cannot carry the terms.
    case terms(ContractError)

    static func wrap<Value>(_ body: () throws(InputError) -> Value) throws(QuotingError) -> Value {
        do throws(InputError) { return try body() } catch { throw .input(error) }
    }

    static func wrap<Value>(_ body: () throws(AllocationError) -> Value) throws(QuotingError) -> Value {
        do throws(AllocationError) { return try body() } catch { throw .allocation(error) }
    }

    static func wrap<Value>(_ body: () throws(MoneyError) -> Value) throws(QuotingError) -> Value {
        do throws(MoneyError) { return try body() } catch { throw .payment(error) }
    }

    static func wrap<Value>(_ body: () throws(ContractError) -> Value) throws(QuotingError) -> Value {
        do throws(ContractError) { return try body() } catch { throw .terms(error) }
    }

    /// What is wrong and what helps.
    public var description: String {
        switch self {
        case .input(let error): error.description
        case .allocation(let error): error.description
        case .payment(let error): "/payment/asset: \(error)"
        case .terms(let error): "terms: \(error)"
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
    private let tenant: String
    private let measurements: [String: [Marketplace.Measurement]]

    /// An engine over one state of the market.
    ///
    /// - Parameters:
    ///   - table: the catalogue's offers, compiled, when they were compiled before.
    ///   - qos: what predicts performance; the catalogue unless given.
    ///   - market: what is known of the providers' dealings; nil puts nobody on probation for too few.
    ///   - tenant: whose quotes they are: two tenants that ask the same at the same time get quotes of different IDs.
    ///   - measurements: past measurements by offer, for the probability of breaches; the predictions of `qos` where there
    ///     are none.
    public init(
        catalog: Catalog, model: any PreferenceModel, rates: [ExchangeRate],
        configuration: QuotingConfiguration = QuotingConfiguration(), table: OfferTable? = nil,
        qos: (any QoSPredictor)? = nil, market: MarketEvidence? = nil, tenant: String = "",
        measurements: [String: [Marketplace.Measurement]] = [:]
    ) {
        self.measurements = measurements
        self.catalog = catalog
        self.model = model
        self.rates = rates
        self.configuration = configuration
        self.table = table
        self.qos = qos
        self.market = market
        self.tenant = tenant
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
        let legs = try QuotingError.wrap { () throws(MoneyError) in try QuoteLeg.legs(plan, bill) }
        let payment = try QuotingError.wrap { () throws(MoneyError) in
            try convert(try Quote.statement(request, legs, bill), for: request, at: now)
        }

        // 5. Terms
        let terms = try Terms(
            plan: plan, bill: bill, legs: legs,
            context: Terms.Context(
                catalog: catalog, configuration: configuration, qos: qos ?? CatalogQoS(catalog),
                measurements: measurements, conversion: payment?.conversion))

        return .quote(
            Quote(
                id: "q_" + pins.inputHash.prefix(24), createdAt: now, validUntil: now + configuration.validMinutes * 60,
                request: request, eligibility: eligibility, ranking: ranking, allocation: allocation,
                achieved: Achievement(problem: problem, placements: plan.placements), legs: legs, bill: bill,
                conversion: payment?.conversion, payable: payment?.statement, terms: terms, pins: pins))
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

    /// The bill in the payment asset, at the newest rates, with the margin, rounded up; nil when it is its own.
    private func convert(
        _ statement: Statement, for request: SLARequest, at now: Int
    ) throws(MoneyError) -> (statement: Statement, conversion: ExchangeRates.Conversion)? {
        guard let asset = request.payment, asset != statement.total.asset else { return nil }
        return try statement.converted(
            to: asset, by: ExchangeRates(rates, at: now), marginBasisPoints: configuration.rateMarginBasisPoints,
            maximumAgeDays: configuration.maximumRateAgeDays,
            maximumFeedAgeSeconds: configuration.maximumFeedAgeMinutes * 60)
    }

    private func pins(_ request: SLARequest, now: Int) -> QuotePins {
        let used =
            request.payment == nil
            ? []
            : rates.map {
                "\($0.base.code)/\($0.quote.code) \($0.rate) \($0.time.map(String.init) ?? $0.date.description)"
            }
        let inputs =
            [
                request.json.text(), catalog.version, model.fingerprint, configuration.fingerprint, "\(now)",
                qos?.fingerprint ?? "", market?.fingerprint ?? "",
                used.joined(separator: " "), Self.fingerprint(measurements)
            ] + (tenant.isEmpty ? [] : [tenant])
        let digest = SHA256.hash(data: Data(inputs.joined(separator: "\n").utf8))
        return QuotePins(
            catalog: catalog.version, model: model.version, performance: qos?.version,
            inputHash: digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())
    }

    /// Count, newest time and sum of each offer's measurements.
    private static func fingerprint(_ measurements: [String: [Marketplace.Measurement]]) -> String {
        measurements.sorted { $0.key < $1.key }.map { offer, values in
            let sum = values.reduce(0) { $0 + $1.value }
            return "\(offer) \(values.count) \(values.map(\.time).max() ?? 0) \(sum)"
        }.joined(separator: "; ")
    }
}
