import Documents
import Marketplace
import Money
import Testing

/// Prices that change on a known date, and data that lies somewhere since a known day.
@Suite struct PriceChangeTests {
    static let terms = #"""
        "id": "p/r/c", "provider": "p", "region": "r", "storageClass": "c", "metro": "m", "access": "online",
        "zones": "multi", "provenance": {"source": "s", "asOf": "2026", "verified": "v"}
        """#

    static func tariff(_ price: String) -> String {
        #"{"asset": "USD", "unit": "GB", "storage": [{"price": "\#(price)"}]}"#
    }

    static func offer(changes: String) throws -> Offer {
        let log = IssueLog()
        let text = "{\(terms), \"tariff\": \(tariff("0.02")), \"changes\": \(changes)}"
        let offer = Offer(try JSONValue(parsing: text.utf8), log: log)
        try log.check("offer")
        return try #require(offer)
    }

    static func day(_ text: String) -> CalendarDay { (try? CalendarDay(text)) ?? CalendarDay(ordinal: 0) }

    static func price(_ offer: Offer, _ day: String) -> ExactDecimal? {
        offer.tariff(on: Self.day(day)).storage.first?.price
    }

    @Test func theLatestChangeIsInForce() throws {
        let offer = try Self.offer(
            changes: """
                [{"from": "2027-01-01", "tariff": \(Self.tariff("0.03"))},
                 {"from": "2027-07-01", "tariff": \(Self.tariff("0.01"))}]
                """)
        #expect(offer.changes.count == 2)
        #expect(Self.price(offer, "2026-12-31") == decimal("0.02"))
        #expect(Self.price(offer, "2027-01-01") == decimal("0.03"))
        #expect(Self.price(offer, "2027-06-30") == decimal("0.03"))
        #expect(Self.price(offer, "2030-01-01") == decimal("0.01"))
        #expect(try Self.offer(changes: "[]").changes.isEmpty)
    }

    @Test func changesAreTakenInAnyOrder() throws {
        var offer = try Self.offer(changes: "[]")
        let early = PriceChange(from: Self.day("2027-01-01"), tariff: Tariff(storage: [Tier(price: decimal("0.03"))]))
        let late = PriceChange(from: Self.day("2027-07-01"), tariff: Tariff(storage: [Tier(price: decimal("0.01"))]))
        offer.changes = [late, early]
        #expect(Self.price(offer, "2027-02-01") == decimal("0.03"))
        #expect(Self.price(offer, "2027-08-01") == decimal("0.01"))
        let sorted = Offer(
            id: "", provider: "", region: "", storageClass: "", metro: "", tariff: offer.tariff, changes: [late, early])
        #expect(sorted.changes == [early, late])
    }

    /// A month is billed by the tariff of its first day: the term's day of the month.
    @Test(arguments: [("2026-12-01", 12, 3), ("2026-12-15", 2, 2), ("2026-12-15", 1, 1), ("2027-06-30", 2, 2)])
    func aTermMeetsTheVersionsOfItsMonths(_ start: String, _ months: Int, _ versions: Int) throws {
        let offer = try Self.offer(
            changes: """
                [{"from": "2027-01-01", "tariff": \(Self.tariff("0.03"))},
                 {"from": "2027-07-01", "tariff": \(Self.tariff("0.01"))}]
                """)
        var request = try RequestTests.read(RequestTests.base)
        (request.start, request.months) = (Self.day(start), months)
        #expect(offer.tariffs(for: request).count == versions)
        let first = offer.tariffs(for: request).first
        #expect(first == offer.tariff(on: request.start))
    }

    @Test(arguments: [
        (#"[{"from": "2027-01-01"}]"#, "/changes/0/tariff", "missing"),
        (#"[{"tariff": \#(PriceChangeTests.tariff("1"))}]"#, "/changes/0/from", "missing"),
        (#"[{"from": "soon", "tariff": \#(PriceChangeTests.tariff("1"))}]"#, "/changes/0/from", "YYYY-MM-DD"),
        (
            #"[{"from": "2027-01-01", "tariff": \#(PriceChangeTests.tariff("x"))}]"#,
            "/changes/0/tariff/storage/0/price", "decimal"
        ),
        (
            #"[{"from": "2027-01-01", "until": 1, "tariff": \#(PriceChangeTests.tariff("1"))}]"#, "/changes/0/until",
            "unknown field"
        ),
        (
            """
            [{"from": "2027-01-01", "tariff": \(PriceChangeTests.tariff("1"))},
             {"from": "2027-01-01", "tariff": \(PriceChangeTests.tariff("2"))}]
            """, "/changes/1/from", "follow"
        ),
        ("{}", "/changes", "array")
    ])
    func faultsHaveAPointer(_ changes: String, _ pointer: String, _ word: String) {
        let error = #expect(throws: InputError.self) { try Self.offer(changes: changes) }
        let issue = error?.issues.first { $0.location == pointer }
        #expect(issue?.description.contains(word) == true, "\(error?.description ?? "no error")")
    }

    @Test func holdingsKeepTheirDay() throws {
        let held = #"[{"offer": "a", "logicalGB": "5", "since": "2026-03-01"}, {"offer": "b", "logicalGB": "5"}]"#
        let request = try RequestTests.with("current", held)
        #expect(request.current.map(\.since) == [Self.day("2026-03-01"), nil])
        #expect(try SLARequest(request.json) == request)
    }
}
