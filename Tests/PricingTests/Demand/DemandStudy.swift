import Pricing
import Recommendation

/// Quotes of a market whose demand is known: prices answer an unseen quality ξ of a provider in a week.
///
/// p = base + 0.95 z + δ ξ + e and U = 2.2 − 0.75 p − 0.12 egress + 0.45 nines − 0.8 latency + 0.6 cert + ξ + Gumbel;
/// z shifts cost, ξ and e are normal. Spreads are those that the shared quotes show.
struct QuoteMarket {
    static let truth = [2.2, -0.75, -0.12, 0.45, -0.8, 0.6]
    static let variables = [ChoiceData.constant, "price", "egress", "nines", "latency", "cert"]

    var providers = 12
    var weeks = 40
    var requests = 4000
    /// The deviation of ξ; 0 leaves prices exogenous.
    var quality = 0.5
    /// δ: how prices answer ξ.
    var answer = 0.7
    /// The deviation of e.
    var noise = 0.2
    /// How strongly z moves the price; near 0 the instrument is weak.
    var shift = 0.95

    func draw(seed: UInt64) throws -> ChoiceData {
        var random = SyntheticRandom(seed: seed)
        let offers = (0..<providers).map { _ in
            [
                random.uniform(0, 10), Double(Int.random(in: 2...4, using: &random)), random.uniform(0.3, 1.2),
                random.uniform() < 0.5 ? 1.0 : 0
            ]
        }
        let base = (0..<providers).map { _ in 5.2 + 0.55 * random.normal() }
        var (z, xi, price): ([[Double]], [[Double]], [[Double]]) = ([], [], [])
        for provider in 0..<providers {
            z.append((0..<weeks).map { _ in 0.6 * random.normal() })
            xi.append((0..<weeks).map { _ in quality * random.normal() })
            price.append(
                (0..<weeks).map { week in
                    base[provider] + shift * z[provider][week] + answer * xi[provider][week] + noise * random.normal()
                })
        }
        var columns = [[Double]](repeating: [], count: 6)
        var (sizes, chosen, names, week): ([Int], [Int?], [String], [Int]) = ([], [], [], [])
        for _ in 0..<requests {
            let now = Int.random(in: 0..<weeks, using: &random)
            let shown = Array(0..<providers).shuffled(using: &random).prefix(Int.random(in: 3...8, using: &random))
                .sorted()
            var best: (place: Int?, utility: Double) = (nil, random.gumbel())
            for (place, provider) in shown.enumerated() {
                let row = [price[provider][now]] + offers[provider]
                let seen = zip(Self.truth.dropFirst(), row).reduce(Self.truth[0]) { $0 + $1.0 * $1.1 }
                let utility = seen + xi[provider][now] + random.gumbel()
                if utility > best.utility { best = (place, utility) }
                for (column, value) in (row + [z[provider][now]]).enumerated() { columns[column].append(value) }
                names.append("p\(provider)")
            }
            sizes.append(shown.count)
            chosen.append(best.place)
            week.append(now)
        }
        return try ChoiceData(
            variables: ["price", "egress", "nines", "latency", "cert", "cost_shifter"], columns: columns, sizes: sizes,
            chosen: chosen, providers: names, groupings: ["week": week])
    }
}

/// The control function over many markets drawn alike: bias, and how often intervals cover the truth.
struct DemandStudy {
    /// Estimates of the price coefficient, one a replication.
    private(set) var naive: [Double] = []
    private(set) var controlled: [Double] = []
    private(set) var oneStepErrors: [Double] = []
    private(set) var bootstrapErrors: [Double] = []
    private(set) var naiveCovered = 0
    private(set) var oneStepCovered = 0
    private(set) var bootstrapCovered = 0
    private(set) var quantileCovered = 0

    /// Runs `replications` with `draws` bootstrap draws each; `note` hears of each.
    init(
        replications: Int, draws: Int, market: QuoteMarket = QuoteMarket(), seed: UInt64 = 1,
        note: (Int) -> Void = { _ in }
    ) throws {
        let truth = QuoteMarket.truth[1]
        func covers(_ estimate: Double, _ error: Double) -> Int { abs(estimate - truth) <= 1.959964 * error ? 1 : 0 }
        for replication in 0..<replications {
            let data = try market.draw(seed: seed &+ UInt64(replication))
            let naive = try ConditionalLogit.fit(data, variables: QuoteMarket.variables, outside: true)
            var settings = ControlFunction.Settings()
            settings.draws = draws
            let fit = try ControlFunction.fit(
                data, variables: QuoteMarket.variables, outside: true, settings: settings
            ).demand
            let estimate = fit.coefficients[1]
            self.naive.append(naive.coefficients[1])
            controlled.append(estimate)
            oneStepErrors.append(fit.standardErrors()?[1] ?? .nan)
            bootstrapErrors.append(fit.standardErrors(.bootstrap)?[1] ?? .nan)
            naiveCovered += covers(naive.coefficients[1], naive.standardErrors()?[1] ?? .nan)
            oneStepCovered += covers(estimate, fit.standardErrors()?[1] ?? .nan)
            bootstrapCovered += covers(estimate, fit.standardErrors(.bootstrap)?[1] ?? .nan)
            quantileCovered += fit.drawInterval(of: "price")?.contains(truth) == true ? 1 : 0
            note(replication)
        }
    }

    static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }

    static func deviation(_ values: [Double]) -> Double {
        let mean = mean(values)
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count - 1))).squareRoot()
    }
}
