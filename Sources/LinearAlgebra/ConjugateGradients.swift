import COpenBLAS

/// One thread's scratch memory for steps of conjugate gradients on systems of `RidgeSystems`.
///
/// The matrix of a system is D + YᵀCY over the n rows Y of the basis that it uses: a step passes over these rows once,
/// 4 n d operations, where they lie. The preconditioner is D.
final class ConjugateGradients {
    typealias Lanes = SIMD8<Float>
    /// Eight numbers at a time in a padded row.
    private let lanes: Int
    private let stride: Int
    private let d: Int
    /// D, D⁻¹, x, r, p and (D + YᵀCY) p.
    private let diagonal, inverse, x, r, p, product: UnsafeMutablePointer<Lanes>
    private let basis: FactorRows
    private let memory: UnsafeMutablePointer<Float>
    /// The rows of the basis that the system uses, and those of the next.
    private var rows: [UnsafePointer<Float>?] = []
    private var next: [UnsafePointer<Float>?] = []
    /// c and c p of each entry.
    private var weights: [Float] = []
    private var targets: [Float] = []
    private var lastRidge = Float.nan
    /// g, padded by ones.
    private let shared: UnsafeMutablePointer<Lanes>

    /// Space for systems over a basis of padded rows with the shared diagonal g.
    init(basis: FactorRows, sharedDiagonal: [Float]) {
        self.basis = basis
        stride = basis.stride
        d = basis.columns
        lanes = stride / 8
        memory = AlignedMemory.zeros(7 * stride)
        let start = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Lanes.self)
        (diagonal, inverse, x) = (start, start + lanes, start + 2 * lanes)
        (r, p, product) = (start + 3 * lanes, start + 4 * lanes, start + 5 * lanes)
        shared = start + 6 * lanes
        let values = UnsafeMutableRawPointer(shared).assumingMemoryBound(to: Float.self)
        for j in 0..<stride { values[j] = j < d ? sharedDiagonal[j] : 1 }
    }

    /// Where the rows of the system lie that `improve` is called with first.
    func begin(_ system: RidgeSystems.View, _ range: Range<Int>) { locate(system, range) }

    /// Puts the rows of the basis that the entries `range` use into `next`.
    private func locate(_ system: RidgeSystems.View, _ range: Range<Int>) {
        next.removeAll(keepingCapacity: true)
        let base = UnsafePointer(basis.base)
        for k in range { next.append(base + stride * Int(system.columns[k])) }
    }

    deinit { memory.deallocate() }

    /// What came of a system.
    enum Outcome {
        case converged, outOfSteps, notFinite
    }

    /// Improves `solution`, a guess at the solution of the entries `range`, of which E x is `coupling`.
    ///
    /// The system that follows uses the entries `following`: their rows are fetched while this one is swept. Systems
    /// are therefore improved in turn, after `begin` with the first.
    ///
    ///
    /// D^-½ (D + YᵀCY) D^-½ has no eigenvalue below 1, so that the residual bounds the error: the steps end early once
    /// it is at most `tolerance` relative to x, both in the norm of D.
    func improve(
        _ system: RidgeSystems.View, _ range: Range<Int>, following: Range<Int>, _ ridge: Float,
        _ solution: UnsafeMutablePointer<Float>, coupling: UnsafePointer<Float>?,
        steps: Int, tolerance: Float
    ) -> Outcome {
        prepare(system, range, ridge)
        locate(system, following)
        guard !range.isEmpty else {
            solution.update(repeating: 0, count: d)
            return .converged
        }
        UnsafeMutableRawPointer(x).assumingMemoryBound(to: Float.self).update(from: solution, count: d)
        if let coupling {
            let e = UnsafeRawPointer(coupling).assumingMemoryBound(to: Lanes.self)
            for j in 0..<lanes { r[j] = -diagonal[j] * x[j] - e[j] }
        } else {
            for j in 0..<lanes { r[j] = -diagonal[j] * x[j] }
        }
        _ = sweep(x, into: r, isResidual: true)
        var (residual, size, sizeOfX) = (Lanes(), Lanes(), Lanes())
        for j in 0..<lanes {
            p[j] = inverse[j] * r[j]
            residual += r[j] * p[j]
            sizeOfX += diagonal[j] * (x[j] * x[j])
        }
        var rho = residual.total
        var sizeOfP = rho
        var step = 0
        let limit = tolerance * tolerance
        while step < steps, rho > limit * sizeOfX.total {
            step += 1
            for j in 0..<lanes { product[j] = diagonal[j] * p[j] }
            let alpha = rho / (sizeOfP + sweep(p, into: product, isResidual: false))
            guard step < steps else {
                for j in 0..<lanes { x[j] += alpha * p[j] }
                break
            }
            (residual, size, sizeOfX) = (.zero, .zero, .zero)
            for j in 0..<lanes {
                x[j] += alpha * p[j]
                r[j] -= alpha * product[j]
                residual += r[j] * (r[j] * inverse[j])
                sizeOfX += diagonal[j] * (x[j] * x[j])
            }
            let beta = residual.total / rho
            rho = residual.total
            for j in 0..<lanes {
                p[j] = inverse[j] * r[j] + beta * p[j]
                size += diagonal[j] * (p[j] * p[j])
            }
            sizeOfP = size.total
        }
        var check = Lanes()
        // 0 · x is 0 for every finite x and NaN for the others.
        for j in 0..<lanes { check += 0 * x[j] }
        guard check.total == 0 else { return .notFinite }
        solution.update(from: UnsafeMutableRawPointer(x).assumingMemoryBound(to: Float.self), count: d)
        return rho > limit * sizeOfX.total ? .outOfSteps : .converged
    }

    /// D, c and c p.
    private func prepare(_ system: RidgeSystems.View, _ range: Range<Int>, _ ridge: Float) {
        swap(&rows, &next)
        if ridge != lastRidge {
            lastRidge = ridge
            for j in 0..<lanes {
                diagonal[j] = shared[j] + ridge
                inverse[j] = 1 / diagonal[j]
            }
        }
        if system.weights != nil || system.targets != nil || weights.count < range.count {
            weights.removeAll(keepingCapacity: true)
            targets.removeAll(keepingCapacity: true)
            for k in range {
                let weight = system.weights?[k] ?? 1
                weights.append(weight)
                targets.append(weight * (system.targets?[k] ?? 1))
            }
        }
    }

    /// sum ← sum + Yᵀ t in one pass; t = C Y v, or C (p − Y v). Returns vᵀYᵀCYv.
    private func sweep(
        _ v: UnsafeMutablePointer<Lanes>, into sum: UnsafeMutablePointer<Lanes>, isResidual: Bool
    ) -> Float {
        let v = UnsafeRawPointer(v).assumingMemoryBound(to: Float.self)
        let sum = UnsafeMutableRawPointer(sum).assumingMemoryBound(to: Float.self)
        return rows.withUnsafeBufferPointer { rows in
            next.withUnsafeBufferPointer { next in
                weights.withUnsafeBufferPointer { weights in
                    targets.withUnsafeBufferPointer { targets in
                        ridge_sweep(
                            Self.instructionSet, rows.baseAddress, rows.count, stride, v, sum, weights.baseAddress,
                            isResidual ? targets.baseAddress : nil, next.baseAddress, isResidual ? next.count : 0)
                    }
                }
            }
        }
    }

    private static let instructionSet = ridge_instruction_set()
}

extension SIMD8<Float> {
    /// The sum of the eight numbers, pairwise.
    @inline(__always)
    var total: Float {
        let four = lowHalf + highHalf
        return (four[0] + four[2]) + (four[1] + four[3])
    }
}
