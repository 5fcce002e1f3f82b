import Marketplace
import MarketplaceStore
import Recommendation
import TestSupport

/// The shipped catalogue, and markets over it.
enum SyntheticFixture {
    /// 2026-11-20T00:00:00Z.
    static let now = 1_795_132_800

    /// A store with the shipped catalogue.
    static func store() throws -> MarketplaceDatabase {
        let store = try MarketplaceDatabase.inMemory()
        try store.importFolder(SharedData.packageRoot.appendingPathComponent("datasets").path, now: now)
        return store
    }

    /// The shipped catalogue, read once.
    private static let catalog = Result { try store().catalog() }

    /// A market over the shipped catalogue.
    static func market(
        seed: UInt64 = 7, users: Int = 400, days: Int = 180, _ change: (inout SyntheticSettings) -> Void = { _ in }
    ) throws -> SyntheticMarket {
        var settings = SyntheticSettings(end: 1_794_700_800)
        change(&settings)
        return SyntheticMarket(
            seed: seed, users: users, days: days, catalog: try catalog.get(), settings: settings)
    }
}
