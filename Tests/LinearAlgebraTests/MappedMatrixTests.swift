import LinearAlgebra
import Testing

@Suite("Matrices over memory of others")
struct MappedMatrixTests {
    /// Owns numbers outside of any matrix.
    private final class Owner: Sendable {
        nonisolated(unsafe) let numbers: UnsafeMutableBufferPointer<Float>
        init(_ values: [Float]) {
            numbers = .allocate(capacity: values.count)
            _ = numbers.initialize(from: values)
        }
        deinit { numbers.deallocate() }
    }

    private func mapped(_ rows: Int, _ columns: Int) throws -> (matrix: Matrix<Float>, copy: Matrix<Float>) {
        let copy = Matrix<Float>(rows: rows, columns: columns) { Float(10 * $0 + $1) }
        let owner = Owner(copy.elements)
        return (
            try Matrix(rows: rows, columns: columns, mapped: UnsafeBufferPointer(owner.numbers), owner: owner), copy
        )
    }

    @Test("Reads as a copy does")
    func reading() throws {
        let (matrix, copy) = try mapped(4, 3)
        #expect(matrix.isMapped)
        #expect(!copy.isMapped)
        #expect(matrix == copy)
        #expect(copy == matrix)
        #expect(matrix.elements == copy.elements)
        #expect(Array(matrix.row(2)) == [20, 21, 22])
        #expect(matrix[3, 1] == 31)
        #expect(matrix.transposed() == copy.transposed())
        #expect(matrix.frobeniusNorm == copy.frobeniusNorm)
        #expect(try matrix.gatheringRows([3, 0]) == copy.gatheringRows([3, 0]))
        #expect(
            try Matrix.product(matrix, matrix, transposeB: .transposed).elements
                == Matrix.product(
                    copy, copy, transposeB: .transposed
                ).elements)
        #expect(matrix.gram() == copy.gram())
    }

    @Test("Writing copies and leaves the memory alone")
    func writing() throws {
        let (matrix, copy) = try mapped(2, 2)
        var changed = matrix
        changed[1, 0] = 7
        #expect(!changed.isMapped)
        #expect(Array(changed.row(1)) == [7, 11])
        #expect(matrix == copy)
        var replaced = matrix
        try replaced.replaceRow(0, with: [5, 6])
        #expect(replaced.elements == [5, 6, 10, 11])
        #expect(matrix == copy)
    }

    @Test("A shape that the memory does not have is refused")
    func shapes() throws {
        let owner = Owner([1, 2, 3])
        for (rows, columns) in [(2, 2), (-1, -3), (1, 2), (Int.max, 2)] {
            #expect(throws: LinearAlgebraError.self) {
                try Matrix(rows: rows, columns: columns, mapped: UnsafeBufferPointer(owner.numbers), owner: owner)
            }
        }
    }
}
