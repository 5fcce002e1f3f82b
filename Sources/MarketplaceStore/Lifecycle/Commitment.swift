import Money

/// What an accepted quote holds: capacity on offers for a time, and credits of the user's own accounts.
public struct Commitment: Sendable, Hashable {
    /// The part of an offer's capacity that a leg needs.
    public struct Capacity: Sendable, Hashable {
        /// The offer.
        public let offer: String
        /// The most bytes that lie there in any month.
        public let bytes: Int

        /// `bytes` on `offer`.
        public init(offer: String, bytes: Int) {
            self.offer = offer
            self.bytes = bytes
        }
    }

    /// The part of a credit that the bill counts on.
    public struct Credit: Sendable, Hashable {
        /// The provider with whom the user has it.
        public let provider: String
        /// What the bill counts on.
        public let used: Amount
        /// What the user said is left, before this quote.
        public let stated: Amount

        /// `used` of `stated` with `provider`.
        public init(provider: String, used: Amount, stated: Amount) {
            self.provider = provider
            self.used = used
            self.stated = stated
        }
    }

    /// By leg.
    public let capacities: [Capacity]
    /// By provider.
    public let credits: [Credit]
    /// From this second on; seconds since 1970.
    public let start: Int
    /// Until this second, excluded.
    public let end: Int

    /// What is held from `start` to `end`.
    public init(capacities: [Capacity], credits: [Credit] = [], start: Int, end: Int) {
        self.capacities = capacities
        self.credits = credits
        self.start = start
        self.end = end
    }
}
