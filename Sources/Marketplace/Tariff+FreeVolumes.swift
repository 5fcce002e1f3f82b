import Money

extension Tariff {
    /// Graduated steps after what costs nothing: the free volume, in volume units, and the steps that begin beyond it.
    public struct PaidTiers: Sendable, Hashable {
        /// What costs nothing a month.
        public let free: ExactDecimal
        /// The price of what exceeds the free volume; the steps' ends count from there.
        public let tiers: [Tier]
    }

    /// The tariff's steps apart from its free volumes: a leading step of price zero, or a fixed egress allowance.
    public var paidTiers: (storage: PaidTiers, egress: PaidTiers?) {
        let paidStorage = Self.split(storage)
        guard let egress else { return (paidStorage, nil) }
        guard case .fixed(let allowance) = egress.allowance else { return (paidStorage, Self.split(egress.tiers)) }
        return (paidStorage, PaidTiers(free: allowance, tiers: egress.tiers))
    }

    private static func split(_ tiers: [Tier]) -> PaidTiers {
        guard let first = tiers.first, first.price == .zero, let free = first.upTo, tiers.count > 1 else {
            return PaidTiers(free: .zero, tiers: tiers)
        }
        let rest = tiers.dropFirst().map { tier in
            Tier(upTo: tier.upTo.flatMap { try? $0.subtracting(free) }, price: tier.price)
        }
        return PaidTiers(free: free, tiers: rest)
    }

    /// The tariff of a leg when another leg of the same account has used up the free volumes.
    ///
    /// Free volumes are granted to an account, not to each offer of a provider. What a base fee includes comes with
    /// each fee and stays.
    public var withoutFreeVolumes: Tariff {
        guard monthlyFee == .zero else { return self }
        var tariff = self
        let paid = paidTiers
        tariff.storage = paid.storage.tiers
        if let egress, let tiers = paid.egress?.tiers {
            var allowance = egress.allowance
            if case .fixed = allowance { allowance = nil }
            tariff.egress = EgressTariff(
                tiers: tiers, allowance: allowance, limitMultipleOfStored: egress.limitMultipleOfStored)
        }
        return tariff
    }
}
