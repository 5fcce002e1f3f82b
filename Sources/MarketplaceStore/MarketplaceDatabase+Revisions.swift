import GRDB
import Marketplace

/// What a user's ranking was made from, as numbers that change with it.
public struct StoreRevision: Sendable, Hashable {
    /// Rises with every import that changed something.
    public let imports: Int
    /// Changes with the capacity that accepted quotes hold.
    public let capacity: Int
    /// Changes with the user's interactions.
    public let user: Int

    /// A state of the store.
    public init(imports: Int, capacity: Int, user: Int) {
        self.imports = imports
        self.capacity = capacity
        self.user = user
    }
}

extension MarketplaceDatabase {
    /// Where everything stands that the ranking of `user` is made from. One read of three keys: O(log n).
    public func revision(ofUser user: String) throws(StoreError) -> StoreRevision {
        try read { try Self.revision(ofUser: user, $0) }
    }

    /// The interactions of `user`, by time, offer, kind, and where everything stood at the moment that they were read.
    public func history(of user: String) throws(StoreError) -> (interactions: [Interaction], revision: StoreRevision) {
        try read { (try interactions(of: user, $0), try Self.revision(ofUser: user, $0)) }
    }

    private static func revision(ofUser user: String, _ db: Database) throws -> StoreRevision {
        let statement = try db.cachedStatement(
            sql: """
                SELECT (SELECT MAX(id) FROM importLog), (SELECT number FROM revision WHERE subject = 'capacity'),
                    (SELECT number FROM revision WHERE subject = ?)
                """)
        guard let row = try Row.fetchOne(statement, arguments: ["user " + user]) else {
            return StoreRevision(imports: 0, capacity: 0, user: 0)
        }
        return StoreRevision(imports: row[0] ?? 0, capacity: row[1] ?? 0, user: row[2] ?? 0)
    }
}
