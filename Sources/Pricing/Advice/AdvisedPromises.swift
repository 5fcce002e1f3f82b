import Foundation
import Marketplace
import Money

/// The promises that advice weighs against each other.
struct AdvisedPromises {
    /// One promise, and the offer that makes it.
    struct Candidate {
        let promise: QoSPromise?
        let offer: Offer
        let breachProbability: Double
        /// The requests, by index, that may not take the offer under it.
        let excluded: Set<Int>

        /// `catalog` with the offer as it would be.
        func listing(_ catalog: Catalog) -> Catalog {
            catalog.listing(
                catalog.offers.map { $0.id == offer.id ? offer : $0 }, version: catalog.version + " " + offer.id)
        }
    }

    /// The candidates; the first is the one that stands. Those of one uptime have one offer.
    let candidates: [Candidate]

    /// The promise that stands, and others of ``AdviceTerms/uptimes`` and of the latencies that `requests` ask for.
    ///
    /// Only a bucket's promise is on a contract and can be forfeited by. Without a bucket nothing stands; without
    /// measurements nothing can be said of breaches, so that what stands is the only candidate.
    ///
    /// A stricter uptime makes the offer eligible for more and counts in every failure model. A leg is held to the latency
    /// that its request asks, so that a looser promise rules it out of that request, and a stricter one wins nothing between
    /// two latencies that are asked: the candidates are those, and beyond them what was measured and a quarter more.
    /// Of equal uptime, one that loses requests and is broken no less often than another is left out.
    init(_ own: OwnRecords, of offer: Offer, terms: AdviceTerms, requests: [NamedRequest]) {
        let measured = own.measured(offer.id)
        let standing = own.bucket.map {
            QoSPromise(
                latencyMilliseconds: Double($0.latencyMs),
                uptimePercent: 100 * Double($0.uptime) / Double($0.uptimeScale.rawValue))
        }
        let asked = requests.map { $0.request.qos.latencyMs?.doubleValue ?? .infinity }
        func candidate(_ promise: QoSPromise?, _ offer: Offer) -> Candidate {
            let breach = promise.map { measured.periods.isEmpty ? 0 : measured.breachProbability(of: $0) }
            return Candidate(
                promise: promise, offer: offer, breachProbability: breach ?? 0,
                excluded: promise.map { promise in
                    Set(asked.indices.filter { asked[$0] < promise.latencyMilliseconds })
                } ?? [])
        }
        var candidates = [candidate(standing, offer)]
        if let slowest = measured.periods.map(\.latencyMilliseconds).max() {
            let loosest = 5 * (1.25 * slowest / 5).rounded(.up)
            let latencies = Set(asked.filter(\.isFinite).map { $0.rounded(.down) } + [loosest]).filter { $0 >= 1 }
            var offers: [(uptime: Double, offer: Offer)] = standing.map { [($0.uptimePercent, offer)] } ?? []
            for uptime in terms.uptimes where (0.5..<1).contains(uptime) {
                guard !offers.contains(where: { abs($0.uptime - 100 * uptime) <= 1e-9 }) else { continue }
                var changed = offer
                changed.availability = try? ExactDecimal(significand: Int128((uptime * 1e8).rounded()), scale: 8)
                offers.append((100 * uptime, changed))
            }
            for (uptime, offer) in offers {
                let all = latencies.sorted().map { latency in
                    candidate(QoSPromise(latencyMilliseconds: latency, uptimePercent: uptime), offer)
                }
                candidates += Self.undominated(all).filter { $0.promise != standing }
            }
        }
        self.candidates = candidates
    }

    /// Without those that another of the same uptime, given by rising latency, is as good as.
    private static func undominated(_ candidates: [Candidate]) -> [Candidate] {
        candidates.enumerated().filter { index, one in
            !candidates.enumerated().contains { other, better in
                guard other != index, better.breachProbability <= one.breachProbability,
                    better.excluded.count <= one.excluded.count
                else { return false }
                let isEqual =
                    better.breachProbability == one.breachProbability && better.excluded.count == one.excluded.count
                // Of equals the loosest.
                return !isEqual || other > index
            }
        }.map(\.element)
    }
}

extension PriceAdvice {
    /// What was measured of the offer, and how often common promises would have been broken, in sentences.
    var measuredWords: [String] {
        let periods = own.measured(replayed.offer.id).periods
        guard !periods.isEmpty else {
            return ["Nothing was measured of this offer, so that nothing can be said of breaches."]
        }
        let count = Double(periods.count)
        let latency = periods.reduce(0) { $0 + $1.latencyMilliseconds } / count
        let uptime = periods.reduce(0) { $0 + $1.uptimePercent } / count
        let broken = [99, 99.5, 99.9, 99.95, 99.99].map { promised in
            String(format: "%g%% in %d", promised, periods.count { $0.uptimePercent < promised })
        }
        return [
            String(
                format:
                    "Measured in %d periods of 30 days: %.0f ms and %.3f%% uptime on average; an uptime of %@ of them "
                    + "would have been broken.", periods.count, latency, uptime, broken.joined(separator: ", "))
        ]
            + (own.bucket == nil
                ? ["No promise is on a contract: name the bucket by --bucket, or uptimes by --uptime."] : [])
    }
}
