import Allocation
import Foundation
import TestSupport
import Testing

/// A failure tree to draw from.
struct SimulatedTree: Sendable, CustomTestStringConvertible {
    let name: String
    let data: Int
    let leaves: [FailureLeaf]
    var model = FailureModel()

    var testDescription: String { name }

    /// `shards` leaves, dealt to providers and their regions in turn.
    init(
        _ name: String, data: Int, shards: Int, providers: Int, regions: Int = 1, unavailability: [Double],
        _ change: (inout FailureModel) -> Void = { _ in }
    ) {
        self.name = name
        self.data = data
        leaves = (0..<shards).map { index in
            FailureLeaf(
                provider: "p\(index % providers)", region: "r\(index / providers % regions)",
                unavailability: unavailability[index % unavailability.count], annualLoss: 0.02)
        }
        change(&model)
    }

    static let all = [
        SimulatedTree("one copy", data: 1, shards: 1, providers: 1, unavailability: [0.01]),
        SimulatedTree("three copies, three providers", data: 1, shards: 3, providers: 3, unavailability: [0.05]),
        SimulatedTree("three copies in one region", data: 1, shards: 3, providers: 1, unavailability: [0.01, 0.02]),
        SimulatedTree(
            "four copies, mostly shared causes", data: 1, shards: 4, providers: 2, regions: 2, unavailability: [0.02]
        ) { ($0.regionCauseShare, $0.providerCauseShare) = (0.6, 0.3) },
        SimulatedTree(
            "RS(9, 4) over three providers", data: 9, shards: 13, providers: 3, unavailability: [0.01, 0.02, 0.015]),
        SimulatedTree(
            "RS(9, 4), independent", data: 9, shards: 13, providers: 3, unavailability: [0.05, 0.1]
        ) { $0 = .independent },
        SimulatedTree(
            "(6, 9) over four providers", data: 6, shards: 9, providers: 4, regions: 2,
            unavailability: [0.03, 0.01, 0.08, 0.02, 0.05]),
        SimulatedTree(
            "(29, 80) over ten providers", data: 29, shards: 80, providers: 10, regions: 4,
            unavailability: [0.55, 0.5, 0.6]),
        SimulatedTree(
            "(29, 80), often one cause", data: 29, shards: 80, providers: 3, regions: 5, unavailability: [0.3, 0.4]
        ) { ($0.regionCauseShare, $0.providerCauseShare) = (0.5, 0.4) }
    ]
}

/// The failure model against draws of its causes, ten million a tree, and against the list of all sets of causes.
@Suite struct FailureSimulationTests {
    private static let batches = 10_000_000 / 64 + 1

    private static func deviation(_ failures: Int, _ exact: Double) -> Double {
        let draws = Double(64 * batches)
        return abs(Double(failures) / draws - exact) / (exact * (1 - exact) / draws).squareRoot()
    }

    @Test(arguments: SimulatedTree.all) func tenMillionDrawsAgree(_ tree: SimulatedTree) {
        let simulation = FailureSimulation(unavailabilityOf: tree.leaves, tree.model)
        let exact = tree.model.failureProbability(tree.leaves, data: tree.data)
        let failures = simulation.failures(than: tree.data, batches: Self.batches, seed: 11)
        #expect(failures > 100, "only \(failures) failures")
        #expect(Self.deviation(failures, exact) < 4, "\(failures) failures, exactly \(exact)")
    }

    @Test func lossesAreDrawnToo() {
        var model = FailureModel()
        model.providerExitPerYear = 0.01
        model.repairDays = 365
        for tree in SimulatedTree.all where tree.data < 7 {
            let simulation = FailureSimulation(
                tree.leaves, provider: { _ in 0.01 }, region: { _ in 0 }, own: { leaf, _ in leaf.annualLoss })
            let exact = pow(10, -model.durabilityNines(tree.leaves, data: tree.data))
            let failures = simulation.failures(than: tree.data, batches: Self.batches, seed: 12)
            #expect(Self.deviation(failures, exact) < 4, "\(tree.name): \(failures) losses, exactly \(exact)")
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>) func everySetOfCausesCounts(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let shards = random.int(1...7)
        let leaves = (0..<shards).map { _ in
            FailureLeaf(
                provider: "p\(random.int(0...2))", region: "r\(random.int(0...1))",
                unavailability: random.pick([0.5, 0.1, 0.02, 1e-4, 0, 1]), annualLoss: 0)
        }
        var model = FailureModel()
        model.regionCauseShare = random.pick([0, 0.37, 0.9])
        model.providerCauseShare = random.pick([0, 0.05, 0.6, 1])
        for data in 1...shards {
            let listed = FailureSimulation(unavailabilityOf: leaves, model).probability(than: data)
            let found = model.failureProbability(leaves, data: data)
            #expect(abs(found - listed) <= 1e-12 * max(listed, 1e-6), "\(data) of \(leaves): \(found), not \(listed)")
        }
    }

    /// As shared causes vanish, independence is recovered: the difference falls with their share.
    @Test func independenceIsTheLimit() {
        for tree in SimulatedTree.all {
            let independent = FailureModel.independent.failureProbability(tree.leaves, data: tree.data)
            var last = Double.infinity
            for share in [1e-3, 1e-6, 1e-9, 0] {
                var model = tree.model
                (model.regionCauseShare, model.providerCauseShare) = (share, share)
                let gap = abs(model.failureProbability(tree.leaves, data: tree.data) - independent) / independent
                #expect(gap <= last + 1e-13)
                last = gap
            }
            #expect(last < 1e-13, "\(tree.name)")
        }
    }

    /// A provider may be named like its region, a region like another provider's, or like a path of both.
    @Test func namesThatLookAlikeAreApart() {
        let model = FailureModel()
        func failing(_ places: [(String, String)]) -> Double {
            model.failureProbability(
                places.map { FailureLeaf(provider: $0.0, region: $0.1, unavailability: 0.01, annualLoss: 0) }, data: 1)
        }
        let apart = failing([("a", "x"), ("b", "y")])
        for places in [[("a", "a"), ("b", "a")], [("a", "b"), ("b", "a")], [("a", "b/c"), ("a/b", "c")]] {
            #expect(failing(places) == apart, "\(places)")
        }
        #expect(failing([("a", "a"), ("a", "a")]) > failing([("a", "a"), ("a", "b")]))
    }
}
