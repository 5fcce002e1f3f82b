import Documents
import Foundation
import Marketplace
import Recommendation
import Testing

@Suite("The weighting of interactions")
struct WeightingTests {
    private let day = 86_400

    private func event(_ kind: InteractionKind, _ time: Int) -> Interaction {
        Interaction(time: time, user: "u", offer: "o", kind: kind)
    }

    @Test("Weights add up and decay; a cancellation is a dislike until the next commitment")
    func evidence() {
        let weighting = InteractionWeighting()
        func pair(_ events: Interaction...) -> InteractionWeighting.Evidence? {
            weighting.evidence(events, now: 360 * day)["u"]?["o"]
        }
        #expect(pair(event(.reserved, 360 * day))?.confidence == 1)
        #expect(pair(event(.reserved, 180 * day))?.confidence == 0.5)
        #expect(pair(event(.renewed, 360 * day), event(.viewed, 0))?.confidence == 1.5 + 0.1 / 4)
        let against = pair(event(.reserved, 0), event(.cancelled, 180 * day), event(.viewed, 200 * day))
        #expect(against?.preference == 0 && against?.confidence == 0.5)
        let back = pair(event(.cancelled, 180 * day), event(.accepted, 360 * day))
        #expect(back?.preference == 1 && back?.confidence == 0.5)
        #expect(pair(event(.reserved, 361 * day)) == nil, "the future does not count")
    }

    @Test("What weighs nothing is absent")
    func nothing() {
        var weighting = InteractionWeighting()
        weighting.weights[.viewed] = 0
        weighting.halfLifeDays = 0.01
        #expect(weighting.evidence([event(.viewed, 0)], now: 0).isEmpty)
        #expect(weighting.evidence([event(.reserved, 0)], now: 1000 * day).isEmpty)
    }

    @Test("The operator's file, with defaults for what it leaves out")
    func document() throws {
        let text = #"{"weights": {"viewed": 0.05, "renewed": "2.5"}, "halfLifeDays": "none", "cancellation": 3}"#
        let weighting = try InteractionWeighting(parsing: Array(text.utf8), document: "w.json")
        #expect(weighting.weights[.viewed] == 0.05 && weighting.weights[.renewed] == 2.5)
        #expect(weighting.weights[.reserved] == 1 && weighting.cancellation == 3)
        #expect(weighting.halfLifeDays == .infinity && weighting.maximumConfidence == 8)
        let stored = try JSONEncoder().encode(weighting)
        #expect(try JSONDecoder().decode(InteractionWeighting.self, from: stored) == weighting)
        #expect(try InteractionWeighting(parsing: Array("{}".utf8), document: "w.json") == InteractionWeighting())
    }

    @Test(
        "Faults of the file are named",
        arguments: [
            (#"{"weights": {"liked": 1}}"#, "liked"), (#"{"weights": {"viewed": -1}}"#, "/weights/viewed"),
            (#"{"weights": {"viewed": 2}}"#, "at least that of viewed"),
            (#"{"weights": {"cancelled": 1}}"#, "cancelled"),
            (#"{"halfLifeDays": 0}"#, "halfLifeDays"), (#"{"halfLife": 3}"#, "halfLife"),
            (#"{"cancellation": 1e999}"#, "cancellation"), (#"{"maximumConfidence": "much"}"#, "maximumConfidence"),
            (#"{"weights": {"reserved": 0, "accepted": 0, "viewed": 0}}"#, "reserved"), ("[]", "object"),
            ("{", "w.json")
        ])
    func faults(_ text: String, _ expected: String) {
        do {
            _ = try InteractionWeighting(parsing: Array(text.utf8), document: "w.json")
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.description.contains(expected), "\(error)")
        }
    }

    @Test("A manifest that lies about weights is refused")
    func lies() {
        for text in [
            #"{"weights": {"viewed": -1}, "cancellation": 1, "halfLifeDays": 1, "maximumConfidence": 1}"#,
            #"{"weights": {"hated": 1}, "cancellation": 1, "halfLifeDays": 1, "maximumConfidence": 1}"#,
            #"{"weights": {"reserved": 1, "renewed": 1}, "cancellation": 0, "halfLifeDays": 1, "maximumConfidence": 1}"#
        ] {
            #expect(throws: (any Error).self) {
                try JSONDecoder().decode(InteractionWeighting.self, from: Data(text.utf8))
            }
        }
    }
}
