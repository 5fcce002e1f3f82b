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
final class MeterRows {
    /// By month class, and at the end: the charges that stand for rows, in the program's unit of money. What is linear in
    /// the share is charged beside them.
    private(set) var charges: [LinearExpression]

    private let offer: Int
    private let costs: OfferCosts
    private let model: TermModel
    private let unit: Double
    private let storageHasRows: Bool
    private let billedScale: Double
    private let egressScale: Double
    /// Rows in which a meter stands, and its coefficient there.
    private var uses: [(slot: Int, row: Constraint, coefficient: Double)] = []
    /// Classes whose charges a meter enters directly, and its coefficient there.
    private var charged: [(slot: Int, v: Int, coefficient: Double)] = []
    /// By column that was read: what it shows on the meters when all data lies there.
    private var readings: [(variable: Variable, shows: [Double])] = []

    /// Adds the rows of the tariff of offer `j` to a program, within the bounds of its node.
    init(_ j: Int, _ owner: ShareProgram) {
        offer = j
        model = owner.model
        costs = model.costs[j]
        unit = owner.unit
        storageHasRows = model.storageHasRows(j, owner.node)
        billedScale = max(1, costs.mostBilled)
        egressScale = max(1, model.demand.reduce(0, +))
        let classes = model.classes.count
        charges = (0...classes).map { _ in LinearExpression() }
        charged = (0...classes).map { (slot(.money($0)), $0, 1) }
        let claim = owner.addClaim(j)
        var used: Variable?
        if model.isFixed[offer] {
            let variable = owner.program.addVariable(
                ProgramKey(.used, offer), lower: owner.node.inUse.contains(offer) ? 1 : 0, upper: 1)
            addRow(ProgramKey(.used, offer), [(.share, 1)], [Term(variable, -1)], upper: 0, owner)
            used = variable
        }
        addFreeVolumes(used, claim, owner)
        addStorage(used, claim, owner)
        addEgress(used, claim, owner)
        if let used { addFees(used, owner) }
        addLimits(owner)
        owner.charge(charges, offer)
    }

    /// Meters, numbered.
    private func slot(_ meter: Meter) -> Int {
        switch meter {
        case .share: 0
        case .raw: 1
        case .egress: 2
        case .billed(let v): 3 + v
        case .money(let v): 3 + model.classes.count + v
        }
    }

    /// Adds what `load`, for all data, shows on the meters when the data's share is `variable`.
    func read(_ variable: Variable, _ scheme: Int, _ load: OfferLoad, _ owner: ShareProgram) {
        var shows = [1, 1 / Double(model.spaces[scheme].scheme.data), load.egress / egressScale]
        shows += load.billed.map { $0 / billedScale }
        for v in 0...model.classes.count {
            shows.append(model.linearMoney(offer, scheme, load, v, withStorage: !storageHasRows) / unit)
        }
        for use in uses { owner.program.add(use.coefficient * shows[use.slot], of: variable, to: use.row) }
        var amounts = [Double](repeating: 0, count: charges.count)
        for use in charged { amounts[use.v] += use.coefficient * shows[use.slot] }
        owner.charge(amounts, variable, offer)
        readings.append((variable, shows))
    }

    /// The charges of a month class, or at the end, at a solution of the program as it was then.
    func charge(_ v: Int, _ solution: Solution) -> Double {
        var sum = charges[v].value(solution)
        for (variable, shows) in readings where variable.index < solution.values.count {
            let shown = charged.reduce(0) { $1.v == v ? $0 + $1.coefficient * shows[$1.slot] : $0 }
            sum += shown * solution[variable]
        }
        return sum
    }

    /// Adds a row Σ coefficient · meter + terms within its bounds.
    private func addRow(
        _ key: ProgramKey, _ meters: [(Meter, Double)], _ terms: [Term], lower: Double = -.infinity,
        upper: Double = .infinity, isLimit: Bool = false, _ owner: ShareProgram
    ) {
        var all = terms
        if isLimit, owner.seeksFeasibility {
            let slack = owner.program.addVariable(
                ProgramKey(.slack, Int(key.part.rawValue), key.a, key.b), cost: 1)
            all.append(Term(slack, upper < .infinity ? -1 : 1))
        }
        let row = owner.program.addRow(key, lower: lower, upper: upper, all)
        for (meter, coefficient) in meters { uses.append((slot(meter), row, coefficient)) }
    }

    /// The variable that says whether the free volumes of a month class are had.
    private func free(_ v: Int, _ used: Variable?, _ claim: Variable?) -> Variable? {
        costs.tariff(v).feeIncludesFree ? used : claim
    }

    private func addStorage(_ used: Variable?, _ claim: Variable?, _ owner: ShareProgram) {
        let classes = model.classes.count
        for v in 0..<(storageHasRows ? classes : 0) {
            let tariff = costs.tariff(v)
            guard
                let storage = addPrice(
                    v, tariff.storage, [(.billed(v), 1)], scale: billedScale, free: free(v, used, claim),
                    freeBytes: tariff.freeStorage, most: costs.billed.map { $0[v] }.max() ?? 0,
                    within: owner.node.storage[offer]?[v], owner)
            else { continue }
            charges[v] += storage
            if v == classes - 1, costs.earlyShare > 0 { charges[classes] += costs.earlyShare * storage }
        }
    }

    private func addEgress(_ used: Variable?, _ claim: Variable?, _ owner: ShareProgram) {
        let classes = model.classes.count
        guard !model.egressIsLinear(offer, owner.node) else {
            for v in 0..<classes {
                let slope = model.egressSlope(offer, v)
                if slope > 0 { charged.append((slot(.egress), v, slope * egressScale / unit)) }
            }
            return
        }
        let most = model.mostEgress(offer)
        for v in 0..<(costs.egressVaries ? classes : 1) {
            let tariff = costs.tariff(v)
            var meters: [(Meter, Double)] = [(.egress, 1)]
            let allowed = tariff.freeMultiple * Double(model.classes[v].logicalBytes)
            // All that can be read is within the allowance.
            if allowed > 0, allowed >= model.demand.reduce(0, +) { continue }
            if allowed > 0 { meters.append((.raw, -allowed / egressScale)) }
            guard
                let read = addPrice(
                    classes + v, tariff.egress, meters, scale: egressScale, free: free(v, used, claim),
                    freeBytes: tariff.freeEgress, most: most, within: owner.node.egress[offer]?[v], owner)
            else { continue }
            for v in costs.egressVaries ? v..<(v + 1) : 0..<classes { charges[v] += read }
        }
    }

    /// Free volumes are a leg's that holds data, and where each leg fills them, so that storage has no rows, they are worth
    /// what they would cost.
    private func addFreeVolumes(_ used: Variable?, _ claim: Variable?, _ owner: ShareProgram) {
        let ends = model.classes.count
        for (number, variable) in [used, claim].enumerated() {
            let isFee = number == 0
            guard let variable, costs.sometimes({ $0.hasFree && $0.feeIncludesFree == isFee }) else { continue }
            addRow(
                ProgramKey(.free, offer, number), [(.share, -1 / model.problem.smallestLeg)], [Term(variable, 1)],
                upper: 0, isLimit: true, owner)
        }
        guard !storageHasRows else { return }
        for v in model.classes.indices {
            let tariff = costs.tariff(v)
            guard tariff.freeStorage > 0, let variable = free(v, used, claim) else { continue }
            let worth = tariff.freeStorage * (tariff.storage.pieces.first?.slope ?? 0) / unit
            charges[v] += (-worth) * variable
            if v == ends - 1, costs.earlyShare > 0 { charges[ends] += (-worth * costs.earlyShare) * variable }
        }
    }

    /// The base fee, and the minimum: what is billed is at least both.
    private func addFees(_ used: Variable, _ owner: ShareProgram) {
        for v in model.classes.indices {
            let tariff = costs.tariff(v)
            if tariff.fee > 0 { charges[v] += (tariff.fee / unit) * used }
            guard tariff.minimum > 0, model.mayFallShort[offer] else { continue }
            let billed = owner.program.addVariable(ProgramKey(.fee, offer, v))
            // What entered the charges directly now enters them through the row.
            let row = owner.program.addRow(
                ProgramKey(.fee, offer, v), upper: -charges[v].constant, charges[v].terms + [Term(billed, -1)])
            _ = owner.program.addRow(
                ProgramKey(.minimum, offer, v), lower: 0, [Term(billed, 1), Term(used, -tariff.minimum / unit)])
            for use in charged where use.v == v { uses.append((use.slot, row, use.coefficient)) }
            charged.removeAll { $0.v == v }
            charges[v] = LinearExpression([Term(billed, 1)])
        }
    }

    private func addLimits(_ owner: ShareProgram) {
        func limit(_ number: Int, _ meters: [(Meter, Double)], _ upper: Double) {
            addRow(ProgramKey(.limit, offer, number), meters, [], upper: upper, isLimit: true, owner)
        }
        if owner.node.inUse.contains(offer) { limit(0, [(.share, -1)], -model.problem.smallestLeg) }
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
    private func addPrice(
        _ index: Int, _ price: GraduatedCost, _ meters: [(Meter, Double)], scale: Double, free: Variable?,
        freeBytes: Double, most: Double, within range: ClosedRange<Double>?, _ owner: ShareProgram
    ) -> LinearExpression? {
        let range = range ?? 0...most
        guard most > 0, price.pieces.contains(where: { $0.slope > 0 }) else { return nil }
        let key = ProgramKey(.paid, offer, index)
        let paid = owner.program.addVariable(
            key, lower: range.lowerBound / scale, upper: range.upperBound / scale * (1 + 1e-9))
        var terms = [Term(paid, -1)]
        if freeBytes > 0, let free { terms.append(Term(free, -freeBytes / scale)) }
        addRow(key, meters, terms, upper: 0, isLimit: true, owner)
        let lines = price.envelope(within: range)
        if lines.count == 1, lines[0].constant == 0 {
            return LinearExpression([Term(paid, lines[0].slope * scale / unit)])
        }
        let cost = owner.program.addVariable(ProgramKey(.price, offer, index), lower: -.infinity)
        for (number, line) in lines.enumerated() {
            _ = owner.program.addRow(
                ProgramKey(.line, offer, index, number), lower: line.constant / unit,
                [Term(cost, 1), Term(paid, -line.slope * scale / unit)])
        }
        return LinearExpression([Term(cost, 1)])
    }

    /// The dual values of the meters, given those of the group's charges.
    func prices(_ solution: Solution, charge: [Double]) -> SharePrices.Meters {
        let classes = model.classes.count
        var prices = [Double](repeating: 0, count: 4 + 2 * classes)
        for use in uses { prices[use.slot] -= solution.duals[use.row.index] * use.coefficient }
        for use in charged { prices[use.slot] += charge[use.v] * use.coefficient }
        return SharePrices.Meters(
            share: prices[0], billed: prices[3..<(3 + classes)].map { $0 / billedScale }, raw: prices[1],
            egress: prices[2] / egressScale, money: Array(prices[(3 + classes)...]))
    }
}
