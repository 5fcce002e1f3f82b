import Foundation
import Pricing
import Testing

/// Costs by hand, and what is refused.
@Suite struct ProviderCostsTests {
    private func costs(
        life: Double = 60, capital: Double = 0, utilisation: Double = 0.75, fee: Double = 0.02, pue: Double = 1.3
    ) throws -> ProviderCosts {
        try ProviderCosts(
            hardwarePrice: 12_000, lifeMonths: life, annualCapitalRate: capital, capacityGigabytes: 1_000_000,
            utilisation: utilisation, powerWatts: 1000, powerUsageEffectiveness: pue,
            electricityPricePerKilowattHour: 0.1, bandwidthPricePerGigabyte: 0.001, egressPerStoredGigabyteMonth: 0.2,
            operationsPerGigabyteMonth: 0.0001, platformFee: fee)
    }

    @Test func marginalCostByHand() throws {
        let costs = try costs()
        // 1 kW · 1.3 · 730.5 h · 0.1 = 94.965 for 10⁶ GB.
        #expect(abs(costs.powerPerGigabyteMonth - 94.965e-6) < 1e-15)
        let outlay = 94.965e-6 + 0.0002 + 0.0001
        #expect(abs(costs.outlayPerGigabyteMonth - outlay) < 1e-15)
        #expect(abs(costs.marginalCost() - outlay / 0.98) < 1e-15)
        // At the marginal cost with forfeits: (outlay + forfeits)/(1 − fee) is the price itself.
        let price = costs.marginalCost(breachProbability: 0.1)
        let forfeits = costs.expectedForfeits(at: price, breachProbability: 0.1)
        #expect(abs((outlay + forfeits) / 0.98 - price) < 1e-15)
        #expect(costs.marginalCost(breachProbability: 1) == .infinity)
    }

    @Test func fullCostRecoversCapitalAndIdlePower() throws {
        let plain = try costs()
        #expect(plain.monthlyCapitalRecovery == 200)
        let expected = (94.965e-6 / 0.75 + 0.0003 + 200 / 0.75e6) / 0.98
        #expect(abs(plain.fullCost() - expected) < 1e-15)
        // The present value of the annuity is the price.
        let dear = try costs(capital: 0.08)
        let rate = pow(1.08, 1.0 / 12) - 1
        let value = (1...60).reduce(0.0) { $0 + dear.monthlyCapitalRecovery / pow(1 + rate, Double($1)) }
        #expect(abs(value - 12_000) < 1e-6)
        // A tiny rate is the limit of none, without cancellation.
        #expect(abs(try costs(capital: 1e-12).monthlyCapitalRecovery - 200) < 1e-6)
    }

    @Test func unusableFiguresAreNamed() {
        func refusal(_ make: () throws -> ProviderCosts) -> String {
            do {
                _ = try make()
                return ""
            } catch { return "\(error)" }
        }
        #expect(refusal { try costs(life: 0) }.hasPrefix("lifeMonths"))
        #expect(refusal { try costs(capital: -.infinity) }.hasPrefix("annualCapitalRate"))
        #expect(refusal { try costs(utilisation: 0) }.hasPrefix("utilisation"))
        #expect(refusal { try costs(fee: 1) }.hasPrefix("platformFee"))
        #expect(refusal { try costs(pue: .nan) }.hasPrefix("powerUsageEffectiveness"))
    }
}
