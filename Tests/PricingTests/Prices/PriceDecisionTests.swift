import Foundation
import Pricing
import TestSupport
import Testing

/// What the decision tells besides the price, and when it tells none.
@Suite struct PriceDecisionTests {
    /// One logit listing with draws of its sensitivity around 2.
    private func listing(draws: Int = 100, spread: Double = 0.05, intercept: Double = 4, upTo: Double = 10)
        -> PricedDemand
    {
        let curves = (0..<draws).map { draw in
            let shift = draws > 1 ? 2 * Double(draw) / Double(draws - 1) - 1 : 0
            return AcceptanceCurve(intercept: intercept + shift * spread, sensitivity: 2 * (1 + spread * shift))
        }
        return PricedDemand(
            requests: [.listing(monthlyRate: 20, volume: 50, upTo: upTo, acceptance: 0)],
            acceptances: [Acceptance(curves)])
    }

    private func problem(_ demand: PricedDemand, outlay: Double = 0.8) -> PricingProblem {
        PricingProblem(options: [PromiseOption(demand: demand)], outlay: outlay, range: 0...10, tick: 1e-6)
    }

    // MARK: Abstention

    @Test func itAbstainsWithTheReason() throws {
        func reasons(_ change: (inout PricingProblem) -> Void) throws -> [AbstentionReason] {
            var problem = problem(listing())
            change(&problem)
            let decision = try PriceDecision(problem)
            #expect(decision.recommendation == nil && decision.promises.allSatisfy { $0.best == nil })
            return decision.reasons
        }
        #expect(try PriceDecision(problem(listing())).recommendation != nil)
        #expect(try reasons { $0.capacity = 0 } == [.zeroCapacity])
        #expect(try reasons { $0.evidence.priceVariation = 0.001 } == [.pricesHardlyVaried(0.001)])
        #expect(
            try reasons { $0.outlay = 11 } == [.noProfitablePrice(marginalCost: 11, highestWinningPrice: 10)])
        #expect(
            try reasons { $0.evidence.ownQuotes = 3 } == [.tooFewQuotes(own: 3, cohort: 0, comparables: 0)])
        let near = try reasons { $0.evidence.sensitivityDraws = (0..<100).map { 0.02 * Double($0) } }
        guard case .sensitivityNearsZero(let lower, let median) = near.first else { Issue.record("\(near)"); return }
        #expect(abs(median - 0.99) < 1e-9 && lower < 0.06)
        let capped = try reasons { ($0.currentPrice, $0.largestChange) = (0.5, 0.1) }
        #expect(capped == [.changeCapBelowCost(cap: 0.55, marginalCost: 0.8)])
        let wide = try reasons {
            $0.options[0].demand = listing(spread: 0.7)
            $0.evidence.sensitivityDraws = [2]
        }
        guard case .priceIntervalTooWide(let interval) = wide.first else { Issue.record("\(wide)"); return }
        #expect(interval.lowerBound < interval.upperBound)
    }

    @Test func aCostAboveEveryRivalsPriceIsNamed() throws {
        let demand = PricedDemand(
            requests: [
                PricedRequest(
                    pieces: [
                        .init(upTo: 4, volume: 60, costIntercept: 0, costSlope: 60),
                        .init(upTo: 10, volume: 0, costIntercept: 240, costSlope: 0)
                    ], referenceTotal: 100)
            ], acceptances: [Acceptance(.certain)])
        let decision = try PriceDecision(problem(demand, outlay: 5))
        #expect(decision.reasons == [.noProfitablePrice(marginalCost: 5, highestWinningPrice: 3.999999)])
        #expect(!decision.curve.isEmpty && decision.curve.allSatisfy { $0.profit.isFinite })
    }

    @Test func nothingAskedForIsNoPrice() throws {
        let empty = PricedDemand(requests: [], acceptances: [])
        #expect(try PriceDecision(problem(empty)).recommendation == nil)
        let lost = PricedDemand(
            requests: [PricedRequest(pieces: [], referenceTotal: 1)], acceptances: [Acceptance(.certain)])
        #expect(try PriceDecision(problem(lost)).recommendation == nil)
    }

    @Test func unusableFiguresAreRefused() {
        func refused(_ change: (inout PricingProblem) -> Void) -> String? {
            var problem = problem(listing())
            change(&problem)
            do {
                _ = try PriceDecision(problem)
                return nil
            } catch { return "\(error)" }
        }
        #expect(refused { $0.outlay = .nan }?.hasPrefix("outlay") ?? false)
        #expect(refused { $0.platformFee = 1 }?.hasPrefix("platformFee") ?? false)
        #expect(refused { $0.range = 0...(.infinity) }?.hasPrefix("range") ?? false)
        #expect(refused { $0.tick = 1e-30 }?.hasPrefix("tick") ?? false)
        #expect(refused { $0.tick = 0 }?.hasPrefix("tick") ?? false)
        #expect(refused { $0.options = [] }?.hasPrefix("options") ?? false)
        #expect(refused { $0.largestChange = 0.2 }?.hasPrefix("currentPrice") ?? false)
        #expect(refused { $0.options[0].breachProbability = 1 }?.contains("breachProbability") ?? false)
        #expect(refused { $0.options[0].demand.requests[0].referenceTotal = 0 }?.contains("referenceTotal") ?? false)
        #expect(refused { $0.options[0].demand.requests[0].acceptance = 4 }?.contains("acceptance") ?? false)
        #expect(refused { $0.options[0].demand.requests[0].pieces[0].volume = -1 }?.contains("pieces") ?? false)
        #expect(refused { $0.options[0].demand.rivalFactors = [] }?.contains("rivalFactors") ?? false)
    }

    // MARK: Caps, floors, cautions

    @Test func capsAreSymmetricAndFloorsOnlyWarn() throws {
        let free = try PriceDecision(problem(listing())).told().price
        var up = problem(listing())
        (up.currentPrice, up.largestChange) = (free / 1.5, 0.2)
        var down = problem(listing())
        (down.currentPrice, down.largestChange) = (free * 1.5, 0.2)
        let (raised, lowered) = (try PriceDecision(up), try PriceDecision(down))
        #expect(abs(try raised.told().price - free / 1.5 * 1.2) <= 1e-6)
        #expect(abs(try lowered.told().price - free * 1.5 * 0.8) <= 1e-6)
        #expect(raised.cautions.contains(.changeCapped(uncapped: free)))
        #expect(lowered.cautions.contains(.changeCapped(uncapped: free)))
        var floored = problem(listing())
        floored.floor = free * 2
        floored.fullOutlay = free * 3
        let warned = try PriceDecision(floored)
        #expect(try warned.told().price == free)
        #expect(warned.cautions == [.belowFloor(free * 2), .belowFullCost(free * 3)])
        #expect(warned.fullCost == free * 3)
    }

    @Test func extrapolationIsSaid() throws {
        var problem = problem(listing())
        problem.evidence.observedPrices = 3...4
        problem.evidence.firstStageF = 4
        problem.calendar.dataAgeDays = 200
        let decision = try PriceDecision(problem)
        #expect(
            decision.cautions == [
                .associationOnly(firstStageF: 4), .staleData(days: 200), .beyondObservedPrices(3...4)
            ])
        var narrow = self.problem(listing())
        narrow.range = 0...1
        #expect(try PriceDecision(narrow).cautions == [.atEndOfRange(1)])
    }

    @Test func withLittleHistoryTheBenchmarkIsTheCeiling() throws {
        var problem = problem(listing())
        problem.evidence.ownQuotes = 10
        problem.benchmark = try HedonicBenchmark().estimate(
            HedonicTests.target, among: HedonicTests.listings(40, level: 0.9))
        let upper = try #require(problem.benchmark?.interval?.upperBound)
        let decision = try PriceDecision(problem)
        #expect(decision.stage == .cold && upper < 1.5)
        #expect(try decision.told().price <= upper)
        #expect(decision.cautions.contains(.heldToBenchmark(upper)))
        problem.evidence.ownQuotes = 200
        let pooled = try PriceDecision(problem)
        #expect(pooled.stage == .pooled)
        #expect(try pooled.told().price > upper)
        #expect(EvidenceStage(ownQuotes: 49) == .cold && EvidenceStage(ownQuotes: 50) == .pooled)
        #expect(EvidenceStage(ownQuotes: 300) == .pooled && EvidenceStage(ownQuotes: 301) == .own)
    }

    // MARK: Promises

    @Test func aStricterPromiseWinsWhereItsForfeitsAreWorthIt() throws {
        let lax = PromiseOption(
            promise: QoSPromise(latencyMilliseconds: 80, uptimePercent: 99), demand: listing(intercept: 4))
        func strict(_ breach: Double) -> PromiseOption {
            PromiseOption(
                promise: QoSPromise(latencyMilliseconds: 40, uptimePercent: 99.9), demand: listing(intercept: 4.6),
                breachProbability: breach)
        }
        func decide(_ breach: Double) throws -> PriceDecision {
            var problem = problem(lax.demand)
            problem.options = [lax, strict(breach)]
            problem.platformFee = 0.02
            return try PriceDecision(problem)
        }
        let safe = try decide(0.01)
        let best = try safe.told()
        #expect(best.option == 1 && best.promise?.latencyMilliseconds == 40)
        #expect(abs(best.expectedForfeits - best.expected.revenue * 0.01 * 0.98) < 1e-9)
        // Forfeits are a cost: the marginal cost and the price rise with them.
        #expect(abs(safe.marginalCost - 0.8 / (0.98 * 0.99)) < 1e-12)
        #expect(safe.promises.count == 2 && safe.promises[0].breachProbability == 0)
        #expect((safe.promises[1].best?.profit ?? 0) > (safe.promises[0].best?.profit ?? .infinity))
        #expect(try decide(0.5).told().option == 0)
    }

    @Test func breachesAreCountedTogether() {
        let measured = MeasuredQoS(
            (0..<19).map { .init(latencyMilliseconds: 20 + Double($0), uptimePercent: $0 == 0 ? 98 : 99.9) })
        #expect(
            measured.breachProbability(of: QoSPromise(latencyMilliseconds: 36, uptimePercent: 99)) == (3 + 0.5) / 20)
        #expect(
            measured.breachProbability(of: QoSPromise(latencyMilliseconds: 100, uptimePercent: 90)) == 0.5 / 20)
        #expect(MeasuredQoS([]).breachProbability(of: QoSPromise(latencyMilliseconds: 1, uptimePercent: 1)) == 0.5)
        let odd = MeasuredQoS([.init(latencyMilliseconds: .nan, uptimePercent: 100)])
        #expect(odd.breachProbability(of: QoSPromise(latencyMilliseconds: 1, uptimePercent: 1)) == 0.75)
    }

    // MARK: Drivers, hold, curve

    @Test func driversSumToTheChange() throws {
        var problem = problem(listing())
        problem.capacity = 300
        var older = listing(intercept: 3.4)
        older.requests[0].monthlyRate = 24
        problem.previous = PreviousInputs(
            option: PromiseOption(demand: older, breachProbability: 0.05), presentRivals: listing(intercept: 3.7),
            presentQuality: listing(intercept: 3.8), outlay: 0.6, platformFee: 0, capacity: 2000)
        let decision = try PriceDecision(problem)
        let drivers = try #require(decision.drivers)
        #expect(abs(drivers.previousPrice + drivers.total - (try decision.told().price)) < 1e-9)
        #expect(drivers.cost > 0 && drivers.capacity > 0 && drivers.quality != 0)
        // Without demand at rivals' old prices and the new quality, rivals change first; the sum is the same.
        problem.previous?.presentQuality = nil
        let ordered = try #require(try PriceDecision(problem).drivers)
        #expect(abs(ordered.total - drivers.total) < 1e-9 && ordered.rivals != drivers.rivals)
        // Only what moved counts.
        problem.previous = PreviousInputs(
            option: problem.options[0], outlay: 0.6, platformFee: 0, capacity: 300)
        let cost = try #require(try PriceDecision(problem).drivers)
        #expect(cost.rivals == 0 && cost.quality == 0 && cost.capacity == 0 && cost.cost >= 0)
        problem.previous = PreviousInputs(
            option: problem.options[0], outlay: 0.8, platformFee: 0, capacity: 300)
        #expect(try #require(try PriceDecision(problem).drivers).total == 0)
        problem.previous = nil
        #expect(try PriceDecision(problem).drivers == nil)
    }

    @Test func theWaitEndsWithTheFirstCause() throws {
        // Acceptances at the price are certain to come soon: silence is improbable after ln 20 / λ.
        let known = try PriceDecision(problem(listing(draws: 1))).told().hold
        let days = Int((log(20) / known.acceptancesPerMonth * ProviderCosts.hoursPerMonth / 24).rounded(.up))
        #expect(known.cause == .silenceImprobable && known.days == days)
        #expect((known.valueOfWaiting ?? 0) > 0)
        var soon = problem(listing())
        soon.calendar.daysToRivalChange = 1
        soon.options[0].demand.requests[0].monthlyRate = 1
        let change = try PriceDecision(soon).told().hold
        #expect(change.cause == .rivalChange && change.days == 1)
        var old = soon
        old.calendar = PricingCalendar(dataAgeDays: 89)
        #expect(try PriceDecision(old).told().hold.cause == .staleData)
        // Draws that differ in whether users come at this price: silence speaks for those that ask for a lower one.
        var unsure = problem(listing())
        unsure.options[0].demand.acceptances = [
            Acceptance(
                (0..<40).map { AcceptanceCurve(intercept: $0 % 4 == 0 ? 2.2 : 5, sensitivity: 2) })
        ]
        unsure.options[0].demand.requests[0].monthlyRate = 1
        unsure.calendar.dataLifeDays = 3000
        let hold = try PriceDecision(unsure).told().hold
        #expect(hold.cause == .silenceFavoursLower && (90...330).contains(hold.days))
    }

    @Test func theCurveHoldsThePriceAndItsBands() throws {
        var problem = problem(listing())
        problem.capacity = 300
        problem.currentPrice = 2
        let decision = try PriceDecision(problem)
        let best = try decision.told()
        #expect(decision.curve.contains(best.expected) && best.current?.price == 2)
        #expect(zip(decision.curve, decision.curve.dropFirst()).allSatisfy { $0.price < $1.price })
        for point in decision.curve {
            #expect(point.volume <= 300 && point.utilisation == point.volume / 300)
            #expect(point.acceptance >= 0 && point.acceptance <= 1 && point.winRate == 1)
            #expect(point.profitBand.lowerBound <= point.profitBand.upperBound)
            #expect(point.profit <= best.expected.profit * (1 + 1e-9))
        }
        #expect(best.interval.contains(best.price) && best.nearlyBest.contains(best.price))
        #expect(best.capacityShadowPrice > 0 && decision.cautions == [.capacityBinds])
        #expect(best.objectiveBound >= best.expected.profit)
    }

    @Test func anyPriceCanBeAskedAbout() throws {
        var problem = problem(listing())
        problem.currentPrice = 2.5
        let best = try PriceDecision(problem).told()
        let points = try problem.points(at: [best.price, 2.5, 11, .nan])
        #expect(points[0]?.profit == best.expected.profit && points[1] == best.current)
        #expect(points[2] == nil && points[3] == nil)
    }

    @Test func theSameAtAnyNumberOfThreads() throws {
        var random = SeededGenerator(seed: 3)
        let demand = RandomDemand.demand(&random, requests: 20, draws: 60, factors: [0.9, 1, 1.1])
        let problem = PricingProblem(options: [PromiseOption(demand: demand)], outlay: 0.3, range: 0...4, tick: 1e-4)
        let one = try PriceDecision(problem, threads: 1)
        #expect(try PriceDecision(problem, threads: 4) == one && one.curve.count > 40)
    }

    @Test func twiceTheDrawsOfSignOddAreSaid() throws {
        var demand = listing()
        demand.acceptances[0].draws[0].sensitivity = -0.1
        #expect(try PriceDecision(problem(demand)).cautions.contains(.indifferentDraws(0.01)))
    }
}
