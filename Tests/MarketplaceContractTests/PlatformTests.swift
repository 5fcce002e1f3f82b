import Documents
import Marketplace
import MarketplaceContract
import Money
import TestSupport
import Testing

@Suite struct PlatformTests {
    static let bucket = """
        {"bucket_id": "7", "name": "eu one", "region": "eu-1", "country": "DE", "provider_id": "GPROV",
         "fb_bucket_id": "fb-7", "price_per_gb_storage": "230000", "price_per_gb_egress": 900000,
         "max_storage_gb": 5000, "max_egress_gb": "100", "versioning_enabled": true, "encryption_at_rest": "true",
         "encryption_in_transit": false, "object_locking": true, "api_compatibility": "S3", "sla_avg_latency_ms": 50,
         "sla_avg_uptime_pct": 99900000, "access_scope": "public", "tags": ["a"], "created_ts": "1795000000",
         "status": {"tag": "Active"}, "locked": false, "something_new": {"deep": [1, 2]}}
        """

    private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    @Test func bucketsComeAsNumbersOrStringsOnAnyScale() throws {
        let bucket = try PlatformBucket(json(Self.bucket))
        #expect(bucket.id == 7 && bucket.conditions.storagePrice == 230_000 && bucket.conditions.egressPrice == 900_000)
        #expect(bucket.features == ["versioning", "encryption-at-rest", "object-lock"] && bucket.api == "s3")
        #expect(bucket.status == .active && !bucket.isLocked && bucket.maxStorageGB == 5000)
        for text in ["9990", "\"99.9\"", "99.9", "\"99900000\"", "99.90"] {
            let other = try PlatformBucket(json(Self.bucket.replacing("99900000,", with: text + ",")))
            #expect(other.uptime.millionths == 99_900_000 && other.conditions.uptime == 99_900_000, "\(text)")
        }
        let early = try PlatformBucket(json(Self.bucket), profile: .early)
        #expect(early.conditions.uptime == 9990)
        let view = try PlatformBucket(
            json(
                Self.bucket.replacing(
                    "\"country\": \"DE\"", with: "\"provider_name\": \"P\", \"provider_reputation\": \"61\"")))
        #expect(view.providerReputation == 61 && view.providerName == "P" && view.country == nil)
    }

    @Test func faultsNameFieldAndRemedy() throws {
        for (old, new, place) in [
            ("\"230000\"", "0.023", "/price_per_gb_storage"), ("\"230000\"", "\"-1\"", "/price_per_gb_storage"),
            ("egress\": 900000,", "egress\": null,", "/price_per_gb_egress"),
            ("99900000,", "100000001,", "/sla_avg_uptime_pct"),
            ("{\"tag\": \"Active\"}", "\"Open\"", "/status"), ("\"7\"", "\"x\"", "/bucket_id"),
            ("\"locked\": false", "\"locked\": 3", "/locked"), ("\"S3\"", "[]", "/api_compatibility")
        ] {
            let text = Self.bucket.replacing(old, with: new)
            #expect(text != Self.bucket)
            let error = #expect(throws: InputError.self, "\(new)") { try PlatformBucket(json(text)) }
            #expect(error?.issues.map(\.location) == [place])
        }
        let several = #expect(throws: InputError.self) { try PlatformBucket(json("{}")) }
        #expect((several?.issues.count ?? 0) >= 7)
    }

    @Test func aBucketIsAnOffer() throws {
        let day = try CalendarDay("2026-11-26")
        let context = BucketContext(providers: ["GPROV": "prov"], metros: ["prov/eu-1": "frankfurt"], day: day)
        let offer = try PlatformBucket(json(Self.bucket)).offer(context)
        #expect(offer.id == "prov/eu-1/bucket-7" && offer.metro == "frankfurt")
        #expect(offer.tariff.storage == [Tier(price: try ExactDecimal("0.023"))])
        #expect(offer.tariff.egress?.tiers == [Tier(price: try ExactDecimal("0.09"))])
        #expect(try offer.availability == ExactDecimal("0.999"))
        #expect(offer.capacityBytes == 5_000_000_000_000)
        let cost = try offer.tariff.bill(Usage(storedBytes: 1_000_000_000_000, egressBytes: 100_000_000_000, reads: 9))
        #expect(cost.map(\.amount.decimalText) == ["23.00", "9.00"])
        let unmapped = BucketContext(metros: ["eu-2": "paris"], day: day)
        #expect(throws: InputError.self) { try PlatformBucket(json(Self.bucket)).offer(unmapped) }
        let list =
            "{\"buckets\": [\(Self.bucket), \(Self.bucket.replacing("\"7\"", with: "8").replacing("\"locked\": false", with: "\"locked\": true")), \(Self.bucket.replacing("\"7\"", with: "9").replacing("\"Active\"", with: "\"Deleted\""))]}"
        let listing = try PlatformListing(PlatformDocument.buckets(json(list)), context)
        #expect(listing.offers.map(\.id) == ["prov/eu-1/bucket-7"])
        #expect(listing.dropped.map(\.reason) == ["locked", "deleted"])
        #expect(throws: InputError.self) { try PlatformDocument.buckets(json("[\(Self.bucket), \(Self.bucket)]")) }
    }

    @Test func theGuardTellsWhatChanged() throws {
        let quoted = try PlatformBucket(json(Self.bucket))
        let guarded = BucketGuard(quoted.conditions)
        func live(_ old: String = "", _ new: String = "") throws -> PlatformBucket {
            try PlatformBucket(json(old.isEmpty ? Self.bucket : Self.bucket.replacing(old, with: new)))
        }
        #expect(try guarded.compare(live(), at: .beforeDeal).isEmpty)
        #expect(try guarded.compare(live("\"locked\": false", "\"locked\": true"), at: .beforeFunding).isEmpty)
        #expect(try guarded.compare(live("\"locked\": false", "\"locked\": true"), at: .beforeDeal) == [.locked])
        #expect(try guarded.compare(live(), at: .beforeFunding) == [.unlocked])
        let dearer = try guarded.compare(live("\"230000\"", "\"230001\""), at: .beforeDeal)
        #expect(dearer == [.repriced(field: "price_per_gb_storage", quoted: 230_000, live: 230_001)])
        #expect(dearer.map(\.isHarmful) == [true])
        #expect(
            try guarded.compare(live("egress\": 900000,", "egress\": 1,"), at: .beforeDeal).map(\.isHarmful) == [false])
        // A promise weakened after the quote lets the provider off.
        let slow = try guarded.compare(
            live("\"sla_avg_latency_ms\": 50", "\"sla_avg_latency_ms\": 51"), at: .beforeDeal)
        #expect(slow == [.slaChanged(field: "sla_avg_latency_ms", quoted: 50, live: 51)] && slow[0].isHarmful)
        let better = try guarded.compare(live("99900000,", "99950000,"), at: .beforeDeal)
        #expect(better.map(\.isHarmful) == [false])
        #expect(try guarded.compare(live("\"Active\"", "\"Inactive\""), at: .beforeDeal) == [.notActive(.inactive)])
    }

    @Test func dealsInEitherUnit() throws {
        func text(_ unit: String) -> String {
            """
            {"deal_id": 4, "consumer_id": "GC", "provider_id": "GP", "bucket_id": "7", "fb_repo_id": 12,
             "api_compatibility": "S3", "start_ts": 1795000000, "duration_secs": "31536000",
             "agreed_storage_\(unit)": "102400", "agreed_egress_\(unit)": 5, "unpaid_storage_\(unit)": 3,
             "slash_egress_\(unit)": "2", "status": ["BreachedProvider"], "balance_consumer": "70000000",
             "balance_provider": 1, "sla_avg_latency_ms": 12, "sla_avg_uptime_pct": "99999999",
             "slash_amount_usd": "9", "last_settled_ts": "2026-11-26T00:00:00.000Z"}
            """
        }
        for unit in ["gb", "mb"] {
            let deal = try PlatformDeal(json(text(unit)))
            #expect(deal.volumeSuffix == unit && deal.agreed == .init(storage: 102_400, egress: 5))
            #expect(deal.unpaid == .init(storage: 3) && deal.slashed == .init(egress: 2) && deal.paid == .init())
            #expect(deal.status == .breachedProvider && deal.repository == "12" && deal.forfeited == 9)
            #expect(deal.lastSettled == UTCTime.seconds("2026-11-26T00:00:00Z") && deal.start == 1_795_000_000)
            #expect(deal.parties == DealParties(consumer: "GC", provider: "GP") && deal.uptime.millionths == 99_999_999)
        }
        #expect(throws: InputError.self) { try PlatformDeal(json(text("gb").replacing("\"31536000\"", with: "0"))) }
        #expect(try PlatformDocument.deals(json("{\"deals\": [\(text("gb"))]}")).count == 1)
        let providers = try PlatformDocument.providers(
            json("[{\"provider_id\": \"GP\", \"name\": \"p\", \"reputation\": \"51\"}]"))
        #expect(providers.map(\.reputation) == [51])
    }

    @Test func telemetryBecomesMeasurements() throws {
        let context = TelemetryContext(offers: ["7": "prov/eu-1/bucket-7"], regions: ["node-1": "eu-west"])
        let stats = try Telemetry.stats(
            json(
                """
                {"data": [
                 {"timestamp": "1795000000", "repoId": 1, "bucketId": 7, "upl_bytes": "5", "dwl_bytes": 9,
                  "size_change": -4, "latency_ms": "23.5", "host": "node-1"},
                 {"timestamp": 1795000060000, "bucketId": "7", "latency_ms": 30, "host": "node-1"},
                 {"timestamp": "2026-11-26T10:00:00Z", "bucketId": "7", "latency_ms": 0, "host": "node-1"},
                 {"timestamp": 1, "bucketId": "8", "latency_ms": 1, "host": "node-1"},
                 {"timestamp": 1, "bucketId": "7", "latency_ms": 1, "host": "node-9"}]}
                """), context)
        #expect(
            stats.measurements.map(\.value) == [23.5, 30]
                && stats.measurements.map(\.time) == [1_795_000_000, 1_795_000_060])
        #expect(stats.measurements.allSatisfy { $0.region == "eu-west" && $0.offer == "prov/eu-1/bucket-7" })
        #expect(stats.unknownBuckets == 1 && stats.unknownHosts == 1)
        let averages = try Telemetry.averages(
            json("[{\"host\": \"node-1\", \"perc_uptime\": 99.5, \"avg_latency_ms\": \"41\"}]"), bucket: "7", time: 5,
            context)
        #expect(averages.measurements.map(\.value) == [0.995, 41])
        #expect(averages.measurements.map(\.metric) == [.availability, .latencyMs])
        #expect(throws: InputError.self) { try Telemetry.stats(json("[{\"timestamp\": \"soon\"}]"), context) }
        #expect(throws: InputError.self) {
            try Telemetry.averages(
                json("[{\"host\": \"node-1\", \"perc_uptime\": 9950}]"), bucket: "7", time: 5, context)
        }
    }

    /// Good documents with random bytes, values and structure changed: an answer or an error, never a trap.
    @Test func hostileDocumentsAreRefusedNotTrapped() throws {
        let deal = """
            {"deal_id": 4, "consumer_id": "GC", "provider_id": "GP", "bucket_id": "7", "duration_secs": "31536000",
             "agreed_storage_mb": "102400", "agreed_egress_mb": 5, "status": "Funded", "sla_avg_latency_ms": 12,
             "sla_avg_uptime_pct": "99999999", "start_ts": 1795000000}
            """
        let stats =
            "[{\"timestamp\": 1795000000, \"bucketId\": 7, \"latency_ms\": 3, \"host\": \"h\", \"perc_uptime\": 99.5}]"
        let seeds = [
            Self.bucket, deal, stats, "[\(Self.bucket)]",
            #"{"profile": "mb", "fund_usd": "50", "bucket": {"price_per_gb_storage": 1, "price_per_gb_egress": 1, "sla_avg_uptime_pct": 99}}"#,
            ContractProfile.megabytes.json.text()
        ]
        let wild = [
            "null", "true", "[]", "{}", "-1", "1e400", "1E-7", "0.0000000000000000001", "\"\"", "\"NaN\"", "\"-\"",
            "9223372036854775807", "9223372036854775808", "-9223372036854775808",
            "170141183460469231731687303715884105727",
            "\"340282366920938463463374607431768211455\"", "99999999999999999999999999999999999999999999",
            "\"\\u0000\"",
            "\"2026-13-45T99:99:99Z\"", "\"T\"", "\".Z\"", "[[[[[]]]]]", "100000000", "10001"
        ]
        var random = SeededGenerator(seed: 31)
        let context = TelemetryContext(offers: ["7": "o"], regions: ["h": "r"])
        let metros = BucketContext(metros: ["eu-1": "m"], day: try CalendarDay("2026-11-26"))
        var (taken, refused) = (0, 0)
        func attempt(_ body: () throws -> Void) throws {
            do {
                try body()
                taken += 1
            } catch is InputError {
                refused += 1
            } catch is ContractError {
                refused += 1
            }
        }
        for round in 0..<3000 {
            var text = random.pick(seeds)
            if round % 3 == 0 {
                var bytes = Array(text.utf8)
                for _ in 0..<random.int(1...4) { bytes[random.int(0...bytes.count - 1)] = UInt8(random.int(0...255)) }
                if random.chance(0.1) { bytes = Array(bytes.prefix(random.int(0...bytes.count))) }
                text = String(decoding: bytes, as: UTF8.self)
            } else {
                // A value replaced: from a colon to the next comma or brace.
                let colons = text.indices.filter { text[$0] == ":" }
                let start = text.index(after: random.pick(colons))
                let end = text[start...].firstIndex { ",}".contains($0) } ?? text.endIndex
                text.replaceSubrange(start..<end, with: random.pick(wild))
            }
            guard let value = try? JSONValue(parsing: Array(text.utf8)) else { continue }
            try attempt { _ = try PlatformBucket(value).offer(metros) }
            try attempt { _ = try PlatformListing(PlatformDocument.buckets(value), metros) }
            try attempt { _ = try PlatformDeal(value) }
            try attempt { _ = try PlatformDocument.providers(value) }
            try attempt { _ = try Telemetry.stats(value, context) }
            try attempt { _ = try Telemetry.averages(value, bucket: "7", time: 0, context) }
            try attempt { _ = try ContractProfile(value) }
            try attempt {
                let scenario = try SettlementScenario(value)
                _ = try SettlementRun(
                    scenario,
                    [SettlementPeriod(label: "1", storageGB: try ExactDecimal("100.5"), egressGB: ExactDecimal(3))])
            }
        }
        #expect(taken > 250 && refused > 2500, "\(taken) taken, \(refused) refused")
    }
}
