extension SparseMatrix {
    /// A B for a dense B. O(entries · b.columns). Rows are shared among threads; the same bits at any number of them.
    /// - Throws: `dimensionMismatch`.
    public func multiplied(
        by b: Matrix<Float>, threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) -> Matrix<Float> {
        guard b.rows == columns else {
            throw .dimensionMismatch(operation: "sparse A B", expected: "B with \(columns) rows", found: b.shape)
        }
        var result = Matrix<Float>(rows: rows, columns: b.columns)
        let n = b.columns
        guard rows > 0, n > 0 else { return result }
        b.withUnsafeElements { b in
            result.withUnsafeMutableElements { c in
                guard let source = b.baseAddress, let target = c.baseAddress else { return }
                nonisolated(unsafe) let (b, c) = (source, target)
                ParallelBlocks.forEach(count: rows, blockSize: 64, threads: threads) { _, range in
                    for row in range {
                        let sum = c + row * n
                        for k in rowStarts[row]..<rowStarts[row + 1] {
                            let (value, term) = (values[k], b + Int(columnIndices[k]) * n)
                            for j in 0..<n { sum[j] += value * term[j] }
                        }
                    }
                }
            }
        }
        return result
    }

    /// A B for a sparse B, dense. On one thread. O(Σ over the entries of A of the length of their row of B).
    /// - Throws: `dimensionMismatch`.
    public func multiplied(by b: SparseMatrix) throws(LinearAlgebraError) -> Matrix<Float> {
        guard b.rows == columns else {
            throw .dimensionMismatch(
                operation: "sparse A sparse B", expected: "B with \(columns) rows", found: "\(b.rows) × \(b.columns)")
        }
        var result = Matrix<Float>(rows: rows, columns: b.columns)
        result.withUnsafeMutableElements { c in
            guard let c = c.baseAddress else { return }
            for row in 0..<rows {
                for k in rowStarts[row]..<rowStarts[row + 1] {
                    b.add(row: Int(columnIndices[k]), times: values[k], to: c + row * b.columns)
                }
            }
        }
        return result
    }

    /// X A for a dense X, whose zeros cost nothing. On one thread.
    /// - Throws: `dimensionMismatch`. O(Σ over the non-zeros of X of the length of their row of A).
    public func leftMultiplied(by x: Matrix<Float>) throws(LinearAlgebraError) -> Matrix<Float> {
        guard x.columns == rows else {
            throw .dimensionMismatch(operation: "X sparse A", expected: "X with \(rows) columns", found: x.shape)
        }
        var result = Matrix<Float>(rows: x.rows, columns: columns)
        let count = x.rows
        x.withUnsafeElements { x in
            result.withUnsafeMutableElements { c in
                guard let x = x.baseAddress, let c = c.baseAddress else { return }
                for i in 0..<count {
                    for row in 0..<rows where x[i * rows + row] != 0 {
                        add(row: row, times: x[i * rows + row], to: c + i * columns)
                    }
                }
            }
        }
        return result
    }

    private func add(row: Int, times factor: Float, to sum: UnsafeMutablePointer<Float>) {
        values.withUnsafeBufferPointer { values in
            columnIndices.withUnsafeBufferPointer { indices in
                for k in rowStarts[row]..<rowStarts[row + 1] { sum[Int(indices[k])] += factor * values[k] }
            }
        }
    }

    /// AᵀA in Double, dense. O(Σ n² over rows of n entries + columns²).
    public func gramInDouble() -> Matrix<Double> {
        var gram = Matrix<Double>(rows: columns, columns: columns)
        gram.withUnsafeMutableElements { sum in
            for row in 0..<rows {
                let range = rowStarts[row]..<rowStarts[row + 1]
                for k in range {
                    let (start, value) = (Int(columnIndices[k]) * columns, Double(values[k]))
                    for l in range { sum[start + Int(columnIndices[l])] += value * Double(values[l]) }
                }
            }
        }
        return gram
    }
}
