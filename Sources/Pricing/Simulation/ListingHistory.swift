/// Quotes of a listing, and what is public of their weeks: what advice is made from.
struct ListingHistory: Sendable {
    /// The quotes, by week.
    var quotes: [ChoiceMarket.Quote]
    /// By week.
    var weeks: [ListingWeek]
    /// Each provider's group; public.
    let groups: [Int]

    /// The same choices as data for ``ControlFunction`` and its kin: a provider effect each, latency, price, group, and a
    /// cost shifter of each provider's own, because prices that follow costs follow them at a markup of the provider's own.
    func data() throws(PricingError) -> ChoiceData {
        let rows = quotes.flatMap { quote in quote.request.shown.map { (week: quote.week, provider: $0) } }
        var (names, columns): ([String], [[Double]]) = ([], [])
        for j in groups.indices {
            names.append(Self.effect(j))
            columns.append(rows.map { $0.provider == j ? 1 : 0 })
        }
        for j in groups.indices {
            names.append(Self.shifter(j))
            columns.append(rows.map { $0.provider == j ? weeks[$0.week].shifters[j] : 0 })
        }
        names += ["latency", "price", "group"]
        columns.append(quotes.flatMap(\.request.latencies))
        columns.append(rows.map { weeks[$0.week].prices[$0.provider] })
        columns.append(rows.map { Double(groups[$0.provider]) })
        return try ChoiceData(
            variables: names, columns: columns, sizes: quotes.map(\.request.shown.count), chosen: quotes.map(\.chosen),
            providers: rows.map { Self.effect($0.provider) }, groupings: ["week": quotes.map(\.week)])
    }

    /// The variables of utility.
    var variables: [String] { groups.indices.map(Self.effect) + ["latency", "price"] }
    /// The variables that move costs alone.
    var shifters: [String] { groups.indices.map(Self.shifter) }

    /// `data` with μ̂ by a first stage; 0 in weeks that advice priced.
    func extended(_ data: ChoiceData, _ stage: FirstStage) throws(PricingError) -> ChoiceData {
        var residuals = try stage.residuals(of: data)
        for (situation, week) in try data.grouping("week").enumerated() where weeks[week].isAdvised {
            for row in data.starts[situation]..<data.starts[situation + 1] { residuals[row] = 0 }
        }
        return try data.adding(ControlFunction.residual, residuals)
    }

    static func effect(_ j: Int) -> String { "provider \(j)" }
    private static func shifter(_ j: Int) -> String { "shifter \(j)" }

    /// The quotes of weeks before `week`.
    func before(_ week: Int) -> ListingHistory {
        var part = self
        part.quotes = quotes.filter { $0.week < week }
        return part
    }

    /// The quotes of weeks from `week` on.
    func since(_ week: Int) -> ListingHistory {
        var part = self
        part.quotes = quotes.filter { $0.week >= week }
        return part
    }

    /// Whole weeks drawn with replacement, each a week of its own.
    func resampled(_ drawn: [Int]) -> ListingHistory {
        var byWeek: [Int: [ChoiceMarket.Quote]] = [:]
        for quote in quotes { byWeek[quote.week, default: []].append(quote) }
        var part = self
        part.weeks = drawn.map { weeks[$0] }
        part.quotes = drawn.enumerated().flatMap { week, original in
            (byWeek[original] ?? []).map { ChoiceMarket.Quote(week: week, request: $0.request, chosen: $0.chosen) }
        }
        return part
    }
}

/// What is public of a week; by provider.
struct ListingWeek: Sendable {
    /// In USD per terabyte and month.
    var prices: [Double]
    /// The recorded part of costs.
    var shifters: [Double]
    /// Whether advice set the prices: what is not on record did not enter them then, so that μ is 0.
    var isAdvised = false
}

extension ChoiceMarket {
    /// What is public of a week.
    func publicWeek(_ week: Week) -> ListingWeek { ListingWeek(prices: week.prices, shifters: week.shifters) }

    /// The history of a replication as anybody sees it.
    func listingHistory(_ replication: Int) -> ListingHistory {
        ListingHistory(
            quotes: history(replication), weeks: weeks.map(publicWeek), groups: providers.map(\.group))
    }
}
