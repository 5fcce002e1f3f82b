import Documents
import GRDB
import Marketplace
import Money

extension MarketplaceTransaction {
    /// A participant of a register.
    /// - Throws: ``StoreError/unknownParticipant(kind:id:)`` when it is in no register.
    public func participant(_ kind: String, _ id: String) throws(StoreError) -> RegisterParticipant {
        let found = try named { () throws in try RegisterParticipant.fetch(db, kind, id, path) }
        guard !found.entries.isEmpty else { throw .unknownParticipant(kind: kind, id: id) }
        return found
    }

    /// Certifies a participant from `since` on, to the end of `until` or without one. An entry from the same day on is
    /// replaced; the audit log keeps what it was.
    ///
    /// - Throws: ``StoreError/unknownParticipant(kind:id:)`` for a storage provider that is none,
    ///   ``StoreError/registerState(kind:id:detail:)`` while it is suspended.
    public func certify(
        _ kind: String, _ id: String, since: CalendarDay, until: CalendarDay?, evidence: String
    ) throws(StoreError) {
        try named { () throws in
            if kind == "storage-provider",
                try String.fetchOne(db, sql: "SELECT id FROM provider WHERE id = ?", arguments: [id]) == nil
            {
                throw StoreError.unknownParticipant(kind: kind, id: id)
            }
            let known = try RegisterParticipant.fetch(db, kind, id, path)
            guard !known.isSuspended else {
                throw StoreError.registerState(kind: kind, id: id, detail: "is suspended; reinstate it first")
            }
            let entry = RegisterEntry(
                kind: kind, participant: id, status: "certified", since: since, until: until, evidence: evidence)
            guard !known.entries.contains(entry) else { return }
            try db.execute(
                sql: """
                    INSERT INTO registerEntry (kind, participant, since, status, until, evidence)
                    VALUES (?, ?, ?, 'certified', ?, ?)
                    ON CONFLICT DO UPDATE SET status = excluded.status, until = excluded.until, evidence = excluded.evidence
                    """, arguments: [kind, id, since.description, until?.description, evidence])
            try changed(
                "certified", kind, id,
                JSONValue(members: [
                    ("since", .string(since.description)), ("until", until.map { .string($0.description) }),
                    ("evidence", .string(evidence)),
                    (
                        "replaces",
                        known.entries.first { $0.since == since }.map {
                            JSONValue(members: [
                                ("status", .string($0.status)), ("until", $0.until.map { .string($0.description) }),
                                ("evidence", .string($0.evidence))
                            ])
                        }
                    )
                ]))
        }
    }

    /// Suspends a participant from now on, until it is reinstated.
    ///
    /// - Throws: ``StoreError/unknownParticipant(kind:id:)``; ``StoreError/registerState(kind:id:detail:)`` when it is
    ///   suspended already.
    public func suspend(_ kind: String, _ id: String, reason: String) throws(StoreError) {
        let known = try participant(kind, id)
        guard !known.isSuspended else { throw .registerState(kind: kind, id: id, detail: "is suspended already") }
        try named { () throws in
            try db.execute(
                sql:
                    "INSERT INTO suspension (kind, participant, number, since, reason, actor) VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [kind, id, known.suspensions.count + 1, time, reason, caller.actor])
            try changed("suspended", kind, id, ["reason": .string(reason)])
        }
    }

    /// Lifts the suspension of a participant: its certificates count again.
    ///
    /// - Throws: ``StoreError/unknownParticipant(kind:id:)``; ``StoreError/registerState(kind:id:detail:)`` when it is not
    ///   suspended.
    public func reinstate(_ kind: String, _ id: String, reason: String) throws(StoreError) {
        guard try participant(kind, id).isSuspended else {
            throw .registerState(kind: kind, id: id, detail: "is not suspended")
        }
        try named { () throws in
            try db.execute(
                sql: """
                    UPDATE suspension SET lifted = ?, liftReason = ?, liftActor = ?
                    WHERE kind = ? AND participant = ? AND lifted IS NULL
                    """, arguments: [time, reason, caller.actor, kind, id])
            try changed("reinstated", kind, id, ["reason": .string(reason)])
        }
    }

    /// Writes down how a participant pays for being listed. The same again changes nothing.
    /// - Throws: ``StoreError/unknownParticipant(kind:id:)``.
    public func judge(_ kind: String, _ id: String, _ standing: Standing) throws(StoreError) {
        let known = try participant(kind, id)
        guard known.standing != standing else { return }
        try named { () throws in
            try db.execute(
                sql: """
                    INSERT INTO standing (kind, participant, number, time, actor, subscriptionUntil, asset, stake, minimumStake)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    kind, id, known.standings.count + 1, time, caller.actor, standing.subscriptionUntil?.description,
                    (standing.minimumStake ?? standing.stake)?.asset.code, standing.stake?.decimalText,
                    standing.minimumStake?.decimalText
                ])
            try changed(
                "standing", kind, id,
                JSONValue(members: [
                    ("subscriptionUntil", standing.subscriptionUntil.map { .string($0.description) }),
                    ("stake", standing.stake?.json), ("minimumStake", standing.minimumStake?.json)
                ]))
        }
    }

    /// Audits a change of a register, and lets whoever holds the catalogue know that it is another.
    private func changed(_ step: String, _ kind: String, _ id: String, _ detail: JSONValue) throws {
        try record("register." + step, of: "\(kind)/\(id)", detail)
        try db.execute(
            sql: """
                INSERT INTO importLog (kind, document, rows, added, replaced, removed, fingerprint, time)
                VALUES (?, ?, 1, 0, 1, 0, ?, ?)
                """,
            arguments: [
                ImportKind.registers.rawValue, "\(kind)/\(id) \(step)", Fingerprint.of(Array(detail.text().utf8)), time
            ])
    }
}

extension RegisterParticipant {
    /// Whether a suspension is in force.
    public var isSuspended: Bool { suspensions.contains { $0.lifted == nil } }
}
