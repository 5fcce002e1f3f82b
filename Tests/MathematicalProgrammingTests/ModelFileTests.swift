import Foundation
import MathematicalProgramming
import TestSupport
import Testing

/// Models written and read back.
@Suite struct ModelFileTests {
    private func roundTrip(_ model: MathematicalProgram) throws -> MathematicalProgram {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("model-\(UUID().uuidString)").appendingPathExtension("mps")
        defer { try? FileManager.default.removeItem(at: url) }
        try ModelFile.write(model, to: url)
        return try ModelFile.read(url)
    }

    /// Everything but the names, with rows in order of index.
    private func expectSame(_ left: MathematicalProgram, _ right: MathematicalProgram) {
        #expect(left.sense == right.sense)
        #expect(agree(left.objectiveOffset, right.objectiveOffset, 1e-15))
        #expect(agree(left.objectiveCoefficients, right.objectiveCoefficients, 1e-15))
        #expect(left.variableKinds == right.variableKinds)
        #expect(agree(left.variableLowerBounds, right.variableLowerBounds, 1e-15))
        #expect(agree(left.variableUpperBounds, right.variableUpperBounds, 1e-15))
        #expect(agree(left.constraintLowerBounds, right.constraintLowerBounds, 1e-15))
        #expect(agree(left.constraintUpperBounds, right.constraintUpperBounds, 1e-15))
        #expect(left.rows.count == right.rows.count)
        for (one, other) in zip(left.rows, right.rows) {
            let first = one.sorted { $0.variable.index < $1.variable.index }
            let second = other.sorted { $0.variable.index < $1.variable.index }
            #expect(first.map(\.variable) == second.map(\.variable))
            #expect(agree(first.map(\.coefficient), second.map(\.coefficient), 1e-15))
        }
    }

    private func everything() -> MathematicalProgram {
        var model = MathematicalProgram(name: "all kinds", sense: .maximize, objectiveOffset: 12.5)
        let free = model.addVariable("free", lower: -.infinity, cost: 1 / 3)
        let below = model.addVariable("below", lower: -.infinity, upper: -1, cost: -2)
        let boxed = model.addVariable("boxed", lower: -2, upper: 7.25, cost: 0.1)
        let fixed = model.addVariable("fixed", lower: 3, upper: 3)
        let count = model.addVariable("count", upper: 40, kind: .integer, cost: 4)
        let open = model.addVariable("open count", lower: 2, kind: .integer)
        let binary = model.addBinary("binary", cost: 1)
        let semi = model.addVariable("semi", lower: 1.5, upper: 6, kind: .semiContinuous, cost: 2)
        let semiCount = model.addVariable("semi count", lower: 2, upper: 9, kind: .semiInteger, cost: 1)
        model.addConstraint("range", lower: -3, upper: 8, terms: [Term(free, 1), Term(below, 2), Term(boxed, 1 / 7)])
        model.addConstraint("equal", lower: 4, upper: 4, terms: [Term(fixed, 1), Term(binary, 1), Term(boxed, 1e-3)])
        model.addConstraint("at most", upper: 30, terms: [Term(count, 1), Term(open, 2), Term(semi, 3)])
        model.addVariable("integer free", lower: -.infinity, kind: .integer)
        model.addVariable("integer below", lower: -.infinity, upper: -2, kind: .integer)
        model.addVariable("all or nothing", lower: 4, upper: 4, kind: .semiContinuous, cost: 1)
        model.addVariable("unused")
        model.addConstraint("no bounds", terms: [Term(free, 1), Term(count, 1)])
        model.addConstraint("no terms", upper: 1, terms: [])
        model.addConstraint("objective", upper: 1000, terms: [Term(binary, 1.0 / 3)])
        model.addConstraint("at least", lower: -10, terms: [Term(semiCount, 1), Term(free, -1)])
        return model
    }

    @Test func everyFeatureSurvives() throws {
        let model = everything()
        let copy = try roundTrip(model)
        #expect(copy.variableNames == ModelFile.names(of: model).variables)
        #expect(copy.constraintNames == ModelFile.names(of: model).constraints)
        expectSame(copy, model)
        let expected = try HiGHSSolver().solve(model)
        let found = try HiGHSSolver().solve(copy)
        #expect(expected.status == .optimal)
        #expect(agree(found.objective, try #require(expected.objective), 1e-9))
    }

    @Test func namesBecomeLegalAndUnique() throws {
        var model = MathematicalProgram()
        for name in [
            "", "two words", "two_words", "two words", "$dollar", "x0", "été", "tab\tnew\nline", "RHS", "endata"
        ] {
            model.addVariable(name, upper: 1, cost: 1)
        }
        model.addVariable(String(repeating: "long", count: 200), upper: 1)
        model.addVariable(String(repeating: "long", count: 200), upper: 1)
        for name in ["", "", "row one", "row one"] {
            model.addConstraint(name, upper: 3, terms: [Term(Variable(index: 0), 1), Term(Variable(index: 9), 2)])
        }
        let names = ModelFile.names(of: model)
        #expect(Set(names.variables).count == model.variableCount)
        #expect(names.variables.prefix(2) == ["x0", "two_words"])
        #expect(names.constraints == ["r0", "r1", "row_one", "row_one_3"])
        for name in names.variables + names.constraints {
            #expect(!name.isEmpty && name.utf8.count < 250 && !name.contains(where: \.isWhitespace))
        }
        let copy = try roundTrip(model)
        #expect(copy.variableNames == names.variables)
        #expect(copy.constraintNames == names.constraints)
        expectSame(copy, model)
    }

    @Test(arguments: UInt64(1)...20)
    func randomModelsSurvive(seed: UInt64) throws {
        var generator = SeededGenerator(seed: 5000 + seed)
        let kinds: [VariableKind] = [.continuous, .integer, .semiContinuous, .semiInteger]
        let model = EnumerationTests.randomModel(kinds: kinds, variables: 7, constraints: 5, &generator)
        expectSame(try roundTrip(model), model)
    }

    @Test(
        .enabled(if: SharedData.isPresent("lp"), Comment(rawValue: SharedData.absence)),
        arguments: ["afiro", "25fv47", "flugpl", "egout"])
    func publishedModelsSurvive(name: String) throws {
        let model = try ModelFile.read(SharedData.url("lp/\(name).mps"))
        #expect(model.name == name)
        let copy = try roundTrip(model)
        expectSame(copy, model)
        #expect(copy.variableNames == model.variableNames)
        #expect(copy.constraintNames == model.constraintNames)
    }

    /// A model in the LP format, as a person writes it.
    @Test func theLPFormatIsRead() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("wyndor-\(UUID().uuidString).lp")
        defer { try? FileManager.default.removeItem(at: url) }
        let text =
            "max\n profit: 3 doors + 5 windows\nst\n p1: doors <= 4\n p2: 2 windows <= 12\n"
            + " p3: 3 doors + 2 windows <= 18\nend\n"
        try Data(text.utf8).write(to: url)
        let model = try ModelFile.read(url)
        #expect(model.variableNames == ["doors", "windows"])
        #expect(agree(try HiGHSSolver().solve(model).objective, 36))
    }

    @Test func unusableFilesAreRefused() throws {
        let folder = FileManager.default.temporaryDirectory
        let absent = folder.appendingPathComponent("absent-\(UUID().uuidString).mps")
        #expect(throws: ProgrammingError.unreadableFile(name: absent.lastPathComponent)) { try ModelFile.read(absent) }
        let text = folder.appendingPathComponent("model.txt")
        #expect(throws: ProgrammingError.unknownFormat(name: "model.txt")) { try ModelFile.read(text) }
        #expect(throws: ProgrammingError.unknownFormat(name: "model.txt")) { try ModelFile.write(wyndor(), to: text) }
        let nowhere = absent.appendingPathComponent("model.mps")
        #expect(throws: ProgrammingError.unwritableFile(name: "model.mps")) {
            try ModelFile.write(wyndor(), to: nowhere)
        }
        let broken = folder.appendingPathComponent("broken-\(UUID().uuidString).mps")
        defer { try? FileManager.default.removeItem(at: broken) }
        try Data("ROWS\n N cost\n Q what\nCOLUMNS\n x cost one\nENDATA\n".utf8).write(to: broken)
        #expect(throws: ProgrammingError.unreadableFile(name: broken.lastPathComponent)) {
            try ModelFile.read(broken)
        }
    }
}
