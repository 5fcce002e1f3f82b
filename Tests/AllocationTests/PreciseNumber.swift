/// A number with 63 digits after the point and any number before it: a slow reference for arithmetic in doubles.
///
/// Sums and differences are exact, products and quotients cut off below the last digit.
struct PreciseNumber: Comparable {
    private static let base: UInt64 = 1_000_000_000
    private static let places = 7
    private var isNegative: Bool
    /// Digits of base 10⁹, the least first; no leading zeros.
    private var digits: [UInt64]

    private init(_ digits: [UInt64], isNegative: Bool) {
        self.digits = digits
        while let last = self.digits.last, last == 0 { self.digits.removeLast() }
        self.isNegative = isNegative && !self.digits.isEmpty
    }

    static let zero = PreciseNumber([], isNegative: false)

    init(_ value: some BinaryInteger) {
        var digits = [UInt64](repeating: 0, count: Self.places)
        var rest = Int128(value).magnitude
        while rest > 0 {
            digits.append(UInt64(rest % UInt128(Self.base)))
            rest /= UInt128(Self.base)
        }
        self.init(digits, isNegative: value < 0)
    }

    /// The number written as a decimal.
    init(decimal text: String) {
        let parts = text.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? String(parts[1].prefix(63)) : ""
        let padded = fraction + String(repeating: "0", count: 63 - fraction.count)
        var digits: [UInt64] = []
        var all = Array(String(parts[0]) + padded)
        while !all.isEmpty {
            digits.append(UInt64(String(all.suffix(9))) ?? 0)
            all.removeLast(min(9, all.count))
        }
        self.init(digits, isNegative: text.hasPrefix("-"))
    }

    /// A share of 0…1, to fifteen digits.
    init(share: Double) { self = PreciseNumber(Int((share * 1e15).rounded())) / 1_000_000 / 1_000_000_000 }

    static func + (one: PreciseNumber, other: PreciseNumber) -> PreciseNumber {
        if one.isNegative == other.isNegative {
            return PreciseNumber(sum(one.digits, other.digits), isNegative: one.isNegative)
        }
        return isLess(one.digits, other.digits)
            ? PreciseNumber(difference(other.digits, one.digits), isNegative: other.isNegative)
            : PreciseNumber(difference(one.digits, other.digits), isNegative: one.isNegative)
    }

    static func - (one: PreciseNumber, other: PreciseNumber) -> PreciseNumber {
        one + PreciseNumber(other.digits, isNegative: !other.isNegative)
    }

    static func * (one: PreciseNumber, other: PreciseNumber) -> PreciseNumber {
        var product = [UInt64](repeating: 0, count: one.digits.count + other.digits.count + 1)
        for (i, x) in one.digits.enumerated() {
            var carry: UInt64 = 0
            for (j, y) in (other.digits + [0]).enumerated() {
                let digit = product[i + j] + x * y + carry
                product[i + j] = digit % base
                carry = digit / base
            }
        }
        return PreciseNumber(Array(product.dropFirst(places)), isNegative: one.isNegative != other.isNegative)
    }

    /// The quotient by a number of 1…2³²−1.
    static func / (one: PreciseNumber, divisor: Int) -> PreciseNumber {
        var rest: UInt64 = 0
        var quotient = one.digits
        for index in quotient.indices.reversed() {
            let digit = rest * base + quotient[index]
            quotient[index] = digit / UInt64(divisor)
            rest = digit % UInt64(divisor)
        }
        return PreciseNumber(quotient, isNegative: one.isNegative)
    }

    static func < (one: PreciseNumber, other: PreciseNumber) -> Bool {
        if one.isNegative != other.isNegative { return one.isNegative }
        return one.isNegative ? isLess(other.digits, one.digits) : isLess(one.digits, other.digits)
    }

    var magnitude: PreciseNumber { PreciseNumber(digits, isNegative: false) }

    /// The nearest double, about.
    var doubleValue: Double {
        var value = 0.0
        for digit in digits.reversed() { value = value * 1e9 + Double(digit) }
        for _ in 0..<Self.places { value /= 1e9 }
        return isNegative ? -value : value
    }

    private static func isLess(_ one: [UInt64], _ other: [UInt64]) -> Bool {
        one.count != other.count
            ? one.count < other.count : one.reversed().lexicographicallyPrecedes(other.reversed())
    }

    private static func sum(_ one: [UInt64], _ other: [UInt64]) -> [UInt64] {
        var sum: [UInt64] = []
        var carry: UInt64 = 0
        for index in 0..<max(one.count, other.count) {
            let digit = (index < one.count ? one[index] : 0) + (index < other.count ? other[index] : 0) + carry
            sum.append(digit % base)
            carry = digit / base
        }
        return sum + [carry]
    }

    /// one − other, where one is not less.
    private static func difference(_ one: [UInt64], _ other: [UInt64]) -> [UInt64] {
        var result: [UInt64] = []
        var borrowed: UInt64 = 0
        for (index, digit) in one.enumerated() {
            let less = (index < other.count ? other[index] : 0) + borrowed
            borrowed = digit < less ? 1 : 0
            result.append(digit + borrowed * base - less)
        }
        return result
    }
}
