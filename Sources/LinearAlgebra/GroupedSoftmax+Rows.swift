extension GroupedSoftmax {
    /// The probability of each row, and of each group's outside option (0 without one). O(rows · k).
    /// - Throws: `dimensionMismatch` unless `b` has k numbers.
    public func probabilities(
        at b: [Double], threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) -> (rows: [Double], outside: [Double]) {
        let parts = try mapBlocks(b, threads: threads) { block, _, u in
            var outside: [Double] = []
            let first = starts[block.lowerBound]
            for group in block { outside.append(probabilities(starts[group] - first..<starts[group + 1] - first, u).1) }
            let rows = Array(UnsafeBufferPointer(start: u, count: starts[block.upperBound] - first))
            return (rows, outside)
        }
        var (rows, outside): ([Double], [Double]) = ([], [])
        rows.reserveCapacity(self.rows)
        for part in parts {
            rows += part.0
            outside += part.1
        }
        return (rows, outside)
    }

    /// The score of each group, weight · (x_chosen − x̄), groups × k: ∇ℓ is their sum. O(rows · k).
    /// - Throws: `dimensionMismatch` unless `b` has k numbers.
    public func scores(
        at b: [Double], threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) -> Matrix<Double> {
        let k = columns.count
        let parts = try mapBlocks(b, threads: threads) { block, x, u in
            var scores = [Double](repeating: 0, count: block.count * k)
            let first = starts[block.lowerBound]
            for (offset, group) in block.enumerated() {
                let range = starts[group] - first..<starts[group + 1] - first
                _ = probabilities(range, u)
                let chosen = self.chosen[group] - first
                let weight = weights?[group] ?? 1
                for row in range {
                    let difference = weight * ((row == chosen ? 1 : 0) - u[row])
                    for i in 0..<k { scores[offset * k + i] += difference * x[row * k + i] }
                }
            }
            return scores
        }
        return try Matrix(rows: groups, columns: k, elements: parts.flatMap(\.self))
    }

    /// The least and the largest dᵀ(x_chosen − x) over all other rows and outside options of all groups.
    ///
    /// If the least is not negative and the largest is positive, the likelihood never falls along d: the choices are
    /// separated and have no estimate (Albert and Anderson, 1984). O(rows · k).
    /// - Throws: `dimensionMismatch` unless `d` has k numbers.
    public func margins(
        along d: [Double], threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) -> ClosedRange<Double> {
        let parts = try mapBlocks(d, threads: threads) { block, _, u in
            var (least, largest) = (0.0, 0.0)
            let first = starts[block.lowerBound]
            for group in block where weights?[group] != 0 {
                let chosen = self.chosen[group] < 0 ? 0 : u[self.chosen[group] - first]
                for row in starts[group] - first..<starts[group + 1] - first {
                    least = min(least, chosen - u[row])
                    largest = max(largest, chosen - u[row])
                }
                if hasOutside { (least, largest) = (min(least, chosen), max(largest, chosen)) }
            }
            return least...largest
        }
        return parts.reduce(0...0) { min($0.lowerBound, $1.lowerBound)...max($0.upperBound, $1.upperBound) }
    }

    /// Calls `body` with each block of groups, its standardized rows and their utilities at `b`; results in order.
    private func mapBlocks<Result: Sendable>(
        _ b: [Double], threads: Int,
        _ body: @Sendable (Range<Int>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Result
    ) throws(LinearAlgebraError) -> [Result] {
        let k = columns.count
        guard b.count == k else {
            throw .dimensionMismatch(operation: "GroupedSoftmax", expected: "\(k) coefficients", found: "\(b.count)")
        }
        return mapChunks(threads: threads) { chunk, pointers in
            let blocks = blocks(of: chunk)
            let largest = blocks.map { starts[$0.upperBound] - starts[$0.lowerBound] }.max() ?? 0
            var rows = [Double](repeating: 0, count: largest * k)
            var utilities = [Double](repeating: 0, count: largest)
            return rows.withUnsafeMutableBufferPointer { rows in
                utilities.withUnsafeMutableBufferPointer { utilities in
                    b.withUnsafeBufferPointer { b in
                        blocks.compactMap { block -> Result? in
                            guard let x = rows.baseAddress, let u = utilities.baseAddress, let b = b.baseAddress
                            else { return nil }
                            let range = starts[block.lowerBound]..<starts[block.upperBound]
                            unpack(range, pointers, into: x)
                            Double.gemv(.none, range.count, k, 1, x, k, b, 0, u)
                            return body(block, x, u)
                        }
                    }
                }
            }
        }.flatMap(\.self)
    }
}
