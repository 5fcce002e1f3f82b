import Documents
import Hummingbird
import MarketplaceStore

/// `POST /v1/imports/{kind}`: the operator's documents, each taken whole or not at all, as `quote-service import` does.
struct ImportRoutes: Sendable {
    /// The largest document, in bytes.
    static let bodyLimit = 16 * 1024 * 1024
    /// What changes the catalogue; the registers have a scope of their own, and events of users are no import.
    static let kinds: [ImportKind] = [.catalog, .metros, .regions, .readerRegions, .latency, .rates, .providers]

    let state: MarketState
    let calls: CallsInFlight
    let clock: @Sendable () -> Int

    func add(to router: inout OperationRouter) {
        for kind in Self.kinds + [.registers] {
            router.add(Self.operation(kind)) { request, context in try await take(kind, request, context) }
        }
    }

    /// The operation of a kind: each is described by itself, since formats and scopes differ.
    private static func operation(_ kind: ImportKind) -> Operation {
        let name = kind.rawValue.split(separator: "-").map(\.capitalized).joined()
        return Operation(
            "import" + name, .post, "/v1/imports/" + kind.rawValue,
            "Imports \(kind.rawValue), all of the document or nothing; the same again changes nothing.",
            tag: .administration, scope: kind == .registers ? .registersWrite : .catalogWrite,
            parameters: [.idempotencyKey],
            body: .init(
                schema: nil, mediaTypes: kind == .catalog ? ["application/jsonl", "text/plain"] : ["text/csv"],
                limit: bodyLimit,
                isRequired: true), answers: [.json("ImportReport", "What changed.")], problems: [.conflict])
    }

    private func take(_ kind: ImportKind, _ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller
        let body = try await request.body.collect(upTo: Self.bodyLimit)
        let call = try IdempotentCall(request, body: body)
        let now = clock()
        return try await calls.run(call, by: caller, in: state) {
            try await state.compute {
                if let call, let known = try state.store.answer(to: call, by: caller) { return known }
                let prepared = try state.store.prepare(
                    kind, Array(body.readableBytesView), document: kind.rawValue, now: now)
                return try state.store.answer(call, by: caller, at: now) { transaction in
                    let report = try transaction.write(prepared)
                    let answer: JSONValue = [
                        "kind": .string(report.kind.rawValue), "rows": JSONValue(report.rows),
                        "added": JSONValue(report.added), "replaced": JSONValue(report.replaced),
                        "unchanged": JSONValue(report.unchanged), "delisted": JSONValue(report.removed)
                    ]
                    return StoredResponse(.ok, json: answer.text())
                }
            }
        }.http
    }
}

extension Substring {
    /// With a capital first letter.
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
