import Allocation
import Foundation
import Marketplace
import Money
import Testing

/// Inputs at and beyond the edge are answered or refused; none traps.
@Suite struct InputEdgeTests {
    static let gigabyte = 1_000_000_000

    static func offer(_ id: String, capacity: Int? = nil) -> Offer {
        let tariff = Tariff(
            storage: [Tier(price: RandomProblem.decimal("0.01"))],
            egress: EgressTariff(tiers: [Tier(price: RandomProblem.decimal("0.02"))]), writesPer1000: .zero,
            readsPer1000: .zero, retrieval: .zero)
        return Offer(
            id: id, provider: String(id.prefix(1)), region: "r", storageClass: "c", metro: "m" + id, tariff: tariff,
            availability: RandomProblem.decimal("0.999"), durabilityNines: 9, capacityBytes: capacity)
    }

    static func catalog(_ offers: [Offer], latency: Double = 20) -> Catalog {
        let row = Dictionary(offers.map { ($0.metro, Latency(milliseconds: latency, measured: true)) }) { $1 }
        return Catalog(
            version: "edge", offers: offers, providers: [], metros: [], readerRegions: [], latencies: ["north": row],
            register: [])
    }

    static func request(data: Int = 1, shards: Int = 2, bytes: Int = 100 * gigabyte) throws -> SLARequest {
        let scheme = try #require(RedundancyScheme(data: data, shards: shards))
        var request = SLARequest(
            user: "u", logicalBytes: bytes, start: CalendarDay(ordinal: 20_000), months: 2, redundancy: .fixed(scheme))
        request.traffic = [.init(region: "north", egressBytes: 10 * gigabyte, reads: 1000, writes: 100)]
        return request
    }

    static func solve(
        _ request: SLARequest, _ offers: [Offer], latency: Double = 20
    ) throws -> (Allocation, Allocation) {
        let problem = try AllocationProblem(
            request: request, offers: offers, catalog: catalog(offers, latency: latency))
        return (try AllocationOptimizer().solve(problem), try AllocationEnumeration(problem).solve())
    }

    @Test func withoutOffersTheFiltersAreNamed() throws {
        let (answer, reference) = try Self.solve(Self.request(), [])
        #expect(answer.status == .infeasible && reference.placements.isEmpty)
        #expect(answer.conflict?.members.map(\.constraint) == [.eligibility])
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, -1])
    func latenciesThatAreNoneAreUnknown(_ latency: Double) throws {
        var request = try Self.request()
        let offers = ["a", "b"].map { Self.offer($0) }
        #expect(try Self.solve(request, offers, latency: latency).0.status == .optimal)
        request.qos.latencyMs = ExactDecimal(100)
        let (answer, reference) = try Self.solve(request, offers, latency: latency)
        #expect(answer.status == .infeasible && reference.placements.isEmpty)
        #expect(answer.conflict?.members.map(\.constraint) == [.latency])
        #expect(answer.conflict?.members.first?.remedy == nil)
    }

    @Test func capacityBelowAShardIsNamedWithWhatFits() throws {
        let offers = ["a", "b", "c"].map { Self.offer($0, capacity: 40 * Self.gigabyte) }
        let (answer, reference) = try Self.solve(Self.request(), offers)
        #expect(answer.status == .infeasible && reference.placements.isEmpty)
        #expect(answer.conflict?.members.map(\.constraint) == [.capacity])
        // Two copies on three offers of 40 GB, each part of the data on two of them.
        #expect(answer.conflict?.members.first?.remedy == "store at most 59.999 GB")
        // In three shards of 50 GB it does not fit either; in shards of 34 GB it does.
        #expect(try Self.solve(Self.request(data: 2, shards: 3), offers).0.status == .infeasible)
        #expect(try Self.solve(Self.request(data: 3, shards: 3), offers).0.status == .optimal)
    }

    /// Within a solver's tolerance is not within the room: a few bytes too little are too little.
    @Test(arguments: [1, 850, 40_000]) func aFewBytesTooLittleAreTooLittle(missing: Int) throws {
        let room = 100 * Self.gigabyte
        let single = try Self.request(shards: 1)
        #expect(try Self.solve(single, [Self.offer("a", capacity: room)]).0.status == .optimal)
        // The plain program, which is the reference, knows no better than its solver's tolerance.
        let (answer, _) = try Self.solve(single, [Self.offer("a", capacity: room - missing)])
        #expect(answer.status == .infeasible)
        #expect(answer.conflict?.members.map(\.constraint) == [.capacity])
        // With another offer a part goes there.
        let both = [Self.offer("a", capacity: room - missing), Self.offer("b", capacity: room / 2)]
        #expect(try Self.solve(single, both).0.status == .optimal)
    }

    @Test func availabilitiesBeyondDoublesAreAnswered() throws {
        var request = try Self.request()
        request.qos.availability = RandomProblem.decimal("0.999999999999999999")
        let (answer, reference) = try Self.solve(request, ["a", "b"].map { Self.offer($0) })
        #expect(answer.status == .infeasible && reference.placements.isEmpty)
        #expect(answer.conflict?.members.map(\.constraint) == [.availability])
        request.qos.availability = .one
        #expect(try Self.solve(request, ["a", "b"].map { Self.offer($0) }).0.status == .infeasible)
        var perfect = ["a", "b"].map { Self.offer($0) }
        for index in perfect.indices { perfect[index].availability = .one }
        #expect(try Self.solve(request, perfect).0.status == .optimal)
    }

    @Test func oneByteInThreeShards() throws {
        let (answer, reference) = try Self.solve(
            Self.request(data: 3, shards: 3, bytes: 1), ["a", "b", "c"].map { Self.offer($0) })
        #expect(answer.status == .optimal)
        #expect(OracleTests.agree(answer.objective ?? .nan, reference.objective ?? .nan))
    }

    @Test func unpublishedPricesAreNotFree() throws {
        var cheap = Self.offer("a")
        cheap.tariff.egress = nil
        let dear = Self.offer("b")
        let (answer, _) = try Self.solve(Self.request(shards: 1), [cheap, dear])
        #expect(answer.offers.map(\.id) == ["b"])
        cheap.tariff.writesPer1000 = nil
        let (none, _) = try Self.solve(Self.request(shards: 1), [cheap])
        #expect(none.status == .infeasible)
        #expect(none.conflict?.members.map(\.constraint) == [.eligibility])
    }

    @Test func volumesBeyondIntegersAreRefused() throws {
        var request = try Self.request(bytes: Int.max)
        request.monthlyGrowth = .one
        request.months = 120
        let offers = ["a", "b"].map { Self.offer($0) }
        // Billed or refused as an overflow, but never a trap.
        #expect(throws: Never.self) { try Self.solve(request, offers) }
        request.traffic = (0..<3).map {
            .init(region: "r\($0)", egressBytes: Int.max / 2, reads: 1 << 50, writes: 1 << 50)
        }
        #expect(throws: AllocationError.self) {
            let problem = try AllocationProblem(
                request: request, offers: offers, catalog: Self.catalog(offers))
            let legs = zip(offers, [1.0, 0]).map { PlannedLeg(offer: $0, readShares: [$1, $1, $1]) }
            let scheme = try #require(RedundancyScheme(data: 1, shards: 2))
            let placement = Placement(scheme: scheme, legs: legs)
            _ = try AllocationPlan(problem: problem, placements: [placement], claimants: []).bill()
        }
    }

    @Test func holdingsOfUnknownOffersAreRefused() throws {
        var request = try Self.request()
        request.current = [.init(offer: "gone", logicalBytes: 5)]
        #expect(throws: AllocationError.self) { try Self.solve(request, [Self.offer("a"), Self.offer("b")]) }
    }

    @Test func tooManyPlacementsAreNotEnumerated() throws {
        let offers = (0..<60).map { Self.offer("\($0)") }
        let problem = try AllocationProblem(
            request: Self.request(data: 4, shards: 8), offers: offers, catalog: Self.catalog(offers))
        #expect(throws: AllocationError.self) { try AllocationEnumeration(problem).solve() }
    }

    @Test func theCheckRefusesWhatDoesNotHold() throws {
        var request = try Self.request()
        request.toleratedProviders = 1
        request.budget = .init(amount: Amount(minor: 1000, .usd), period: .month)
        let offers = [Self.offer("a1"), Self.offer("a2"), Self.offer("b")]
        let problem = try AllocationProblem(request: request, offers: offers, catalog: Self.catalog(offers))
        let scheme = try #require(RedundancyScheme(data: 1, shards: 2))
        func faults(_ ids: [Int], _ shares: [Double]) -> [String] {
            let legs = zip(ids, shares).map { PlannedLeg(offer: offers[$0], readShares: [$1]) }
            let placement = Placement(scheme: scheme, legs: legs)
            return AllocationCheck(problem: problem, placements: [placement], claimants: []).faults()
        }
        #expect(faults([0, 2], [1, 0]) == [])
        #expect(!faults([0, 1], [1, 0]).isEmpty, "one provider")
        #expect(!faults([0, 0], [1, 0]).isEmpty, "one offer twice")
        #expect(!faults([0], [1]).isEmpty, "one leg")
        #expect(!faults([0, 2], [0.5, 0.4]).isEmpty, "reads that are not served")
        #expect(!faults([0, 2], [1.5, -0.5]).isEmpty, "a negative share")
        request.budget = .init(amount: Amount(minor: 100, .usd), period: .month)
        let poor = try AllocationProblem(request: request, offers: offers, catalog: Self.catalog(offers))
        let legs = [0, 2].map { PlannedLeg(offer: offers[$0], readShares: [$0 == 0 ? 1 : 0]) }
        let check = AllocationCheck(
            problem: poor, placements: [Placement(scheme: scheme, legs: legs)], claimants: [])
        #expect(!check.faults().isEmpty, "over budget")
    }

    /// Six providers with three offers each: only placements over three providers are reliable enough, and the
    /// cheapest all lie with one.
    @Test func reliabilityIsFoundWithoutExcludingPlacementsOneByOne() throws {
        var offers: [Offer] = []
        for (index, provider) in ["a", "b", "c", "d", "e", "f"].enumerated() {
            for copy in 0..<4 {
                var offer = Self.offer("\(provider)\(copy)")
                // The cheapest offers all lie with one provider.
                offer.tariff.storage = [Tier(price: ExactDecimal(1 + index))]
                offers.append(offer)
            }
        }
        var request = try Self.request(shards: 3)
        request.qos.availability = RandomProblem.decimal("0.999999998")
        let problem = try AllocationProblem(request: request, offers: offers, catalog: Self.catalog(offers))
        let optimizer = AllocationOptimizer()
        let answer = try optimizer.solve(problem)
        #expect(answer.status == .optimal)
        #expect(Set(answer.offers.map(\.provider)) == ["a", "b", "c"])
        request.qos.availability = nil
        request.qos.durabilityNines = 12
        let durable = try AllocationProblem(request: request, offers: offers, catalog: Self.catalog(offers))
        let other = try optimizer.solve(durable)
        #expect(other.status == .optimal)
        #expect(Set(other.offers.map(\.provider)) == ["a", "b", "c"])
    }
}

/// Answers that a time limit cuts short.
@Suite struct TimeLimitTests {
    /// However little time there is: no false "infeasible", no false "optimal", and a bound that is one.
    @Test(arguments: [0, 1e-4, 1e-3, 5e-3, 2e-2, 6e-2]) func anAnswerInAHurryIsHonest(_ seconds: Double) throws {
        for seed in 20_000..<20_040 as Range<UInt64> {
            let problem = try RandomProblem(seed: seed).problem { $0.recommendedPreference = .zero }
            let whole = try AllocationOptimizer().solve(problem)
            let hasty = try AllocationOptimizer(timeLimit: seconds).solve(problem)
            guard let least = whole.cheapest else {
                #expect(hasty.status == .infeasible || hasty.status == .timeLimit, "seed \(seed)")
                continue
            }
            #expect(hasty.status != .infeasible, "seed \(seed): \(least) is possible")
            let bound = try #require(hasty.bound, "seed \(seed)")
            #expect(bound.isFinite && bound <= least + 1e-6 * max(1, least), "seed \(seed): \(bound) bounds \(least)")
            if hasty.status == .optimal {
                #expect(OracleTests.agree(hasty.objective ?? .nan, least), "seed \(seed)")
            }
        }
    }
}
