import Documents
import Hummingbird
import Marketplace
import MarketplaceStore

/// `POST /v1/interactions` keeps what users did: when it answers, the next ranking knows it.
struct InteractionRoutes: Sendable {
    /// The largest request body, in bytes, and the most interactions in it.
    static let (bodyLimit, countLimit) = (1024 * 1024, 5000)
    /// Seconds that a sender's clock may be ahead.
    static let clockSkew = 300
    /// The first second that an event may be of: the year 2000.
    static let earliest = 946_684_800

    let state: MarketState
    let calls: CallsInFlight
    let clock: @Sendable () -> Int

    func add(to router: inout OperationRouter) {
        router.add(.recordInteractions) { try await create($0, $1) }
    }

    private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller
        let body = try await request.body.collect(upTo: Self.bodyLimit)
        let call = try IdempotentCall(request, body: body)
        let now = clock()
        return try await calls.run(call, by: caller, in: state) {
            try await state.compute {
                if let call, let known = try state.store.answer(to: call, by: caller) { return known }
                let events = try Self.interactions(
                    JSONValue(parsing: body.readableBytesView), of: caller, now: now)
                let catalog = try state.market(now: now).catalog
                return try state.store.answer(call, by: caller, at: now) { transaction in
                    let others = Set(events.map(\.offer).filter { catalog.offer($0) == nil })
                    try Self.refuse(transaction.unknown(others), events, catalog)
                    let new = try transaction.add(events)
                    if new > 0 {
                        try transaction.record(
                            "interactions.recorded", of: caller.tenant, ["count": JSONValue(new)])
                    }
                    let answer: JSONValue = ["recorded": JSONValue(new), "known": JSONValue(events.count - new)]
                    return StoredResponse(.created, json: answer.text())
                }
            }
        }.http
    }

    /// Refuses events with offers that were never listed, by the place of each.
    private static func refuse(
        _ unknown: Set<String>, _ events: [Interaction], _ catalog: Catalog
    ) throws(InputError) {
        guard !unknown.isEmpty else { return }
        let log = IssueLog()
        let known = catalog.offers.map(\.id)
        for (index, event) in events.enumerated() where unknown.contains(event.offer) && log.issues.count < 20 {
            log.report(
                "/interactions/\(index)/offer", "unknown offer '\(event.offer)'",
                remedy: suggestion(event.offer, known))
        }
        try log.check("")
    }

    /// `{"interactions": [{"user", "offer", "kind", "time"?}, …]}`, every one checked; without a time it is now.
    private static func interactions(
        _ json: JSONValue, of caller: Caller, now: Int
    ) throws(InputError) -> [Interaction] {
        let log = IssueLog()
        let reader = ObjectReader(json, log: log)
        let rows = reader.objects("interactions")
        reader.finish()
        if log.issues.isEmpty, !(1...countLimit).contains(rows.count) {
            log.report("/interactions", "has \(rows.count) elements", remedy: "send 1 to \(countLimit)")
        }
        var events: [Interaction] = []
        for row in rows.prefix(countLimit) where log.issues.count < 100 {
            if let event = interaction(row, of: caller, now, log) { events.append(event) }
            row.finish()
        }
        try log.check("")
        return events
    }

    private static func interaction(
        _ row: ObjectReader, of caller: Caller, _ now: Int, _ log: IssueLog
    ) -> Interaction? {
        var time: Int? = now
        if row.has("time") {
            time = row.string("time").flatMap { text in
                guard let seconds = UTCTime.seconds(text) else {
                    log.report(
                        row.location("time"), "'\(text)' is not a time", remedy: "write UTC as YYYY-MM-DDThh:mm:ssZ")
                    return nil
                }
                guard (earliest...now + clockSkew).contains(seconds) else {
                    log.report(row.location("time"), "\(text) is out of range", remedy: "an event lies in the past")
                    return nil
                }
                return seconds
            }
        }
        let user = name(row, "user", log)
        let offer = name(row, "offer", log)
        let kind = row.choice("kind", InteractionKind.allCases.map(\.rawValue)).flatMap(InteractionKind.init)
        guard let time, let user, let offer, let kind else { return nil }
        return Interaction(time: time, user: caller.user(user), offer: offer, kind: kind)
    }

    /// A name as the store takes it: 1 to 200 bytes, no control characters.
    private static func name(_ row: ObjectReader, _ key: String, _ log: IssueLog) -> String? {
        guard let text = row.string(key) else { return nil }
        guard text.utf8.count <= 200, !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else {
            log.report(
                row.location(key), "has \(text.utf8.count) bytes, or control characters",
                remedy: "a name has at most 200 bytes of text")
            return nil
        }
        return text
    }
}
