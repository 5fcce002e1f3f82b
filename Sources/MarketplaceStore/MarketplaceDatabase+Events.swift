import GRDB
import Marketplace

extension MarketplaceDatabase {
    /// Gives every interaction before `until` (seconds, excluded; nil for all) to `body`, by time, user, offer, kind.
    ///
    /// Holds one row at a time; the rows are one consistent state, whatever is written meanwhile.
    public func forEachInteraction(until: Int? = nil, _ body: (Interaction) -> Void) throws(StoreError) {
        try read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT time, user, offer, kind FROM interaction WHERE time < ?
                    ORDER BY time, user, offer, kind
                    """, arguments: [until ?? .max])
            while let row = try rows.next() { body(try interaction(row)) }
        }
    }

    /// The interactions before `until` (seconds, excluded; nil for all), by time, user, offer, kind.
    public func interactions(until: Int? = nil) throws(StoreError) -> [Interaction] {
        var interactions: [Interaction] = []
        try forEachInteraction(until: until) { interactions.append($0) }
        return interactions
    }

    /// The interactions of one user, by time, offer, kind. O(log n + the user's own).
    public func interactions(of user: String) throws(StoreError) -> [Interaction] {
        try read { try interactions(of: user, $0) }
    }

    func interactions(of user: String, _ db: Database) throws -> [Interaction] {
        let statement = try db.cachedStatement(
            sql: "SELECT time, user, offer, kind FROM interaction WHERE user = ? ORDER BY time, offer, kind")
        let rows = try Row.fetchCursor(statement, arguments: [user])
        var interactions: [Interaction] = []
        while let row = try rows.next() { interactions.append(try interaction(row)) }
        return interactions
    }

    /// Adds interactions as they happen; those that are there already are passed over.
    ///
    /// - Returns: how many were new.
    /// - Throws: ``StoreError/unknownReference(detail:)`` when an offer is unknown; then none is added.
    @discardableResult
    public func record(_ interactions: [Interaction]) throws(StoreError) -> Int {
        try write { db in
            try MarketplaceTransaction(caller: .machine, time: 0, db: db, path: path).add(interactions)
        }
    }

    /// How often each offer was accepted, reserved or renewed before `time` (seconds, excluded; nil for ever), by all
    /// users; offers that never were are left out.
    public func commitments(before time: Int? = nil) throws(StoreError) -> [String: Int] {
        try read { db in
            // Word by word the condition of an index, which serves no other.
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT offer, COUNT(*) FROM interaction WHERE kind IN ('accepted', 'reserved', 'renewed')
                    AND time < ? GROUP BY offer
                    """, arguments: [time ?? .max])
            var counts: [String: Int] = [:]
            while let row = try rows.next() { counts[row[0]] = row[1] }
            return counts
        }
    }

    /// Everyone who has done anything, in the order of their IDs.
    public func users() throws(StoreError) -> [String] {
        try read { try String.fetchAll($0, sql: "SELECT DISTINCT user FROM interaction ORDER BY user") }
    }

    /// Adds measurements as they are made; one of a time, region, offer and metric that is there already is passed over.
    ///
    /// - Returns: those that are new, in their order.
    /// - Throws: ``StoreError/unknownReference(detail:)`` when an offer or a region is unknown; then none is added.
    @discardableResult
    public func record(_ measurements: [Measurement]) throws(StoreError) -> [Measurement] {
        try write { db in
            let statement = try db.makeStatement(
                sql: """
                    INSERT INTO measurement (time, region, offer, metric, value) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (time, region, offer, metric) DO NOTHING
                    """)
            return try measurements.filter { one in
                let before = db.totalChangesCount
                try statement.execute(arguments: [one.time, one.region, one.offer, one.metric.rawValue, one.value])
                return db.totalChangesCount > before
            }
        }
    }

    /// The measurements from `start` on (seconds; nil for all) and before `until` (excluded; nil for all), by time,
    /// region, offer, metric.
    public func measurements(from start: Int? = nil, until: Int? = nil) throws(StoreError) -> [Measurement] {
        var measurements: [Measurement] = []
        try forEachMeasurement(from: start, until: until) { measurements.append($0) }
        return measurements
    }

    /// Gives the measurements from `start` on and before `until` to `body`, in the order of ``measurements(from:until:)``,
    /// one row at a time.
    public func forEachMeasurement(
        from start: Int? = nil, until: Int? = nil, _ body: (Measurement) -> Void
    ) throws(StoreError) {
        try read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT time, region, offer, metric, value FROM measurement WHERE time >= ? AND time < ?
                    ORDER BY time, region, offer, metric
                    """, arguments: [start ?? .min, until ?? .max])
            while let row = try rows.next() {
                guard let metric = MeasurementMetric(rawValue: row[3]) else {
                    throw StoreError.corrupt(path: path, detail: "a measurement of '\(row[3] as String)'")
                }
                body(Measurement(time: row[0], region: row[1], offer: row[2], metric: metric, value: row[4]))
            }
        }
    }

    private func interaction(_ row: Row) throws(StoreError) -> Interaction {
        guard let kind = InteractionKind(rawValue: row[3]) else {
            throw .corrupt(path: path, detail: "an interaction of kind '\(row[3] as String)'")
        }
        return Interaction(time: row[0], user: row[1], offer: row[2], kind: kind)
    }
}
