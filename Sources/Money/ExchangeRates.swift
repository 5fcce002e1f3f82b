/// One dated rate: 1 `base` = `rate` `quote`.
public struct ExchangeRate: Sendable, Hashable {
    /// The asset that is priced.
    public let base: Asset
    /// The asset that it is priced in.
    public let quote: Asset
    /// Units of `quote` for one unit of `base`; positive.
    public let rate: ExactDecimal
    /// The day the rate was fixed.
    public let date: CalendarDay
    /// When it was observed, seconds since 1970, where a feed says so; nil for a day's fixing.
    public let time: Int?
    /// Who fixed it.
    public let source: String

    /// A rate as stated by its source: the day's reference rate of a central bank.
    public init(base: Asset, quote: Asset, rate: ExactDecimal, date: CalendarDay, source: String) {
        self.init(base: base, quote: quote, rate: rate, date: date, time: nil, source: source)
    }

    /// A rate that a feed observed at `time`, seconds since 1970.
    public init(base: Asset, quote: Asset, rate: ExactDecimal, time: Int, source: String) {
        self.init(
            base: base, quote: quote, rate: rate, date: CalendarDay(secondsSince1970: time), time: time, source: source)
    }

    private init(base: Asset, quote: Asset, rate: ExactDecimal, date: CalendarDay, time: Int?, source: String) {
        self.base = base
        self.quote = quote
        self.rate = rate
        self.date = date
        self.time = time
        self.source = source
    }
}

/// The rates that are known on a day, and conversion by them.
public struct ExchangeRates: Sendable {
    /// A conversion and the rates that it went by.
    public struct Conversion: Sendable, Hashable {
        /// What was converted.
        public let from: Amount
        /// What it came to, margin included, rounded up.
        public let to: Amount
        /// What it would have come to without the margin, rounded up.
        public let withoutMargin: Amount
        /// The rates used, in order.
        public let rates: [ExchangeRate]
        /// What was added for the risk of the rate moving before settlement, in basis points.
        public let marginBasisPoints: Int
        /// What the margin adds; `withoutMargin` + `margin` = `to`.
        public var margin: Amount { Amount(minor: to.minor - withoutMargin.minor, to.asset) }
    }

    private var newest: [String: ExchangeRate] = [:]
    private let day: CalendarDay
    private let now: Int?

    /// The newest rate of each pair that is not later than `day`.
    public init(_ rates: some Sequence<ExchangeRate>, asOf day: CalendarDay) { self.init(rates, day, now: nil) }

    /// The newest rate of each pair that is not later than `now`, seconds since 1970; rates of feeds age by the second.
    public init(_ rates: some Sequence<ExchangeRate>, at now: Int) {
        self.init(rates, CalendarDay(secondsSince1970: now), now: now)
    }

    private init(_ rates: some Sequence<ExchangeRate>, _ day: CalendarDay, now: Int?) {
        self.day = day
        self.now = now
        for rate in rates where rate.date <= day {
            if let now, let time = rate.time, time > now { continue }
            let key = rate.base.code + "/" + rate.quote.code
            // Of one day's rates an observed one is newer than the fixing.
            if let known = newest[key], (known.date, known.time ?? .min) >= (rate.date, rate.time ?? .min) { continue }
            newest[key] = rate
        }
    }

    /// Converts `amount` into `asset`, adds a margin and rounds up, as for an amount that a user must fund.
    ///
    /// Goes by a direct rate where there is one, in either direction, else through one or two other assets.
    /// Rates older than `maximumAgeDays` are refused, and rates of feeds older than `maximumFeedAgeSeconds` where the time
    /// is known. A negative margin is refused: it would promise less than the rate.
    public func convert(
        _ amount: Amount, to asset: Asset, marginBasisPoints: Int = 0, maximumAgeDays: Int,
        maximumFeedAgeSeconds: Int? = nil
    ) throws(MoneyError) -> Conversion {
        guard marginBasisPoints >= 0 else { throw .negativeMargin(marginBasisPoints) }
        let path = try path(from: amount.asset, to: asset)
        var (numerator, denominator) = (amount.minor, amount.asset.unit)
        try multiply(&numerator, &denominator, by: asset.unit, over: 1)
        for step in path {
            let age = day.ordinal - step.rate.date.ordinal
            guard age <= maximumAgeDays else {
                throw .staleRate(
                    base: step.rate.base.code, quote: step.rate.quote.code, date: step.rate.date, ageDays: age,
                    maximumDays: maximumAgeDays)
            }
            if let now, let time = step.rate.time, let maximumFeedAgeSeconds {
                let (age, overflow) = now.subtractingReportingOverflow(time)
                guard !overflow, age <= maximumFeedAgeSeconds else {
                    throw .staleFeed(
                        base: step.rate.base.code, quote: step.rate.quote.code, ageSeconds: overflow ? .max : age,
                        maximumSeconds: maximumFeedAgeSeconds)
                }
            }
            let value = step.rate.rate
            let (up, down) = (value.significand, ExactDecimal.power(of: value.scale))
            try multiply(&numerator, &denominator, by: step.inverted ? down : up, over: step.inverted ? up : down)
        }
        let bare = Amount(minor: try Rounding.up.quotient(numerator, denominator), asset)
        try multiply(&numerator, &denominator, by: Int128(10_000) + Int128(marginBasisPoints), over: 10_000)
        let full = Amount(minor: try Rounding.up.quotient(numerator, denominator), asset)
        return Conversion(
            from: amount, to: full, withoutMargin: bare, rates: path.map(\.rate), marginBasisPoints: marginBasisPoints)
    }

    private typealias Step = (rate: ExchangeRate, inverted: Bool)

    private func step(_ from: Asset, _ to: Asset) -> Step? {
        if let rate = newest[from.code + "/" + to.code] { return (rate, false) }
        if let rate = newest[to.code + "/" + from.code] { return (rate, true) }
        return nil
    }

    private func path(from: Asset, to: Asset) throws(MoneyError) -> [Step] {
        if from == to { return [] }
        if let direct = step(from, to) { return [direct] }
        for via in Asset.registry {
            if let first = step(from, via), let second = step(via, to) { return [first, second] }
        }
        for first in Asset.registry {
            guard let one = step(from, first) else { continue }
            for second in Asset.registry where second != from {
                if let two = step(first, second), let three = step(second, to) { return [one, two, three] }
            }
        }
        throw .noRate(from: from.code, to: to.code)
    }

    private func product(_ one: Int128, _ other: Int128) throws(MoneyError) -> Int128 {
        let result = one.multipliedReportingOverflow(by: other)
        guard !result.overflow else { throw .overflow(operation: "a conversion") }
        return result.partialValue
    }

    /// Multiplies a fraction by another. Common factors are cancelled first, so that only what cannot be held in lowest
    /// terms overflows.
    private func multiply(
        _ numerator: inout Int128, _ denominator: inout Int128, by up: Int128, over down: Int128
    ) throws(MoneyError) {
        guard down > 0 else { throw .divisionByZero }
        let (one, other) = (greatestCommonDivisor(numerator, down), greatestCommonDivisor(up, denominator))
        numerator = try product(numerator / one, up / other)
        denominator = try product(denominator / other, down / one)
        let rest = greatestCommonDivisor(numerator, denominator)
        numerator /= rest
        denominator /= rest
    }

    /// The greatest common divisor of a number and a positive one; at least 1.
    private func greatestCommonDivisor(_ one: Int128, _ positive: Int128) -> Int128 {
        guard positive > 0 else { return 1 }
        // The remainder is below the positive number, so its sign can be dropped without overflow.
        var (a, b) = (positive, one % positive)
        if b < 0 { b = -b }
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
