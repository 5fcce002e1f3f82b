/// What a node of the search has decided.
struct ShareNode: Sendable {
    /// Offers that hold nothing.
    var out: Set<Int> = []
    /// Offers that are used: their base fee and minimum are paid in full, and they hold what is worth a leg.
    var inUse: Set<Int> = []
    /// By offer and month class: bounds of the bytes billed beyond the free volume, and of those read.
    var storage: [Int: [ClosedRange<Double>?]] = [:]
    var egress: [Int: [ClosedRange<Double>?]] = [:]
    /// Which legs claim their account's free volumes.
    var claims: [Int: Bool] = [:]
    /// Providers that hold what is worth a leg, all their offers together.
    var required: Set<String> = []
    /// Providers that count towards `minProviders`, or do not.
    var counted: [String: Bool] = [:]
    /// Whether a monthly budget is held against every month, not the largest alone.
    var everyMonth = false
    /// How far a budget is tightened for the rounding of its lines.
    var tightening = 0.0
    /// No allocation within the node costs less.
    var bound = -Double.infinity

    /// Whether offer `j` is treated in another way than at the root.
    func refines(_ j: Int) -> Bool {
        inUse.contains(j) || storage[j] != nil || egress[j] != nil || claims[j] != nil
    }
}
