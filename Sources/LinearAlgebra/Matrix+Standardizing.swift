extension Matrix where Scalar == Float {
    /// Adds `weight` · (row − mean) / standard deviation of each row of `other`, moments in Double.
    ///
    /// A row whose deviation is lost in rounding is constant and adds nothing. O(rows · columns).
    /// - Throws: `dimensionMismatch` unless the shapes are equal.
    public mutating func addStandardizedRows(of other: Matrix, weight: Float) throws(LinearAlgebraError) {
        guard other.rows == rows, other.columns == columns else {
            throw .dimensionMismatch(operation: "addStandardizedRows", expected: shape, found: other.shape)
        }
        let n = columns
        guard n > 0 else { return }
        other.withUnsafeElements { source in
            withUnsafeMutableElements { target in
                for start in stride(from: 0, to: source.count, by: n) {
                    let row = UnsafeBufferPointer(rebasing: source[start..<start + n])
                    let (mean, deviation) = row.moments
                    guard deviation > 0 else { continue }
                    let (scale, shift) = (Float(Double(weight) / deviation), Float(mean))
                    for j in 0..<n { target[start + j] += scale * (row[j] - shift) }
                }
            }
        }
    }

    /// Mean and standard deviation of a row, in Double; the deviation is 0 where it is lost in rounding. O(columns).
    public func moments(ofRow row: Int) -> (mean: Double, deviation: Double) { withUnsafeRow(row) { $0.moments } }

    /// Adds the columns `range` of `other`, in place. O(rows · range).
    /// - Throws: `dimensionMismatch`.
    public mutating func addColumns(_ range: Range<Int>, of other: Matrix) throws(LinearAlgebraError) {
        guard other.rows == rows, range.count == columns, range.lowerBound >= 0, range.upperBound <= other.columns
        else {
            throw .dimensionMismatch(operation: "addColumns", expected: shape, found: "\(range) of \(other.shape)")
        }
        let (rows, n, stride) = (rows, columns, other.columns)
        other.withUnsafeElements { source in
            withUnsafeMutableElements { target in
                for row in 0..<rows {
                    let start = row * stride + range.lowerBound
                    for j in 0..<n { target[row * n + j] += source[start + j] }
                }
            }
        }
    }

    /// Multiplies column j by `factors[j]`, in place. O(rows · columns).
    /// - Throws: `dimensionMismatch`.
    public mutating func scaleColumns(by factors: ArraySlice<Float>) throws(LinearAlgebraError) {
        guard factors.count == columns else {
            throw .dimensionMismatch(
                operation: "scaleColumns", expected: "\(columns) factors", found: "\(factors.count)")
        }
        let n = columns
        factors.withUnsafeBufferPointer { factors in
            withUnsafeMutableElements { elements in
                for start in stride(from: 0, to: elements.count, by: max(1, n)) {
                    for j in 0..<n { elements[start + j] *= factors[j] }
                }
            }
        }
    }
}

extension UnsafeBufferPointer<Float> {
    /// Mean and standard deviation; the deviation is 0 where it is lost in rounding, or is no number.
    fileprivate var moments: (mean: Double, deviation: Double) {
        guard count > 0 else { return (0, 0) }
        let mean = sumInDouble { Double($0) } / Double(count)
        let deviation = (sumInDouble { (Double($0) - mean) * (Double($0) - mean) } / Double(count)).squareRoot()
        return (mean, deviation > 1e-6 * abs(mean) && deviation.isFinite ? deviation : 0)
    }

    /// Σ f(x) in eight interleaved sums, which the processor adds side by side.
    fileprivate func sumInDouble(_ f: (Float) -> Double) -> Double {
        var sums = SIMD8<Double>()
        var j = 0
        while j + 8 <= count {
            for lane in 0..<8 { sums[lane] += f(self[j + lane]) }
            j += 8
        }
        while j < count {
            sums[0] += f(self[j])
            j += 1
        }
        return sums.sum()
    }
}
