import Money

/// What a charge is for.
public enum ChargeKind: String, Sendable, Hashable, CaseIterable {
    /// Volume stored.
    case storage
    /// Volume read out.
    case egress
    /// Write operations.
    case writes
    /// Read operations.
    case reads
    /// Volume retrieved from a colder class.
    case retrieval
    /// The base fee.
    case fee
    /// What is missing to the monthly minimum.
    case minimum
    /// Storage billed up to the minimum duration.
    case minimumDuration
}

/// One line of a bill.
public struct Charge: Sendable, Hashable {
    /// What it is for.
    public let kind: ChargeKind
    /// Rounded to the minor unit, half to even.
    public let amount: Amount

    /// A line of `amount`.
    public init(kind: ChargeKind, amount: Amount) {
        self.kind = kind
        self.amount = amount
    }
}

/// A price that a tariff does not publish but a usage needs.
public enum UnpublishedPrice: String, Error, Sendable, Hashable {
    /// Reading data out.
    case egress
    /// Read operations.
    case reads
    /// Write operations.
    case writes
    /// Retrieval.
    case retrieval
}

/// What can go wrong when a usage is billed.
public enum BillingError: Error, Sendable, Hashable {
    /// The tariff has no such price.
    case unpublished(UnpublishedPrice)
    /// The arithmetic failed.
    case money(MoneyError)
}

extension Tariff {
    /// An exact quotient, before its only rounding.
    private struct Quotient {
        var numerator: Int128 = 0
        var denominator: Int128 = 1
    }

    /// The prices that `usage` needs and the tariff does not publish.
    public func unpublished(for usage: Usage) -> [UnpublishedPrice] {
        var missing: [UnpublishedPrice] = []
        if usage.egressBytes > 0 {
            if egress == nil { missing.append(.egress) }
            if retrieval == nil { missing.append(.retrieval) }
        }
        if usage.reads > 0, readsPer1000 == nil { missing.append(.reads) }
        if usage.writes > 0, writesPer1000 == nil { missing.append(.writes) }
        return missing
    }

    /// The exact bill of one month, a line for each kind of charge that is not zero; each line is rounded once.
    ///
    /// The minimum tops the lines up to `max(monthlyMinimum, sum of the lines)`. O(tiers).
    public func bill(_ usage: Usage) throws(BillingError) -> [Charge] {
        if let missing = unpublished(for: usage).first { throw .unpublished(missing) }
        do throws(MoneyError) {
            var charges: [Charge] = []
            func add(_ kind: ChargeKind, _ exact: Quotient) throws(MoneyError) {
                let amount = Amount(minor: try Rounding.halfEven.quotient(exact.numerator, exact.denominator), asset)
                if amount.minor != 0 { charges.append(Charge(kind: kind, amount: amount)) }
            }
            try add(.storage, graduated(billedBytes(usage), storage))
            if let egress { try add(.egress, graduated(billableEgress(usage, egress), egress.tiers)) }
            if let price = writesPer1000 { try add(.writes, linear(Int128(usage.writes), price, per: 1000)) }
            if let price = readsPer1000 { try add(.reads, linear(Int128(usage.reads), price, per: 1000)) }
            if let price = retrieval { try add(.retrieval, linear(Int128(usage.egressBytes), price, per: unit.bytes)) }
            try add(.fee, linear(1, monthlyFee, per: 1))
            let minimum = Amount(minor: try monthlyMinimum.scaled(by: asset.unit, rounding: .halfEven), asset)
            let lacking = try minimum.subtracting(try Amount.sum(charges.map(\.amount), asset))
            if lacking.minor > 0 { charges.append(Charge(kind: .minimum, amount: lacking)) }
            return charges
        } catch {
            throw .money(error)
        }
    }

    /// What storing `usage` costs on top of a term of `termDays` because the minimum duration is longer; nil if nothing.
    public func minimumDurationCharge(_ usage: Usage, termDays: Int) throws(BillingError) -> Charge? {
        guard termDays < minimumDays else { return nil }
        do throws(MoneyError) {
            var exact = try graduated(billedBytes(usage), storage)
            exact.numerator = try product(exact.numerator, Int128(minimumDays - termDays))
            exact.denominator = try product(exact.denominator, 30)
            let amount = Amount(minor: try Rounding.halfEven.quotient(exact.numerator, exact.denominator), asset)
            return amount.minor == 0 ? nil : Charge(kind: .minimumDuration, amount: amount)
        } catch {
            throw .money(error)
        }
    }

    /// Bytes of egress beyond the allowance.
    func billableEgress(_ usage: Usage, _ egress: EgressTariff) throws(MoneyError) -> Int128 {
        let free: Int128 =
            switch egress.allowance {
            case nil: 0
            case .fixed(let volume): try volume.scaled(by: unit.bytes, rounding: .down)
            case .multipleOfStored(let multiple): try multiple.scaled(by: Int128(usage.storedBytes), rounding: .down)
            }
        return max(0, Int128(usage.egressBytes) - free)
    }

    /// The cost of `bytes` by graduated tiers, in minor units, exact.
    private func graduated(_ bytes: Int128, _ tiers: [Tier]) throws(MoneyError) -> Quotient {
        let scale = tiers.map(\.price.scale).max() ?? 0
        var numerator: Int128 = 0
        var start: Int128 = 0
        for tier in tiers {
            guard bytes > start else { break }
            let end = try tier.upTo?.scaled(by: unit.bytes, rounding: .down) ?? bytes
            let volume = min(bytes, end) - start
            let price = try tier.price.scaled(by: power(scale), rounding: .down)
            let sum = numerator.addingReportingOverflow(try product(volume, price))
            guard !sum.overflow else { throw .overflow(operation: "a charge") }
            numerator = sum.partialValue
            start = end
        }
        return Quotient(
            numerator: try product(numerator, asset.unit), denominator: try product(unit.bytes, power(scale)))
    }

    /// The cost of `quantity` at `price` for every `size`, in minor units, exact.
    private func linear(_ quantity: Int128, _ price: ExactDecimal, per size: Int128) throws(MoneyError) -> Quotient {
        let cost = try product(quantity, price.significand)
        return Quotient(
            numerator: try product(cost, asset.unit), denominator: try product(size, power(price.scale)))
    }

    private func power(_ exponent: Int) -> Int128 {
        var result: Int128 = 1
        for _ in 0..<exponent { result *= 10 }
        return result
    }

    private func product(_ one: Int128, _ other: Int128) throws(MoneyError) -> Int128 {
        let result = one.multipliedReportingOverflow(by: other)
        guard !result.overflow else { throw .overflow(operation: "a charge") }
        return result.partialValue
    }
}
