import Foundation
import LinearAlgebra
import Money
import Recommendation

/// What a provider may know of how users pick from the listing, and the demand for its offer that follows.
///
/// Of the choices that showed its offer only whether it was taken enters, beside what the listing shows: attributes, prices
/// and public cost shifters. Of rivals' sales nothing gets through but a cohort's coefficients, where ``CohortRule`` lets
/// them: under 50 own choices they stand alone, up to 300 the own ones are drawn to them.
public struct ListingEvidence: Sendable {
    /// Demand for the offer, in its volume units; without requests when nothing could be estimated.
    package let demand: PricedDemand
    /// What the price is decided with.
    public let evidence: DemandEvidence
    /// Choices that showed this provider's offer.
    public let ownChoices: Int
    /// How many of them took it.
    public let taken: Int
    /// Whether the estimate is of the own choices, rather than of the cohort's alone.
    public let isOwn: Bool
    /// Choices of the cohort; 0 when it is not used.
    public let cohortChoices: Int
    /// The day of the newest choice that the estimate rests on.
    public let newest: CalendarDay?
    /// How well the estimate foretells the last fifth of the weeks; nil when there are too few, or those before them alone
    /// bear no estimate.
    public let forecast: Forecast?
    /// What was left out or could not be estimated, and why, in sentences.
    public let notes: [String]

    /// Mean logarithmic loss of choices that the estimate had not seen.
    public struct Forecast: Sendable, Hashable {
        /// How many choices.
        public let choices: Int
        /// By the estimate.
        public let logLoss: Double
        /// By the share that was taken before.
        public let baseRateLogLoss: Double
    }

    /// What demand is made of beside the choices.
    package struct Market {
        /// Gigabytes of the offer's volume unit.
        package var gigabytesPerUnit: Double
        /// The highest price that may be asked about, in USD per volume unit and month.
        package var upTo: Double
        /// How far rivals' prices may stray, one standard deviation of their logarithm.
        package var rivalSpread: Double
        /// Choices in a month that show the offer; as many as in the file when nil.
        package var monthlyChoices: Double?

        package init(
            gigabytesPerUnit: Double, upTo: Double, rivalSpread: Double, monthlyChoices: Double? = nil
        ) {
            self.gigabytesPerUnit = gigabytesPerUnit
            self.upTo = upTo
            self.rivalSpread = rivalSpread
            self.monthlyChoices = monthlyChoices
        }
    }

    /// Weeks whose listings stand for those to come.
    static let recentWeeks = 13
    /// How many of their listings; more change the price by less than its interval by far.
    static let listings = 160

    /// Estimates for `provider` on `day`. Deterministic for a seed. O(draws · steps · rows · attributes²).
    package init(
        _ choices: ListingChoices, provider: String, on day: CalendarDay, market: Market,
        rule: CohortRule = CohortRule(), seed: UInt64 = 1, threads: Int = ParallelBlocks.defaultThreads
    ) throws(PricingError) {
        var notes: [String] = []
        let past = try choices.kept { choices.days[$0] <= day }?.addingUsualPrices()
        if let late = past.map({ choices.count - $0.count }), late > 0 {
            notes.append("\(late) choices from after \(day) are left out")
        }
        let rows = past?.rows(of: provider) ?? []
        let own = try past?.kept { rows[$0] != nil }
        let count = own?.count ?? 0
        var cohort = try past?.kept { day.ordinal - (past?.days[$0].ordinal ?? 0) >= rule.minimumAgeDays }
        let faults = rule.faults(cohort?.members ?? [], newest: cohort?.days.max(), on: day)
        if !faults.isEmpty {
            notes.append("The cohort's parameters are not used: " + faults.joined(separator: "; "))
            cohort = nil
        }
        var failure: String?
        func attempt(
            _ whose: String, _ body: () throws(PricingError) -> ListingModel?
        ) -> ListingModel? {
            do throws(PricingError) { return try body() } catch {
                failure = "\(whose) cannot be estimated: \(error)"
                notes.append(failure ?? "")
                return nil
            }
        }
        var theirs: (model: ListingModel, choices: Int)?
        func borrow() {
            guard theirs == nil, let cohort else { return }
            let model = attempt("The cohort's demand") { () throws(PricingError) in
                try ListingModel(cohort: cohort, seed: seed, threads: threads)
            }
            theirs = model.map { ($0, cohort.count) }
        }
        if count <= AcceptanceEvidence.enough { borrow() }
        var mine: ListingModel?
        if let own, count >= AcceptanceEvidence.fewest {
            mine = attempt("Demand for your offer") { () throws(PricingError) in
                try ListingModel(own: own, of: provider, cohort: theirs, seed: seed, threads: threads)
            }
            if mine == nil { borrow() }
        }
        let model = mine ?? theirs?.model
        let used = mine != nil ? own : model != nil ? cohort : nil
        if mine == nil, model != nil, count >= AcceptanceEvidence.fewest {
            notes.append("The cohort's demand is used instead")
        }
        ownChoices = count
        taken = own.map { own in zip(own.rows(of: provider), own.data.chosen).count { $0 == $1 } } ?? 0
        isOwn = mine != nil
        cohortChoices = theirs?.choices ?? 0
        newest = used?.days.max()
        forecast = mine == nil ? nil : own.flatMap { Self.forecast($0, of: provider, cohort: theirs, seed, threads) }
        if let forecast, forecast.logLoss > forecast.baseRateLogLoss {
            notes.append(
                "The estimate foretells the last \(forecast.choices) choices no better than their usual share does")
        }
        if choices.shifters.isEmpty {
            notes.append(
                "No column of the choices begins with '\(ListingChoices.shifter)': what users did may have other causes "
                    + "than the price")
        }
        let unit = market.gigabytesPerUnit
        let prices = try own?.ownPrices(of: provider) ?? []
        var barrier: String?
        if model == nil {
            barrier =
                failure
                ?? "\(count) choices showed your offer, fewer than \(AcceptanceEvidence.fewest), and no cohort may stand in"
        } else if own == nil {
            barrier = "no choice showed your offer, so that nobody can tell beside whom it would be shown"
        }
        evidence = DemandEvidence(
            ownQuotes: mine == nil && count >= AcceptanceEvidence.fewest ? 0 : count, cohortQuotes: cohortChoices,
            sensitivityDraws: model?.draws.map(\.sensitivity) ?? [],
            priceVariation: try used?.priceVariation(of: mine == nil ? nil : provider),
            observedPrices: prices.min().flatMap { low in prices.max().map { unit * low...unit * $0 } },
            firstStageF: model.map { $0.firstStage?.fStatistic ?? 0 }, barrier: barrier)
        if let model, let own, let past {
            demand = try ListingDemand(model, past, own: own, provider: provider, market: market, seed: seed).priced
        } else {
            demand = PricedDemand(requests: [], acceptances: [Acceptance(.certain)])
        }
        self.notes = notes
    }

    /// Fits the first four fifths of the weeks and foretells the last; nil of fewer than five weeks or twenty choices there.
    private static func forecast(
        _ own: ListingChoices, of provider: String, cohort: (model: ListingModel, choices: Int)?, _ seed: UInt64,
        _ threads: Int
    ) -> Forecast? {
        let days = Set(own.days).sorted()
        guard days.count >= 5 else { return nil }
        let boundary = days[days.count * 4 / 5]
        guard let earlier = try? own.kept({ own.days[$0] < boundary }), earlier.count >= AcceptanceEvidence.fewest,
            let later = try? own.kept({ own.days[$0] >= boundary }), later.count >= 20,
            let fitted = try? ListingModel(
                own: earlier, of: provider, cohort: cohort, draws: 0, seed: seed, threads: threads),
            let center = fitted.center, let odds = try? ListingDemand.logOdds(center, fitted, later, of: provider)
        else { return nil }
        let rows = later.rows(of: provider)
        let before = zip(earlier.rows(of: provider), earlier.data.chosen).count { $0 == $1 }
        let rate = (Double(before) + 0.5) / (Double(earlier.count) + 1)
        var (loss, base) = (0.0, 0.0)
        for (index, odds) in odds.enumerated() {
            let isTaken = rows[index] == later.data.chosen[index]
            loss += log1p(exp(isTaken ? -odds : odds))
            base -= log(isTaken ? rate : 1 - rate)
        }
        let count = Double(later.count)
        return Forecast(choices: later.count, logLoss: loss / count, baseRateLogLoss: base / count)
    }
}

extension ListingChoices {
    /// How often each provider was shown.
    var members: [CohortRule.Member] {
        var counts = [Int](repeating: 0, count: data.providers.count)
        for provider in data.providerOfRow { counts[Int(provider)] += 1 }
        return zip(data.providers, counts).map { CohortRule.Member(provider: $0, observations: $1) }
    }

    /// The prices at which `provider`'s offer was shown.
    func ownPrices(of provider: String) throws(PricingError) -> [Double] {
        let prices = try data.values(of: Self.price)
        return rows(of: provider).compactMap { $0.map { prices[$0] } }
    }

    /// Standard deviation of the logarithm of the prices of `provider`, or within providers when nil; nil of too few.
    func priceVariation(of provider: String?) throws(PricingError) -> Double? {
        let prices = try data.values(of: Self.price)
        var groups: [Int32: [Double]] = [:]
        let only = provider.flatMap { data.providers.firstIndex(of: $0) }.map { Int32(truncatingIfNeeded: $0) }
        for (row, owner) in data.providerOfRow.enumerated() where prices[row] > 0 && (only ?? owner) == owner {
            groups[owner, default: []].append(log(prices[row]))
        }
        let ordered = groups.sorted { $0.key < $1.key }.map(\.value)
        let free = ordered.reduce(0) { $0 + $1.count - 1 }
        guard free > 0 else { return nil }
        let squares = ordered.reduce(0.0) { sum, logs in
            let mean = logs.reduce(0, +) / Double(logs.count)
            return sum + logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        }
        return (squares / Double(free)).squareRoot()
    }
}
