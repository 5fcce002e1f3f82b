/// An exact decimal number: up to 18 digits before the point and 18 after it.
///
/// Prices, volumes and rates arrive as decimal text and must not pass through binary floating point before they are
/// billed. Equal values have equal representations: trailing zeros of the fraction are not kept.
public struct ExactDecimal: Sendable, Hashable {
    /// The digits without the point.
    public let significand: Int128
    /// How many of the digits stand after the point, 0…18.
    public let scale: Int

    static let maximumScale = 18
    private static let limit = power(of: 36)

    /// Zero.
    public static let zero = ExactDecimal(0)
    /// One.
    public static let one = ExactDecimal(1)

    /// A whole number.
    public init(_ value: Int) {
        significand = Int128(value)
        scale = 0
    }

    /// `significand / 10^scale`, rounded to nothing: a value beyond 18 digits on either side is an error.
    public init(significand: Int128, scale: Int) throws(MoneyError) {
        var digits = significand
        var places = scale
        while places > 0, digits % 10 == 0 {
            digits /= 10
            places -= 1
        }
        guard (0...Self.maximumScale).contains(places) else { throw .overflow(operation: "a decimal") }
        let scaled = digits.multipliedReportingOverflow(by: Self.power(of: Self.maximumScale - places))
        guard !scaled.overflow, scaled.partialValue.magnitude < Self.limit.magnitude else {
            throw .overflow(operation: "a decimal")
        }
        self.significand = digits
        self.scale = places
    }

    /// Reads plain decimal text: an optional minus sign, digits, and at most one point between digits.
    public init(_ text: String) throws(MoneyError) {
        var digits: Int128 = 0
        var places = 0
        var count = 0
        var sawPoint = false
        let bytes = Array(text.utf8)
        let negative = bytes.first == UInt8(ascii: "-")
        guard bytes.last != UInt8(ascii: ".") else { throw .notADecimal(text) }
        for byte in bytes.dropFirst(negative ? 1 : 0) {
            if byte == UInt8(ascii: "."), !sawPoint, count > 0 {
                sawPoint = true
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), count < 36 else { throw .notADecimal(text) }
            digits = digits * 10 + Int128(byte - UInt8(ascii: "0"))
            count += 1
            if sawPoint { places += 1 }
        }
        guard count > 0, places <= Self.maximumScale, count - places <= Self.maximumScale else {
            throw .notADecimal(text)
        }
        try self.init(significand: negative ? -digits : digits, scale: places)
    }

    /// 10 to the `exponent`; the caller keeps it within 38.
    static func power(of exponent: Int) -> Int128 {
        var result: Int128 = 1
        for _ in 0..<exponent { result *= 10 }
        return result
    }

    /// The digits at the largest scale; it always fits, by the bound of the type.
    private var aligned: Int128 { significand * Self.power(of: Self.maximumScale - scale) }

    /// The sum; an error when it has more than 18 digits before the point.
    public func adding(_ other: ExactDecimal) throws(MoneyError) -> ExactDecimal {
        try ExactDecimal(significand: aligned + other.aligned, scale: Self.maximumScale)
    }

    /// The difference; an error when it has more than 18 digits before the point.
    public func subtracting(_ other: ExactDecimal) throws(MoneyError) -> ExactDecimal {
        try ExactDecimal(significand: aligned - other.aligned, scale: Self.maximumScale)
    }

    /// The product; an error when it is not exact within the type.
    public func multiplied(by other: ExactDecimal) throws(MoneyError) -> ExactDecimal {
        let product = significand.multipliedReportingOverflow(by: other.significand)
        guard !product.overflow else { throw .overflow(operation: "a product") }
        return try ExactDecimal(significand: product.partialValue, scale: scale + other.scale)
    }

    /// `self × factor` as a whole number, rounded by `rounding`.
    public func scaled(by factor: Int128, rounding: Rounding) throws(MoneyError) -> Int128 {
        let product = significand.multipliedReportingOverflow(by: factor)
        guard !product.overflow else { throw .overflow(operation: "a product") }
        return try rounding.quotient(product.partialValue, Self.power(of: scale))
    }

    /// The nearest double.
    public var doubleValue: Double {
        // The conversion of wide integers is slow, and few are wide.
        let narrow = Int64(truncatingIfNeeded: significand)
        if Int128(narrow) == significand, scale < Self.doublePowers.count {
            return Double(narrow) / Self.doublePowers[scale]
        }
        return Double(significand) / Double(Self.power(of: scale))
    }

    /// Powers of ten as doubles, all of them exact.
    private static let doublePowers: [Double] = (0...22).reduce(into: []) { powers, _ in
        powers.append((powers.last ?? 0.1) * 10)
    }

    /// Whether the value is below zero.
    public var isNegative: Bool { significand < 0 }
}

extension ExactDecimal: Comparable {
    /// Numerical order.
    public static func < (one: ExactDecimal, other: ExactDecimal) -> Bool { one.aligned < other.aligned }
}

extension ExactDecimal: CustomStringConvertible {
    /// Plain decimal text without superfluous zeros; reading it gives the same value.
    public var description: String { decimalText(significand, scale: scale) }
}

/// `value / 10^scale` as plain decimal text with exactly `scale` digits after the point.
func decimalText(_ value: Int128, scale: Int) -> String {
    guard scale > 0 else { return String(value) }
    let digits = String(value.magnitude)
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    return (value < 0 ? "-" : "") + padded.dropLast(scale) + "." + padded.suffix(scale)
}
