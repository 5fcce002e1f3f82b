import Foundation
import Money

/// When parameters that were estimated on many providers' data may serve one of them.
///
/// Shared parameters must not let a provider read a rival's dealings out of them, nor be a means to act in concert: enough
/// providers, none of them dominant, and nothing recent.
public struct CohortRule: Sendable, Hashable {
    /// The fewest providers.
    public var minimumProviders = 5
    /// The most that one provider's observations may be of all.
    public var maximumWeight = 0.25
    /// How long ago the newest observation must be, in days: three months.
    public var minimumAgeDays = 91

    /// The rule.
    public init() {}

    /// What one provider contributes.
    public struct Member: Sendable, Hashable {
        /// The provider.
        public let provider: String
        /// How many observations are its.
        public let observations: Int

        /// A member.
        public init(provider: String, observations: Int) {
            self.provider = provider
            self.observations = observations
        }
    }

    /// What forbids the use of a cohort on `day`, in sentences; empty when nothing does. O(members).
    public func faults(_ members: [Member], newest: CalendarDay?, on day: CalendarDay) -> [String] {
        let active = members.filter { $0.observations > 0 }
        let total = active.reduce(0.0) { $0 + Double($1.observations) }
        var faults: [String] = []
        if active.count < minimumProviders {
            faults.append("the cohort has \(active.count) providers, fewer than \(minimumProviders)")
        }
        if let largest = active.map(\.observations).max(), Double(largest) > maximumWeight * total * (1 + 1e-12) {
            // Whose weight it is, is not told: that would be a rival's volume of business.
            faults.append(
                String(
                    format: "one provider has %.0f%% of the cohort's weight, above %.0f%%",
                    100 * Double(largest) / total, 100 * maximumWeight))
        }
        if let newest, day.ordinal - newest.ordinal < minimumAgeDays {
            faults.append("the cohort's newest data of \(newest) is younger than \(minimumAgeDays) days")
        }
        return faults
    }
}
