/// A sparse matrix of Float in compressed rows (CSR).
///
/// Row i owns the entries `rowStarts[i]..<rowStarts[i + 1]`. Column indices need not ascend; equal ones add up.
public struct SparseMatrix: Sendable, Equatable {
    /// The number of rows, ≥ 0.
    public let rows: Int
    /// The number of columns, ≥ 0.
    public let columns: Int
    /// rows + 1 offsets into the entries, from 0.
    public let rowStarts: [Int]
    /// The column of each entry.
    public let columnIndices: [Int32]
    /// The value of each entry.
    public let values: [Float]

    /// A matrix over CSR arrays, which are checked. O(entries).
    /// - Throws: `dimensionMismatch`, `nonFinite`.
    public init(
        rows: Int, columns: Int, rowStarts: [Int], columnIndices: [Int32], values: [Float]
    ) throws(LinearAlgebraError) {
        let isMonotone = zip(rowStarts, rowStarts.dropFirst()).allSatisfy { $0 <= $1 }
        guard rows >= 0, columns >= 0, rowStarts.count == rows + 1, rowStarts.first == 0, isMonotone,
            rowStarts.last == columnIndices.count, values.count == columnIndices.count
        else {
            throw .dimensionMismatch(
                operation: "SparseMatrix", expected: "\(rows + 1) ascending row starts from 0 to the number of entries",
                found: "\(rowStarts.count) to \(rowStarts.last ?? 0), \(columnIndices.count) columns, "
                    + "\(values.count) values")
        }
        if let outside = columnIndices.first(where: { $0 < 0 || $0 >= columns }) {
            throw .dimensionMismatch(
                operation: "SparseMatrix", expected: "columns in 0..<\(columns)", found: "\(outside)")
        }
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw .nonFinite(argument: "the sparse matrix", index: index)
        }
        self.rows = rows
        self.columns = columns
        self.rowStarts = rowStarts
        self.columnIndices = columnIndices
        self.values = values
    }

    /// The transpose; within its rows the columns ascend. O(entries), by counting.
    public func transposed() -> SparseMatrix {
        var starts = [Int](repeating: 0, count: columns + 1)
        for column in columnIndices { starts[Int(column) + 1] += 1 }
        for column in 0..<columns { starts[column + 1] += starts[column] }
        var next = starts
        var indices = [Int32](repeating: 0, count: values.count)
        var moved = [Float](repeating: 0, count: values.count)
        for row in 0..<rows {
            for k in rowStarts[row]..<rowStarts[row + 1] {
                let position = next[Int(columnIndices[k])]
                next[Int(columnIndices[k])] += 1
                indices[position] = Int32(truncatingIfNeeded: row)
                moved[position] = values[k]
            }
        }
        return SparseMatrix(
            trustedRows: columns, columns: rows, rowStarts: starts, columnIndices: indices, values: moved)
    }

    /// The matrix whose rows are the rows of this one at `indices`, in that order.
    /// - Throws: `dimensionMismatch` for an index outside `0..<rows`.
    public func gatheringRows(_ indices: [Int]) throws(LinearAlgebraError) -> SparseMatrix {
        if let bad = indices.first(where: { $0 < 0 || $0 >= rows }) {
            throw .dimensionMismatch(operation: "gatheringRows", expected: "indices in 0..<\(rows)", found: "\(bad)")
        }
        var starts = [0]
        var (columns, values) = ([Int32](), [Float]())
        for index in indices {
            let range = rowStarts[index]..<rowStarts[index + 1]
            columns.append(contentsOf: columnIndices[range])
            values.append(contentsOf: self.values[range])
            starts.append(columns.count)
        }
        return SparseMatrix(
            trustedRows: indices.count, columns: self.columns, rowStarts: starts, columnIndices: columns,
            values: values)
    }

    /// The matrix with element (i, j) multiplied by `rowFactors[i] * columnFactors[j]`; nil means 1.
    /// - Throws: `dimensionMismatch`, `nonFinite`.
    public func scaled(
        rows rowFactors: [Float]? = nil, columns columnFactors: [Float]? = nil
    ) throws(LinearAlgebraError) -> SparseMatrix {
        guard rowFactors?.count ?? rows == rows, columnFactors?.count ?? columns == columns else {
            throw .dimensionMismatch(
                operation: "scaled", expected: "\(rows) and \(columns) factors",
                found: "\(rowFactors?.count ?? rows) and \(columnFactors?.count ?? columns)")
        }
        var scaled = values
        for row in 0..<rows {
            for k in rowStarts[row]..<rowStarts[row + 1] {
                scaled[k] *= (rowFactors?[row] ?? 1) * (columnFactors?[Int(columnIndices[k])] ?? 1)
            }
        }
        return try SparseMatrix(
            rows: rows, columns: columns, rowStarts: rowStarts, columnIndices: columnIndices, values: scaled)
    }

    private init(trustedRows: Int, columns: Int, rowStarts: [Int], columnIndices: [Int32], values: [Float]) {
        rows = trustedRows
        self.columns = columns
        self.rowStarts = rowStarts
        self.columnIndices = columnIndices
        self.values = values
    }
}
