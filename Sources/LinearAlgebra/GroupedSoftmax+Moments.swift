import Foundation

extension GroupedSoftmax {
    /// The log likelihood and its first two derivatives.
    public struct Moments: Sendable {
        /// ℓ = Σ log P(chosen), natural logarithms.
        public var logLikelihood: Double
        /// ∇ℓ = Σ (x_chosen − x̄), k numbers.
        public var gradient: [Double]
        /// −∇²ℓ = Σ Xᵀ(diag p − p pᵀ)X, k × k, positive semidefinite.
        public var information: Matrix<Double>
    }

    /// ℓ, ∇ℓ and −∇²ℓ at `b`, in one pass over the data. O(rows · k²).
    ///
    /// −∇²ℓ is the Gram matrix (BLAS syrk) of √p (x − x̄), the outside option with x = 0 among the rows: without the
    /// cancellation of second moments less squared means, and never indefinite.
    /// - Throws: `dimensionMismatch` unless `b` has k numbers.
    public func moments(
        at b: [Double], threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) -> Moments {
        let k = columns.count
        guard b.count == k else {
            throw .dimensionMismatch(operation: "GroupedSoftmax", expected: "\(k) coefficients", found: "\(b.count)")
        }
        let parts = mapChunks(threads: threads) { chunk, pointers in moments(of: chunk, pointers, at: b) }
        var total = Moments(
            logLikelihood: 0, gradient: [Double](repeating: 0, count: k), information: Matrix(rows: k, columns: k))
        var sums = [Double](repeating: 0, count: k * k)
        for part in parts {
            total.logLikelihood += part.logLikelihood
            for i in 0..<k { total.gradient[i] += part.gradient[i] }
            part.information.withUnsafeElements { for i in 0..<k * k { sums[i] += $0[i] } }
        }
        total.information = try Matrix(rows: k, columns: k, elements: sums)
        total.information.mirrorLowerTriangle()
        return total
    }

    private func moments(of chunk: Range<Int>, _ pointers: [UnsafePointer<Double>?], at b: [Double]) -> Moments {
        let k = columns.count
        var information = Matrix<Double>(rows: k, columns: k)
        var gradient = [Double](repeating: 0, count: k)
        var logLikelihood = 0.0
        let blocks = blocks(of: chunk)
        let largest = blocks.map { starts[$0.upperBound] - starts[$0.lowerBound] + $0.count }.max() ?? 0
        var rows = [Double](repeating: 0, count: largest * k)
        var utilities = [Double](repeating: 0, count: largest)
        rows.withUnsafeMutableBufferPointer { rows in
            utilities.withUnsafeMutableBufferPointer { utilities in
                information.withUnsafeMutableElements { information in
                    gradient.withUnsafeMutableBufferPointer { gradient in
                        b.withUnsafeBufferPointer { b in
                            guard let x = rows.baseAddress, let u = utilities.baseAddress,
                                let h = information.baseAddress, let g = gradient.baseAddress, let b = b.baseAddress
                            else { return }
                            for block in blocks {
                                logLikelihood += accumulate(block, pointers, at: b, x, u, h, g)
                            }
                        }
                    }
                }
            }
        }
        return Moments(logLikelihood: logLikelihood, gradient: gradient, information: information)
    }

    /// Adds the groups of one block to `h`, of which the lower triangle counts, and to `g`; their log likelihood.
    private func accumulate(
        _ block: Range<Int>, _ pointers: [UnsafePointer<Double>?], at b: UnsafePointer<Double>,
        _ x: UnsafeMutablePointer<Double>, _ u: UnsafeMutablePointer<Double>, _ h: UnsafeMutablePointer<Double>,
        _ g: UnsafeMutablePointer<Double>
    ) -> Double {
        let k = columns.count
        if let weights, weights[block].allSatisfy({ $0 == 0 }) { return 0 }
        let (first, end) = (starts[block.lowerBound], starts[block.upperBound])
        unpack(first..<end, pointers, into: x)
        Double.gemv(.none, end - first, k, 1, x, k, b, 0, u)
        var logLikelihood = 0.0
        for (offset, group) in block.enumerated() {
            let range = starts[group] - first..<starts[group + 1] - first
            let weight = weights?[group] ?? 1
            // The mean x̄ of the group, in the place of the outside option's row.
            let mean = x + (end - first + offset) * k
            mean.update(repeating: 0, count: k)
            let chosen = self.chosen[group]
            let chosenUtility = chosen < 0 ? 0 : u[chosen - first]
            let (logSum, outside) = probabilities(range, u)
            logLikelihood += weight * (chosenUtility - logSum)
            for row in range {
                let (p, values) = (u[row], x + row * k)
                for i in 0..<k { mean[i] += p * values[i] }
            }
            if chosen >= 0 {
                let values = x + (chosen - first) * k
                for i in 0..<k { g[i] += weight * (values[i] - mean[i]) }
            } else {
                for i in 0..<k { g[i] -= weight * mean[i] }
            }
            for row in range {
                let (root, values) = ((weight * u[row]).squareRoot(), x + row * k)
                for i in 0..<k { values[i] = root * (values[i] - mean[i]) }
            }
            let root = (weight * outside).squareRoot()
            for i in 0..<k { mean[i] *= root }
        }
        Double.syrk(.transposed, k, end - first + block.count, 1, x, k, 1, h, k)
        return logLikelihood
    }

    /// Replaces the utilities of one group by its probabilities; the log of their sum, and the outside's probability.
    @inline(__always)
    func probabilities(
        _ range: Range<Int>, _ u: UnsafeMutablePointer<Double>
    ) -> (logSum: Double, outside: Double) {
        var largest = hasOutside ? 0 : -Double.infinity
        for row in range { largest = max(largest, u[row]) }
        var sum = hasOutside ? exp(-largest) : 0
        let outside = sum
        for row in range {
            u[row] = exp(u[row] - largest)
            sum += u[row]
        }
        let factor = 1 / sum
        for row in range { u[row] *= factor }
        return (largest + log(sum), outside * factor)
    }
}
