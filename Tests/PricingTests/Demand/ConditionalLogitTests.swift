import LinearAlgebra
import Pricing
import Recommendation
import TestSupport
import Testing

@Suite struct ConditionalLogitTests {
    /// Choices of a logit with normal variables, the outside option among them.
    static func choices(
        _ situations: Int, _ truth: [Double], seed: UInt64, sizes: ClosedRange<Int> = 2...6
    ) throws -> ChoiceData {
        var random = SyntheticRandom(seed: seed)
        var columns = [[Double]](repeating: [], count: truth.count)
        var (counts, chosen): ([Int], [Int?]) = ([], [])
        for _ in 0..<situations {
            let size = Int.random(in: sizes, using: &random)
            var best: (place: Int?, utility: Double) = (nil, random.gumbel())
            for place in 0..<size {
                let row = truth.map { _ in random.normal() }
                for (column, value) in row.enumerated() { columns[column].append(value) }
                let utility = zip(truth, row).reduce(random.gumbel()) { $0 + $1.0 * $1.1 }
                if utility > best.utility { best = (place, utility) }
            }
            counts.append(size)
            chosen.append(best.place)
        }
        return try ChoiceData(
            variables: truth.indices.map { "x\($0)" }, columns: columns, sizes: counts, chosen: chosen,
            groupings: ["each": Array(0..<situations), "ten": (0..<situations).map { $0 % 10 }])
    }

    @Test func derivativesAreThoseOfTheLikelihood() throws {
        let data = try Self.choices(300, [1, -0.5, 0.25], seed: 3)
        for outside in [true, false] {
            let kept = try data.filtered { outside || data.chosen[$0] >= 0 }
            let softmax = try GroupedSoftmax(
                columns: (0..<3).map { .values(try kept.values(of: "x\($0)")) }, shifts: [0.5, 0, -1],
                scales: [2, 1, 0.5],
                starts: kept.starts, chosen: kept.chosen, hasOutside: outside)
            let b = [0.3, -0.2, 0.1]
            let point = try softmax.moments(at: b)
            let scores = try softmax.scores(at: b)
            for i in 0..<3 {
                var (above, below) = (b, b)
                (above[i], below[i]) = (b[i] + 1e-5, b[i] - 1e-5)
                let (up, down) = (try softmax.moments(at: above), try softmax.moments(at: below))
                #expect(abs((up.logLikelihood - down.logLikelihood) / 2e-5 - point.gradient[i]) < 1e-5)
                let total = (0..<kept.situations).reduce(0) { $0 + scores[$1, i] }
                #expect(abs(total - point.gradient[i]) < 1e-9)
                for j in 0..<3 {
                    #expect(abs((down.gradient[j] - up.gradient[j]) / 2e-5 - point.information[i, j]) < 1e-5)
                }
            }
            let probabilities = try softmax.probabilities(at: b)
            for situation in 0..<kept.situations {
                let sum = probabilities.rows[kept.starts[situation]..<kept.starts[situation + 1]].reduce(0, +)
                #expect(abs(sum + probabilities.outside[situation] - 1) < 1e-12)
            }
        }
    }

    @Test func shapesThatDoNotFitAreRefused() throws {
        func made(_ values: [Double], _ starts: [Int], _ chosen: [Int], outside: Bool = true) -> Bool {
            (try? GroupedSoftmax(columns: [.values(values)], starts: starts, chosen: chosen, hasOutside: outside))
                != nil
        }
        #expect(made([1, 2, 3], [0, 2, 3], [1, -1]))
        #expect(!made([1, 2, 3], [0, 2, 3], [1, -1], outside: false))
        #expect(!made([1, 2], [0, 2, 3], [1, 2]))
        #expect(!made([1, 2, 3], [0, 3, 2], [1, 2]))
        #expect(!made([1, 2, 3], [1, 2, 3], [1, 2]))
        #expect(!made([1, 2, 3], [0, 2, 3], [2, 2]))
        #expect(!made([1, 2, 3], [0, 2, 3], [1]))
        #expect(!made([], [], []))
        let choices = try GroupedSoftmax(columns: [.ones], starts: [0, 2], chosen: [0], hasOutside: true)
        #expect(throws: LinearAlgebraError.self) { try choices.moments(at: [1, 2]) }
        #expect(throws: LinearAlgebraError.self) { try choices.replacing(column: 1, by: [1, 2]) }
        #expect(throws: LinearAlgebraError.self) { try choices.weighted([-1]) }
    }

    @Test func threadsDoNotChangeABit() throws {
        let data = try Self.choices(25_000, [0.5, -1], seed: 4, sizes: 1...3)
        let fits = try [1, 2, 5].map {
            try ConditionalLogit.fit(
                data, variables: [ChoiceData.constant, "x0", "x1"], outside: true, cluster: "ten", threads: $0)
        }
        #expect(fits[0] == fits[1])
        #expect(fits[0] == fits[2])
        // The start from a sample of the choices ends at the same maximum.
        #expect(abs(fits[0].coefficients[2] + 1) < 0.03)
        let errors = try #require(fits[0].standardErrors())
        let robust = try #require(fits[0].standardErrors(.robust))
        for (classical, robust) in zip(errors, robust) { #expect(abs(robust / classical - 1) < 0.1) }
    }

    @Test func weightsAreRepetitions() throws {
        let data = try Self.choices(50, [1], seed: 6)
        let columns: [GroupedSoftmax.Column] = [.values(try data.values(of: "x0"))]
        let once = try GroupedSoftmax(columns: columns, starts: data.starts, chosen: data.chosen, hasOutside: true)
        let twice = try once.weighted([Double](repeating: 2, count: 50)).moments(at: [0.4])
        let single = try once.moments(at: [0.4])
        #expect(abs(twice.logLikelihood - 2 * single.logLikelihood) < 1e-9)
        #expect(abs(twice.gradient[0] - 2 * single.gradient[0]) < 1e-9)
        #expect(abs(twice.information[0, 0] - 2 * single.information[0, 0]) < 1e-9)
        #expect(throws: LinearAlgebraError.self) { try once.weighted([1]) }
    }

    @Test func clustersOfOneAreTheSandwichTimesItsFactor() throws {
        let data = try Self.choices(400, [1, -1], seed: 5)
        let fit = try ConditionalLogit.fit(data, variables: ["x0", "x1"], outside: true, cluster: "each")
        let (robust, clustered) = (try #require(fit.robustCovariance), try #require(fit.clusteredCovariance))
        for i in 0..<2 {
            for j in 0..<2 { #expect(abs(clustered[i, j] - robust[i, j] * 400 / 399) < 1e-12) }
        }
    }

    @Test func drawsSpreadAsTheSandwich() throws {
        let data = try Self.choices(600, [1, -1], seed: 12)
        let fit = try ConditionalLogit.fit(data, variables: ["x0", "x1"], outside: true)
        let drawn = try ConditionalLogit.bootstrap(fit, data, clusters: ["each"], draws: 200)
        let (robust, bootstrap) = (
            try #require(fit.standardErrors(.robust)), try #require(drawn.standardErrors(.bootstrap))
        )
        for (one, two) in zip(robust, bootstrap) { #expect(abs(two / one - 1) < 0.2) }
        #expect(try #require(drawn.drawInterval(of: "x0")).contains(fit.coefficients[0]))
        #expect(throws: PricingError.self) { try ConditionalLogit.bootstrap(fit, data, clusters: []) }
        #expect(throws: PricingError.self) { try ConditionalLogit.bootstrap(fit, data, clusters: ["each"], draws: 0) }
    }

    @Test(arguments: [1e-200, 1e-300])
    func numbersWithoutASquareAreRefused(_ unit: Double) throws {
        let data = try Self.choices(100, [-1], seed: 13)
        let tiny = try data.adding("x0", data.values(of: "x0").map { $0 * unit })
        #expect(throws: PricingError.self) { try ConditionalLogit.fit(tiny, variables: ["x0"], outside: true) }
    }

    @Test(arguments: [1e-9, 1, 1e9])
    func unitsOfAPriceScaleItsCoefficientAlone(_ unit: Double) throws {
        let data = try Self.choices(2000, [-1, 0.5], seed: 7)
        let scaled = try data.adding("x0", data.values(of: "x0").map { (5 + $0) * unit })
        let names = [ChoiceData.constant, "x0", "x1"]
        let (plain, other) = (
            try ConditionalLogit.fit(data, variables: names, outside: true),
            try ConditionalLogit.fit(scaled, variables: names, outside: true)
        )
        #expect(abs(plain.logLikelihood - other.logLikelihood) < 1e-8)
        #expect(abs(other.coefficients[1] * unit / plain.coefficients[1] - 1) < 1e-8)
        #expect(abs(other.coefficients[0] - (plain.coefficients[0] - 5 * plain.coefficients[1])) < 1e-7)
        let (one, two) = (try #require(plain.standardErrors()), try #require(other.standardErrors()))
        #expect(abs(two[1] * unit / one[1] - 1) < 1e-8)
    }

    @Test func collinearVariablesAreNamed() throws {
        let data = try Self.choices(200, [1, -1], seed: 8)
        let (x0, x1) = (try data.values(of: "x0"), try data.values(of: "x1"))
        let sum = try data.adding("sum", zip(x0, x1).map { $0 + 2 * $1 }).adding("flat", x0.map { _ in 3 })
        #expect(throws: PricingError.self) {
            try ConditionalLogit.fit(sum, variables: ["x0", "x1", "sum"], outside: true)
        }
        #expect(
            Self.names { try ConditionalLogit.fit(sum, variables: ["x0", "x1", "sum"], outside: true) }
                == ["x0", "x1", "sum"])
        #expect(
            Self.names { try ConditionalLogit.fit(sum, variables: [ChoiceData.constant, "flat"], outside: true) }
                == ["flat"])
        let inside = try sum.filtered { sum.chosen[$0] >= 0 }
        #expect(Self.names { try ConditionalLogit.fit(inside, variables: ["x0", "flat"], outside: false) } == ["flat"])
        let ridge = try ConditionalLogit.fit(sum, variables: ["x0", "x1", "sum"], outside: true, ridge: 1)
        #expect(ridge.coefficients.allSatisfy { $0.isFinite })
    }

    @Test(arguments: [true, false])
    func separationIsNamed(_ isComplete: Bool) throws {
        let data = try Self.choices(200, [0.5, -0.5], seed: 9)
        let inside = try data.filtered { data.chosen[$0] >= 0 }
        var chosen = [Bool](repeating: false, count: inside.rows)
        for row in inside.chosen { chosen[row] = true }
        // Of a row that marks the chosen ones always, or only ever them.
        let mark = chosen.indices.map { chosen[$0] && (isComplete || $0 % 3 == 0) ? 1.0 : 0 }
        let marked = try inside.adding("mark", mark)
        #expect(
            Self.names { try ConditionalLogit.fit(marked, variables: ["x0", "mark", "x1"], outside: false) }
                .contains("mark"))
        let ridge = try ConditionalLogit.fit(marked, variables: ["x0", "mark", "x1"], outside: false, ridge: 1)
        #expect(ridge.coefficients.allSatisfy { $0.isFinite && abs($0) < 20 })
    }

    /// The variables that an error names.
    static func names(_ body: () throws -> LogitFit) -> [String] {
        do { _ = try body() } catch PricingError.collinear(let names) {
            return names
        } catch PricingError.separated(let names) { return names } catch {}
        return []
    }

    @Test func badSettingsAreRefused() throws {
        let data = try Self.choices(50, [1], seed: 10)
        #expect(throws: PricingError.self) { try ConditionalLogit.fit(data, variables: [], outside: true) }
        #expect(throws: PricingError.self) { try ConditionalLogit.fit(data, variables: ["x0", "x0"], outside: true) }
        #expect(throws: PricingError.self) { try ConditionalLogit.fit(data, variables: ["y"], outside: true) }
        #expect(throws: PricingError.self) { try ConditionalLogit.fit(data, variables: ["x0"], outside: false) }
        for ridge in [-1, Double.nan, .infinity] {
            #expect(throws: PricingError.self) {
                try ConditionalLogit.fit(data, variables: ["x0"], outside: true, ridge: ridge)
            }
        }
        #expect(throws: PricingError.self) {
            try ConditionalLogit.fit(data, variables: ["x0"], outside: true, cluster: "week")
        }
        #expect("\(PricingError.unknownVariable("prise", known: ["price"]))".contains("price"))
    }
}
