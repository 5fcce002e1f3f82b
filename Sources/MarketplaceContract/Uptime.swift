import Money

/// How an uptime is written as a number.
public enum UptimeScale: String, Sendable, Hashable, CaseIterable {
    /// Percent: `99.5`, as telemetry writes it.
    case percent
    /// Percent × 100: 9,990 is 99.90%, as early sources and some comments write it.
    case percentHundredths = "percent-e2"
    /// Percent × 10⁶: 99,900,000 is 99.90%, as the compiled contract takes it.
    case percentMillionths = "percent-e6"

    /// What 100% is on this scale.
    public var full: Int {
        switch self {
        case .percent: 100
        case .percentHundredths: 10_000
        case .percentMillionths: 100_000_000
        }
    }
}

/// An average uptime, exact to a millionth of a percent.
public struct Uptime: Sendable, Hashable, Comparable {
    /// Percent × 10⁶: 0…100,000,000.
    public let millionths: Int

    /// 100%.
    public static let full = Uptime(clamping: 100_000_000)

    /// An uptime of `millionths`, cut to 0…100,000,000.
    public init(clamping millionths: Int) { self.millionths = min(max(millionths, 0), 100_000_000) }

    /// Reads a number of any scale; digits beyond a millionth of a percent are cut off, never rounded up.
    ///
    /// Without `scale` it is told by the magnitude: up to 100 is percent, up to 10,000 is percent × 100, above that
    /// percent × 10⁶. The scales overlap only where an uptime would be below 1%, which nobody sells.
    public init?(_ value: ExactDecimal, scale: UptimeScale? = nil) {
        let scale = scale ?? UptimeScale.allCases.first { value <= ExactDecimal($0.full) }
        guard let scale, !value.isNegative, value <= ExactDecimal(scale.full),
            let scaled = try? value.scaled(by: Int128(100_000_000 / scale.full), rounding: .down),
            let millionths = Int(exactly: scaled)
        else { return nil }
        self.millionths = millionths
    }

    /// The integer on a scale, rounded down: a promise is never written larger than it is.
    public func integer(_ scale: UptimeScale) -> Int { millionths / (100_000_000 / scale.full) }

    /// The share of time, 0…1.
    public var share: ExactDecimal {
        (try? ExactDecimal(significand: Int128(millionths), scale: 8)) ?? .zero
    }

    /// Percent with six decimals at most, e.g. `99.9`.
    public var percentText: String {
        (try? ExactDecimal(significand: Int128(millionths), scale: 6))?.description ?? "0"
    }

    /// Less uptime comes first.
    public static func < (one: Uptime, other: Uptime) -> Bool { one.millionths < other.millionths }
}
