import Marketplace
import Money

/// Finds the stretches of prices over which one request's optimal allocation stays the same.
struct PriceSearch {
    /// What ends a search without pieces.
    enum Stop: Error {
        case infeasible(String)
        case undecided
        case failed(PricingError)
    }

    typealias Answer = ReplayOracle.Answer

    /// How closely the effect of a budget is located: a tenth of a price tick.
    static let resolution = 1e-7

    let oracle: ReplayOracle
    let range: ClosedRange<Double>
    /// Whether every optimum so far was proven and every stretch was followed to its end.
    var isExact = true
    /// Whether every optimum so far was proven.
    var isProven = true

    /// The pieces over the range.
    ///
    /// Without the budget the minimum is found by its envelope. While the envelope's allocation keeps the budget it is the
    /// optimum under the budget as well; where it does not, a budget of the term leaves nothing, as it bounds what is
    /// minimised, and a monthly one leaves what ``BudgetedSearch`` finds.
    mutating func pieces() throws(Stop) -> [RequestReplay.Piece] {
        let free = try CostEnvelope<Answer>(over: range) { (price) throws(Stop) in
            try self.found(self.ask(at: price, keepsBudget: false)).line
        }
        isProven = free.pieces.allSatisfy(\.line.solution.isProven)
        isExact = isProven
        guard let budget = oracle.request.budget else {
            return Self.merged(free.pieces.map { Self.piece(upTo: $0.upper, $0.line.solution) })
        }
        var pieces: [RequestReplay.Piece] = []
        for piece in free.pieces {
            let end = try lastFitting(piece, budget)
            if end > piece.lower { pieces.append(Self.piece(upTo: end, piece.line.solution)) }
            guard end < piece.upper else { continue }
            if budget.period == .term {
                pieces.append(.init(upTo: range.upperBound, gigabyteMonths: 0, isMet: false))
                break
            }
            let start = end > piece.lower ? end + Self.resolution : end
            if start < piece.upper {
                var search = BudgetedSearch(search: self, budget: budget, range: start...piece.upper)
                pieces += try search.pieces()
                isExact = isExact && search.isExact
                isProven = isProven && search.isProven
            } else if let last = pieces.popLast() {
                pieces.append(last.ending(at: piece.upper))
            }
        }
        guard pieces.contains(where: \.isMet) else {
            throw .infeasible(try whyInfeasible(at: range.lowerBound))
        }
        return Self.merged(pieces)
    }

    /// Up to which price within a piece of the envelope its allocation keeps the budget; the piece's lower end where it
    /// nowhere does.
    private func lastFitting(
        _ piece: CostEnvelope<Answer>.Piece, _ budget: SLARequest.Budget
    ) throws(Stop) -> Double {
        if surelyFits(piece, budget) { return piece.upper }
        let answer = piece.line.solution
        if answer.neededSlope == 0 { return answer.fits(budget) ? piece.upper : piece.lower }
        return try lastPrice(from: piece.lower, to: piece.upper, near: limit(of: answer, budget)) {
            (price) throws(Stop) in
            try self.found(self.ask(at: price, keepsBudget: false)).fits(budget)
        }
    }

    /// Whether a piece's allocation keeps the budget up to the piece's end, told without another solve.
    private func surelyFits(_ piece: CostEnvelope<Answer>.Piece, _ budget: SLARequest.Budget) -> Bool {
        let answer = piece.line.solution
        guard let needed = answer.needed else { return true }
        let rise = answer.neededSlope * max(0, piece.upper - answer.price)
        return needed.doubleValue + rise + (rise > 0 ? roundingOfBills : 0) <= budget.amount.doubleValue
    }

    /// How far the rounding of lines to cents may move what a budget is compared with, in USD.
    var roundingOfBills: Double {
        0.02 * (oracle.request.budget?.period == .term ? Double(oracle.request.months) : 1)
    }

    /// About where an allocation reaches the budget.
    func limit(of answer: Answer, _ budget: SLARequest.Budget) -> Double? {
        guard let needed = answer.needed, answer.neededSlope > 0 else { return nil }
        return answer.price + (budget.amount.doubleValue - needed.doubleValue) / answer.neededSlope
    }

    /// The last price in [lower, upper] at which `holds` is true, when it is true up to some price and false from there;
    /// `lower` when it is nowhere true. Bisection to ``resolution``, begun around `guess`.
    func lastPrice(
        from lower: Double, to upper: Double, near guess: Double?, where holds: (Double) throws(Stop) -> Bool
    ) throws(Stop) -> Double {
        var (good, bad) = (lower, upper)
        if try holds(upper) { return upper }
        if try !holds(lower) { return lower }
        if let guess {
            for offset in [-1e-6, 1e-6, -1e-4, 1e-4] {
                let price = guess + offset * max(1, guess)
                guard price > good, price < bad else { continue }
                if try holds(price) { good = price } else { bad = price }
            }
        }
        while bad - good > Self.resolution {
            let middle = (good + bad) / 2
            if try holds(middle) { good = middle } else { bad = middle }
        }
        return good
    }

    // MARK: Asking

    func ask(
        at price: Double, keepsBudget: Bool, schemes: [RedundancyScheme]? = nil
    ) throws(Stop) -> ReplayOracle.Outcome {
        do throws(PricingError) {
            return try oracle.cheapest(at: price, keepsBudget: keepsBudget, schemes: schemes)
        } catch {
            throw .failed(error)
        }
    }

    func found(_ outcome: ReplayOracle.Outcome) throws(Stop) -> Answer {
        switch outcome {
        case .found(let answer): return answer
        case .infeasible(let words): throw .infeasible(words)
        case .undecided: throw .undecided
        }
    }

    /// The constraints, the budget among them, that leave nothing at a price.
    func whyInfeasible(at price: Double) throws(Stop) -> String {
        if case .infeasible(let words) = try ask(at: price, keepsBudget: true) { return words }
        return "no allocation keeps the budget"
    }

    static func piece(upTo price: Double, _ answer: Answer) -> RequestReplay.Piece {
        let line = answer.line
        return .init(
            upTo: price, gigabyteMonths: answer.gigabyteMonths, costIntercept: line.intercept, costSlope: line.slope,
            siblings: answer.siblings)
    }

    /// Neighbours of equal volume and cost become one piece.
    static func merged(_ pieces: [RequestReplay.Piece]) -> [RequestReplay.Piece] {
        var result: [RequestReplay.Piece] = []
        for piece in pieces {
            if let last = result.last, last.gigabyteMonths == piece.gigabyteMonths, last.isMet == piece.isMet,
                last.costSlope == piece.costSlope, last.siblings == piece.siblings,
                abs(last.cost(at: last.upTo) - piece.cost(at: last.upTo))
                    <= CostEnvelope<Never>.tolerance(piece.cost(at: last.upTo))
            {
                result.removeLast()
            }
            result.append(piece)
        }
        return result
    }
}

extension ReplayOracle.Answer {
    /// Whether the exact bill keeps the budget.
    func fits(_ budget: SLARequest.Budget) -> Bool { needed.map { $0.minor <= budget.amount.minor } ?? true }
}
