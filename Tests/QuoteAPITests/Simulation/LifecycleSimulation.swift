import Documents
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import MarketplaceStore
import QuoteAPI
import Quoting
import Signing
import Synchronization
import TestSupport

/// What was not as it must be, and how to see it again.
struct SimulationFault: Error, CustomStringConvertible {
    let seed: UInt64
    let step: Int
    let problem: String
    let trail: [String]

    var description: String {
        """
        seed \(seed), step \(step): \(problem)
        the last steps: \(trail.suffix(12).joined(separator: "; "))
        again: FLASHBACK_SIMULATION_SEED=\(seed) FLASHBACK_SIMULATION_STEPS=\(step) swift test --filter LifecycleSimulation
        """
    }
}

/// A lie that the simulation is told of the service, to see whether it notices.
enum PlantedFault: String, CaseIterable, Sendable {
    /// A crash brings the file of before the last acknowledged write back.
    case lostWrite
    /// A repeated call gets another byte.
    case changedRepeat
    /// A change of which the audit log has nothing.
    case unaudited
    /// What an SLA that has ended held is said to be held still.
    case keptHold
    /// An answer of another tenant's.
    case leak
}

/// A seeded run of the service over a database file: time, users' choices, lost answers, crashes and torn writes come from the
/// seed alone; after every step the service is compared with ``LifecycleModel``.
///
/// The service runs as itself, routes, store and all. Each life of it begins on the file that the last one left, or on the image
/// of a crash: database and write-ahead log as they lay on the disk at one moment, perhaps with the first bytes of a write that
/// was never finished behind them.
///
/// Used by one task at a time.
final class LifecycleSimulation: @unchecked Sendable {
    /// Counts of what was done, for people.
    var counts: [String: Int] = [:]

    private let seed: UInt64
    private let steps: Int
    private let planted: PlantedFault?
    private let folder: TemporaryFolder
    private let ring = KeyRing(now: 0)
    private var keys: [String: String] = [:]
    private var random: SeededGenerator
    private var model: LifecycleModel
    private let time: TimeBox
    private var generation = 0
    private var step = 0
    private var trail: [String] = []
    private var offers: [String] = []
    private var lastSafeImage = ""

    /// The clock that the service reads.
    private final class TimeBox: Sendable {
        let now = Mutex(0)
    }

    /// What ends one life of the service.
    private enum End { case done, crash(image: String) }

    static let start = 1_795_348_800  // 2026-11-22T12:00:00Z
    static let tenants = ["acme", "other"]

    init(seed: UInt64, steps: Int, planting planted: PlantedFault? = nil, template: SimulatedStore) throws {
        (self.seed, self.steps, self.planted) = (seed, steps, planted)
        folder = try TemporaryFolder()
        random = SeededGenerator(seed: seed)
        model = LifecycleModel(now: Self.start)
        model.capacity = template.capacity
        model.audited = template.audited
        keys = template.keys
        offers = template.capacity.keys.sorted()
        time = TimeBox()
        time.now.withLock { $0 = Self.start }
        try FileManager.default.copyItem(atPath: template.path, toPath: path)
    }

    private var path: String { folder.path("store-\(generation).sqlite") }

    /// Runs all steps; throws the first fault.
    func run() async throws {
        while true {
            let store = try MarketplaceDatabase(path: path)
            defer { try? store.close() }
            if generation > 0 { try await recovered(store) }
            let server = QuoteServer(
                store: store, models: folder.path("models"), configuration: QuotingConfiguration(),
                logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }, keys: ring,
                clock: { [time] in time.now.withLock { $0 } })
            let box = EndBox()
            try await Application(router: server.router()).test(.router) { client in
                box.end = try await self.live(TestCaller(client: client, keys: self.keys), store)
            }
            guard case .crash(let image) = box.end else { return }
            generation += 1
            try FileManager.default.moveItem(atPath: image, toPath: path)
            if FileManager.default.fileExists(atPath: image + "-wal") {
                try FileManager.default.moveItem(atPath: image + "-wal", toPath: path + "-wal")
            }
        }
    }

    private final class EndBox: @unchecked Sendable { var end = End.done }

    private func fault(_ problem: String) -> SimulationFault {
        SimulationFault(seed: seed, step: step, problem: problem, trail: trail)
    }

    private func require(_ condition: Bool, _ problem: @autoclosure () -> String) throws {
        guard condition else { throw fault(problem()) }
    }

    private func count(_ name: String) { counts[name, default: 0] += 1 }

    // MARK: Steps

    private func live(_ caller: TestCaller, _ store: MarketplaceDatabase) async throws -> End {
        while step < steps {
            step += 1
            let choice = random.int(0...99)
            switch choice {
            case 0..<26: try await make(caller)
            case 26..<46: try await accept(caller)
            case 46..<52: try await leave(caller)
            case 52..<57: try await revise(caller)
            case 57..<63: try await repeatCall(caller)
            case 63..<70: try await look(caller)
            case 70..<76: try await settle(caller)
            case 76..<89: advance()
            case 89..<91: try sweep(store)
            case 91..<95: try changeOffers(store)
            default:
                if let end = try await crash(caller, store) { return end }
            }
            try check(store)
        }
        try await checkAll(caller, store)
        return .done
    }

    private func note(_ text: String) { trail.append("\(step) \(text)") }

    private func pickQuote(_ isWanted: (LifecycleModel.Quote) -> Bool = { _ in true }) -> String? {
        let known = model.order.filter { model.quotes[$0].map(isWanted) ?? false }
        // Mostly the newest: the others have expired.
        guard !known.isEmpty else { return nil }
        return random.chance(0.7) ? random.pick(Array(known.suffix(6))) : random.pick(known)
    }

    private func body() -> (bytes: [UInt8], user: String) {
        let user = "user-\(random.int(0...999))"
        let gigabytes = random.pick([50, 200, 800])
        let first = CalendarDayText(model.now / 86_400 + 1 + random.int(0...2))
        let copies = random.int(1...2)
        let credit =
            random.chance(0.3)
            ? #","credits":[{"provider":"wasabi","amount":"20.00","asset":"USD","expires":"2040-01-01"}]"# : ""
        let text = """
            {"user":"\(random.chance(0.4) ? "user-0" : user)","storage":{"logicalGB":"\(gigabytes)"},\
            "term":{"start":"\(first.text)","months":\(random.int(1...4))},\
            "redundancy":{"scheme":"replication","copies":\(copies)},\
            "traffic":[{"region":"eu-west","egressGB":"5","reads":1000,"writes":100}]\(credit)}
            """
        return (Array(text.utf8), user)
    }

    private func key() -> String? { random.chance(0.6) ? "key-\(seed)-\(step)" : nil }

    private func make(_ caller: TestCaller) async throws {
        let tenant = random.pick(Self.tenants)
        let (bytes, _) = body()
        let key = key()
        note("make for \(tenant)")
        let answer = try await caller.call(.post, "/v1/quotes", as: tenant, key: key, body: bytes)
        try took(answer, tenant, "/v1/quotes", key, bytes, revising: nil)
    }

    /// Takes in what a call that makes a quote was answered.
    private func took(
        _ answer: TestCaller.Answer, _ tenant: String, _ path: String, _ key: String?, _ bytes: [UInt8],
        revising: String?
    ) throws {
        guard answer.status == 201 else {
            try require(
                answer.status == 422 && answer.problem == "infeasible",
                "made: \(answer.status) \(answer.text) of " + String(decoding: bytes, as: UTF8.self)
                    + "; held \(model.held()), capacities \(model.capacity)"
            )
            return count("infeasible")
        }
        guard let id = answer["id"], let quote = LifecycleModel.Quote(answer.json, tenant: tenant, now: model.now)
        else {
            throw fault("a quote that cannot be read")
        }
        if let key { model.calls.append((tenant, key, path, bytes, answer.bytes)) }
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

    private func accept(_ caller: TestCaller) async throws {
        guard let id = pickQuote({ $0.state == "open" }) ?? pickQuote(), let quote = model.quotes[id] else { return }
        let isStranger = random.chance(0.06)
        let tenant = isStranger ? (quote.tenant == "acme" ? "other" : "acme") : quote.tenant
        let isStale = random.chance(0.08)
        let key = key()
        note("accept \(id)" + (isStranger ? " as a stranger" : "") + (isStale ? " by a stale tag" : ""))
        let headers = isStale ? ["If-Match": "\"\(id)-\(quote.steps + 1)-open\""] : [:]
        let answer = try await caller.call(.post, "/v1/quotes/\(id)/accept", as: tenant, key: key, headers)
        if isStranger { return try require(answer.status == 404, "a stranger accepted: \(answer.status)") }
        if isStale { return try require(answer.status == 412, "a stale tag was taken: \(answer.status)") }
        let expected = model.accepting(id)
        if answer.status == 200 {
            try require(expected == ["200"], "\(id) was accepted, though \(expected.sorted())")
            if let key { model.calls.append((tenant, key, "/v1/quotes/\(id)/accept", [], answer.bytes)) }
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

    private func leave(_ caller: TestCaller) async throws {
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

    private func revise(_ caller: TestCaller) async throws {
        guard let id = pickQuote(), let quote = model.quotes[id] else { return }
        let (bytes, _) = body()
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
                "revise \(id): \(answer.status) \(answer.text)")
        }
    }

    /// A call whose answer was lost, or that was delivered twice; or the same key for another call.
    private func repeatCall(_ caller: TestCaller) async throws {
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

    private func look(_ caller: TestCaller) async throws {
        guard let id = pickQuote(), let quote = model.quotes[id] else { return }
        note("look at \(id)")
        try await look(caller, id, quote)
        let stranger = quote.tenant == "acme" ? "other" : "acme"
        let foreign = try await caller.call(
            .get, "/v1/quotes/\(id)", as: planted == .leak ? quote.tenant : stranger)
        try require(foreign.status == 404, "\(stranger) sees \(id) of \(quote.tenant)")
        count("looked")
    }

    private func look(_ caller: TestCaller, _ id: String, _ quote: LifecycleModel.Quote) async throws {
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

    /// Reports the whole term of an SLA that has ended, served or broken.
    private func settle(_ caller: TestCaller) async throws {
        guard let id = pickQuote({ ["accepted", "active"].contains($0.state) }), let quote = model.quotes[id] else {
            return
        }
        note("settle \(id)")
        let (first, last) = (
            CalendarDayText(quote.term.lowerBound / 86_400), CalendarDayText(quote.term.upperBound / 86_400)
        )
        let isBroken = random.chance(0.3)
        let legs = quote.holds.map {
            """
            {"offer":"\($0.offer)","periods":[{"from":"\(first.text)","until":"\(last.text)","storageGB":"1",\
            "egressGB":"0"\(isBroken ? #","uptimePercent":"1""# : "")}]}
            """
        }
        let bytes = Array("{\"legs\":[\(legs.joined(separator: ","))]}".utf8)
        let answer = try await caller.call(
            .post, "/v1/slas/\(id)/settlements", as: quote.tenant, key: key(), body: bytes)
        guard model.now / 86_400 >= quote.term.upperBound / 86_400 else {
            return try require(answer.status == 400, "a term was settled before its end: \(answer.status)")
        }
        try require(answer.status == 200, "settle \(id): \(answer.status) \(answer.text)")
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
    private func checkMoney(_ json: JSONValue, _ id: String) throws {
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

    private func advance() {
        let seconds =
            random.chance(0.85)
            ? random.int(1...400) : random.chance(0.6) ? random.int(900...90_000) : 86_400 * random.int(20...150)
        model.now += seconds
        time.now.withLock { $0 = model.now }
        note("\(seconds) s later")
    }

    private func sweep(_ store: MarketplaceDatabase) throws {
        note("sweep")
        let late = model.quotes.filter { $0.value.state == "open" && model.now >= $0.value.expiresAt }.keys
        let swept = try store.expireQuotes(now: model.now)
        try require(swept == late.count, "\(swept) quotes were swept, not \(late.count)")
        for id in late { model.move(id, to: "expired") }
        model.audited += late.count
        count("swept")
    }

    private func changeOffers(_ store: MarketplaceDatabase) throws {
        let offer = random.pick(offers)
        model.capacity[offer] =
            random.chance(0.15) ? nil : SimulatedStore.gigabyte * random.pick([300, 900, 2000, 5000])
        if model.capacity.isEmpty { model.capacity[offer] = SimulatedStore.gigabyte * 2000 }
        note("\(offer) offers \(model.capacity[offer].map(String.init) ?? "nothing")")
        try store.import(
            .catalog, SimulatedStore.catalog(model.capacity), document: "simulation", now: model.now)
        count("offers changed")
    }

    // MARK: Crashes

    private func crash(_ caller: TestCaller, _ store: MarketplaceDatabase) async throws -> End? {
        let image = folder.path("image-\(step).sqlite")
        let kind = random.int(0...3)
        // A write that is acknowledged: it must be in the image. Its answer may be lost: then it is asked for again.
        if kind == 1 || kind == 2 { try await make(caller) }
        note("crash \(kind)")
        let stale = planted == .lostWrite ? lastSafeImage : ""
        if stale.isEmpty {
            try copy(store, to: image)
        } else {
            for part in ["", "-wal"] where FileManager.default.fileExists(atPath: stale + part) {
                try FileManager.default.copyItem(atPath: stale + part, toPath: image + part)
            }
        }
        lastSafeImage = folder.path("kept.sqlite")
        for part in ["", "-wal"] {
            try? FileManager.default.removeItem(atPath: lastSafeImage + part)
            if FileManager.default.fileExists(atPath: image + part) {
                try FileManager.default.copyItem(atPath: image + part, toPath: lastSafeImage + part)
            }
        }
        if kind == 2 || kind == 3 {
            // The first bytes of a write that nobody was told of.
            let torn = (0..<random.int(1...9000)).map { _ in UInt8(random.int(0...255)) }
            if let file = FileHandle(forWritingAtPath: image + "-wal") {
                try file.seekToEnd()
                try file.write(contentsOf: Data(torn))
                try file.close()
                count("torn writes")
            }
        }
        count("crashes")
        return .crash(image: image)
    }

    /// Copies database and log as they lie on the disk: while somebody reads, the log is not begun anew, so that the two copies
    /// are of one moment.
    private func copy(_ store: MarketplaceDatabase, to image: String) throws {
        var isCopied = false
        try store.forEachAuditEntry { _ in
            guard !isCopied else { return }
            isCopied = true
            for part in ["", "-wal"] where FileManager.default.fileExists(atPath: path + part) {
                try FileManager.default.copyItem(atPath: path + part, toPath: image + part)
            }
        }
        try require(isCopied, "there is no audit log")
    }

    /// After a crash: every acknowledged write is there.
    private func recovered(_ store: MarketplaceDatabase) async throws {
        do { try store.check() } catch { throw fault("after the crash: \(error)") }
        try check(store)
        try checkStored(store)
    }

    // MARK: Invariants

    /// What is cheap enough for every step.
    private func check(_ store: MarketplaceDatabase) throws {
        let (held, expected) = (try store.heldCapacity(at: model.now), model.held())
        try require(held == expected, "held are \(held), not \(expected)")
        let tip: AuditTip
        do { tip = try store.verifyAudit() } catch { throw fault("\(error)") }
        let audited = model.audited + (planted == .unaudited && counts["accepted"] != nil ? 1 : 0)
        try require(tip.count == audited, "the audit log has \(tip.count) lines, not \(audited)")
    }

    /// Every quote as it is stored.
    private func checkStored(_ store: MarketplaceDatabase) throws {
        var seen = 0
        for tenant in Self.tenants {
            for stored in try store.quotes(tenant: tenant, limit: 1_000_000) {
                guard let quote = model.quotes[stored.id] else { throw fault("\(stored.id) is unknown") }
                seen += 1
                try require(quote.tenant == tenant, "\(stored.id) is \(tenant)'s, not \(quote.tenant)'s")
                try require(
                    stored.status.rawValue == quote.state, "\(stored.id) is \(stored.status), not \(quote.state)")
            }
        }
        try require(seen == model.quotes.count, "\(seen) quotes are stored, not \(model.quotes.count)")
    }

    private func checkAll(_ caller: TestCaller, _ store: MarketplaceDatabase) async throws {
        try checkStored(store)
        for id in model.order {
            guard let quote = model.quotes[id] else { continue }
            try await look(caller, id, quote)
        }
        for call in model.calls {
            let answer = try await caller.call(.post, call.path, as: call.tenant, key: call.key, body: call.body)
            try require(answer.bytes == call.bytes, "\(call.path) is answered otherwise at the end")
        }
        try check(store)
        do { try store.check() } catch { throw fault("\(error)") }
        counts["quotes checked", default: 0] += model.order.count
    }
}

extension TestCaller.Answer {
    /// The beginning of the body.
    fileprivate var text: String { String(String(decoding: bytes, as: UTF8.self).prefix(600)) }
}
