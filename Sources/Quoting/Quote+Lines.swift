import Allocation
import Marketplace
import Money

extension QuoteLeg {
    /// What the leg is charged in each month as priced quantities; their `billed` add up to ``cost``.
    ///
    /// The last month carries what is lacking to the minimum duration. O(months · tiers).
    /// - Throws: `allocation(.billing)`, which a quote that was made does not.
    public func meteredLines(_ request: SLARequest) throws(QuotingError) -> [[MeteredLine]] {
        do throws(BillingError) {
            var months: [[MeteredLine]] = []
            for (month, (tariff, usage)) in zip(tariffs, usages).enumerated() {
                var lines = try tariff.metered(usage)
                if month == request.months - 1 {
                    lines += try tariff.meteredMinimumDuration(usage, termDays: request.termDays)
                }
                months.append(lines)
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
