/// The outcome of training and measuring one model; as JSON what `retrain evaluate --json` prints.
public struct EvaluationReport: Sendable, Equatable, Encodable {
    /// The kind of model and how it was trained.
    public let recipe: ModelRecipe
    /// The measures.
    public let metrics: RankingMetrics
    /// Wall-clock seconds of training, without reading files.
    public let trainSeconds: Double
    /// Seconds of an epoch of the factorization; those of all training for a model without one.
    public let epochSeconds: Double
    /// Wall-clock seconds of ranking and measuring all users.
    public let rankingSeconds: Double
    /// The threads that training and ranking used.
    public let threads: Int
    /// The largest resident memory of the process so far, in MB of 10⁶ bytes.
    public let peakMemoryMB: Double

    private struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init(stringValue: String) { self.stringValue = stringValue }
        init(_ name: String) { stringValue = name }
        init?(intValue: Int) { nil }
    }

    /// One flat object; the measures carry their K in their names, as `recall@20`.
    public func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(recipe.kind, forKey: Key("model"))
        try object.encode(recipe, forKey: Key("recipe"))
        for (name, value) in metrics.named { try object.encode(value, forKey: Key(name)) }
        try object.encode(metrics.users, forKey: Key("users"))
        try object.encode(trainSeconds, forKey: Key("trainSeconds"))
        try object.encode(epochSeconds, forKey: Key("epochSeconds"))
        try object.encode(rankingSeconds, forKey: Key("rankingSeconds"))
        try object.encode(threads, forKey: Key("threads"))
        try object.encode(peakMemoryMB, forKey: Key("peakMemoryMB"))
    }
}

extension RankingMetrics {
    /// The means by name, as reports and manifests carry them: `recall@20`, `ndcg@20` and so on.
    public var named: [String: Double] {
        [
            "recall@\(k)": recall, "ndcg@\(k)": ndcg, "truncatedRecall@\(k)": truncatedRecall,
            "hitRate@\(k)": hitRate, "coverage@\(k)": coverage
        ]
    }
}
