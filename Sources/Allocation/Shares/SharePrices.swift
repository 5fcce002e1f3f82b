/// What the dual values of a share program make of prices.
struct SharePrices: Sendable {
    /// The value of the data as a whole.
    var whole = 0.0
    /// By group of providers and month class (the last for what is charged at the end): the price of a unit of money.
    var charge: [[Double]] = []
    /// By offer with rows of its own: prices of what it carries.
    var meters: [Int: Meters] = [:]
    /// By provider: the price of its free volumes.
    var claim: [String: Double] = [:]
    /// By provider: the price of its share of the raw volume, and of counting it.
    var volume: [String: Double] = [:]
    var counted: [String: Double] = [:]
    /// By provider that must be used: the price of a shard there.
    var required: [String: Double] = [:]
    /// By offer: the price of a single copy that stays there, and of any copy that does.
    var unread: [Int: Double] = [:]
    var kept: [Int: Double] = [:]

    /// Prices of what one offer carries, in units of money.
    struct Meters: Sendable {
        /// For the share of the data that has a shard there.
        var share = 0.0
        /// By month class: a byte billed, where storage has rows of its own.
        var billed: [Double]
        /// 1/k of the data, raw.
        var raw = 0.0
        /// A byte read a month.
        var egress = 0.0
        /// By month class, and at the end: money that is linear in the share.
        var money: [Double]
    }
}

/// What a share program came to.
struct ShareSolution {
    var isFeasible: Bool
    /// Whether the solver could tell; if not, nothing is proven.
    var isDecided = true
    var value = 0.0
    var shares: [Double] = []
    var prices = SharePrices()
    /// What offers with rows of their own are charged; nil without a solution.
    var relaxed: RelaxedCharges?
    /// By provider: how far it counts.
    var counted: [String: Double] = [:]
}

extension SharePrices {
    /// Prices at which every placement is worth having, to find any that a node admits.
    static func bare(_ model: TermModel) -> SharePrices {
        var prices = SharePrices()
        prices.whole = 1
        prices.charge = model.groups.map { _ in [Double](repeating: 0, count: model.classes.count + 1) }
        return prices
    }
}
