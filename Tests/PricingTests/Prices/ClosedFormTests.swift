import Foundation
import Pricing
import TestSupport
import Testing

/// What closed forms must satisfy, at the edges too.
@Suite struct ClosedFormTests {
    @Test(arguments: [
        -1e308, -800, -745, -37.5, -36.9, -5, -1, -0.5, 0, 0.3, 1, 1.5, 3, 37, 700, 800, 1e6, 1e16, 1e18, 1e300
    ])
    func omegaSolvesItsEquation(y: Double) {
        let w = WrightOmega.value(y)
        #expect(w >= 0 && w.isFinite)
        if y < -700 { #expect(w == exp(y)); return }
        #expect(abs(w + log(w) - y) <= 4e-16 * max(1, abs(y)) * 4)
        #expect(WrightOmega.value(y.nextUp) >= w * (1 - 1e-15))
    }

    @Test func omegaKnowsItsLandmarks() {
        #expect(abs(WrightOmega.value(1) - 1) < 1e-15)
        #expect(abs(WrightOmega.value(0) - 0.5671432904097838) < 1e-15)
        #expect(WrightOmega.value(.infinity) == .infinity && WrightOmega.value(-.infinity) == 0)
        #expect(WrightOmega.value(.nan).isNaN)
    }

    @Test func firstOrderConditionsHoldOverAllMagnitudes() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<500 {
            let scale = pow(10, Double.random(in: -9...9, using: &random))
            let alpha = Double.random(in: 0.01...20, using: &random) / scale
            let offer = LogitOffer(
                quality: Double.random(in: -30...800, using: &random),
                marginalCost: scale * Double.random(in: 0...3, using: &random))
            let best = try LogitBestResponse(
                offer, priceSensitivity: alpha, logRivals: Double.random(in: -20...700, using: &random))
            // p − c = 1/(α(1 − s)), written without the cancellation of 1 − s near 1.
            let omega = alpha * best.profit
            #expect(abs(best.markup * alpha - 1 - omega) <= 1e-12 * (1 + omega))
            #expect(best.price >= offer.marginalCost && best.price.isFinite && best.share >= 0 && best.share <= 1)
            let derivatives = try #require(best.derivatives())
            #expect(derivatives.marginalCost >= 0 && derivatives.marginalCost <= 1 && derivatives.priceSensitivity <= 0)
            #expect(derivatives.quality >= 0 && derivatives.logRivals <= 0)
        }
    }

    @Test func derivativesAreDifferences() throws {
        func price(_ a: Double, _ alpha: Double, _ c: Double, _ rivals: Double) throws -> Double {
            try LogitBestResponse(
                [LogitOffer(quality: a, marginalCost: c), LogitOffer(quality: 1, marginalCost: 0.4)],
                priceSensitivity: alpha, logRivals: rivals
            ).price
        }
        let best = try LogitBestResponse(
            [LogitOffer(quality: 2, marginalCost: 1), LogitOffer(quality: 1, marginalCost: 0.4)], priceSensitivity: 1.3,
            logRivals: 0.7)
        let found = try #require(best.derivatives())
        let h = 1e-5
        func slope(_ up: Double, _ down: Double) -> Double { (up - down) / (2 * h) }
        #expect(abs(slope(try price(2 + h, 1.3, 1, 0.7), try price(2 - h, 1.3, 1, 0.7)) - found.quality) < 1e-8)
        #expect(
            abs(slope(try price(2, 1.3 + h, 1, 0.7), try price(2, 1.3 - h, 1, 0.7)) - found.priceSensitivity) < 1e-8)
        #expect(abs(slope(try price(2, 1.3, 1 + h, 0.7), try price(2, 1.3, 1 - h, 0.7)) - found.marginalCost) < 1e-8)
        #expect(abs(slope(try price(2, 1.3, 1, 0.7 + h), try price(2, 1.3, 1, 0.7 - h)) - found.logRivals) < 1e-8)
    }

    @Test func noOneGainsByLeavingAnEquilibrium() throws {
        var random = SeededGenerator(seed: 5)
        for round in 0..<60 {
            let count = random.int(2...6)
            let offers = (0..<count).map { _ in
                LogitOffer(
                    quality: Double.random(in: -2...6, using: &random),
                    marginalCost: Double.random(in: 0...2, using: &random))
            }
            let firms = (0..<count).map { _ in random.int(0...2) }
            let nests =
                round % 2 == 0
                ? nil
                : LogitNests(
                    (0..<count).map { _ in random.int(0...1) }, correlation: Double.random(in: 0...0.85, using: &random)
                )
            let market = try LogitMarket(offers, priceSensitivity: 1.7, nests: nests)
            let found = try market.equilibrium(.firms(firms))
            func profit(_ firm: Int, _ prices: [Double]) throws -> Double {
                let shares = try market.shares(at: prices).all
                return offers.indices.filter { firms[$0] == firm }.reduce(0) {
                    $0 + shares[$1] * (prices[$1] - offers[$1].marginalCost)
                }
            }
            for j in offers.indices {
                let stays = try profit(firms[j], found.prices)
                for factor in [0.8, 0.97, 1.001, 1.03, 1.3] {
                    var prices = found.prices
                    prices[j] *= factor
                    #expect(try profit(firms[j], prices) <= stays * (1 + 1e-12))
                }
            }
        }
    }

    @Test func anAnswerToStandingRivalsIsTheClosedForm() throws {
        let offers = [2.0, 1.5, 0.8, 1.1].map { LogitOffer(quality: $0, marginalCost: 0.3 * $0) }
        let market = try LogitMarket(offers, priceSensitivity: 1.4)
        let prices = [9.0, 9, 1.2, 0.9]
        let found = try market.bestResponse(of: [0, 1], at: prices)
        let rivals = log(1 + exp(0.8 - 1.4 * 1.2) + exp(1.1 - 1.4 * 0.9))
        let closed = try LogitBestResponse(Array(offers[0...1]), priceSensitivity: 1.4, logRivals: rivals)
        #expect(zip(found.prices, closed.prices).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(abs(found.prices[2] - 1.2) < 1e-15 && abs(found.prices[3] - 0.9) < 1e-15)
        // An equilibrium is where nobody's answer differs from what stands, with nests as well.
        let nested = try LogitMarket(
            offers, priceSensitivity: 1.4, nests: LogitNests([0, 1, 0, 1], correlation: 0.5))
        let stands = try nested.equilibrium(.firms([0, 0, 1, 2]))
        let answer = try nested.bestResponse(of: [0, 1], at: stands.prices)
        #expect(zip(answer.prices, stands.prices).allSatisfy { abs($0 - $1) < 1e-11 })
        #expect(throws: PricingError.self) { try market.bestResponse(of: [7], at: prices) }
        #expect(throws: PricingError.self) { try market.bestResponse(of: [0], at: [1]) }
    }

    @Test func aMatrixOfFirmsIsTheSameAsTheirLabels() throws {
        let offers = [1.0, 2, 0.5].map { LogitOffer(quality: $0, marginalCost: 0.3) }
        let market = try LogitMarket(offers, priceSensitivity: 2)
        let labels = try market.equilibrium(.firms([4, 4, 9])).prices
        let matrix = try market.equilibrium(.matrix([[1, 1, 0], [1, 1, 0], [0, 0, 1]])).prices
        #expect(labels == matrix)
        // Holding a part of a rival softens competition.
        let partly = try market.equilibrium(.matrix([[1, 0.3, 0], [0, 1, 0], [0, 0, 1]])).prices
        #expect(partly[0] > (try market.equilibrium(.separate(3)).prices[0]))
    }

    @Test func overwhelmingOffersHaveAnEquilibrium() throws {
        let market = try LogitMarket(
            [LogitOffer(quality: 900, marginalCost: 1), LogitOffer(quality: -900, marginalCost: 1)], priceSensitivity: 1
        )
        let found = try market.equilibrium(.separate(2))
        #expect(found.prices.allSatisfy(\.isFinite) && abs(found.prices[0] - 1 - (1 + WrightOmega.value(898))) < 1e-6)
    }

    @Test func capacityRaisesThePriceOnlyWhereItBinds() throws {
        let offer = LogitOffer(quality: 2, marginalCost: 1)
        let free = try LogitBestResponse(offer, priceSensitivity: 1, logRivals: 0)
        let ample = try LogitCapacityResponse(offer, priceSensitivity: 1, logRivals: 0, users: 10, capacity: 9)
        #expect(ample.price == free.price && ample.shadowPrice == 0)
        let endless = try LogitCapacityResponse(offer, priceSensitivity: 1, logRivals: 0, users: 10, capacity: 11)
        #expect(endless.capacityPrice == nil && endless.price == free.price)
    }

    @Test func unusableFiguresAreRefused() {
        let offer = LogitOffer(quality: 1, marginalCost: 1)
        #expect(throws: PricingError.self) { try LogitBestResponse(offer, priceSensitivity: 0, logRivals: 0) }
        #expect(throws: PricingError.self) { try LogitBestResponse(offer, priceSensitivity: .nan, logRivals: 0) }
        #expect(throws: PricingError.self) { try LogitBestResponse(offer, priceSensitivity: 1, logRivals: -.infinity) }
        #expect(throws: PricingError.self) { try LogitBestResponse([], priceSensitivity: 1, logRivals: 0) }
        #expect(throws: PricingError.self) { try SymmetricLogit(firms: 0, offer: offer, priceSensitivity: 1) }
        #expect(throws: PricingError.self) {
            try LogitMarket([offer], priceSensitivity: 1, outsideUtility: -.infinity).equilibrium(.separate(1))
        }
        #expect(throws: PricingError.self) { try LogitMarket([offer], priceSensitivity: 1).equilibrium(.firms([0, 1])) }
        #expect(throws: PricingError.self) {
            try LogitMarket(prices: [1], shares: [1], priceSensitivity: 1, ownership: .separate(1))
        }
    }
}
