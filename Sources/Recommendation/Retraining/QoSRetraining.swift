import Foundation
import Marketplace

/// What models of QoS must show before they may serve.
public struct QoSGate: Sendable, Equatable, Codable {
    /// The least number of measurements to learn a metric from.
    public var minimumTraining = 200
    /// The least number of later measurements to judge it by.
    public var minimumTest = 50
    /// By how much, at most, the share of measurements within an interval may fall short of the interval's probability,
    /// beyond twice its own standard error.
    public var coverageMargin = 0.04
    /// How much of the error of the champion's recipe may be added to it, at most, for sure.
    public var margin = 0.05
    /// The confidence of "surely": that of a one-sided bound of the paired bootstrap.
    public var confidence = 0.95
    /// The draws of the bootstrap.
    public var resamples = 4000
    /// The seed of the bootstrap.
    public var seed: UInt64 = 1

    /// The defaults.
    public init() {}
}

/// What a retraining of QoS measured and how it judged: the contents of its `evaluation.json`.
public struct QoSReport: Sendable, Equatable, Codable {
    /// One metric.
    public struct Metric: Sendable, Equatable, Codable {
        /// The metric.
        public let name: String
        /// How many measurements it was learned from.
        public let training: Int
        /// How many later ones it was judged by.
        public let test: Int
        /// The mean distance of a later value's logarithm from that of the predicted median; of availability, of what
        /// lacks to 1, both raised by its mean.
        public let error: Double
        /// The same of the catalogue's figure; where it has none, of the median of training.
        public let catalogError: Double
        /// The catalogue's error less the model's, over test measurements.
        public let overCatalog: PairedBootstrap
        /// The error of the champion's recipe less the model's; nil when there is none to compare with.
        public let overChampion: PairedBootstrap?
        /// The share of later values within their interval, by its probability in percent.
        public let coverage: [String: Double]
        /// The conditions of the gate.
        public let conditions: [RetrainingReport.Condition]

        /// Whether every condition holds.
        public var passed: Bool { conditions.allSatisfy(\.passed) }
    }

    /// How many measurements there are, and how many of them no model can learn from, as a throughput of 0.
    public let measurements: Int
    /// See `measurements`.
    public let leftOut: Int
    /// How many regions and offers were measured.
    public let regions: Int
    /// See `regions`.
    public let offers: Int
    /// When the test period begins, seconds since 1970.
    public let test: Int
    /// Those with enough measurements to learn from and to judge by.
    public let metrics: [Metric]
    /// The metrics that the champion serves and that are missing or refused here.
    public let lost: [String]

    /// Whether a metric passed, and none is lost that the champion serves.
    public var passed: Bool { lost.isEmpty && metrics.contains(where: \.passed) }

    /// The report as JSON, keys sorted.
    /// - Throws: `fileFailure` when a number is not finite.
    public func encoded() throws(RecommendationError) -> Data { try ModelRegistry.encode(self, "evaluation.json") }
}

/// Trains models of QoS, measures them on what was measured later, and judges which may serve.
///
/// Every metric is judged by itself: what fails is left to the catalogue. Models that pass are trained on everything.
public struct QoSRetraining: Sendable, Equatable, Codable {
    /// How models are fitted.
    public var hyperparameters: QoSHyperparameters
    /// The share of measurements, by time, that test.
    public var testShare = 0.2
    /// The conditions.
    public var gate = QoSGate()

    /// What a retraining came to.
    public struct Outcome: Sendable {
        /// What was measured and how it was judged.
        public let report: QoSReport
        /// The models of the metrics that passed, trained on everything; empty when the gate is closed.
        public let models: [MeasurementMetric: MetricModel]
        /// What they learned from; nil without measurements.
        public let data: QoSManifest.DataWindow?
    }

    /// A retraining by these hyperparameters; by default fewer factors than on a full matrix of services, as the trend
    /// explains most.
    public init(_ hyperparameters: QoSHyperparameters = .init(factors: 4)) { self.hyperparameters = hyperparameters }

    /// The hash of what the outcome depends on: this, the data, the catalogue, the version of the code. O(n).
    /// - Throws: `fileFailure` when a threshold is not finite.
    public func identity(
        of measurements: [Marketplace.Measurement], catalog: Catalog, codeVersion: String
    ) throws(RecommendationError) -> String {
        [
            codeVersion, catalog.version, Marketplace.Measurement.csv(measurements).sha256Text,
            String(decoding: try ModelRegistry.encode(self, "the job"), as: UTF8.self)
        ].joined(separator: "\n").sha256Text
    }

    /// Splits `measurements` by time, trains, measures, judges, and trains on everything what may serve.
    ///
    /// - Parameters:
    ///   - champion: the manifest of the version in service. Its recipe, where it is another, is trained again on the same
    ///     data: the stored models may have seen the test period.
    /// - Throws: what training throws.
    public func run(
        _ measurements: [Marketplace.Measurement], catalog: Catalog, champion: QoSManifest? = nil,
        progress: (String) -> Void = { _ in }
    ) throws(RecommendationError) -> Outcome {
        guard testShare > 0, testShare < 1 else {
            throw .invalidHyperparameter(name: "test share", requirement: "must be between 0 and 1, not \(testShare)")
        }
        try hyperparameters.check()
        let usable = measurements.filter { QoSScale($0.metric).admits($0.value) }.sorted { $0.time < $1.time }
        let cut = usable.isEmpty ? 0 : usable[min(usable.count - 1, Int((1 - testShare) * Double(usable.count)))].time
        var metrics: [QoSReport.Metric] = []
        for metric in MeasurementMetric.allCases {
            let own = usable.filter { $0.metric == metric }
            let (before, after) = (own.filter { $0.time < cut }, own.filter { $0.time >= cut })
            guard before.count >= gate.minimumTraining, after.count >= gate.minimumTest else { continue }
            progress("training: \(metric.rawValue)")
            metrics.append(try judge(metric, before, after, catalog, champion))
        }
        let passed = Set(metrics.filter(\.passed).map(\.name))
        let report = QoSReport(
            measurements: measurements.count, leftOut: measurements.count - usable.count,
            regions: Set(usable.map(\.region)).count, offers: Set(usable.map(\.offer)).count, test: cut,
            metrics: metrics, lost: champion.map { $0.models.keys.filter { !passed.contains($0) }.sorted() } ?? [])
        var models: [MeasurementMetric: MetricModel] = [:]
        if report.passed {
            for metric in MeasurementMetric.allCases where passed.contains(metric.rawValue) {
                progress("training: \(metric.rawValue), all of it")
                models[metric] = try MetricModel.train(metric, usable, catalog: catalog, hyperparameters)
            }
        }
        return Outcome(report: report, models: models, data: Self.window(measurements))
    }

    private static func window(_ measurements: [Marketplace.Measurement]) -> QoSManifest.DataWindow? {
        let times = measurements.map(\.time)
        guard let first = times.min(), let last = times.max() else { return nil }
        return .init(
            start: Date(timeIntervalSince1970: Double(first)), end: Date(timeIntervalSince1970: Double(last) + 1),
            measurements: measurements.count, hash: Marketplace.Measurement.csv(measurements).sha256Text)
    }

    /// Distances of predictions from values, where errors of different sizes can be compared.
    private struct Ruler {
        let scale: QoSScale
        /// Raises what a share lacks to 1, which may be nothing.
        let offset: Double

        init(_ metric: MeasurementMetric, _ training: [Marketplace.Measurement]) {
            scale = QoSScale(metric)
            let scale = scale
            let mean = training.reduce(0) { $0 + scale.skewed($1.value) } / Double(max(1, training.count))
            offset = scale == .share ? max(1e-6, mean) : 0
        }

        func distance(_ guess: Double, _ value: Double) -> Double {
            func place(_ x: Double) -> Double { log(max(scale.skewed(x), 0) + offset + 1e-30) }
            return abs(place(guess) - place(value))
        }
    }

    private func judge(
        _ metric: MeasurementMetric, _ before: [Marketplace.Measurement], _ after: [Marketplace.Measurement],
        _ catalog: Catalog, _ champion: QoSManifest?
    ) throws(RecommendationError) -> QoSReport.Metric {
        let ruler = Ruler(metric, before)
        let middle = before.map(\.value).sorted()[before.count / 2]
        /// The catalogue's figure, as it is served where nothing was learned.
        func told(_ one: Marketplace.Measurement) -> Double? {
            catalog.offer(one.offer).flatMap { catalog.figure(of: metric, from: one.region, at: $0) }
        }
        func errors(_ settings: QoSHyperparameters) throws(RecommendationError) -> (
            errors: [Double], inside: [[Bool]]
        ) {
            let model = try MetricModel.train(metric, before, catalog: catalog, settings)
            var (errors, inside): ([Double], [[Bool]]) = ([], QoSEvaluation.coverages.map { _ in [] })
            for one in after {
                guard let offer = catalog.offer(one.offer) else { continue }
                // As it is served: what the model does not know is the catalogue's.
                if !model.knows(one.region, offer, in: catalog), let figure = told(one) {
                    errors.append(ruler.distance(figure, one.value))
                    continue
                }
                let distribution = model.predict(from: one.region, at: offer, in: catalog)
                errors.append(ruler.distance(distribution.median, one.value))
                for (k, coverage) in QoSEvaluation.coverages.enumerated() {
                    inside[k].append(distribution.interval(coverage).contains(one.value))
                }
            }
            return (errors, inside)
        }
        let own = try errors(hyperparameters)
        let catalogErrors = after.filter { catalog.offer($0.offer) != nil }
            .map { ruler.distance(told($0) ?? middle, $0.value) }
        func bootstrap(_ others: [Double]) -> PairedBootstrap {
            PairedBootstrap(
                zip(others, own.errors).map(-), confidence: gate.confidence, resamples: gate.resamples,
                seed: gate.seed)
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
        var (championErrors, overChampion): ([Double], PairedBootstrap?) = ([], nil)
        if let champion, champion.hyperparameters != hyperparameters, champion.models[metric.rawValue] != nil {
            championErrors = try errors(champion.hyperparameters).errors
            overChampion = bootstrap(championErrors)
        }
        let overCatalog = bootstrap(catalogErrors)
        var conditions: [RetrainingReport.Condition] = []
        func text(_ value: Double) -> String { String(format: "%.3f", value) }
        let isFinite = own.errors.allSatisfy(\.isFinite)
        conditions.append(
            .init(
                name: "finite", passed: isFinite,
                detail: isFinite ? "every prediction is a number" : "a prediction is no number"))
        conditions.append(
            .init(
                name: "better than the catalogue", passed: overCatalog.lower > 0,
                detail: "error \(text(mean(own.errors))) against \(text(mean(catalogErrors))), surely "
                    + "\(String(format: "%+.3f", overCatalog.lower)) better"))
        var coverage: [String: Double] = [:]
        for (k, nominal) in QoSEvaluation.coverages.enumerated() where !own.inside[k].isEmpty {
            let count = Double(own.inside[k].count)
            let found = Double(own.inside[k].count { $0 }) / count
            let slack = gate.coverageMargin + 2 * (nominal * (1 - nominal) / count).squareRoot()
            let name = String(Int((nominal * 100).rounded()))
            coverage[name] = found
            // Many shares are the same number, and an interval that ends there holds more than it must.
            let isRight = found >= nominal - slack && (ruler.scale == .share || found <= nominal + slack)
            conditions.append(
                .init(
                    name: "\(name)% intervals", passed: isRight,
                    detail: String(
                        format: "%.1f%% of later values lie within; %.1f%% off is allowed", 100 * found, 100 * slack)))
        }
        if let overChampion {
            let most = gate.margin * mean(championErrors)
            conditions.append(
                .init(
                    name: "not worse than the champion", passed: overChampion.lower >= -most,
                    detail: "error \(text(mean(own.errors))) against \(text(mean(championErrors)))"))
        } else {
            conditions.append(
                .init(
                    name: "not worse than the champion", passed: true,
                    detail: champion == nil ? "there is none to compare with" : "the same recipe on newer data"))
        }
        return QoSReport.Metric(
            name: metric.rawValue, training: before.count, test: own.errors.count, error: mean(own.errors),
            catalogError: mean(catalogErrors), overCatalog: overCatalog, overChampion: overChampion,
            coverage: coverage, conditions: conditions)
    }
}

extension Catalog {
    /// What the catalogue says of a metric: the round trip in milliseconds, or the availability that is promised or
    /// assumed; nil where it says nothing, as of throughput.
    public func figure(of metric: MeasurementMetric, from region: String, at offer: Offer) -> Double? {
        switch metric {
        case .latencyMs: latency(from: region, to: offer.metro)?.milliseconds
        case .availability: (offer.availability ?? providers[offer.provider]?.assumedAvailability)?.doubleValue
        case .throughputMBps: nil
        }
    }
}
