import Documents
import GRDB
import Marketplace

extension MarketplaceTransaction {
    /// Adds interactions as they happen; those that are there already are passed over.
    ///
    /// - Returns: how many were new.
    /// - Throws: ``StoreError/unknownReference(detail:)`` when an offer is unknown.
    @discardableResult
    public func add(_ interactions: [Interaction]) throws(StoreError) -> Int {
        try named { () throws in
            let statement = try db.cachedStatement(sql: ImportFormat.interactions.upsert)
            var added = 0
            for event in interactions {
                try statement.execute(arguments: [event.time, event.user, event.offer, event.kind.rawValue])
                added += db.changesCount
            }
            return added
        }
    }

    /// Notes that `offers` were in a quote for `user`, now. Once a day is enough: who asks again and again has not liked
    /// anything more, and must not fill the store.
    public func addQuoted(_ offers: [String], for user: String) throws(StoreError) {
        let recent = try named { () throws in
            try String.fetchSet(
                db,
                sql: "SELECT offer FROM interaction WHERE user = ? AND time > ? AND time <= ? AND kind = ?",
                arguments: [user, time - 86_400, time, InteractionKind.quoted.rawValue])
        }
        try add(
            offers.filter { !recent.contains($0) }.map {
                Interaction(time: time, user: user, offer: $0, kind: .quoted)
            })
    }

    /// Those of `offers` that were never listed.
    public func unknown(_ offers: Set<String>) throws(StoreError) -> Set<String> {
        try named { () throws in
            let statement = try db.cachedStatement(sql: "SELECT 1 FROM offer WHERE id = ?")
            return try offers.filter { try Int.fetchOne(statement, arguments: [$0]) == nil }
        }
    }
}
