import LinearAlgebra

extension InteractionMatrix {
    /// confidence × preference of entry `k`.
    func value(_ k: Int) -> Float { (confidences?[k] ?? 1) * (preferences?[k] ?? 1) }

    /// confidence × preference of every entry: the rows that linear models work on. O(entries).
    /// - Throws: `invalidInteractions` for a product beyond 10¹⁵, with which scores would overflow.
    func sparse() throws(RecommendationError) -> SparseMatrix {
        if let huge = (0..<count).lazy.map({ value($0) }).first(where: { !(abs($0) <= 1e15) }) {
            throw .invalidInteractions(
                reason: "confidence × preference is \(huge); beyond 1e15 no score is finite; lower the weights")
        }
        return try numerical { () throws(LinearAlgebraError) in
            try SparseMatrix(
                rows: userCount, columns: itemCount, rowStarts: rowStarts, columnIndices: items,
                values: (0..<count).map { value($0) })
        }
    }
}

extension SparseMatrix {
    /// Refuses rows to fold in that are not over the model's items.
    func check(items: Int) throws(RecommendationError) {
        guard columns == items else {
            throw .shapeMismatch(what: "interactions to fold in", expected: "\(items) items", found: "\(columns)")
        }
    }

    /// The inner product of two rows whose columns ascend, in Double. O(entries of both).
    func rowProduct(_ one: Int, _ other: Int) -> Double {
        var (k, l) = (rowStarts[one], rowStarts[other])
        let (end, otherEnd) = (rowStarts[one + 1], rowStarts[other + 1])
        var sum = 0.0
        while k < end, l < otherEnd {
            let (left, right) = (columnIndices[k], columnIndices[l])
            if left == right { sum += Double(values[k]) * Double(values[l]) }
            k += left <= right ? 1 : 0
            l += right <= left ? 1 : 0
        }
        return sum
    }

    /// The rows as tensors `<name>_starts`, `<name>_items`, `<name>_values`.
    func tensors(_ name: String) -> [NamedTensor] {
        [
            NamedTensor(name + "_starts", rowStarts.map { Int64($0) }), NamedTensor(name + "_items", columnIndices),
            NamedTensor(name + "_values", values)
        ]
    }
}

extension TensorFile {
    /// The matrix that `SparseMatrix.tensors` wrote, with `columns` columns and, where they are known, `rows` rows.
    /// - Throws: `malformedTensors`, `shapeMismatch`, `nonFinite`, `numerical`.
    func sparse(_ name: String, rows: Int? = nil, columns: Int) throws(RecommendationError) -> SparseMatrix {
        let starts = try integers(name + "_starts", as: Int64.self).map { Int($0) }
        if let rows, rows != starts.count - 1 {
            throw .shapeMismatch(what: name, expected: "\(rows) rows", found: "\(starts.count - 1)")
        }
        let (items, values) = (try integers(name + "_items", as: Int32.self), try vector(name + "_values"))
        return try numerical { () throws(LinearAlgebraError) in
            try SparseMatrix(
                rows: starts.count - 1, columns: columns, rowStarts: starts, columnIndices: items, values: values)
        }
    }
}
