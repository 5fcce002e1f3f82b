import Documents
import GRDB
import Marketplace
import Money

extension MarketplaceTransaction {
    /// Holds `commitment` for a quote, if all of it is free.
    func hold(_ commitment: Commitment, for quote: StoredQuote) throws(StoreError) {
        try named { () throws in
            for need in commitment.capacities {
                guard let capacity = try publishedCapacity(of: need.offer) else {
                    throw StoreError.withdrawn(offer: need.offer)
                }
                if let bytes = capacity.bytes {
                    let free = bytes - (try held(of: need.offer, from: commitment.start, to: commitment.end))
                    guard need.bytes <= free else {
                        throw StoreError.noCapacity(offer: need.offer, free: max(0, free), needed: need.bytes)
                    }
                }
                try db.execute(
                    sql: "INSERT INTO capacityHold (offer, quote, bytes, start, end) VALUES (?, ?, ?, ?, ?)",
                    arguments: [need.offer, quote.id, need.bytes, commitment.start, commitment.end])
            }
            for credit in commitment.credits {
                let free = try credit.stated.subtracting(
                    heldCredit(quote.user, credit.provider, credit.stated.asset))
                guard credit.used.asset == free.asset, credit.used.minor <= free.minor else {
                    throw StoreError.noCredit(provider: credit.provider, free: free, needed: credit.used)
                }
                try db.execute(
                    sql: "INSERT INTO creditHold (tenant, user, provider, quote, asset, minor, released) "
                        + "VALUES (?, ?, ?, ?, ?, ?, 0)",
                    arguments: [
                        caller.tenant, quote.user, credit.provider, quote.id, credit.used.asset.code,
                        String(credit.used.minor)
                    ])
            }
        }
    }

    /// Frees what a quote holds from now on.
    func release(_ id: String) throws(StoreError) {
        try named { () throws in
            try db.execute(
                sql: "UPDATE capacityHold SET end = MAX(start, MIN(end, ?)) WHERE quote = ?", arguments: [time, id])
            try db.execute(sql: "UPDATE creditHold SET released = 1 WHERE quote = ?", arguments: [id])
        }
    }

    /// An offer's capacity; no bytes when no limit is published.
    private struct Published { let bytes: Int? }

    /// What an offer publishes today; nil when it is not listed.
    private func publishedCapacity(of offer: String) throws -> Published? {
        let row = try Row.fetchOne(
            db, sql: "SELECT document FROM offer WHERE id = ? AND listed = 1", arguments: [offer])
        guard let row else { return nil }
        guard let listed = Offer(try JSONValue(parsing: (row[0] as String).utf8, document: offer), log: IssueLog())
        else {
            throw StoreError.corrupt(path: path, detail: "the offer '\(offer)'")
        }
        return Published(bytes: listed.capacityBytes)
    }

    /// The most bytes of an offer that are held at one time within a period. O(n log n) in the holds that overlap it.
    func held(of offer: String, from start: Int, to end: Int) throws -> Int {
        let rows = try Row.fetchAll(
            db, sql: "SELECT start, end, bytes FROM capacityHold WHERE offer = ? AND start < ? AND end > ?",
            arguments: [offer, end, start])
        // Ends come before starts of the same second: who leaves makes room for who comes.
        let events = rows.flatMap { row -> [(time: Int, change: Int)] in
            [(max(start, row[0]), row[2]), (row[1], -(row[2] as Int))]
        }.sorted { $0.time != $1.time ? $0.time < $1.time : $0.change < $1.change }
        var (now, most) = (0, 0)
        for event in events {
            now += event.change
            most = max(most, now)
        }
        return most
    }

    /// What accepted quotes count on of a user's credit with a provider.
    private func heldCredit(_ user: String, _ provider: String, _ asset: Asset) throws -> Amount {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT asset, minor FROM creditHold
                WHERE tenant = ? AND user = ? AND provider = ? AND released = 0 AND asset = ?
                """, arguments: [caller.tenant, user, provider, asset.code])
        return try Amount.sum(
            rows.map { row in
                guard let minor = Int128(row[1] as String) else {
                    throw StoreError.corrupt(path: path, detail: "a held credit of \(provider)")
                }
                return Amount(minor: minor, asset)
            }, asset)
    }
}

extension MarketplaceDatabase {
    /// Bytes held at `time` by accepted quotes, by offer; offers of which nothing is held are left out.
    public func heldCapacity(at time: Int) throws(StoreError) -> [String: Int] {
        try read { db in
            let rows = try Row.fetchCursor(
                db, sql: "SELECT offer, SUM(bytes) FROM capacityHold WHERE end > ? GROUP BY offer", arguments: [time])
            var held: [String: Int] = [:]
            while let row = try rows.next() { held[row[0]] = row[1] }
            return held
        }
    }
}
