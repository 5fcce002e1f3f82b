import MathematicalProgramming

/// Finds prices of capacity at which what requests choose among their candidates fits.
///
/// The sum of what requests pay at given prices, less what the capacity would earn, bounds the cost of all assignments
/// from below and is concave in the prices. It is maximised by cutting planes within a box around the best prices so far
/// that grows and shrinks with success: each evaluation costs one pass over the candidates, each step a small linear
/// program. (Kelley, 1960; Marsten, Hogan and Blankenship, *The boxstep method*, 1975.)
struct FleetClearing {
    let market: FleetMarket
    let workers: FleetWorkers
    /// Relative to the value, how close to the maximum is close enough.
    var tolerance = 1e-6
    var shouldStop: @Sendable () -> Bool = { false }

    /// What a group of requests pays at some prices, and holds.
    private struct Cut {
        let group: Int
        let value: Double
        let uses: [Double]
    }

    /// The value of the relaxation at `prices` over all groups, and its cuts.
    private func evaluate(_ chunks: [FleetChunk], _ prices: [Double], groups: Int) -> (value: Double, cuts: [Cut]) {
        let starts = chunks.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.entries.count) }
        let total = max(1, starts.last ?? 1)
        let parts = workers.map(chunks.count) { c -> [Int: (Double, [Double])] in
            var sums: [Int: (Double, [Double])] = [:]
            for (index, entry) in chunks[c].entries.enumerated() where !entry.candidates.isEmpty {
                let group = (starts[c] + index) * groups / total
                let choice = entry.choice(prices)
                var sum = sums[group] ?? (0, [Double](repeating: 0, count: prices.count))
                sum.0 += choice.value
                if let candidate = choice.candidate {
                    for use in entry.candidates[candidate].uses { sum.1[use.offer] += use.bytes }
                }
                sums[group] = sum
            }
            return sums
        }
        var values = [Double](repeating: 0, count: groups)
        var uses = [[Double]](repeating: [Double](repeating: 0, count: prices.count), count: groups)
        for part in parts {
            for (group, sum) in part.sorted(by: { $0.key < $1.key }) {
                values[group] += sum.0
                for k in prices.indices { uses[group][k] += sum.1[k] }
            }
        }
        let earned = zip(prices, market.capacities).reduce(0) { $0 + $1.0 * $1.1 }
        return (values.reduce(0, +) - earned, (0..<groups).map { Cut(group: $0, value: values[$0], uses: uses[$0]) })
    }

    /// What the relaxation over the candidates comes to at `prices`, and how many requests would rather be left out.
    func value(_ chunks: [FleetChunk], _ prices: [Double]) -> (value: Double, out: Int) {
        let parts = workers.map(chunks.count) { c -> (Double, Int) in
            chunks[c].entries.reduce((0.0, 0)) { sum, entry in
                guard !entry.candidates.isEmpty else { return sum }
                let choice = entry.choice(prices)
                return (sum.0 + choice.value, sum.1 + (choice.candidate == nil ? 1 : 0))
            }
        }
        let earned = zip(prices, market.capacities).reduce(0) { $0 + $1.0 * $1.1 }
        return (parts.reduce(0) { $0 + $1.0 } - earned, parts.reduce(0) { $0 + $1.1 })
    }

    /// By offer of limited capacity what its users pay for a byte, where more is wanted than there is at no price; 0
    /// elsewhere.
    func crowdedPrices(_ chunks: [FleetChunk]) -> [Double] {
        let free = [Double](repeating: 0, count: market.capacities.count)
        let (_, cuts) = evaluate(chunks, free, groups: 1)
        let held = cuts.first?.uses ?? free
        let paid = scales(chunks)
        return held.indices.map { held[$0] > market.capacities[$0] ? max(paid[$0], 1e-18) : 0 }
    }

    /// Prices that maximise the relaxation over the candidates, from `start`.
    func prices(_ chunks: [FleetChunk], from start: [Double]) throws(ProgrammingError) -> [Double] {
        guard !start.isEmpty else { return start }
        let count = chunks.reduce(0) { $0 + $1.entries.count }
        let groups = max(1, min(count, 24))
        let scales = scales(chunks)
        let active = scales.indices.filter { scales[$0] > 0 }
        guard !active.isEmpty else { return start.map { _ in 0 } }
        var best = start
        for k in start.indices where scales[k] == 0 { best[k] = 0 }
        var (value, cuts) = evaluate(chunks, best, groups: groups)
        var points = cuts.map { ($0, best) }
        var radius = 0.25
        for _ in 0..<200 {
            if shouldStop() { break }
            let unit = max(1, abs(value))
            guard let step = try maximise(points, active, scales, around: best, radius, groups, unit) else { break }
            // The model never lies below the relaxation: what it hopes for within the box is all there is.
            if step.hoped - value <= tolerance * unit {
                if radius >= 1 || step.isInside { break }
                radius *= 4
                continue
            }
            let tried = evaluate(chunks, step.prices, groups: groups)
            cuts = tried.cuts
            points += cuts.map { ($0, step.prices) }
            if tried.value > value {
                if tried.value - value > 0.5 * (step.hoped - value), !step.isInside { radius *= 2 }
                (value, best) = (tried.value, step.prices)
            } else {
                radius *= 0.5
            }
            if points.count > 60 * groups { points.removeFirst(20 * groups) }
        }
        return best
    }

    /// By offer of limited capacity a price that makes a difference, from what its users pay for a byte; 0 where all
    /// that could choose it fits.
    private func scales(_ chunks: [FleetChunk]) -> [Double] {
        let count = market.capacities.count
        let parts = workers.map(chunks.count) { c -> (most: [Double], paid: [Double]) in
            var most = [Double](repeating: 0, count: count)
            var paid = [Double](repeating: 0, count: count)
            for entry in chunks[c].entries {
                var own: [Int: Double] = [:]
                for candidate in entry.candidates {
                    for use in candidate.uses where use.bytes > own[use.offer] ?? 0 {
                        own[use.offer] = use.bytes
                    }
                }
                let cost = entry.candidates.map(\.cost).min() ?? 0
                for (offer, bytes) in own.sorted(by: { $0.key < $1.key }) {
                    most[offer] += bytes
                    paid[offer] += cost
                }
            }
            return (most, paid)
        }
        var most = [Double](repeating: 0, count: count)
        var paid = most
        for part in parts {
            for k in most.indices {
                most[k] += part.most[k]
                paid[k] += part.paid[k]
            }
        }
        return most.indices.map { k in
            most[k] > market.capacities[k] ? max(paid[k], 1e-6) / most[k] : 0
        }
    }

    /// The prices within the box at which the cuts hope for most.
    private func maximise(
        _ points: [(cut: Cut, prices: [Double])], _ active: [Int], _ scales: [Double], around center: [Double],
        _ radius: Double, _ groups: Int, _ unit: Double
    ) throws(ProgrammingError) -> (prices: [Double], hoped: Double, isInside: Bool)? {
        var program = MathematicalProgram(name: "clearing", sense: .maximize)
        var variables: [Int: Variable] = [:]
        for k in active {
            let middle = center[k] / scales[k]
            variables[k] = program.addVariable(
                lower: max(0, middle - radius), upper: middle + radius,
                cost: -market.capacities[k] * scales[k] / unit)
        }
        let values = (0..<groups).map { _ in program.addVariable(lower: -.infinity, cost: 1) }
        for (cut, prices) in points {
            var right = cut.value
            var terms = [Term(values[cut.group], 1)]
            for k in active where cut.uses[k] > 0 {
                right -= cut.uses[k] * prices[k]
                if let variable = variables[k] { terms.append(Term(variable, -cut.uses[k] * scales[k] / unit)) }
            }
            program.addConstraint(upper: right / unit, terms: terms)
        }
        let solution = try HiGHSSolver().solve(program, SolverParameters())
        guard solution.status == .optimal, let hoped = solution.objective else { return nil }
        var result = center
        var isInside = true
        for k in active {
            guard let variable = variables[k] else { continue }
            let x = max(0, solution[variable])
            result[k] = x * scales[k]
            let middle = center[k] / scales[k]
            if abs(x - middle) > radius * (1 - 1e-6) { isInside = false }
        }
        return (result, hoped * unit, isInside)
    }
}
