import Money
import TestSupport
import Testing

@Suite struct RoundingTests {
    /// Every quotient of small integers, against the definition: a multiple of the denominator with the least distance.
    @Test func agreesWithTheDefinition() throws {
        for denominator in Int128(1)...12 {
            for numerator in Int128(-60)...60 {
                let down = try Rounding.down.quotient(numerator, denominator)
                #expect(down * denominator <= numerator && (down + 1) * denominator > numerator)
                let up = try Rounding.up.quotient(numerator, denominator)
                #expect(up * denominator >= numerator && (up - 1) * denominator < numerator)
                let even = try Rounding.halfEven.quotient(numerator, denominator)
                let twice = 2 * (even * denominator - numerator)
                #expect(abs(twice) <= denominator)
                if abs(twice) == denominator { #expect(even % 2 == 0) }
            }
        }
    }

    @Test func extremes() throws {
        #expect(try Rounding.halfEven.quotient(.max, 1) == .max)
        #expect(try Rounding.down.quotient(.min, 1) == .min)
        #expect(try Rounding.up.quotient(.max, .max) == 1)
        #expect(try Rounding.halfEven.quotient(1, .max) == 0)
        #expect(throws: MoneyError.divisionByZero) { try Rounding.up.quotient(1, 0) }
        #expect(throws: MoneyError.divisionByZero) { try Rounding.up.quotient(1, -2) }
    }
}

@Suite struct ApportionmentTests {
    @Test func partsAddUpAndLieWithinAUnit() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let weights = (0..<Int.random(in: 1...9, using: &random)).map { _ in abs(random.integer(digits: 9)) }
            let total = abs(random.integer(digits: 18))
            let sum = weights.reduce(0, +)
            guard sum > 0 else { continue }
            let parts = try Apportionment.largestRemainder(total, weights: weights)
            #expect(parts.reduce(0, +) == total)
            for (part, weight) in zip(parts, weights) {
                #expect(abs(part * sum - total * weight) < sum, "within one unit of the exact share")
                if weight == 0 { #expect(part == 0) }
            }
            #expect(try Apportionment.largestRemainder(total, weights: weights) == parts)
            // Who has more weight never gets less.
            for i in weights.indices {
                for j in weights.indices where weights[i] > weights[j] { #expect(parts[i] >= parts[j]) }
            }
        }
    }

    @Test func tiesGoToTheSmallerIndex() throws {
        #expect(try Apportionment.largestRemainder(5, weights: [1, 1, 1]) == [2, 2, 1])
        #expect(try Apportionment.largestRemainder(1, weights: [0, 1, 1]) == [0, 1, 0])
        #expect(try Apportionment.largestRemainder(0, weights: [3, 1]) == [0, 0])
        #expect(try Apportionment.largestRemainder(100, weights: [5]) == [100])
    }

    /// Products of 256 bits: thirds of the largest number, and 8,154 STRK over two equal weights of as much.
    @Test func wideProductsDoNotOverflow() throws {
        #expect(try Apportionment.largestRemainder(.max, weights: [.max]) == [.max])
        let third = Int128.max / 3
        #expect(try Apportionment.largestRemainder(.max, weights: [third, third, third]) == [third + 1, third, third])
        let fine = 8_153_512_787 * power(18) + 1
        #expect(try Apportionment.largestRemainder(fine, weights: [fine, fine]) == [fine / 2 + 1, fine / 2])
    }

    @Test func badWeightsAreRefused() {
        #expect(throws: MoneyError.badWeights) { try Apportionment.largestRemainder(1, weights: []) }
        #expect(throws: MoneyError.badWeights) { try Apportionment.largestRemainder(1, weights: [0, 0]) }
        #expect(throws: MoneyError.badWeights) { try Apportionment.largestRemainder(1, weights: [2, -1]) }
        #expect(throws: MoneyError.badWeights) { try Apportionment.largestRemainder(-1, weights: [1]) }
        #expect(throws: MoneyError.self) { try Apportionment.largestRemainder(1, weights: [.max, .max]) }
    }
}
