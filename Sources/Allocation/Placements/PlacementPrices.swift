/// What offers cost a placement when every cost is linear in the share of the data.
struct PlacementPrices: Sendable {
    /// By offer of the space: what holding a shard costs.
    var hold: [Double]
    /// By reader, then by offer: what fetching its shard for all of the reader's reads costs.
    var read: [[Double]]
}

/// A placement and what it costs at the prices of a search.
struct PricedPlacement: Sendable {
    /// Positions within the space, ascending.
    let members: [Int]
    /// By reader: the k offers that its reads fetch.
    let served: [[Int]]
    let cost: Double
}
