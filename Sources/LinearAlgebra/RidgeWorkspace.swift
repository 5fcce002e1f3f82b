/// One thread's scratch memory for `RidgeSystems`, and the solution of one system in it.
final class RidgeWorkspace {
    /// The number of unknowns.
    let d: Int
    /// How far the rows of the basis lie apart.
    let basisStride: Int
    /// D^-½.
    private let scale: UnsafeMutablePointer<Float>
    /// How many entries the row may have that the buffers below are long enough for.
    private var longestRow = 0
    /// W, a row of d for each entry.
    private var w: UnsafeMutablePointer<Float>
    /// C^½ p, then whatever the solution makes of it.
    private var right: UnsafeMutablePointer<Float>
    private var matrix: UnsafeMutablePointer<Float>
    private var lastRidge = Float.nan
    /// Keeps the loads of `touch` from being optimized away.
    private var touched: UInt32 = 0

    /// Space for systems of `width` unknowns over a basis whose rows lie `basisStride` numbers apart.
    init(width: Int, basisStride: Int) {
        d = width
        self.basisStride = basisStride
        scale = .allocate(capacity: max(1, width))
        w = .allocate(capacity: 1)
        right = .allocate(capacity: 1)
        matrix = .allocate(capacity: 1)
    }

    deinit {
        scale.deallocate()
        w.deallocate()
        right.deallocate()
        matrix.deallocate()
    }

    /// Makes the buffers long enough for a row of `n` entries.
    private func reserve(_ n: Int) {
        guard n > longestRow else { return }
        w.deallocate()
        right.deallocate()
        matrix.deallocate()
        longestRow = max(n, 2 * longestRow)
        let order = min(d, longestRow)
        w = .allocate(capacity: d * longestRow)
        right = .allocate(capacity: max(d, longestRow))
        matrix = .allocate(capacity: order * order)
    }

    /// Solves system `row` into `x`; false when the result is not finite.
    func solve(
        _ system: RidgeSystems.View, _ row: Int, _ basis: UnsafePointer<Float>,
        _ shared: [Float], _ ridge: Float, _ x: UnsafeMutablePointer<Float>
    ) -> Bool {
        let range = system.entries(row)
        let n = range.count
        guard n > 0 else {
            x.update(repeating: 0, count: d)
            return true
        }
        reserve(n)
        prepareScale(shared, ridge)
        touch(system, range, basis)
        gather(system, range, basis)
        let info = n <= d ? solveDual(system, range, x) : solvePrimal(system, range, x)
        if info != 0 || !isFinite(x) { return solveInDouble(system, range, basis, shared, ridge, x) }
        return true
    }

    /// D^-½ into `scale`. Users of one degree follow one another often enough to remember the last ridge.
    private func prepareScale(_ shared: [Float], _ ridge: Float) {
        guard ridge != lastRidge else { return }
        lastRidge = ridge
        let (scale, d) = (scale, d)
        shared.withUnsafeBufferPointer { shared in
            guard let shared = shared.baseAddress else { return }
            var j = 0
            while j + 8 <= d {
                let values = UnsafeRawPointer(shared + j).loadUnaligned(as: SIMD8<Float>.self) + ridge
                UnsafeMutableRawPointer(scale + j).storeBytes(of: 1 / values.squareRoot(), as: SIMD8<Float>.self)
                j += 8
            }
            while j < d {
                scale[j] = 1 / (shared[j] + ridge).squareRoot()
                j += 1
            }
        }
    }

    /// Reads one number of every cache line of the rows that `gather` is about to read.
    ///
    /// Rows lie anywhere in the basis, so each costs a miss. Loads without other work between them keep many misses
    /// in flight; inside the loop of `gather` the processor's window reaches only a row or two ahead.
    func touch(_ system: RidgeSystems.View, _ range: Range<Int>, _ basis: UnsafePointer<Float>) {
        var sum: UInt32 = 0
        for k in range {
            let row = UnsafeRawPointer(basis + Int(system.columns[k]) * basisStride)
            for offset in stride(from: 0, to: 4 * d, by: 64) {
                sum ^= row.load(fromByteOffset: offset, as: UInt32.self)
            }
        }
        touched = sum
    }

    /// W = C^½ Y_S D^-½, n × d, eight numbers at a time.
    private func gather(_ system: RidgeSystems.View, _ range: Range<Int>, _ basis: UnsafePointer<Float>) {
        let (scale, d) = (scale, d)
        var target = w
        for k in range {
            let source = basis + Int(system.columns[k]) * basisStride
            let root = system.weights?[k].squareRoot() ?? 1
            var j = 0
            while j + 8 <= d {
                let y = UnsafeRawPointer(source + j).loadUnaligned(as: SIMD8<Float>.self)
                let factor = UnsafeRawPointer(scale + j).loadUnaligned(as: SIMD8<Float>.self) * root
                UnsafeMutableRawPointer(target + j).storeBytes(of: y * factor, as: SIMD8<Float>.self)
                j += 8
            }
            while j < d {
                target[j] = source[j] * (scale[j] * root)
                j += 1
            }
            target += d
        }
    }

    /// C^½ p into `right`.
    private func weightedTargets(_ system: RidgeSystems.View, _ range: Range<Int>) {
        for (index, k) in range.enumerated() {
            let root = system.weights?[k].squareRoot() ?? 1
            right[index] = root * (system.targets?[k] ?? 1)
        }
    }

    /// n ≤ d: (I + W Wᵀ) w = C^½ p; x = D^-½ Wᵀ w.
    private func solveDual(_ system: RidgeSystems.View, _ range: Range<Int>, _ x: UnsafeMutablePointer<Float>) -> Int {
        let n = range.count
        weightedTargets(system, range)
        Float.syrk(.none, n, d, 1, w, d, 0, matrix, n)
        for i in 0..<n { matrix[i * n + i] += 1 }
        let info = SmallCholesky.solve(n, matrix, right)
        guard info == 0 else { return info }
        Float.gemv(.transposed, n, d, 1, w, d, right, 0, x)
        for j in 0..<d { x[j] *= scale[j] }
        return 0
    }

    /// n > d: (I + WᵀW) z = Wᵀ C^½ p; x = D^-½ z.
    private func solvePrimal(_ system: RidgeSystems.View, _ range: Range<Int>, _ x: UnsafeMutablePointer<Float>) -> Int
    {
        let n = range.count
        weightedTargets(system, range)
        Float.gemv(.transposed, n, d, 1, w, d, right, 0, x)
        Float.syrk(.transposed, d, n, 1, w, d, 0, matrix, d)
        for i in 0..<d { matrix[i * d + i] += 1 }
        let info = SmallCholesky.solve(d, matrix, x)
        guard info == 0 else { return info }
        for j in 0..<d { x[j] *= scale[j] }
        return 0
    }

    func isFinite(_ x: UnsafeMutablePointer<Float>) -> Bool {
        var sum: Float = 0
        // 0 · x is 0 for every finite x and NaN for the others.
        for j in 0..<d { sum += 0 * x[j] }
        return sum == 0
    }

    /// The same system in Double from its definition, for weights so large that Float overflows or loses positivity.
    private func solveInDouble(
        _ system: RidgeSystems.View, _ range: Range<Int>, _ basis: UnsafePointer<Float>,
        _ shared: [Float], _ ridge: Float, _ x: UnsafeMutablePointer<Float>
    ) -> Bool {
        var a = [Double](repeating: 0, count: d * d)
        var b = [Double](repeating: 0, count: d)
        for j in 0..<d { a[j * d + j] = Double(shared[j]) + Double(ridge) }
        for k in range {
            let y = basis + Int(system.columns[k]) * basisStride
            let weight = Double(system.weights?[k] ?? 1)
            let target = Double(system.targets?[k] ?? 1)
            for i in 0..<d {
                let scaled = weight * Double(y[i])
                b[i] += scaled * target
                for j in 0...i { a[i * d + j] += scaled * Double(y[j]) }
            }
        }
        let info = a.withUnsafeMutableBufferPointer { a in
            b.withUnsafeMutableBufferPointer { b in
                guard let a = a.baseAddress, let b = b.baseAddress else { return -1 }
                let info = Double.potrf(d, a, d)
                return info == 0 ? Double.potrs(d, 1, a, d, b, d) : info
            }
        }
        guard info == 0 else { return false }
        for j in 0..<d { x[j] = Float(b[j]) }
        return isFinite(x)
    }
}
