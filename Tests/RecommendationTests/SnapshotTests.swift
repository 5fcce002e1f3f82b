import Marketplace
import Recommendation
import TestSupport
import Testing

@Suite("Snapshots of interactions")
struct SnapshotTests {
    private static func events(seed: UInt64) -> [Interaction] {
        var random = SeededGenerator(seed: seed)
        return (0..<400).map { _ in
            Interaction(
                time: Int.random(in: 0..<40, using: &random) * 86_400,
                user: "user \(Int.random(in: 0..<12, using: &random))",
                offer: "offer \(Int.random(in: 0..<9, using: &random))",
                kind: InteractionKind.allCases[Int.random(in: 0..<InteractionKind.allCases.count, using: &random)])
        }
    }

    /// The matrix holds what the weighting says of each pair, whichever way the events came.
    @Test(arguments: 1...20)
    func matricesHoldTheEvidenceOfEachPair(seed: UInt64) throws {
        let events = Self.events(seed: seed)
        let offers = (0..<8).map { "offer \($0)" }
        let snapshot = InteractionSnapshot(events, offers: offers.reversed())
        let streamed = InteractionSnapshot(offers: offers) { take in events.forEach(take) }
        #expect(snapshot.users == streamed.users && snapshot.offers == offers)
        let known = events.filter { offers.contains($0.offer) }
        #expect(snapshot.count == known.count && snapshot.users == Set(known.map(\.user)).sorted())
        let times = known.map(\.time).sorted()
        #expect(snapshot.period?.lowerBound == times.first && snapshot.period?.upperBound == times.last)
        let time = 25 * 86_400
        let weighting = InteractionWeighting()
        let matrix = try snapshot.matrix(before: time, weighting: weighting)
        // Events of one time count in the order in which they came.
        let expected = weighting.evidence(known.filter { $0.time < time }, now: time)
        var found = 0
        for (row, user) in snapshot.users.enumerated() {
            for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
                let pair = try #require(expected[user]?[offers[Int(matrix.items[entry])]])
                #expect(matrix.confidences?[entry] ?? 1 == Float(pair.confidence))
                #expect(matrix.preferences?[entry] ?? 1 == Float(pair.preference))
                found += 1
            }
        }
        #expect(found == expected.values.reduce(0) { $0 + $1.count })
        #expect(try streamed.matrix(before: time, weighting: weighting) == matrix)
    }

    @Test func sharesOfCommitments() {
        let events = (0..<10).map {
            Interaction(time: $0, user: "u", offer: "o", kind: $0 % 2 == 0 ? .reserved : .viewed)
        }
        let snapshot = InteractionSnapshot(events, offers: ["o"])
        #expect([0, 0.2, 0.5, 0.9, 1].map { snapshot.time(after: $0) } == [0, 2, 4, 8, 8])
        #expect(InteractionSnapshot([], offers: ["o"]).time(after: 0.5) == nil)
        #expect(InteractionSnapshot([], offers: ["o"]).period == nil)
    }
}
