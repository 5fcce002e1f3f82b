import Marketplace

/// Where a term can be cut: before months in which something changes on a known date.
struct MoveStages {
    /// A term is cut into so many stages at most; later changes are met without moving.
    static let limit = 12

    /// Months before which data may be moved, ascending, within 1..<months.
    let cuts: [Int]
    /// The months between the cuts.
    let stages: [Range<Int>]

    /// The stages of `request`: cut where prices of `offers` change, where credits expire, and where minimum durations run
    /// out of offers that are `held` since a month of the term. Growth across tiers is no cut.
    init(_ request: SLARequest, offers: [Offer], held: [(offer: Offer, since: Int)]) {
        var cuts = Set(request.monthsOfChange(offers))
        for month in 1..<max(1, request.months)
        where request.credits(inMonth: month) != request.credits(inMonth: month - 1) {
            cuts.insert(month)
        }
        for (offer, since) in held {
            for tariff in offer.tariffs(for: request) where tariff.minimumDays > 0 {
                cuts.insert(since + (tariff.minimumDays - 1) / 30 + 1)
            }
        }
        let within = cuts.filter { (1..<max(1, request.months)).contains($0) }.sorted().prefix(Self.limit - 1)
        self.cuts = Array(within)
        let ends = within + [request.months]
        stages = zip([0] + within, ends).map { $0..<max($0, $1) }
    }
}
