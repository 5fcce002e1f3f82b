import Marketplace
import MathematicalProgramming

/// What the months of a stage cost.
extension StagedProgram {
    private static var gigabyte: Double { 1e9 }

    /// Which leg of a provider has the account's free volumes; where only one can be used, that one.
    mutating func addClaims() {
        let able = problem.offers.indices.filter { model.costs[$0].hasClaim }
        let byProvider = Dictionary(grouping: able) { problem.offers[$0].provider }.sorted { $0.key < $1.key }
        let isAlone =
            scheme.shards == 1
            || request.toleratedProviders > 0 && scheme.parity - (request.toleratedProviders - 1) <= 1
        for s in stages.indices {
            var row = [Variable?](repeating: nil, count: problem.offers.count)
            for (_, offers) in byProvider where offers.count > 1 && !isAlone {
                var sum: [Term] = []
                for j in offers {
                    let claim = program.addBinary()
                    program.addConstraint(upper: 0, terms: [Term(claim, 1), Term(chosen[s][j], -1)])
                    sum.append(Term(claim, 1))
                    row[j] = claim
                }
                program.addConstraint("claim", upper: 1, terms: sum)
            }
            claims.append(row)
        }
    }

    /// Adds what offer `j` charges in the months of stage `s`.
    mutating func addCharges(_ s: Int, _ j: Int) {
        let costs = model.costs[j]
        var (egress, operations) = (LinearExpression(), LinearExpression())
        var most = 0.0
        for u in request.traffic.indices {
            guard let read = reads[s][u][j] else { continue }
            let gigabytes = model.demand[u] / Double(scheme.data) / Self.gigabyte
            most += gigabytes
            egress += gigabytes * read
            operations += model.reads[u] * read
        }
        let used = chosen[s][j]
        var priced: [Int: LinearExpression] = [:]
        for (index, slice) in slices.enumerated() where slice.stage == s {
            let v = slice.monthClass
            let tariff = costs.tariff(v)
            let (billed, raw) = (costs.billed[0][v], model.raw[0][v])
            if let limit = tariff.limitMultiple {
                program.add(egress + (-limit * raw / Self.gigabyte) * used <= 0)
            }
            let claim = tariff.feeIncludesFree ? used : claims[s][j] ?? used
            let stored = tariff.storage(billed)
            let saved = stored - tariff.storage(max(0, billed - tariff.freeStorage))
            var charge =
                (tariff.fee + stored + model.writes * tariff.write) * used
                + LinearExpression(saved > 0 ? [Term(claim, -saved)] : [])
            charge += tariff.read * operations + (tariff.retrieval * Self.gigabyte) * egress
            // Months of one tariff cost the same egress unless what is free grows with what is stored.
            let key = costs.egressVaries ? v : -1
            if priced[key] == nil {
                let free =
                    (tariff.freeEgress / Self.gigabyte) * claim + (tariff.freeMultiple * raw / Self.gigabyte) * used
                priced[key] = egressCost(tariff.egress, egress, most: most, free: free)
            }
            if let read = priced[key] { charge += read }
            if tariff.minimum > 0 {
                let sum = program.addVariable()
                program.add(charge + (-1) * sum <= 0)
                program.addConstraint(lower: 0, terms: [Term(sum, 1), Term(used, -tariff.minimum)])
                charge = LinearExpression([Term(sum, 1)])
            }
            cost += (model.fee * Double(slice.months)) * charge
            monthly[index] += model.fee * charge
            credited[problem.offers[j].provider]?[index] += Double(slice.months) * charge
        }
    }

    /// The graduated price of the egress beyond what is `free`, both in gigabytes; `most` is the most that is read.
    private mutating func egressCost(
        _ price: GraduatedCost, _ egress: LinearExpression, most: Double, free: LinearExpression
    ) -> LinearExpression {
        let isFree = free.terms.contains { $0.coefficient > 0 }
        guard most > 0, price.pieces.contains(where: { $0.slope > 0 }) else { return LinearExpression() }
        if price.pieces.count == 1, !isFree { return (price.pieces[0].slope * Self.gigabyte) * egress }
        var (cost, paid) = (LinearExpression(), LinearExpression())
        var opened: [(segment: Variable, width: Double, slope: Double)] = []
        var start = 0.0
        for piece in price.pieces where start < most {
            let end = min(piece.end / Self.gigabyte, most)
            let segment = program.addVariable(upper: end - start)
            if opened.contains(where: { $0.slope > piece.slope }) {
                let full = program.addBinary()
                for earlier in opened {
                    program.addConstraint(lower: 0, terms: [Term(earlier.segment, 1), Term(full, -earlier.width)])
                }
                program.addConstraint(upper: 0, terms: [Term(segment, 1), Term(full, -(end - start))])
            }
            cost += (piece.slope * Self.gigabyte) * segment
            paid += segment
            opened.append((segment, end - start, piece.slope))
            start = end
        }
        program.add(paid - egress + free >= 0)
        return cost
    }

    /// Credits pay charges of their provider in the months before they expire, until they run out.
    mutating func addCredits() {
        let credits = request.credits
        var spent: [[Term]] = credits.map { _ in [] }
        for (index, slice) in slices.enumerated() {
            let alive = Dictionary(grouping: model.classes[slice.monthClass].credits) { credits[$0].provider }
            for (provider, indices) in alive.sorted(by: { $0.key < $1.key }) {
                guard let due = credited[provider]?[index] else { continue }
                var paid = LinearExpression()
                for credit in indices {
                    let part = program.addVariable()
                    spent[credit].append(Term(part, 1))
                    paid += part
                    cost += (-model.fee) * part
                }
                program.add(paid - due <= 0)
            }
        }
        for (credit, terms) in zip(credits, spent) where !terms.isEmpty {
            program.addConstraint("credit", upper: credit.amount.doubleValue, terms: terms)
        }
    }

    /// The budget, tightened for the rounding of bills.
    mutating func addBudget(_ tightening: Double) {
        guard let budget = request.budget else { return }
        let most = budget.amount.doubleValue - tightening
        switch budget.period {
        case .term: program.add(cost <= most, name: "budget")
        case .month:
            for month in monthly { program.add(month <= most, name: "budget") }
            if let last = monthly.last, !endCharge.terms.isEmpty { program.add(last + endCharge <= most) }
        }
    }
}
