/// The rows of a matrix rounded to 16-bit integers, half the bytes: a first look that decides which rows are worth a
/// second.
///
/// With y = s (Y + e), |e_j| ≤ ½ for a row and x = t (X + f) for a query, in exact arithmetic
/// `|xᵀy − s t XᵀY| ≤ s t (‖X‖₁ + ‖Y‖₁ + d / 2) / 2`. Integer sums have no error, and multiplying 16-bit integers and
/// adding pairs of the products is one instruction on common processors.
struct ScreeningRows: Sendable {
    /// A query in integers, and what turns a Float threshold into an integer one.
    struct Query: Sendable {
        let elements: [Int16]
        /// s t
        let scale: Double
        /// How far a Float score and its rounded product can lie apart.
        let bound: Double

        /// A row's rounded product must be larger than this for its score to be larger than `threshold`.
        func least(_ threshold: Float) -> Int32 {
            let least = ((Double(threshold) - bound) / scale).rounded(.down) - 1
            return Int32(max(-0x1p30 - 1, min(0x1p30, least)))
        }
    }

    private let width: Int
    /// Elements to a row: rows are padded to eight.
    private let padded: Int
    private let storage: [Int16]
    /// s
    private let scale: Double
    /// The largest ‖Y‖₁ there can be.
    private let largestSum: Double
    private let largestNorm: Double
    /// The largest integer: no sum of d products exceeds 2³⁰.
    private let limit: Double

    /// Rounds all rows of `matrix`, none longer than `norm`; nil when they are zero or so long that Float overflows.
    /// O(rows · columns).
    init?(_ matrix: Matrix<Float>, norm: Double, threads: Int) {
        let (n, d) = (matrix.rows, matrix.columns)
        guard n > 0, d > 0, norm > 1e-15, norm < 1e15 else { return nil }
        let largest = matrix.withUnsafeElements { Double($0.reduce(0) { max($0, abs($1)) }) }
        let padded = (d + 7) / 8 * 8
        let limit = (0x1p30 / Double(padded)).squareRoot().rounded(.down)
        let scale = largest / limit
        width = d
        self.padded = padded
        self.limit = limit
        self.scale = scale
        largestNorm = norm
        largestSum = norm / scale * Double(d).squareRoot() + Double(d)
        storage = [Int16](unsafeUninitializedCapacity: n * padded) { target, count in
            count = n * padded
            target.initialize(repeating: 0)
            guard let base = target.baseAddress else { return }
            nonisolated(unsafe) let target = base
            let inverse = Float(1 / scale)
            matrix.withUnsafeElements { source in
                nonisolated(unsafe) let source = source
                ParallelBlocks.forEach(count: n, blockSize: 1024, threads: threads) { _, range in
                    for row in range {
                        for j in 0..<d {
                            // Adding 1.5 · 2²³ rounds to a whole number, which then is the low end of the bits.
                            let shifted = source[row * d + j] * inverse + 0x1.8p23
                            target[row * padded + j] = Int16(truncatingIfNeeded: shifted.bitPattern)
                        }
                    }
                }
            }
        }
    }

    /// The query in integers; nil when it is zero or so long that Float overflows.
    func query(_ query: [Float]) -> Query? {
        let norm = query.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard norm > 1e-15, norm < 1e15 else { return nil }
        let unit = query.reduce(0.0) { max($0, abs(Double($1))) } / limit
        var elements = query.map { Int16(max(-limit, min(limit, (Double($0) / unit).rounded()))) }
        elements += [Int16](repeating: 0, count: padded - query.count)
        let sum = elements.reduce(0.0) { $0 + abs(Double($1)) }
        // Scaling in Float may put an element a little further than ½ from its integer.
        let rounding = 0.51 * scale * unit * (sum + largestSum + Double(width))
        let summing = norm * largestNorm * Double(width + 8) * 0x1p-23
        return Query(elements: elements, scale: scale * unit, bound: 1.01 * (rounding + summing))
    }

    /// Calls `body` for each row that may score above the threshold, in order; it answers the threshold from then on.
    /// - Parameter rows: as many as a multiple of four.
    @inline(__always)
    func forEachCandidate(of query: Query, in rows: Range<Int>, above threshold: Float, _ body: (Int) -> Float) {
        storage.withUnsafeBufferPointer { storage in
            query.elements.withUnsafeBufferPointer { elements in
                guard let start = storage.baseAddress, let x = elements.baseAddress else { return }
                var least = query.least(threshold)
                var row = rows.lowerBound
                while row < rows.upperBound {
                    let products = four(x, start + row * padded)
                    if Self.anyExceeds(products, least) {
                        for lane in 0..<4 where products[lane] > least { least = query.least(body(row + lane)) }
                    }
                    row += 4
                }
            }
        }
    }

    /// The products of x with four consecutive rows.
    @inline(__always)
    private func four(_ x: UnsafePointer<Int16>, _ row0: UnsafePointer<Int16>) -> SIMD4<Int32> {
        let (row1, row2, row3) = (row0 + padded, row0 + 2 * padded, row0 + 3 * padded)
        var (sums0, sums1, sums2, sums3) = (SIMD4<Int32>(), SIMD4<Int32>(), SIMD4<Int32>(), SIMD4<Int32>())
        var j = 0
        while j < padded {
            let part = Self.load8(x + j)
            sums0 &+= Self.pairs(part, Self.load8(row0 + j))
            sums1 &+= Self.pairs(part, Self.load8(row1 + j))
            sums2 &+= Self.pairs(part, Self.load8(row2 + j))
            sums3 &+= Self.pairs(part, Self.load8(row3 + j))
            j += 8
        }
        return Self.sums(Self.sums(sums0, sums1), Self.sums(sums2, sums3))
    }

    /// The products of lanes, added in pairs of neighbours.
    @inline(__always)
    private static func pairs(_ x: SIMD8<Int16>, _ y: SIMD8<Int16>) -> SIMD4<Int32> {
        let products = SIMD8<Int32>(truncatingIfNeeded: x) &* SIMD8<Int32>(truncatingIfNeeded: y)
        return products.evenHalf &+ products.oddHalf
    }

    @inline(__always)
    private static func sums(_ left: SIMD4<Int32>, _ right: SIMD4<Int32>) -> SIMD4<Int32> {
        let both = SIMD8(lowHalf: left, highHalf: right)
        return both.evenHalf &+ both.oddHalf
    }

    /// Whether a lane exceeds `least`: then the difference, which cannot overflow, has its sign set.
    @inline(__always)
    private static func anyExceeds(_ lanes: SIMD4<Int32>, _ least: Int32) -> Bool {
        let signs = unsafeBitCast(least &- lanes, to: SIMD2<UInt64>.self)
        return (signs.x | signs.y) & 0x8000_0000_8000_0000 != 0
    }

    @inline(__always)
    private static func load8(_ pointer: UnsafePointer<Int16>) -> SIMD8<Int16> {
        UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Int16>.self)
    }
}
