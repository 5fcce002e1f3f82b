/// Scratch memory of `PosteriorSystems`, and one system in it.
final class PosteriorWorkspace {
    private typealias Lanes = SIMD8<Float>
    private let d: Int
    /// The length of a packed second moment, a multiple of 8.
    let packed: Int
    private let sum: UnsafeMutablePointer<Float>
    private let right: UnsafeMutablePointer<Float>
    private let matrix: UnsafeMutablePointer<Double>
    private let inverse: UnsafeMutablePointer<Double>
    private let solution: UnsafeMutablePointer<Double>

    init(width: Int) {
        d = width
        packed = RowMoments.packedWidth(width)
        sum = .allocate(capacity: packed)
        sum.initialize(repeating: 0, count: packed)
        right = .allocate(capacity: width)
        matrix = .allocate(capacity: width * width)
        inverse = .allocate(capacity: width * width)
        solution = .allocate(capacity: width)
    }

    deinit {
        sum.deallocate()
        right.deallocate()
        matrix.deallocate()
        inverse.deallocate()
        solution.deallocate()
    }

    /// Begins a system with its prior.
    func start(_ priorMean: UnsafePointer<Float>, precision: Float) {
        sum.update(repeating: 0, count: packed)
        for i in 0..<d {
            sum[i * (i + 1) / 2 + i] = precision
            right[i] = precision * priorMean[i]
        }
    }

    /// Adds one entry.
    @inline(__always)
    func add(_ y: UnsafePointer<Float>, _ yy: UnsafePointer<Float>, _ weight: Float, _ weightedTarget: Float) {
        var k = 0
        while k < packed {
            let square = UnsafeRawPointer(yy + k).loadUnaligned(as: Lanes.self)
            let total = UnsafeRawPointer(sum + k).loadUnaligned(as: Lanes.self)
            UnsafeMutableRawPointer(sum + k).storeBytes(of: total + square * weight, as: Lanes.self)
            k += 8
        }
        for i in 0..<d { right[i] += weightedTarget * y[i] }
    }

    /// Solves the system into `x` and its second moment `xx`; returns 0, or the order of the failing minor.
    func solve(
        _ x: UnsafeMutablePointer<Float>, _ xx: UnsafeMutablePointer<Float>, _ outcome: PosteriorSystems.Outcome
    ) -> Int {
        let isLastFixed = outcome == .momentsWithUnitLast
        let n = isLastFixed ? d - 1 : d
        for i in 0..<n {
            for j in 0...i { matrix[i * d + j] = Double(sum[i * (i + 1) / 2 + j]) }
            // Given that the last coordinate is 1, its column moves to the right-hand side.
            solution[i] = Double(right[i]) - (isLastFixed ? Double(sum[n * (n + 1) / 2 + i]) : 0)
        }
        for i in 0..<n {
            for j in 0...i {
                var value = matrix[i * d + j]
                for k in 0..<j { value -= matrix[i * d + k] * matrix[j * d + k] }
                if j < i {
                    matrix[i * d + j] = value * matrix[j * d + j]
                } else {
                    guard value > 0, value.isFinite else { return i + 1 }
                    matrix[i * d + i] = 1 / value.squareRoot()
                }
            }
            var value = solution[i]
            for k in 0..<i { value -= matrix[i * d + k] * solution[k] }
            solution[i] = value * matrix[i * d + i]
        }
        for i in stride(from: n - 1, through: 0, by: -1) {
            solution[i] *= matrix[i * d + i]
            for j in 0..<i { solution[j] -= matrix[i * d + j] * solution[i] }
        }
        for i in 0..<n { x[i] = Float(solution[i]) }
        if isLastFixed { x[n] = 1 }
        for i in 0..<d { for j in 0...i { xx[i * (i + 1) / 2 + j] = x[i] * x[j] } }
        if isLastFixed { addInverse(n, xx) }
        return 0
    }

    /// xx += A⁻¹ = L⁻ᵀ L⁻¹ over the first n coordinates; the diagonal of `matrix` holds 1 / L_jj.
    private func addInverse(_ n: Int, _ xx: UnsafeMutablePointer<Float>) {
        for j in 0..<n {
            inverse[j * d + j] = matrix[j * d + j]
            for i in j + 1..<max(n, j + 1) {
                var value = 0.0
                for k in j..<i { value -= matrix[i * d + k] * inverse[k * d + j] }
                inverse[i * d + j] = value * matrix[i * d + i]
            }
        }
        for i in 0..<n {
            for j in 0...i {
                var value = 0.0
                for k in i..<n { value += inverse[k * d + i] * inverse[k * d + j] }
                xx[i * (i + 1) / 2 + j] += Float(value)
            }
        }
    }

    /// Keeps a packed symmetric matrix with its off-diagonal elements doubled, for inner products with others.
    func doubleOffDiagonal(_ xx: UnsafePointer<Float>) {
        for k in 0..<packed { sum[k] = 2 * xx[k] }
        for i in 0..<d { sum[i * (i + 1) / 2 + i] = xx[i * (i + 1) / 2 + i] }
    }

    /// Σ_ij X_ij Y_ij with the matrix that was kept.
    @inline(__always)
    func productWithDoubled(_ yy: UnsafePointer<Float>) -> Float {
        var sums = Lanes()
        var k = 0
        while k < packed {
            sums +=
                UnsafeRawPointer(sum + k).loadUnaligned(as: Lanes.self)
                * UnsafeRawPointer(yy + k).loadUnaligned(as: Lanes.self)
            k += 8
        }
        return sums.sum()
    }

    /// xᵀy over n elements.
    @inline(__always)
    func product(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ n: Int) -> Float {
        var sum: Float = 0
        for i in 0..<n { sum += x[i] * y[i] }
        return sum
    }
}
