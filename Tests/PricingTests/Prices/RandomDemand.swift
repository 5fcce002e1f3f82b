import Foundation
import Pricing
import TestSupport

/// Demand of random steps and curves, and its evaluation in plain words.
enum RandomDemand {
    /// Requests whose volume falls by steps, with totals that rise; prices around `scale`.
    static func demand(
        _ random: inout SeededGenerator, requests: Int, draws: Int, factors: [Double] = [1], scale: Double = 1,
        sensitivity: Double = 6, falling: Bool = true
    ) -> PricedDemand {
        let acceptances = (0..<2).map { _ in
            let intercept = Double.random(in: 2...6, using: &random)
            return Acceptance(
                (0..<draws).map { _ in
                    AcceptanceCurve(
                        intercept: intercept + (draws > 1 ? Double.random(in: -0.3...0.3, using: &random) : 0),
                        sensitivity: sensitivity * (draws > 1 ? Double.random(in: 0.9...1.1, using: &random) : 1))
                })
        }
        return PricedDemand(
            requests: (0..<requests).map { _ in
                var volume = Double.random(in: 10...1000, using: &random)
                let reference = volume * scale * Double.random(in: 1...2, using: &random)
                var (price, total) = (0.0, reference * Double.random(in: 0...0.3, using: &random))
                var pieces: [PricedRequest.Piece] = []
                for piece in 0..<random.int(1...4) {
                    let end = price + scale * Double.random(in: 0.2...1.2, using: &random)
                    // The line begins where the one before ends: a total does not jump.
                    pieces.append(
                        .init(upTo: end, volume: volume, costIntercept: total - volume * price, costSlope: volume))
                    (total, price) = (total + volume * (end - price), end)
                    volume *= falling || piece % 2 == 0 ? Double.random(in: 0...0.8, using: &random) : 1.5
                }
                pieces.append(.init(upTo: max(price, 6 * scale), volume: 0, costIntercept: total, costSlope: 0))
                return PricedRequest(
                    monthlyRate: Double.random(in: 0.1...2, using: &random), pieces: pieces, referenceTotal: reference,
                    acceptance: random.int(0...1))
            }, acceptances: acceptances, rivalFactors: factors)
    }

    /// Expected volume and other own profit a month at a price: the definition, summed. At a breakpoint, and within a
    /// thousandth of a tick below it, the piece after it holds.
    static func figures(_ demand: PricedDemand, at price: Double, tick: Double = 1e-4) -> (
        volume: Double, other: Double
    ) {
        var sum = (volume: 0.0, other: 0.0)
        for request in demand.requests {
            let curves = demand.acceptances[request.acceptance].draws
            for factor in demand.rivalFactors {
                guard
                    let piece = request.pieces.first(where: { $0.upTo * factor > price + tick / 1000 })
                        ?? request.pieces.last
                else {
                    continue
                }
                let total = (piece.costIntercept * factor + piece.costSlope * price) / request.referenceTotal
                let accepted =
                    curves.reduce(0) {
                        $0 + 1 / (1 + exp(-($1.intercept - $1.sensitivity * total)))
                    } / Double(curves.count)
                let rate = request.monthlyRate / Double(demand.rivalFactors.count)
                sum.volume += rate * piece.volume * accepted
                sum.other += rate * piece.otherProfit * factor * accepted
            }
        }
        return sum
    }
}

extension PriceDecision {
    /// The recommendation; a message when there is none.
    func told() throws -> PriceRecommendation {
        guard let recommendation else { throw Untold(reasons: reasons) }
        return recommendation
    }

    struct Untold: Error { let reasons: [AbstentionReason] }
}
