import Documents
import Foundation
import MarketplaceStore
import Money
import QuoteAPI
import TestSupport

/// What time, operators and oracles do.
extension LifecycleSimulation {
    /// Reports the whole term of an SLA, served, or what of it has passed, broken.
    func settle(_ caller: TestCaller) async throws {
        guard let id = pickQuote({ ["accepted", "active"].contains($0.state) }), let quote = model.quotes[id] else {
            return
        }
        note("settle \(id)")
        let today = model.now / 86_400
        let (begin, end) = (quote.term.lowerBound / 86_400, quote.term.upperBound / 86_400)
        // A broken promise ends the SLA at once, so that what it held is free before the term's end.
        let isBroken = random.chance(planted == .keptHold ? 1 : 0.3)
        let until = isBroken ? max(begin + 1, min(today, end)) : end
        let (first, last) = (CalendarDay(ordinal: begin), CalendarDay(ordinal: until))
        let legs = quote.holds.map {
            """
            {"offer":"\($0.offer)","periods":[{"from":"\(first)","until":"\(last)","storageGB":"1",\
            "egressGB":"0"\(isBroken ? #","uptimePercent":"1""# : "")}]}
            """
        }
        let bytes = Array("{\"legs\":[\(legs.joined(separator: ","))]}".utf8)
        let (path, key) = ("/v1/slas/\(id)/settlements", key())
        let answer = try await caller.call(.post, path, as: quote.tenant, key: key, body: bytes)
        guard until <= today else {
            return try require(answer.status == 400, "a period was settled before its end: \(answer.status)")
        }
        try require(answer.status == 200, "settle \(id): \(answer.status) \(answer.beginning)")
        keep(answer, quote.tenant, path, key, bytes)
        try checkMoney(answer.json, id)
        model.move(id, to: "active")
        model.audited += 1
        let state = answer["state"] ?? "?"
        try require(
            isBroken ? state == "breached" : state == "completed" || state == "terminated", "settled \(id) is \(state)")
        if planted == .keptHold {
            model.quotes[id]?.state = state
            model.quotes[id]?.steps += 1
        } else {
            model.move(id, to: state)
        }
        // The report, and how it ended.
        model.audited += 2
        count("settled: " + state)
    }

    /// What was funded is what was paid out, taken as a fee, given back or still there; no amount is made.
    func checkMoney(_ json: JSONValue, _ id: String) throws {
        func amount(_ value: JSONValue?) -> Int128 { value?.text.flatMap { Int128($0) } ?? 0 }
        for leg in json["legs"].elements {
            var balance = amount(leg["funded"])
            for period in leg["periods"].elements {
                let payment = amount(period["payment"])
                try require(
                    payment == amount(period["payout"]) + amount(period["fee"]),
                    "\(id): a payment of \(payment) is not payout and fee")
                balance -= payment
                try require(amount(period["balance"]) <= balance && balance >= 0, "\(id): the balance grew")
            }
        }
    }

    func advance() {
        let seconds =
            random.chance(0.85)
            ? random.int(1...400) : random.chance(0.6) ? random.int(900...90_000) : 86_400 * random.int(20...150)
        model.now += seconds
        time.now.withLock { $0 = model.now }
        note("\(seconds) s later")
    }

    /// What the service does each minute.
    func tidy(_ store: MarketplaceDatabase) throws {
        note("tidy")
        let late = model.quotes.filter { $0.value.state == "open" && model.now >= $0.value.expiresAt }.keys
        let oldest = model.now - Housekeeping.answersKept
        let old = model.calls.count { $0.time < oldest }
        let done = try Housekeeping.tidy(store, now: model.now)
        try require(done.expired == late.count, "\(done.expired) quotes have expired, not \(late.count)")
        try require(done.forgotten == old, "\(done.forgotten) answers were forgotten, not \(old)")
        for id in late { model.move(id, to: "expired") }
        model.calls.removeAll { $0.time < oldest }
        model.audited += late.count
        count("tidied")
    }

    /// For a few calls there is no room on the disk: each does all that it should, or nothing and says so, and what is there
    /// can be read. With room again, what was refused is asked for again.
    func fillDisk(_ caller: TestCaller, _ store: MarketplaceDatabase) async throws {
        note("the disk is full")
        try store.limitGrowth(true)
        isDiskFull = true
        for _ in 0..<random.int(1...6) {
            switch random.int(0...4) {
            case 0..<2: try await make(caller)
            case 2..<4: try await accept(caller)
            default: try await look(caller)
            }
            try check(store)
        }
        try store.limitGrowth(false)
        isDiskFull = false
        note("there is room")
        for (tenant, key, bytes) in waiting {
            let answer = try await caller.call(.post, "/v1/quotes", as: tenant, key: key, body: bytes)
            try took(answer, tenant, "/v1/quotes", key, bytes, revising: nil)
        }
        waiting = []
        count("full disks")
    }

    func changeOffers(_ store: MarketplaceDatabase) throws {
        let offer = random.pick(offers)
        model.capacity[offer] =
            random.chance(0.15) ? nil : SimulatedStore.gigabyte * random.pick([300, 900, 2000, 5000])
        if model.capacity.isEmpty { model.capacity[offer] = SimulatedStore.gigabyte * 2000 }
        note("\(offer) offers \(model.capacity[offer].map(String.init) ?? "nothing")")
        try store.import(
            .catalog, SimulatedStore.catalog(model.capacity), document: "simulation", now: model.now)
        count("offers changed")
    }
}
