/// The one place where money is rounded: a quotient of integers, by a named mode.
public enum Rounding: Sendable, Hashable {
    /// To the nearest, ties to the even neighbour: the mode of charge lines.
    case halfEven
    /// Towards positive infinity: the mode of amounts that a user must fund.
    case up
    /// Towards negative infinity.
    case down

    /// `numerator / denominator` as an integer. The denominator must be positive.
    public func quotient(_ numerator: Int128, _ denominator: Int128) throws(MoneyError) -> Int128 {
        guard denominator > 0 else { throw .divisionByZero }
        var (floor, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
        if remainder < 0 {
            floor -= 1
            remainder += denominator
        }
        switch self {
        case .down: return floor
        case .up: return remainder == 0 ? floor : floor + 1
        case .halfEven:
            let rest = denominator - remainder
            if remainder == rest { return floor + (floor & 1) }
            return remainder > rest ? floor + 1 : floor
        }
    }
}

/// Splits whole units by largest remainder.
public enum Apportionment {
    /// Parts of `total` in proportion to `weights` that add up to `total` exactly.
    ///
    /// Each part is within one unit of its exact share. Units left over go to the largest remainders, ties to the
    /// smaller index (Hamilton's method). O(n log n).
    public static func largestRemainder(_ total: Int128, weights: [Int128]) throws(MoneyError) -> [Int128] {
        var sum: Int128 = 0
        for weight in weights {
            guard weight >= 0 else { throw .badWeights }
            let next = sum.addingReportingOverflow(weight)
            guard !next.overflow else { throw .overflow(operation: "a sum of weights") }
            sum = next.partialValue
        }
        guard sum > 0, total >= 0 else { throw .badWeights }
        var parts: [Int128] = []
        var remainders: [(index: Int, value: Int128)] = []
        for (index, weight) in weights.enumerated() {
            // 256 bits between: fine tokens overflow 128 at a few thousand units. No part exceeds the total.
            let product = total.magnitude.multipliedFullWidth(by: weight.magnitude)
            let (part, remainder) =
                product.high == 0
                ? product.low.quotientAndRemainder(dividingBy: sum.magnitude)
                : sum.magnitude.dividingFullWidth(product)
            parts.append(Int128(part))
            remainders.append((index, Int128(remainder)))
        }
        let left = Int(total - parts.reduce(0, +))
        remainders.sort { $0.value != $1.value ? $0.value > $1.value : $0.index < $1.index }
        for remainder in remainders.prefix(left) { parts[remainder.index] += 1 }
        return parts
    }
}
