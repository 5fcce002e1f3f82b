import Marketplace
import Money

/// What cannot be computed with is refused before anything is. Readers of files refuse it earlier, and say where it
/// stands; this is for what is made in memory.
extension AllocationProblem {
    /// - Throws: ``AllocationError/unusable(_:)``.
    static func validate(_ request: SLARequest) throws(AllocationError) {
        func demand(_ holds: Bool, _ fault: @autoclosure () -> String) throws(AllocationError) {
            if !holds { throw .unusable("the request " + fault()) }
        }
        try demand(request.logicalBytes >= 1, "stores \(request.logicalBytes) bytes; store at least one")
        try demand(request.meanObjectBytes >= 1, "has objects of \(request.meanObjectBytes) bytes; at least one")
        try demand((1...1_200).contains(request.months), "has a term of \(request.months) months; 1…1200 are planned")
        try demand(
            request.monthlyGrowth > ExactDecimal(-1), "grows by \(request.monthlyGrowth) a month; above −1 leaves data")
        let years = -5_000_000...5_000_000
        try demand(years.contains(request.start.ordinal), "starts on day \(request.start.ordinal), beyond calendars")
        for part in request.traffic {
            try demand(
                part.egressBytes >= 0 && part.reads >= 0 && part.writes >= 0, "has traffic below zero at \(part.region)"
            )
        }
        let counts = 0...1_000_000
        try demand(counts.contains(request.toleratedProviders), "tolerates \(request.toleratedProviders) providers")
        try demand(counts.contains(request.toleratedRegions), "tolerates \(request.toleratedRegions) regions")
        try demand(counts.contains(request.minProviders), "asks for \(request.minProviders) providers")
        try demand(
            counts.contains(request.qos.durabilityNines ?? 0), "asks for \(request.qos.durabilityNines ?? 0) nines")
        try demand(!request.recommendedPreference.isNegative, "has a preference below zero")
        var held = 0
        for holding in request.current {
            let sum = held.addingReportingOverflow(holding.logicalBytes)
            try demand(holding.logicalBytes >= 0 && !sum.overflow, "holds \(holding.logicalBytes) bytes")
            held = sum.partialValue
        }
        for credit in request.credits {
            try demand(credit.amount.minor >= 0 && credit.amount.asset == .usd, "has a credit of \(credit.amount)")
        }
        try demand(request.budget?.amount.asset ?? .usd == .usd, "has a budget that is not in USD, as tariffs are")
    }
}

extension Tariff {
    /// What makes the tariff no function of what is used; nil if nothing does. O(tiers).
    var fault: String? {
        if let fault = Self.fault(storage) { return "storage " + fault }
        if let egress {
            if let fault = Self.fault(egress.tiers) { return "egress " + fault }
            switch egress.allowance {
            case .fixed(let volume) where volume.isNegative: return "an egress allowance below zero"
            case .multipleOfStored(let multiple) where multiple.isNegative: return "an egress allowance below zero"
            default: break
            }
            if egress.limitMultipleOfStored?.isNegative ?? false { return "an egress limit below zero" }
        }
        let prices = [writesPer1000, readsPer1000, retrieval, monthlyFee, monthlyMinimum]
        if prices.contains(where: { $0?.isNegative ?? false }) { return "a price below zero" }
        if !(0...36_500).contains(minimumDays) { return "a minimum duration of \(minimumDays) days" }
        let sizes = 0...(1 << 40)
        if !sizes.contains(minimumObjectBytes) || !sizes.contains(objectOverheadBytes) {
            return "objects billed at \(minimumObjectBytes) bytes, \(objectOverheadBytes) on top"
        }
        return asset == .usd ? nil : "prices in \(asset.code)"
    }

    private static func fault(_ tiers: [Tier]) -> String? {
        guard let last = tiers.last else { return "without a price" }
        if last.upTo != nil { return "prices that end" }
        var end = ExactDecimal.zero
        for tier in tiers.dropLast() {
            guard let next = tier.upTo, next > end else { return "tiers that do not rise" }
            end = next
        }
        return tiers.contains { $0.price.isNegative } ? "prices below zero" : nil
    }
}

extension Offer {
    /// The same of all tariffs of the offer.
    var tariffFault: String? { tariff.fault ?? changes.lazy.compactMap(\.tariff.fault).first }
}
