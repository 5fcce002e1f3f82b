/// A whole number of 256 bits, in two's complement: what sums and products of amounts are before anybody asks whether they
/// fit. Holds every product of two amounts, and sums of as many as tests make.
struct WideInteger: Comparable {
    private let high: Int128
    private let low: UInt128

    private init(high: Int128, low: UInt128) {
        self.high = high
        self.low = low
    }

    /// `value × factor`.
    init(_ value: Int128, times factor: Int128 = 1) {
        let product = value.multipliedFullWidth(by: factor)
        self.init(high: product.high, low: product.low)
    }

    /// The number in 128 bits; nil where it needs more.
    var narrow: Int128? {
        let cut = Int128(truncatingIfNeeded: low)
        return high == (cut < 0 ? -1 : 0) ? cut : nil
    }

    static prefix func - (one: WideInteger) -> WideInteger {
        WideInteger(high: ~one.high, low: ~one.low) + WideInteger(1)
    }

    static func + (one: WideInteger, other: WideInteger) -> WideInteger {
        let (low, carry) = one.low.addingReportingOverflow(other.low)
        return WideInteger(high: one.high + other.high + (carry ? 1 : 0), low: low)
    }

    static func - (one: WideInteger, other: WideInteger) -> WideInteger { one + -other }

    static func < (one: WideInteger, other: WideInteger) -> Bool { (one.high, one.low) < (other.high, other.low) }
}
