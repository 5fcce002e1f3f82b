import Allocation
import Marketplace
import MathematicalProgramming
import Money
import Testing

/// Prices that change within the term, and data that is given up before its minimum duration is over.
@Suite struct DatedPriceTests {
    static func day(_ text: String) -> CalendarDay { (try? CalendarDay(text)) ?? CalendarDay(ordinal: 0) }

    static func rising(_ id: String, _ changes: [(String, String)]) -> Offer {
        var offer = InputEdgeTests.offer(id)
        offer.changes = changes.map { date, price in
            var tariff = offer.tariff
            tariff.storage = [Tier(price: RandomProblem.decimal(price))]
            return PriceChange(from: day(date), tariff: tariff)
        }
        return offer
    }

    static func request(_ months: Int, start: String = "2026-11-15") throws -> SLARequest {
        let scheme = try #require(RedundancyScheme(data: 1, shards: 1))
        return SLARequest(
            user: "u", logicalBytes: 1000 * InputEdgeTests.gigabyte, start: day(start), months: months,
            redundancy: .fixed(scheme))
    }

    static func problem(_ request: SLARequest, _ offers: [Offer]) throws -> AllocationProblem {
        var charges = PlatformCharges()
        charges.feeBasisPoints = 0
        return try AllocationProblem(
            request: request, offers: offers, catalog: InputEdgeTests.catalog(offers), charges: charges)
    }

    static func bill(_ request: SLARequest, _ offers: [Offer]) throws -> (Allocation, Bill) {
        let problem = try problem(request, offers)
        let answer = try AllocationOptimizer().solve(problem)
        #expect(answer.status == .optimal)
        let plan = try AllocationPlan(
            problem: problem, placements: answer.placements, claimants: answer.claimants)
        let reference = try AllocationEnumeration(problem).solve()
        #expect(OracleTests.agree(answer.objective ?? .nan, reference.objective ?? .nan))
        return (answer, try plan.bill())
    }

    /// 1,000 GB at 0.01, from 2027-01-01 at 0.03: the month that begins on 12-15 is still billed by the old price.
    @Test func theTariffOfTheFirstDayBillsTheMonth() throws {
        let (_, bill) = try Self.bill(Self.request(4), [Self.rising("a", [("2027-01-01", "0.03")])])
        #expect(bill.payableByMonth.map(\.decimalText) == ["10.00", "10.00", "30.00", "30.00"])
        #expect(bill.total.decimalText == "80.00")
    }

    /// The price at the term's start alone would choose a; over the term b is cheaper.
    @Test func theWholeTermDecides() throws {
        var b = InputEdgeTests.offer("b")
        b.tariff.storage = [Tier(price: RandomProblem.decimal("0.015"))]
        let offers = [Self.rising("a", [("2026-12-15", "0.03")]), b]
        #expect(try Self.bill(Self.request(1), offers).0.offers.map(\.id) == ["a"])
        #expect(try Self.bill(Self.request(3), offers).0.offers.map(\.id) == ["b"])
        #expect(try Self.bill(Self.request(3, start: "2027-02-01"), offers).0.offers.map(\.id) == ["b"])
    }

    /// A price that is published only until a day in the term is not published for the term.
    @Test func pricesMustBePublishedThroughout() throws {
        var request = try Self.request(3)
        request.traffic = [.init(region: "r", egressBytes: 1, reads: 1, writes: 1)]
        var a = InputEdgeTests.offer("a")
        let parts: [WritableKeyPath<Tariff, ExactDecimal?>] = [\.writesPer1000, \.readsPer1000, \.retrieval]
        for part in parts {
            var lacking = a.tariff
            lacking[keyPath: part] = nil
            a.changes = [PriceChange(from: Self.day("2027-01-01"), tariff: lacking)]
            let answer = try AllocationOptimizer().solve(Self.problem(request, [a]))
            #expect(answer.status == .infeasible)
            #expect(try AllocationEnumeration(Self.problem(request, [a])).solve().status == .infeasible)
            var short = request
            short.months = 1
            #expect(try AllocationOptimizer().solve(Self.problem(short, [a])).status == .optimal)
        }
    }

    /// 1,000 GB since 30 days at an offer of 90 days at least: two months of storage and the egress are due on leaving.
    @Test func leavingEarlyIsCharged() throws {
        var request = try Self.request(12)
        var old = InputEdgeTests.offer("old")
        old.tariff.storage = [Tier(price: RandomProblem.decimal("0.05"))]
        old.tariff.minimumDays = 90
        let offers = [old, InputEdgeTests.offer("new")]
        func migration(_ since: CalendarDay?) throws -> [ChargeKind: String] {
            request.current = [.init(offer: "old", logicalBytes: request.logicalBytes, since: since)]
            let (answer, bill) = try Self.bill(request, offers)
            #expect(answer.offers.map(\.id) == ["new"])
            return Dictionary(uniqueKeysWithValues: bill.migration.map { ($0.kind, $0.amount.decimalText) })
        }
        let start = request.start.ordinal
        #expect(try migration(nil) == [.egress: "20.00"])
        #expect(try migration(CalendarDay(ordinal: start - 30)) == [.egress: "20.00", .minimumDuration: "100.00"])
        #expect(try migration(CalendarDay(ordinal: start - 89)) == [.egress: "20.00", .minimumDuration: "1.67"])
        #expect(try migration(CalendarDay(ordinal: start - 90)) == [.egress: "20.00"])
    }

    /// Who keeps a copy where the data lies reads it for the other copies, but gives nothing up.
    @Test func aCopyAmongOthersIsNotGivenUp() throws {
        var request = try Self.request(12)
        request.redundancy = .fixed(try #require(RedundancyScheme(data: 1, shards: 2)))
        var old = InputEdgeTests.offer("old")
        old.tariff.storage = [Tier(price: RandomProblem.decimal("0.012"))]
        old.tariff.minimumDays = 365
        request.current = [.init(offer: "old", logicalBytes: request.logicalBytes, since: request.start)]
        let (answer, bill) = try Self.bill(request, [old, InputEdgeTests.offer("new"), InputEdgeTests.offer("other")])
        #expect(answer.offers.map(\.id) == ["new", "old"])
        #expect(bill.migration.map(\.kind) == [.egress])
    }

    /// Instances whose prices change or whose data was moved lately, against enumeration.
    @Test(arguments: 0..<6) func agreesWithEnumeration(_ block: Int) throws {
        var (solved, seed) = (0, UInt64(50_000 + 1000 * block))
        while solved < 8, seed < 50_000 + 1000 * UInt64(block) + 400 {
            seed += 1
            let instance = RandomProblem(seed: seed, auto: seed % 6 == 0)
            let isDated =
                instance.catalog.offers.contains { !$0.changes.isEmpty }
                || instance.request.current.contains { $0.since != nil }
            guard isDated else { continue }
            let problem = try instance.problem()
            #expect(try OracleTests.faults(problem) == [], "seed \(seed)")
            if try AllocationOptimizer().solve(problem).objective != nil { solved += 1 }
        }
        #expect(solved == 8)
    }

    /// The plain program and the optimizer, when all data must lie under one placement and nothing is granted to an
    /// account as a whole.
    @Test(arguments: 0..<4) func agreesWithThePlainProgram(_ block: Int) throws {
        var compared = 0
        for seed in 0..<40 {
            let seed = UInt64(60_000 + 40 * block + seed)
            let instance = RandomProblem(seed: seed)
            var request = instance.request
            (request.budget, request.qos.availability, request.qos.durabilityNines) = (nil, nil, nil)
            let offers = instance.catalog.offers
            let tariffs = offers.flatMap { [$0.tariff] + $0.changes.map(\.tariff) }
            guard tariffs.allSatisfy({ $0.withoutFreeVolumes == $0 }) else { continue }
            let problem = try AllocationProblem(
                request: request, offers: offers, catalog: instance.catalog, charges: instance.charges,
                smallestLeg: 1)
            let answer = try AllocationOptimizer().solve(problem)
            guard let cheapest = answer.cheapest else { continue }
            guard let (_, program) = try AllocationOptimizer.models(problem).first else { continue }
            let solution = try HiGHSSolver().solve(program, SolverParameters(relativeGap: 1e-9))
            #expect(solution.status == .optimal)
            let plain = solution.objective ?? .nan
            #expect(OracleTests.agree(plain, cheapest), "seed \(seed): \(cheapest), the plain program \(plain)")
            compared += 1
        }
        #expect(compared > 1)
    }
}
