import Marketplace

/// The search of prices over a stretch where a monthly budget binds: then the allocations that are allowed become fewer
/// as the price rises, and the optimal cost may jump.
///
/// Under one scheme every allocation that holds the offer whole stores the same volume there, so the cheapest of them is
/// `slope · price + rest`, where the rest never falls and is constant between the prices at which the budget rules
/// the cheapest rest out. Each scheme is followed from jump to jump; the lower envelope of all schemes is the answer, and
/// exact.
///
/// Where an optimum divides the data, its shares move with the price so as to stay within the budget: shares, volume and
/// cost are then quotients of polynomials, not lines. Such a stretch is approximated by ``DividedSearch``, and
/// the answer says so.
struct BudgetedSearch {
    typealias Answer = ReplayOracle.Answer
    typealias Stop = PriceSearch.Stop

    /// How many jumps of one scheme are followed.
    private static let jumpLimit = 16

    let search: PriceSearch
    let budget: SLARequest.Budget
    let range: ClosedRange<Double>
    /// Whether the pieces are exact.
    var isExact = true
    /// Whether every optimum that they rest on was proven.
    var isProven = true

    private var lines: [CostEnvelope<Answer>.Piece] = []
    private var isDivided = false

    /// A search over `range`, a part of the range of `search`.
    init(search: PriceSearch, budget: SLARequest.Budget, range: ClosedRange<Double>) {
        self.search = search
        self.budget = budget
        self.range = range
    }

    /// The pieces over the range.
    mutating func pieces() throws(Stop) -> [RequestReplay.Piece] {
        for scheme in search.oracle.schemes where !isDivided { try follow(scheme) }
        guard isDivided else { return envelope() }
        isExact = false
        let (pieces, isProven) = try DividedSearch(search: search, range: range).pieces()
        self.isProven = isProven
        return pieces
    }

    /// Adds the lines of one scheme.
    private mutating func follow(_ scheme: RedundancyScheme) throws(Stop) {
        let upper = range.upperBound
        var lower = range.lowerBound
        guard let first = try search.optimum(scheme, at: lower, within: budget) else { return }
        if first.slope == 0 { return add(first.line, range.lowerBound, upper) }
        let last = try search.optimum(scheme, at: upper, within: budget)
        if let last, last.slope == 0 { add(last.line, range.lowerBound, upper) }
        var current = first
        for _ in 0..<Self.jumpLimit {
            let line = current.line
            let holds = { [search, budget] (price: Double) throws(Stop) in
                try search.optimum(scheme, at: price, within: budget).map { line.passes($0.cost, at: price) } ?? false
            }
            if let last, line.passes(last.cost, at: upper) { return add(line, lower, upper) }
            var bound = upper
            if let last, last.slope == 0, let crossing = line.crossing(last.line) {
                if crossing <= lower { return }
                if crossing < upper, try holds(max(lower, crossing - PriceSearch.resolution)) {
                    return add(line, lower, crossing)
                }
                bound = min(bound, crossing)
            }
            let end = try search.lastPrice(
                from: lower, to: bound, near: search.limit(of: current, budget), where: holds)
            add(line, lower, end)
            lower = end + PriceSearch.resolution
            guard lower < upper, let next = try search.optimum(scheme, at: lower, within: budget), next.slope > 0 else {
                return
            }
            current = next
        }
        isExact = false
    }

    private mutating func add(_ line: CostLine<Answer>, _ lower: Double, _ upper: Double) {
        isProven = isProven && line.solution.isProven
        isExact = isExact && isProven
        isDivided = isDivided || line.solution.isDivided && line.slope > 0
        if upper > lower { lines.append(.init(lower: lower, upper: upper, line: line)) }
    }

    /// The lower envelope of the lines that were found, by the intervals between all ends and crossings.
    private func envelope() -> [RequestReplay.Piece] {
        var cuts = Set([range.upperBound])
        for one in lines {
            cuts.formUnion([one.lower, one.upper])
            for other in lines {
                if let crossing = one.line.crossing(other.line) { cuts.insert(crossing) }
            }
        }
        var pieces: [RequestReplay.Piece] = []
        var start = range.lowerBound
        for cut in cuts.sorted() where cut - start > 2 * PriceSearch.resolution && cut <= range.upperBound {
            let middle = (start + cut) / 2
            let best = lines.filter { $0.lower <= middle && middle <= $0.upper }
                .min { $0.line(middle) < $1.line(middle) }
            pieces.append(
                best.map { PriceSearch.piece(upTo: cut, $0.line.solution) }
                    ?? .init(upTo: cut, gigabyteMonths: 0, isMet: false))
            start = cut
        }
        if pieces.isEmpty { return [.init(upTo: range.upperBound, gigabyteMonths: 0, isMet: false)] }
        if let last = pieces.last, last.upTo < range.upperBound {
            pieces[pieces.count - 1] = last.ending(at: range.upperBound)
        }
        return PriceSearch.merged(pieces)
    }
}

extension PriceSearch {
    /// The scheme's optimum under the budget; nil when there is none. The budget is put to the optimizer only when the
    /// optimum without it breaks it: if that one keeps it, it is the optimum with it too.
    func optimum(
        _ scheme: RedundancyScheme, at price: Double, within budget: SLARequest.Budget
    ) throws(Stop) -> Answer? {
        for keepsBudget in [false, true] {
            switch try ask(at: price, keepsBudget: keepsBudget, schemes: [scheme]) {
            case .found(let answer) where keepsBudget || answer.fits(budget): return answer
            case .found: continue
            case .infeasible: return nil
            case .undecided: throw .undecided
            }
        }
        return nil
    }
}
