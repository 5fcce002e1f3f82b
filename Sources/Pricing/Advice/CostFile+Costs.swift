import Money

extension CostFile {
    /// The costs in USD per gigabyte, for the pricing of storage.
    ///
    /// - Parameters:
    ///   - rate: USD for one unit of ``currency``.
    ///   - platformFee: the platform's share of what is paid, 0 ≤ fee < 1.
    /// - Throws: ``PricingError/badValue(field:remedy:)``.
    public func costs(usdPerUnit rate: Double, platformFee: Double) throws(PricingError) -> ProviderCosts {
        guard rate > 0, rate.isFinite else {
            throw .badValue(field: "currency", remedy: "there is no rate from \(currency.code) to USD; import rates")
        }
        return try ProviderCosts(
            hardwarePrice: hardware * rate, lifeMonths: 12 * lifeYears, annualCapitalRate: capital,
            capacityGigabytes: capacityGB, utilisation: utilisation, powerWatts: watts, powerUsageEffectiveness: pue,
            electricityPricePerKilowattHour: electricity * rate, bandwidthPricePerGigabyte: bandwidth * rate,
            egressPerStoredGigabyteMonth: egressShare, operationsPerGigabyteMonth: operations * rate,
            platformFee: platformFee)
    }
}
