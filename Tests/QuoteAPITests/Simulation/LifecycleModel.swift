import Documents
import Foundation
import Marketplace
import Money

/// What must be true of quotes, SLAs, capacity and credits: the simulation's idea of the service, written from the design.
struct LifecycleModel {
    struct Quote {
        let tenant: String
        let user: String
        let createdAt: Int
        let expiresAt: Int
        var state: String
        /// How often it has moved; the entity tag counts them.
        var steps = 1
        var isRevised = false
        let document: JSONValue
        let holds: [(offer: String, bytes: Int)]
        let credits: [(provider: String, used: Amount, stated: Amount)]
        /// The term, in seconds since 1970, the end excluded.
        let term: Range<Int>
        /// When what it holds is free again.
        var heldUntil = 0

        /// The state at `now`.
        func state(at now: Int) -> String { state == "open" && now >= expiresAt ? "expired" : state }
    }

    var now: Int
    var quotes: [String: Quote] = [:]
    /// In the order of their making, so that a seed always picks the same.
    var order: [String] = []
    /// Bytes of each listed offer.
    var capacity: [String: Int] = [:]
    /// An answered call: what was sent when, and the bytes that came back.
    struct Call {
        let tenant: String
        let key: String
        let path: String
        let body: [UInt8]
        let bytes: [UInt8]
        let time: Int
    }

    /// The calls whose answers are still known.
    var calls: [Call] = []
    /// Lines of the audit log.
    var audited = 0

    /// The most bytes of an offer that are held at one time within `term`, by every second at which a hold begins.
    func peak(_ offer: String, within term: Range<Int>) -> Int {
        let holds = quotes.values.filter { $0.heldUntil > 0 }.flatMap { quote in
            quote.holds.filter { $0.offer == offer }.map {
                (start: quote.term.lowerBound, end: quote.heldUntil, $0.bytes)
            }
        }
        let moments = [term.lowerBound] + holds.map(\.start).filter(term.contains)
        return moments.map { moment in
            holds.reduce(0) { $0 + ($1.start <= moment && moment < $1.end ? $1.2 : 0) }
        }.max() ?? 0
    }

    /// Bytes that are held now or later, by offer.
    func held() -> [String: Int] {
        var sums: [String: Int] = [:]
        for quote in quotes.values where quote.heldUntil > now {
            for hold in quote.holds { sums[hold.offer, default: 0] += hold.bytes }
        }
        return sums
    }

    /// What of a user's credit with a provider SLAs count on, in minor units.
    func credited(_ tenant: String, _ user: String, _ provider: String) -> Int128 {
        quotes.values.filter { $0.tenant == tenant && $0.user == user && ["accepted", "active"].contains($0.state) }
            .flatMap(\.credits).filter { $0.provider == provider }.reduce(0) { $0 + $1.used.minor }
    }

    /// How accepting a quote must end now: `200`, or the problems one of which is told.
    func accepting(_ id: String) -> Set<String> {
        guard let quote = quotes[id] else { return ["not-found"] }
        switch quote.state(at: now) {
        case "open": break
        case "expired": return ["expired", "no-longer-eligible"]
        default: return ["state", "no-longer-eligible"]
        }
        var problems: Set<String> = []
        for hold in quote.holds {
            guard let capacity = capacity[hold.offer] else {
                problems.formUnion(["withdrawn", "no-longer-eligible"])
                continue
            }
            if peak(hold.offer, within: quote.term) + hold.bytes > capacity {
                problems.formUnion(["capacity", "no-longer-eligible"])
            }
        }
        for credit in quote.credits
        where credited(quote.tenant, quote.user, credit.provider) + credit.used.minor > credit.stated.minor {
            problems.insert("credit")
        }
        return problems.isEmpty ? ["200"] : problems
    }

    /// What becomes of a quote that was accepted.
    mutating func accept(_ id: String) {
        move(id, to: "accepted")
        if let end = quotes[id]?.term.upperBound { quotes[id]?.heldUntil = end }
        audited += 1
    }

    mutating func move(_ id: String, to state: String) {
        quotes[id]?.state = state
        quotes[id]?.steps += 1
        // What has ended holds nothing from now on; before its first day it never did.
        if ["completed", "terminated", "breached"].contains(state), let quote = quotes[id] {
            quotes[id]?.heldUntil = max(quote.term.lowerBound, min(quote.heldUntil, now))
        }
    }
}

extension LifecycleModel.Quote {
    /// A quote as its answer shows it; nil when the answer is none.
    ///
    /// - Parameter tenant: who asked for it.
    init?(_ answer: JSONValue, tenant: String, now: Int) {
        guard let document = answer["document"], let request = document["request"],
            let expires = answer["expiresAt"]?.text.flatMap(UTCTime.seconds), let user = request["user"]?.text,
            let start = request["term"]?["start"]?.text.flatMap({ try? CalendarDay($0) }),
            let months = request["term"]?["months"]?.content.flatMap({ Int($0) })
        else { return nil }
        let end = start.addingMonths(months)
        holds = document["legs"].elements.compactMap { leg in
            guard let offer = leg["offer"]?.text, let first = Self.bytes(leg["storedGB"]),
                let last = Self.bytes(leg["storedGBAtEnd"])
            else { return nil }
            return (offer, max(first, last))
        }
        func amount(_ value: JSONValue?) -> Amount? {
            value?.text.flatMap { try? Amount($0.replacingOccurrences(of: "-", with: ""), .usd) }
        }
        credits =
            document["bill"]?["credits"].elements.compactMap { use in
                guard let provider = use["provider"]?.text, let used = amount(use["amount"]), used.minor > 0,
                    let stated = amount(
                        request["credits"].elements.first { $0["provider"]?.text == provider }?["amount"])
                else { return nil }
                return (provider, used, stated)
            } ?? []
        (self.tenant, self.user, self.document) = (tenant, user, document)
        (createdAt, expiresAt, state) = (now, expires, "open")
        term = start.ordinal * 86_400..<end.ordinal * 86_400
    }

    private static func bytes(_ value: JSONValue?) -> Int? {
        guard let text = value?.text, let gigabytes = try? ExactDecimal(text),
            let bytes = try? gigabytes.scaled(by: 1_000_000_000, rounding: .up)
        else { return nil }
        return Int(exactly: bytes)
    }

    /// Why the quote's money does not add up; nil when it does, to the last minor unit.
    var moneyFault: String? {
        func minor(_ value: JSONValue?) -> Int128 {
            value?.text.flatMap { try? Amount($0, .usd).minor } ?? .min / 1_000_000
        }
        func sum(_ values: [JSONValue], _ key: String? = nil) -> Int128 {
            values.reduce(0) { sum, value in sum + minor(key.map { value[$0] } ?? value) }
        }
        let (legs, bill, total) = (document["legs"].elements, document["bill"], minor(document["total"]))
        for leg in legs where sum(leg["lines"].elements, "amount") != minor(leg["cost"]) {
            return "the lines of \(leg["offer"]?.text ?? "?") are not its cost"
        }
        let parts =
            sum(legs, "cost") + minor(bill["platformFee"]) + minor(bill["gateway"])
            + sum(bill["migration"].elements, "amount") + sum(bill["credits"].elements, "amount")
        if parts != total { return "the parts are \(parts), the total is \(total)" }
        let months = sum(bill["payableByMonth"].elements)
        return months == total ? nil : "the months are \(months), the total is \(total)"
    }
}
