import Pricing
import TestSupport
import Testing

/// Parametric minima of random lines, against the minimum over all lines at many parameters.
@Suite struct EnvelopeTests {
    private struct Line: Sendable {
        let intercept: Double
        let slope: Double
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func agreesWithTheMinimumOverAllLines(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let lines = (0..<random.int(1...30)).map { _ in
            Line(intercept: Double(random.int(0...10_000)), slope: Double(random.int(0...400)))
        }
        var calls = 0
        let envelope = CostEnvelope(over: 0...50) { parameter in
            calls += 1
            let costs = lines.map { $0.intercept + $0.slope * parameter }
            let best = costs.indices.min { costs[$0] < costs[$1] } ?? 0
            return CostLine(through: costs[best], at: parameter, slope: lines[best].slope, solution: best)
        }
        #expect(calls <= 2 * envelope.pieces.count + 1)
        #expect(envelope.pieces.first?.lower == 0 && envelope.pieces.last?.upper == 50)
        for step in 0...500 {
            let parameter = Double(step) / 10
            let least = lines.map { $0.intercept + $0.slope * parameter }.min() ?? 0
            let piece = envelope.pieces.first { parameter <= $0.upper }
            #expect(abs((piece?.line(parameter) ?? .nan) - least) < 0.01)
        }
        for (one, next) in zip(envelope.pieces, envelope.pieces.dropFirst()) {
            #expect(one.upper == next.lower && one.line.slope > next.line.slope)
        }
    }

    @Test func findsBothBreakpointsOfThreeLines() {
        // 10p, 2 + 5p and 5 + p meet at 0.4 and 0.75.
        let lines = [(0.0, 10.0), (2.0, 5.0), (5.0, 1.0)]
        let envelope = CostEnvelope(over: 0...10) { p in
            let (a, b) = lines.min { $0.0 + $0.1 * p < $1.0 + $1.1 * p } ?? (0, 0)
            return CostLine(through: a + b * p, at: p, slope: b, solution: b)
        }
        #expect(envelope.pieces.map(\.line.slope) == [10, 5, 1])
        #expect(zip(envelope.pieces.map(\.upper), [0.4, 0.75, 10]).allSatisfy { abs($0 - $1) < 1e-9 })
    }
}
