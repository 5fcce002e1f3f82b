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

        /// `catalog` with the offer as it would be.
        func listing(_ catalog: Catalog) -> Catalog {
            catalog.listing(
                catalog.offers.map { $0.id == offer.id ? offer : $0 }, version: catalog.version + " " + offer.id)
        }
    }

    /// The candidates; the first is the one that stands.
    let candidates: [Candidate]

    /// The promise that stands, and others of ``AdviceTerms/uptimes``.
    ///
    /// Only a bucket's promise is on a contract and can be forfeited by. Without a bucket nothing stands; without
    /// measurements nothing can be said of breaches, so that what stands is the only candidate. Users choose by uptime,
    /// not by the latency that is promised: another candidate promises what was measured and a quarter more.
    init(_ own: OwnRecords, of offer: Offer, terms: AdviceTerms) {
        let measured = own.measured(offer.id)
        let standing = own.bucket.map {
            QoSPromise(
                latencyMilliseconds: Double($0.latencyMs),
                uptimePercent: 100 * Double($0.uptime) / Double($0.uptimeScale.rawValue))
        }
        func breach(_ promise: QoSPromise) -> Double {
            measured.periods.isEmpty ? 0 : measured.breachProbability(of: promise)
        }
        var candidates = [
            Candidate(promise: standing, offer: offer, breachProbability: standing.map(breach) ?? 0)
        ]
        if let slowest = measured.periods.map(\.latencyMilliseconds).max() {
            let latency = standing?.latencyMilliseconds ?? 5 * (1.25 * slowest / 5).rounded(.up)
            for uptime in terms.uptimes where (0.5..<1).contains(uptime) {
                let promise = QoSPromise(latencyMilliseconds: latency, uptimePercent: 100 * uptime)
                guard abs(promise.uptimePercent - (standing?.uptimePercent ?? -1)) > 1e-9 else { continue }
                var changed = offer
                changed.availability = try? ExactDecimal(significand: Int128((uptime * 1e8).rounded()), scale: 8)
                candidates.append(Candidate(promise: promise, offer: changed, breachProbability: breach(promise)))
            }
        }
        self.candidates = candidates
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
