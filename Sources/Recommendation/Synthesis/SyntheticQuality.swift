import Foundation
import Marketplace

/// The hidden quality of service behind synthetic measurements.
///
/// The mean latency of offer o from region r is `(rtt + 12 ms) · exp(a_r + b_o + p_r·q_o)`: the catalogue's round trip
/// and the service's own time, bent by a factor of the region, one of the offer, and one of the pair, which has rank 2,
/// so that there is something to factorize.
public struct SyntheticQuality: Sendable {
    /// a_r, by reader region.
    public let regionEffect: [String: Double]
    /// b_o, by the offer's position.
    public let offerEffect: [Double]
    /// p_r, by reader region.
    public let regionVector: [String: [Double]]
    /// q_o, by the offer's position.
    public let offerVector: [[Double]]
    /// The offer's mean throughput at a latency of 20 ms, in megabytes a second, by position.
    public let throughput: [Double]
    /// The probability that a request succeeds, by the offer's position: about what is promised, seldom exactly.
    public let availability: [Double]

    /// The time that the service itself takes to the first byte, in milliseconds.
    static let serviceTime = 12.0
    /// The round trip, in milliseconds, that is taken for a network without a place.
    static let unknownRoundTrip = 60.0

    init(seed: UInt64, catalog: Catalog) {
        var random = SyntheticRandom(seed: seed, stream: SyntheticMarket.Stream.quality)
        var regionEffect: [String: Double] = [:]
        var regionVector: [String: [Double]] = [:]
        for region in catalog.readerRegions.keys.sorted() {
            regionEffect[region] = 0.15 * random.normal()
            regionVector[region] = random.vector(2, deviation: 0.4)
        }
        self.regionEffect = regionEffect
        self.regionVector = regionVector
        var (effects, vectors): ([Double], [[Double]]) = ([], [])
        var (throughputs, availabilities): ([Double], [Double]) = ([], [])
        for offer in catalog.offers {
            effects.append(0.25 * random.normal())
            vectors.append(random.vector(2, deviation: 0.4))
            throughputs.append(random.logNormal(median: 90, sigma: 0.4))
            let promised = 1 - catalog.availability(of: offer)
            availabilities.append(1 - min(0.2, max(1e-6, promised) * random.logNormal(median: 0.8, sigma: 0.7)))
        }
        offerEffect = effects
        offerVector = vectors
        throughput = throughputs
        availability = availabilities
    }
}

extension SyntheticMarket {
    /// The true mean latency to the first byte, in milliseconds, from a reader region to the offer at a position.
    public func meanLatency(region: String, offer: Int) -> Double {
        let metro = catalog.offers[offer].metro
        let roundTrip = catalog.latency(from: region, to: metro)?.milliseconds ?? SyntheticQuality.unknownRoundTrip
        var effect = (quality.regionEffect[region] ?? 0) + quality.offerEffect[offer]
        for (one, other) in zip(quality.regionVector[region] ?? [], quality.offerVector[offer]) {
            effect += one * other
        }
        return (roundTrip + SyntheticQuality.serviceTime) * exp(effect)
    }

    /// The true mean throughput, in megabytes a second: it falls with the square root of the latency, as windows do.
    public func meanThroughput(region: String, offer: Int) -> Double {
        quality.throughput[offer] * (20 / meanLatency(region: region, offer: offer)).squareRoot()
    }

    /// Observations of latency, throughput and availability of some pairs of reader region and online offer, by time,
    /// region, offer, metric.
    ///
    /// Latency and throughput are log-normal about their means; availability is the share of 2,000 probes that
    /// succeeded. Archives, whose first byte takes hours, are not probed. O(regions · offers).
    public func measurements() -> [Marketplace.Measurement] {
        var random = SyntheticRandom(seed: seed, stream: Stream.measurements)
        var measurements: [Marketplace.Measurement] = []
        let start = settings.end - days * 86_400
        for region in catalog.readerRegions.keys.sorted() {
            for (position, offer) in catalog.offers.enumerated() where offer.access == .online {
                guard random.uniform() < settings.measuredShare else { continue }
                for _ in 0..<max(0, settings.observationsPerPair) {
                    let time = start + Int(random.uniform() * Double(days * 86_400))
                    func note(_ metric: MeasurementMetric, _ value: Double) {
                        measurements.append(
                            .init(time: time, region: region, offer: offer.id, metric: metric, value: value))
                    }
                    note(.latencyMs, observed(meanLatency(region: region, offer: position), &random))
                    note(.throughputMBps, observed(meanThroughput(region: region, offer: position), &random))
                    let failures = random.poisson(2000 * (1 - quality.availability[position]))
                    note(.availability, 1 - Double(min(2000, failures)) / 2000)
                }
            }
        }
        return measurements.sorted {
            ($0.time, $0.region, $0.offer, $0.metric.rawValue) < ($1.time, $1.region, $1.offer, $1.metric.rawValue)
        }
    }

    /// One log-normal observation whose mean is `mean`, to three decimals, as probes report it.
    private func observed(_ mean: Double, _ random: inout SyntheticRandom) -> Double {
        let spread = settings.observationSpread
        let value = mean * exp(spread * random.normal() - spread * spread / 2)
        return max(0.001, (value * 1000).rounded() / 1000)
    }
}
