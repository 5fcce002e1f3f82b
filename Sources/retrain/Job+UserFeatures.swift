import Documents
import Marketplace
import MarketplaceStore
import Recommendation

extension MarketplaceDatabase {
    /// What is known of users by the newest quote that each was made before `time`: where its readers are, how much it
    /// stores. Documents that cannot be read are passed over.
    func userFeatures(before time: Int) throws(StoreError) -> [String: [String: Double]] {
        var features: [String: [String: Double]] = [:]
        try forEachLatestQuote(before: time) { user, document in
            guard case .object(let members)? = try? JSONValue(parsing: Array(document.utf8)),
                let request = members["request"], let read = try? SLARequest(request)
            else { return }
            features[user] = read.userFeatures
        }
        return features
    }
}
