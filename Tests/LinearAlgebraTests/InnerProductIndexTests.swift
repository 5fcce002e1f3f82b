import LinearAlgebra
import TestSupport
import Testing

@Suite("Exact search by inner product")
struct InnerProductIndexTests {
    /// Small whole numbers: every sum is exact in Float and many scores are equal.
    private static func wholeNumbers(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Float> {
        var random = SeededGenerator(seed: seed)
        return Matrix(rows: rows, columns: columns) { _, _ in Float(random.int(-2...2)) }
    }

    /// Numbers over several magnitudes.
    private static func numbers(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Float> {
        var random = SeededGenerator(seed: seed)
        return Matrix(rows: rows, columns: columns) { row, _ in
            Float.random(in: -1...1, using: &random) * (row % 5 == 0 ? 1 : 0.01)
        }
    }

    /// The definition: all scores in Double, sorted, ties by row.
    private static func sorted(
        _ rows: Matrix<Float>, _ query: ArraySlice<Float>, _ count: Int, _ admits: (Int) -> Bool = { _ in true }
    ) -> [(row: Int, score: Double)] {
        var scored: [(row: Int, score: Double)] = []
        for row in 0..<rows.rows where admits(row) {
            var score = 0.0
            for (y, x) in zip(rows.row(row), query) { score += Double(x) * Double(y) }
            scored.append((row, score))
        }
        scored.sort { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }
        return Array(scored.prefix(max(0, count)))
    }

    @Test(
        "One query and many, screened and not, on any threads, are the full sort, ties by row",
        arguments: [1, 3, 8, 33, 64], [1, 4, 7, 530, 5001])
    func equalsFullSort(width: Int, count: Int) throws {
        let rows = Self.wholeNumbers(count, width, seed: UInt64(width * count))
        let queries = Self.wholeNumbers(5, width, seed: 3)
        for k in [0, 1, 20, count + 9] {
            let expected = (0..<5).map { Self.sorted(rows, queries.row($0), k) }
            for screens in [false, true] {
                let index = try InnerProductIndex(rows, screens: screens)
                for threads in [1, 3] {
                    let batch = try index.search(queries, count: k, threads: threads)
                    for (number, expected) in expected.enumerated() {
                        let found = try index.search(Array(queries.row(number)), count: k, threads: threads)
                        #expect(found.rows.map { Int($0) } == expected.map(\.row))
                        #expect(found.scores.map { Double($0) } == expected.map(\.score))
                        #expect(batch[number] == found)
                    }
                }
            }
        }
    }

    @Test("Where scores differ in their last bits only, all ways give the same bits", arguments: [5, 64, 100])
    func sameBits(width: Int) throws {
        let rows = Self.numbers(9000, width, seed: 11)
        let queries = Self.numbers(300, width, seed: 12)
        let plain = try InnerProductIndex(rows, screens: false)
        let screened = try InnerProductIndex(rows, screens: true)
        let batch = try screened.search(queries, count: 30, threads: 2)
        #expect(try plain.search(queries, count: 30, threads: 1) == batch)
        for number in stride(from: 0, to: 300, by: 23) {
            let query = Array(queries.row(number))
            let found = try plain.search(query, count: 30, threads: 1)
            #expect(found == batch[number])
            #expect(try screened.search(query, count: 30, threads: 2) == found)
            let expected = Self.sorted(rows, query[...], 30)
            for (score, expected) in zip(found.scores, expected) {
                #expect(abs(Double(score) - expected.score) <= 1e-5 * Double(width))
            }
            #expect(found.scores == found.scores.sorted(by: >))
            #expect(Set(found.rows).count == 30)
        }
    }

    @Test("Filters keep what is allowed and not denied", arguments: [false, true])
    func filters(screens: Bool) throws {
        let rows = Self.wholeNumbers(3000, 16, seed: 5)
        let queries = Self.wholeNumbers(4, 16, seed: 6)
        let index = try InnerProductIndex(rows, screens: screens)
        let best = try index.search(Array(queries.row(0)), count: 50).rows
        let filters = [
            ItemFilter(denied: best), ItemFilter(allowed: [7, 7, 2999, -1, 3000, 12, 40]),
            ItemFilter(allowed: (0..<3000).filter { $0 % 2 == 0 }, denied: (0..<3000).filter { $0 % 6 == 0 }),
            ItemFilter(denied: Array(0..<3000))
        ]
        let batch = try index.search(queries, count: 20, filters: filters)
        for (number, filter) in filters.enumerated() {
            let expected = Self.sorted(rows, queries.row(number), 20) { row in
                filter.allowed?.contains(Int32(row)) != false && !filter.denied.contains(Int32(row))
            }
            let found = try index.search(Array(queries.row(number)), count: 20, filter: filter)
            #expect(found.rows.map { Int($0) } == expected.map(\.row))
            #expect(batch[number] == found)
        }
        #expect(batch[3].rows.isEmpty)
    }

    @Test("Zero queries, zero rows, no rows, no columns: ties by row, or nothing", arguments: [false, true])
    func degenerate(screens: Bool) throws {
        let zero = try InnerProductIndex(Matrix<Float>(rows: 5, columns: 3), screens: screens)
        #expect(try zero.search([1, 2, 3], count: 2).rows == [0, 1])
        let rows = try InnerProductIndex(Self.wholeNumbers(2000, 3, seed: 1), screens: screens)
        #expect(try rows.search([0, 0, 0], count: 3).rows == [0, 1, 2])
        #expect(try rows.search(Matrix<Float>(rows: 2, columns: 3), count: 3).map(\.rows) == [[0, 1, 2], [0, 1, 2]])
        #expect(try rows.search([1, 1, 1], count: -4).rows.isEmpty)
        #expect(try rows.search(Matrix<Float>(rows: 0, columns: 3), count: 3).isEmpty)
        let none = try InnerProductIndex(Matrix<Float>(rows: 0, columns: 3), screens: screens)
        #expect(try none.search([1, 2, 3], count: 4).rows.isEmpty)
        #expect(try none.search(Matrix<Float>(rows: 2, columns: 3), count: 3).map(\.rows) == [[], []])
        let narrow = try InnerProductIndex(Matrix<Float>(rows: 3, columns: 0), screens: screens)
        #expect(try narrow.search([], count: 2).rows == [0, 1])
    }

    @Test("Magnitudes at the ends of Float do not hide a row", arguments: [Float(1e-30), 1e-20, 1e18, 3e37])
    func magnitudes(scale: Float) throws {
        var rows = Self.wholeNumbers(600, 8, seed: 9)
        for row in 0..<600 { for j in 0..<8 { rows[row, j] *= scale / 2 } }
        rows[301, 4] = scale
        let queries = Self.wholeNumbers(3, 8, seed: 10)
        let plain = try InnerProductIndex(rows, screens: false)
        let screened = try InnerProductIndex(rows, screens: true)
        let batch = try screened.search(queries, count: 10)
        for number in 0..<3 {
            let found = try plain.search(Array(queries.row(number)), count: 10)
            #expect(try screened.search(Array(queries.row(number)), count: 10) == found)
            #expect(batch[number] == found)
        }
    }

    @Test("NaN, infinity and wrong widths are refused")
    func refusals() throws {
        let index = try InnerProductIndex(Self.wholeNumbers(10, 4, seed: 1))
        #expect(throws: LinearAlgebraError.nonFinite(argument: "query", index: 1)) {
            try index.search([1, .nan, 0, 0], count: 1)
        }
        #expect(throws: LinearAlgebraError.self) { try index.search([.infinity, 1, 0, 0], count: 1) }
        #expect(throws: LinearAlgebraError.self) { try index.search([1, 2, 3], count: 1) }
        #expect(throws: LinearAlgebraError.self) {
            try index.search(Matrix<Float>(rows: 1, columns: 4, repeating: .nan), count: 1)
        }
        #expect(throws: LinearAlgebraError.self) {
            try index.search(Matrix<Float>(rows: 2, columns: 4), count: 1, filters: [.none])
        }
        var bad = Self.wholeNumbers(10, 4, seed: 1)
        bad[7, 2] = .nan
        #expect(throws: LinearAlgebraError.nonFinite(argument: "the rows", index: 30)) { try InnerProductIndex(bad) }
    }

    @Test("A selector keeps the best in order, ties by index, and no NaN")
    func selector() {
        var selector = TopKSelector(count: 3)
        let scores: [Float] = [1, .nan, 3, -.infinity, 3, 2, .nan, 0, 1, 1, 1, 1, 1, 1, 1, 3, 2, 4, 3]
        selector.insert(row: 0, of: Matrix(rows: 1, columns: 19) { scores[$1] }, firstIndex: 100)
        #expect(selector.indices == [117, 102, 104])
        #expect(selector.scores == [4, 3, 3])
    }
}
