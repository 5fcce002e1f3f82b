import LinearAlgebra
import TestSupport
import Testing

@Suite("The matrix as a value")
struct MatrixTests {
    @Test("Writing to a copy leaves the original alone")
    func copyOnWrite() {
        let original = Matrix<Float>.identity(3)
        var copy = original
        copy[0, 2] = 5
        copy.withUnsafeMutableRow(1) { $0[0] = 7 }
        #expect(original == Matrix<Float>.identity(3))
        #expect(copy[0, 2] == 5 && copy[1, 0] == 7)
        #expect(Array(copy.row(1)) == [7, 1, 0])
        #expect(copy.withUnsafeRow(0) { $0.count } == 3)
    }

    @Test("The transpose of the transpose is the matrix", arguments: [(0, 4), (1, 9), (40, 33), (64, 32)])
    func transposes(rows: Int, columns: Int) {
        let a = Matrix<Double>(rows: rows, columns: columns) { Double($0 * 1000 + $1) }
        #expect(a.transposed().transposed() == a)
        #expect(a.transposed().rows == columns)
        if rows > 1 { #expect(a.transposed()[0, 1] == a[1, 0]) }
    }

    @Test("Rows are gathered in the order asked for, with repetitions")
    func gathering() throws {
        let a = try Matrix<Double>([[1, 2], [3, 4], [5, 6]])
        #expect(try a.gatheringRows([2, 0, 2]) == Matrix([[5, 6], [1, 2], [5, 6]]))
    }

    @Test("BLAS threads are one inside, nested too, and restored outside")
    func threads() {
        let before = BLASThreads.current
        BLASThreads.single {
            #expect(BLASThreads.current == 1)
            BLASThreads.single { #expect(BLASThreads.current == 1) }
            #expect(BLASThreads.current == 1)
        }
        // Other suites may be inside `single` at the same time: then the number is still one, never another.
        #expect([before, 1].contains(BLASThreads.current) || before == 1)
    }

    @Test("Every index is visited once, in blocks that do not depend on the threads", arguments: [1, 2, 7])
    func blocks(threads: Int) {
        let visits = VisitCounter(1001)
        ParallelBlocks.forEach(count: 1001, blockSize: 64, threads: threads) { block, range in
            visits.visit(range, valid: range.lowerBound == block * 64)
        }
        #expect(visits.isExact)
    }

    @Test("Top k equals a full sort by score, ties to the lower index; NaN and −∞ never enter")
    func topK() {
        var generator = SeededGenerator(seed: 8)
        for k in [0, 1, 5, 40] {
            let scores: [Float] = (0..<200).map { i in
                i % 17 == 0 ? .nan : i % 13 == 0 ? -.infinity : Float(Int.random(in: 0..<9, using: &generator))
            }
            var selector = TopKSelector(count: k)
            // In tiles, as the recommender feeds it.
            for start in stride(from: 0, to: 200, by: 37) {
                let tile = Matrix<Float>(rows: 1, columns: min(37, 200 - start)) { scores[start + $1] }
                selector.insert(row: 0, of: tile, firstIndex: start)
            }
            let valid = scores.indices.filter { scores[$0] > -.infinity }
            let expected = valid.sorted { (-scores[$0], $0) < (-scores[$1], $1) }.prefix(k)
            #expect(selector.indices == expected.map { Int32($0) })
            #expect(selector.scores == expected.map { scores[$0] })
        }
    }
}
