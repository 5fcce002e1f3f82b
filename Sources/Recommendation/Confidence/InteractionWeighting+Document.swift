import Documents
import Foundation
import Marketplace
import Money

extension InteractionWeighting: Codable {
    private enum Key: String, CodingKey { case weights, cancellation, halfLifeDays, maximumConfidence }

    /// The weighting as manifests keep it: the members of the operator's file.
    public func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(
            Dictionary(weights.map { ($0.key.rawValue, $0.value) }) { $1 }, forKey: .weights)
        try object.encode(cancellation, forKey: .cancellation)
        // JSON has no infinity; without a half-life nothing decays.
        try object.encode(halfLifeDays.isFinite ? halfLifeDays : nil, forKey: .halfLifeDays)
        try object.encode(maximumConfidence, forKey: .maximumConfidence)
    }

    /// The weighting of a manifest, checked.
    public init(from decoder: any Decoder) throws {
        self.init()
        let object = try decoder.container(keyedBy: Key.self)
        weights = [:]
        for (name, weight) in try object.decode([String: Double].self, forKey: .weights) {
            guard let kind = InteractionKind(rawValue: name) else {
                throw RecommendationError.invalidHyperparameter(
                    name: "weights", requirement: "must be of known kinds, not '\(name)'")
            }
            weights[kind] = weight
        }
        cancellation = try object.decode(Double.self, forKey: .cancellation)
        halfLifeDays = try object.decode(Double?.self, forKey: .halfLifeDays) ?? .infinity
        maximumConfidence = try object.decode(Double.self, forKey: .maximumConfidence)
        try validate()
    }
}

extension InteractionWeighting {
    /// Reads the operator's file: a JSON object; what it leaves out keeps its default.
    ///
    /// ```
    /// {"weights": {"viewed": 0.1, "quoted": 0.2, "rated": 0.2, "accepted": 0.5, "reserved": 1, "renewed": 1.5},
    ///  "cancellation": 1, "halfLifeDays": 180, "maximumConfidence": 8}
    /// ```
    ///
    /// `"halfLifeDays": "none"` lets nothing decay.
    /// - Throws: `InputError` with every fault of the file at once.
    public init(parsing bytes: [UInt8], document: String) throws(InputError) {
        self.init()
        let log = IssueLog()
        let reader = ObjectReader(try JSONValue(parsing: bytes, document: document), log: log)
        if let weights = reader.object("weights") {
            for kind in InteractionKind.allCases where kind != .cancelled && weights.has(kind.rawValue) {
                if let weight = weights.amount(kind.rawValue) { self.weights[kind] = weight }
            }
            weights.finish()
        }
        if reader.has("cancellation"), let value = reader.amount("cancellation") { cancellation = value }
        if reader.value("halfLifeDays") == "none" {
            halfLifeDays = .infinity
        } else if reader.has("halfLifeDays"), let value = reader.amount("halfLifeDays") {
            halfLifeDays = value
        }
        if reader.has("maximumConfidence"), let value = reader.amount("maximumConfidence") { maximumConfidence = value }
        reader.finish()
        if log.issues.isEmpty {
            do { try validate() } catch { log.report("", "\(error)") }
        }
        try log.check(document)
    }

    /// Refuses weights that have no meaning, or contradict what the events say: renewed ≥ reserved ≥ accepted ≥ viewed.
    /// - Throws: `invalidHyperparameter`.
    public func validate() throws(RecommendationError) {
        func refuse(_ name: String, _ requirement: String) -> RecommendationError {
            .invalidHyperparameter(name: name, requirement: requirement)
        }
        for (kind, weight) in weights.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard weight.isFinite, weight >= 0, weight <= Self.limit else {
                throw refuse("weight of \(kind.rawValue)", "must be within 0…\(Int(Self.limit)), not \(weight)")
            }
            guard kind != .cancelled else {
                throw refuse("weights", "must not have 'cancelled': give 'cancellation', the confidence in the dislike")
            }
        }
        let order: [InteractionKind] = [.renewed, .reserved, .accepted, .viewed]
        for (more, less) in zip(order, order.dropFirst()) where (weights[more] ?? 0) < (weights[less] ?? 0) {
            throw refuse(
                "weight of \(more.rawValue)",
                "must be at least that of \(less.rawValue), \(weights[less] ?? 0), not \(weights[more] ?? 0)")
        }
        guard (weights[.reserved] ?? 0) > 0 else { throw refuse("weight of reserved", "must be above 0") }
        guard cancellation.isFinite, cancellation > 0, cancellation <= Self.limit else {
            throw refuse("cancellation", "must be above 0 and at most \(Int(Self.limit)), not \(cancellation)")
        }
        guard halfLifeDays > 0 else { throw refuse("halfLifeDays", "must be above 0, not \(halfLifeDays)") }
        guard maximumConfidence.isFinite, maximumConfidence > 0, maximumConfidence <= Self.limit else {
            throw refuse(
                "maximumConfidence", "must be above 0 and at most \(Int(Self.limit)), not \(maximumConfidence)")
        }
    }

    /// Confidences are single-precision numbers that are summed and squared: far larger ones lose the rest.
    private static let limit = 1_000_000.0
}

extension ObjectReader {
    fileprivate func amount(_ key: String) -> Double? {
        guard let most = try? ExactDecimal("1000000") else { return nil }
        return decimal(key, in: .zero...most)?.doubleValue
    }
}
