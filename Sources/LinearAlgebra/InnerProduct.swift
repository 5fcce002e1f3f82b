/// Inner products in a fixed order of additions: the same bits for the same rows, whatever is computed around them.
///
/// Each lane of eight sums every eighth product; the lanes are then added in pairs, and what is left over at the end.
/// The kernels are explicit vectors of the language, so they compile to whatever the target has.
enum InnerProduct {
    /// xᵀy over `d` elements.
    @inline(__always)
    static func single(_ d: Int, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>) -> Float {
        var sums = SIMD8<Float>()
        var j = 0
        while j + 8 <= d {
            sums += load8(x + j) * load8(y + j)
            j += 8
        }
        let half = sums.lowHalf + sums.highHalf
        var score = (half.x + half.y) + (half.z + half.w)
        while j < d {
            score += x[j] * y[j]
            j += 1
        }
        return score
    }

    /// The products of x with four consecutive rows of `d` elements. Four at once keep the sums in registers and the
    /// adders busy, and each part of x is loaded once for all of them.
    @inline(__always)
    static func four(_ d: Int, _ x: UnsafePointer<Float>, _ rows: UnsafePointer<Float>) -> SIMD4<Float> {
        let (row0, row1, row2, row3) = (rows, rows + d, rows + 2 * d, rows + 3 * d)
        var (sums0, sums1, sums2, sums3) = (SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>())
        var j = 0
        while j + 8 <= d {
            let part = load8(x + j)
            sums0 += part * load8(row0 + j)
            sums1 += part * load8(row1 + j)
            sums2 += part * load8(row2 + j)
            sums3 += part * load8(row3 + j)
            j += 8
        }
        var scores = sums(
            sums(sums0.lowHalf + sums0.highHalf, sums1.lowHalf + sums1.highHalf),
            sums(sums2.lowHalf + sums2.highHalf, sums3.lowHalf + sums3.highHalf))
        while j < d {
            scores += x[j] * SIMD4(row0[j], row1[j], row2[j], row3[j])
            j += 1
        }
        return scores
    }

    /// The sums of neighbours in both vectors.
    @inline(__always)
    private static func sums(_ left: SIMD4<Float>, _ right: SIMD4<Float>) -> SIMD4<Float> {
        let both = SIMD8(lowHalf: left, highHalf: right)
        return both.evenHalf + both.oddHalf
    }

    /// Whether a lane may be larger than `threshold`: true whenever one is, seldom otherwise.
    ///
    /// A difference below zero has its sign set. Reading signs takes fewer instructions than a mask of comparisons.
    @inline(__always)
    static func mayExceed(_ lanes: SIMD4<Float>, _ threshold: Float) -> Bool {
        let signs = unsafeBitCast(threshold - lanes, to: SIMD2<UInt64>.self)
        return (signs.x | signs.y) & 0x8000_0000_8000_0000 != 0
    }

    /// The same of sixteen lanes.
    @inline(__always)
    static func mayExceed(_ lanes: SIMD16<Float>, _ threshold: Float) -> Bool {
        let signs = unsafeBitCast(threshold - lanes, to: SIMD8<UInt64>.self)
        let half = signs.lowHalf | signs.highHalf
        let quarter = half.lowHalf | half.highHalf
        return (quarter.x | quarter.y) & 0x8000_0000_8000_0000 != 0
    }

    @inline(__always)
    private static func load8(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
        UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
    }
}
