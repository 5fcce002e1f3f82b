import Documents
import Hummingbird
import Marketplace
import MarketplaceStore

/// `/v1/slas/{id}/settlements`: what was used and how it was served, by leg and period, and what the contract makes of it.
struct SettlementRoutes: Sendable {
    /// The largest request body, in bytes.
    static let bodyLimit = 1024 * 1024

    static let read = Operation(
        "readSettlements", .get, "/v1/slas/{id}/settlements",
        "How an SLA was settled: payments, fees, breaches, forfeits, reputations and balances by period.", tag: .slas,
        scope: .quotesRead, answers: [.json("Settlements", "All periods so far.")])

    static let create = Operation(
        "reportSettlement", .post, "/v1/slas/{id}/settlements",
        "Takes reports of usage and QoS, settles them by the contract's arithmetic, and moves the SLA on: active with the "
            + "first report; breached when a provider broke a promise; terminated when the balance ran out; completed at "
            + "the term's end. The same reports again change nothing.", tag: .slas, scope: .settlementsWrite,
        parameters: [.idempotencyKey], body: .json("Settlement", limit: bodyLimit),
        answers: [.json("Settlements", "All periods so far.")], problems: [.conflict])

    let state: MarketState
    let calls: CallsInFlight
    let clock: @Sendable () -> Int

    func add(to router: inout OperationRouter) {
        router.add(Self.read) { request, context in
            let (caller, id) = (try context.caller, try context.parameters.require("id"))
            let now = clock()
            let text = try await state.compute {
                let resource = try state.store.resource(id, of: caller, now: now)
                let sla = try SettledSLA(resource)
                return try sla.json(state.store.settlements(of: id, by: caller), resource.state).text()
            }
            return StoredResponse(.ok, json: text).http
        }
        router.add(Self.create) { try await create($0, $1) }
    }

    private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let (caller, id) = (try context.caller, try context.parameters.require("id"))
        let body = try await request.body.collect(upTo: Self.bodyLimit)
        let call = try IdempotentCall(request, body: body)
        let now = clock()
        return try await calls.run(call, by: caller, in: state) {
            try await state.compute {
                if let call, let known = try state.store.answer(to: call, by: caller) { return known }
                let json = try JSONValue(parsing: body.readableBytesView)
                return try state.store.answer(call, by: caller, at: now) { transaction in
                    let resource = try transaction.resource(id)
                    let sla = try SettledSLA(resource)
                    let reports = try sla.reports(json, today: UTCTime.day(now))
                    let new = try transaction.report(reports, of: id, from: sla.start)
                    let all = try transaction.settlements(of: id)
                    if new > 0 {
                        guard [.accepted, .active].contains(resource.state) else {
                            throw Problem(
                                status: .conflict, type: "state", title: "The SLA has ended",
                                detail: "it is \(resource.state.rawValue); what was not reported before is not settled")
                        }
                        if resource.state == .accepted { try transaction.advance(id, to: .active) }
                        if let end = try sla.end(after: all) { try transaction.advance(id, to: end) }
                    }
                    let after = try transaction.resource(id)
                    return StoredResponse(.ok, json: try sla.json(all, after.state).text())
                }
            }
        }.http
    }
}
