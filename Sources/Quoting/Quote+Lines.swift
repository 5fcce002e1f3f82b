import Allocation
import Marketplace
import Money

extension QuoteLeg {
    /// What the leg is charged in each month; the last one carries what is lacking to the minimum duration. They add up to
    /// ``cost``. O(months · tiers).
    /// - Throws: `allocation(.billing)`, which a quote that was made does not.
    public func monthlyCharges(_ request: SLARequest) throws(QuotingError) -> [[Charge]] {
        try monthly(request) { tariff, usage throws(BillingError) in
            try tariff.bill(usage)
        } atEnd: { tariff, usage throws(BillingError) in
            try tariff.minimumDurationCharge(usage, termDays: request.termDays).map { [$0] } ?? []
        }
    }

    /// ``monthlyCharges(_:)`` as priced quantities, whose `billed` add up to them.
    public func meteredLines(_ request: SLARequest) throws(QuotingError) -> [[MeteredLine]] {
        try monthly(request) { tariff, usage throws(BillingError) in
            try tariff.metered(usage)
        } atEnd: { tariff, usage throws(BillingError) in
            try tariff.meteredMinimumDuration(usage, termDays: request.termDays)
        }
    }

    private func monthly<Line>(
        _ request: SLARequest, _ lines: (Tariff, Usage) throws(BillingError) -> [Line],
        atEnd: (Tariff, Usage) throws(BillingError) -> [Line]
    ) throws(QuotingError) -> [[Line]] {
        do throws(BillingError) {
            var months: [[Line]] = []
            for (month, (tariff, usage)) in zip(tariffs, usages).enumerated() {
                months.append(try lines(tariff, usage))
                if month == request.months - 1 { months[month] += try atEnd(tariff, usage) }
            }
            return months
        } catch {
            throw .allocation(.billing(offer: offer.id, error))
        }
    }
}

extension Quote {
    /// The bill as lines that add up to ``total``: charges by leg and kind, migration, credits, the platform's fee and
    /// its gateway.
    public func statement() throws(MoneyError) -> Statement { try Self.statement(request, legs, bill) }

    static func statement(_ request: SLARequest, _ legs: [QuoteLeg], _ bill: Bill) throws(MoneyError) -> Statement {
        var lines = legs.flatMap { leg in
            leg.lines.map { Statement.Line(.charge, "\(leg.offer.id) \($0.kind.rawValue)", $0.amount) }
        }
        for charge in bill.migration + bill.moves {
            lines.append(.init(.charge, "moving from \(charge.offer): \(charge.kind.rawValue)", charge.amount))
        }
        for credit in bill.credits {
            lines.append(
                .init(
                    .credit, "credit with \(request.credits[credit.index].provider)",
                    Amount(minor: -credit.amount.minor, credit.amount.asset)))
        }
        if bill.platformFee.minor > 0 { lines.append(.init(.fee, "platform fee", bill.platformFee)) }
        if bill.gateway.minor > 0 { lines.append(.init(.fee, "platform gateway", bill.gateway)) }
        return try Statement(lines, bill.total.asset)
    }
}
