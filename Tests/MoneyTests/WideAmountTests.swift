import Money
import TestSupport
import Testing

/// Amounts of every asset and of every size up to the edges of 128 bits, each case drawn from a seed of its own and held
/// against integers of 256 bits: a result is exact, or it is an error because 128 bits cannot hold it.
@Suite struct WideAmountTests {
    static let cases: UInt64 = 100_000

    /// What a case breaks, in words; the first stops it.
    struct Broken: Error { let what: String }

    static func hold(_ condition: Bool, _ what: @autoclosure () -> String) throws {
        if !condition { throw Broken(what: what()) }
    }

    /// Goes through all seeds, up to the first that breaks something.
    static func everySeed(_ body: (inout SeededGenerator, Asset) throws -> Void) {
        for seed in 0..<cases {
            var random = SeededGenerator(seed: seed)
            let asset = random.pick(Asset.registry)
            do {
                try body(&random, asset)
            } catch {
                Issue.record("seed \(seed), \(asset.code): \((error as? Broken)?.what ?? "\(error)")")
                return
            }
        }
    }

    /// A number of up to `bits` bits, the short as likely as the long; now and then one of the edges.
    static func minor(_ random: inout SeededGenerator, bits: Int = 127, signed: Bool = true) -> Int128 {
        if bits == 127, random.chance(0.02) { return signed ? random.pick([.max, .min, .min + 1, -1]) : .max }
        let wide = UInt128(random.next()) << 64 | UInt128(random.next())
        let value = Int128(wide >> UInt128(128 - random.int(1...bits)))
        return signed && random.chance(0.5) ? -value : value
    }

    /// The result, or nil where it is refused because it does not fit; no other error passes.
    static func fitting(_ body: () throws(MoneyError) -> Amount) throws -> Amount? {
        do throws(MoneyError) {
            return try body()
        } catch {
            guard case .overflow = error else { throw error }
            return nil
        }
    }

    @Test func arithmeticIsExactOrRefused() {
        Self.everySeed { random, asset in
            let (a, b) = (Self.minor(&random), Self.minor(&random))
            let (one, other) = (Amount(minor: a, asset), Amount(minor: b, asset))
            let sum = try Self.fitting { () throws(MoneyError) in try one.adding(other) }
            try Self.hold(sum?.minor == (WideInteger(a) + WideInteger(b)).narrow, "\(a) + \(b)")
            let difference = try Self.fitting { () throws(MoneyError) in try one.subtracting(other) }
            try Self.hold(difference?.minor == (WideInteger(a) - WideInteger(b)).narrow, "\(a) - \(b)")
            let count = Int(truncatingIfNeeded: random.next()) >> random.int(0...63)
            let product = try Self.fitting { () throws(MoneyError) in try one.times(count) }
            try Self.hold(product?.minor == WideInteger(a, times: Int128(count)).narrow, "\(a) × \(count)")
        }
    }

    @Test func feesAreRoundedFromTheExactShare() {
        Self.everySeed { random, asset in
            let (a, points) = (Self.minor(&random), random.int(0...12_000))
            let exact = WideInteger(a, times: Int128(points))
            for mode in [Rounding.halfEven, .up, .down] {
                let share = try Self.fitting { () throws(MoneyError) in
                    try Amount(minor: a, asset).share(basisPoints: points, rounding: mode)
                }
                try Self.hold((share == nil) == (exact.narrow == nil), "\(points) bp of \(a) is refused, or is not")
                guard let share else { continue }
                // What the share lacks to the exact one, in ten thousandths of a minor unit.
                let rest = try #require((exact - WideInteger(share.minor, times: 10_000)).narrow)
                let isRight =
                    switch mode {
                    case .halfEven: abs(rest) < 5000 || (abs(rest) == 5000 && share.minor % 2 == 0)
                    case .up: rest <= 0 && rest > -10_000
                    case .down: rest >= 0 && rest < 10_000
                    }
                try Self.hold(isRight, "\(points) bp of \(a), \(mode): \(share.minor)")
            }
        }
    }

    @Test func decimalTextRoundTrips() {
        Self.everySeed { random, asset in
            let amount = Amount(minor: Self.minor(&random), asset)
            let text = amount.decimalText
            try Self.hold(try Amount(text, asset) == amount, text)
            try Self.hold(Int128(text.replacing(".", with: "")) == amount.minor, text)
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            try Self.hold(parts.count == (asset.decimals > 0 ? 2 : 1), text)
            try Self.hold(asset.decimals == 0 || parts[1].utf8.count == asset.decimals, text)
            // A digit more is too large or as large, never another number.
            let longer = try Self.fitting { () throws(MoneyError) in try Amount("1" + text.drop { $0 == "-" }, asset) }
            try Self.hold(longer.map { $0.minor > 0 && $0.decimalText.hasPrefix("1") } ?? true, "1" + text)
        }
    }

    /// A statement is its lines and fees, or is refused because a sum on the way does not fit or is negative.
    @Test func linesAndFeesAreTheTotal() {
        Self.everySeed { random, asset in
            let bits = random.pick([40, 90, 127])
            let lines = (0..<random.int(1...8)).map { index in
                Statement.Line(.charge, "\(index)", Amount(minor: Self.minor(&random, bits: bits), asset))
            }
            var (sum, isTooLarge) = (WideInteger(0), false)
            for line in lines {
                sum = sum + WideInteger(line.amount.minor)
                isTooLarge = isTooLarge || sum.narrow == nil || line.amount.minor == .min
            }
            var statement: Statement
            do throws(MoneyError) {
                statement = try Statement(lines, asset)
            } catch .negativeTotal {
                return try Self.hold(sum < WideInteger(0), "not negative: \(lines)")
            } catch {
                return try Self.hold(isTooLarge, "\(error): \(lines)")
            }
            let gross = statement.total.minor
            try Self.hold(!isTooLarge && gross == sum.narrow, "\(lines) are not \(gross)")
            do throws(MoneyError) {
                try statement.add(.fee, "platform", basisPoints: random.int(0...3000))
                try statement.add(.tax, "VAT", basisPoints: random.int(0...3000))
            } catch {
                try Self.hold(WideInteger(gross, times: 20_000).narrow == nil, "\(error): fees on \(gross)")
            }
            // Also where a fee was refused: the statement is then as it was before.
            let total = statement.lines.reduce(WideInteger(0)) { $0 + WideInteger($1.amount.minor) }
            try Self.hold(WideInteger(statement.total.minor) == total, "\(statement)")
        }
    }

    /// Hamilton's method by its definition: whole quotas, and a unit more for the largest remainders, the first of equals.
    @Test func sharesByLargestRemainderAddUp() {
        Self.everySeed { random, asset in
            let total = Self.minor(&random, signed: false)
            let bits = random.pick([4, 60, 123, 127])
            let weights = (0..<random.int(1...9)).map { _ in
                random.chance(0.1) ? 0 : Self.minor(&random, bits: bits, signed: false)
            }
            guard let sum = weights.reduce(WideInteger(0), { $0 + WideInteger($1) }).narrow else {
                #expect(throws: MoneyError.overflow(operation: "a sum of weights")) {
                    try Apportionment.largestRemainder(total, weights: weights)
                }
                return
            }
            guard sum > 0 else { return }
            let parts = try Apportionment.largestRemainder(total, weights: weights)
            let words = "\(total) over \(weights): \(parts)"
            try Self.hold(parts.reduce(WideInteger(0)) { $0 + WideInteger($1) } == WideInteger(total), words)
            var (raised, left): ([(rest: Int128, index: Int)], [(rest: Int128, index: Int)]) = ([], [])
            for (index, part) in parts.enumerated() {
                let rest = WideInteger(total, times: weights[index]) - WideInteger(part, times: sum)
                guard let rest = rest.narrow else { throw Broken(what: words) }
                try Self.hold(rest > -sum && rest < sum, words)
                if rest < 0 { raised.append((rest + sum, index)) } else { left.append((rest, index)) }
            }
            for one in raised {
                for other in left {
                    let isBefore = one.rest > other.rest || (one.rest == other.rest && one.index < other.index)
                    try Self.hold(isBefore, words)
                }
            }
        }
    }
}
