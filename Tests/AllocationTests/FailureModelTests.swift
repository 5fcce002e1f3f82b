import Allocation
import Foundation
import Marketplace
import Money
import Testing

/// The failure model against closed forms.
@Suite struct FailureModelTests {
    static func leaf(_ provider: String, _ region: String, _ unavailability: Double, loss: Double = 1e-4)
        -> FailureLeaf
    {
        FailureLeaf(provider: provider, region: region, unavailability: unavailability, annualLoss: loss)
    }

    static func agree(_ one: Double, _ other: Double, _ tolerance: Double = 1e-12) -> Bool {
        abs(one - other) <= tolerance * max(abs(one), abs(other))
    }

    static func model(region: Double, provider: Double, exit: Double = 0) -> FailureModel {
        var model = FailureModel()
        (model.regionCauseShare, model.providerCauseShare, model.providerExitPerYear) = (region, provider, exit)
        return model
    }

    static func binomialTail(_ n: Int, _ p: Double, atLeast m: Int) -> Double {
        (m...n).reduce(0.0) { sum, i in
            let choose = (0..<i).reduce(1.0) { $0 * Double(n - $1) / Double($1 + 1) }
            return sum + choose * pow(p, Double(i)) * pow(1 - p, Double(n - i))
        }
    }

    @Test(arguments: [(1, 1), (1, 3), (2, 3), (6, 9), (9, 13), (29, 80)])
    func independentFailuresAreBinomial(_ data: Int, _ shards: Int) {
        for u in [0.3, 0.01, 1e-5] {
            let leaves = (0..<shards).map { Self.leaf("p\($0 % 3)", "r\($0 % 2)", u) }
            let expected = Self.binomialTail(shards, u, atLeast: shards - data + 1)
            let found = FailureModel.independent.failureProbability(leaves, data: data)
            #expect(Self.agree(found, expected, 1e-11), "(\(data), \(shards)), \(u): \(found), not \(expected)")
        }
    }

    @Test func independentReplicationIsTheProduct() {
        let leaves = [0.1, 1e-4, 1e-7].enumerated().map { Self.leaf("p\($0)", "r", $1) }
        #expect(Self.agree(FailureModel.independent.failureProbability(leaves, data: 1), 0.1 * 1e-4 * 1e-7))
    }

    @Test func sharedCausesKeepEachOffersOwnPromise() {
        for (region, provider) in [(0.37, 0.05), (0.9, 0.1), (0.0, 1.0), (0.5, 0.0)] {
            let found = Self.model(region: region, provider: provider).failureProbability(
                [Self.leaf("p", "r", 0.02)], data: 1)
            #expect(Self.agree(found, 0.02, 1e-10), "\(found)")
        }
    }

    @Test func twoCopiesUnderSharedCauses() {
        let (u, v) = (0.02, 0.05)
        // Same region: a cause of the provider, one of the region, else both on their own.
        let (p, r) = (0.05 * u, 0.37 * u)
        let shared = 1 - (1 - p) * (1 - r)
        let own = { (x: Double) in 1 - (1 - x) / (1 - shared) }
        let together = shared + (1 - shared) * own(u) * own(v)
        let model = Self.model(region: 0.37, provider: 0.05)
        let leaves = [Self.leaf("p", "r", u), Self.leaf("p", "r", v)]
        #expect(Self.agree(model.failureProbability(leaves, data: 1), together, 1e-10))

        // Two regions of one provider: each region's causes are its own.
        let inOne = { (x: Double) in 0.37 * x + (1 - 0.37 * x) * (1 - (1 - x) / ((1 - p) * (1 - 0.37 * x))) }
        let apart = p + (1 - p) * inOne(u) * inOne(v)
        let spread = [Self.leaf("p", "r", u), Self.leaf("p", "s", v)]
        #expect(Self.agree(model.failureProbability(spread, data: 1), apart, 1e-10))

        // Two providers share nothing, though their regions have one name.
        let strangers = [Self.leaf("p", "r", u), Self.leaf("q", "r", v)]
        #expect(Self.agree(model.failureProbability(strangers, data: 1), u * v, 1e-10))
        #expect(together > apart && apart > u * v)
    }

    @Test func onlySharedCauses() {
        let leaves = [Self.leaf("p", "r", 0.01), Self.leaf("p", "s", 0.01)]
        #expect(Self.agree(Self.model(region: 0, provider: 1).failureProbability(leaves, data: 1), 0.01, 1e-10))
        let certain = [Self.leaf("p", "r", 1), Self.leaf("p", "r", 1)]
        #expect(Self.model(region: 0.37, provider: 1).failureProbability(certain, data: 1) == 1)
    }

    /// Ford et al. (OSDI 2010): under independence RS(9, 4) is far more available than three copies; with shared causes
    /// it falls below them.
    @Test func correlationTurnsReedSolomonAgainstCopies() {
        let u = 1e-3
        let copies = (0..<3).map { Self.leaf("p\($0)", "r", u) }
        let coded = (0..<13).map { Self.leaf("p\($0 % 3)", "r", u) }
        let independent = FailureModel.independent
        let farAbove =
            independent.failureProbability(copies, data: 1)
            / independent.failureProbability(coded, data: 9)
        #expect(farAbove > 100, "under independence the code fails only \(farAbove) times less often")
        let correlated = FailureModel()
        let below = correlated.failureProbability(coded, data: 9) / correlated.failureProbability(copies, data: 1)
        #expect(below > 100, "with shared causes the code fails only \(below) times more often")
        // How far independence flatters the code: two to eight orders of magnitude.
        let flattery = correlated.failureProbability(coded, data: 9) / independent.failureProbability(coded, data: 9)
        #expect(flattery > 1e2)
    }

    @Test func durabilityOfCopies() {
        let window = 30.0 / 365
        let copies = [Self.leaf("p", "r", 0.01, loss: 1e-3), Self.leaf("q", "r", 0.01, loss: 1e-4)]
        let independent = FailureModel.independent.durabilityNines(copies, data: 1)
        #expect(Self.agree(independent, -log10(1e-3 * 1e-4 * window), 1e-9))
        let one = [Self.leaf("p", "r", 0.01, loss: 1e-9)]
        let model = Self.model(region: 0.37, provider: 0.05, exit: 1e-4)
        let expected = -log10((1 - (1 - 1e-4 * window) * (1 - 1e-9 * window)) / window)
        #expect(Self.agree(model.durabilityNines(one, data: 1), expected, 1e-9))
        // A second copy at the same provider does not survive its exit; one elsewhere does.
        let near = [Self.leaf("p", "r", 0.01, loss: 1e-9), Self.leaf("p", "s", 0.01, loss: 1e-9)]
        let far = [Self.leaf("p", "r", 0.01, loss: 1e-9), Self.leaf("q", "s", 0.01, loss: 1e-9)]
        #expect(model.durabilityNines(near, data: 1) < 4.01)
        #expect(model.durabilityNines(far, data: 1) > 8)
    }

    @Test func promisesNearOneKeepTheirDigits() throws {
        let offer = try offer(availability: "0.999999999999999999")
        let leaf = FailureModel().leaf(of: offer, assumed: nil)
        #expect(Self.agree(leaf.unavailability, 1e-18, 1e-9), "\(leaf.unavailability)")
        let eleven = FailureModel().leaf(of: try self.offer(availability: "0.99999999999"), assumed: nil)
        #expect(Self.agree(eleven.unavailability, 1e-11, 1e-12), "\(eleven.unavailability)")
    }

    private func offer(availability: String) throws -> Offer {
        Offer(
            id: "p/r/c", provider: "p", region: "r", storageClass: "c", metro: "m",
            tariff: Tariff(storage: [Tier(price: .one)]), availability: try ExactDecimal(availability))
    }
}
