import Documents
import Marketplace
import MarketplaceContract
import MarketplaceStore
import Money

/// An SLA as its settlement sees it: the deals that its document states, from the first day to the last.
struct SettledSLA: Sendable {
    /// One leg's deal.
    struct Leg: Sendable {
        let offer: String
        let provider: String
        let scenario: SettlementScenario
    }

    let id: String
    /// The term's first day.
    let start: CalendarDay
    /// The day after its last.
    let end: CalendarDay
    let legs: [Leg]

    /// - Throws: a problem when the quote was never accepted; ``StoreError`` when the document is damaged.
    init(_ resource: QuoteResource) throws {
        let quote = resource.quote
        guard resource.steps.contains(where: { $0.status == .accepted }) else {
            throw Problem(
                status: .notFound, type: "not-found", title: "There is no such SLA",
                detail: "the quote is \(resource.state.rawValue); accept it first")
        }
        let request = try quote.request()
        guard case .object(let terms)? = try quote.members()["terms"], case .array(let legs)? = terms["legs"],
            let contract = terms["contract"]
        else { throw StoreError.corrupt(path: "", detail: "the terms of quote \(quote.id)") }
        id = quote.id
        start = request.start
        end = request.start.addingMonths(max(1, request.months))
        self.legs = try legs.map { leg in
            guard case .object(let leg) = leg, case .string(let offer)? = leg["offer"],
                case .string(let provider)? = leg["provider"], let bucket = leg["priceGuard"],
                let funding = Self.funding(leg)
            else { throw StoreError.corrupt(path: "", detail: "a leg of quote \(quote.id)") }
            let scenario = try SettlementScenario(
                ["profile": contract, "bucket": bucket, "amount_usd": funding], document: quote.id)
            return Leg(offer: offer, provider: provider, scenario: scenario)
        }
    }

    /// `amount_usd` of `set_deal_funded`.
    private static func funding(_ leg: [String: JSONValue]) -> JSONValue? {
        guard case .object(let call)? = leg["setDealFunded"], case .array(let arguments)? = call["arguments"] else {
            return nil
        }
        for case .object(let argument) in arguments where argument["name"] == "amount_usd" { return argument["value"] }
        return nil
    }

    // MARK: Reports

    /// `{"legs": [{"offer", "periods": [{"from", "until", "storageGB", "egressGB", …}, …]}, …]}`, every one checked.
    ///
    /// - Parameter today: periods that have not ended by then are refused.
    func reports(_ json: JSONValue, today: CalendarDay) throws(InputError) -> [SettlementReport] {
        let log = IssueLog()
        let reader = ObjectReader(json, log: log)
        let parts = reader.objects("legs")
        reader.finish()
        if log.issues.isEmpty, !(1...64).contains(parts.count) {
            log.report("/legs", "has \(parts.count) elements", remedy: "send 1 to 64")
        }
        var reports: [SettlementReport] = []
        for part in parts.prefix(64) {
            let offer = part.string("offer")
            let periods = part.objects("periods")
            part.finish()
            if let offer, !legs.contains(where: { $0.offer == offer }) {
                log.report(
                    part.location("offer"), "'\(offer)' is no leg of the SLA",
                    remedy: suggestion(offer, legs.map(\.offer)))
            }
            if !(1...400).contains(periods.count) {
                log.report(part.location("periods"), "has \(periods.count) elements", remedy: "send 1 to 400")
            }
            for period in periods.prefix(400) {
                guard let (from, until, values) = self.period(period, today), let offer else { continue }
                reports.append(
                    SettlementReport(offer: offer, start: from, end: until, document: values.text()))
            }
        }
        try log.check("")
        return reports
    }

    private func period(
        _ reader: ObjectReader, _ today: CalendarDay
    ) -> (from: CalendarDay, until: CalendarDay, values: JSONValue)? {
        let (from, until) = (reader.day("from"), reader.day("until"))
        let volume = ExactDecimal.zero...ExactDecimal(1_000_000_000)
        var values: [(String, JSONValue?)] = []
        func read(_ key: String, _ range: ClosedRange<ExactDecimal>, isOptional: Bool = true) {
            guard !isOptional || reader.has(key) else { return }
            values.append((key, reader.decimal(key, in: range).map { .string($0.description) }))
        }
        read("storageGB", volume, isOptional: false)
        read("egressGB", volume, isOptional: false)
        read("latencyMs", .zero...ExactDecimal(4_294_967_295))
        read("uptimePercent", .zero...ExactDecimal(100))
        read("depositUSD", volume)
        reader.finish()
        guard let from, let until else { return nil }
        guard start <= from, from < until, until <= end else {
            reader.log.report(
                reader.location("until"), "\(from) to \(until) is no period of the term",
                remedy: "use days within \(start) to \(end), the end excluded")
            return nil
        }
        guard until <= today else {
            reader.log.report(
                reader.location("until"), "the period ends after today, \(today)", remedy: "report it when it has ended"
            )
            return nil
        }
        return (from, until, JSONValue(members: values))
    }

    // MARK: Settling

    /// The contract's run over what was reported of a leg; nil when nothing was.
    private func run(_ leg: Leg, _ reports: [SettlementReport]) throws -> SettlementRun? {
        let own = reports.filter { $0.offer == leg.offer }.sorted { $0.start < $1.start }
        guard !own.isEmpty else { return nil }
        let periods = try own.map { report in
            let log = IssueLog()
            let reader = ObjectReader(try JSONValue(parsing: report.document.utf8, document: id), log: log)
            let all = ExactDecimal.zero...ExactDecimal(4_294_967_295)
            func value(_ key: String) -> ExactDecimal? { reader.has(key) ? reader.decimal(key, in: all) : nil }
            let period = SettlementPeriod(
                label: "\(report.start)/\(report.end)", days: report.end.ordinal - report.start.ordinal,
                storageGB: value("storageGB") ?? .zero, egressGB: value("egressGB") ?? .zero,
                latencyMs: value("latencyMs"), uptime: value("uptimePercent").flatMap { Uptime($0, scale: .percent) },
                deposit: value("depositUSD") ?? .zero)
            guard log.issues.isEmpty else {
                throw StoreError.corrupt(path: "", detail: "a settlement report of \(id)")
            }
            return period
        }
        return try SettlementRun(leg.scenario, periods)
    }

    /// What ends the SLA: a provider's breach before a consumer's, either before the term's end; nil while it runs.
    func end(after reports: [SettlementReport]) throws -> QuoteStatus? {
        let rows = try legs.flatMap { try run($0, reports)?.rows ?? [] }
        if rows.contains(where: { !($0.settlement?.breaches ?? []).isEmpty }) { return .breached }
        if rows.contains(where: { $0.deal.status == .breachedConsumer }) { return .terminated }
        let isOver = legs.allSatisfy { leg in reports.contains { $0.offer == leg.offer && $0.end >= end } }
        return isOver ? .completed : nil
    }

    // MARK: Showing

    /// All periods so far.
    func json(_ reports: [SettlementReport], _ state: QuoteStatus) throws -> JSONValue {
        let settled = try legs.map { leg in
            JSONValue(members: [
                ("offer", .string(leg.offer)), ("provider", .string(leg.provider)),
                ("contract", .string(leg.scenario.profile.name)),
                ("decimals", JSONValue(leg.scenario.profile.amountDecimals)),
                ("funded", .string(String(leg.scenario.funding))),
                ("periods", .array(try run(leg, reports)?.rows.map(\.json) ?? []))
            ])
        }
        return ["id": .string(id), "state": .string(state.rawValue), "legs": .array(settled)]
    }
}

extension SettlementRun.Row {
    /// The period with what the contract made of it; amounts in its integers.
    fileprivate var json: JSONValue {
        func amount(_ value: Int128?) -> JSONValue? { value.map { .string(String($0)) } }
        func decimal(_ value: ExactDecimal?) -> JSONValue? { value.map { .string($0.description) } }
        let days = period.label.split(separator: "/").map(String.init)
        let breaches = settlement?.breaches.map { breach -> JSONValue in
            let (name, observed, promised) =
                switch breach {
                case .latency(let observed, let promised): ("latency", observed, promised)
                case .uptime(let observed, let promised): ("uptime", observed, promised)
                }
            return [
                "promise": .string(name), "observed": JSONValue(observed), "promised": JSONValue(promised)
            ]
        }
        return JSONValue(members: [
            ("from", JSONValue(days.first)), ("until", JSONValue(days.last)), ("storageGB", decimal(period.storageGB)),
            ("egressGB", decimal(period.egressGB)), ("latencyMs", decimal(period.latencyMs)),
            ("uptimePercent", period.uptime.map { .string($0.percentText) }),
            ("depositUSD", period.deposit > .zero ? decimal(period.deposit) : nil),
            ("pending", amount(settlement?.amount)), ("payment", amount(settlement?.payment)),
            ("payout", amount(settlement?.payout)), ("fee", amount(settlement?.fee)),
            ("forfeited", amount(settlement?.forfeited)), ("shortfall", amount(settlement?.shortfall)),
            ("breaches", breaches.map { .array($0) }), ("refused", refusal.map { .string("\($0)") }),
            ("balance", amount(deal.balance)), ("providerReputation", JSONValue(deal.providerReputation)),
            ("consumerReputation", JSONValue(deal.consumerReputation)), ("status", .string(deal.status.rawValue))
        ])
    }
}
