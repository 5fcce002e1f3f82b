import Allocation
import Marketplace
import Money
import TestSupport
import Testing

private func decimal(_ text: String) -> ExactDecimal { RandomProblem.decimal(text) }

/// Input that no reader of files would let through, handed over directly: a clear answer or a clear error, never a trap,
/// and never an "optimal" that does not hold.
@Suite struct BadInputTests {
    static let gigabyte = 1_000_000_000

    /// Solves, and checks what is claimed; nil where an error was thrown.
    @discardableResult
    static func solve(
        _ request: SLARequest, _ offers: [Offer], latency: Double = 20,
        optimizer: AllocationOptimizer = AllocationOptimizer(timeLimit: 10), failures: FailureModel = FailureModel(),
        _ comment: Comment? = nil
    ) throws -> Allocation? {
        let catalog = InputEdgeTests.catalog(offers, latency: latency)
        let problem: AllocationProblem
        let answer: Allocation
        do throws(AllocationError) {
            problem = try AllocationProblem(request: request, offers: offers, catalog: catalog, failures: failures)
            answer = try optimizer.solve(problem)
        } catch {
            #expect(!error.description.isEmpty, comment)
            return nil
        }
        switch answer.status {
        case .optimal, .feasible:
            let check = AllocationCheck(
                problem: problem, placements: answer.placements, claimants: answer.claimants)
            #expect(check.faults() == [], comment)
            #expect(answer.objective?.isFinite == true && answer.bound?.isFinite == true, comment)
            if answer.status == .optimal { #expect((answer.gap ?? .nan) <= 1e-6, comment) }
        case .infeasible:
            #expect(answer.placements.isEmpty && answer.conflict?.members.isEmpty == false, comment)
        case .timeLimit:
            #expect(answer.placements.isEmpty && answer.objective == nil, comment)
        }
        return answer
    }

    // MARK: Requests

    @Test func contradictoryRequestsAreInfeasible() throws {
        let offers = ["a1", "a2", "b1", "c1"].map { InputEdgeTests.offer($0) }
        let contradictions: [(String, ConstraintKind, (inout SLARequest) -> Void)] = [
            ("more providers than shards", .toleratedProviders, { $0.toleratedProviders = 5 }),
            ("more metros than shards", .toleratedRegions, { $0.toleratedRegions = 2 }),
            ("more providers than there are", .minProviders, { $0.minProviders = 4 }),
            ("no share for anybody", .maxProviderShare, { $0.maxProviderShare = .zero }),
            ("a negative share", .maxProviderShare, { $0.maxProviderShare = decimal("-0.5") }),
            ("no money", .budget, { $0.budget = .init(amount: .zero(.usd), period: .term) }),
            ("less than no money", .budget, { $0.budget = .init(amount: Amount(minor: -5, .usd), period: .month) }),
            ("at once", .latency, { $0.qos.latencyMs = .zero }),
            ("before it is asked", .latency, { $0.qos.latencyMs = ExactDecimal(-1) }),
            ("more than always", .availability, { $0.qos.availability = decimal("1.5") }),
            ("for ever", .durability, { $0.qos.durabilityNines = 1_000_000 })
        ]
        for (name, kind, change) in contradictions {
            var request = try InputEdgeTests.request()
            change(&request)
            let answer = try #require(try Self.solve(request, offers, "\(name)"))
            #expect(answer.status == .infeasible, "\(name)")
            #expect(answer.conflict?.members.map(\.constraint) == [kind], "\(name)")
        }
        // Two that can be met each, but not together.
        var request = try InputEdgeTests.request(shards: 2)
        request.minProviders = 2
        request.maxProviderShare = decimal("0.4")
        #expect(try Self.solve(request, Array(offers.prefix(3)))?.status == .infeasible)
    }

    @Test func whatIsNoRequestIsRefused() throws {
        let offers = ["a", "b"].map { InputEdgeTests.offer($0) }
        let refused: [(inout SLARequest) -> Void] = [
            { $0.toleratedProviders = -1 }, { $0.toleratedRegions = .min }, { $0.minProviders = .max },
            { $0.qos.durabilityNines = -3 }, { $0.recommendedPreference = decimal("-0.5") }, { $0.meanObjectBytes = 0 },
            { $0.logicalBytes = 0 }, { $0.logicalBytes = .min }, { $0.months = 0 }, { $0.months = -3 },
            { $0.monthlyGrowth = ExactDecimal(-1) }, { $0.traffic[0].egressBytes = -5 }, { $0.traffic[0].reads = .min },
            { $0.traffic[0].writes = -9 }, { $0.current = [.init(offer: "a", logicalBytes: -1)] },
            { $0.current = [.init(offer: "a", logicalBytes: .max), .init(offer: "b", logicalBytes: .max)] },
            { $0.credits = [.init(provider: "a", amount: Amount(minor: -500, .usd), expires: $0.start)] },
            { $0.start = CalendarDay(ordinal: .max) }
        ]
        for (index, change) in refused.enumerated() {
            var request = try InputEdgeTests.request()
            change(&request)
            #expect(throws: AllocationError.self, "change \(index)") {
                try AllocationProblem(request: request, offers: offers, catalog: InputEdgeTests.catalog(offers))
            }
        }
        let met: [(inout SLARequest) -> Void] = [
            { $0.qos.availability = decimal("-1") }, { $0.maxProviderShare = ExactDecimal(9) }, { $0.traffic = [] },
            { $0.meanObjectBytes = .max }, { $0.traffic[0].region = "nowhere" }
        ]
        for (index, change) in met.enumerated() {
            var request = try InputEdgeTests.request()
            change(&request)
            #expect(try Self.solve(request, offers, "change \(index)")?.status == .optimal, "change \(index)")
        }
    }

    @Test func volumesAndTermsAtTheEdge() throws {
        let offers = ["a", "b"].map { InputEdgeTests.offer($0) }
        let changes: [(inout SLARequest) -> Void] = [
            { $0.logicalBytes = 0 }, { $0.logicalBytes = -1 }, { $0.logicalBytes = .min }, { $0.logicalBytes = .max },
            { $0.logicalBytes = .max - 1 }, { $0.months = 0 }, { $0.months = -3 }, { $0.months = 1 },
            { $0.months = 120 }, { ($0.months, $0.monthlyGrowth) = (120, decimal("0.5")) },
            { ($0.months, $0.monthlyGrowth) = (120, decimal("-0.99")) },
            { ($0.months, $0.monthlyGrowth) = (2, decimal("-3")) },
            { ($0.logicalBytes, $0.monthlyGrowth, $0.months) = (.max, ExactDecimal(1000), 120) },
            { $0.traffic[0].egressBytes = .max }, { $0.traffic[0].egressBytes = -5 },
            { $0.traffic[0].reads = .max }, { $0.traffic[0].reads = .min }, { $0.traffic[0].writes = .max },
            { $0.traffic[0].writes = -9 },
            { $0.traffic += [.init(region: "north", egressBytes: .max, reads: .max, writes: .max)] },
            { $0.current = [.init(offer: "a", logicalBytes: .max), .init(offer: "b", logicalBytes: .max)] },
            { $0.current = [.init(offer: "a", logicalBytes: -1)] },
            { $0.current = [.init(offer: "a", logicalBytes: 0)] },
            { $0.credits = [.init(provider: "a", amount: Amount(minor: -500, .usd), expires: $0.start)] },
            { $0.credits = [.init(provider: "?", amount: Amount(minor: .max, .usd), expires: .init(ordinal: 90_000))] },
            { $0.credits = [.init(provider: "a", amount: Amount(minor: .max, .usd), expires: .init(ordinal: 90_000))] },
            { $0.start = CalendarDay(ordinal: 2_000_000) }, { $0.start = CalendarDay(ordinal: -900_000) }
        ]
        for (index, change) in changes.enumerated() {
            var request = try InputEdgeTests.request()
            change(&request)
            try Self.solve(request, offers, "change \(index)")
        }
        for months in [1, 120] {
            var request = try InputEdgeTests.request()
            request.months = months
            #expect(try Self.solve(request, offers)?.status == .optimal)
        }
    }

    // MARK: Offers

    static let brokenTariffs: [(name: String, tariff: Tariff)] = {
        let sound = InputEdgeTests.offer("a").tariff
        func changed(_ name: String, _ change: (inout Tariff) -> Void) -> (String, Tariff) {
            var tariff = sound
            change(&tariff)
            return (name, tariff)
        }
        func egress(_ tiers: [Tier], _ allowance: EgressAllowance? = nil, _ limit: ExactDecimal? = nil) -> EgressTariff
        {
            EgressTariff(tiers: tiers, allowance: allowance, limitMultipleOfStored: limit)
        }
        func tier(_ end: Int?, _ price: String) -> Tier {
            Tier(upTo: end.map { ExactDecimal($0) }, price: decimal(price))
        }
        let flat = [tier(nil, "0.02")]
        let huge = "999999999999999999"
        return [
            changed("no tiers") { $0.storage = [] },
            changed("no tiers of egress") { $0.egress = egress([]) },
            changed("tiers out of order") { $0.storage = [tier(100, "0.02"), tier(10, "0.01"), tier(nil, "0.03")] },
            changed("tiers that end") { $0.storage = [tier(10, "0.02")] },
            changed("a tier of no width") { $0.storage = [tier(0, "0.02"), tier(0, "9"), tier(nil, "0.01")] },
            changed("a tier that ends below zero") { $0.storage = [tier(-10, "0.02"), tier(nil, "0.01")] },
            changed("an open tier first") { $0.storage = [tier(nil, "0.02"), tier(10, "0.01")] },
            changed("egress out of order") { $0.egress = egress([tier(50, "0"), tier(5, "0.1"), tier(nil, "0.01")]) },
            changed("a negative price") { $0.storage = [tier(nil, "-0.02")] },
            changed("a negative price of egress") { $0.egress = egress([tier(nil, "-1")]) },
            changed("a negative fee") { $0.monthlyFee = ExactDecimal(-100) },
            changed("a negative minimum") { $0.monthlyMinimum = ExactDecimal(-100) },
            changed("negative operations") {
                ($0.readsPer1000, $0.writesPer1000) = (ExactDecimal(-1), ExactDecimal(-1))
            },
            changed("negative retrieval") { $0.retrieval = ExactDecimal(-1) },
            changed("a negative allowance") { $0.egress = egress(flat, .fixed(ExactDecimal(-10))) },
            changed("a negative multiple") { $0.egress = egress(flat, .multipleOfStored(ExactDecimal(-1))) },
            changed("a negative limit") { $0.egress = egress(flat, nil, ExactDecimal(-1)) },
            changed("no egress at all") { $0.egress = egress(flat, nil, .zero) },
            changed("negative sizes") { ($0.minimumObjectBytes, $0.objectOverheadBytes) = (-1_000_000, -1_000_000) },
            changed("sizes beyond integers") { ($0.minimumObjectBytes, $0.objectOverheadBytes) = (.max, .max) },
            changed("a negative duration") { $0.minimumDays = -30 },
            changed("a duration beyond integers") { $0.minimumDays = .max },
            changed("the least duration") { $0.minimumDays = .min },
            changed("prices beyond money") {
                $0.storage = [tier(nil, huge)]
                ($0.monthlyFee, $0.retrieval, $0.readsPer1000) = (decimal(huge), decimal(huge), decimal(huge))
            },
            changed("the smallest price") { $0.storage = [tier(nil, "0.000000000000000001")] }
        ]
    }()

    @Test(arguments: brokenTariffs.indices) func brokenTariffsAreAnsweredOrRefused(_ index: Int) throws {
        let (name, tariff) = Self.brokenTariffs[index]
        var broken = InputEdgeTests.offer("a")
        broken.tariff = tariff
        let sound = ["b", "c"].map { InputEdgeTests.offer($0) }
        for offers in [[broken], [broken] + sound, sound + [broken]] {
            for shards in [1, 2] {
                var request = try InputEdgeTests.request(shards: shards)
                try Self.solve(request, offers, "\(name), \(shards) of \(offers.count)")
                request.budget = .init(amount: Amount(minor: 100, .usd), period: .month)
                request.credits = [
                    .init(provider: "a", amount: Amount(minor: 300, .usd), expires: .init(ordinal: 30_000))
                ]
                try Self.solve(request, offers, "\(name), with budget")
            }
        }
        broken.changes = [PriceChange(from: CalendarDay(ordinal: 20_010), tariff: InputEdgeTests.offer("a").tariff)]
        try Self.solve(InputEdgeTests.request(), [broken] + sound, "\(name), until it changes")
    }

    @Test func capacitiesAndPromisesAtTheEdge() throws {
        for capacity in [Int.min, -1, 0, 1, 999, .max] {
            let offers = ["a", "b", "c"].map { InputEdgeTests.offer($0, capacity: capacity) }
            let answer = try #require(try Self.solve(InputEdgeTests.request(), offers, "\(capacity)"))
            #expect(answer.status == (capacity == .max ? .optimal : .infeasible), "\(capacity)")
        }
        for availability in ["-1", "0", "2", "999999999999999999"] {
            var offers = ["a", "b"].map { InputEdgeTests.offer($0) }
            for index in offers.indices {
                offers[index].availability = decimal(availability)
                offers[index].durabilityNines = availability == "0" ? .min : .max
            }
            var request = try InputEdgeTests.request()
            request.qos.availability = decimal("0.99")
            request.qos.durabilityNines = 5
            try Self.solve(request, offers, "\(availability)")
        }
    }

    @Test func offersOfOneNameAreNeverTwoShards() throws {
        let offers = [InputEdgeTests.offer("a"), InputEdgeTests.offer("a"), InputEdgeTests.offer("b")]
        if let answer = try Self.solve(InputEdgeTests.request(), offers), answer.objective != nil {
            #expect(Set(answer.placements[0].legs.map(\.offer.id)).count == 2)
        }
    }

    // MARK: Failure tree

    /// The tree is made of names: providers over their regions over offers. A provider that is its own region, or two
    /// providers that are each other's, are no cycle.
    @Test func namesCannotMakeACycle() throws {
        var offers = ["a", "b", "c"].map { InputEdgeTests.offer($0) }
        for (index, region) in ["a", "c", "b"].enumerated() { offers[index].region = region }
        var request = try InputEdgeTests.request()
        request.qos.availability = decimal("0.99999")
        request.toleratedProviders = 1
        let plain = try #require(try Self.solve(request, ["a", "b", "c"].map { InputEdgeTests.offer($0) }))
        let looped = try #require(try Self.solve(request, offers))
        #expect(looped.status == .optimal && OracleTests.agree(looped.objective ?? .nan, plain.objective ?? .nan))
        // A provider "a" with a region "b/c" beside a provider "a/b" with a region "c".
        (offers[0].region, offers[1].provider, offers[1].region) = ("b/c", "a/b", "c")
        let paths = try #require(try Self.solve(request, offers))
        #expect(paths.status == .optimal && OracleTests.agree(paths.objective ?? .nan, plain.objective ?? .nan))
    }

    @Test(arguments: [Double.nan, .infinity, -1, 2, 1e300])
    func failureSharesThatAreNone(_ value: Double) throws {
        let offers = ["a1", "a2", "b"].map { InputEdgeTests.offer($0) }
        var request = try InputEdgeTests.request()
        request.qos.availability = decimal("0.9999")
        request.qos.durabilityNines = 6
        for path in [
            \FailureModel.regionCauseShare, \.providerCauseShare, \.providerExitPerYear, \.repairDays,
            \.assumedAvailability
        ] {
            var failures = FailureModel()
            failures[keyPath: path] = value
            try Self.solve(request, offers, failures: failures, "\(value)")
        }
    }

    // MARK: Limits

    @Test(arguments: [0, -1, .nan, -.infinity, 1e-300]) func noTimeIsNoAnswer(_ seconds: Double) throws {
        let offers = ["a", "b", "c"].map { InputEdgeTests.offer($0) }
        let answer = try #require(
            try Self.solve(
                InputEdgeTests.request(), offers, optimizer: AllocationOptimizer(timeLimit: seconds)))
        #expect(answer.status != .infeasible)
    }

    @Test(arguments: [0, -1, .nan, .infinity]) func gapsThatAreNone(_ gap: Double) throws {
        let offers = ["a", "b", "c"].map { InputEdgeTests.offer($0) }
        let optimizer = AllocationOptimizer(timeLimit: 10, relativeGap: gap)
        let answer = try #require(try Self.solve(InputEdgeTests.request(), offers, optimizer: optimizer))
        #expect(answer.objective != nil)
    }

    /// A deadline holds whatever the number of offers, but for what it takes to look at each of them once.
    @Test(arguments: [0.2, 30]) func manyOffersAreAnsweredInTime(_ seconds: Double) throws {
        let sample = InputEdgeTests.offer("a")
        let offers = (0..<200_000).map { index in
            var offer = sample
            (offer.id, offer.provider) = ("\(index)", "p\(index % 5_000)")
            (offer.region, offer.metro) = ("r\(index % 97)", "m\(index % 300)")
            offer.tariff.storage = [Tier(price: ExactDecimal(1 + index * 7_919 % 100_003))]
            return offer
        }
        var request = try InputEdgeTests.request(data: 6, shards: 9)
        request.toleratedProviders = 2
        let answer = try #require(
            try Self.solve(request, offers, optimizer: AllocationOptimizer(timeLimit: seconds)))
        #expect(answer.status == .optimal || seconds < 1)
        #expect(answer.status != .infeasible)
    }
}
