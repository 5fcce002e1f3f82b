/// Writes a valid model as free MPS.
///
/// Numbers have as many digits as it takes to read them back exactly. Every bound that readers might guess differently
/// (those of integer variables) is explicit.
struct MPSWriter {
    private let model: MathematicalProgram
    private let names: (variables: [String], constraints: [String])
    private let title: String
    private let objective: String
    private var lines: [String] = []

    init(_ model: MathematicalProgram, names: (variables: [String], constraints: [String]), title: String) {
        self.model = model
        self.names = names
        self.title = title
        let taken = Set(names.constraints)
        var objective = "objective"
        while taken.contains(objective) { objective += "_" }
        self.objective = objective
    }

    /// The whole file.
    mutating func text() -> String {
        lines = ["NAME " + (title.isEmpty ? "model" : title)]
        if model.sense == .maximize { lines += ["OBJSENSE", "    MAX"] }
        writeRows()
        writeColumns()
        writeRightHandSides()
        writeBounds()
        lines.append("ENDATA")
        return lines.joined(separator: "\n") + "\n"
    }

    private mutating func writeRows() {
        lines += ["ROWS", " N  \(objective)"]
        for (index, name) in names.constraints.enumerated() {
            let lower = model.constraintLowerBounds[index]
            let upper = model.constraintUpperBounds[index]
            let type = lower == upper ? "E" : lower.isFinite || !upper.isFinite ? "G" : "L"
            lines.append(" \(type)  \(name)")
        }
    }

    /// The matrix by columns, integer columns between markers.
    private mutating func writeColumns() {
        var columns = [[(row: Int, value: Double)]](repeating: [], count: model.variableCount)
        for (row, terms) in model.rows.enumerated() {
            for term in terms { columns[term.variable.index].append((row, term.coefficient)) }
        }
        lines.append("COLUMNS")
        var isInteger = false
        var markers = 0
        func marker(_ kind: String) -> String { "    MARKER\(markers)  'MARKER'  '\(kind)'" }
        for (index, name) in names.variables.enumerated() {
            if (model.variableKinds[index] == .integer) != isInteger {
                isInteger.toggle()
                lines.append(marker(isInteger ? "INTORG" : "INTEND"))
                markers += 1
            }
            let cost = model.objectiveCoefficients[index]
            // A column without entries must occur all the same.
            if cost != 0 || columns[index].isEmpty { lines.append("    \(name)  \(objective)  \(cost)") }
            for entry in columns[index] { lines.append("    \(name)  \(names.constraints[entry.row])  \(entry.value)") }
        }
        if isInteger { lines.append(marker("INTEND")) }
    }

    /// Right-hand sides, the objective's constant with the opposite sign, and the widths of rows with two bounds.
    private mutating func writeRightHandSides() {
        var ranges: [String] = []
        lines.append("RHS")
        if model.objectiveOffset != 0 { lines.append("    RHS  \(objective)  \(-model.objectiveOffset)") }
        for (index, name) in names.constraints.enumerated() {
            let lower = model.constraintLowerBounds[index]
            let upper = model.constraintUpperBounds[index]
            if !lower.isFinite && !upper.isFinite {
                // A free row: a bound that every reader takes for infinite.
                lines.append("    RHS  \(name)  -1e30")
                continue
            }
            let side = lower.isFinite ? lower : upper
            if side != 0 { lines.append("    RHS  \(name)  \(side)") }
            if lower.isFinite && upper.isFinite && lower != upper {
                ranges.append("    RANGE  \(name)  \(upper - lower)")
            }
        }
        if !ranges.isEmpty { lines += ["RANGES"] + ranges }
    }

    private mutating func writeBounds() {
        lines.append("BOUNDS")
        for (index, name) in names.variables.enumerated() {
            let lower = model.variableLowerBounds[index]
            let upper = model.variableUpperBounds[index]
            switch model.variableKinds[index] {
            case .semiContinuous, .semiInteger:
                let type = model.variableKinds[index] == .semiInteger ? "SI" : "SC"
                if lower != 0 { lines.append(" LO BOUND  \(name)  \(lower)") }
                lines.append(" \(type) BOUND  \(name)  \(upper)")
            case .integer, .continuous:
                let isInteger = model.variableKinds[index] == .integer
                if lower == upper {
                    lines.append(" FX BOUND  \(name)  \(lower)")
                } else if !lower.isFinite && !upper.isFinite {
                    lines.append(" FR BOUND  \(name)")
                } else {
                    if !lower.isFinite { lines.append(" MI BOUND  \(name)") }
                    if lower.isFinite && (lower != 0 || isInteger) { lines.append(" LO BOUND  \(name)  \(lower)") }
                    if upper.isFinite { lines.append(" UP BOUND  \(name)  \(upper)") }
                    if !upper.isFinite && isInteger { lines.append(" PL BOUND  \(name)") }
                }
            }
        }
    }
}
