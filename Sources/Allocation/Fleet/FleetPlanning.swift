import Foundation
import Marketplace
import MathematicalProgramming

/// One run of a ``FleetOptimizer``.
final class FleetPlanning {
    let problem: FleetProblem
    let options: FleetOptimizer
    let market: FleetMarket
    let workers: FleetWorkers
    private let clock = Stopwatch()
    private var profiles: [FleetProfile?] = []
    private var faults: [String?] = []
    private(set) var chunks: [FleetChunk] = []
    var plan = FleetPlan()
    private(set) var prices: [Double] = []
    /// Raw bytes that are left at offers of limited capacity, once requests are assigned.
    var room: [Double] = []

    init(_ problem: FleetProblem, _ options: FleetOptimizer) {
        self.problem = problem
        self.options = options
        market = FleetMarket(problem)
        workers = FleetWorkers(options.threads)
    }

    var stops: @Sendable () -> Bool {
        let (clock, limit) = (clock, options.timeLimit * 1000)
        return { clock.milliseconds >= limit }
    }

    func run() throws(ProgrammingError) -> FleetPlan {
        timed(\.grouping) { group() }
        prices = [Double](repeating: 0, count: market.capacities.count)
        timed(\.pricing) { price(.find) }
        try clear()
        timed(\.pricing) { price(.bound) }
        timed(\.repairing) { assign() }
        timed(\.refining) { refine() }
        settle()
        plan.isCutShort = stops()
        plan.timing.total = clock.milliseconds / 1000
        plan.peakMemory = PeakMemory.bytes
        return plan
    }

    private func timed<Value, Failure: Error>(
        _ phase: WritableKeyPath<FleetPlan.Timing, Double>, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let start = clock.milliseconds
        defer { plan.timing[keyPath: phase] += (clock.milliseconds - start) / 1000 }
        return try body()
    }

    // MARK: Grouping

    private func group() {
        options.progress?(.init(phase: "grouping", share: 0))
        var numbers: [FleetProfile.Key: Int] = [:]
        var members: [[Int]] = []
        for (index, request) in problem.requests.enumerated() {
            let key = FleetProfile.Key(request, hasChanges: market.changes)
            if let number = numbers[key] {
                members[number].append(index)
            } else {
                numbers[key] = members.count
                members.append([index])
            }
        }
        plan.profiles = members.count
        let (problem, market, stops) = (problem, market, stops)
        let firsts = members.map { $0[0] }
        let built = workers.map(members.count) { g -> (FleetProfile?, String?) in
            if stops() { return (nil, nil) }
            do throws(AllocationError) {
                return (try FleetProfile(problem.requests[firsts[g]], problem, market), nil)
            } catch {
                return (nil, "\(error)")
            }
        }
        profiles = built.map(\.0)
        faults = built.map(\.1)
        for (g, indices) in members.enumerated() {
            for start in stride(from: 0, to: indices.count, by: FleetChunk.size) {
                let part = indices[start..<min(start + FleetChunk.size, indices.count)]
                chunks.append(FleetChunk(profile: g, entries: part.map { FleetEntry(request: $0) }))
            }
        }
    }

    // MARK: Pricing

    /// What is done about each request at ``prices``.
    private enum Pass {
        /// Candidates, for those that the prices concern.
        case find
        /// Lower bounds, for all.
        case bound
    }

    private func price(_ pass: Pass) {
        plan.rounds += 1
        let (problem, market, profiles, chunks, prices) = (problem, market, profiles, chunks, prices)
        let (stops, progress, round) = (stops, options.progress, plan.rounds)
        let results = workers.map(chunks.count) { c -> (chunk: FleetChunk, evaluated: Int) in
            var chunk = chunks[c]
            guard let profile = profiles[chunk.profile] else { return (chunk, 0) }
            let oracle = FleetOracle(profile, problem, market)
            for index in chunk.entries.indices {
                if stops() { break }
                switch pass {
                case .find:
                    // Prices only raise what a request pays: a choice that they leave alone stays as good as it was.
                    let entry = chunk.entries[index]
                    if round > 1, let choice = entry.choice(prices).candidate,
                        entry.candidates[choice].uses.allSatisfy({ prices[$0.offer] == 0 })
                    {
                        continue
                    }
                    oracle.find(&chunk.entries[index], capacity: prices)
                case .bound: oracle.bound(&chunk.entries[index], capacity: prices)
                }
            }
            if c & 15 == 0 { progress?(.init(phase: "pricing \(round)", share: Double(c) / Double(chunks.count))) }
            return (chunk, oracle.evaluated)
        }
        self.chunks = results.map(\.chunk)
        plan.candidates += results.reduce(0) { $0 + $1.evaluated }
    }

    // MARK: Clearing

    /// Approaches clearing prices over the candidates, and looks for better candidates at them, in turn.
    private func clear() throws(ProgrammingError) {
        guard !market.capacities.isEmpty else { return }
        var clearing = FleetClearing(market: market, workers: workers)
        clearing.shouldStop = stops
        let crowded = clearing.crowdedPrices(chunks)
        guard crowded.contains(where: { $0 > 0 }) else { return }
        // At the price of being crowded out, requests find where else they could go.
        prices = crowded
        timed(\.pricing) { price(.find) }
        var last = Double.infinity
        for _ in 0..<Self.roundLimit {
            if stops() { return }
            options.progress?(.init(phase: "clearing", share: 0))
            let (chunks, start) = (chunks, prices)
            prices = try timed(\.clearing) { () throws(ProgrammingError) in
                try clearing.prices(chunks, from: start)
            }
            timed(\.pricing) { price(.find) }
            // What requests would pay: new candidates only lower it, until nobody finds better ones.
            let (value, out) = clearing.value(self.chunks, prices)
            if out == 0, last - value <= 0.2 * options.relativeGap * abs(value) { return }
            last = value
        }
    }

    /// How often at most prices are refined.
    static let roundLimit = 12

    /// The choice among candidates as a program, for the requests that `plan` serves; those for which refining alone found
    /// anything stay where the plan has them.
    func model(of plan: FleetPlan) -> MathematicalProgram {
        let served = Dictionary(uniqueKeysWithValues: plan.assignments.map { ($0.request, $0) })
        var program = MathematicalProgram(name: "fleet")
        var held = market.capacities.map { _ in [Term]() }
        var room = market.capacities
        for chunk in chunks {
            for entry in chunk.entries {
                guard let assignment = served[entry.request] else { continue }
                guard !entry.candidates.isEmpty else {
                    program.objectiveOffset += assignment.cost
                    for use in uses(assignment.placements, problem.requests[entry.request]) {
                        room[use.offer] -= use.bytes
                    }
                    continue
                }
                var terms: [Term] = []
                for candidate in entry.candidates {
                    let variable = program.addBinary(cost: candidate.cost)
                    terms.append(Term(variable, 1))
                    for use in candidate.uses { held[use.offer].append(Term(variable, use.bytes / 1e9)) }
                }
                program.addConstraint(lower: 1, upper: 1, terms: terms)
            }
        }
        for (k, terms) in held.enumerated() { program.addConstraint(upper: room[k] / 1e9, terms: terms) }
        return program
    }

    // MARK: Assigning

    private func assign() {
        options.progress?(.init(phase: "assigning", share: 0))
        var places: [(chunk: Int, index: Int)] = Array(repeating: (0, 0), count: problem.requests.count)
        for (c, chunk) in chunks.enumerated() {
            for (index, entry) in chunk.entries.enumerated() { places[entry.request] = (c, index) }
        }
        let entries = places.map { chunks[$0.chunk].entries[$0.index] }
        var repair = FleetRepair(entries, prices, market)
        repair.run()
        for (r, entry) in entries.enumerated() {
            let request = problem.requests[r]
            guard let choice = repair.choices[r], let profile = profiles[chunks[places[r].chunk].profile] else {
                plan.unserved.append(
                    FleetPlan.Unserved(request: r, user: request.user, reason: reason(entry, places[r].chunk)))
                continue
            }
            let candidate = entry.candidates[choice]
            plan.assignments.append(
                FleetPlan.Assignment(
                    request: r, placements: [placement(candidate, profile, request)],
                    claimants: Set(candidate.claimants.map { market.offers[profile.offers[Int($0)]].id }),
                    cost: candidate.cost, bound: entry.bound, priced: candidate.priced(prices)))
        }
        room = market.capacities
        for assignment in plan.assignments {
            for use in uses(assignment.placements, problem.requests[assignment.request]) {
                room[use.offer] -= use.bytes
            }
        }
    }

    /// Sums the plan up.
    private func settle() {
        var used = [Double](repeating: 0, count: market.capacities.count)
        var monthBytes = used
        for assignment in plan.assignments {
            let request = problem.requests[assignment.request]
            for use in uses(assignment.placements, request) {
                used[use.offer] += use.bytes
                monthBytes[use.offer] += use.bytes * Double(request.months)
            }
        }
        plan.objective = plan.assignments.reduce(0) { $0 + $1.cost }
        let earned = zip(prices, market.capacities).reduce(0) { $0 + $1.0 * $1.1 }
        plan.bound = min(plan.objective, max(0, plan.assignments.reduce(0) { $0 + $1.bound } - earned))
        plan.clearingPrices = market.limitedOffers.indices.map { k in
            let months = used[k] > 0 ? monthBytes[k] / used[k] : 1
            return FleetPlan.ClearingPrice(
                offer: market.offers[market.limitedOffers[k]].id, pricePerGB: prices[k] * 1e9,
                pricePerGBMonth: prices[k] * 1e9 / months, capacity: Int(market.capacities[k]), used: Int(used[k]))
        }
    }

    /// Raw bytes that placements of a request hold at offers of limited capacity, at its peak, by their number.
    func uses(_ placements: [Placement], _ request: SLARequest) -> [(offer: Int, bytes: Double)] {
        placements.flatMap { placement -> [(offer: Int, bytes: Double)] in
            let shard = Double((request.peakLogicalBytes - 1) / placement.scheme.data + 1)
            let bytes = placement.share == 1 ? shard : (shard * placement.share).rounded(.up)
            return placement.legs.compactMap { leg in
                guard let j = market.positions[leg.offer.id], market.limited[j] >= 0 else { return nil }
                return (market.limited[j], bytes)
            }
        }
    }

    private func reason(_ entry: FleetEntry, _ chunk: Int) -> FleetPlan.Reason {
        if let fault = faults[chunks[chunk].profile] ?? entry.fault { return .invalid(fault) }
        if !entry.isPriced { return .deadline }
        if !entry.candidates.isEmpty { return .noRoom }
        return entry.hasPlacement ? .noneWithinLimits : .noPlacement
    }

    private func placement(_ candidate: FleetCandidate, _ profile: FleetProfile, _ request: SLARequest) -> Placement {
        let scheme = profile.spaces[candidate.space].scheme
        var shares = [[Double]](
            repeating: [Double](repeating: 0, count: request.traffic.count), count: candidate.members.count)
        for pattern in candidate.patterns {
            for (row, u) in profile.readers.enumerated() {
                for p in pattern.fetched[row] {
                    if let leg = candidate.members.firstIndex(of: p) { shares[leg][u] += pattern.share }
                }
            }
        }
        return Placement(
            scheme: scheme,
            legs: candidate.members.enumerated().map {
                PlannedLeg(offer: market.offers[profile.offers[Int($1)]], readShares: shares[$0].map { min(1, $0) })
            })
    }
}

/// The most memory that the process held so far.
enum PeakMemory {
    /// In bytes; 0 where the system does not say.
    static var bytes: Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kilobytes = line.split(separator: " ").compactMap({ Int($0) }).first
        else { return 0 }
        return kilobytes * 1024
    }
}
