/// The interval in which one datum may move alone while the optimal basis stays optimal, with the objective at its
/// ends. An end without limit is infinite, and so may the objective there be.
public struct RangingInterval: Sendable, Equatable, Codable {
    /// The least value of the datum.
    public var lower: Double
    /// The greatest value of the datum.
    public var upper: Double
    /// The optimal objective when the datum has its least value.
    public var objectiveAtLower: Double
    /// The optimal objective when the datum has its greatest value.
    public var objectiveAtUpper: Double

    /// Makes an interval.
    public init(lower: Double, upper: Double, objectiveAtLower: Double, objectiveAtUpper: Double) {
        self.lower = lower
        self.upper = upper
        self.objectiveAtLower = objectiveAtLower
        self.objectiveAtUpper = objectiveAtUpper
    }
}

/// Sensitivity of an optimal basis of a linear program.
///
/// Where the basis is degenerate the intervals are those of the basis found, and may be narrower than those of the
/// optimum.
public struct Ranging: Sendable, Equatable, Codable {
    /// For each variable: the costs between which the solution stays optimal.
    public var costs: [RangingInterval]
    /// For each variable: if it is not basic, the values between which its active bound may move; if it is basic, the
    /// values to which it can be forced before the basis changes.
    public var variableBounds: [RangingInterval]
    /// For each constraint: if its row is active, the values between which the active bound may move; otherwise the
    /// values to which the row can be forced before the basis changes.
    public var constraintBounds: [RangingInterval]

    /// Makes a sensitivity report.
    public init(
        costs: [RangingInterval], variableBounds: [RangingInterval], constraintBounds: [RangingInterval]
    ) {
        self.costs = costs
        self.variableBounds = variableBounds
        self.constraintBounds = constraintBounds
    }
}
