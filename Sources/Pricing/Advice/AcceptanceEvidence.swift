import Foundation
import Money

/// What a provider may know of users' acceptance: from its own quotes, from the cohort's where the rule lets it, or from
/// both.
///
/// Under 50 own quotes the cohort's parameters stand; up to 300 the own estimate is drawn to them; above, it stands alone.
/// Of other providers' quotes nothing but the cohort's two parameters gets through.
public struct AcceptanceEvidence: Sendable {
    /// The estimate's draws; nil when there is none.
    public let acceptance: Acceptance?
    /// What the price is decided with.
    public let evidence: DemandEvidence
    /// Quotes that used this provider's offers.
    public let ownQuotes: Int
    /// Quotes of the cohort; 0 when the rule forbids it.
    public let cohortQuotes: Int
    /// The day of the newest quote that the estimate rests on.
    public let newest: CalendarDay?
    /// What was left out or could not be estimated, and why, in sentences.
    public let notes: [String]

    /// No history at all.
    public static let none = AcceptanceEvidence(
        acceptance: nil, evidence: DemandEvidence(ownQuotes: 0, cohortQuotes: 0), ownQuotes: 0, cohortQuotes: 0,
        newest: nil,
        notes: ["No quotes are known, neither your own nor a cohort's; name a history by --quotes", certain])

    private static let certain = "Every quote counts as accepted: where users would refuse, a lower price is better"

    /// The fewest own quotes that are used.
    public static let fewest = 50
    /// Above so many the own quotes stand alone.
    public static let enough = 300
    /// How many quotes the cohort counts for when both are used.
    static let cohortWorth = 100.0
    /// Bootstrap draws.
    static let draws = 200

    init(
        acceptance: Acceptance?, evidence: DemandEvidence, ownQuotes: Int, cohortQuotes: Int, newest: CalendarDay?,
        notes: [String]
    ) {
        self.acceptance = acceptance
        self.evidence = evidence
        self.ownQuotes = ownQuotes
        self.cohortQuotes = cohortQuotes
        self.newest = newest
        self.notes = notes
    }

    /// Estimates acceptance for `provider` on `day`. Deterministic for a seed. O(quotes · draws).
    public init(
        _ history: QuoteHistory, provider: String, on day: CalendarDay, rule: CohortRule = CohortRule(),
        seed: UInt64 = 1
    ) {
        var notes: [String] = []
        let past = history.quotes.filter { $0.day <= day }
        if past.count < history.quotes.count {
            notes.append("\(history.quotes.count - past.count) quotes from after \(day) are left out")
        }
        let own = past.filter { $0.providers.contains(provider) }
        var cohort = past.filter { day.ordinal - $0.day.ordinal >= rule.minimumAgeDays }
        var counts: [String: Int] = [:]
        for quote in cohort { for provider in quote.providers { counts[provider, default: 0] += 1 } }
        let faults = rule.faults(
            counts.map { CohortRule.Member(provider: $0.key, observations: $0.value) },
            newest: cohort.map(\.day).max(), on: day)
        if !faults.isEmpty {
            notes.append("The cohort's parameters are not used: " + faults.joined(separator: "; "))
            cohort = []
        }
        func fit(_ quotes: [QuoteHistory.Quote], _ whose: String) -> AcceptanceModel? {
            do throws(PricingError) {
                return try AcceptanceModel.fit(
                    totals: quotes.map(\.total), references: quotes.map(\.reference),
                    accepted: quotes.map(\.isAccepted), users: quotes.map(\.user), draws: Self.draws, seed: seed)
            } catch {
                notes.append("\(whose) cannot be estimated: \(error)")
                return nil
            }
        }
        let mine = own.count >= Self.fewest ? fit(own, "Acceptance of your own quotes") : nil
        let theirs =
            (own.count <= Self.enough || mine == nil) && !cohort.isEmpty
            ? fit(cohort, "The cohort's acceptance") : nil
        let used: [QuoteHistory.Quote]
        switch (mine, theirs) {
        case (let mine?, let theirs?):
            acceptance = (try? Self.pooled(mine, theirs)) ?? Acceptance(Self.curves(mine))
            used = own
        case (let one?, nil):
            acceptance = Acceptance(Self.curves(one))
            used = own
        case (nil, let one?):
            acceptance = Acceptance(Self.curves(one))
            used = cohort
            if mine == nil, own.count >= Self.fewest { notes.append("The cohort's acceptance is used instead") }
        case (nil, nil):
            acceptance = nil
            notes.append(Self.certain)
            used = own.isEmpty ? cohort : own
        }
        ownQuotes = own.count
        cohortQuotes = theirs == nil ? 0 : cohort.count
        newest = used.map(\.day).max()
        evidence = DemandEvidence(
            ownQuotes: mine == nil && own.count >= Self.fewest ? 0 : own.count,
            cohortQuotes: theirs == nil ? 0 : cohort.count,
            sensitivityDraws: acceptance?.draws.map(\.sensitivity) ?? [],
            priceVariation: Self.variation(used.map { $0.total / $0.reference }))
        self.notes = notes
    }

    private static func curves(_ model: AcceptanceModel) -> [AcceptanceCurve] {
        (model.draws.isEmpty ? [model.estimate] : model.draws).map {
            AcceptanceCurve(intercept: $0.g0, sensitivity: $0.g1)
        }
    }

    /// Standard deviation of the logarithm; nil of fewer than two.
    private static func variation(_ values: [Double]) -> Double? {
        let logs = values.filter { $0 > 0 }.map { log($0) }
        guard logs.count > 1 else { return nil }
        let mean = logs.reduce(0, +) / Double(logs.count)
        return (logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(logs.count - 1)).squareRoot()
    }

    /// Own draws drawn to the cohort's, which counts for ``cohortWorth`` quotes at most: providers' users differ, however
    /// well their mean is known.
    static func pooled(_ own: AcceptanceModel, _ cohort: AcceptanceModel) throws(PricingError) -> Acceptance {
        try Acceptance.pooled(
            own: Acceptance(curves(own)), cohort: Acceptance(curves(cohort)),
            cohortWeight: min(1, cohortWorth / Double(max(1, cohort.quotes))))
    }
}
