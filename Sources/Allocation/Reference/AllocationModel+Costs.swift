import Marketplace
import MathematicalProgramming

/// The cost side of the model: each offer's tariff as linear and piecewise linear functions of what it carries.
///
/// Under one placement the stored volume of a chosen offer is known, so storage is a constant times `chosen`; egress
/// varies with the reads and takes segments, with a binary wherever a later segment is cheaper.
extension AllocationModel {
    private static var gigabyte: Double { 1e9 }

    /// 1 and the platform's share of what providers are paid.
    var fee: Double { 1 + Double(problem.charges.feeBasisPoints) / 10_000 }

    mutating func addCosts() {
        let request = problem.request
        let gatewayAMonth =
            problem.charges.gatewayPerGB.doubleValue * request.traffic.reduce(0) { $0 + Double($1.egressBytes) } / 1e9
        monthlyCosts = classes.map { _ in LinearExpression([], constant: gatewayAMonth) }
        termCost = LinearExpression([], constant: gatewayAMonth * Double(request.months))
        var byProvider: [String: [LinearExpression]] = [:]
        let creditors = Set(request.credits.map(\.provider))
        for (j, offer) in problem.offers.enumerated() {
            let monthly = monthlyCharges(j)
            for (c, charge) in monthly.enumerated() {
                monthlyCosts[c] += fee * charge
                termCost += (fee * Double(classes[c].months.count)) * charge
            }
            let early = minimumDurationCost(j) * chosen[j]
            earlyEnd += fee * LinearExpression([early])
            if creditors.contains(offer.provider) {
                let sums = byProvider[offer.provider] ?? classes.map { _ in LinearExpression() }
                byProvider[offer.provider] = sums.indices.map { c in
                    let lastly = c == sums.count - 1 ? LinearExpression([early]) : LinearExpression()
                    return sums[c] + Double(classes[c].months.count) * monthly[c] + lastly
                }
            }
        }
        termCost += earlyEnd
        addCredits(byProvider)
        addMigration()
    }

    /// Credits pay charges of their provider in the months before they expire, until they run out.
    ///
    /// `charges` are of all months of each class together.
    private mutating func addCredits(_ charges: [String: [LinearExpression]]) {
        let credits = problem.request.credits
        var spent: [[Term]] = credits.map { _ in [] }
        for (c, monthClass) in classes.enumerated() {
            var byProvider: [String: [Term]] = [:]
            for index in monthClass.credits {
                guard charges[credits[index].provider] != nil else { continue }
                let used = program.addVariable("credit:\(index):\(c)")
                spent[index].append(Term(used, 1))
                byProvider[credits[index].provider, default: []].append(Term(used, 1))
                termCost += (-fee) * used
            }
            for (provider, used) in byProvider.sorted(by: { $0.key < $1.key }) {
                guard let sum = charges[provider]?[c] else { continue }
                program.add(LinearExpression(used) - sum <= 0, name: "credit:" + provider)
            }
        }
        for (index, terms) in spent.enumerated() where !terms.isEmpty {
            program.addConstraint("credit", upper: credits[index].amount.doubleValue, terms: terms)
        }
    }

    /// Moving the data away from where it is: what stays as a single copy is not read, what stays as a copy among others
    /// is not given up early.
    private mutating func addMigration() {
        for holding in problem.leaving {
            termCost.constant += fee * (holding.reading + holding.early)
            guard scheme.data == 1, let stay = holding.offer else { continue }
            termCost += (-fee * (holding.early + (scheme.shards == 1 ? holding.reading : 0))) * chosen[stay]
        }
    }

    /// The tariff that bills the months of a class.
    private func tariff(_ j: Int, _ monthClass: MonthClass) -> Tariff {
        problem.offers[j].tariff(on: monthClass.firstDay)
    }

    /// What storing less long than the minimum duration costs on top, once.
    private func minimumDurationCost(_ j: Int) -> Double {
        guard let last = classes.last else { return 0 }
        let tariff = tariff(j, last)
        let lacking = tariff.minimumDays - problem.request.termDays
        return lacking > 0 ? storageCost(tariff, last) * Double(lacking) / 30 : 0
    }

    private func storageCost(_ tariff: Tariff, _ monthClass: MonthClass) -> Double {
        let usage = problem.request.storedUsage(scheme, logicalBytes: monthClass.logicalBytes)
        return GraduatedCost(tariff.storage, unit: tariff.unit)(Double(tariff.billedBytes(usage)))
    }

    /// What a month of each class costs at offer `j`, before credits and the platform's fee.
    private mutating func monthlyCharges(_ j: Int) -> [LinearExpression] {
        let traffic = problem.request.traffic
        let writes = traffic.reduce(0) { $0 + Double($1.writes) } / 1000
        var egress = LinearExpression()
        var readOperations = LinearExpression()
        var mostEgress = 0.0
        for (u, part) in traffic.enumerated() {
            guard let read = reads[u][j] else { continue }
            let gigabytes = Double(part.egressBytes) / Double(scheme.data) / Self.gigabyte
            mostEgress += gigabytes
            egress += gigabytes * read
            readOperations += (Double(part.reads) / 1000) * read
        }
        addEgressLimit(j, egress)
        struct Alike: Hashable {
            let tariff: Tariff
            let allowance: Double
        }
        var priced: [Alike: LinearExpression] = [:]
        return classes.map { monthClass in
            let tariff = tariff(j, monthClass)
            let alike = Alike(tariff: tariff, allowance: freeEgress(tariff, monthClass))
            let egressCost = priced[alike] ?? cost(of: egress, most: mostEgress, free: alike.allowance, tariff)
            priced[alike] = egressCost
            let fixed = writes * (tariff.writesPer1000?.doubleValue ?? 0) + tariff.monthlyFee.doubleValue
            let held = fixed + storageCost(tariff, monthClass)
            var charge = held * chosen[j] + egressCost
            if let price = tariff.readsPer1000?.doubleValue, price > 0 { charge += price * readOperations }
            if let price = tariff.retrieval?.doubleValue, price > 0 {
                charge += (price * Self.gigabyte / Double(tariff.unit.bytes)) * egress
            }
            let minimum = tariff.monthlyMinimum.doubleValue
            guard minimum > held else { return charge }
            let billed = program.addVariable("minimum:" + problem.offers[j].id)
            program.add(charge + (-1) * billed <= 0)
            program.addConstraint(upper: 0, terms: [Term(chosen[j], minimum), Term(billed, -1)])
            return LinearExpression([Term(billed, 1)])
        }
    }

    /// Gigabytes of egress that cost nothing in a month.
    private func freeEgress(_ tariff: Tariff, _ monthClass: MonthClass) -> Double {
        switch tariff.egress?.allowance {
        case nil: 0
        case .fixed(let volume): volume.doubleValue * Double(tariff.unit.bytes) / Self.gigabyte
        case .multipleOfStored(let multiple):
            multiple.doubleValue * Double(shardBytes(monthClass.logicalBytes)) / Self.gigabyte
        }
    }

    private mutating func addEgressLimit(_ j: Int, _ egress: LinearExpression) {
        guard !egress.terms.isEmpty else { return }
        let limits = classes.compactMap { monthClass in
            tariff(j, monthClass).egress?.limitMultipleOfStored.map {
                $0.doubleValue * Double(shardBytes(monthClass.logicalBytes)) / Self.gigabyte
            }
        }
        if let limit = limits.min() { program.addConstraint("egressLimit", upper: limit, terms: egress.terms) }
    }

    /// The graduated price of the egress beyond `free`, at most `most` gigabytes.
    private mutating func cost(
        of egress: LinearExpression, most: Double, free: Double, _ tariff: Tariff
    ) -> LinearExpression {
        guard let tiers = tariff.egress?.tiers, most > free else { return LinearExpression() }
        let pieces = GraduatedCost(tiers, unit: tariff.unit).pieces
        if pieces.count == 1, free == 0 { return (pieces[0].slope * Self.gigabyte) * egress }
        var cost = LinearExpression()
        var covered: [Term] = []
        var start = 0.0
        var opened: [(segment: Variable, width: Double, slope: Double)] = []
        for piece in pieces where start < most - free {
            let end = min(piece.end / Self.gigabyte, most - free)
            let width = end - start
            let segment = program.addVariable("egress", upper: width)
            if opened.contains(where: { $0.slope > piece.slope }) {
                let full = program.addBinary("tier")
                for earlier in opened {
                    program.addConstraint(lower: 0, terms: [Term(earlier.segment, 1), Term(full, -earlier.width)])
                }
                program.addConstraint(upper: 0, terms: [Term(segment, 1), Term(full, -width)])
            }
            cost += (piece.slope * Self.gigabyte) * segment
            covered.append(Term(segment, 1))
            opened.append((segment, width, piece.slope))
            start = end
        }
        program.add(LinearExpression(covered) + (-1) * egress >= -free)
        return cost
    }

    /// The budget, and what rounding can make of it.
    mutating func addBudget() {
        guard let budget = problem.request.budget else { return }
        let most = budget.amount.doubleValue + roundingSlack(budget.period)
        switch budget.period {
        case .term: program.add(termCost <= most, name: "budget")
        case .month: for cost in budgetedMonths { program.add(cost <= most, name: "budget") }
        }
    }
}

extension AllocationModel {
    /// What a monthly budget bounds: a month of each class, and the last month with what it carries beyond.
    var budgetedMonths: [LinearExpression] {
        guard let last = monthlyCosts.last, !earlyEnd.terms.isEmpty else { return monthlyCosts }
        return monthlyCosts + [last + earlyEnd]
    }

    /// How far the sum of exactly billed lines may lie from the model's cost: half a cent for each line and fee.
    func roundingSlack(_ period: SLARequest.BudgetPeriod) -> Double {
        let lines = Double(scheme.shards * ChargeKind.allCases.count + 2)
        return 0.005 * lines * (period == .month ? 1 : Double(problem.request.months + 1)) * 1.1
    }
}

extension SLARequest {
    /// What each offer of a placement stores of `logicalBytes`: a shard of every object.
    public func storedUsage(_ scheme: RedundancyScheme, logicalBytes: Int) -> Usage {
        Usage(
            storedBytes: (logicalBytes - 1) / scheme.data + 1,
            objects: (logicalBytes - 1) / max(1, meanObjectBytes) + 1)
    }
}
