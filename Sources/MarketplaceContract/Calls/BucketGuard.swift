import Documents

/// What a quote was made from, to be held against the live bucket before money moves.
///
/// The contract reads price and SLA from the live bucket when it settles; the deal stores neither. A bucket that was
/// repriced after the quote would be paid at its new price.
public struct BucketGuard: Sendable, Hashable {
    /// When the bucket is read again.
    public enum Stage: String, Sendable, Hashable {
        /// Before `create_deal`, which locks the bucket: it must not be another deal's yet.
        case beforeDeal
        /// Before `set_deal_funded`: the lock must hold, or the provider can still reprice.
        case beforeFunding
    }

    /// One difference between the quoted and the live bucket.
    public enum Finding: Sendable, Hashable {
        /// A price differs.
        case repriced(field: String, quoted: Int128, live: Int128)
        /// A promise differs.
        case slaChanged(field: String, quoted: Int, live: Int)
        /// Another deal holds the bucket.
        case locked
        /// The bucket is not locked, so its conditions can still change.
        case unlocked
        /// The bucket is not for sale.
        case notActive(BucketStatus)
    }

    /// The conditions that were quoted.
    public let conditions: BucketConditions

    /// A guard for quoted conditions.
    public init(_ conditions: BucketConditions) { self.conditions = conditions }

    /// What has changed since the quote; nothing means that the quote stands. A cheaper price or a tighter promise is
    /// told as well: the user pays what the live bucket says.
    public func compare(_ bucket: PlatformBucket, at stage: Stage) -> [Finding] {
        var findings: [Finding] = []
        let live = bucket.conditions
        for (field, quoted, now) in [
            ("price_per_gb_storage", conditions.storagePrice, live.storagePrice),
            ("price_per_gb_egress", conditions.egressPrice, live.egressPrice)
        ] where quoted != now {
            findings.append(.repriced(field: field, quoted: quoted, live: now))
        }
        if let quoted = conditions.latencyMs, let now = live.latencyMs, quoted != now {
            findings.append(.slaChanged(field: "sla_avg_latency_ms", quoted: quoted, live: now))
        }
        if conditions.uptime != live.uptime {
            findings.append(.slaChanged(field: "sla_avg_uptime_pct", quoted: conditions.uptime, live: live.uptime))
        }
        if bucket.status != .active { findings.append(.notActive(bucket.status)) }
        switch (stage, bucket.isLocked) {
        case (.beforeDeal, true): findings.append(.locked)
        case (.beforeFunding, false): findings.append(.unlocked)
        default: break
        }
        return findings
    }

    /// The guard as the fields of a bucket that must read the same.
    public var json: JSONValue {
        JSONValue(members: [
            ("price_per_gb_storage", .string(String(conditions.storagePrice))),
            ("price_per_gb_egress", .string(String(conditions.egressPrice))),
            ("sla_avg_latency_ms", conditions.latencyMs.map { JSONValue($0) }),
            ("sla_avg_uptime_pct", JSONValue(conditions.uptime))
        ])
    }
}

extension BucketGuard.Finding {
    /// Whether the user is worse off than quoted, or may become so: then do not fund, and quote again.
    public var isHarmful: Bool {
        switch self {
        case .repriced(_, let quoted, let live): live > quoted
        case .slaChanged("sla_avg_latency_ms", let quoted, let live): live > quoted
        case .slaChanged(_, let quoted, let live): live < quoted
        case .locked, .unlocked, .notActive: true
        }
    }

    /// The finding in words.
    public var text: String {
        switch self {
        case .repriced(let field, let quoted, let live): "\(field) was quoted as \(quoted) and is \(live) now"
        case .slaChanged(let field, let quoted, let live): "\(field) was quoted as \(quoted) and is \(live) now"
        case .locked: "another deal holds the bucket; its conditions cannot be agreed on now"
        case .unlocked: "the bucket is not locked; the provider can still reprice it"
        case .notActive(let status): "the bucket is \(status.rawValue)"
        }
    }
}
