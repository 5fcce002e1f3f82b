import Foundation
import Pricing
import TestSupport
import Testing

/// The closed forms and equilibria against published and generated figures.
@Suite struct ClosedFormOracleTests {
    private static let file = "choice/expected_pricing.json"
    private static let table = "choice/nevo_logit_C01Q1_pricing_oracle.csv"

    private struct Oracle: Decodable {
        struct Single: Decodable {
            let a, alpha, c, E, p, share, profit, dp_da, dp_dalpha, dp_dc, dp_dlogE: Double
        }
        struct Several: Decodable {
            let a, c, prices, shares: [Double]
            let alpha, outside_E, markup, profit: Double
        }
        struct Symmetric: Decodable {
            let a, c, mu, a0, p_nash, share_nash, profit_nash, p_monopoly, profit_monopoly_per_firm: Double
        }
        struct Bertrand: Decodable {
            let a, c, prices, shares, profits_by_product: [Double]
            let firm: [Int]
            let alpha: Double
        }
        struct Nested: Decodable {
            let a, c, prices, shares, within: [Double]
            let nest: [Int]
            let alpha, rho: Double
        }
        struct Capacity: Decodable {
            let a, alpha, c, E, M, K, p_unconstrained, demand_unconstrained, p_capacity, p_opt, shadow_price: Double
        }
        struct Interior: Decodable { let g0, g1, T0, x, c, p, accept, profit: Double }
        let mnl_single_best_response: [Single]
        let mnl_multiproduct_equal_markup: Several
        let calvano_symmetric_duopoly: Symmetric
        let no_outside_symmetric: [String: Double]
        let bertrand_nash_6: Bertrand
        let nested_logit_bertrand: Nested
        let capacity: Capacity
        let acceptance_interior: Interior
    }

    private static func oracle() throws -> Oracle {
        try JSONDecoder().decode(Oracle.self, from: Data(contentsOf: SharedData.url(file)))
    }

    private func close(_ found: Double, _ known: Double, _ tolerance: Double = 1e-9) -> Bool {
        abs(found - known) <= tolerance * max(1, abs(known))
    }

    private func close(_ found: [Double], _ known: [Double], _ tolerance: Double = 1e-9) -> Bool {
        found.count == known.count && zip(found, known).allSatisfy { close($0, $1, tolerance) }
    }

    @Test(.enabled(if: SharedData.isPresent(file), Comment(rawValue: SharedData.absence)))
    func singleOffers() throws {
        let cases = try Self.oracle().mnl_single_best_response
        #expect(cases.count == 5)
        for known in cases {
            let found = try LogitBestResponse(
                LogitOffer(quality: known.a, marginalCost: known.c), priceSensitivity: known.alpha,
                logRivals: log(known.E))
            let derivatives = try #require(found.derivatives())
            #expect(close(found.price, known.p) && close(found.share, known.share) && close(found.profit, known.profit))
            #expect(close(derivatives.quality, known.dp_da) && close(derivatives.priceSensitivity, known.dp_dalpha))
            #expect(close(derivatives.marginalCost, known.dp_dc) && close(derivatives.logRivals, known.dp_dlogE))
        }
    }

    @Test(.enabled(if: SharedData.isPresent(file), Comment(rawValue: SharedData.absence)))
    func severalOwnOffersShareOneMarkup() throws {
        let known = try Self.oracle().mnl_multiproduct_equal_markup
        let found = try LogitBestResponse(
            zip(known.a, known.c).map { LogitOffer(quality: $0, marginalCost: $1) }, priceSensitivity: known.alpha,
            logRivals: log(known.outside_E))
        #expect(close(found.markup, known.markup) && close(found.prices, known.prices))
        #expect(close(found.shares, known.shares) && close(found.profit, known.profit))
    }

    @Test(.enabled(if: SharedData.isPresent(file), Comment(rawValue: SharedData.absence)))
    func symmetricFirms() throws {
        let oracle = try Self.oracle()
        let known = oracle.calvano_symmetric_duopoly
        let offer = LogitOffer(quality: known.a / known.mu, marginalCost: known.c)
        let found = try SymmetricLogit(
            firms: 2, offer: offer, priceSensitivity: 1 / known.mu, outsideUtility: known.a0 / known.mu)
        #expect(close(found.nashPrice, known.p_nash) && close(found.nashShare, known.share_nash))
        #expect(close(found.nashProfit, known.profit_nash))
        #expect(close(try #require(found.monopolyPrice), known.p_monopoly))
        #expect(close(try #require(found.monopolyProfit), known.profit_monopoly_per_firm))
        // The general ways reach the same.
        let market = try LogitMarket(
            [offer, offer], priceSensitivity: 1 / known.mu, outsideUtility: known.a0 / known.mu)
        #expect(close(try market.equilibrium(.separate(2)).prices, [known.p_nash, known.p_nash]))
        #expect(close(try market.equilibrium(.joint(2)).prices, [known.p_monopoly, known.p_monopoly]))
        for (firms, price) in oracle.no_outside_symmetric {
            let count = try #require(Int(firms))
            let alone = try SymmetricLogit(
                firms: count, offer: LogitOffer(quality: 2, marginalCost: 1), priceSensitivity: 4,
                outsideUtility: -.infinity)
            #expect(close(alone.nashPrice, price) && alone.monopolyPrice == nil)
            let everybody = try LogitMarket(
                [LogitOffer](repeating: LogitOffer(quality: 2, marginalCost: 1), count: count), priceSensitivity: 4,
                outsideUtility: -.infinity)
            #expect(close(try everybody.equilibrium(.separate(count)).prices[0], price))
        }
    }

    @Test(.enabled(if: SharedData.isPresent(file), Comment(rawValue: SharedData.absence)))
    func equilibria() throws {
        let oracle = try Self.oracle()
        let plain = oracle.bertrand_nash_6
        let found = try LogitMarket(
            zip(plain.a, plain.c).map { LogitOffer(quality: $0, marginalCost: $1) }, priceSensitivity: plain.alpha
        ).equilibrium(.firms(plain.firm))
        #expect(close(found.prices, plain.prices) && close(found.shares, plain.shares))
        #expect(close(found.profits, plain.profits_by_product) && found.residual < 1e-12)
        let nested = oracle.nested_logit_bertrand
        let equilibrium = try LogitMarket(
            zip(nested.a, nested.c).map { LogitOffer(quality: $0, marginalCost: $1) }, priceSensitivity: nested.alpha,
            nests: LogitNests(nested.nest, correlation: nested.rho)
        ).equilibrium(.separate(4))
        #expect(close(equilibrium.prices, nested.prices) && close(equilibrium.shares, nested.shares))
        #expect(close(equilibrium.sharesWithinNests, nested.within))
    }

    @Test(.enabled(if: SharedData.isPresent(file), Comment(rawValue: SharedData.absence)))
    func capacityAndAcceptance() throws {
        let oracle = try Self.oracle()
        let known = oracle.capacity
        let offer = LogitOffer(quality: known.a, marginalCost: known.c)
        let found = try LogitCapacityResponse(
            offer, priceSensitivity: known.alpha, logRivals: log(known.E), users: known.M, capacity: known.K)
        #expect(close(found.unconstrainedPrice, known.p_unconstrained) && close(found.price, known.p_opt))
        #expect(close(try #require(found.capacityPrice), known.p_capacity))
        #expect(close(found.shadowPrice, known.shadow_price))
        let free = try LogitBestResponse(offer, priceSensitivity: known.alpha, logRivals: log(known.E))
        #expect(close(known.M * free.share, known.demand_unconstrained))
        let interior = oracle.acceptance_interior
        let curve = AcceptanceCurve(intercept: interior.g0, sensitivity: interior.g1)
        let best = try curve.bestPrice(base: interior.T0, volume: interior.x, marginalCost: interior.c)
        #expect(close(best.price, interior.p) && close(best.share, interior.accept))
        #expect(close(curve.probability(at: interior.T0 + interior.x * best.price), interior.accept))
        #expect(close(best.profit * interior.x, interior.profit))
    }

    @Test(.enabled(if: SharedData.isPresent(table), Comment(rawValue: SharedData.absence)))
    func cerealsOfNevo() throws {
        let lines = try String(contentsOf: SharedData.url(Self.table), encoding: .utf8).split(separator: "\n")
        let names = try #require(lines.first).split(separator: ",").map(String.init)
        let rows = lines.dropFirst().map { $0.split(separator: ",").map(String.init) }
        func column(_ name: String) throws -> [Double] {
            let index = try #require(names.firstIndex(of: name))
            return try rows.map { try #require(Double($0[index])) }
        }
        let (prices, shares) = (try column("prices"), try column("shares"))
        let elasticity = try column("own_elasticity")
        let alpha = -elasticity[0] / (prices[0] * (1 - shares[0]))
        let firms = try column("firm_ids").map { Int($0) }
        let market = try LogitMarket(
            prices: prices, shares: shares, priceSensitivity: alpha, ownership: .firms(firms))
        #expect(rows.count == 24)
        #expect(close(market.offers.map(\.marginalCost), try column("cost"), 1e-10))
        #expect(close(zip(market.offers, prices).map { ($1 - $0.marginalCost) / $1 }, try column("markup"), 1e-10))
        #expect(close(zip(market.offers, prices).map { $0.quality - alpha * $1 }, try column("delta"), 1e-10))
        let observed = try market.equilibrium(.firms(firms))
        #expect(close(observed.prices, prices, 1e-10) && close(observed.shares, shares, 1e-10))
        let merged = try market.equilibrium(.firms(firms.map { $0 == 2 ? 1 : $0 }))
        #expect(close(merged.prices, try column("merger_price"), 1e-10))
        #expect(close(merged.shares, try column("merger_share"), 1e-10))
        let single = try market.equilibrium(.separate(24))
        #expect(close(single.prices, try column("singleproduct_price"), 1e-10))
    }
}
