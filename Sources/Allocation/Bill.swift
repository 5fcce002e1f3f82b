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
    /// Moving the data within the term, by plans that do; each with the platform's fee of its own in ``platformFee``.
    public let moves: [Migration.Charge]
    /// What credits pay.
    public let credits: [CreditUse]
    /// What credits pay in each month.
    public let creditsByMonth: [[CreditUse]]
    /// The platform's fee on what is paid to providers.
    public let platformFee: Amount
    /// The fee in each month.
    public let platformFeeByMonth: [Amount]
    /// The platform's gateway.
    public let gateway: Amount
    /// What the user pays in each month, migration in the first, moves in the month before which they are made.
    public let payableByMonth: [Amount]
    /// The largest month before credits, migration and moves, the platform's charges included: what a monthly budget bounds.
    public let largestMonth: Amount
    /// What the user pays over the term: lines + migration + moves − credits + fee + gateway.
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
        let stage = TermBiller.Stage(months: 0..<max(0, request.months), plan: self)
        var biller = TermBiller(request: request, charges: charges, stages: [stage])
        return try biller.run()
    }
}

/// Accumulates a bill over the months of a term.
struct TermBiller {
    /// Months in which the data lies in one way.
    struct Stage {
        let months: Range<Int>
        let plan: AllocationPlan
        /// The move that it begins with.
        var move: MovingPlan.Move?
        /// By leg, what is charged at the end of the term for minimum durations; nil to charge every leg for the days that
        /// the whole term lacks.
        var ends: [[Charge]]?
    }

    private struct Key: Hashable {
        let offer: String
        let kind: ChargeKind
    }

    private let request: SLARequest
    private let charges: PlatformCharges
    private let stages: [Stage]
    private let asset = Asset.usd
    private var totals: [Key: Amount] = [:]
    private var remaining: [Amount]

    init(request: SLARequest, charges: PlatformCharges, stages: [Stage]) {
        self.request = request
        self.charges = charges
        self.stages = stages
        remaining = request.credits.map(\.amount)
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
            var fees: [Amount] = []
            var spent: [[Bill.CreditUse]] = []
            var largest = Amount.zero(asset)
            let gateway = try gatewayAMonth()
            for stage in stages {
                for month in stage.months {
                    var owed = try owed(stage, month)
                    let before = try Amount.sum(owed.values, asset)
                    let fullFee = try before.share(basisPoints: charges.feeBasisPoints, rounding: .halfEven)
                    largest = Amount(
                        minor: max(largest.minor, try before.adding(fullFee).adding(gateway).minor), asset)
                    spent.append(try spend(request.credits(inMonth: month), &owed))
                    var due = try Amount.sum(owed.values, asset)
                    if month == 0 {
                        due = try due.adding(try Amount.sum(stage.plan.migration.map(\.amount), asset))
                    }
                    let fee = try due.share(basisPoints: charges.feeBasisPoints, rounding: .halfEven)
                    feeTotal = try feeTotal.adding(fee)
                    fees.append(fee)
                    gatewayTotal = try gatewayTotal.adding(gateway)
                    var paid = try due.adding(fee).adding(gateway)
                    if month == stage.months.lowerBound, let move = stage.move {
                        feeTotal = try feeTotal.adding(move.platformFee)
                        fees[fees.count - 1] = try fee.adding(move.platformFee)
                        paid = try paid.adding(move.cost)
                    }
                    payable.append(paid)
                }
            }
            let lines = totals.sorted { ($0.key.offer, $0.key.kind.order) < ($1.key.offer, $1.key.kind.order) }
                .map { Bill.Line(offer: $0.key.offer, kind: $0.key.kind, amount: $0.value) }
            var credits: [Bill.CreditUse] = []
            for (index, credit) in request.credits.enumerated() {
                let used = try credit.amount.subtracting(remaining[index])
                if used.minor > 0 { credits.append(Bill.CreditUse(index: index, amount: used)) }
            }
            return Bill(
                lines: lines, migration: stages.first?.plan.migration ?? [],
                moves: stages.flatMap { $0.move?.charges ?? [] }, credits: credits, creditsByMonth: spent,
                platformFee: feeTotal, platformFeeByMonth: fees, gateway: gatewayTotal, payableByMonth: payable,
                largestMonth: largest,
                total: try Amount.sum(payable, asset))
        } catch {
            throw .money(error)
        }
    }

    /// What providers charge for a month, before credits.
    private mutating func owed(_ stage: Stage, _ month: Int) throws(MoneyError) -> [String: Amount] {
        var owed: [String: Amount] = [:]
        for (leg, offer) in stage.plan.offers.enumerated() {
            current = offer.id
            for charge in try charges(stage, leg, month) {
                let key = Key(offer: offer.id, kind: charge.kind)
                totals[key] = try (totals[key] ?? .zero(asset)).adding(charge.amount)
                owed[offer.provider] = try (owed[offer.provider] ?? .zero(asset)).adding(charge.amount)
            }
        }
        return owed
    }

    /// What a leg is charged for a month; the last month carries what is lacking to the minimum duration.
    private func charges(_ stage: Stage, _ leg: Int, _ month: Int) throws(MoneyError) -> [Charge] {
        let tariff = stage.plan.tariffs[leg][month]
        let usage = stage.plan.usages[leg][month]
        do throws(BillingError) {
            var charges = try tariff.bill(usage)
            guard month == request.months - 1 else { return charges }
            if let ends = stage.ends {
                charges += ends[leg]
            } else if let rest = try tariff.minimumDurationCharge(usage, termDays: request.termDays) {
                charges.append(rest)
            }
            return charges
        } catch {
            if case .money(let error) = error { throw error }
            throw .overflow(operation: "a charge without a published price")
        }
    }

    private mutating func spend(
        _ credits: [Int], _ owed: inout [String: Amount]
    ) throws(MoneyError) -> [Bill.CreditUse] {
        let order = credits.sorted {
            (request.credits[$0].expires, $0) < (request.credits[$1].expires, $1)
        }
        var uses: [Bill.CreditUse] = []
        for index in order {
            let provider = request.credits[index].provider
            guard let due = owed[provider] else { continue }
            let used = Amount(minor: min(due.minor, remaining[index].minor), asset)
            owed[provider] = try due.subtracting(used)
            remaining[index] = try remaining[index].subtracting(used)
            if used.minor > 0 { uses.append(Bill.CreditUse(index: index, amount: used)) }
        }
        return uses
    }

    private func gatewayAMonth() throws(MoneyError) -> Amount {
        let bytes = request.traffic.reduce(Int128(0)) { $0 + Int128($1.egressBytes) }
        let units = try charges.gatewayPerGB.scaled(by: bytes * asset.unit, rounding: .halfEven)
        return Amount(minor: try Rounding.halfEven.quotient(units, 1_000_000_000), asset)
    }
}

extension ChargeKind {
    /// The order of lines on a bill.
    var order: Int { ChargeKind.allCases.firstIndex(of: self) ?? 0 }
}
