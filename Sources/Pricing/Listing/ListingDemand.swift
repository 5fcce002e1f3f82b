import Foundation
import Recommendation

/// Demand for one offer of a listing at the prices that rivals were last seen at.
///
/// Each listing of the last weeks that showed the offer stands for those like it: it is taken with the logit of its own
/// price, g₀ = V_own(0) − ln(1 + Σ e^{V_j}), g₁ = α, in each draw of the coefficients, of rivals' prices, and of what of the
/// offer's weekly quality no price tells.
struct ListingDemand {
    /// A request for each listing, with an acceptance of its own.
    let priced: PricedDemand

    /// - Parameters:
    ///   - past: all choices up to today, from which rivals' newest prices are taken.
    ///   - own: those that showed the offer.
    init(
        _ model: ListingModel, _ past: ListingChoices, own: ListingChoices, provider: String,
        market: ListingEvidence.Market, seed: UInt64
    ) throws(PricingError) {
        let newest = own.days.max()?.ordinal ?? 0
        let recent = try own.kept { newest - own.days[$0].ordinal < 7 * ListingEvidence.recentWeeks } ?? own
        let states = try Self.newestStates(past, model)
        let unit = market.gigabytesPerUnit
        let span = Double(1 + newest - (recent.days.min()?.ordinal ?? newest) + 6) / (ProviderCosts.hoursPerMonth / 24)
        let monthly = market.monthlyChoices ?? Double(recent.count) / span
        let step = max(1, recent.count / ListingEvidence.listings)
        let sample = Array(stride(from: 0, to: recent.count, by: step))
        let volumes = try recent.data.values(of: ListingChoices.volume)
        let rows = recent.rows(of: provider)
        // Weekly quality that is not modelled shrinks a logit's coefficients (Zeger, Liang and Albert 1988, eq. 3.3).
        let scale = (1 + 0.3458 * model.dispersion * model.dispersion).squareRoot()
        var random = SyntheticRandom(seed: seed, stream: 93)
        let draws = model.draws.map { draw in
            (
                parameters: draw.scaled(scale), rivals: exp(market.rivalSpread * random.normal()),
                quality: model.dispersion * scale * random.normal()
            )
        }
        let table = try Table(recent)
        var (requests, acceptances): ([PricedRequest], [Acceptance]) = ([], [])
        for choice in sample {
            guard let ownRow = rows[choice] else { continue }
            let curves = draws.map { draw in
                AcceptanceCurve(
                    intercept: draw.quality
                        + table.logOdds(
                            choice, ownRow: ownRow, draw.parameters,
                            prices: { row in
                                row == ownRow ? 0 : draw.rivals * (states[recent.data.providerOfRow[row]]?.price ?? 0)
                            }, residuals: { row in states[recent.data.providerOfRow[row]]?.residual ?? 0 }),
                    sensitivity: draw.parameters.sensitivity / unit)
            }
            requests.append(
                .listing(
                    monthlyRate: monthly / Double(sample.count), volume: volumes[ownRow] / unit, upTo: market.upTo,
                    acceptance: acceptances.count))
            acceptances.append(Acceptance(curves))
        }
        priced = PricedDemand(requests: requests, acceptances: acceptances)
    }

    /// Log odds that `provider`'s offer is taken in each of `choices`, at the prices and residuals of the file.
    static func logOdds(
        _ parameters: ListingModel.Parameters, _ model: ListingModel, _ choices: ListingChoices, of provider: String
    ) throws(PricingError) -> [Double] {
        let table = try Table(choices)
        let prices = try choices.data.values(of: ListingChoices.price)
        let residuals = try model.residuals(of: choices)
        return choices.rows(of: provider).enumerated().compactMap { index, row in
            row.map {
                table.logOdds(index, ownRow: $0, parameters, prices: { prices[$0] }, residuals: { residuals[$0] })
            }
        }
    }

    private typealias State = (price: Double, residual: Double)

    /// Each provider's newest price, and what it tells of the offer's quality.
    private static func newestStates(
        _ past: ListingChoices, _ model: ListingModel
    ) throws(PricingError) -> [Int32: State] {
        let data = past.data
        let prices = try data.values(of: ListingChoices.price)
        let residuals = try model.residuals(of: past)
        var newest: [Int32: (day: Int, state: State)] = [:]
        for choice in past.days.indices {
            let day = past.days[choice].ordinal
            for row in data.starts[choice]..<data.starts[choice + 1] {
                let owner = data.providerOfRow[row]
                if let known = newest[owner], known.day > day { continue }
                newest[owner] = (day, (prices[row], residuals[row]))
            }
        }
        return newest.mapValues(\.state)
    }

    /// The attributes of listings, for utilities.
    private struct Table {
        let starts: [Int]
        let attributes: [[Double]]

        init(_ choices: ListingChoices) throws(PricingError) {
            starts = choices.data.starts
            var columns: [[Double]] = []
            for name in choices.attributes { columns.append(try choices.data.values(of: name)) }
            attributes = columns
        }

        /// V of the own offer less ln(1 + Σ e^V) over the others of the listing.
        func logOdds(
            _ choice: Int, ownRow: Int, _ parameters: ListingModel.Parameters, prices: (Int) -> Double,
            residuals: (Int) -> Double
        ) -> Double {
            func utility(_ row: Int) -> Double {
                var sum = row == ownRow ? parameters.own : parameters.rival
                for (values, weight) in zip(attributes, parameters.attributes) { sum += weight * values[row] }
                return sum - parameters.sensitivity * prices(row) + parameters.residual * residuals(row)
            }
            let others = (starts[choice]..<starts[choice + 1]).filter { $0 != ownRow }.map(utility)
            let top = max(0, others.max() ?? 0)
            return utility(ownRow) - top - log(exp(-top) + others.reduce(0) { $0 + exp($1 - top) })
        }
    }
}

extension ListingModel {
    /// μ̂ row by row; 0 without cost shifters, and of providers that the estimate has not seen.
    func residuals(of choices: ListingChoices) throws(PricingError) -> [Double] {
        let data = choices.data
        guard let firstStage else { return [Double](repeating: 0, count: data.rows) }
        var residuals = try firstStage.residuals(of: data)
        let isKnown = data.providers.map(providers.contains)
        for row in residuals.indices where !isKnown[Int(data.providerOfRow[row])] { residuals[row] = 0 }
        return residuals
    }

    /// The mean of the draws; nil without any.
    var center: Parameters? {
        guard var sum = draws.first else { return nil }
        for draw in draws.dropFirst() {
            sum.own += draw.own
            sum.rival += draw.rival
            sum.attributes = zip(sum.attributes, draw.attributes).map(+)
            sum.sensitivity += draw.sensitivity
            sum.residual += draw.residual
        }
        return sum.scaled(1 / Double(draws.count))
    }
}

extension ListingModel.Parameters {
    /// The same with utilities `factor` times as large.
    func scaled(_ factor: Double) -> Self {
        Self(
            own: own * factor, rival: rival * factor, attributes: attributes.map { $0 * factor },
            sensitivity: sensitivity * factor, residual: residual * factor)
    }
}
