import CHiGHS

extension HiGHSInstance {
    /// Solves the model that was passed, which is `model`, and reports.
    func solve(_ model: MathematicalProgram, _ parameters: SolverParameters) throws(ProgrammingError) -> Solution {
        let clock = ContinuousClock()
        let start = clock.now
        try apply(parameters)
        let (status, call) = try runToDecision(model, parameters)
        var solution = extract(model, status: status, call: call)
        if !model.isMixedInteger {
            if parameters.wantsRays && solution.status == .infeasible { solution.dualRay = dualRay(model) }
            if parameters.wantsRays && solution.status == .unbounded { solution.primalRay = primalRay(model) }
            if parameters.wantsRanging && solution.status == .optimal { solution.ranging = ranging(model) }
        }
        solution.solveSeconds = (clock.now - start) / .seconds(1)
        return solution
    }

    /// Runs until the solver knows whether the model is infeasible or unbounded, if it is one of them.
    private func runToDecision(
        _ model: MathematicalProgram, _ parameters: SolverParameters
    ) throws(ProgrammingError) -> (status: Int32, call: Int32) {
        var call = try run()
        var status = Highs_getModelStatus(pointer)
        guard status == kHighsModelStatusUnboundedOrInfeasible else { return (status, call) }
        if parameters.presolve {
            // Presolve finds dual infeasibility without looking for a feasible point; the simplex method tells.
            try setOption("presolve", "off")
            call = try run()
            status = Highs_getModelStatus(pointer)
            try setOption("presolve", "choose")
            guard status == kHighsModelStatusUnboundedOrInfeasible else { return (status, call) }
        }
        // Without costs nothing is unbounded: what remains is the question whether a feasible point exists.
        let zeros = [Double](repeating: 0, count: model.variableCount)
        let last = Int32(model.variableCount) - 1
        try require(Highs_changeColsCostByRange(pointer, 0, last, zeros), "drop the objective")
        call = try run()
        let feasibility = Highs_getModelStatus(pointer)
        if feasibility == kHighsModelStatusInfeasible { status = kHighsModelStatusInfeasible }
        if feasibility == kHighsModelStatusOptimal { status = kHighsModelStatusUnbounded }
        try require(Highs_changeColsCostByRange(pointer, 0, last, model.objectiveCoefficients), "restore the objective")
        return (status, call)
    }

    private func run() throws(ProgrammingError) -> Int32 {
        // The time limit is for this run, not for all runs of the object together.
        try require(Highs_zeroAllClocks(pointer), "reset the clock")
        let status = Highs_run(pointer)
        try require(status, "solve")
        return status
    }

    /// Reads the result of the last run.
    private func extract(_ model: MathematicalProgram, status: Int32, call: Int32) -> Solution {
        let isMixedInteger = model.isMixedInteger
        let hasPoint = integer("primal_solution_status") == Int(kHighsSolutionStatusFeasible)
        let (modelStatus, limit) = Self.interpret(
            status, hasPoint: hasPoint,
            hasSomePoint: integer("primal_solution_status") != Int(kHighsSolutionStatusNone))
        var solution = Solution(status: modelStatus, callStatus: call == kHighsStatusOk ? .ok : .warning)
        solution.limit = limit
        solution.simplexIterations = max(0, integer("simplex_iteration_count"))
        solution.nodes = isMixedInteger ? max(0, wide("mip_node_count")) : 0
        if solution.isFeasible || modelStatus == .imprecise { readPoint(model, into: &solution) }
        if modelStatus == .unbounded && hasPoint {
            // The point proves feasibility; its objective and duals mean nothing.
            var point = Solution(status: .unbounded)
            readPoint(model, into: &point)
            solution.values = point.values
            solution.activities = point.activities
        }
        if isMixedInteger {
            let bound = number("mip_dual_bound")
            if bound.isFinite && modelStatus != .infeasible && modelStatus != .unbounded { solution.bound = bound }
        } else if modelStatus == .optimal {
            solution.bound = solution.objective
        }
        solution.gap = Solution.relativeGap(objective: solution.objective, bound: solution.bound)
        return solution
    }

    private func readPoint(_ model: MathematicalProgram, into solution: inout Solution) {
        var values = [Double](repeating: 0, count: model.variableCount)
        var reducedCosts = values
        var activities = [Double](repeating: 0, count: model.constraintCount)
        var duals = activities
        guard Highs_getSolution(pointer, &values, &reducedCosts, &activities, &duals) != kHighsStatusError else {
            return
        }
        // Adding zero turns −0 into 0, which reports should not show.
        solution.values = values.map { $0 + 0 }
        solution.activities = activities.map { $0 + 0 }
        solution.objective = model.objective(at: values)
        guard !model.isMixedInteger else { return }
        if integer("dual_solution_status") == Int(kHighsSolutionStatusFeasible) {
            solution.duals = duals.map { $0 + 0 }
            solution.reducedCosts = reducedCosts.map { $0 + 0 }
        }
        guard integer("basis_validity") == Int(kHighsBasisValidityValid) else { return }
        var columnStatus = [Int32](repeating: 0, count: model.variableCount)
        var rowStatus = [Int32](repeating: 0, count: model.constraintCount)
        if Highs_getBasis(pointer, &columnStatus, &rowStatus) != kHighsStatusError {
            solution.basis = Basis(
                variables: columnStatus.map(BasisStatus.init(highs:)),
                constraints: rowStatus.map(BasisStatus.init(highs:)))
        }
    }

    /// Translates the solver's status.
    private static func interpret(
        _ status: Int32, hasPoint: Bool, hasSomePoint: Bool
    ) -> (ModelStatus, SolveLimit?) {
        switch status {
        case kHighsModelStatusOptimal, kHighsModelStatusModelEmpty:
            return (hasPoint || status == kHighsModelStatusModelEmpty ? .optimal : .imprecise, nil)
        case kHighsModelStatusInfeasible: return (.infeasible, nil)
        case kHighsModelStatusUnbounded: return (.unbounded, nil)
        case kHighsModelStatusUnboundedOrInfeasible: return (.infeasibleOrUnbounded, nil)
        case kHighsModelStatusObjectiveTarget: return (hasPoint ? .feasible : .otherLimit, .target)
        case kHighsModelStatusTimeLimit: return (hasPoint ? .feasible : .timeLimit, .time)
        case kHighsModelStatusIterationLimit: return (hasPoint ? .feasible : .otherLimit, .iterations)
        case kHighsModelStatusSolutionLimit: return (hasPoint ? .feasible : .otherLimit, .nodes)
        case kHighsModelStatusInterrupt: return (hasPoint ? .feasible : .otherLimit, .interrupt)
        case kHighsModelStatusUnknown: return (hasSomePoint ? .imprecise : .failed, nil)
        default: return (.failed, nil)
        }
    }

    // MARK: Rays and ranging

    private func dualRay(_ model: MathematicalProgram) -> [Double] {
        var has: Int32 = 0
        var ray = [Double](repeating: 0, count: model.constraintCount)
        let status = Highs_getDualRay(pointer, &has, &ray)
        if status != kHighsStatusError && has != 0 { return ray }
        return Self.rayOfOneRow(model)
    }

    /// The unit ray of a row that contradicts the variables' bounds all alone; empty if there is none. The solver sees
    /// such rows before it has a basis, and then has no ray.
    private static func rayOfOneRow(_ model: MathematicalProgram) -> [Double] {
        for (index, row) in model.rows.enumerated() {
            var least = 0.0
            var greatest = 0.0
            for term in row {
                let lower = term.coefficient * model.variableLowerBounds[term.variable.index]
                let upper = term.coefficient * model.variableUpperBounds[term.variable.index]
                least += min(lower, upper)
                greatest += max(lower, upper)
            }
            if greatest < model.constraintLowerBounds[index] || least > model.constraintUpperBounds[index] {
                var ray = [Double](repeating: 0, count: model.constraintCount)
                ray[index] = 1
                return ray
            }
        }
        return []
    }

    private func primalRay(_ model: MathematicalProgram) -> [Double] {
        var has: Int32 = 0
        var ray = [Double](repeating: 0, count: model.variableCount)
        let status = Highs_getPrimalRay(pointer, &has, &ray)
        return status != kHighsStatusError && has != 0 ? ray : []
    }

    private func ranging(_ model: MathematicalProgram) -> Ranging? {
        let columns = model.variableCount
        let rows = model.constraintCount
        var costUp = RangingSide(columns)
        var costDown = RangingSide(columns)
        var boundUp = RangingSide(columns)
        var boundDown = RangingSide(columns)
        var rowUp = RangingSide(rows)
        var rowDown = RangingSide(rows)
        let status = Highs_getRanging(
            pointer, &costUp.value, &costUp.objective, nil, nil, &costDown.value, &costDown.objective, nil, nil,
            &boundUp.value, &boundUp.objective, nil, nil, &boundDown.value, &boundDown.objective, nil, nil,
            &rowUp.value, &rowUp.objective, nil, nil, &rowDown.value, &rowDown.objective, nil, nil)
        guard status != kHighsStatusError else { return nil }
        return Ranging(
            costs: RangingSide.join(costDown, costUp), variableBounds: RangingSide.join(boundDown, boundUp),
            constraintBounds: RangingSide.join(rowDown, rowUp))
    }
}

/// One end of a family of intervals.
private struct RangingSide {
    var value: [Double]
    var objective: [Double]

    init(_ count: Int) {
        value = [Double](repeating: 0, count: count)
        objective = value
    }

    static func join(_ lower: RangingSide, _ upper: RangingSide) -> [RangingInterval] {
        lower.value.indices.map { index in
            RangingInterval(
                lower: lower.value[index], upper: upper.value[index], objectiveAtLower: lower.objective[index],
                objectiveAtUpper: upper.objective[index])
        }
    }
}
