import Foundation
import Pricing

/// A number that others published or computed, and ours.
struct KnownAnswer {
    /// How close ours must come.
    enum Bar: String {
        /// Within 10⁻⁶.
        case logLikelihood = "1e-6"
        /// Within 10⁻⁵ of the reference's size.
        case estimate = "1e-5 rel."
        /// A bootstrap of other random numbers: within 25%.
        case bootstrap = "25%"
    }

    let name: String
    let ours: Double
    let reference: Double
    let bar: Bar

    /// |ours − reference|, relative but for log likelihoods.
    var difference: Double {
        bar == .logLikelihood ? abs(ours - reference) : abs(ours - reference) / abs(reference)
    }

    var isMet: Bool {
        switch bar {
        case .logLikelihood: difference <= 1e-6
        case .estimate: difference <= 1e-5
        case .bootstrap: difference <= 0.25
        }
    }

    /// Name, ours, reference, difference.
    var line: String {
        String(
            format: "%@ %18.10g %18.10g %9.1e  %@ %@",
            name.padding(toLength: 46, withPad: " ", startingAt: 0) as NSString,
            ours, reference, difference, bar.rawValue as NSString, isMet ? "" : "MISSED")
    }

    static func all() throws -> [KnownAnswer] { try travel() + heating() + quotes() }

    /// A fit beside what is expected of it.
    private static func answers(_ name: String, _ fit: LogitFit, _ expected: Expected) -> [KnownAnswer] {
        var result = [
            KnownAnswer(
                name: name + " log likelihood", ours: fit.logLikelihood, reference: expected["log_likelihood"].number,
                bar: .logLikelihood)
        ]
        let kinds: [(String, [Double])] = [
            ("coef", fit.coefficients), ("se", fit.standardErrors() ?? []),
            ("robust_se", fit.standardErrors(.robust) ?? [])
        ]
        for (kind, values) in kinds {
            for (variable, value) in zip(fit.variables, values) {
                let key =
                    variable == ChoiceData.constant ? "asc" : variable == ControlFunction.residual ? "mu" : variable
                let reference = expected[kind][key].number
                guard !reference.isNaN else { continue }
                result.append(
                    KnownAnswer(name: "\(name) \(kind) \(key)", ours: value, reference: reference, bar: .estimate))
            }
        }
        return result
    }

    private static func shares(
        _ name: String, _ probabilities: ChoiceProbabilities, _ reference: [Double]
    ) -> [KnownAnswer] {
        let means = probabilities.means(places: reference.count) ?? []
        return reference.enumerated().map { place, share in
            KnownAnswer(
                name: "\(name) \(place)", ours: means.indices.contains(place) ? means[place] : .nan, reference: share,
                bar: .estimate)
        }
    }

    private static func travel() throws -> [KnownAnswer] {
        let expected = try ChoiceFixtures.expected("mnl")["travelmode_greene_clogit"]
        let data = try ChoiceFixtures.travel()
        let fit = try ConditionalLogit.fit(
            data, variables: ["asc_air", "asc_train", "asc_bus", "gc", "ttme", "hinc_air"], outside: false)
        return answers("TravelMode", fit, expected)
            + [
                KnownAnswer(
                    name: "TravelMode log likelihood at 0", ours: fit.nullLogLikelihood,
                    reference: expected["log_likelihood_zero"].number, bar: .logLikelihood)
            ]
            + shares("TravelMode mean share", try fit.probabilities(of: data), expected["mean_probabilities"].numbers)
    }

    private static func heating() throws -> [KnownAnswer] {
        let all = try ChoiceFixtures.expected("mnl")
        let data = try ChoiceFixtures.heating()
        var result: [KnownAnswer] = []
        for (name, variables) in [("heating_ic_oc", ["ic", "oc"]), ("heating_lcc_r012", ["lcc"])] {
            let fit = try ConditionalLogit.fit(data, variables: variables, outside: false)
            result += answers(name, fit, all[name])
            result += shares(name + " share", try fit.probabilities(of: data), all[name]["mean_probabilities"].numbers)
        }
        let (name, expected) = ("heating_asc_ic_oc", all["heating_asc_ic_oc"])
        let fit = try ConditionalLogit.fit(
            data, variables: ["asc_ec", "asc_er", "asc_gc", "asc_gr", "ic", "oc"], outside: false)
        result += answers(name, fit, expected)
        result += shares(name + " share", try fit.probabilities(of: data), expected["mean_probabilities"].numbers)
        // A rebate of a tenth of the heat pump's installation cost.
        let ic = try data.values(of: "ic")
        let rebated = try data.adding("ic", ic.indices.map { $0 % 5 == 4 ? 0.9 * ic[$0] : ic[$0] })
        result += shares(
            name + " rebate", try fit.probabilities(of: rebated), expected["pred_share_hp_rebate10pct"].numbers)
        result += shares(
            name + " new", try fit.probabilities(of: withNewSystem(data)),
            expected["pred_share_new_alternative"].numbers)
        let worth = try fit.ratio(of: "oc", to: "ic")
        result.append(
            KnownAnswer(
                name: name + " wtp oc/ic", ours: worth.value, reference: expected["wtp_oc_over_ic"].number,
                bar: .estimate))
        result.append(
            KnownAnswer(
                name: name + " wtp delta se", ours: worth.standardError ?? .nan,
                reference: expected["wtp_delta_se"].number, bar: .estimate))
        return result
    }

    /// A sixth system: electric central heating that costs 200 more to install and three quarters to run.
    private static func withNewSystem(_ data: ChoiceData) throws -> ChoiceData {
        let columns = try data.variables.map { name -> [Double] in
            let values = try data.values(of: name)
            return stride(from: 0, to: values.count, by: 5).flatMap { start -> [Double] in
                let electric = values[start]
                let new = name == "ic" ? electric + 200 : name == "oc" ? 0.75 * electric : electric
                return values[start..<start + 5] + [new]
            }
        }
        return try ChoiceData(
            variables: data.variables, columns: columns, sizes: [Int](repeating: 6, count: data.situations),
            chosen: [Int?](repeating: 0, count: data.situations))
    }

    private static func quotes() throws -> [KnownAnswer] {
        let expected = try ChoiceFixtures.expected("synthetic_quotes")["estimates"]
        let data = try ChoiceFixtures.quotes()
        let naive = try ConditionalLogit.fit(data, variables: ChoiceFixtures.quoteVariables, outside: true)
        var result = answers("quotes naive", naive, expected["naive"])
        let settings = ControlFunction.Settings()
        let fit = try ControlFunction.fit(
            data, variables: ChoiceFixtures.quoteVariables, outside: true, settings: settings)
        let reference = expected["control_function"]
        result += answers("quotes control function", fit.demand, reference)
        for (name, fit, expected) in [("naive", naive, expected["naive"]), ("control function", fit.demand, reference)]
        {
            result.append(
                KnownAnswer(
                    name: "quotes \(name) log loss", ours: -fit.logLikelihood / Double(fit.situations),
                    reference: expected["log_loss_per_request"].number, bar: .logLikelihood))
        }
        let keys = ["asc", "price", "egress", "nines", "latency", "cert", "mu"]
        for (key, error) in zip(keys, fit.demand.standardErrors(.bootstrap) ?? []) {
            result.append(
                KnownAnswer(
                    name: "quotes two-stage bootstrap se \(key)", ours: error,
                    reference: reference["two_step_week_cluster_bootstrap_se_B100"][key].number, bar: .bootstrap))
        }
        let interval = fit.demand.drawInterval(of: "price")
        for (place, bound) in [interval?.lowerBound, interval?.upperBound].enumerated() {
            result.append(
                KnownAnswer(
                    name: "quotes bootstrap 95% price \(place == 0 ? "lower" : "upper")", ours: bound ?? .nan,
                    reference: reference["bootstrap_95_price"].numbers[place], bar: .bootstrap))
        }
        var ridge = settings
        (ridge.ridge, ridge.draws) = (10, 0)
        let penalized = try ControlFunction.fit(
            data, variables: ChoiceFixtures.quoteVariables, outside: true, settings: ridge
        ).demand
        let ridgeReference = expected["control_function_ridge_lambda10"]
        result += answers("quotes ridge 10", penalized, ridgeReference).dropFirst()
        let penalty = zip(penalized.variables, penalized.coefficients).reduce(0.0) {
            $0 + ($1.0 == ChoiceData.constant ? 0 : 5 * $1.1 * $1.1)
        }
        result.append(
            KnownAnswer(
                name: "quotes ridge 10 penalized −log likelihood", ours: penalty - penalized.logLikelihood,
                reference: ridgeReference["penalised_nll"].number, bar: .logLikelihood))
        return result
    }
}
