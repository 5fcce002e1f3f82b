import MathematicalProgramming

/// What a variable or a row of a share program is about, the same in every program of a search.
struct ProgramKey: Hashable, Sendable {
    enum Part: UInt8, Sendable {
        case column, whole, total, claim, free, used, paid, price, line, fee, minimum, limit, credit, spent, staying
        case budget, volume, counted, counting, required, largest, liking, slack
    }

    let part: Part
    var a = -1
    var b = -1
    var c = -1

    init(_ part: Part, _ a: Int = -1, _ b: Int = -1, _ c: Int = -1) {
        self.part = part
        self.a = a
        self.b = b
        self.c = c
    }
}

/// A program whose variables and rows are known by keys, so that it starts from where the last one that was like it
/// ended: members that are new are nonbasic, rows that are new are basic.
struct KeyedProgram {
    private(set) var program = MathematicalProgram(name: "shares")
    private var variableKeys: [ProgramKey] = []
    private var rowKeys: [ProgramKey] = []

    mutating func addVariable(_ key: ProgramKey, lower: Double = 0, upper: Double = .infinity) -> Variable {
        variableKeys.append(key)
        return program.addVariable(lower: lower, upper: upper)
    }

    mutating func addRow(
        _ key: ProgramKey, lower: Double = -.infinity, upper: Double = .infinity, _ terms: [Term]
    ) -> Constraint {
        rowKeys.append(key)
        return program.addConstraint(lower: lower, upper: upper, terms: terms)
    }

    mutating func minimize(_ objective: LinearExpression) throws(ProgrammingError) {
        try program.setObjective(.minimize, objective)
    }

    /// Solves the program, from `start` if that makes a basis of it; the basis it ends at is kept there.
    func solve(_ session: HiGHSSession, from start: inout KeyedBasis) throws(ProgrammingError) -> Solution {
        try session.load(program)
        if let basis = start.basis(variableKeys, rowKeys) { try? session.setBasis(basis) }
        // Numbers at the edge of the tolerances can also make the solver give up.
        var solution = try? session.solve()
        if solution?.isDecided != true {
            // A start can end where rounding hides the answer: once more, from scratch and simplified.
            try session.reset()
            session.parameters.presolve.toggle()
            defer { session.parameters.presolve.toggle() }
            solution = try session.solve()
        }
        guard let solution else { throw .solverRefused(operation: "solve") }
        if solution.isDecided, solution.status == .optimal, let basis = solution.basis {
            start.keep(basis, variableKeys, rowKeys)
        }
        return solution
    }
}

extension Solution {
    /// Whether the program's optimum is known with its prices, or that it has none.
    var isDecided: Bool { status == .infeasible || (status == .optimal && duals.count == activities.count) }
}

/// Where the variables and rows of a program stood at its optimum.
struct KeyedBasis {
    private var variables: [ProgramKey: BasisStatus] = [:]
    private var rows: [ProgramKey: BasisStatus] = [:]

    mutating func keep(_ basis: Basis, _ variableKeys: [ProgramKey], _ rowKeys: [ProgramKey]) {
        variables = Dictionary(zip(variableKeys, basis.variables)) { first, _ in first }
        rows = Dictionary(zip(rowKeys, basis.constraints)) { first, _ in first }
    }

    /// The basis of a program with these members; nil when it has not as many basic members as rows.
    func basis(_ variableKeys: [ProgramKey], _ rowKeys: [ProgramKey]) -> Basis? {
        guard !rows.isEmpty else { return nil }
        let basis = Basis(
            variables: variableKeys.map { variables[$0] ?? .nonbasic }, constraints: rowKeys.map { rows[$0] ?? .basic })
        let basic = basis.variables.count { $0 == .basic } + basis.constraints.count { $0 == .basic }
        return basic == rowKeys.count ? basis : nil
    }
}
