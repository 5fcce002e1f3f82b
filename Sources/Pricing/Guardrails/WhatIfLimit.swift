import Marketplace

/// How many what-if questions a provider may ask: enough to decide on a price, too few to sound out a rival.
///
/// Every question is a record of the audit trail, and the trail is what is counted: asking from another shell, or
/// another folder's copy of the command, does not start the count anew as long as the trail is the same.
public struct WhatIfLimit: Sendable, Hashable {
    /// Prices asked about in any 60 minutes.
    public var perHour = 20
    /// Prices asked about in any 24 hours.
    public var perDay = 100

    /// The defaults.
    public init() {}

    /// Refuses `count` more questions of `provider` at `now` when one of the limits would be passed.
    ///
    /// A record from the future counts as one of now: setting the clock back gains nothing. O(records).
    ///
    /// - Throws: ``PricingError/tooManyQuestions(limit:period:retryAt:)``.
    public func check(
        _ count: Int, by provider: String, in trail: AuditTrail, now: Int
    ) throws(PricingError) {
        try check(
            count, asked: trail.records.filter { $0.kind == .whatIf && $0.provider == provider }.map(\.time), now: now)
    }

    /// The same for a provider that has asked at `times`, in seconds since 1970, in any order.
    public func check(_ count: Int, asked times: [Int], now: Int) throws(PricingError) {
        let times = times.map { min($0, now) }.sorted()
        for (limit, seconds, period) in [(perHour, 3600, "hour"), (perDay, 86_400, "day")] {
            let recent = times.filter { $0 > now - seconds }
            guard recent.count + count > limit else { continue }
            // Free again once so many have left the window that the new ones fit; never, when they alone are too many.
            let excess = recent.count + count - limit
            let retry = count > limit || excess > recent.count ? nil : recent[excess - 1] + seconds
            throw .tooManyQuestions(limit: limit, period: period, retryAt: retry)
        }
    }
}
