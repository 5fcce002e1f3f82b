/// One solution's cost as a function of a parameter: `intercept + slope × parameter`.
package struct CostLine<Solution: Sendable>: Sendable {
    package let intercept: Double
    package let slope: Double
    /// What has this cost.
    package let solution: Solution

    /// The line through (`parameter`, `cost`).
    package init(through cost: Double, at parameter: Double, slope: Double, solution: Solution) {
        intercept = cost - slope * parameter
        self.slope = slope
        self.solution = solution
    }

    /// The cost at a parameter.
    package func callAsFunction(_ parameter: Double) -> Double { intercept + slope * parameter }

    /// Whether `cost` at `parameter` lies on the line, within what a solver may be off by.
    func passes(_ cost: Double, at parameter: Double) -> Bool {
        abs(self(parameter) - cost) <= CostEnvelope<Never>.tolerance(cost)
    }

    /// Where the line meets a flatter one; nil for parallel lines.
    package func crossing(_ flatter: CostLine) -> Double? {
        let steeper = slope - flatter.slope
        guard steeper > 1e-9 * max(1, slope) else { return nil }
        return (flatter.intercept - intercept) / steeper
    }
}

/// A parametric minimum as pieces of lines.
package struct CostEnvelope<Solution: Sendable>: Sendable {
    /// A line that is the minimum between two parameters.
    package struct Piece: Sendable {
        package var lower: Double
        package var upper: Double
        package let line: CostLine<Solution>
    }

    /// The pieces by rising parameter; each begins where the one before ends.
    package private(set) var pieces: [Piece] = []

    /// Every piece of min over solutions of (intercept + slope × parameter) on `range`, when the solutions that are
    /// allowed do not depend on the parameter: then the minimum is concave and piecewise linear.
    ///
    /// The method of Eisner and Severance (*Mathematical Techniques for Efficient Record Segmentation in Large Shared
    /// Databases*, J. ACM 23(4), 1976): two optimal lines at the ends of an interval meet in a point; either the
    /// minimum passes through it, and then it is the only breakpoint, or the optimum there is a new line that splits the
    /// interval. At most 2·pieces + 1 calls of `minimum`.
    ///
    /// - Parameter minimum: the optimal line at a parameter.
    package init<Failure: Error>(
        over range: ClosedRange<Double>, minimum: (Double) throws(Failure) -> CostLine<Solution>
    ) throws(Failure) {
        let first = try minimum(range.lowerBound)
        guard first.slope > 0 else {
            pieces = [Piece(lower: range.lowerBound, upper: range.upperBound, line: first)]
            return
        }
        let last = try minimum(range.upperBound)
        pieces = try Self.pieces(first, range.lowerBound, last, range.upperBound, minimum)
    }

    private static func pieces<Failure: Error>(
        _ left: CostLine<Solution>, _ lower: Double, _ right: CostLine<Solution>, _ upper: Double,
        _ minimum: (Double) throws(Failure) -> CostLine<Solution>
    ) throws(Failure) -> [Piece] {
        guard let crossing = left.crossing(right) else { return [Piece(lower: lower, upper: upper, line: left)] }
        let joint = [
            Piece(lower: lower, upper: min(max(crossing, lower), upper), line: left),
            Piece(lower: min(max(crossing, lower), upper), upper: upper, line: right)
        ].filter { $0.upper > $0.lower }
        guard crossing > lower, crossing < upper else { return joint }
        let middle = try minimum(crossing)
        let isNew = middle(crossing) < left(crossing) - CostEnvelope<Never>.tolerance(left(crossing))
        guard isNew, middle.slope < left.slope, middle.slope > right.slope else { return joint }
        let before = try pieces(left, lower, middle, crossing, minimum)
        return merged(before + (try pieces(middle, crossing, right, upper, minimum)))
    }

    /// Neighbours of one line become one piece.
    private static func merged(_ pieces: [Piece]) -> [Piece] {
        var result: [Piece] = []
        for piece in pieces {
            if let last = result.last, last.line.slope == piece.line.slope {
                result[result.count - 1].upper = piece.upper
            } else {
                result.append(piece)
            }
        }
        return result
    }
}

extension CostEnvelope<Never> {
    /// How far two costs may differ and still be one, given a solver's relative gap.
    static func tolerance(_ cost: Double) -> Double { 2e-7 * abs(cost) + 1e-6 }
}
