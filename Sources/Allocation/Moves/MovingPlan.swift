import Marketplace
import Money

/// A plan that says where the data lies in which months, what is moved when, and what all of it costs.
public struct MovingPlan: Sendable {
    /// Months in which the data lies in one way.
    public struct Stage: Sendable {
        /// The months of the term, counted from 0.
        public var months: Range<Int>
        /// Where the data lies: all of it under one placement, or divided where the plan stays put.
        public var placements: [Placement]
        /// Offers whose leg has the free volumes of the user's account with their provider.
        public var claimants: Set<String>
        /// What the user pays for these months by the exact bill, moves aside.
        public var cost: Amount

        /// The offers that hold data, by ID.
        public var offers: [Offer] { Set(placements.flatMap(\.legs).map(\.offer)).sorted { $0.id < $1.id } }
    }

    /// How shards that lie elsewhere afterwards are made.
    public enum Method: String, Sendable, Hashable {
        /// k shards are read, wherever that is cheapest, and those that are missing are made from them.
        case rebuild
        /// Each shard that leaves is read and written to where it goes.
        case copy
    }

    /// Data that goes from some offers to others, all at once.
    public struct Move: Sendable, Hashable {
        /// Before which month of the term, counted from 0.
        public let month: Int
        /// The first day of that month.
        public let day: CalendarDay
        /// The offers that are left, by ID.
        public let from: [String]
        /// The offers that are entered, by ID.
        public let to: [String]
        /// How the shards are made.
        public let method: Method
        /// Bytes that are read.
        public let readBytes: Int128
        /// Bytes that are written.
        public let writtenBytes: Int128
        /// What providers charge: egress, retrieval and reads where data is read, writes where it goes, and storage for
        /// the rest of a minimum duration where it is given up.
        public var charges: [Migration.Charge]
        /// The platform's fee on the charges.
        public let platformFee: Amount
        /// Charges and fee.
        public let cost: Amount
    }

    /// How the plan stands among those that stay put, or move all data from placement to placement at the cuts.
    public let status: AllocationStatus
    /// The months before which something changes and data may be moved, ascending.
    public let cuts: [Int]
    /// Where the data lies, in order; together the term. Empty without a plan.
    public var stages: [Stage]
    /// What is moved, in order.
    public var moves: [Move]
    /// The exact bill of the term; its lines, the moves and the platform's charges come to its total.
    public let bill: Bill?
    /// What the term costs by the model, without rounding.
    public let objective: Double?
    /// No plan of the two kinds costs less than this.
    public let bound: Double?
    /// The allocation that is cheapest without moving, and its exact cost; nil when nothing can stay for the whole term.
    public let staying: Allocation?
    /// The exact cost of staying.
    public let stayingCost: Amount?
    /// The cheapest plan found that moves, by the model; nil when none was found below the cost of staying.
    public let movingObjective: Double?
    /// Milliseconds of the search for moves.
    public let milliseconds: Double

    /// What the plan saves against staying; nil when nothing can stay.
    public var saving: Amount? {
        guard let stayingCost, let bill else { return nil }
        return try? stayingCost.subtracting(bill.total)
    }

    /// (objective − bound) / objective; nil without a plan.
    public var gap: Double? {
        guard let objective, let bound else { return nil }
        return objective == 0 ? 0 : max(0, (objective - bound) / abs(objective))
    }
}
