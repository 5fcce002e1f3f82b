import LinearAlgebra

extension AcceptanceModel {
    /// Estimates (g₀, g₁) by maximum likelihood, as a logit of one alternative against the outside option.
    ///
    /// - Parameters:
    ///   - totals: the total of each quote, in any one currency, > 0.
    ///   - references: the reference total of each quote, in the same currency, > 0.
    ///   - accepted: whether each quote was accepted.
    ///   - users: the user of each quote, whose quotes are drawn together; empty for a user each.
    ///   - ridge: λ ≥ 0 on g₁², against quotes that nobody, or everybody, accepted.
    ///   - draws: bootstrap draws of the parameters; 0 for none.
    ///   - seed: what the draws are drawn from.
    ///   - threads: the number of threads; the result does not depend on it.
    /// - Throws: `input` for totals or references that are not positive numbers, or unequal lengths; `separated` when
    ///   acceptance changes at one total without exception, or does not change; `collinear` when the totals are equal.
    ///   O(quotes · draws).
    public static func fit(
        totals: [Double], references: [Double], accepted: [Bool], users: [Int] = [], ridge: Double = 0,
        draws: Int = 0, seed: UInt64 = 1, threads: Int = ParallelBlocks.defaultThreads
    ) throws(PricingError) -> AcceptanceModel {
        let log = ChoiceLog()
        for (name, count) in [("references", references.count), ("accepted", accepted.count)]
        where count != totals.count {
            log.report(name, "has \(count) entries", "give one for each of \(totals.count) quotes")
        }
        if !users.isEmpty, users.count != totals.count {
            log.report("users", "has \(users.count) entries", "give one for each of \(totals.count) quotes, or none")
        }
        for (name, values) in [("totals", totals), ("references", references)] {
            if let row = values.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
                log.report("quote \(row), \(name)", "\(values[row]) is not a positive number", "leave the quote out")
            }
        }
        try log.check("quotes")
        let data = try ChoiceData(
            variables: ["total"], columns: [zip(totals, references).map { $0 / $1 }],
            sizes: [Int](repeating: 1, count: totals.count), chosen: accepted.map { $0 ? 0 : nil })
        guard ridge >= 0, ridge.isFinite else { throw .badSetting("ridge", problem: "is \(ridge); use a number ≥ 0") }
        let problem = try LogitProblem(
            data, [ChoiceData.constant, "total"], outside: true, precision: [0, ridge])
        let optimum = try problem.maximize(threads: threads)
        let start = problem.raw(optimum.scaled)
        func parameters(_ raw: [Double]) -> Parameters { Parameters(g0: raw[0], g1: -raw[1]) }
        guard draws > 0 else { return AcceptanceModel(estimate: parameters(start), quotes: totals.count) }
        let bootstrap = try ClusterBootstrap(
            labels: [users.isEmpty ? Array(totals.indices) : users], draws: draws, seed: seed)
        let drawn = try bootstrap.estimates(threads: threads) { _, weights throws(PricingError) in
            try problem.weighted(weights).estimate(from: start)
        }
        return AcceptanceModel(estimate: parameters(start), draws: drawn.map(parameters), quotes: totals.count)
    }
}
