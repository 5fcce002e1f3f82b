import Crypto
import Foundation
import Marketplace
import MarketplaceStore
import Money
import Quoting
import Synchronization

/// The market as anybody may look at it: the listing of now, and what was measured in the thirty days before this hour.
struct MarketView: Sendable {
    /// Days of measurements that are shown.
    static let measuredDays = 30

    let state: MarketState
    let configuration: QuotingConfiguration
    private let measured = MeasuredCache()

    /// The last summary of measurements: worked out once an hour, by whoever asks first.
    private final class MeasuredCache: Sendable {
        let last = Mutex<MeasuredPerformance?>(nil)
    }

    init(state: MarketState, configuration: QuotingConfiguration) {
        self.state = state
        self.configuration = configuration
    }

    /// What the market is at a moment, under a name that changes with it.
    struct Now: Sendable {
        let catalog: Catalog
        let day: CalendarDay
        let qos: LearnedQoS?
        /// Everything that an answer is made from, in words.
        let version: String
    }

    /// The market at `now`: capacities are what accepted quotes leave free.
    func now(_ now: Int) throws -> Now {
        let loaded = try state.loaded(now: now)
        let market = loaded.market
        let held = try market.heldCapacity(at: now)
        let catalog = held.isEmpty ? market.catalog : market.catalog.holding(held)
        return Now(
            catalog: catalog, day: UTCTime.day(now), qos: market.qos?.with(spread: configuration.ranking.spread),
            version: "\(catalog.version) \(market.qos?.fingerprint ?? "") \(Market.hour(now)) \(loaded.mark.revision)")
    }

    /// What was measured in the days before the hour of `now`: within an hour everybody sees the same.
    func performance(_ now: Int) throws -> MeasuredPerformance {
        let end = Market.hour(now) * 3600
        return try measured.last.withLock { last in
            if let last, last.period.upperBound == end { return last }
            let period = (end - Self.measuredDays * 86_400)..<end
            let new = try MeasuredPerformance(in: period) { (add) throws(StoreError) in
                try state.store.forEachMeasurement(from: period.lowerBound, until: period.upperBound, add)
            }
            last = new
            return new
        }
    }

    /// An entity tag of what is shown of `now` for a question.
    static func tag(_ now: Now, _ question: String) -> String {
        let digest = SHA256.hash(data: Data("\(now.version)\n\(question)".utf8)).prefix(16)
        return "\"" + digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + "\""
    }
}
