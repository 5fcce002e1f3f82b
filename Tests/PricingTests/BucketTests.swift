import Documents
import Foundation
import Money
import Pricing
import Testing

/// The arguments of `update_bucket_conditions`.
@Suite struct BucketTests {
    private func bucket(_ changes: [String: JSONValue?] = [:]) throws -> PlatformBucket {
        var members: [String: JSONValue?] = [
            "provider_id": "GABC", "bucket_id": 7, "name": "archive", "region": "eu-central-1",
            "price_per_gb_storage": "69900", "price_per_gb_egress": 0, "sla_avg_latency_ms": 50,
            "sla_avg_uptime_pct": "99900000", "locked": false, "status": "Active"
        ]
        members.merge(changes) { $1 }
        return try PlatformBucket(JSONValue(members: members.map { ($0.key, $0.value) }), document: "bucket.json")
    }

    private func values(_ conditions: BucketConditions) -> [String?] {
        conditions.arguments.map { $0.value?.text() }
    }

    @Test func argumentsStandInTheContractsOrder() throws {
        let conditions = try BucketConditions(
            price: decimal(5_123_457, 9), latencyMs: 24.2, availability: 0.9995, for: bucket())
        #expect(
            conditions.arguments.map(\.name) == [
                "provider_id", "bucket_id", "name", "region", "price_per_gb_storage", "price_per_gb_egress",
                "sla_avg_latency_ms", "sla_avg_uptime_pct"
            ])
        // USD × 10⁷ to the nearest, latency up, uptime down in percent × 10⁶.
        #expect(values(conditions) == ["\"GABC\"", "7", nil, nil, "\"51235\"", nil, "25", "99950000"])
    }

    @Test func whatStaysIsNull() throws {
        let conditions = try BucketConditions(
            price: decimal(6990, 6), latencyMs: 50, availability: 0.999, for: bucket())
        #expect(!conditions.changesAnything && values(conditions)[4...].allSatisfy { $0 == nil })
    }

    @Test func integersMayBeTextAndUptimeHasTwoScales() throws {
        let old = try bucket(["sla_avg_uptime_pct": 9990, "bucket_id": "7", "price_per_gb_storage": 69_900])
        #expect(old.uptimeScale == .hundredths && old.bucketID == 7 && old.storagePrice == 69_900)
        #expect(try BucketConditions(price: nil, availability: 0.9995, for: old).uptime == 9995)
        // Exactly 100% would breach at once.
        #expect(try BucketConditions(price: nil, availability: 1, for: old).uptime == 9999)
        #expect(try BucketConditions(price: nil, availability: 1, for: bucket()).uptime == 99_999_999)
    }

    @Test(arguments: [JSONValue.bool(true), "true"])
    func aLockedBucketIsRefused(locked: JSONValue) throws {
        let locked = try bucket(["locked": locked])
        do throws(PricingError) {
            _ = try BucketConditions(price: .one, for: locked)
            Issue.record("not refused")
        } catch {
            #expect("\(error)".contains("bucket 7 is locked"))
        }
    }

    @Test(arguments: [
        ("locked", JSONValue.null, "/locked: is missing"), ("locked", "maybe", "/locked"),
        ("sla_avg_uptime_pct", 99, "in no scale"), ("bucket_id", "seven", "/bucket_id"),
        ("price_per_gb_storage", "0.0069", "is not a whole number"), ("price_per_gb_storage", -1, "out of range"),
        ("provider_id", .null, "/provider_id: is missing"), ("sla_avg_uptime_pct", "1e9", "/sla_avg_uptime_pct")
    ])
    func faultsNameTheField(field: String, value: JSONValue, message: String) {
        do {
            _ = try bucket([field: value])
            Issue.record("not refused")
        } catch {
            #expect("\(error)".contains(message), "\(error)")
        }
    }

    @Test(arguments: [Double.nan, .infinity, -1, 2, 1e300])
    func numbersThatAreNoPromiseLeaveItAsItIs(value: Double) throws {
        let conditions = try BucketConditions(
            price: nil, latencyMs: value == 2 ? nil : value, availability: value, for: bucket())
        #expect(!conditions.changesAnything)
    }
}
