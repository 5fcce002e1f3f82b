import Documents
import Hummingbird
import Marketplace
import MarketplaceStore

/// `GET /v1/slas/{id}`: an accepted quote is an SLA, of the same ID.
struct SLARoutes: Sendable {
    let state: MarketState
    let clock: @Sendable () -> Int

    func add(to router: inout OperationRouter) {
        router.add(.readSLA) { try await read($0, $1) }
    }

    private func read(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller
        let (id, now) = (try context.parameters.require("id"), clock())
        let sla = try await state.compute { () throws -> (text: String, tag: String) in
            let resource = try state.store.resource(id, of: caller, now: now)
            guard let accepted = resource.steps.first(where: { $0.status == .accepted }) else {
                throw Problem(
                    status: .notFound, type: "not-found", title: "There is no such SLA",
                    detail: "the quote is \(resource.state.rawValue); accept it first")
            }
            let asked = try resource.quote.request()
            let held = try Commitment(resource.quote, request: asked)
            let members = try resource.quote.members()
            let answer = JSONValue(members: [
                ("id", .string(id)), ("state", .string(resource.state.rawValue)),
                ("acceptedAt", .string(UTCTime.text(accepted.time))),
                ("start", .string(asked.start.description)), ("end", .string(UTCTime.day(held.end).description)),
                ("total", members["total"]), ("asset", members["asset"]), ("terms", members["terms"]),
                (
                    "holds",
                    [
                        "capacity": .array(
                            held.capacities.map { ["offer": .string($0.offer), "bytes": JSONValue($0.bytes)] }),
                        "credits": .array(
                            held.credits.map {
                                [
                                    "provider": .string($0.provider), "amount": .string($0.used.decimalText),
                                    "asset": .string($0.used.asset.code)
                                ]
                            })
                    ]
                ),
                (
                    "history",
                    .array(
                        resource.steps.map {
                            ["state": .string($0.status.rawValue), "at": .string(UTCTime.text($0.time))]
                        })
                )
            ])
            return (answer.text(), resource.entityTag)
        }
        return StoredResponse(.ok, headers: ["ETag": sla.tag], json: sla.text).http
    }
}
