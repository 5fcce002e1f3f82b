import MarketplaceStore
import Recommendation

extension MarketplaceDatabase {
    /// The interactions before `until` (seconds, excluded; nil for all), read row by row.
    func snapshot(until: Int? = nil, offers: [String]) throws(StoreError) -> InteractionSnapshot {
        try InteractionSnapshot(offers: offers) { take throws(StoreError) in
            try forEachInteraction(until: until, take)
        }
    }
}
