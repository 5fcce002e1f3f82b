/// The optimum under a monthly budget over a stretch of prices where it divides the data, so that its shares move with the
/// price.
///
/// Optima at the ends of an interval settle it when they are one line, or two lines that meet at an optimum; a jump is
/// located to ``PriceSearch/resolution``. Where the volume moves without such an end, the interval is halved until the
/// volumes at its ends differ by no more than ``tolerance`` of the largest: then it is a piece with the mean of the two
/// volumes, off by half of that at most if the volume is monotone within, and with the cost's chord. No interval is taken
/// for settled that is longer than a sixteenth of the stretch; what is best within a shorter one only may be missed.
struct DividedSearch {
    typealias Answer = ReplayOracle.Answer
    typealias Stop = PriceSearch.Stop
    typealias Piece = RequestReplay.Piece

    /// How much the volume may differ within a piece, relative to the largest volume of the stretch.
    static let tolerance = 0.02
    /// How many optima are asked for at most; from there intervals stay as they are.
    private static let questionLimit = 600

    let search: PriceSearch
    let range: ClosedRange<Double>
    private var questions = 0
    private var largest = 0.0
    private var isProven = true

    init(search: PriceSearch, range: ClosedRange<Double>) {
        self.search = search
        self.range = range
    }

    /// The pieces over the range, and whether every optimum that they rest on was proven.
    func pieces() throws(Stop) -> (pieces: [Piece], isProven: Bool) {
        var own = self
        let (lower, upper) = (range.lowerBound, range.upperBound)
        let (first, last) = (try own.optimum(at: lower), try own.optimum(at: upper))
        let pieces = try own.pieces(lower, first, upper, last)
        return (pieces, own.isProven)
    }

    /// The optimum under the budget; nil where there is none.
    private mutating func optimum(at price: Double) throws(Stop) -> Answer? {
        questions += 1
        let answer: Answer? =
            switch try search.ask(at: price, keepsBudget: true) {
            case .found(let answer): answer
            case .infeasible: nil
            case .undecided: throw .undecided
            }
        largest = max(largest, answer?.gigabyteMonths ?? 0)
        isProven = isProven && answer?.isProven ?? true && questions < Self.questionLimit
        return answer
    }

    private mutating func pieces(
        _ lower: Double, _ left: Answer?, _ upper: Double, _ right: Answer?
    ) throws(Stop) -> [Piece] {
        guard let left else { return [Piece(upTo: upper, gigabyteMonths: 0, isMet: false)] }
        let middle = (lower + upper) / 2
        guard let right else {
            if isNarrow(lower, upper) { return [PriceSearch.piece(upTo: upper, left)] }
            return try split(lower, left, guess(left, lower, upper) ?? middle, upper, nil)
        }
        let (one, other) = (left.line, right.line)
        // What is allowed over a short stretch only must not be passed over.
        if upper - lower > (range.upperBound - range.lowerBound) / 16, !isNarrow(lower, upper) {
            return try split(lower, left, middle, upper, right)
        }
        if one.passes(right.cost, at: upper), abs(left.slope - right.slope) <= 1e-7 * max(1, left.slope) {
            return [PriceSearch.piece(upTo: upper, left)]
        }
        if isNarrow(lower, upper) { return [PriceSearch.piece(upTo: upper, left)] }
        if let crossing = one.crossing(other), crossing > lower, crossing < upper {
            let answer = try optimum(at: crossing)
            if let answer, one.passes(answer.cost, at: crossing) {
                return [PriceSearch.piece(upTo: crossing, left), PriceSearch.piece(upTo: upper, right)]
            }
            if hasSettled(left, right) { return [chord(lower, left, upper, right)] }
            return try pieces(lower, left, crossing, answer) + pieces(crossing, answer, upper, right)
        }
        if hasSettled(left, right) { return [chord(lower, left, upper, right)] }
        return try split(lower, left, guess(left, lower, upper) ?? middle, upper, right)
    }

    private mutating func split(
        _ lower: Double, _ left: Answer?, _ price: Double, _ upper: Double, _ right: Answer?
    ) throws(Stop) -> [Piece] {
        let answer = try optimum(at: price)
        return try pieces(lower, left, price, answer) + pieces(price, answer, upper, right)
    }

    private func isNarrow(_ lower: Double, _ upper: Double) -> Bool {
        upper - lower <= PriceSearch.resolution || questions >= Self.questionLimit
    }

    /// Whether two volumes of moving shares are close enough to be one.
    private func hasSettled(_ left: Answer, _ right: Answer) -> Bool {
        abs(left.gigabyteMonths - right.gigabyteMonths) <= Self.tolerance * largest
            && abs(right.cost - left.cost) <= Self.tolerance * abs(left.cost)
    }

    /// About where an undivided allocation reaches the budget, well within an interval.
    private func guess(_ answer: Answer, _ lower: Double, _ upper: Double) -> Double? {
        guard !answer.isDivided, let budget = search.oracle.request.budget,
            let limit = search.limit(of: answer, budget)
        else { return nil }
        let margin = 0.01 * (upper - lower)
        return [limit - 1e-6, limit + 1e-6].first { $0 > lower + margin && $0 < upper - margin }
    }

    private func chord(_ lower: Double, _ left: Answer, _ upper: Double, _ right: Answer) -> Piece {
        let slope = (right.cost - left.cost) / (upper - lower)
        return Piece(
            upTo: upper, gigabyteMonths: (left.gigabyteMonths + right.gigabyteMonths) / 2,
            costIntercept: left.cost - slope * lower, costSlope: slope, siblings: left.siblings)
    }
}
