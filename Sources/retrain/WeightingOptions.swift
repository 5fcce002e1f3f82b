import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Marketplace
import Recommendation

/// How interactions become confidences.
struct WeightingOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A JSON file of weights; what it leaves out keeps its default.",
            discussion: """
                {"weights": {"viewed": 0.1, "quoted": 0.2, "rated": 0.2, "accepted": 0.5, "reserved": 1, "renewed": 1.5}, \
                "cancellation": 1, "halfLifeDays": 180, "maximumConfidence": 8}; "halfLifeDays": "none" for no decay
                """, valueName: "file"))
    var weighting: String?

    @Option(
        name: .long, help: ArgumentHelp("One weight, over the file's; may be repeated.", valueName: "kind=weight"),
        transform: Self.weight)
    var weight: [Weight] = []

    @Option(name: .long, help: "Confidence in the dislike that a cancellation shows (1).")
    var cancellation: Double?

    @Option(name: .long, help: "Days after which an event counts half (180); inf for no decay.")
    var halfLifeDays: Double?

    @Option(name: .long, help: "The most confidence that one user's events with one offer add up to (8).")
    var maximumConfidence: Double?

    /// One weight.
    struct Weight: Sendable {
        let kind: InteractionKind
        let value: Double
    }

    /// The file under the flags, checked; without a file, `base` under the flags.
    func resolved(_ base: InteractionWeighting = .init()) throws -> InteractionWeighting {
        var result = base
        if let weighting {
            result = try InteractionWeighting(
                parsing: try Terminal.read(weighting, "the weighting"), document: weighting)
        }
        for one in weight { result.weights[one.kind] = one.value }
        result.cancellation = cancellation ?? result.cancellation
        result.halfLifeDays = halfLifeDays ?? result.halfLifeDays
        result.maximumConfidence = maximumConfidence ?? result.maximumConfidence
        do { try result.validate() } catch { throw ValidationError("\(error)") }
        return result
    }

    private static func weight(_ text: String) throws -> Weight {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = InteractionKind(rawValue: String(parts[0])), let value = Double(parts[1])
        else {
            let kinds = InteractionKind.allCases.filter { $0 != .cancelled }.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(text)' is no weight; write kind=weight with a kind out of \(kinds)")
        }
        return Weight(kind: kind, value: value)
    }
}
