import Documents
import Foundation
import Money

/// A bucket of the platform, as far as advice needs it.
///
/// Read from the document that the platform's client returns; integers may be numbers or strings there. What else the
/// document holds is left alone.
public struct PlatformBucket: Sendable, Hashable {
    /// How a contract writes uptime.
    public enum UptimeScale: Int, Sendable, Hashable, CaseIterable {
        /// Hundredths of a percent: 9990 is 99.90%.
        case hundredths = 10_000
        /// Percent × 10⁶: 99,900,000 is 99.90%.
        case millionths = 100_000_000
    }

    /// The provider's address on the platform.
    public let providerID: String
    /// The bucket's number.
    public let bucketID: Int
    /// Its region.
    public let region: String
    /// USD × 10⁷ for a stored GB.
    public let storagePrice: Int128
    /// USD × 10⁷ for a GB of egress.
    public let egressPrice: Int128
    /// Milliseconds that are promised on average.
    public let latencyMs: Int
    /// The promised uptime, in the scale of ``uptimeScale``.
    public let uptime: Int
    /// How its uptime is written; told from its size, as the contract's versions differ.
    public let uptimeScale: UptimeScale
    /// Whether a deal holds it: then its conditions cannot be changed.
    public let isLocked: Bool

    /// Reads a bucket.
    ///
    /// - Throws: `InputError` naming every field at fault.
    public init(_ value: JSONValue, document: String) throws(InputError) {
        let log = IssueLog()
        let reader = ObjectReader(value, log: log)
        let provider = reader.string("provider_id")
        let bucket = reader.integer("bucket_id", in: 0...Int(UInt32.max))
        let region = reader.string("region")
        let most = ExactDecimal(Int.max)
        let storage = reader.decimal("price_per_gb_storage", in: .zero...most, unit: "USD × 10⁷")
        let egress = reader.decimal("price_per_gb_egress", in: .zero...most, unit: "USD × 10⁷")
        for (field, price) in [("price_per_gb_storage", storage), ("price_per_gb_egress", egress)] {
            if let price, price.scale > 0 {
                log.report("/\(field)", "\(price) is not a whole number", remedy: "the contract counts USD × 10⁷")
            }
        }
        let latency = reader.integer("sla_avg_latency_ms", in: 0...Int(UInt32.max))
        let uptime = reader.integer("sla_avg_uptime_pct", in: 0...100_000_000)
        let scale = uptime.flatMap { uptime -> UptimeScale? in
            if uptime > 10_000 { return .millionths }
            if uptime > 100 { return .hundredths }
            log.report(
                "/sla_avg_uptime_pct", "\(uptime) is in no scale that a contract uses",
                remedy: "write 99.90% as 99900000, or as 9990 for contracts before version 16")
            return nil
        }
        var locked: Bool?
        switch reader.value("locked") {
        case .bool(let value): locked = value
        case .string("true"): locked = true
        case .string("false"): locked = false
        case nil: log.report("/locked", "is missing", remedy: "give true or false, as the marketplace view does")
        case .some(let other): log.report("/locked", "expected true or false, found \(other.kind)")
        }
        try log.check(document)
        guard let provider, let bucket, let region, let storage, let egress, let latency, let uptime, let scale,
            let locked
        else { throw InputError(document, [InputIssue("", "is no bucket")]) }
        providerID = provider
        bucketID = bucket
        self.region = region
        storagePrice = storage.significand
        egressPrice = egress.significand
        latencyMs = latency
        self.uptime = uptime
        uptimeScale = scale
        isLocked = locked
    }
}

/// The arguments of the contract's `update_bucket_conditions`, in its order; what stays as it is, is null.
///
/// They are printed for the provider to sign; nothing here calls a contract.
public struct BucketConditions: Sendable, Hashable {
    /// `provider_id`
    public let providerID: String
    /// `bucket_id`
    public let bucketID: Int
    /// `price_per_gb_storage`, USD × 10⁷; nil when it stays.
    public let storagePrice: Int128?
    /// `sla_avg_latency_ms`; nil when it stays.
    public let latencyMs: Int?
    /// `sla_avg_uptime_pct`, in the bucket's own scale; nil when it stays.
    public let uptime: Int?

    /// Whether anything would change.
    public var changesAnything: Bool { storagePrice != nil || latencyMs != nil || uptime != nil }

    /// The conditions that carry advice to `bucket`.
    ///
    /// - Parameters:
    ///   - price: USD for a gigabyte (10⁹ bytes) and month, as the oracle reports stored volume once a month; rounded to
    ///     10⁻⁷ USD, ties to even.
    ///   - latencyMs: milliseconds to promise, rounded up; nil to leave them.
    ///   - availability: the uptime to promise, 0…1, rounded down and below 100%, at which a new deal would breach at
    ///     once; nil to leave it.
    /// - Throws: ``PricingError/bucketLocked(id:)`` for a bucket in a deal.
    public init(
        price: ExactDecimal?, latencyMs: Double? = nil, availability: Double? = nil, for bucket: PlatformBucket
    ) throws(PricingError) {
        guard !bucket.isLocked else { throw .bucketLocked(id: bucket.bucketID) }
        providerID = bucket.providerID
        bucketID = bucket.bucketID
        let storage = price.flatMap { try? $0.scaled(by: 10_000_000, rounding: .halfEven) }
        storagePrice = storage == bucket.storagePrice ? nil : storage
        let milliseconds = latencyMs.flatMap { $0.isFinite && $0 >= 0 && $0 < 4e9 ? Int($0.rounded(.up)) : nil }
        self.latencyMs = milliseconds == bucket.latencyMs ? nil : milliseconds
        let full = bucket.uptimeScale.rawValue
        let promised = availability.flatMap { availability -> Int? in
            guard (0...1).contains(availability) else { return nil }
            // The product of a decimal such as 0.999 may fall just below its whole number.
            return min(full - 1, Int((availability * Double(full) + 1e-6).rounded(.down)))
        }
        uptime = promised == bucket.uptime ? nil : promised
    }

    /// The arguments as JSON; `null` leaves a condition as it is.
    public var json: JSONValue {
        [
            "function": "update_bucket_conditions",
            "arguments": .array(
                arguments.map { name, value in ["name": .string(name), "value": value ?? .null] })
        ]
    }

    /// Name and value of each argument, in the contract's order.
    public var arguments: [(name: String, value: JSONValue?)] {
        [
            ("provider_id", .string(providerID)), ("bucket_id", JSONValue(bucketID)), ("name", nil), ("region", nil),
            ("price_per_gb_storage", storagePrice.map { .string("\($0)") }), ("price_per_gb_egress", nil),
            ("sla_avg_latency_ms", latencyMs.map { JSONValue($0) }),
            ("sla_avg_uptime_pct", uptime.map { JSONValue($0) })
        ]
    }
}
