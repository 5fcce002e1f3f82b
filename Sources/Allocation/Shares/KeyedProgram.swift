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

/// A program that grows while it is solved, and whose variables and rows are known by keys: one that takes its place
/// starts from where it ended. Members that are new are nonbasic, rows that are new are basic.
struct KeyedProgram {
    private var program = MathematicalProgram(name: "shares")
    private var variableKeys: [ProgramKey] = []
    private var rowKeys: [ProgramKey] = []
    private var basis: Basis?
    private var isLoaded = false
    /// The last optimum: the program grows by columns alone, and by rows that are met without them.
    private var least = Double.infinity

    mutating func addVariable(
        _ key: ProgramKey, lower: Double = 0, upper: Double = .infinity, cost: Double = 0
    ) -> Variable {
        variableKeys.append(key)
        return program.addVariable(lower: lower, upper: upper, cost: cost)
    }

    mutating func addRow(
        _ key: ProgramKey, lower: Double = -.infinity, upper: Double = .infinity, _ terms: [Term]
    ) -> Constraint {
        rowKeys.append(key)
        return program.addConstraint(lower: lower, upper: upper, terms: terms)
    }

    /// Adds to the coefficient of the variable that was added last, or of one that the row does not have yet.
    mutating func add(_ coefficient: Double, of variable: Variable, to row: Constraint) {
        program.add(coefficient, of: variable, to: row)
    }

    mutating func minimize(_ objective: LinearExpression) throws(ProgrammingError) {
        try program.setObjective(.minimize, objective)
    }

    /// Solves the program: the first time from `start` if that makes a basis of it, then from where it was left.
    mutating func solve(_ session: HiGHSSession, from start: KeyedBasis) throws(ProgrammingError) -> Solution {
        if isLoaded {
            try session.extend(to: program)
        } else {
            try session.load(program)
            isLoaded = true
            if let basis = start.basis(variableKeys, rowKeys) { try? session.setBasis(basis) }
        }
        // Numbers at the edge of the tolerances can also make the solver give up.
        var solution = try? session.solve()
        // What could be had before can be had still. The solver has been seen to call a solution optimal, after several
        // columns with rows of their own, that cost more than the one it began from.
        let hasRisen = solution?.objective.map { $0 > least + 1e-7 * max(1, abs(least)) } ?? false
        if solution?.isDecided != true || hasRisen {
            // A start can end where rounding hides the answer: once more, from scratch and simplified.
            try session.reset()
            session.parameters.presolve.toggle()
            defer { session.parameters.presolve.toggle() }
            solution = try session.solve()
        }
        guard let solution else { throw .solverRefused(operation: "solve") }
        if solution.isDecided, solution.status == .optimal {
            if let basis = solution.basis { self.basis = basis }
            least = solution.objective ?? .infinity
        }
        return solution
    }

    /// Where the program was left when it last had an optimum.
    var end: KeyedBasis? { basis.map { KeyedBasis($0, variableKeys, rowKeys) } }
}

extension Solution {
    /// Whether the program's optimum is known with its prices, or that it has none.
    var isDecided: Bool { status == .infeasible || (status == .optimal && duals.count == activities.count) }
}

/// Where the variables and rows of a program stood at its optimum.
struct KeyedBasis {
    private var variables: [ProgramKey: BasisStatus] = [:]
    private var rows: [ProgramKey: BasisStatus] = [:]

    /// A start from scratch.
    init() {}

    /// The basis of a program that may have grown since.
    init(_ basis: Basis, _ variableKeys: [ProgramKey], _ rowKeys: [ProgramKey]) {
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
