import Allocation
import Marketplace
import Money
import Pricing
import Quoting
import Testing

/// Steps of volume against full re-solves, closed forms and their own laws.
@Suite struct ReplayTests {
    private func replay(_ catalog: Catalog) -> PriceReplay {
        var replay = PriceReplay(catalog: catalog, day: SmallMarket.day)
        replay.schemes = RandomMarket.schemes
        return replay
    }

    /// The problem that a replay at `price` stands for, written down anew: nil when the offer is not eligible.
    private func problem(
        _ named: NamedRequest, _ offer: Offer, _ price: Double, _ replay: PriceReplay
    ) throws -> AllocationProblem? {
        let eligible = Eligibility(named.request, replay.catalog, on: replay.day).offers
        guard eligible.contains(where: { $0.id == offer.id }) else { return nil }
        var flat = offer
        flat.tariff.storage = [Tier(price: decimal(Int((price * 1e9).rounded()), 9))]
        flat.tariff.monthlyMinimum = .zero
        var request = named.request
        request.credits.removeAll { $0.provider == offer.provider }
        return try AllocationProblem(
            request: request, offers: eligible.map { $0.id == offer.id ? flat : $0 }, catalog: replay.catalog,
            schemes: replay.schemes)
    }

    /// Gigabyte-months that an allocation gives the offer.
    private func volume(_ allocation: Allocation, _ request: SLARequest, _ offer: Offer) -> Double {
        allocation.placements.reduce(0) { sum, placement in
            guard placement.legs.contains(where: { $0.offer.id == offer.id }) else { return sum }
            return (0..<request.months).reduce(sum) { sum, month in
                let logical = Double(request.logicalBytes(inMonth: month))
                return sum + placement.share * logical / Double(placement.scheme.data) / 1e9
            }
        }
    }

    @Test(arguments: 1...ReplayOracleCount.divided as ClosedRange<UInt64>)
    func stepsEqualReSolvesOnAGrid(seed: UInt64) throws {
        let market = RandomMarket(seed: seed)
        let replay = replay(market.catalog)
        let replays = try replay.replay(market.requests, of: market.offer, in: 0...0.06)
        for (named, result) in zip(market.requests, replays) {
            // A monthly budget may divide the data, which is then approximated and said.
            #expect(result.isExact || named.request.budget?.period == .month)
            guard result.isExact else { continue }
            let ends = result.pieces.map(\.upTo)
            for index in 0..<24 {
                let price = 0.0007 + 0.0025 * Double(index)
                guard price < 0.06, let problem = try problem(named, market.offer, price, replay) else { continue }
                // At a breakpoint two allocations cost the same, and bills are rounded to cents.
                if ends.contains(where: { abs($0 - price) < 2e-5 }) { continue }
                let solved = try AllocationOptimizer(relativeGap: 1e-9).solve(problem)
                let expected = volume(solved, named.request, market.offer)
                let found = result.volume(below: price)
                #expect(abs(found - expected) < 1e-6, "seed \(seed), \(named.name), price \(price)")
                let isMet = result.pieces.first { $0.upTo >= price }?.isMet ?? false
                #expect(isMet == (solved.objective != nil), "seed \(seed), \(named.name), price \(price)")
            }
        }
    }

    @Test(arguments: 101...112 as ClosedRange<UInt64>)
    func everyStepEqualsTheEnumeration(seed: UInt64) throws {
        let market = RandomMarket(seed: seed)
        let replay = replay(market.catalog)
        let replays = try replay.replay(market.requests, of: market.offer, in: 0...0.06)
        // Where reads are moved to keep a budget to the cent, the optimizer proves no optimum and the replay says so.
        for (named, result) in zip(market.requests, replays) where result.isExact {
            var lower = 0.0
            for piece in result.pieces where piece.upTo - lower > 2e-5 {
                for price in [lower + 1e-5, (lower + piece.upTo) / 2] {
                    guard let problem = try problem(named, market.offer, price, replay) else { continue }
                    let expected = volume(try AllocationEnumeration(problem).solve(), named.request, market.offer)
                    #expect(
                        abs(piece.gigabyteMonths - expected) < 1e-6,
                        "seed \(seed), \(named.name), \(price), \(result.pieces)")
                }
                lower = piece.upTo
            }
        }
    }

    @Test func randomMarketsHaveSteps() throws {
        var (breakpoints, unmet, infeasible, excluded, inexact) = (0, 0, 0, 0, 0)
        for seed in 1...48 as ClosedRange<UInt64> {
            let market = RandomMarket(seed: seed)
            for result in try replay(market.catalog).replay(market.requests, of: market.offer, in: 0...0.06) {
                breakpoints += max(0, result.pieces.count - 1)
                inexact += result.isExact ? 0 : 1
                unmet += result.pieces.contains { !$0.isMet } ? 1 : 0
                if case .infeasible = result.standing { infeasible += 1 }
                if case .ineligible = result.standing { excluded += 1 }
            }
        }
        #expect(breakpoints >= 40 && unmet >= 5 && infeasible >= 5)
        #expect(infeasible + excluded < 60 && inexact <= 5)
    }

    @Test(arguments: 1...48 as ClosedRange<UInt64>)
    func volumeNeverRisesWithThePrice(seed: UInt64) throws {
        let market = RandomMarket(seed: seed)
        // A monthly budget may rule out the scheme that stores less, so it is left out here.
        let requests = market.requests.map { named in
            var request = named.request
            if request.budget?.period == .month { request.budget = nil }
            return NamedRequest(name: named.name, request: request)
        }
        let steps = try replay(market.catalog).volumeSteps(of: market.offer, requests, in: 0...0.06)
        for (one, next) in zip(steps, steps.dropFirst()) {
            #expect(one.upTo < next.upTo && one.total > next.total)
            #expect(zip(one.volumeGBMonths, next.volumeGBMonths).allSatisfy { $0 >= $1 })
        }
        for step in steps { #expect(step.total == step.volumeGBMonths.reduce(0, +)) }
    }

    // MARK: Closed forms

    @Test func twoRivalsMeetWhereEgressMakesUpForStorage() throws {
        // 1000 GB stored, 400 GB read a month: p + 0.4·0.005 = 0.007 + 0.4·0.01 at p = 0.009; with egress at 0.03 the
        // breakpoint would lie below zero.
        let named = NamedRequest(name: "one", request: SmallMarket.request(1000, egressGB: 400))
        let rival = SmallMarket.offer("rival", storage: 7000, egress: 100)
        let own = SmallMarket.offer("own", storage: 6000, egress: 50)
        let steps = try replay(SmallMarket.catalog([own, rival])).volumeSteps(of: own, [named], in: 0...0.05)
        #expect(steps.count == 2)
        #expect(abs((steps.first?.upTo ?? 0) - 0.009) < 1e-9)
        #expect(steps.first?.tick == decimal(8999, 6))
        #expect(steps.map(\.total) == [12_000, 0])
        let dear = SmallMarket.offer("own", storage: 6000, egress: 300)
        let none = try replay(SmallMarket.catalog([dear, rival])).volumeSteps(of: dear, [named], in: 0...0.05)
        #expect(none.map(\.total) == [0] && none.map(\.upTo) == [0.05])
    }

    @Test func pricesAreOfTheTariffsOwnUnit() throws {
        // A GiB is 1.073741824 GB, so it may cost as much more.
        let named = NamedRequest(name: "one", request: SmallMarket.request(1000))
        let rival = SmallMarket.offer("rival", storage: 7000)
        let own = SmallMarket.offer("own", storage: 6000, unit: .gibibyte)
        let steps = try replay(SmallMarket.catalog([own, rival])).volumeSteps(of: own, [named], in: 0...0.05)
        #expect(abs((steps.first?.upTo ?? 0) - 0.007 * 1.073741824) < 1e-9)
    }

    @Test func twoCopiesHaveTheSecondDearestRivalForABreakpoint() throws {
        let named = NamedRequest(name: "one", request: SmallMarket.request(500, copies: 2))
        let offers = [
            SmallMarket.offer("own", storage: 6000), SmallMarket.offer("a", storage: 5000),
            SmallMarket.offer("b", storage: 9000), SmallMarket.offer("c", storage: 12_000)
        ]
        let steps = try replay(SmallMarket.catalog(offers)).volumeSteps(of: offers[0], [named], in: 0...0.05)
        #expect(steps.map(\.total) == [6000, 0] && abs((steps.first?.upTo ?? 0) - 0.009) < 1e-9)
    }

    @Test(arguments: SLARequest.BudgetPeriod.allCases)
    func aBudgetEndsTheVolumeWhereTheBillReachesIt(period: SLARequest.BudgetPeriod) throws {
        // 1000 GB at p with a fee of 2% costs 1020·p a month; the rival is beyond the budget of 10.20 USD a month.
        var request = SmallMarket.request(1000)
        request.budget = .init(amount: Amount(minor: period == .month ? 1020 : 12_240, .usd), period: period)
        let own = SmallMarket.offer("own", storage: 6000)
        let catalog = SmallMarket.catalog([own, SmallMarket.offer("rival", storage: 30_000)])
        let result = try replay(catalog).replay([NamedRequest(name: "one", request: request)], of: own, in: 0...0.05)[0]
        #expect(result.pieces.map(\.gigabyteMonths) == [12_000, 0])
        #expect(result.pieces.map(\.isMet) == [true, false])
        // Half a cent of rounding on 1000 GB is 5e-6 USD a GB.
        #expect(abs((result.entersBelow ?? 0) - 0.01) < 1.1e-5)
        #expect(result.needsOffer?.contains("budget") == true)
    }

    // MARK: What is reported

    @Test func minimumsAreLeftOutOfReplaysButNotOfTheListing() throws {
        var own = SmallMarket.offer("own", storage: 1000)
        own.tariff.monthlyMinimum = ExactDecimal(50)
        let catalog = SmallMarket.catalog([own, SmallMarket.offer("rival", storage: 7000)])
        let named = NamedRequest(name: "one", request: SmallMarket.request(1000))
        let result = try replay(catalog).replay([named], of: own, in: 0...0.05)[0]
        #expect(result.listedGBMonths == 0)
        #expect(abs((result.entersBelow ?? 0) - 0.007) < 1e-9)
    }

    @Test func ownCreditsAreLeftOutAndSaidSo() throws {
        var request = SmallMarket.request(1000)
        request.credits = [
            .init(provider: "own", amount: Amount(minor: 100_000, .usd), expires: CalendarDay(ordinal: 30_000))
        ]
        let own = SmallMarket.offer("own", storage: 9000)
        let catalog = SmallMarket.catalog([own, SmallMarket.offer("rival", storage: 7000)])
        let result = try replay(catalog).replay([NamedRequest(name: "one", request: request)], of: own, in: 0...0.05)[0]
        #expect(result.leavesOutCredits && result.listedGBMonths == 12_000)
        #expect(abs((result.entersBelow ?? 0) - 0.007) < 1e-9)
    }

    @Test func excludedAndImpossibleRequestsGiveTheirReasons() throws {
        let own = SmallMarket.offer("own", storage: 6000)
        let catalog = SmallMarket.catalog([own, SmallMarket.offer("rival", storage: 7000)])
        var denied = SmallMarket.request(1000)
        denied.eligibility.deny = ["own"]
        var impossible = SmallMarket.request(1000, egressGB: 10)
        impossible.qos.latencyMs = ExactDecimal(1)
        let requests = [
            NamedRequest(name: "denied", request: denied), NamedRequest(name: "impossible", request: impossible)
        ]
        let results = try replay(catalog).replay(requests, of: own, in: 0...0.05)
        guard case .ineligible(let causes) = results[0].standing else { Issue.record("not ineligible"); return }
        #expect(causes.map(\.reason) == [.denied])
        guard case .infeasible(let words) = results[1].standing else { Issue.record("not infeasible"); return }
        #expect(words.contains("latency"))
        #expect(results.allSatisfy { $0.pieces.isEmpty && $0.entersBelow == nil })
    }

    @Test(arguments: [(-1.0, 1.0), (0.0, 0.0), (0.0, 1e9)])
    func rangesThatNoTariffHoldsAreRefused(lower: Double, upper: Double) {
        let own = SmallMarket.offer("own", storage: 6000)
        let named = NamedRequest(name: "one", request: SmallMarket.request(1000))
        #expect(throws: PricingError.self) {
            try replay(SmallMarket.catalog([own])).volumeSteps(of: own, [named], in: lower...upper)
        }
    }
}
