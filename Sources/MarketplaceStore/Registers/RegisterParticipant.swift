import GRDB
import Marketplace
import Money

/// Whether a participant pays for being listed: by a subscription, or by a stake of at least the minimum.
public struct Standing: Sendable, Hashable {
    /// The last day that the subscription is paid for; nil without one.
    public let subscriptionUntil: CalendarDay?
    /// What is staked; nil without a stake.
    public let stake: Amount?
    /// What must be staked, of the same asset.
    public let minimumStake: Amount?

    /// A standing of given parts.
    public init(subscriptionUntil: CalendarDay?, stake: Amount?, minimumStake: Amount?) {
        self.subscriptionUntil = subscriptionUntil
        self.stake = stake
        self.minimumStake = minimumStake
    }

    /// Whether the stake suffices by itself.
    var isStaked: Bool {
        guard let stake, let minimumStake, stake.asset == minimumStake.asset else { return false }
        return stake.minor >= minimumStake.minor
    }

    /// Whether it is good on `day`.
    public func isGood(on day: CalendarDay) -> Bool { isStaked || subscriptionUntil.map { day <= $0 } ?? false }
}

/// One suspension of a participant, in force or lifted.
public struct Suspension: Sendable, Hashable {
    /// Seconds since 1970.
    public let since: Int
    /// Why.
    public let reason: String
    /// By whom.
    public let actor: String
    /// When, why and by whom it was lifted; nil while it is in force.
    public let lifted: Lifting?

    /// The end of a suspension.
    public struct Lifting: Sendable, Hashable {
        /// Seconds since 1970.
        public let time: Int
        /// Why.
        public let reason: String
        /// By whom.
        public let actor: String
    }
}

/// A participant of a register, with all that is known of it.
public struct RegisterParticipant: Sendable, Hashable, Identifiable {
    /// `storage-provider` or `service-provider`.
    public let kind: String
    /// The participant's ID.
    public let id: String
    /// Its entries by their first days.
    public let entries: [RegisterEntry]
    /// Its suspensions in order.
    public let suspensions: [Suspension]
    /// Its standings in order, each with its time; the last one counts.
    public let standings: [(time: Int, standing: Standing)]

    /// The standing that counts; nil while none was recorded, which is no reason against the participant.
    public var standing: Standing? { standings.last?.standing }

    /// Whether it is certified and in good standing on `day`.
    public func isListed(on day: CalendarDay) -> Bool {
        entries.contains { $0.certifies(on: day) } && !entries.contains { $0.excludes(on: day) }
            && !suspensions.contains { $0.lifted == nil && UTCTime.day($0.since) <= day }
            && standing?.isGood(on: day) ?? true
    }

    /// Equal in all parts.
    public static func == (one: RegisterParticipant, other: RegisterParticipant) -> Bool {
        one.kind == other.kind && one.id == other.id && one.entries == other.entries
            && one.suspensions == other.suspensions
            && one.standings.elementsEqual(other.standings) { $0.time == $1.time && $0.standing == $1.standing }
    }

    /// By kind and ID.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(id)
    }
}

extension RegisterParticipant {
    /// Whether anybody has suspended or judged a participant.
    static func isAdministered(_ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT * FROM suspension) OR EXISTS (SELECT * FROM standing)") ?? false
    }

    /// What keeps participants from being listed, as entries of the register: suspensions in force, and standings that
    /// are not good or will not be.
    static func exclusions(_ db: Database, _ path: String) throws -> [RegisterEntry] {
        let names = try Row.fetchAll(
            db,
            sql: "SELECT kind, participant FROM suspension UNION SELECT kind, participant FROM standing ORDER BY 1, 2")
        return try names.flatMap { name -> [RegisterEntry] in
            let one = try fetch(db, name[0], name[1], path)
            var entries: [RegisterEntry] = []
            func exclude(_ since: CalendarDay, _ evidence: String) {
                entries.append(
                    RegisterEntry(
                        kind: one.kind, participant: one.id, status: "suspended", since: since, until: nil,
                        evidence: evidence))
            }
            for suspension in one.suspensions where suspension.lifted == nil {
                exclude(UTCTime.day(suspension.since), suspension.reason)
            }
            if let (time, standing) = one.standings.last, !standing.isStaked {
                let lapse = standing.subscriptionUntil.map { CalendarDay(ordinal: $0.ordinal + 1) }
                exclude(lapse ?? UTCTime.day(time), "neither a paid subscription nor the minimum stake")
            }
            return entries
        }
    }

    static func fetch(_ db: Database, _ kind: String, _ id: String, _ path: String) throws -> RegisterParticipant {
        func sound<Value>(_ value: Value?) throws -> Value {
            guard let value else { throw StoreError.corrupt(path: path, detail: "the register entry of \(id)") }
            return value
        }
        func day(_ text: String?) throws -> CalendarDay? { try text.map { try sound(try? CalendarDay($0)) } }
        func amount(_ text: String?, _ asset: String?) throws -> Amount? {
            guard let text, let asset else { return nil }
            return try sound(try? Amount(text, Asset.named(asset)))
        }
        let name: StatementArguments = [kind, id]
        let entries = try Row.fetchAll(
            db,
            sql:
                "SELECT status, since, until, evidence FROM registerEntry WHERE kind = ? AND participant = ? ORDER BY since",
            arguments: name
        ).map {
            RegisterEntry(
                kind: kind, participant: id, status: $0[0], since: try sound(try day($0[1])), until: try day($0[2]),
                evidence: $0[3])
        }
        let suspensions = try Row.fetchAll(
            db,
            sql: """
                SELECT since, reason, actor, lifted, liftReason, liftActor FROM suspension
                WHERE kind = ? AND participant = ? ORDER BY number
                """, arguments: name
        ).map { row in
            let time: Int? = row[3]
            return Suspension(
                since: row[0], reason: row[1], actor: row[2],
                lifted: time.map { .init(time: $0, reason: row[4] ?? "", actor: row[5] ?? "") })
        }
        let standings = try Row.fetchAll(
            db,
            sql: """
                SELECT time, subscriptionUntil, asset, stake, minimumStake FROM standing
                WHERE kind = ? AND participant = ? ORDER BY number
                """, arguments: name
        ).map { row in
            (
                time: row[0] as Int,
                standing: Standing(
                    subscriptionUntil: try day(row[1]), stake: try amount(row[3], row[2]),
                    minimumStake: try amount(row[4], row[2]))
            )
        }
        return RegisterParticipant(kind: kind, id: id, entries: entries, suspensions: suspensions, standings: standings)
    }
}

extension MarketplaceDatabase {
    /// All participants of a register, by ID. O(participants log participants).
    public func register(_ kind: String) throws(StoreError) -> [RegisterParticipant] {
        try read { db in
            let names = try String.fetchAll(
                db,
                sql: """
                    SELECT participant FROM registerEntry WHERE kind = ?1
                    UNION SELECT participant FROM suspension WHERE kind = ?1
                    UNION SELECT participant FROM standing WHERE kind = ?1 ORDER BY 1
                    """, arguments: [kind])
            return try names.map { try RegisterParticipant.fetch(db, kind, $0, path) }
        }
    }
}
