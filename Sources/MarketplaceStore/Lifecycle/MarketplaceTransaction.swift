import Documents
import GRDB

/// One step of the marketplace's life: everything that is done with it happens together, or not at all.
///
/// Made by ``MarketplaceDatabase/transact(by:at:_:)``. Writers wait for one another, so that what a transaction reads
/// stays true until it ends.
public struct MarketplaceTransaction {
    /// Who acts.
    public let caller: Caller
    /// When, in seconds since 1970.
    public let time: Int
    let db: Database
    let path: String
}

extension MarketplaceDatabase {
    /// Does `body` as one transaction by `caller` at `time`; when it throws, nothing of it remains.
    @discardableResult
    public func transact<Value>(
        by caller: Caller, at time: Int, _ body: (MarketplaceTransaction) throws -> Value
    ) throws(StoreError) -> Value {
        try write { try body(MarketplaceTransaction(caller: caller, time: time, db: $0, path: path)) }
    }

    /// Does what `call` asks for, once: a call that was answered is answered again with the same bytes, whatever has
    /// changed since, and `body` is not run. The answer is kept in the same transaction as what it tells of.
    ///
    /// - Throws: ``StoreError/reusedKey(_:)`` when the key was used for another request.
    public func answer(
        _ call: IdempotentCall?, by caller: Caller, at time: Int,
        _ body: (MarketplaceTransaction) throws -> StoredResponse
    ) throws(StoreError) -> StoredResponse {
        try transact(by: caller, at: time) { transaction in
            guard let call else { return try body(transaction) }
            if let known = try transaction.answer(to: call) { return known }
            let response = try body(transaction)
            try transaction.keep(response, for: call)
            return response
        }
    }

    /// What a call was answered with; nil when it is new. Reads only.
    public func answer(to call: IdempotentCall, by caller: Caller) throws(StoreError) -> StoredResponse? {
        try read {
            try MarketplaceTransaction(caller: caller, time: 0, db: $0, path: path).answer(to: call)
        }
    }

    /// Forgets the answers to calls before `time`; returns how many.
    @discardableResult
    public func forgetCalls(before time: Int) throws(StoreError) -> Int {
        try write { db in
            try db.execute(sql: "DELETE FROM answeredCall WHERE time < ?", arguments: [time])
            return db.changesCount
        }
    }
}
