import Foundation

/// What it costs a provider to store data.
///
/// All money in one currency. Marginal cost prices idle capacity; full cost says whether capacity is worth buying.
public struct ProviderCosts: Sendable, Hashable {
    /// Price of the hardware.
    public var hardwarePrice: Double
    /// Months until it is written off.
    public var lifeMonths: Double
    /// Cost of capital a year, as a share; 0 for none.
    public var annualCapitalRate: Double
    /// What the hardware can hold of users' data, in gigabytes (10⁹ bytes).
    public var capacityGigabytes: Double
    /// The share of it that is expected to be filled, above 0, at most 1.
    public var utilisation: Double
    /// Mean power draw when filled, in watts.
    public var powerWatts: Double
    /// Power usage effectiveness: what the site draws for each watt of the hardware, at least 1.
    public var powerUsageEffectiveness: Double
    /// Price of a kilowatt-hour.
    public var electricityPricePerKilowattHour: Double
    /// Price of a gigabyte that leaves.
    public var bandwidthPricePerGigabyte: Double
    /// Gigabytes that leave in a month for each gigabyte stored and are not billed to users apart.
    public var egressPerStoredGigabyteMonth: Double
    /// Staff, space and spares for a stored gigabyte a month.
    public var operationsPerGigabyteMonth: Double
    /// The platform's share of what is paid, 0 ≤ fee < 1.
    public var platformFee: Double

    /// Costs of given figures.
    /// - Throws: ``PricingError/badValue(field:remedy:)`` that names the figure and its range.
    public init(
        hardwarePrice: Double, lifeMonths: Double, annualCapitalRate: Double = 0, capacityGigabytes: Double,
        utilisation: Double, powerWatts: Double, powerUsageEffectiveness: Double,
        electricityPricePerKilowattHour: Double, bandwidthPricePerGigabyte: Double,
        egressPerStoredGigabyteMonth: Double = 0, operationsPerGigabyteMonth: Double = 0, platformFee: Double
    ) throws(PricingError) {
        self.hardwarePrice = hardwarePrice
        self.lifeMonths = lifeMonths
        self.annualCapitalRate = annualCapitalRate
        self.capacityGigabytes = capacityGigabytes
        self.utilisation = utilisation
        self.powerWatts = powerWatts
        self.powerUsageEffectiveness = powerUsageEffectiveness
        self.electricityPricePerKilowattHour = electricityPricePerKilowattHour
        self.bandwidthPricePerGigabyte = bandwidthPricePerGigabyte
        self.egressPerStoredGigabyteMonth = egressPerStoredGigabyteMonth
        self.operationsPerGigabyteMonth = operationsPerGigabyteMonth
        self.platformFee = platformFee
        try validate()
    }

    /// Checks every figure; they may have been changed since.
    /// - Throws: ``PricingError/badValue(field:remedy:)``.
    public func validate() throws(PricingError) {
        let amounts = [
            ("hardwarePrice", hardwarePrice), ("annualCapitalRate", annualCapitalRate), ("powerWatts", powerWatts),
            ("electricityPricePerKilowattHour", electricityPricePerKilowattHour),
            ("bandwidthPricePerGigabyte", bandwidthPricePerGigabyte),
            ("egressPerStoredGigabyteMonth", egressPerStoredGigabyteMonth),
            ("operationsPerGigabyteMonth", operationsPerGigabyteMonth)
        ]
        for (field, value) in amounts {
            try PricingError.require(value >= 0 && value.isFinite, field, "give a finite number, at least 0")
        }
        for (field, value) in [("lifeMonths", lifeMonths), ("capacityGigabytes", capacityGigabytes)] {
            try PricingError.require(value > 0 && value.isFinite, field, "give a finite number above 0")
        }
        try PricingError.require(utilisation > 0 && utilisation <= 1, "utilisation", "give a share above 0, at most 1")
        try PricingError.require(
            powerUsageEffectiveness >= 1 && powerUsageEffectiveness.isFinite, "powerUsageEffectiveness",
            "give a number of at least 1")
        try PricingError.require(platformFee >= 0 && platformFee < 1, "platformFee", "give a share from 0 to below 1")
    }

    /// Hours in a month of 365.25/12 days.
    public static let hoursPerMonth = 730.5

    /// Power for a gigabyte stored for a month.
    public var powerPerGigabyteMonth: Double {
        powerWatts / 1000 * powerUsageEffectiveness * Self.hoursPerMonth * electricityPricePerKilowattHour
            / capacityGigabytes
    }

    /// Bandwidth for a gigabyte stored for a month.
    public var bandwidthPerGigabyteMonth: Double { bandwidthPricePerGigabyte * egressPerStoredGigabyteMonth }

    /// What one more gigabyte stored for a month costs, before fee and forfeits.
    public var outlayPerGigabyteMonth: Double {
        powerPerGigabyteMonth + bandwidthPerGigabyteMonth + operationsPerGigabyteMonth
    }

    /// The hardware's monthly annuity: equal payments over its life that recover its price at the cost of capital.
    public var monthlyCapitalRecovery: Double {
        let rate = expm1(log1p(annualCapitalRate) / 12)
        guard rate > 0 else { return hardwarePrice / lifeMonths }
        return hardwarePrice * rate / -expm1(-lifeMonths * log1p(rate))
    }

    /// Marginal cost, as the price of a gigabyte-month at which one more earns nothing: (power + bandwidth + operations +
    /// expected forfeits)/(1 − fee).
    ///
    /// Forfeits are a share of the price itself, a whole period's payment with probability q, so that at this price the
    /// formula is outlay/((1 − fee)(1 − q)).
    /// - Parameter breachProbability: q, the probability that a period's promise is broken, 0 ≤ q < 1; +∞ at 1.
    public func marginalCost(breachProbability: Double = 0) -> Double {
        outlayPerGigabyteMonth / ((1 - platformFee) * max(0, 1 - breachProbability))
    }

    /// Full cost of a gigabyte-month: the marginal one, and the hardware's annuity and the power of what stands idle,
    /// shared among what is filled.
    public func fullCost(breachProbability: Double = 0) -> Double {
        let idlePower = powerPerGigabyteMonth * (1 / utilisation - 1)
        let capital = monthlyCapitalRecovery / (capacityGigabytes * utilisation)
        return (outlayPerGigabyteMonth + idlePower + capital) / ((1 - platformFee) * max(0, 1 - breachProbability))
    }

    /// Expected forfeits of a gigabyte-month at `price`, after the fee that is then not due.
    public func expectedForfeits(at price: Double, breachProbability: Double) -> Double {
        price * breachProbability * (1 - platformFee)
    }
}
