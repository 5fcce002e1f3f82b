/// Where a variable or row stands in a simplex basis.
public enum BasisStatus: String, Sendable, Codable {
    /// At its lower bound, outside the basis.
    case atLower
    /// In the basis.
    case basic
    /// At its upper bound, outside the basis.
    case atUpper
    /// Free, at zero, outside the basis.
    case atZero
    /// Outside the basis; the solver is to choose the bound.
    case nonbasic
}

/// A simplex basis: as many basic members as there are constraints.
public struct Basis: Sendable, Equatable, Codable {
    /// The status of each variable.
    public var variables: [BasisStatus]
    /// The status of each constraint's row.
    public var constraints: [BasisStatus]

    /// Makes a basis.
    public init(variables: [BasisStatus], constraints: [BasisStatus]) {
        self.variables = variables
        self.constraints = constraints
    }
}
