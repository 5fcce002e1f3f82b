import Documents
import Foundation
import Money
import TestSupport

/// What users do with quotes.
extension LifecycleSimulation {
    func body() -> [UInt8] {
        let user = random.chance(0.4) ? "user-0" : "user-\(random.int(0...4999))"
        let gigabytes = random.pick([50, 200, 800])
        let first = CalendarDay(ordinal: model.now / 86_400 + 1 + random.int(0...2))
        let copies = random.int(1...2)
        let credit =
            random.chance(0.3)
            ? #","credits":[{"provider":"wasabi","amount":"20.00","asset":"USD","expires":"2040-01-01"}]"# : ""
        let text = """
            {"user":"\(user)","storage":{"logicalGB":"\(gigabytes)"},\
            "term":{"start":"\(first)","months":\(random.int(1...4))},\
            "redundancy":{"scheme":"replication","copies":\(copies)},\
            "traffic":[{"region":"eu-west","egressGB":"5","reads":1000,"writes":100}]\(credit)}
            """
        return Array(text.utf8)
    }

    func key() -> String? {
        keyed += 1
        return random.chance(0.6) ? "key-\(seed)-\(keyed)" : nil
    }

    func make(_ caller: TestCaller) async throws {
        let tenant = random.pick(Self.tenants)
        let bytes = body()
        let key = key()
        note("make for \(tenant)")
        let answer = try await caller.call(.post, "/v1/quotes", as: tenant, key: key, body: bytes)
        if isWithoutRoom(answer) { return waiting.append((tenant, key, bytes)) }
        try took(answer, tenant, "/v1/quotes", key, bytes, revising: nil)
    }

    /// A call that was answered, if it may be repeated.
    func keep(_ answer: TestCaller.Answer, _ tenant: String, _ path: String, _ key: String?, _ bytes: [UInt8]) {
        guard let key else { return }
        model.calls.append(
            LifecycleModel.Call(
                tenant: tenant, key: key, path: path, body: bytes, bytes: answer.bytes, time: model.now))
    }

    /// Whether a call was refused because there is no room on the disk: then it did nothing.
    func isWithoutRoom(_ answer: TestCaller.Answer) -> Bool {
        guard isDiskFull, answer.status == 503, answer.problem == "storage" else { return false }
        count("refused: no room")
        return true
    }

    /// Takes in what a call that makes a quote was answered.
    func took(
        _ answer: TestCaller.Answer, _ tenant: String, _ path: String, _ key: String?, _ bytes: [UInt8],
        revising: String?
    ) throws {
        guard answer.status == 201 else {
            try require(
                answer.status == 422 && answer.problem == "infeasible",
                "made: \(answer.status) \(answer.beginning) of " + String(decoding: bytes, as: UTF8.self)
                    + "; held \(model.held()), capacities \(model.capacity)"
            )
            return count("infeasible")
        }
        guard let id = answer["id"], let quote = LifecycleModel.Quote(answer.json, tenant: tenant, now: model.now)
        else {
            throw fault("a quote that cannot be read")
        }
        keep(answer, tenant, path, key, bytes)
        if let known = model.quotes[id] {
            // The same question in the same second is the same quote.
            return try require(known.document == quote.document, "\(id) has another document")
        }
        if let problem = quote.moneyFault { throw fault("\(id): \(problem)") }
        try require(quote.expiresAt == model.now + 900, "\(id) is valid for another time")
        do { try quote.document.verifySignature(by: ring.verification) } catch { throw fault("\(id): \(error)") }
        for hold in quote.holds {
            try require(
                hold.bytes <= model.capacity[hold.offer] ?? 0, "\(id) counts on more than \(hold.offer) publishes")
        }
        model.quotes[id] = quote
        model.order.append(id)
        model.audited += 1
        if let revising, let old = model.quotes[revising] {
            model.quotes[revising]?.isRevised = true
            if old.state(at: model.now) == "open" {
                model.move(revising, to: "cancelled")
                model.audited += 1
            }
        }
        count("made")
    }

    func accept(_ caller: TestCaller) async throws {
        guard let id = pickQuote({ $0.state == "open" }) ?? pickQuote(), let quote = model.quotes[id] else { return }
        let isStranger = random.chance(0.06)
        let tenant = isStranger ? (quote.tenant == "acme" ? "other" : "acme") : quote.tenant
        let isStale = random.chance(0.08)
        let key = key()
        note("accept \(id)" + (isStranger ? " as a stranger" : "") + (isStale ? " by a stale tag" : ""))
        let headers = isStale ? ["If-Match": "\"\(id)-\(quote.steps + 1)-open\""] : [:]
        let answer = try await caller.call(.post, "/v1/quotes/\(id)/accept", as: tenant, key: key, headers)
        if isWithoutRoom(answer) { return }
        if isStranger { return try require(answer.status == 404, "a stranger accepted: \(answer.status)") }
        if isStale { return try require(answer.status == 412, "a stale tag was taken: \(answer.status)") }
        let expected = model.accepting(id)
        if answer.status == 200 {
            try require(expected == ["200"], "\(id) was accepted, though \(expected.sorted())")
            keep(answer, tenant, "/v1/quotes/\(id)/accept", key, [])
            model.accept(id)
            count("accepted")
        } else {
            let told = answer.problem ?? ""
            try require(
                answer.status == 409 && expected.contains(told),
                "accept \(id): \(answer.status) \(told), expected \(expected.sorted())")
            count("refused: " + told)
        }
    }

    func leave(_ caller: TestCaller) async throws {
        guard let id = pickQuote(), let quote = model.quotes[id] else { return }
        let state = random.chance(0.5) ? "declined" : "cancelled"
        note("\(state) \(id)")
        let answer = try await caller.call(
            .post, "/v1/quotes/\(id)/\(state == "declined" ? "decline" : "cancel")", as: quote.tenant)
        if quote.state(at: model.now) == "open" {
            try require(answer.status == 200 && answer["state"] == state, "\(state) \(id): \(answer.status)")
            model.move(id, to: state)
            model.audited += 1
            count(state)
        } else {
            try require(
                answer.status == 409, "\(state) \(id), which is \(quote.state(at: model.now)): \(answer.status)")
        }
    }

    func revise(_ caller: TestCaller) async throws {
        guard let id = pickQuote(), let quote = model.quotes[id] else { return }
        let bytes = body()
        let key = key()
        note("revise \(id)")
        let path = "/v1/quotes/\(id)/revise"
        let answer = try await caller.call(.post, path, as: quote.tenant, key: key, body: bytes)
        let isFree =
            ["open", "declined", "cancelled", "expired"].contains(quote.state(at: model.now)) && !quote.isRevised
        if answer.status == 201 {
            try require(isFree, "\(id) was revised, though it is \(quote.state(at: model.now))")
            try took(answer, quote.tenant, path, key, bytes, revising: id)
            count("revised")
        } else {
            try require(
                answer.status == 422 || (answer.status == 409 && !isFree),
                "revise \(id): \(answer.status) \(answer.beginning)")
        }
    }

    /// A call whose answer was lost, or that was delivered twice; or the same key for another call.
    func repeatCall(_ caller: TestCaller) async throws {
        guard !model.calls.isEmpty else { return }
        let call = random.pick(model.calls)
        if random.chance(0.25) {
            note("reuse a key")
            let other = try await caller.call(
                .post, call.path, as: call.tenant, key: call.key,
                body: call.body.isEmpty ? Array("{}".utf8) : call.body + [32])
            return try require(
                other.status == 422 && other.problem == "reused-key", "a key served two calls: \(other.status)")
        }
        note("repeat \(call.path)")
        let answer = try await caller.call(.post, call.path, as: call.tenant, key: call.key, body: call.body)
        let bytes = planted == .changedRepeat ? answer.bytes.dropLast() + [0] : answer.bytes
        try require(bytes == call.bytes, "\(call.path) was answered otherwise when it was repeated")
        count("repeated")
    }

    func look(_ caller: TestCaller) async throws {
        guard let id = pickQuote(), let quote = model.quotes[id] else { return }
        note("look at \(id)")
        try await look(caller, id, quote)
        let stranger = quote.tenant == "acme" ? "other" : "acme"
        let foreign = try await caller.call(
            .get, "/v1/quotes/\(id)", as: planted == .leak ? quote.tenant : stranger)
        try require(foreign.status == 404, "\(stranger) sees \(id) of \(quote.tenant)")
        count("looked")
    }

    func look(_ caller: TestCaller, _ id: String, _ quote: LifecycleModel.Quote) async throws {
        let answer = try await caller.call(.get, "/v1/quotes/\(id)", as: quote.tenant)
        let state = quote.state(at: model.now)
        try require(answer.status == 200, "\(id) is gone: \(answer.status)")
        try require(answer["state"] == state, "\(id) is \(answer["state"] ?? "?"), not \(state)")
        try require(answer.members["document"] == quote.document, "the document of \(id) has changed")
        try require(answer.tag == "\"\(id)-\(quote.steps)-\(state)\"", "the tag of \(id) is \(answer.tag)")
        let sla = try await caller.call(.get, "/v1/slas/\(id)", as: quote.tenant)
        let isSLA = ["accepted", "active", "completed", "breached", "terminated"].contains(state)
        try require(sla.status == (isSLA ? 200 : 404), "SLA \(id): \(sla.status)")
    }
}

extension TestCaller.Answer {
    /// The beginning of the body.
    var beginning: String { String(String(decoding: bytes, as: UTF8.self).prefix(600)) }
}
