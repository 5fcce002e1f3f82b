import Money

/// One priced part of a charge: a quantity at one price, as of one step of a graduated tariff.
public struct MeteredLine: Sendable, Hashable {
    /// What it is for.
    public let kind: ChargeKind
    /// Which step of the graduated price, from 0; nil where the price has no steps.
    public let tier: Int?
    /// How many units, to a thousandth of a byte or finer where the price leaves room for it.
    public let quantity: ExactDecimal
    /// The unit that is priced, e.g. `GB-Months` or `1000 Requests`.
    public let unit: String
    /// The price of one unit, in the tariff's asset.
    public let price: ExactDecimal
    /// `quantity` × `price`, exact and not rounded.
    public let cost: ExactDecimal
    /// The line's part of the charge, which was rounded once; parts are by largest remainder.
    public let billed: Amount
}

extension Tariff {
    /// The bill of one month as priced quantities. For each kind of charge the lines' `billed` add up to the amount of
    /// ``bill(_:)``, and in each line `quantity` × `price` = `cost`. Free steps are lines of price zero.
    ///
    /// O(tiers).
    /// - Throws: what ``bill(_:)`` throws, and `overflow` where a cost has more digits than are held exactly.
    public func metered(_ usage: Usage) throws(BillingError) -> [MeteredLine] {
        let charges = try bill(usage)
        do throws(MoneyError) {
            var lines: [MeteredLine] = []
            let month = "\(unit.rawValue)-Months"
            func charged(_ kind: ChargeKind) -> Amount {
                charges.first { $0.kind == kind }?.amount ?? .zero(asset)
            }
            lines += try graduated(.storage, billedBytes(usage), storage, month, charged(.storage))
            if let egress {
                lines += try graduated(
                    .egress, billableEgress(usage, egress), egress.tiers, unit.rawValue, charged(.egress))
            }
            for (kind, count, price) in [
                (ChargeKind.writes, usage.writes, writesPer1000), (.reads, usage.reads, readsPer1000)
            ] {
                guard let price, count > 0 else { continue }
                let quantity = try ExactDecimal(significand: Int128(count), scale: 3)
                lines.append(try line(kind, nil, quantity, "1000 Requests", price, charged(kind)))
            }
            if let retrieval, usage.egressBytes > 0 {
                lines += try graduated(
                    .retrieval, Int128(usage.egressBytes), [Tier(price: retrieval)], unit.rawValue, charged(.retrieval))
            }
            if monthlyFee > .zero { lines.append(try line(.fee, nil, .one, "Months", monthlyFee, charged(.fee))) }
            let lacking = charged(.minimum)
            if lacking.minor > 0 {
                let price = try ExactDecimal(significand: lacking.minor, scale: asset.decimals)
                lines.append(try line(.minimum, nil, .one, "Months", price, lacking))
            }
            return lines
        } catch {
            throw .money(error)
        }
    }

    /// ``minimumDurationCharge(_:termDays:)`` as priced quantities: the days that are lacking, as a share of a month.
    public func meteredMinimumDuration(_ usage: Usage, termDays: Int) throws(BillingError) -> [MeteredLine] {
        guard let charge = try minimumDurationCharge(usage, termDays: termDays) else { return [] }
        do throws(MoneyError) {
            return try graduated(
                .minimumDuration, billedBytes(usage), storage, "\(unit.rawValue)-Months", charge.amount,
                share: (Int128(minimumDays - termDays), 30))
        } catch {
            throw .money(error)
        }
    }

    private func line(
        _ kind: ChargeKind, _ tier: Int?, _ quantity: ExactDecimal, _ unit: String, _ price: ExactDecimal,
        _ billed: Amount
    ) throws(MoneyError) -> MeteredLine {
        MeteredLine(
            kind: kind, tier: tier, quantity: quantity, unit: unit, price: price,
            cost: try quantity.multiplied(by: price), billed: billed)
    }

    /// A line for each step that holds a part of `bytes`, which share `charge`.
    private func graduated(
        _ kind: ChargeKind, _ bytes: Int128, _ tiers: [Tier], _ unitName: String, _ charge: Amount,
        share: (up: Int128, down: Int128) = (1, 1)
    ) throws(MoneyError) -> [MeteredLine] {
        var lines: [MeteredLine] = []
        var start: Int128 = 0
        for (index, tier) in tiers.enumerated() where bytes > start {
            let end = min(bytes, try tier.upTo?.scaled(by: unit.bytes, rounding: .down) ?? bytes)
            guard end > start else { continue }
            // As many digits as leave the product exact.
            let digits = min(12, 18 - tier.price.scale)
            let fine = (end - start).multipliedReportingOverflow(
                by: share.up * (0..<digits).reduce(Int128(1)) { value, _ in value * 10 })
            guard !fine.overflow else { throw .overflow(operation: "a metered quantity") }
            let quantity = try ExactDecimal(
                significand: try Rounding.halfEven.quotient(fine.partialValue, unit.bytes * share.down), scale: digits)
            lines.append(
                try line(kind, tiers.count > 1 ? index : nil, quantity, unitName, tier.price, .zero(asset)))
            start = end
        }
        guard charge.minor > 0, !lines.isEmpty else { return lines }
        // Equal scales, so that the weights compare; an exact decimal leaves room for it.
        let weights = lines.map { line in
            (0..<18 - line.cost.scale).reduce(line.cost.significand) { value, _ in value * 10 }
        }
        let parts = try Apportionment.largestRemainder(charge.minor, weights: weights)
        return zip(lines, parts).map {
            MeteredLine(
                kind: $0.kind, tier: $0.tier, quantity: $0.quantity, unit: $0.unit, price: $0.price, cost: $0.cost,
                billed: Amount(minor: $1, asset))
        }
    }
}
