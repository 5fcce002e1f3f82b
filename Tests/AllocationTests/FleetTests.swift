import Allocation
import Marketplace
import MathematicalProgramming
import Money
import TestSupport
import Testing

/// Planning many requests at once: against brute force, and on the real catalogue.
@Suite struct FleetTests {
    // MARK: Brute force

    /// One placement of one request with what it costs and holds.
    struct Choice {
        let cost: Double
        let uses: [String: Double]
    }

    /// The cheapest plan that serves exactly `served` by whole placements, by a program over all of them; nil if none.
    static func optimum(_ problem: FleetProblem, _ choices: [[Choice]], _ served: Set<Int>) throws -> Double? {
        var program = MathematicalProgram(name: "fleet")
        var held: [String: [Term]] = [:]
        for (r, options) in choices.enumerated() where served.contains(r) {
            var terms: [Term] = []
            for option in options {
                let variable = program.addBinary(cost: option.cost)
                terms.append(Term(variable, 1))
                for (offer, bytes) in option.uses.sorted(by: { $0.key < $1.key }) {
                    held[offer, default: []].append(Term(variable, bytes / 1e9))
                }
            }
            program.addConstraint(lower: 1, upper: 1, terms: terms)
        }
        for (offer, terms) in held.sorted(by: { $0.key < $1.key }) {
            guard let known = problem.catalog.offer(offer), let capacity = problem.capacity(of: known) else { continue }
            program.addConstraint(upper: Double(capacity) / 1e9, terms: terms)
        }
        let solution = try HiGHSSolver().solve(program)
        return solution.status == .optimal ? solution.objective : nil
    }

    /// All placements of a request, each as cheap as its reads can make it: by enumeration of the problem with only its
    /// offers.
    static func choices(_ request: SLARequest, _ problem: FleetProblem) throws -> [Choice] {
        let offers = problem.catalog.offers
        let schemes: [RedundancyScheme] =
            switch request.redundancy {
            case .fixed(let scheme): [scheme]
            case .auto: problem.schemes
            }
        var choices: [Choice] = []
        for scheme in schemes where scheme.shards <= offers.count {
            for members in subsets(offers.count, scheme.shards) {
                var own = request
                own.redundancy = .fixed(scheme)
                let single = try AllocationProblem(
                    request: own, offers: members.map { offers[$0] }, catalog: problem.catalog,
                    failures: problem.failures, charges: problem.charges)
                guard let cost = try AllocationEnumeration(single).solve().objective else { continue }
                let shard = Double((request.peakLogicalBytes - 1) / scheme.data + 1)
                choices.append(
                    Choice(
                        cost: cost, uses: Dictionary(uniqueKeysWithValues: members.map { (offers[$0].id, shard) })))
            }
        }
        return choices
    }

    static func subsets(_ count: Int, _ size: Int) -> [[Int]] {
        guard size > 0 else { return [[]] }
        guard count >= size else { return [] }
        return subsets(count - 1, size) + subsets(count - 1, size - 1).map { $0 + [count - 1] }
    }

    /// A few random requests over one random catalogue, with capacities that bind.
    static func tiny(_ seed: UInt64) -> FleetProblem {
        var random = SeededGenerator(seed: 7_000 + seed)
        let market = RandomProblem(seed: seed)
        let requests = (0..<random.int(1...6)).map { index in
            var request = RandomProblem(seed: seed * 100 + UInt64(index), auto: random.chance(0.3)).request
            request.current = []
            request.maxProviderShare = nil
            request.minProviders = 1
            request.recommendedPreference = .zero
            request.user = "u\(index)"
            if random.chance(0.7) { request.budget = nil }
            return request
        }
        var capacities: [String: Int] = [:]
        for offer in market.catalog.offers where random.chance(0.5) {
            capacities[offer.id] = random.int(0...3_000) * 1_000_000_000
        }
        return FleetProblem(
            requests: requests, catalog: market.catalog, capacities: capacities, charges: market.charges,
            schemes: RandomProblem.schemes)
    }

    /// One request at a time, on a market whose prices may have changed before its term or after it.
    @Test(arguments: 0..<5) func singleRequestsAgreeWithTheEnumeration(_ block: Int) throws {
        for seed in UInt64(block * 10)..<UInt64(block * 10 + 10) {
            let problem = Self.tiny(seed)
            for request in problem.requests {
                let alone = try problem.problem(of: request)
                let (ours, reference) = (
                    try AllocationOptimizer().solve(alone), try AllocationEnumeration(alone).solve()
                )
                #expect(
                    abs((ours.objective ?? -1) - (reference.objective ?? -1)) <= 1e-6 * (1 + (ours.objective ?? 0)),
                    "seed \(seed), \(request.user)")
            }
        }
    }

    /// What is called impossible is, and what is not served for other reasons than room might be.
    @Test(arguments: 0..<10) func impossibleIsImpossible(_ block: Int) throws {
        for seed in UInt64(block * 10)..<UInt64(block * 10 + 10) {
            let problem = Self.tiny(seed)
            for request in try FleetOptimizer(threads: 1).plan(problem).unserved {
                let alone = try? AllocationEnumeration(problem.problem(of: problem.requests[request.request])).solve()
                if request.isImpossible {
                    #expect(alone?.objective == nil, "seed \(seed), request \(request.request)")
                } else if request.reason == .noPlacement || request.reason == .noneWithinLimits {
                    Issue.record("seed \(seed), request \(request.request): neither served nor proven impossible")
                }
            }
        }
    }

    @Test(arguments: 0..<10) func boundsHoldAgainstBruteForce(_ block: Int) throws {
        var served = 0
        for seed in UInt64(block * 10)..<UInt64(block * 10 + 10) {
            let problem = Self.tiny(seed)
            let plan = try FleetOptimizer(threads: 1).plan(problem)
            #expect(FleetCheck(problem: problem, plan: plan).faults() == [], "seed \(seed)")
            let choices = try problem.requests.map { try Self.choices($0, problem) }
            let kept = Set(plan.assignments.map(\.request))
            served += kept.count
            let divides = plan.assignments.contains { $0.placements.count > 1 }
            guard let best = try Self.optimum(problem, choices, kept) else {
                if !divides { Issue.record("seed \(seed): the plan serves what no placements do") }
                continue
            }
            let slack = 1e-6 * max(1, best)
            #expect(plan.bound <= best + slack, "seed \(seed): bound \(plan.bound) above the optimum \(best)")
            #expect(
                plan.objective - best <= plan.gap * plan.objective + slack,
                "seed \(seed): \(plan.objective) lies farther from \(best) than the gap \(plan.gap) says")
            for price in plan.clearingPrices where Double(price.used) < 0.5 * Double(price.capacity) && kept.count > 4 {
                #expect(price.pricePerGB >= 0)
            }
        }
        #expect(served > 5, "too little is served to mean anything")
    }

    /// The bound of each request by itself, against the exact optimizer: division of the data over placements included.
    @Test(arguments: 0..<6) func boundsOfRequestsAreBounds(_ block: Int) throws {
        for seed in UInt64(block * 20)..<UInt64(block * 20 + 20) {
            let instance = RandomProblem(seed: seed, auto: seed % 3 == 0)
            var request = instance.request
            request.recommendedPreference = .zero
            var offers = instance.catalog.offers
            for index in offers.indices { offers[index].capacityBytes = nil }
            let problem = FleetProblem(
                requests: [request], catalog: instance.catalog(with: offers), charges: instance.charges,
                schemes: RandomProblem.schemes)
            let plan = try FleetOptimizer(threads: 1).plan(problem)
            let exact = try AllocationOptimizer().solve(problem.problem(of: request))
            if let served = plan.assignments.first, let cheapest = exact.cheapest {
                #expect(served.bound <= cheapest * (1 + 1e-6) + 1e-6, "seed \(seed)")
                #expect(served.cost >= (exact.bound ?? 0) * (1 - 1e-6) - 1e-6, "seed \(seed)")
            }
            if exact.status == .infeasible { #expect(plan.assignments.isEmpty, "seed \(seed)") }
        }
    }

    // MARK: Edges

    /// Three copies of one plain request on a small market.
    static func plain(_ count: Int, capacities: [String: Int] = [:]) -> FleetProblem {
        let offers = ["a", "b", "c"].enumerated().map { index, name in
            Offer(
                id: "\(name)/x", provider: name, region: "x", storageClass: "s", metro: "m",
                tariff: Tariff(storage: [Tier(price: RandomProblem.decimal("0.0\(index + 1)"))]))
        }
        let catalog = Catalog(
            version: "plain", offers: offers,
            providers: ["a", "b", "c"].map {
                Provider(
                    id: $0, name: $0, kind: "cloud", country: "DE", apis: [], features: [], certifications: [],
                    assumedAvailability: .one, reputation: 50)
            },
            metros: [], readerRegions: [], latencies: [:], register: [])
        let requests = (0..<count).map { index in
            SLARequest(
                user: "u\(index)", logicalBytes: 1_000_000_000_000, start: CalendarDay(ordinal: 20_500), months: 1,
                redundancy: RedundancyScheme(data: 1, shards: 1).map { .fixed($0) } ?? .auto)
        }
        return FleetProblem(requests: requests, catalog: catalog, capacities: capacities)
    }

    @Test func pricesOfAClosedForm() throws {
        // Ten requests of a terabyte; room for four at 10, for three at 20, the rest at 30 dollars, and 2% on top.
        let problem = Self.plain(10, capacities: ["a/x": 4_000_000_000_000, "b/x": 3_000_000_000_000])
        let plan = try FleetOptimizer().plan(problem)
        #expect(abs(plan.objective - 1.02 * (40 + 60 + 90)) < 1e-6)
        #expect(plan.gap < 1e-6)
        let prices = Dictionary(uniqueKeysWithValues: plan.clearingPrices.map { ($0.offer, $0) })
        #expect(abs((prices["a/x"]?.pricePerGB ?? 0) - 1.02 * 0.02) < 1e-6)
        #expect(abs((prices["b/x"]?.pricePerGB ?? 0) - 1.02 * 0.01) < 1e-6)
        #expect(prices["a/x"]?.used == 4_000_000_000_000)
        #expect(plan.unserved.isEmpty)
    }

    @Test func slackCapacityHasNoPrice() throws {
        let plan = try FleetOptimizer().plan(
            Self.plain(10, capacities: ["a/x": 11_000_000_000_000, "b/x": 5_000_000_000_000]))
        #expect(plan.clearingPrices.count == 2)
        #expect(plan.clearingPrices.allSatisfy { $0.pricePerGB == 0 && !$0.isScarce })
        #expect(abs(plan.objective - 102) < 1e-6)
    }

    @Test func noRequests() throws {
        let plan = try FleetOptimizer().plan(Self.plain(0))
        #expect(plan.assignments.isEmpty && plan.unserved.isEmpty && plan.objective == 0 && plan.gap == 0)
    }

    @Test func noCapacity() throws {
        let none = ["a/x": 0, "b/x": 0, "c/x": -5]
        let problem = Self.plain(3, capacities: none)
        let plan = try FleetOptimizer().plan(problem)
        #expect(plan.assignments.isEmpty)
        #expect(plan.unserved.map(\.user) == ["u0", "u1", "u2"])
        #expect(FleetCheck(problem: problem, plan: plan).faults() == [])
    }

    @Test func tooLittleCapacityServesWhatFits() throws {
        let problem = Self.plain(5, capacities: ["a/x": 2_000_000_000_000, "b/x": 500_000_000_000, "c/x": 0])
        let plan = try FleetOptimizer().plan(problem)
        #expect(plan.assignments.count == 2)
        #expect(plan.unserved.count == 3)
        #expect(plan.unserved.allSatisfy { $0.reason == .noRoom })
        #expect(FleetCheck(problem: problem, plan: plan).faults() == [])
    }

    @Test func oneImpossibleRequestAmongGoodOnes() throws {
        let good = Self.plain(3)
        var requests = good.requests
        requests[1].qos.availability = RandomProblem.decimal("0.9")
        requests[1].toleratedProviders = 1
        requests[2].budget = SLARequest.Budget(amount: Amount(minor: 100, .usd), period: .term)
        let problem = FleetProblem(requests: requests, catalog: good.catalog)
        let plan = try FleetOptimizer().plan(problem)
        #expect(plan.assignments.map(\.request) == [0])
        #expect(plan.unserved.map(\.reason) == [.noPlacement, .noneWithinLimits])
    }

    @Test func unknownHoldingIsNamed() throws {
        let good = Self.plain(2)
        var requests = good.requests
        requests[1].current = [.init(offer: "nowhere", logicalBytes: 1_000)]
        let plan = try FleetOptimizer().plan(FleetProblem(requests: requests, catalog: good.catalog))
        #expect(plan.assignments.map(\.request) == [0])
        guard case .invalid? = plan.unserved.first?.reason else {
            Issue.record("\(plan.unserved)")
            return
        }
    }

    @Test func noTime() throws {
        let problem = Self.plain(4, capacities: ["a/x": 1])
        let plan = try FleetOptimizer(timeLimit: 0).plan(problem)
        #expect(plan.isCutShort)
        #expect(plan.assignments.count + plan.unserved.count == 4)
        #expect(plan.bound <= plan.objective)
        #expect(FleetCheck(problem: problem, plan: plan).faults() == [])
    }

    @Test func faultsAreFound() throws {
        let problem = Self.plain(3)
        var plan = try FleetOptimizer().plan(problem)
        let tight = FleetProblem(
            requests: problem.requests, catalog: problem.catalog, capacities: ["a/x": 2_000_000_000_000])
        #expect(FleetCheck(problem: tight, plan: plan).faults().count == 1)
        plan.assignments.removeLast()
        #expect(!FleetCheck(problem: problem, plan: plan).faults().isEmpty)
    }
}

extension RandomProblem {
    /// The catalogue with other offers.
    func catalog(with offers: [Offer]) -> Catalog {
        var latencies: [String: [String: Latency]] = [:]
        for region in catalog.readerRegions.keys {
            for metro in catalog.metros.keys {
                latencies[region, default: [:]][metro] = catalog.latency(from: region, to: metro)
            }
        }
        return Catalog(
            version: catalog.version, offers: offers, providers: Array(catalog.providers.values),
            metros: Array(catalog.metros.values), readerRegions: Array(catalog.readerRegions.values),
            latencies: latencies, register: [])
    }
}
