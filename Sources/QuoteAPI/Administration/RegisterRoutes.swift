import Documents
import HTTPTypes
import Hummingbird
import Marketplace
import MarketplaceStore
import Money

/// `/v1/registers`: who is certified, by what evidence, who is suspended and why, and what became of it.
struct RegisterRoutes: Sendable {
    /// The largest request body, in bytes.
    static let bodyLimit = 16 * 1024

    let state: MarketState
    let calls: CallsInFlight
    let clock: @Sendable () -> Int

    func add(to router: inout OperationRouter) {
        router.add(.readRegister) { try await list($0, $1) }
        router.add(.readParticipant) { try await read($0, $1) }
        router.add(.certify) { request, context in
            try await change(request, context) { reader, transaction, kind, id in
                let since = reader.day("since")
                let until = reader.has("until") ? reader.day("until") : nil
                let evidence = reader.line("evidence")
                reader.finish()
                if let since, let until, until < since {
                    reader.log.report("/until", "\(until) is before \(since)", remedy: "leave it out for an open end")
                }
                try reader.log.check("")
                guard let since, let evidence else { return }
                try transaction.certify(kind, id, since: since, until: until, evidence: evidence)
            }
        }
        router.add(.suspend) { request, context in
            try await change(request, context) { reader, transaction, kind, id in
                guard let reason = try reader.reason() else { return }
                try transaction.suspend(kind, id, reason: reason)
            }
        }
        router.add(.reinstate) { request, context in
            try await change(request, context) { reader, transaction, kind, id in
                guard let reason = try reader.reason() else { return }
                try transaction.reinstate(kind, id, reason: reason)
            }
        }
        router.add(.judge) { request, context in
            try await change(request, context) { reader, transaction, kind, id in
                let paid = reader.has("subscriptionUntil") ? reader.day("subscriptionUntil") : nil
                let stake = reader.has("stake") ? reader.money("stake") : nil
                let minimum = reader.has("minimumStake") ? reader.money("minimumStake") : nil
                reader.finish()
                if let stake, let minimum, stake.asset != minimum.asset {
                    reader.log.report(
                        "/minimumStake/asset", "differs from the stake's", remedy: "use \(stake.asset.code) for both")
                }
                for (name, amount) in [("stake", stake), ("minimumStake", minimum)] where amount?.minor ?? 0 < 0 {
                    reader.log.report("/\(name)/amount", "is negative", remedy: "use 0 or more")
                }
                try reader.log.check("")
                try transaction.judge(
                    kind, id, Standing(subscriptionUntil: paid, stake: stake, minimumStake: minimum))
            }
        }
    }

    private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let kind = try context.parameters.require("register")
        let today = UTCTime.day(clock())
        let all = try await state.compute { try state.store.register(kind) }
        let answer: JSONValue = ["participants": .array(all.map { $0.json(on: today) })]
        return StoredResponse(.ok, json: answer.text()).http
    }

    private func read(_ request: Request, _ context: APIContext) async throws -> Response {
        let (kind, id) = (try context.parameters.require("register"), try context.parameters.require("participant"))
        let (caller, now) = (try context.caller, clock())
        let one = try await state.compute {
            try state.store.transact(by: caller, at: now) { try $0.participant(kind, id) }
        }
        return StoredResponse(.ok, json: one.json(on: UTCTime.day(now)).text()).http
    }

    /// Does one step with a participant, once for each call, and shows what it is now.
    private func change(
        _ request: Request, _ context: APIContext,
        _ step: @escaping @Sendable (ObjectReader, MarketplaceTransaction, String, String) throws -> Void
    ) async throws -> Response {
        let caller = try context.caller
        let (kind, id) = (try context.parameters.require("register"), try context.parameters.require("participant"))
        guard id.isLine else { throw StoreError.unknownParticipant(kind: kind, id: "") }
        let body = try await request.body.collect(upTo: Self.bodyLimit)
        let call = try IdempotentCall(request, body: body)
        let now = clock()
        return try await calls.run(call, by: caller, in: state) {
            try await state.compute {
                let json = try JSONValue(parsing: body.readableBytesView)
                return try state.store.answer(call, by: caller, at: now) { transaction in
                    let log = IssueLog()
                    let reader = ObjectReader(json, log: log)
                    try step(reader, transaction, kind, id)
                    let one = try transaction.participant(kind, id)
                    return StoredResponse(.ok, json: one.json(on: UTCTime.day(now)).text())
                }
            }
        }.http
    }
}

extension String {
    /// Whether it has no control characters.
    fileprivate var isLine: Bool { unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } }
}

extension ObjectReader {
    /// A required text that fits a line of a register.
    fileprivate func line(_ key: String) -> String? {
        guard let text = string(key) else { return nil }
        if text.unicodeScalars.count <= 1000, text.isLine { return text }
        log.report(location(key), "is too long or has control characters", remedy: "write a line of 1…1000 characters")
        return nil
    }

    /// The only member, `reason`.
    fileprivate func reason() throws(InputError) -> String? {
        let reason = line("reason")
        finish()
        try log.check("")
        return reason
    }
}

extension RegisterParticipant {
    /// The participant as the service shows it.
    fileprivate func json(on today: CalendarDay) -> JSONValue {
        func time(_ seconds: Int) -> JSONValue { .string(UTCTime.text(seconds)) }
        return JSONValue(members: [
            ("register", .string(kind)), ("participant", .string(id)), ("listed", .bool(isListed(on: today))),
            ("suspended", .bool(isSuspended)),
            (
                "entries",
                .array(
                    entries.map {
                        JSONValue(members: [
                            ("status", .string($0.status)), ("since", .string($0.since.description)),
                            ("until", $0.until.map { .string($0.description) }), ("evidence", .string($0.evidence))
                        ])
                    })
            ),
            (
                "suspensions",
                .array(
                    suspensions.map { one in
                        JSONValue(members: [
                            ("since", time(one.since)), ("reason", .string(one.reason)), ("by", .string(one.actor)),
                            (
                                "lifted",
                                one.lifted.map {
                                    ["at": time($0.time), "reason": .string($0.reason), "by": .string($0.actor)]
                                }
                            )
                        ])
                    })
            ),
            (
                "standings",
                .array(
                    standings.map { at, standing in
                        JSONValue(members: [
                            ("at", time(at)), ("good", .bool(standing.isGood(on: today))),
                            ("subscriptionUntil", standing.subscriptionUntil.map { .string($0.description) }),
                            ("stake", standing.stake?.json), ("minimumStake", standing.minimumStake?.json)
                        ])
                    })
            )
        ])
    }
}
