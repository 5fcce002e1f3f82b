import Allocation
import Marketplace
import Money
import Testing

/// Holds an explanation of a small instance against enumerations of its own: every claim is an optimum of a changed
/// problem, and here each of them is solved anew by the plain program over all placements.
struct ExplanationCheck {
    let instance: RandomProblem
    let explanation: Explanation
    let seed: UInt64
    /// What the enumeration says of the problem as it is.
    let base: Double

    /// The problem with another request and other offers.
    func problem(
        _ change: (inout SLARequest) -> Void = { _ in }, offers: (inout [Offer]) -> Void = { _ in }
    ) throws -> AllocationProblem {
        var (request, changed) = (instance.request, instance.offers)
        request.recommendedPreference = .zero
        change(&request)
        offers(&changed)
        return try AllocationProblem(
            request: request, offers: changed, catalog: instance.catalog, preferences: instance.preferences,
            failures: instance.failures, charges: instance.charges, schemes: RandomProblem.schemes,
            smallestLeg: instance.smallestLeg)
    }

    /// The least cost; nil when nothing can stand.
    static func cost(_ problem: AllocationProblem) throws -> Double? {
        try AllocationEnumeration(problem).solve().cheapest
    }

    /// Whether two costs agree to `tolerance`, relative to the optimum.
    func agree(_ one: Double?, _ other: Double?, _ tolerance: Double = 2e-6) -> Bool {
        guard let one, let other else { return one == nil && other == nil }
        return abs(one - other) <= tolerance * max(1, abs(base), abs(one))
    }

    func changing(_ id: String, _ change: @escaping (inout Offer) -> Void) -> (inout [Offer]) -> Void {
        { offers in for index in offers.indices where offers[index].id == id { change(&offers[index]) } }
    }

    /// One offer with the same change to its tariff now and after every announced change.
    func repricing(_ id: String, _ change: @escaping (inout Tariff) -> Void) -> (inout [Offer]) -> Void {
        changing(id) { offer in
            change(&offer.tariff)
            offer.changes = offer.changes.map {
                var later = $0.tariff
                change(&later)
                return PriceChange(from: $0.from, tariff: later)
            }
        }
    }

    static func flat(_ tariff: inout Tariff, _ price: Double) {
        tariff.storage = [Tier(price: decimal(price * Double(tariff.unit.bytes) / 1e9))]
    }

    /// Another limit of egress where there is one.
    static func limit(_ tariff: inout Tariff, _ change: (Double) -> Double?) {
        guard let egress = tariff.egress, let limit = egress.limitMultipleOfStored else { return }
        tariff.egress = EgressTariff(
            tiers: egress.tiers, allowance: egress.allowance,
            limitMultipleOfStored: change(limit.doubleValue).map(decimal))
    }

    static func decimal(_ value: Double) -> ExactDecimal {
        (try? ExactDecimal(significand: Int128((max(0, value) * 1e15).rounded()), scale: 15)) ?? .zero
    }

    // MARK: Constraints

    func constraints() throws -> Int {
        var binding = 0
        for effect in explanation.effects {
            let without: AllocationProblem
            switch effect.subject {
            case .constraint(let kind): without = try instance.problem(without: [kind])
            case .capacity(let offer): without = try problem(offers: changing(offer) { $0.capacityBytes = nil })
            case .egressLimit(let offer):
                without = try problem(offers: repricing(offer) { Self.limit(&$0) { _ in nil } })
            case .shards: continue
            }
            let expected = try Self.cost(without).map { base - $0 }
            // What a bill of whole cents makes of a budget differs by cents.
            let tolerance = instance.request.budget == nil ? 2e-6 : 1e-3
            #expect(effect.cost ?? -1 >= 0, "seed \(seed): \(effect)")
            #expect(agree(effect.cost, expected, tolerance), "seed \(seed): \(effect), not \(expected ?? .nan)")
            if effect.isBinding == true { binding += 1 }
            try steps(effect)
        }
        return binding
    }

    /// Each step, and that nothing changes before it.
    private func steps(_ effect: Explanation.Effect) throws {
        guard case .constraint(let kind) = effect.subject, instance.request.budget == nil else { return }
        for (step, isLooser) in [(effect.looser, true), (effect.stricter, false)] {
            guard let step, let value = Double(step.value.prefix { "0123456789.".contains($0) }) else { continue }
            let change: (inout SLARequest, Double) -> Void
            let before: Double
            switch kind {
            case .latency:
                // Latencies are whole tenths, and a sum of doubles may fall short of one.
                change = { $0.qos.latencyMs = try? ExactDecimal(significand: Int128(($1 * 10).rounded()), scale: 1) }
                before = isLooser ? value - 0.1 : value + 0.1
            case .durability:
                change = { $0.qos.durabilityNines = Int($1) }
                before = isLooser ? value + 1 : value - 1
            case .toleratedProviders:
                change = { $0.toleratedProviders = Int($1) }
                before = isLooser ? value + 1 : value - 1
            case .toleratedRegions:
                change = { $0.toleratedRegions = Int($1) }
                before = isLooser ? value + 1 : value - 1
            case .minProviders:
                change = { $0.minProviders = Int($1) }
                before = isLooser ? value + 1 : value - 1
            case .availability:
                change = { $0.qos.availability = Self.decimal($1) }
                before = value
            default: continue
            }
            if kind != .availability || isLooser {
                let there = try Self.cost(problem { change(&$0, value) })
                #expect(
                    agree(there, step.change.map { base + $0 }), "seed \(seed): \(effect), \(there ?? .nan) at the step"
                )
            }
            if kind != .availability || !isLooser {
                let short = try Self.cost(problem { change(&$0, before) })
                #expect(agree(short, base), "seed \(seed): \(effect), \(short ?? .nan) before the step")
            }
        }
    }

    // MARK: Offers and providers

    func offers() throws {
        for runnerUp in explanation.runnersUp {
            let cost = try Self.cost(problem(offers: { $0.removeAll { $0.id == runnerUp.offer } }))
            #expect(agree(runnerUp.extraCost.map { base + $0 }, cost), "seed \(seed): \(runnerUp), \(cost ?? .nan)")
        }
        for exit in explanation.exits {
            let cost = try Self.cost(problem(offers: { $0.removeAll { $0.provider == exit.provider } }))
            #expect(agree(exit.extraCost.map { base + $0 }, cost), "seed \(seed): \(exit), \(cost ?? .nan)")
            #expect(exit.movingOut ?? 0 >= 0)
        }
    }

    /// Each entry price from both sides: by enumeration at a thousandth, by the optimizer at a few millionths. Whether a
    /// budget is met hangs on cents, so that under one an offer may come and go about its entry price.
    func entryPrices() throws -> Int {
        var found = 0
        let exact = AllocationOptimizer(relativeGap: 1e-9)
        let step = instance.request.budget == nil ? 1e-3 : 2e-2
        let best = try exact.solve(problem()).cheapest ?? base
        for entry in explanation.entryPrices {
            func at(_ price: Double) throws -> AllocationProblem {
                try problem(offers: repricing(entry.offer) { Self.flat(&$0, price) })
            }
            guard let price = entry.price else {
                let cost = try Self.cost(at(0))
                #expect(agree(cost, base), "seed \(seed): \(entry) costs \(cost ?? .nan) at 0, not \(base)")
                continue
            }
            found += 1
            // Where nothing but bytes decides what a month costs, no offer stays out whose own prices are lower.
            if instance.request.credits.isEmpty, !hasMinimum(entry.offer) {
                #expect(entry.listPrice > price * (1 - 1e-5), "seed \(seed): \(entry) is listed below its entry price")
            }
            let (below, above) = (try Self.cost(at(price * (1 - step))), try Self.cost(at(price * (1 + step))))
            #expect(below ?? .infinity < base * (1 - 1e-8), "seed \(seed): \(entry) does not enter below")
            #expect(agree(above, base, 1e-7), "seed \(seed): \(entry) enters above: \(above ?? .nan), not \(base)")
            guard instance.request.budget == nil else { continue }
            let (near, far) = (try exact.solve(at(price * (1 - 4e-6))), try exact.solve(at(price * (1 + 4e-6))))
            #expect(near.cheapest ?? .infinity < best, "seed \(seed): \(entry)")
            #expect(
                near.offers.contains { $0.id == entry.offer }, "seed \(seed): \(entry) is not used just below")
            #expect(far.cheapest ?? 0 > best * (1 - 5e-8), "seed \(seed): \(entry) is cheaper just above")
        }
        return found
    }

    private func hasMinimum(_ id: String) -> Bool {
        instance.offers.contains { offer in
            offer.id == id && ([offer.tariff] + offer.changes.map(\.tariff)).contains { $0.monthlyMinimum != .zero }
        }
    }

    // MARK: Prices

    /// Prices inside their ranges, and that they end where they say they do.
    func prices() throws -> Int {
        var checked = 0
        for demand in explanation.demandPrices {
            let months = Double(instance.request.months)
            // Objects are whole: months that grow hold parts of one.
            let objects = Double(instance.request.logicalBytes) / Double(instance.request.meanObjectBytes)
            let grain = demand.region == nil ? Double(instance.request.meanObjectBytes) / 1e12 : 0
            let rounding = demand.region == nil && instance.request.monthlyGrowth != .zero ? 1e-6 + 3 / objects : 1e-6
            checked += try check(demand.price, perUnit: demand.price.amount * months, rounding, grain: grain) { value in
                try problem { request in
                    let bytes = Int((value * 1e12).rounded())
                    guard let region = demand.region else {
                        request.logicalBytes = bytes
                        return
                    }
                    for u in request.traffic.indices where request.traffic[u].region == region {
                        request.traffic[u].egressBytes = bytes
                    }
                }
            }
        }
        for effect in explanation.effects {
            guard let price = effect.price else { continue }
            switch effect.subject {
            case .capacity(let offer):
                checked += try check(price, perUnit: -price.amount) { value in
                    try problem(offers: changing(offer) { $0.capacityBytes = Int((value * 1e12).rounded()) })
                }
            case .constraint(.maxProviderShare):
                checked += try check(price, perUnit: -price.amount) { value in
                    try problem { $0.maxProviderShare = Self.decimal(value / 100) }
                }
            case .constraint(.budget):
                // Bills are rounded line by line.
                checked += try check(price, perUnit: -price.amount, 2e-3) { value in
                    try problem { $0.budget?.amount = Amount(minor: Int128((value * 100).rounded()), .usd) }
                }
            case .egressLimit(let offer):
                checked += try check(price, perUnit: -price.amount) { value in
                    try problem(offers: repricing(offer) { Self.limit(&$0) { $0 + value - price.value } })
                }
            case .constraint, .shards: continue
            }
        }
        return checked
    }

    private func check(
        _ price: Explanation.Price, perUnit: Double, _ tolerance: Double = 1e-6, grain: Double = 0,
        _ variant: (Double) throws -> AllocationProblem
    ) throws -> Int {
        func deviation(_ value: Double) throws -> Double? {
            let steps = grain > 0 ? ((value - price.value) / grain).rounded() : 0
            let value = grain > 0 ? price.value + steps * grain : value
            return try Self.cost(variant(value)).map { abs($0 - base - perUnit * (value - price.value)) }
        }
        let room = tolerance * max(1, base)
        for end in [price.lower, price.upper] where end != price.value {
            for part in [0.3, 0.98] {
                let off = try deviation(price.value + part * (end - price.value))
                #expect(off ?? .infinity <= room, "seed \(seed): \(price) is off by \(off ?? .infinity) at \(part)")
            }
        }
        for (end, isOpen) in [(price.lower, price.isOpenBelow), (price.upper, price.isOpenAbove)] where !isOpen {
            // Just outside: a bend that is too small to be seen there is seen a little farther.
            let step = end == price.value ? 0.02 * price.value : 1.03 * (end - price.value)
            let value = end == price.value ? price.value + (end == price.upper ? step : -step) : price.value + step
            guard value > 0 else { continue }
            if let off = try deviation(value) {
                #expect(off > 1e-7 * base, "seed \(seed): \(price) still holds at \(value)")
            }
        }
        return 1
    }

    // MARK: Robustness

    func ranges() throws {
        // Where credits pay for nearly everything, all answers are equal but for rounding.
        guard base > 1 else { return }
        let places = Self.places(explanation.placements)
        func check(_ range: Explanation.StableRange, _ variant: (Double) throws -> AllocationProblem) throws {
            for (end, isOpen) in [(range.lower, range.isOpenBelow), (range.upper, range.isOpenAbove)] {
                if end != range.value {
                    let inside = try variant(range.value + 0.99 * (end - range.value))
                    let answer = try AllocationOptimizer(relativeGap: 1e-8).solve(inside)
                    // Another answer may cost the same: then the offers of this one do as well alone.
                    if Self.places(answer.placements) != places {
                        let own = Set(explanation.placements.flatMap(\.legs).map(\.offer.id))
                        let alone = try restricted(inside, own)
                        #expect(
                            agree(try Self.cost(alone), answer.cheapest, 1e-6),
                            "seed \(seed): \(range) ends before \(end)")
                    }
                }
                guard !isOpen else { continue }
                let beyond =
                    end == range.value
                    ? end * (end == range.upper ? 1.02 : 0.98) : range.value + 1.03 * (end - range.value)
                guard beyond > 0 else { continue }
                let outside = try variant(beyond)
                let cost = try Self.cost(outside)
                // With what was in use alone it would be dearer, or not possible at all.
                let own = Set(explanation.placements.flatMap(\.legs).map(\.offer.id))
                let alone = try Self.cost(restricted(outside, own))
                let isDearer = alone ?? .infinity > (cost ?? .infinity) * (1 + 1e-8) || cost == nil
                let answer = try AllocationEnumeration(outside).solve()
                #expect(
                    isDearer || (places.count == 1 && Self.places(answer.placements) != places),
                    "seed \(seed): \(range) still holds at \(beyond)")
            }
        }
        if let range = explanation.volumeRange {
            try check(range) { value in try problem { $0.logicalBytes = max(1, Int((value * 1e12).rounded())) } }
        }
        for entry in explanation.priceRanges {
            try check(entry.range) { factor in
                try problem(
                    offers: repricing(entry.offer) { tariff in
                        tariff.storage = tariff.storage.map {
                            Tier(upTo: $0.upTo, price: Self.decimal($0.price.doubleValue * factor))
                        }
                    })
            }
        }
    }

    private func restricted(_ problem: AllocationProblem, _ own: Set<String>) throws -> AllocationProblem {
        try AllocationProblem(
            request: problem.request, offers: problem.offers.filter { own.contains($0.id) }, catalog: instance.catalog,
            preferences: instance.preferences, failures: instance.failures, charges: instance.charges,
            schemes: RandomProblem.schemes, smallestLeg: instance.smallestLeg)
    }

    private static func places(_ placements: [Placement]) -> Set<[String]> {
        Set(placements.map { ["\($0.scheme)"] + $0.legs.map(\.offer.id).sorted() })
    }
}
