/// A natural number of any size, in digits of base 10⁹, the least first: a slow reference for exact arithmetic.
struct BigNatural: Comparable {
    private static let base: UInt64 = 1_000_000_000
    private var digits: [UInt64]

    private init(digits: [UInt64]) {
        self.digits = digits
        while let last = self.digits.last, last == 0 { self.digits.removeLast() }
    }

    /// The number written in decimal digits.
    init(_ text: String) {
        self.init(digits: [])
        for byte in text.utf8 { self = self * BigNatural(10) + BigNatural(Int(byte) - 48) }
    }

    init(_ value: Int) {
        self.init(digits: [
            UInt64(value) % Self.base, UInt64(value) / Self.base % Self.base, UInt64(value) / Self.base / Self.base
        ])
    }

    static func + (one: BigNatural, other: BigNatural) -> BigNatural {
        var sum: [UInt64] = []
        var carry: UInt64 = 0
        for index in 0..<max(one.digits.count, other.digits.count) {
            let digit =
                (index < one.digits.count ? one.digits[index] : 0)
                + (index < other.digits.count ? other.digits[index] : 0) + carry
            sum.append(digit % base)
            carry = digit / base
        }
        return BigNatural(digits: sum + [carry])
    }

    static func * (one: BigNatural, other: BigNatural) -> BigNatural {
        var product = [UInt64](repeating: 0, count: one.digits.count + other.digits.count + 1)
        for (i, x) in one.digits.enumerated() {
            var carry: UInt64 = 0
            for (j, y) in (other.digits + [0]).enumerated() {
                let digit = product[i + j] + x * y + carry
                product[i + j] = digit % base
                carry = digit / base
            }
        }
        return BigNatural(digits: product)
    }

    static func < (one: BigNatural, other: BigNatural) -> Bool {
        if one.digits.count != other.digits.count { return one.digits.count < other.digits.count }
        return one.digits.reversed().lexicographicallyPrecedes(other.digits.reversed())
    }
}

/// A fraction that is not negative, never reduced.
struct BigFraction {
    var numerator: BigNatural
    var denominator: BigNatural

    init(_ value: Int, over denominator: Int = 1) {
        numerator = BigNatural(value)
        self.denominator = BigNatural(denominator)
    }

    /// The number written as a decimal without a sign.
    init(_ text: String) {
        let parts = text.split(separator: ".")
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        numerator = BigNatural(parts[0] + fraction)
        denominator = BigNatural("1" + String(repeating: "0", count: fraction.count))
    }

    static func + (one: BigFraction, other: BigFraction) -> BigFraction {
        var sum = BigFraction(0)
        sum.numerator = one.numerator * other.denominator + other.numerator * one.denominator
        sum.denominator = one.denominator * other.denominator
        return sum
    }

    static func * (one: BigFraction, other: BigFraction) -> BigFraction {
        var product = BigFraction(0)
        product.numerator = one.numerator * other.numerator
        product.denominator = one.denominator * other.denominator
        return product
    }

    static func < (one: BigFraction, other: BigFraction) -> Bool {
        one.numerator * other.denominator < other.numerator * one.denominator
    }

    /// The nearest whole number, ties to even, by bisection.
    var rounded: Int {
        var (low, high) = (0, 1 << 60)
        while low < high {
            let middle = (low + high + 1) / 2
            if numerator < BigNatural(middle) * denominator { high = middle - 1 } else { low = middle }
        }
        let twice = BigNatural(2) * numerator
        let half = BigNatural(2 * low + 1) * denominator
        if half < twice { return low + 1 }
        return twice < half ? low : low + low % 2
    }
}
