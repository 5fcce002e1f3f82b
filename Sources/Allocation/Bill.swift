import Marketplace
import Money

/// The exact bill of a plan over its term.
public struct Bill: Sendable, Hashable {
    /// What one leg costs for one kind of charge over the term.
    public struct Line: Sendable, Hashable {
        /// The offer that charges.
        public let offer: String
        /// What for.
        public let kind: ChargeKind
        /// Over the whole term.
        public let amount: Amount
    }

    /// What one credit pays over the term.
    public struct CreditUse: Sendable, Hashable {
        /// Which of the request's credits.
        public let index: Int
        /// What it pays, not negative.
        public let amount: Amount
    }

    /// Charges of providers, by leg and kind.
    public let lines: [Line]
    /// Moving the data away from where it is, once.
    public let migration: [Migration.Charge]
    /// What credits pay.
    public let credits: [CreditUse]
    /// The platform's fee on what is paid to providers.
    public let platformFee: Amount
    /// The platform's gateway.
    public let gateway: Amount
    /// What the user pays in each month, migration in the first.
    public let payableByMonth: [Amount]
    /// The largest month before credits and migration, the platform's charges included: what a monthly budget bounds.
    public let largestMonth: Amount
    /// What the user pays over the term: lines + migration − credits + fee + gateway.
    public let total: Amount

    /// The least budget of a period that this bill fits into.
    public func needed(for period: SLARequest.BudgetPeriod) -> Amount { period == .month ? largestMonth : total }
}

extension AllocationPlan {
    /// For each traffic region the share of reads, 0…1, that fetch a shard from leg `leg`.
    public func readShares(of leg: Int) -> [Double] {
        var shares = [Double](repeating: 0, count: request.traffic.count)
        for placement in placements {
            for part in placement.legs where part.offer.id == offers[leg].id {
                for u in shares.indices { shares[u] += placement.share * part.readShares[u] }
            }
        }
        return shares.map { min(1, $0) }
    }

    /// Bills every leg month by month by its own tariff; credits pay first, the one that expires first before others;
    /// the platform's fee is taken on what remains to be paid to providers each month, rounded half to even.
    public func bill() throws(AllocationError) -> Bill {
        var biller = TermBiller(plan: self)
        return try biller.run()
    }
}

/// Accumulates a bill over the months of a term.
private struct TermBiller {
    private struct Key: Hashable {
        let leg: Int
        let kind: ChargeKind
    }

    private let plan: AllocationPlan
    private let asset = Asset.usd
    private var totals: [Key: Amount] = [:]
    private var remaining: [Amount]

    init(plan: AllocationPlan) {
        self.plan = plan
        remaining = plan.request.credits.map(\.amount)
    }

    mutating func run() throws(AllocationError) -> Bill {
        do throws(BillingError) { return try bill() } catch { throw .billing(offer: current, error) }
    }

    /// The offer that is being billed, for errors.
    private var current = ""

    private mutating func bill() throws(BillingError) -> Bill {
        do throws(MoneyError) {
            var (feeTotal, gatewayTotal) = (Amount.zero(asset), Amount.zero(asset))
            var payable: [Amount] = []
            var largest = Amount.zero(asset)
            let gateway = try gatewayAMonth()
            for month in 0..<max(0, plan.request.months) {
                var owed: [String: Amount] = [:]
                for leg in plan.offers.indices {
                    current = plan.offers[leg].id
                    for charge in try charges(leg, month) {
                        let key = Key(leg: leg, kind: charge.kind)
                        totals[key] = try (totals[key] ?? .zero(asset)).adding(charge.amount)
                        let provider = plan.offers[leg].provider
                        owed[provider] = try (owed[provider] ?? .zero(asset)).adding(charge.amount)
                    }
                }
                let before = try Amount.sum(owed.values, asset)
                let fullFee = try before.share(basisPoints: plan.charges.feeBasisPoints, rounding: .halfEven)
                largest = Amount(minor: max(largest.minor, try before.adding(fullFee).adding(gateway).minor), asset)
                try spend(plan.request.credits(inMonth: month), &owed)
                var due = try Amount.sum(owed.values, asset)
                if month == 0 { due = try due.adding(try Amount.sum(plan.migration.map(\.amount), asset)) }
                let fee = try due.share(basisPoints: plan.charges.feeBasisPoints, rounding: .halfEven)
                feeTotal = try feeTotal.adding(fee)
                gatewayTotal = try gatewayTotal.adding(gateway)
                payable.append(try due.adding(fee).adding(gateway))
            }
            let lines = totals.sorted { ($0.key.leg, $0.key.kind.order) < ($1.key.leg, $1.key.kind.order) }
                .map { Bill.Line(offer: plan.offers[$0.key.leg].id, kind: $0.key.kind, amount: $0.value) }
            var credits: [Bill.CreditUse] = []
            for (index, credit) in plan.request.credits.enumerated() {
                let used = try credit.amount.subtracting(remaining[index])
                if used.minor > 0 { credits.append(Bill.CreditUse(index: index, amount: used)) }
            }
            return Bill(
                lines: lines, migration: plan.migration, credits: credits, platformFee: feeTotal, gateway: gatewayTotal,
                payableByMonth: payable, largestMonth: largest, total: try Amount.sum(payable, asset))
        } catch {
            throw .money(error)
        }
    }

    /// What a leg is charged for a month; the last month carries what is lacking to the minimum duration.
    private func charges(_ leg: Int, _ month: Int) throws(MoneyError) -> [Charge] {
        let tariff = plan.tariffs[leg][month]
        let usage = plan.usages[leg][month]
        do throws(BillingError) {
            var charges = try tariff.bill(usage)
            if month == plan.request.months - 1,
                let rest = try tariff.minimumDurationCharge(usage, termDays: plan.request.termDays)
            {
                charges.append(rest)
            }
            return charges
        } catch {
            if case .money(let error) = error { throw error }
            throw .overflow(operation: "a charge without a published price")
        }
    }

    private mutating func spend(_ credits: [Int], _ owed: inout [String: Amount]) throws(MoneyError) {
        let order = credits.sorted {
            (plan.request.credits[$0].expires, $0) < (plan.request.credits[$1].expires, $1)
        }
        for index in order {
            let provider = plan.request.credits[index].provider
            guard let due = owed[provider] else { continue }
            let used = Amount(minor: min(due.minor, remaining[index].minor), asset)
            owed[provider] = try due.subtracting(used)
            remaining[index] = try remaining[index].subtracting(used)
        }
    }

    private func gatewayAMonth() throws(MoneyError) -> Amount {
        let bytes = plan.request.traffic.reduce(Int128(0)) { $0 + Int128($1.egressBytes) }
        let units = try plan.charges.gatewayPerGB.scaled(by: bytes * asset.unit, rounding: .halfEven)
        return Amount(minor: try Rounding.halfEven.quotient(units, 1_000_000_000), asset)
    }
}

extension ChargeKind {
    /// The order of lines on a bill.
    var order: Int { ChargeKind.allCases.firstIndex(of: self) ?? 0 }
}
