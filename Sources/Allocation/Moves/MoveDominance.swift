import Marketplace
import MathematicalProgramming

/// Which offers a plan that moves can do without, where every placement holds at most one shard with a provider.
///
/// Then an offer may stand for another of its provider throughout a plan, unless that is part of why the plan is good:
/// when it costs no more in any month, to come to, to leave and to leave early, serves all readers that the other serves,
/// and fails no more often. What would be moved from one to the other stays.
struct MoveDominance {
    private let problem: AllocationProblem
    private let scheme: RedundancyScheme
    private let model: TermModel
    private let costs: MoveCosts
    private let cuts: [Int]

    /// What of an offer is compared number by number, each the smaller the better; nil when it cannot be compared.
    private struct Merits {
        var numbers: [Double] = []
        /// By month class: money for egress, as a function of the bytes read.
        var egress: [(price: GraduatedCost, free: Double)] = []
    }

    init(_ problem: AllocationProblem, _ scheme: RedundancyScheme, _ stages: [Range<Int>]) {
        self.problem = problem
        self.scheme = scheme
        model = TermModel(problem.asking { $0.redundancy = .fixed(scheme) })
        costs = MoveCosts(problem: problem, scheme: scheme)
        cuts = stages.dropFirst().map(\.lowerBound)
    }

    /// Whether no placement holds two shards with one provider.
    static func isAlone(_ request: SLARequest, _ scheme: RedundancyScheme) -> Bool {
        scheme.shards == 1 || request.toleratedProviders > 0 && scheme.parity - (request.toleratedProviders - 1) <= 1
    }

    /// The offers that are not dominated, ascending. O(offers² × months) a provider.
    func kept() throws(AllocationError) -> [Int] {
        let all = Array(problem.offers.indices)
        guard Self.isAlone(problem.request, scheme) else { return all }
        let held = Set(problem.request.current.map(\.offer))
        var dropped: Set<Int> = []
        let groups = Dictionary(grouping: all) { problem.offers[$0].provider }
        for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
            var merits: [(offer: Int, merits: Merits)] = []
            for j in group { merits.append((j, try self.merits(j))) }
            for (b, worse) in merits where !held.contains(problem.offers[b].id) {
                for (a, better) in merits where a != b && !dropped.contains(a) {
                    guard dominates(a, better, b, worse) else { continue }
                    dropped.insert(b)
                    break
                }
            }
        }
        return all.filter { !dropped.contains($0) }
    }

    /// Of two that dominate each other the first stays, as a dropped offer drops no other.
    private func dominates(_ a: Int, _ better: Merits, _ b: Int, _ worse: Merits) -> Bool {
        let (one, other) = (problem.offers[a], problem.offers[b])
        guard problem.request.toleratedRegions == 0 || one.metro == other.metro else { return false }
        guard zip(better.numbers, worse.numbers).allSatisfy({ $0 <= $1 }) else { return false }
        return zip(better.egress, worse.egress).allSatisfy { isCheaper($0, $1, model.mostEgress(a)) }
    }

    /// Whether one price is nowhere above another up to `most` bytes: both are linear between their corners.
    private func isCheaper(
        _ one: (price: GraduatedCost, free: Double), _ other: (price: GraduatedCost, free: Double), _ most: Double
    ) -> Bool {
        let corners = [one, other].flatMap { part in [part.free] + part.price.pieces.map { part.free + $0.end } }
        return ([most] + corners.filter { $0 < most }).allSatisfy { bytes in
            one.price(max(0, bytes - one.free)) <= other.price(max(0, bytes - other.free))
        }
    }

    private func merits(_ j: Int) throws(AllocationError) -> Merits {
        var merits = Merits()
        let (offer, costs, leaf) = (problem.offers[j], model.costs[j], problem.leaves[j])
        merits.numbers = [
            leaf.unavailability, leaf.annualLoss, -(offer.capacityBytes.map { Double($0) } ?? .infinity),
            problem.publishesWrites(j) ? 0 : 1
        ]
        let bound = problem.request.qos.latencyMs?.doubleValue
        for u in problem.request.traffic.indices {
            let isNear = bound.map { bound in problem.latencies[j][u].map { $0 <= bound } ?? false } ?? true
            merits.numbers.append(isNear && problem.publishesReads(j, u) ? 0 : 1)
        }
        for v in model.classes.indices {
            let tariff = costs.tariff(v)
            let (billed, raw) = (costs.billed[0][v], model.raw[0][v])
            let paid = tariff.storage(max(0, billed - tariff.freeStorage))
            // Giving up early is charged without the account's free volumes.
            let early = tariff.feeIncludesFree ? paid : tariff.storage(billed)
            merits.numbers += [
                tariff.fee + paid + model.writes * tariff.write, early, tariff.minimum, tariff.read, tariff.retrieval,
                Double(tariff.minimumDays), -(tariff.limitMultiple ?? .infinity)
            ]
            merits.egress.append((tariff.egress, tariff.freeEgress + tariff.freeMultiple * raw))
        }
        for month in cuts {
            let reading = try self.costs.reading(offer, before: month)
            let writing = try self.costs.writing(offer, before: month)
            for charges in [reading, writing] {
                merits.numbers.append(charges?.reduce(0) { $0 + $1.amount.doubleValue } ?? .infinity)
            }
        }
        return merits
    }
}
