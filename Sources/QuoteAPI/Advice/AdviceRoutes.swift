import Documents
import Hummingbird
import Marketplace
import MarketplaceStore
import Pricing
import Quoting

/// What the pricing advice of the service is made with.
public struct AdviceSettings: Sendable {
    /// The requests that are replayed at other prices: the operator's own picture of demand, which tells no user's.
    let requests: [NamedRequest]
    /// How many what-if questions a provider may ask.
    let whatIfLimit = WhatIfLimit()

    /// Advice by replay of `requests`, each under a name for people; without any no advice is given.
    public init(requests: [(name: String, request: SLARequest)] = []) {
        self.requests = requests.map { NamedRequest(name: $0.name, request: $0.request) }
    }
}

/// `GET /v1/providers/{id}/advice` and `PUT /v1/providers/{id}/costs`: for the provider that the caller speaks for, and
/// for nobody else: to others it does not exist.
struct AdviceRoutes: Sendable {
    /// The largest cost document, in bytes.
    static let costsLimit = 64 * 1024

    let state: MarketState
    let configuration: QuotingConfiguration
    let settings: AdviceSettings
    let clock: @Sendable () -> Int
    private let known = BoundedCache<String, Answer>(capacity: 32 * 1024 * 1024)
    private let queue = LongWork<Answer>("advice", limit: 16)
    private let history = StoredHistory()

    /// An advice as it is given, and what the audit log notes of it.
    private struct Answer: Sendable {
        let text: String
        let offer: String
        let inputs: String
        let model: String
        let output: String

        var detail: JSONValue {
            [
                "offer": .string(offer), "inputs": .string(inputs), "model": .string(model),
                "output": .string(output)
            ]
        }
    }

    init(
        state: MarketState, configuration: QuotingConfiguration, settings: AdviceSettings,
        clock: @escaping @Sendable () -> Int
    ) {
        self.state = state
        self.configuration = configuration
        self.settings = settings
        self.clock = clock
    }

    func add(to router: inout OperationRouter) {
        router.add(.advise) { request, context in try await named { try await advise(request, context) } }
        router.add(.stateCosts) { request, context in try await named { try await stateCosts(request, context) } }
    }

    /// Gives what pricing reports its name here: nothing else of the service knows of pricing.
    private func named(_ body: () async throws -> Response) async throws -> Response {
        do { return try await body() } catch let error as PricingError { throw Problem(error) }
    }

    /// Who calls and the provider that the path names, if the caller speaks for it.
    private func own(_ context: APIContext, _ scope: Scope) throws(Problem) -> (caller: Caller, provider: String) {
        let principal = try context.require(scope)
        guard let id = context.parameters.get("id"), id == principal.provider else { throw .unknownProvider }
        return (principal.caller, id)
    }

    // MARK: Advice

    private func advise(_ request: Request, _ context: APIContext) async throws -> Response {
        let (caller, provider) = try own(context, .adviceRead)
        let query = try AdviceQuery(
            request, platformFee: Double(configuration.charges.feeBasisPoints) / 10_000)
        guard !settings.requests.isEmpty else {
            throw Problem(
                status: .serviceUnavailable, type: "not-configured", title: "No advice is given here",
                detail: "the operator has named no requests to replay")
        }
        let now = clock()
        // Questions are counted before anything is computed, and again when they are recorded.
        try await state.compute {
            try state.store.transact(by: caller, at: now) { try count(query, provider, $0) }
        }
        let answer = try await queue.value("\(provider) \(query) \(UTCTime.day(now))", for: caller.tenant) {
            try work(provider, query, now)
        }
        // What cannot be recorded is not given.
        let given = clock()
        try await state.compute {
            try state.store.transact(by: caller, at: given) { transaction in
                try count(query, provider, transaction)
                try transaction.record("advice.given", of: provider, answer.detail)
                for _ in query.terms.whatIf { try transaction.record(Self.question, of: provider, answer.detail) }
            }
        }
        return StoredResponse(.ok, headers: ["Cache-Control": "private, no-store"], json: answer.text).http
    }

    /// What the audit log calls a what-if question.
    private static let question = "advice.what-if"

    /// Refuses more what-if questions than the limit allows, whoever asked the others for the provider.
    private func count(_ query: AdviceQuery, _ provider: String, _ transaction: MarketplaceTransaction) throws {
        guard !query.terms.whatIf.isEmpty else { return }
        let times = try transaction.times(of: Self.question, to: provider, after: transaction.time - 86_400)
        do throws(PricingError) {
            try settings.whatIfLimit.check(query.terms.whatIf.count, asked: times, now: transaction.time)
        } catch {
            guard case .tooManyQuestions(_, _, let retry?) = error else { throw error }
            throw Problem(
                status: .tooManyRequests, type: "too-many-questions", title: "Too many prices were asked about",
                detail: "\(error)", headers: [.retryAfter: "\(max(1, retry - transaction.time))"])
        }
    }

    private func work(_ provider: String, _ query: AdviceQuery, _ now: Int) throws -> Answer {
        let inputs = try AdviceInputs(
            provider, query, requests: settings.requests, history: history.state(state.store, now: now),
            market: state.market(now: now), store: state.store, now: now)
        if let known = known.value(inputs.hash) { return known }
        let advice = try PriceAdvice(
            provider: provider, offer: query.offer, requests: inputs.requests, catalog: inputs.catalog, day: inputs.day,
            range: query.maximumPrice.map { 0...$0 }, own: inputs.own, history: inputs.history, terms: query.terms)
        let text = advice.json.text()
        let answer = Answer(
            text: text, offer: advice.replayed.offer.id, inputs: inputs.hash, model: advice.model,
            output: AuditRecord.digest(of: text.utf8))
        known.insert(answer, for: inputs.hash, cost: text.utf8.count + 512)
        return answer
    }

    // MARK: Costs

    private func stateCosts(_ request: Request, _ context: APIContext) async throws -> Response {
        let (caller, provider) = try own(context, .costsWrite)
        let body = try await request.body.collect(upTo: Self.costsLimit)
        let now = clock()
        try await state.compute {
            let file = try CostFile(parsing: Array(body.readableBytesView), document: "")
            guard file.provider == provider else {
                throw InputError(
                    "",
                    [
                        InputIssue(
                            "/provider", "'\(file.provider)' is not the provider of the path",
                            remedy: "write '\(provider)'")
                    ])
            }
            // Costs that no price could be made from are refused while their sender listens.
            _ = try file.ownCosts(
                rates: try state.market(now: now).rates, on: UTCTime.day(now),
                platformFee: Double(configuration.charges.feeBasisPoints) / 10_000)
            let text = String(decoding: body.readableBytesView, as: UTF8.self)
            try state.store.transact(by: caller, at: now) { try $0.setCosts(text, of: provider) }
        }
        return Response(status: .noContent)
    }
}

extension Problem {
    /// What pricing reports, as clients get it.
    init(_ error: PricingError) {
        func refused(_ location: String) -> Problem {
            Problem(
                status: .badRequest, type: "invalid-parameter", title: "A parameter cannot be taken",
                errors: [InputIssue(location, "\(error)")])
        }
        switch error {
        case .unknownOffer: self = refused("?offer")
        case .badRange: self = refused("?maximumPrice")
        case .tooManyQuestions: self = refused("?whatIf")
        case .unknownProvider:
            self.init(
                status: .conflict, type: "nothing-listed", title: "The provider lists no offer",
                detail: "there is nothing to advise on until it does")
        case .noRequests:
            self.init(
                status: .serviceUnavailable, type: "not-configured", title: "No advice is given here",
                detail: "none of the operator's requests fits the catalogue")
        case .input(let input): self.init(input as any Error)
        case .badValue, .badSetting, .bucketLocked:
            self.init(
                status: .unprocessableContent, type: "pricing", title: "No advice can be made of this",
                detail: "\(error)")
        default: self.init(status: .internalServerError, type: "internal", title: "Something failed here")
        }
    }
}
