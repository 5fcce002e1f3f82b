import MathematicalProgramming
import TestSupport

/// Whether two numbers agree to a relative and absolute tolerance.
func agree(_ left: Double?, _ right: Double, _ tolerance: Double = 1e-7) -> Bool {
    guard let left else { return false }
    return left == right || abs(left - right) <= tolerance * (1 + abs(right))
}

/// Whether two arrays agree element by element.
func agree(_ left: [Double], _ right: [Double], _ tolerance: Double = 1e-7) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { agree($0, $1, tolerance) }
}

/// The Wyndor Glass problem of Hillier and Lieberman: maximize 3x + 5y, x ≤ 4, 2y ≤ 12, 3x + 2y ≤ 18.
func wyndor() -> MathematicalProgram {
    var model = MathematicalProgram(name: "wyndor", sense: .maximize)
    let doors = model.addVariable("doors", cost: 3)
    let windows = model.addVariable("windows", cost: 5)
    model.add(doors <= 4, name: "plant 1")
    model.add(2 * windows <= 12, name: "plant 2")
    model.add(3 * doors + 2 * windows <= 18, name: "plant 3")
    return model
}

/// A knapsack of binaries that takes branch and bound some work: weights and values are correlated.
func hardKnapsack(items: Int, seed: UInt64) -> MathematicalProgram {
    var generator = SeededGenerator(seed: seed)
    var model = MathematicalProgram(sense: .maximize)
    let variables = (0..<items).map { model.addBinary("item\($0)") }
    for row in 0..<4 {
        let weights = (0..<items).map { _ in Double(Int.random(in: 10...1000, using: &generator)) }
        model.addConstraint(
            "row\(row)", upper: weights.reduce(0, +) / 2, terms: zip(variables, weights).map { Term($0, $1) })
    }
    for variable in variables {
        let column = model.rows.reduce(0.0) { sum, row in
            sum + (row.first { $0.variable == variable }?.coefficient ?? 0)
        }
        let value = column / 4 + Double(Int.random(in: 0...100, using: &generator))
        try? model.setCost(value, of: variable)
    }
    return model
}
