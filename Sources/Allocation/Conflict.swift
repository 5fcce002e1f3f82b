import Marketplace
import Money

/// Why a request cannot be met: constraints that cannot hold together, and what would help.
public struct Conflict: Sendable, Hashable {
    /// One constraint of the conflict.
    public struct Member: Sendable, Hashable {
        /// The constraint.
        public let constraint: ConstraintKind
        /// What of this constraint alone would make the request feasible, in words; nil if nothing was found.
        public let remedy: String?
        /// The remedy as a change of the request; nil if there is none, or if it is not one of numbers.
        public let change: Change?
        /// Whether it is proven that a smaller change would not do, or, without a remedy, that no change would.
        /// False where time ran out first.
        public let isProven: Bool
    }

    /// The constraints: they cannot be met together.
    public let members: [Member]
    /// Other changes that help, such as one more copy.
    public let alternatives: [String]
    /// Whether it is proven that without any one of the members the rest could be met. False where time ran out first:
    /// then some members may not belong.
    public let isProven: Bool
}

extension Conflict {
    /// A change of one constraint of a request.
    public enum Change: Sendable, Hashable {
        /// This budget, for its period.
        case budget(Amount, SLARequest.BudgetPeriod)
        /// This latency bound, in milliseconds.
        case latency(ExactDecimal)
        /// This availability, a probability.
        case availability(ExactDecimal)
        /// So many nines of durability.
        case durability(nines: Int)
        /// So many providers that may be lost.
        case toleratedProviders(Int)
        /// So many regions that may be lost.
        case toleratedRegions(Int)
        /// This share of the raw volume with one provider.
        case maxProviderShare(ExactDecimal)
        /// So many providers that hold data.
        case minProviders(Int)
        /// So many logical bytes to store.
        case volume(Int)
        /// So many percent of the egress of each region, 0…100.
        case egress(percent: Int)

        /// The request with this change.
        public func applied(to request: SLARequest) -> SLARequest {
            var request = request
            switch self {
            case .budget(let amount, let period): request.budget = SLARequest.Budget(amount: amount, period: period)
            case .latency(let bound): request.qos.latencyMs = bound
            case .availability(let probability): request.qos.availability = probability
            case .durability(let nines): request.qos.durabilityNines = nines
            case .toleratedProviders(let count): request.toleratedProviders = count
            case .toleratedRegions(let count): request.toleratedRegions = count
            case .maxProviderShare(let share): request.maxProviderShare = share
            case .minProviders(let count): request.minProviders = count
            case .volume(let bytes): request.logicalBytes = bytes
            case .egress(let percent):
                for u in request.traffic.indices {
                    let bytes = Int128(request.traffic[u].egressBytes) * Int128(percent) / 100
                    request.traffic[u].egressBytes = Int(clamping: bytes)
                }
            }
            return request
        }
    }
}

extension Conflict.Change: CustomStringConvertible {
    /// The change in words, e.g. `a budget of 15.30 USD per month`.
    public var description: String {
        switch self {
        case .budget(let amount, let period): "a budget of \(amount) per \(period.rawValue)"
        case .latency(let bound): "a latency bound of \(bound) ms"
        case .availability(let probability): "an availability of \(probability)"
        case .durability(let nines): "\(nines) nines of durability"
        case .toleratedProviders(let count): "tolerate the loss of \(count) providers"
        case .toleratedRegions(let count): "tolerate the loss of \(count) regions"
        case .maxProviderShare(let share): "allow a share of \(share)"
        case .minProviders(let count): "be content with \(count) providers"
        case .volume(let bytes):
            "store at most \((try? ExactDecimal(significand: Int128(bytes), scale: 9)).map { "\($0)" } ?? "0") GB"
        case .egress(let percent): "read at most \(percent)% of the egress asked for"
        }
    }
}
