import CHiGHS

/// One solver object of HiGHS: memory that is freed with it.
///
/// Not for use from two threads at once. Its methods take data that has been validated.
final class HiGHSInstance {
    let pointer: UnsafeMutableRawPointer
    /// The parameters in force; nil if that is not known.
    private var applied: SolverParameters?

    init() throws(ProgrammingError) {
        guard let pointer = Highs_create() else { throw .solverRefused(operation: "create") }
        self.pointer = pointer
        do throws(ProgrammingError) {
            try setOption("output_flag", false)
            try setOption("log_to_console", false)
        } catch {
            // A failing initializer that has set every property runs `deinit`.
            throw error
        }
    }

    deinit { Highs_destroy(pointer) }

    /// The solver's version, for reports.
    static var version: String { String(cString: Highs_version()) }

    /// Throws if a call returned an error; warnings pass.
    func require(_ status: Int32, _ operation: String) throws(ProgrammingError) {
        if status == kHighsStatusError { throw .solverRefused(operation: operation) }
    }

    // MARK: Options

    func setOption(_ name: String, _ value: Bool) throws(ProgrammingError) {
        try require(Highs_setBoolOptionValue(pointer, name, value ? 1 : 0), "option \(name)")
    }

    func setOption(_ name: String, _ value: Int) throws(ProgrammingError) {
        try require(Highs_setIntOptionValue(pointer, name, Int32(clamping: value)), "option \(name)")
    }

    func setOption(_ name: String, _ value: Double) throws(ProgrammingError) {
        try require(Highs_setDoubleOptionValue(pointer, name, value), "option \(name)")
    }

    func setOption(_ name: String, _ value: String) throws(ProgrammingError) {
        try require(Highs_setStringOptionValue(pointer, name, value), "option \(name)")
    }

    /// Hands over the parameters that differ from those in force: an option costs more than a small re-solve's pivot.
    func apply(_ parameters: SolverParameters) throws(ProgrammingError) {
        guard parameters != applied else { return }
        let old = applied
        func set<Value: Equatable>(
            _ path: KeyPath<SolverParameters, Value>, _ hand: (Value) throws(ProgrammingError) -> Void
        ) throws(ProgrammingError) {
            let value = parameters[keyPath: path]
            if old?[keyPath: path] != value { try hand(value) }
        }
        applied = nil
        try set(\.timeLimit) { value throws(ProgrammingError) in try setOption("time_limit", value) }
        try set(\.relativeGap) { value throws(ProgrammingError) in try setOption("mip_rel_gap", value) }
        try set(\.absoluteGap) { value throws(ProgrammingError) in try setOption("mip_abs_gap", value) }
        try set(\.threads) { value throws(ProgrammingError) in
            try setOption("threads", value)
            try setOption("parallel", value == 1 ? "off" : "choose")
        }
        try set(\.seed) { value throws(ProgrammingError) in try setOption("random_seed", value) }
        try set(\.presolve) { value throws(ProgrammingError) in try setOption("presolve", value ? "choose" : "off") }
        try set(\.primalFeasibilityTolerance) { value throws(ProgrammingError) in
            try setOption("primal_feasibility_tolerance", value)
        }
        try set(\.dualFeasibilityTolerance) { value throws(ProgrammingError) in
            try setOption("dual_feasibility_tolerance", value)
        }
        try set(\.integralityTolerance) { value throws(ProgrammingError) in
            try setOption("mip_feasibility_tolerance", value)
        }
        try set(\.objectiveTarget) { value throws(ProgrammingError) in
            try setOption("objective_target", value ?? -.infinity)
        }
        try set(\.nodeLimit) { value throws(ProgrammingError) in
            try setOption("mip_max_nodes", value ?? Int(Int32.max))
        }
        try set(\.iterationLimit) { value throws(ProgrammingError) in
            try setOption("simplex_iteration_limit", value ?? Int(Int32.max))
        }
        applied = parameters
    }

    // MARK: Model

    /// Hands over the whole model.
    func pass(_ model: MathematicalProgram) throws(ProgrammingError) {
        let nonzeros = model.nonzeroCount
        var starts: [Int32] = []
        var indices: [Int32] = []
        var coefficients: [Double] = []
        starts.reserveCapacity(model.constraintCount + 1)
        indices.reserveCapacity(nonzeros)
        coefficients.reserveCapacity(nonzeros)
        for row in model.rows {
            starts.append(Int32(indices.count))
            for term in row {
                indices.append(Int32(term.variable.index))
                coefficients.append(term.coefficient)
            }
        }
        starts.append(Int32(indices.count))
        let columns = Int32(model.variableCount)
        let rows = Int32(model.constraintCount)
        let status: Int32
        if model.isMixedInteger {
            status = Highs_passMip(
                pointer, columns, rows, Int32(nonzeros), kHighsMatrixFormatRowwise, model.sense.highs,
                model.objectiveOffset, model.objectiveCoefficients, model.variableLowerBounds,
                model.variableUpperBounds, model.constraintLowerBounds, model.constraintUpperBounds, starts, indices,
                coefficients, model.variableKinds.map(\.highs))
        } else {
            status = Highs_passLp(
                pointer, columns, rows, Int32(nonzeros), kHighsMatrixFormatRowwise, model.sense.highs,
                model.objectiveOffset, model.objectiveCoefficients, model.variableLowerBounds,
                model.variableUpperBounds, model.constraintLowerBounds, model.constraintUpperBounds, starts, indices,
                coefficients)
        }
        try require(status, "pass the model")
    }

    // MARK: Information

    func integer(_ name: String) -> Int {
        var value: Int32 = 0
        return Highs_getIntInfoValue(pointer, name, &value) == kHighsStatusError ? 0 : Int(value)
    }

    func wide(_ name: String) -> Int {
        var value: Int64 = 0
        return Highs_getInt64InfoValue(pointer, name, &value) == kHighsStatusError ? 0 : Int(value)
    }

    func number(_ name: String) -> Double {
        var value = 0.0
        return Highs_getDoubleInfoValue(pointer, name, &value) == kHighsStatusError ? .nan : value
    }
}

extension ObjectiveSense {
    /// The solver's constant.
    var highs: Int32 { self == .minimize ? kHighsObjSenseMinimize : kHighsObjSenseMaximize }
}

extension VariableKind {
    /// The solver's constant.
    var highs: Int32 {
        switch self {
        case .continuous: kHighsVarTypeContinuous
        case .integer: kHighsVarTypeInteger
        case .semiContinuous: kHighsVarTypeSemiContinuous
        case .semiInteger: kHighsVarTypeSemiInteger
        }
    }

    /// The kind of a solver's constant; an implied integer is an integer.
    init(highs: Int32) {
        switch highs {
        case kHighsVarTypeInteger, kHighsVarTypeImplicitInteger: self = .integer
        case kHighsVarTypeSemiContinuous: self = .semiContinuous
        case kHighsVarTypeSemiInteger: self = .semiInteger
        default: self = .continuous
        }
    }
}

extension BasisStatus {
    /// The solver's constant.
    var highs: Int32 {
        switch self {
        case .atLower: kHighsBasisStatusLower
        case .basic: kHighsBasisStatusBasic
        case .atUpper: kHighsBasisStatusUpper
        case .atZero: kHighsBasisStatusZero
        case .nonbasic: kHighsBasisStatusNonbasic
        }
    }

    /// The status of a solver's constant.
    init(highs: Int32) {
        switch highs {
        case kHighsBasisStatusLower: self = .atLower
        case kHighsBasisStatusBasic: self = .basic
        case kHighsBasisStatusUpper: self = .atUpper
        case kHighsBasisStatusZero: self = .atZero
        default: self = .nonbasic
        }
    }
}
