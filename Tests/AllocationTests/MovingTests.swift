import Allocation
import Marketplace
import Money
import Testing

/// Plans that move the data within the term: worked by hand, and on the real catalogue.
@Suite struct MovingTests {
    static func offer(_ id: String, _ storage: String, egress: String? = nil, rising: (String, String)? = nil) -> Offer
    {
        var offer = InputEdgeTests.offer(id)
        offer.tariff.storage = [Tier(price: RandomProblem.decimal(storage))]
        if let egress { offer.tariff.egress = EgressTariff(tiers: [Tier(price: RandomProblem.decimal(egress))]) }
        if let rising {
            var tariff = offer.tariff
            tariff.storage = [Tier(price: RandomProblem.decimal(rising.1))]
            offer.changes = [PriceChange(from: DatedPriceTests.day(rising.0), tariff: tariff)]
        }
        return offer
    }

    static func plan(_ request: SLARequest, _ offers: [Offer], fee: Int = 0) throws -> MovingPlan {
        var charges = PlatformCharges()
        charges.feeBasisPoints = fee
        let problem = try AllocationProblem(
            request: request, offers: offers, catalog: InputEdgeTests.catalog(offers), charges: charges)
        let plan = try MovingOptimizer().plan(problem)
        #expect(MovingCheck(problem: problem, plan: plan).faults() == [])
        #expect(plan.status == .optimal)
        if let staying = plan.stayingCost, let bill = plan.bill { #expect(bill.total.minor <= staying.minor) }
        return plan
    }

    /// 1,000 GB for a year; a credit pays all of a's first three months at 20.00 each, b costs 10.00 a month. Staying at b
    /// costs 120.00; moving there after three months 90.00 and the egress.
    static func credited(egress: String, fee: Int = 0) throws -> MovingPlan {
        var request = try DatedPriceTests.request(12, start: "2026-12-01")
        request.credits = [
            .init(provider: "a", amount: Amount(minor: 100_000, .usd), expires: DatedPriceTests.day("2027-02-28"))
        ]
        return try plan(request, [offer("a", "0.02", egress: egress), offer("b", "0.01")], fee: fee)
    }

    @Test func anExpiringCreditMovesTheDataExactlyWhenThatPays() throws {
        let cheap = try Self.credited(egress: "0.0299")
        #expect(cheap.cuts == [3] && cheap.stages.map(\.months) == [0..<3, 3..<12])
        #expect(cheap.stages.map { $0.offers.map(\.id) } == [["a"], ["b"]])
        #expect(cheap.stages.map(\.cost.decimalText) == ["0.00", "90.00"])
        let move = try #require(cheap.moves.first)
        #expect(move.day == DatedPriceTests.day("2027-03-01") && move.from == ["a"] && move.to == ["b"])
        #expect(move.charges.map(\.kind) == [.egress] && move.cost.decimalText == "29.90")
        #expect(move.readBytes == 1_000_000_000_000 && move.writtenBytes == 1_000_000_000_000)
        #expect(cheap.bill?.total.decimalText == "119.90" && cheap.saving?.decimalText == "0.10")
        let dear = try Self.credited(egress: "0.0301")
        #expect(dear.moves.isEmpty && dear.stages.map { $0.offers.map(\.id) } == [["b"]])
        #expect(dear.bill?.total.decimalText == "120.00" && dear.saving?.decimalText == "0.00")
        let prohibitive = try Self.credited(egress: "100")
        #expect(prohibitive.moves.isEmpty && prohibitive.stages.count == 1)
    }

    @Test func thePlatformTakesItsFeeOnMoves() throws {
        let plan = try Self.credited(egress: "0.01", fee: 200)
        // 90.00 and 10.00, and 2% of both.
        #expect(plan.bill?.total.decimalText == "102.00" && plan.bill?.platformFee.decimalText == "2.00")
        #expect(plan.moves.first?.platformFee.decimalText == "0.20")
    }

    /// a costs 10.00 a month, from the seventh on 30.00; b 15.00. Staying at b costs 180.00; moving 150.00 and the egress.
    @Test(arguments: [("0.0299", 1), ("0.0301", 0)])
    func aPriceRiseMovesTheDataExactlyWhenThatPays(_ egress: String, _ moves: Int) throws {
        let request = try DatedPriceTests.request(12, start: "2026-12-01")
        let a = Self.offer("a", "0.01", egress: egress, rising: ("2027-06-01", "0.03"))
        let plan = try Self.plan(request, [a, Self.offer("b", "0.015")])
        #expect(plan.cuts == [6] && plan.moves.count == moves)
        #expect(plan.stayingCost?.decimalText == "180.00")
        #expect(plan.bill?.total.decimalText == (moves == 1 ? "179.90" : "180.00"))
    }

    /// a's minimum duration is six months and its price rises after three. Against a steep rise and a dear b it pays to
    /// leave at once and pay three months more at the old price; else the data waits until the six months are over.
    @Test(arguments: [("0.05", "0.022", 3, ["1.00", "30.00"], "259.00"), ("0.02", "0.018", 6, ["1.00"], "199.00")])
    func leavingBeforeTheMinimumDurationIsPaid(
        _ risen: String, _ other: String, _ month: Int, _ charges: [String], _ total: String
    ) throws {
        let request = try DatedPriceTests.request(12, start: "2026-12-01")
        var a = Self.offer("a", "0.01", egress: "0.001", rising: ("2027-03-01", risen))
        a.tariff.minimumDays = 180
        for index in a.changes.indices {
            var tariff = a.changes[index].tariff
            tariff.minimumDays = 180
            a.changes[index] = PriceChange(from: a.changes[index].from, tariff: tariff)
        }
        let plan = try Self.plan(request, [a, Self.offer("b", other)])
        let move = try #require(plan.moves.first)
        #expect(move.month == month && move.charges.map(\.amount.decimalText) == charges)
        #expect(move.charges.map(\.kind) == [.egress, .minimumDuration].prefix(charges.count).map { $0 })
        #expect(plan.bill?.total.decimalText == total)
    }

    /// Writes are paid where the data goes: 10⁶ objects at 0.005 for 1,000.
    @Test func whatIsEnteredIsWritten() throws {
        let request = try DatedPriceTests.request(12, start: "2026-12-01")
        let a = Self.offer("a", "0.01", egress: "0.001", rising: ("2027-06-01", "0.03"))
        var b = Self.offer("b", "0.015")
        b.tariff.writesPer1000 = RandomProblem.decimal("0.005")
        let plan = try Self.plan(request, [a, b])
        let move = try #require(plan.moves.first)
        #expect(move.charges.map(\.kind) == [.egress, .writes])
        #expect(move.charges.map(\.amount.decimalText) == ["1.00", "5.00"])
    }

    /// A shard of a (2, 3) code leaves: it is copied when two others are dearer to read, rebuilt when it is dearer itself.
    @Test func aShardIsCopiedOrRebuilt() throws {
        var request = try DatedPriceTests.request(12, start: "2026-12-01")
        request.redundancy = .fixed(try #require(RedundancyScheme(data: 2, shards: 3)))
        request.toleratedProviders = 1
        func move(leaving: String, others: String) throws -> MovingPlan.Move {
            let offers = [
                Self.offer("a", "0.01", egress: leaving, rising: ("2027-02-01", "0.9")),
                Self.offer("b", "0.01", egress: others), Self.offer("c", "0.01", egress: others),
                Self.offer("d", "0.02", egress: others)
            ]
            let plan = try Self.plan(request, offers)
            #expect(plan.moves.count == 1)
            return try #require(plan.moves.first)
        }
        let copied = try move(leaving: "0.003", others: "0.002")
        #expect(copied.method == .copy && copied.charges.map(\.offer) == ["a"])
        #expect(copied.from == ["a"] && copied.to == ["d"] && copied.readBytes == 500_000_000_000)
        let rebuilt = try move(leaving: "0.005", others: "0.002")
        #expect(rebuilt.method == .rebuild && rebuilt.charges.map(\.offer) == ["b", "c"])
        #expect(rebuilt.readBytes == 1_000_000_000_000 && rebuilt.writtenBytes == 500_000_000_000)
    }

    /// Reads are free up to three times what is stored: what the month's own reads leave of it is the move's.
    @Test func whatIsFreeForTheStoredIsLeftOver() throws {
        func egress(read: Int) throws -> String? {
            var request = try DatedPriceTests.request(12, start: "2026-12-01")
            request.traffic = [
                .init(region: "r", egressBytes: read * InputEdgeTests.gigabyte, reads: 0, writes: 0)
            ]
            var a = Self.offer("a", "0.01", rising: ("2027-02-01", "0.9"))
            a.tariff.egress = EgressTariff(
                tiers: [Tier(price: RandomProblem.decimal("0.01"))], allowance: .multipleOfStored(ExactDecimal(3)))
            let move = try Self.plan(request, [a, Self.offer("b", "0.2", egress: "0")]).moves.first
            return move.map { $0.charges.first?.amount.decimalText ?? "nothing" }
        }
        #expect(try egress(read: 2000) == "nothing")
        #expect(try egress(read: 2500) == "5.00")
        #expect(try egress(read: 4000) == "10.00")
    }

    /// With nothing that changes there is nothing to search for; with nowhere to go, nothing to answer.
    @Test func edges() throws {
        let request = try DatedPriceTests.request(12)
        let steady = try Self.plan(request, [Self.offer("a", "0.01")])
        #expect(steady.cuts.isEmpty && steady.stages.map(\.months) == [0..<12] && steady.moves.isEmpty)
        var impossible = request
        impossible.qos.latencyMs = RandomProblem.decimal("0.1")
        impossible.traffic = [.init(region: "r", egressBytes: 1, reads: 1, writes: 1)]
        impossible.credits = [
            .init(provider: "a", amount: Amount(minor: 1, .usd), expires: DatedPriceTests.day("2027-02-28"))
        ]
        let problem = try DatedPriceTests.problem(impossible, [Self.offer("a", "0.01")])
        let none = try MovingOptimizer().plan(problem)
        #expect(none.status == .infeasible && none.stages.isEmpty && none.bill == nil && none.objective == nil)
        // No time is no answer, but never a wrong one.
        let hasty = try MovingOptimizer(timeLimit: 0).plan(DatedPriceTests.problem(request, [Self.offer("a", "0.01")]))
        #expect(hasty.status != .infeasible)
    }

    /// What a budget of the term forbids is not planned.
    @Test func budgetsHold() throws {
        var request = try DatedPriceTests.request(12, start: "2026-12-01")
        let a = Self.offer("a", "0.01", egress: "0.01", rising: ("2027-06-01", "0.03"))
        request.budget = .init(amount: Amount(minor: 16_000, .usd), period: .term)
        let offers = [a, Self.offer("b", "0.015")]
        let moving = try Self.plan(request, offers)
        #expect(moving.stayingCost == nil && moving.bill?.total.decimalText == "160.00" && moving.moves.count == 1)
        request.budget = .init(amount: Amount(minor: 15_999, .usd), period: .term)
        #expect(try MovingOptimizer().plan(DatedPriceTests.problem(request, offers)).status == .infeasible)
        // A budget of the month bounds what the months cost; moves are beside it, as leaving is at the start.
        request.budget = .init(amount: Amount(minor: 1_500, .usd), period: .month)
        #expect(try Self.plan(request, offers).bill?.total.decimalText == "160.00")
        request.budget = .init(amount: Amount(minor: 1_499, .usd), period: .month)
        #expect(try MovingOptimizer().plan(DatedPriceTests.problem(request, offers)).status == .infeasible)
    }

    /// Offers that are equal in everything are not exchanged for one another.
    @Test func nothingMovesForNothing() throws {
        var request = try DatedPriceTests.request(12, start: "2026-12-01")
        request.redundancy = .fixed(try #require(RedundancyScheme(data: 1, shards: 2)))
        let twins = ["b1", "b2", "b3", "c1", "c2"].map { Self.offer($0, "0.011", egress: "0") }
        let a = Self.offer("a", "0.01", egress: "0", rising: ("2027-06-01", "0.03"))
        let move = try #require(Self.plan(request, [a] + twins).moves.first)
        #expect(move.from == ["a"] && move.to.count == 1)
    }

    @Test func theCheckRefusesWhatDoesNotHold() throws {
        var request = try DatedPriceTests.request(12, start: "2026-12-01")
        request.monthlyGrowth = RandomProblem.decimal("0.01")
        let a = Self.offer("a", "0.01", egress: "0.001", rising: ("2027-06-01", "0.03"))
        let problem = try DatedPriceTests.problem(request, [a, Self.offer("b", "0.015")])
        let plan = try MovingOptimizer().plan(problem)
        func faults(_ change: (inout MovingPlan) -> Void) -> [String] {
            var changed = plan
            change(&changed)
            return MovingCheck(problem: problem, plan: changed).faults()
        }
        #expect(plan.moves.count == 1 && faults { _ in } == [])
        #expect(!faults { $0.moves = [] }.isEmpty, "a move is missing")
        #expect(!faults { $0.moves += $0.moves }.isEmpty, "a move is made twice")
        #expect(!faults { $0.moves[0].charges = [] }.isEmpty, "a move is free")
        #expect(!faults { $0.stages.removeLast() }.isEmpty, "the term is not filled")
        #expect(!faults { $0.stages[1].months = 7..<12 }.isEmpty, "a month is left out")
        #expect(!faults { $0.stages[1].placements = $0.stages[0].placements }.isEmpty, "the data stays")
        #expect(
            !faults {
                $0.stages[0].claimants = ["a", "b"]; $0.stages[0].placements = []
            }.isEmpty)
    }

    /// The sample request with another credit, on the real catalogue: a copy lies with Google while the credit pays for
    /// it, then moves; one that stays for the whole term would not.
    @Test func aCreditIsUsedAndLeft() throws {
        var request = try CatalogFixture.request("expiring-credits")
        request.credits = [
            .init(provider: "gcp", amount: Amount(minor: 100_000, .usd), expires: DatedPriceTests.day("2027-05-31"))
        ]
        let problem = try CatalogFixture.problem(request, CatalogFixture.catalog())
        let plan = try MovingOptimizer().plan(problem)
        #expect(plan.status == .optimal && plan.stages.map(\.months) == [0..<6, 6..<12])
        let move = try #require(plan.moves.first)
        #expect(plan.moves.count == 1 && move.day == DatedPriceTests.day("2027-06-01"))
        #expect(move.from.allSatisfy { $0.hasPrefix("gcp/") } && move.to.allSatisfy { !$0.hasPrefix("gcp/") })
        #expect(plan.staying?.offers.contains { $0.provider == "gcp" } == false)
        #expect(plan.saving?.decimalText == "63.43" && plan.bill?.total.decimalText == "495.97")
    }

    /// Sample requests on the real catalogue.
    @Test(arguments: ["expiring-credits", "small-app", "move-away-from-one-cloud", "regulated-data"])
    func onTheRealCatalogue(_ name: String) throws {
        let catalog = try CatalogFixture.catalog()
        let problem = try CatalogFixture.problem(CatalogFixture.request(name), catalog)
        let plan = try MovingOptimizer().plan(problem)
        #expect(plan.status == .optimal)
        let (staying, bill) = (try #require(plan.stayingCost), try #require(plan.bill))
        #expect(bill.total.minor <= staying.minor)
        let (objective, bound) = (try #require(plan.objective), try #require(plan.bound))
        #expect(bound <= objective + 1e-6 && objective - bound <= 1e-5 * objective)
        print(
            "\(name): \(problem.offers.count) offers, cuts \(plan.cuts), staying \(staying), plan \(bill.total),",
            "saving \(plan.saving?.decimalText ?? ""), moving \(plan.movingObjective ?? .nan),",
            "\(Int(plan.milliseconds)) ms")
        for stage in plan.stages {
            let where_ = stage.placements.map { "\($0.share) \($0.legs.map(\.offer.id))" }
            print("    months \(stage.months): \(stage.cost) on \(where_)")
        }
        for move in plan.moves {
            print("    \(move.day): \(move.from) to \(move.to), \(move.method), \(move.cost): \(move.charges)")
        }
    }
}
