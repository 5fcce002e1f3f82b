import Allocation
import Foundation
import Marketplace
import Money
import Pricing
import Quoting
import TestSupport
import Testing

/// Many requests at every price: against full re-solves at single prices, published breakpoints and closed forms.
@Suite struct ReplayedDemandTests {
    private func replay(_ catalog: Catalog) -> PriceReplay {
        var replay = PriceReplay(catalog: catalog, day: SmallMarket.day)
        replay.schemes = RandomMarket.schemes
        return replay
    }

    /// Whether an allocation is one placement whose readers each read from fixed offers.
    private func isWhole(_ allocation: Allocation) -> Bool {
        guard let placement = allocation.placements.first, allocation.placements.count == 1 else { return false }
        return placement.legs.allSatisfy { $0.readShares.allSatisfy { $0 < 1e-9 || $0 > 1 - 1e-9 } }
    }

    private func volume(_ allocation: Allocation, _ request: SLARequest, _ offer: Offer) -> Double {
        guard let placement = allocation.placements.first,
            placement.legs.contains(where: { $0.offer.id == offer.id })
        else { return 0 }
        return (0..<request.months).reduce(0) {
            $0 + Double(request.logicalBytes(inMonth: $1)) / Double(placement.scheme.data) / 1e9
        }
    }

    @Test(arguments: 301...(300 + ReplayOracleCount.demand) as ClosedRange<UInt64>)
    func wholePlacementsAgreeWithReSolvesThatDoNotDivide(seed: UInt64) throws {
        let market = RandomMarket(seed: seed)
        let replay = replay(market.catalog)
        // A budget may rule out what is cheapest; those of a month are replayed one by one in any case.
        let requests = market.requests.map { named in
            var request = named.request
            if request.budget?.period == .month { request.budget = nil }
            return request
        }
        let demand = try replay.demand(of: market.offer, requests, in: 0...0.06, threads: 1)
        for (r, request) in requests.enumerated() {
            let ends = demand.pieces(of: r).map(\.upTo)
            let eligible = Eligibility(request, replay.catalog, on: replay.day).offers
            guard eligible.contains(where: { $0.id == market.offer.id }) else {
                #expect(ends.isEmpty && demand.certainties[r] == .none)
                continue
            }
            for index in 0..<16 {
                let price = 0.0009 + 0.0037 * Double(index)
                if ends.contains(where: { abs($0 - price) < 2e-5 }) { continue }
                var flat = market.offer
                flat.tariff.storage = [Tier(price: decimal(Int((price * 1e9).rounded()), 9))]
                flat.tariff.monthlyMinimum = .zero
                var asked = request
                asked.credits.removeAll { $0.provider == flat.provider }
                let problem = try AllocationProblem(
                    request: asked, offers: eligible.map { $0.id == flat.id ? flat : $0 }, catalog: replay.catalog,
                    schemes: replay.schemes)
                let solved = try AllocationOptimizer(relativeGap: 1e-9).solve(problem)
                let total = demand.total(of: r, at: price)
                guard let cost = solved.objective else {
                    #expect(total == nil, "seed \(seed), request \(r), price \(price)")
                    continue
                }
                if let total {
                    #expect(total >= cost * (1 - 1e-6) - 1e-6, "seed \(seed), request \(r), price \(price)")
                }
                guard isWhole(solved) else { continue }
                // What is not proven is no dearer than its gap.
                if demand.certainties[r] != .exact {
                    let excess = (total ?? .infinity) - cost - demand.gaps[r]
                    #expect(!(excess > 1e-6 * cost + 1e-6), "seed \(seed), request \(r), price \(price)")
                    continue
                }
                #expect(demand.gaps[r] == 0)
                #expect(
                    abs((total ?? .infinity) - cost) <= 1e-6 * cost + 1e-6, "seed \(seed), request \(r), price \(price)"
                )
                let found = demand.piece(of: r, below: price)?.gigabyteMonths ?? -1
                #expect(
                    abs(found - volume(solved, asked, flat)) <= 1e-6 * max(1, found),
                    "seed \(seed), request \(r), price \(price)")
            }
        }
    }

    @Test(arguments: 1...24 as ClosedRange<UInt64>)
    func threadsAndOrderChangeNothing(seed: UInt64) throws {
        let market = RandomMarket(seed: seed)
        let replay = replay(market.catalog)
        let requests = (0..<6).flatMap { copy in
            market.requests.map { named in
                var request = named.request
                request.budget = nil
                request.logicalBytes *= copy + 1
                return request
            }
        }
        let one = try replay.demand(of: market.offer, requests, in: 0...0.06, threads: 1)
        let three = try replay.demand(of: market.offer, requests, in: 0...0.06, threads: 3)
        #expect(one.pieces == three.pieces && one.offsets == three.offsets && one.steps == three.steps)
        for step in one.steps {
            let sum = requests.indices.reduce(0) {
                $0 + (one.piece(of: $1, below: step.upTo)?.gigabyteMonths ?? 0)
            }
            #expect(abs(sum - step.gigabyteMonths) <= 1e-9 * max(1, sum))
            #expect(abs(one.volume(below: step.upTo) - step.gigabyteMonths) <= 1e-9 * max(1, sum))
        }
        for (step, next) in zip(one.steps, one.steps.dropFirst()) { #expect(step.upTo < next.upTo) }
    }

    @Test(arguments: 401...(400 + ReplayOracleCount.budgets) as ClosedRange<UInt64>)
    func dividedVolumesUnderABudgetAreWithinTheirTolerance(seed: UInt64) throws {
        let market = RandomMarket(seed: seed)
        let replay = replay(market.catalog)
        for named in market.requests where named.request.budget?.period == .month {
            let result = try replay.replay([named], of: market.offer, in: 0...0.06)[0]
            guard !result.isExact, result.isProven else { continue }
            let largest = result.pieces.map(\.gigabyteMonths).max() ?? 0
            var missed = 0
            for index in 0..<20 {
                let price = 0.0011 + 0.0029 * Double(index)
                if result.pieces.contains(where: { abs($0.upTo - price) < 2e-5 }) { continue }
                guard let solved = try replay.optimum(named, of: market.offer, at: price) else { continue }
                // What is not proven may be found in one place and missed in another.
                guard solved.isProven else { continue }
                let found = result.volume(below: price)
                if abs(found - solved.gigabyteMonths) > 0.0101 * largest + 1e-6 { missed += 1 }
            }
            // What is best within a short stretch only may be missed, but no more.
            #expect(missed <= 1, "seed \(seed), \(named.name)")
        }
    }

    // MARK: Known answers

    private struct Published: Decodable {
        struct Breakpoint: Decodable {
            let price: Double
            let from: Double
            let to: Double

            enum CodingKeys: String, CodingKey {
                case price
                case from = "from_qty"
                case to = "to_qty"
            }
        }

        let prices: [Double]
        let capacities: [Int]
        let demand: Int
        let own: Int
        let free: [Breakpoint]
        let capped: [Breakpoint]

        enum CodingKeys: String, CodingKey {
            case prices = "competitor_prices"
            case capacities = "competitor_caps"
            case demand
            case own = "my_cap"
            case free = "breakpoints_no_share_cap"
            case capped = "breakpoints_max_share_0_4"
        }
    }

    @Test(
        .enabled(
            if: SharedData.isPresent("choice/expected_lp_breakpoints.json"), Comment(rawValue: SharedData.absence)),
        arguments: [false, true])
    func publishedBreakpointsOfALinearProgram(isCapped: Bool) throws {
        let data = try Data(contentsOf: SharedData.url("choice/expected_lp_breakpoints.json"))
        let known = try JSONDecoder().decode(Published.self, from: data)
        var own = SmallMarket.offer("own", storage: 1_000_000)
        own.capacityBytes = known.own * 1_000_000_000
        let rivals = zip(known.prices, known.capacities).enumerated().map { index, rival in
            var offer = SmallMarket.offer("rival\(index)", storage: Int((rival.0 * 1e6).rounded()))
            offer.capacityBytes = rival.1 * 1_000_000_000
            return offer
        }
        var request = SmallMarket.request(known.demand, months: 1)
        if isCapped { request.maxProviderShare = decimal(4, 1) }
        let result = try replay(SmallMarket.catalog([own] + rivals))
            .replay([NamedRequest(name: "one", request: request)], of: own, in: 0...6)[0]
        let breakpoints = zip(result.pieces, result.pieces.dropFirst())
            .filter { abs($0.gigabyteMonths - $1.gigabyteMonths) > 1e-6 }
        let expected = isCapped ? known.capped : known.free
        #expect(result.isExact && breakpoints.count == expected.count)
        for ((one, next), known) in zip(breakpoints, expected) {
            #expect(abs(one.upTo - known.price) < 1e-6)
            #expect(abs(one.gigabyteMonths - known.from) < 1e-4 && abs(next.gigabyteMonths - known.to) < 1e-4)
        }
        // The cost's slope is the volume, and its pieces meet.
        for piece in result.pieces { #expect(abs(piece.costSlope - piece.gigabyteMonths * 1.02) < 1e-3) }
        for (one, next) in zip(result.pieces, result.pieces.dropFirst()) {
            #expect(abs(one.cost(at: one.upTo) - next.cost(at: one.upTo)) < 1e-3)
        }
    }

    // MARK: Edges

    @Test func costsAndVolumesOfTwoRivalsAreTheirClosedForm() throws {
        // As in the replay of one: at 0.009 the request of 1000 GB and 400 GB read leaves for its rival.
        let own = SmallMarket.offer("own", storage: 6000, egress: 50)
        let catalog = SmallMarket.catalog([own, SmallMarket.offer("rival", storage: 7000, egress: 100)])
        let requests = [SmallMarket.request(1000, egressGB: 400), SmallMarket.request(2000, egressGB: 800)]
        let demand = try replay(catalog).demand(of: own, requests, in: 1e-9...1, weights: [1, 3])
        #expect(demand.certainties == [.exact, .exact] && demand.needsOffer == [false, false])
        #expect(demand.gaps == [0, 0])
        #expect(demand.volume(below: 0.009 - 1e-9) == 84_000 && demand.volume(below: 0.009 + 1e-9) == 0)
        #expect(abs((demand.total(of: 0, at: 0.005) ?? 0) - 1.02 * 12 * (5 + 2)) < 1e-9)
        #expect(abs((demand.total(of: 0, at: 0.5) ?? 0) - 1.02 * 12 * (7 + 4)) < 1e-9)
        // All rivals twice as dear: the breakpoint is at twice the price, the offer's own egress being dearer as well.
        #expect(demand.volume(below: 0.0179, rivals: 2) == 84_000 && demand.volume(below: 0.0181, rivals: 2) == 0)
        #expect(demand.total(of: 0, at: 2) == nil && demand.volume(below: 2) == 0 && demand.volume(below: 0) == 0)
    }

    @Test func anOfferThatIsNeededHasNoBreakpointAndSaysSo() throws {
        let own = SmallMarket.offer("own", storage: 6000)
        let demand = try replay(SmallMarket.catalog([own]))
            .demand(of: own, [SmallMarket.request(1000)], in: 1e-9...1e5)
        #expect(demand.steps.map(\.gigabyteMonths) == [12_000] && demand.steps.map(\.upTo) == [1e5])
        #expect(demand.needsOffer == [true])
    }

    @Test func anOfferWithoutRoomHasNoDemand() throws {
        var own = SmallMarket.offer("own", storage: 6000)
        own.capacityBytes = 0
        let catalog = SmallMarket.catalog([own, SmallMarket.offer("rival", storage: 7000)])
        for laying in [PriceReplay.Laying.whole, .divided] {
            let demand = try replay(catalog)
                .demand(of: own, [SmallMarket.request(1000)], in: 0...1, laying: laying)
            #expect(demand.steps.map(\.gigabyteMonths) == [0])
        }
    }

    @Test func aBudgetOfTheTermEndsTheDemand() throws {
        var request = SmallMarket.request(1000)
        request.budget = .init(amount: Amount(minor: 12_240, .usd), period: .term)
        let own = SmallMarket.offer("own", storage: 6000)
        let catalog = SmallMarket.catalog([own, SmallMarket.offer("rival", storage: 30_000)])
        let demand = try replay(catalog).demand(of: own, [request], in: 0...0.05)
        #expect(demand.pieces(of: 0).map(\.isMet) == [true, false] && demand.needsOffer == [true])
        #expect(abs(demand.steps[0].upTo - 0.01) < 1e-9 && demand.total(of: 0, at: 0.02) == nil)
    }

    @Test func nothingToReplayIsNoDemand() throws {
        let own = SmallMarket.offer("own", storage: 6000)
        let demand = try replay(SmallMarket.catalog([own])).demand(of: own, [], in: 0...1)
        #expect(demand.count == 0 && demand.steps.map(\.gigabyteMonths) == [0])
        #expect(demand.piece(of: 0, below: 0.5) == nil && demand.pieces(of: -1).isEmpty)
        #expect(demand.volume(below: .nan) == 0 && demand.volume(below: 0.5, rivals: 0) == 0)
    }

    @Test(arguments: [(-1.0, 1.0), (0.0, 0.0), (0.0, 1e9), (1e-9, 1.5e-9)])
    func unknownOffersAndRangesAreRefused(lower: Double, upper: Double) throws {
        let own = SmallMarket.offer("own", storage: 6000)
        let replay = replay(SmallMarket.catalog([own]))
        #expect(throws: PricingError.self) {
            try replay.demand(of: own, [SmallMarket.request(1)], in: lower...upper)
        }
        #expect(throws: PricingError.self) {
            try replay.demand(of: SmallMarket.offer("other", storage: 1), [SmallMarket.request(1)], in: 0...1)
        }
    }
}

/// How many random markets are replayed: a few dozen unless the environment says otherwise.
enum ReplayOracleCount {
    private static let asked =
        ProcessInfo.processInfo.environment["FLASHBACK_ORACLE_INSTANCES"].flatMap { UInt64($0) }.map { max(1, $0) }

    /// For replays of divided allocations.
    static let divided = asked ?? 48
    /// For demands in whole placements.
    static let demand = asked ?? 40
    /// For monthly budgets.
    static let budgets = asked ?? 10
}
