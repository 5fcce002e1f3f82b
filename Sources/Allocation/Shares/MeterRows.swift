import Marketplace
import MathematicalProgramming

/// The rows of one offer in a share program: what it carries, and what that costs at least.
struct MeterRows {
    /// By month class, and at the end: the relaxed charges, in the program's unit of money.
    private(set) var charges: [LinearExpression] = []

    /// Violations of the offer's limits, while feasibility is sought.
    private(set) var slacks: [Variable] = []

    private let offer: Int
    private let costs: OfferCosts
    private let storageHasRows: Bool
    private let model: TermModel
    private let unit: Double
    private let billedScale: Double
    private let egressScale: Double
    private let share: Variable
    private let raw: Variable
    private let egress: Variable
    private let billed: [Variable]
    private let money: [Variable]
    /// What each meter reads: terms of the shares, in the order share, raw, egress, billed…, money….
    private var readings: [[Term]]
    private var rows: [Constraint] = []

    /// Adds the variables of offer `j` and the rows of its tariff within the bounds of the program's node.
    init(_ j: Int, _ owner: ShareProgram, _ claim: Variable?, _ program: inout MathematicalProgram) {
        let (model, node) = (owner.model, owner.node)
        let costs = model.costs[j]
        let classes = model.classes.count
        offer = j
        self.model = model
        self.costs = costs
        unit = owner.unit
        storageHasRows = model.storageHasRows(j, node)
        billedScale = max(1, costs.billed.flatMap { $0 }.max() ?? 1)
        egressScale = max(1, model.demand.reduce(0, +))
        share = program.addVariable()
        raw = program.addVariable()
        egress = program.addVariable()
        let storageHasRows = storageHasRows
        billed = storageHasRows ? (0..<classes).map { _ in program.addVariable() } : []
        money = (0...classes).map { _ in program.addVariable() }
        readings = [[Term]](repeating: [], count: 3 + billed.count + money.count)

        var used: Variable?
        if costs.fee > 0 || costs.minimum > 0 {
            let variable = program.addVariable(lower: node.inUse.contains(j) ? 1 : 0, upper: 1)
            program.addConstraint(lower: 0, terms: [Term(variable, 1), Term(share, -1)])
            used = variable
        }
        let free = costs.feeIncludesFree ? used : claim
        var envelopes = Envelopes(free: free, unit: unit, seeksFeasibility: owner.seeksFeasibility)
        var storage: [LinearExpression] = []
        for v in 0..<(storageHasRows ? classes : 0) {
            let excess = LinearExpression([Term(billed[v], 1)])
            storage.append(
                envelopes.add(
                    costs.storage, excess, scale: billedScale, free: costs.freeStorage,
                    most: costs.billed.map { $0[v] }.max() ?? 0, within: node.storage[j]?[v], &program))
        }
        var read: [LinearExpression] = []
        if !model.egressIsLinear(j, node) {
            let most = model.mostEgress(j)
            for v in 0..<(costs.freeMultiple > 0 ? classes : 1) {
                var excess = LinearExpression([Term(egress, 1)])
                if costs.freeMultiple > 0 {
                    let stored = Double(model.classes[v].logicalBytes)
                    excess += (-costs.freeMultiple * stored / egressScale) * raw
                }
                read.append(
                    envelopes.add(
                        costs.egress, excess, scale: egressScale, free: costs.freeEgress, most: most,
                        within: node.egress[j]?[v], &program))
            }
        } else if let slope = model.egressSlope(j) {
            read.append(LinearExpression([Term(egress, slope * egressScale / unit)]))
        }
        for v in 0..<classes {
            var charge = LinearExpression([Term(money[v], 1)])
            if let used, costs.fee > 0 { charge += (costs.fee / unit) * used }
            if storageHasRows { charge += storage[v] }
            if !read.isEmpty { charge += read[min(v, read.count - 1)] }
            if let used, costs.minimum > 0 {
                let billedCharge = program.addVariable()
                program.add(charge + (-1) * billedCharge <= 0)
                program.addConstraint(
                    lower: 0, terms: [Term(billedCharge, 1), Term(used, -costs.minimum / unit)])
                charge = LinearExpression([Term(billedCharge, 1)])
            }
            charges.append(charge)
        }
        var end = LinearExpression([Term(money[classes], 1)])
        if storageHasRows, let last = storage.last, costs.earlyShare > 0 { end += costs.earlyShare * last }
        charges.append(end)
        slacks = envelopes.slacks
        addLimits(node, seeksFeasibility: owner.seeksFeasibility, &program)
    }

    private mutating func addLimits(
        _ node: ShareNode, seeksFeasibility: Bool, _ program: inout MathematicalProgram
    ) {
        func limit(_ upper: Double, _ terms: [Term]) {
            guard seeksFeasibility else {
                program.addConstraint(upper: upper, terms: terms)
                return
            }
            let slack = program.addVariable()
            slacks.append(slack)
            program.addConstraint(upper: upper, terms: terms + [Term(slack, -1)])
        }
        if node.inUse.contains(offer) { limit(-model.problem.smallestLeg, [Term(share, -1)]) }
        let volumes = model.classes.map { Double($0.logicalBytes) }
        if model.holds(.capacity), let capacity = costs.capacity, let peak = volumes.max(), peak > 0 {
            // A thousandth of a millionth is left for the rounding of shards to whole bytes.
            limit(capacity * (1 - 1e-9) / peak, [Term(raw, 1)])
        }
        if model.holds(.egressLimit), let multiple = costs.limitMultiple, let least = volumes.min() {
            limit(0, [Term(egress, 1), Term(raw, -multiple * least / egressScale)])
        }
    }

    /// Adds what `load`, for all data, reads on the meters when the data's share is `variable`.
    mutating func add(_ variable: Variable, _ scheme: Int, _ load: OfferLoad) {
        func note(_ meter: Int, _ value: Double) { if value != 0 { readings[meter].append(Term(variable, value)) } }
        note(0, 1)
        note(1, 1 / Double(model.spaces[scheme].scheme.data))
        note(2, load.egress / egressScale)
        for v in billed.indices { note(3 + v, load.billed[v] / billedScale) }
        for v in money.indices {
            note(
                3 + billed.count + v,
                model.linearMoney(offer, scheme, load, v, withStorage: !storageHasRows) / unit)
        }
    }

    /// Adds the rows that define the meters.
    mutating func close(_ program: inout MathematicalProgram) {
        for (meter, terms) in zip([share, raw, egress] + billed + money, readings) {
            rows.append(
                program.addConstraint(
                    lower: 0, upper: 0, terms: [Term(meter, 1)] + terms.map { Term($0.variable, -$0.coefficient) }))
        }
    }

    /// The dual values of the meters.
    func prices(_ solution: Solution) -> SharePrices.Meters {
        let duals = rows.map { solution.duals[$0.index] }
        var billedPrices = [Double](repeating: 0, count: model.classes.count)
        for v in billed.indices { billedPrices[v] = duals[3 + v] / billedScale }
        return SharePrices.Meters(
            share: duals[0], billed: billedPrices, raw: duals[1], egress: duals[2] / egressScale,
            money: money.indices.map { duals[3 + billed.count + $0] })
    }
}

/// Adds the lower convex envelope of a graduated price to a program.
private struct Envelopes {
    let free: Variable?
    let unit: Double
    let seeksFeasibility: Bool
    var slacks: [Variable] = []

    /// Money for `volume` · scale bytes, of which `free` cost nothing where the free volume is claimed.
    mutating func add(
        _ price: GraduatedCost, _ volume: LinearExpression, scale: Double, free freeBytes: Double, most: Double,
        within range: ClosedRange<Double>?, _ program: inout MathematicalProgram
    ) -> LinearExpression {
        let range = range ?? 0...most
        guard most > 0, price.pieces.contains(where: { $0.slope > 0 }) else { return LinearExpression() }
        let paid = program.addVariable(
            lower: range.lowerBound / scale, upper: range.upperBound / scale * (1 + 1e-9))
        var excess = volume + (-1) * paid
        if freeBytes > 0, let free { excess += (-freeBytes / scale) * free }
        if seeksFeasibility {
            let slack = program.addVariable()
            slacks.append(slack)
            excess += (-1) * slack
        }
        program.add(excess <= 0)
        let lines = price.envelope(within: range)
        if lines.count == 1, lines[0].constant == 0 {
            return LinearExpression([Term(paid, lines[0].slope * scale / unit)])
        }
        let cost = program.addVariable(lower: -.infinity)
        for line in lines {
            program.addConstraint(
                lower: line.constant / unit, terms: [Term(cost, 1), Term(paid, -line.slope * scale / unit)])
        }
        return LinearExpression([Term(cost, 1)])
    }
}

extension GraduatedCost {
    /// The lines whose maximum is the largest convex function below the price within `range`, in order of slope.
    func envelope(within range: ClosedRange<Double>) -> [(slope: Double, constant: Double)] {
        let (low, high) = (range.lowerBound, range.upperBound)
        guard high > low else { return [(0, self(low))] }
        var hull: [(volume: Double, cost: Double)] = []
        let inner = pieces.map(\.end).filter { $0 > low && $0 < high }
        for volume in [low] + inner + [high] {
            let point = (volume, self(volume))
            while hull.count >= 2 {
                let (a, b) = (hull[hull.count - 2], hull[hull.count - 1])
                let turns = (b.1 - a.1) * (point.0 - a.0) >= (point.1 - a.1) * (b.0 - a.0)
                guard turns else { break }
                hull.removeLast()
            }
            hull.append(point)
        }
        return zip(hull, hull.dropFirst()).map { a, b in
            let slope = (b.cost - a.cost) / (b.volume - a.volume)
            return (slope, a.volume == 0 ? a.cost : a.cost - slope * a.volume)
        }
    }

    /// Whether a later byte may cost more than an earlier one before `bytes`.
    func rises(before bytes: Double) -> Bool {
        zip(pieces, pieces.dropFirst()).contains { $0.end < bytes && $0.slope < $1.slope }
    }
}
