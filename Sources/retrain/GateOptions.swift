import ArgumentParser
import Recommendation

/// What the gate demands; what is left out takes the default.
struct GateOptions: ParsableArguments {
    @Option(name: .long, help: "The least number of users with something to find in the test period (30).")
    var minimumTestUsers: Int?

    @Option(name: .long, help: "The least share of offers that someone is shown (0.05).")
    var minimumCoverage: Double?

    @Option(name: .long, help: "By which share of popularity's NDCG the challenger must surely exceed it (0).")
    var popularityFloor: Double?

    @Option(name: .long, help: "Which share of the champion's NDCG the challenger may lack (0.05).")
    var margin: Double?

    @Option(name: .long, help: "Which share of the champion's NDCG in a slice counts as harm when it is lost (0.1).")
    var sliceMargin: Double?

    @Option(name: .long, help: "What 'surely' means: the confidence of a bound of the paired bootstrap (0.95).")
    var confidence: Double?

    @Option(name: .long, help: "The draws of the bootstrap (10000).")
    var resamples: Int?

    @Option(name: .long, help: "The seed of the bootstrap (1).")
    var gateSeed: UInt64?

    @Option(name: .long, help: "The most milliseconds that 99% of rankings may take (100).")
    var latencyLimit: Double?

    /// The gate, checked.
    func resolved() throws -> Gate {
        var gate = Gate()
        gate.minimumTestUsers = minimumTestUsers ?? gate.minimumTestUsers
        gate.minimumCoverage = minimumCoverage ?? gate.minimumCoverage
        gate.popularityFloor = popularityFloor ?? gate.popularityFloor
        gate.margin = margin ?? gate.margin
        gate.sliceMargin = sliceMargin ?? gate.sliceMargin
        gate.confidence = confidence ?? gate.confidence
        gate.resamples = resamples ?? gate.resamples
        gate.seed = gateSeed ?? gate.seed
        gate.latencyLimit = latencyLimit ?? gate.latencyLimit
        do { try gate.validate() } catch { throw ValidationError("\(error)") }
        return gate
    }
}
