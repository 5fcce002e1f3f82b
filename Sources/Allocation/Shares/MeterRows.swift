import Marketplace
import MathematicalProgramming

/// What one offer carries, as sums over the shares of columns. Each is counted in a unit that keeps numbers near 1.
enum Meter: Hashable {
    /// The share of the data that has a shard there.
    case share
    /// Raw volume: 1/k of the data.
    case raw
    /// Bytes read a month, in units of all that is read.
    case egress
    /// By month class: bytes billed, in units of the most.
    case billed(Int)
    /// By month class, and at the end: money that is linear in the share, in the program's unit.
    case money(Int)
}

/// The rows of one offer in a share program: what its tariff charges at least for what it carries.
struct MeterRows {
    /// By month class, and at the end: the relaxed charges, in the program's unit of money, but for those that are linear in
    /// the share unless a minimum takes them in.
    private var charges: [LinearExpression] = []
    /// By column: money by month class, and at the end, that is linear in the share.
    private var money: [(variable: Variable, byClass: [Double])] = []
    /// By month class: whether a minimum takes the linear charges in.
    private var isTakenIn: [Bool] = []
    /// Violations of the offer's limits, while feasibility is sought.
    private(set) var slacks: [Variable] = []

    private let offer: Int
    private let costs: OfferCosts
    private let model: TermModel
    private let node: ShareNode
    private let unit: Double
    private let storageHasRows: Bool
    private let billedScale: Double
    private let egressScale: Double
    /// By meter, numbered as in ``slot(_:)``.
    private var readings: [[Term]]
    /// Rows in which a meter stands, and its coefficient there.
    private var uses: [(meter: Meter, row: Constraint, coefficient: Double)] = []
    /// Classes whose charges a meter enters directly, and its coefficient there.
    private var charged: [(meter: Meter, v: Int, coefficient: Double)] = []

    init(_ j: Int, _ owner: ShareProgram) {
        offer = j
        model = owner.model
        node = owner.node
        costs = model.costs[j]
        unit = owner.unit
        storageHasRows = model.storageHasRows(j, node)
        billedScale = max(1, costs.mostBilled)
        egressScale = max(1, model.demand.reduce(0, +))
        readings = [[Term]](repeating: [], count: 3 + model.classes.count)
        isTakenIn = [Bool](repeating: false, count: model.classes.count + 1)
    }

    private func slot(_ meter: Meter) -> Int? {
        switch meter {
        case .share: 0
        case .raw: 1
        case .egress: 2
        case .billed(let v): 3 + v
        case .money: nil
        }
    }

    /// Adds what `load`, for all data, reads on the meters when the data's share is `variable`.
    mutating func read(_ variable: Variable, _ scheme: Int, _ load: OfferLoad) {
        func note(_ meter: Meter, _ value: Double) {
            if value != 0, let slot = slot(meter) { readings[slot].append(Term(variable, value)) }
        }
        note(.share, 1)
        note(.raw, 1 / Double(model.spaces[scheme].scheme.data))
        note(.egress, load.egress / egressScale)
        if storageHasRows {
            for v in load.billed.indices { note(.billed(v), load.billed[v] / billedScale) }
        }
        money.append(
            (
                variable,
                (0...model.classes.count).map {
                    model.linearMoney(offer, scheme, load, $0, withStorage: !storageHasRows) / unit
                }
            ))
    }

    private func reading(_ meter: Meter, _ coefficient: Double) -> [Term] {
        if case .money(let v) = meter { return money.map { Term($0.variable, coefficient * $0.byClass[v]) } }
        return slot(meter).map { readings[$0] }?.map { Term($0.variable, coefficient * $0.coefficient) } ?? []
    }

    /// The charges of a part of the term, each class as often as it has months; call it when the rows are closed.
    func charge(_ part: [Int]) -> LinearExpression {
        var sum = LinearExpression()
        for v in part { sum += model.months(v) * charges[v] }
        let linear = part.filter { !isTakenIn[$0] }
        for column in money {
            let whole = linear.reduce(0) { $0 + model.months($1) * column.byClass[$1] }
            if whole != 0 { sum += whole * column.variable }
        }
        return sum
    }

    /// The charges of a month class, or at the end, at a solution.
    func charge(_ v: Int, _ solution: Solution) -> Double {
        let linear = isTakenIn[v] ? 0 : money.reduce(0) { $0 + $1.byClass[v] * solution[$1.variable] }
        return charges[v].value(solution) + linear
    }

    /// Adds a row Σ coefficient · meter + terms within its bounds.
    private mutating func addRow(
        _ key: ProgramKey, _ meters: [(Meter, Double)], _ terms: [Term], lower: Double = -.infinity,
        upper: Double = .infinity,
        isLimit: Bool, seeksFeasibility: Bool, _ program: inout KeyedProgram
    ) {
        var all = terms
        for (meter, coefficient) in meters { all += reading(meter, coefficient) }
        if isLimit, seeksFeasibility {
            let slack = program.addVariable(ProgramKey(.slack, Int(key.part.rawValue), key.a, key.b))
            slacks.append(slack)
            all.append(Term(slack, upper < .infinity ? -1 : 1))
        }
        let row = program.addRow(key, lower: lower, upper: upper, all)
        for (meter, coefficient) in meters { uses.append((meter, row, coefficient)) }
    }

    /// Adds the rows of the tariff within the bounds of the program's node; call it when all is read.
    mutating func close(_ claim: Variable?, seeksFeasibility: Bool, _ program: inout KeyedProgram) {
        let classes = model.classes.count
        var used: Variable?
        if model.isFixed[offer] {
            let variable = program.addVariable(
                ProgramKey(.used, offer), lower: node.inUse.contains(offer) ? 1 : 0, upper: 1)
            addRow(
                ProgramKey(.used, offer), [(.share, 1)], [Term(variable, -1)], upper: 0, isLimit: false,
                seeksFeasibility: seeksFeasibility,
                &program)
            used = variable
        }
        func free(_ v: Int) -> Variable? { costs.tariff(v).feeIncludesFree ? used : claim }
        charges = (0...classes).map { v in
            charged.append((.money(v), v, 1))
            return LinearExpression()
        }
        addFreeVolumes(used, claim, seeksFeasibility: seeksFeasibility, &program)
        for v in 0..<(storageHasRows ? classes : 0) {
            let tariff = costs.tariff(v)
            guard
                let storage = addPrice(
                    v, tariff.storage, [(.billed(v), 1)], scale: billedScale, free: free(v),
                    freeBytes: tariff.freeStorage, most: costs.billed.map { $0[v] }.max() ?? 0,
                    within: node.storage[offer]?[v], seeksFeasibility: seeksFeasibility, &program)
            else { continue }
            charges[v] += storage
            if v == classes - 1, costs.earlyShare > 0 { charges[classes] += costs.earlyShare * storage }
        }
        if !model.egressIsLinear(offer, node) {
            let most = model.mostEgress(offer)
            for v in 0..<(costs.egressVaries ? classes : 1) {
                let tariff = costs.tariff(v)
                var meters: [(Meter, Double)] = [(.egress, 1)]
                let allowed = tariff.freeMultiple * Double(model.classes[v].logicalBytes)
                // All that can be read is within the allowance.
                if allowed > 0, allowed >= model.demand.reduce(0, +) { continue }
                if allowed > 0 {
                    meters.append((.raw, -allowed / egressScale))
                }
                guard
                    let read = addPrice(
                        classes + v, tariff.egress, meters, scale: egressScale, free: free(v),
                        freeBytes: tariff.freeEgress, most: most, within: node.egress[offer]?[v],
                        seeksFeasibility: seeksFeasibility, &program)
                else { continue }
                for v in costs.egressVaries ? v..<(v + 1) : 0..<classes { charges[v] += read }
            }
        } else {
            for v in 0..<classes {
                let slope = model.egressSlope(offer, v)
                guard slope > 0 else { continue }
                charged.append((.egress, v, slope * egressScale / unit))
                charges[v] += LinearExpression(reading(.egress, slope * egressScale / unit))
            }
        }
        if let used { addFees(used, &program) }
        addLimits(seeksFeasibility: seeksFeasibility, &program)
    }

    /// Free volumes are a leg's that holds data, and where each leg fills them, so that storage has no rows, they are worth
    /// what they would cost.
    private mutating func addFreeVolumes(
        _ used: Variable?, _ claim: Variable?, seeksFeasibility: Bool, _ program: inout KeyedProgram
    ) {
        let ends = model.classes.count
        for (number, variable) in [used, claim].enumerated() {
            let isFee = number == 0
            guard let variable, costs.sometimes({ $0.hasFree && $0.feeIncludesFree == isFee }) else { continue }
            addRow(
                ProgramKey(.free, offer, number), [(.share, -1 / model.problem.smallestLeg)], [Term(variable, 1)],
                upper: 0, isLimit: true, seeksFeasibility: seeksFeasibility, &program)
        }
        guard !storageHasRows else { return }
        for v in model.classes.indices {
            let tariff = costs.tariff(v)
            guard tariff.freeStorage > 0, let variable = tariff.feeIncludesFree ? used : claim else { continue }
            let worth = tariff.freeStorage * (tariff.storage.pieces.first?.slope ?? 0) / unit
            charges[v] += (-worth) * variable
            if v == ends - 1, costs.earlyShare > 0 { charges[ends] += (-worth * costs.earlyShare) * variable }
        }
    }

    /// The base fee, and the minimum: what is billed is at least both.
    private mutating func addFees(_ used: Variable, _ program: inout KeyedProgram) {
        for v in model.classes.indices {
            let tariff = costs.tariff(v)
            if tariff.fee > 0 { charges[v] += (tariff.fee / unit) * used }
            guard tariff.minimum > 0, model.mayFallShort[offer] else { continue }
            charges[v] += LinearExpression(reading(.money(v), 1))
            isTakenIn[v] = true
            let billed = program.addVariable(ProgramKey(.fee, offer, v))
            let row = program.addRow(
                ProgramKey(.fee, offer, v), upper: -charges[v].constant, charges[v].terms + [Term(billed, -1)])
            _ = program.addRow(
                ProgramKey(.minimum, offer, v), lower: 0, [Term(billed, 1), Term(used, -tariff.minimum / unit)])
            // What entered the charges directly now enters them through the row.
            for use in charged where use.v == v { uses.append((use.meter, row, use.coefficient)) }
            charged.removeAll { $0.v == v }
            charges[v] = LinearExpression([Term(billed, 1)])
        }
    }

    private mutating func addLimits(seeksFeasibility: Bool, _ program: inout KeyedProgram) {
        func limit(_ number: Int, _ meters: [(Meter, Double)], _ upper: Double) {
            addRow(
                ProgramKey(.limit, offer, number), meters, [], upper: upper, isLimit: true,
                seeksFeasibility: seeksFeasibility, &program)
        }
        if node.inUse.contains(offer) { limit(0, [(.share, -1)], -model.problem.smallestLeg) }
        let volumes = model.classes.map { Double($0.logicalBytes) }
        if model.holds(.capacity), let capacity = costs.capacity, let peak = volumes.max(), peak > 0 {
            // A thousandth of a millionth is left for the rounding of shards to whole bytes.
            limit(1, [(.raw, 1)], capacity * (1 - 1e-9) / peak)
        }
        guard model.holds(.egressLimit) else { return }
        // The months of one tariff are all within the limit when the one of the least volume is.
        let months =
            costs.varied.isEmpty
            ? volumes.indices.min { volumes[$0] < volumes[$1] }.map { [$0] } ?? [] : Array(volumes.indices)
        for v in months {
            guard let multiple = costs.tariff(v).limitMultiple else { continue }
            limit(2 + v, [(.egress, 1), (.raw, -multiple * volumes[v] / egressScale)], 0)
        }
    }

    /// Adds the lower convex envelope of a graduated price; nil when it is zero.
    ///
    /// - Parameters:
    ///   - index: tells the offer's prices apart.
    ///   - meters: what is priced, in units of `scale` bytes, of which `freeBytes` cost nothing where `free` is 1.
    ///   - most: the most bytes that there can be.
    ///   - range: bounds of the bytes that are paid for.
    private mutating func addPrice(
        _ index: Int, _ price: GraduatedCost, _ meters: [(Meter, Double)], scale: Double, free: Variable?,
        freeBytes: Double,
        most: Double, within range: ClosedRange<Double>?, seeksFeasibility: Bool, _ program: inout KeyedProgram
    ) -> LinearExpression? {
        let range = range ?? 0...most
        guard most > 0, price.pieces.contains(where: { $0.slope > 0 }) else { return nil }
        let key = ProgramKey(.paid, offer, index)
        let paid = program.addVariable(
            key, lower: range.lowerBound / scale, upper: range.upperBound / scale * (1 + 1e-9))
        var terms = [Term(paid, -1)]
        if freeBytes > 0, let free { terms.append(Term(free, -freeBytes / scale)) }
        addRow(key, meters, terms, upper: 0, isLimit: true, seeksFeasibility: seeksFeasibility, &program)
        let lines = price.envelope(within: range)
        if lines.count == 1, lines[0].constant == 0 {
            return LinearExpression([Term(paid, lines[0].slope * scale / unit)])
        }
        let cost = program.addVariable(ProgramKey(.price, offer, index), lower: -.infinity)
        for (number, line) in lines.enumerated() {
            _ = program.addRow(
                ProgramKey(.line, offer, index, number), lower: line.constant / unit,
                [Term(cost, 1), Term(paid, -line.slope * scale / unit)])
        }
        return LinearExpression([Term(cost, 1)])
    }

    /// The dual values of the meters, given those of the group's charges.
    func prices(_ solution: Solution, charge: [Double]) -> SharePrices.Meters {
        let classes = model.classes.count
        var prices = [Double](repeating: 0, count: 3 + classes)
        var money = [Double](repeating: 0, count: classes + 1)
        func add(_ meter: Meter, _ price: Double) {
            if let slot = slot(meter) { prices[slot] += price } else if case .money(let v) = meter { money[v] += price }
        }
        for use in uses { add(use.meter, -solution.duals[use.row.index] * use.coefficient) }
        for use in charged { add(use.meter, charge[use.v] * use.coefficient) }
        return SharePrices.Meters(
            share: prices[0], billed: prices[3...].map { $0 / billedScale }, raw: prices[1],
            egress: prices[2] / egressScale, money: money)
    }
}
