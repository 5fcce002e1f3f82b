import Documents
import MarketplaceContract
import Money
import Testing

@Suite struct CallTests {
    private let parties = DealParties(consumer: "GCONSUMER", provider: "GPROVIDER")
    private let conditions = BucketConditions(
        storagePrice: 230_000, egressPrice: 900_000, latencyMs: 50, uptime: 99_900_000)

    private func list(_ call: ContractCall) -> [String] {
        call.arguments.map { "\($0.name):\($0.isOptional ? "?" : "")\($0.type.rawValue)=\($0.value ?? "none")" }
    }

    @Test func signaturesOfVersion16() throws {
        let calls = MarketplaceCalls(.version16)
        #expect(
            try list(
                calls.createDeal(
                    parties, bucket: 7, repository: "repo", durationSeconds: 86_400, storage: 100, egress: 10, api: "s3"
                ))
                == [
                    "consumer_id:address=GCONSUMER", "provider_id:address=GPROVIDER", "bucket_id:u32=7",
                    "fb_repo_id:string=repo", "duration_secs:u64=86400", "agreed_storage_gb:u32=100",
                    "agreed_egress_gb:u32=10", "api_compatibility:string=s3"
                ])
        #expect(
            try list(calls.setDealFunded(parties, deal: 3, amount: 5, repository: "repo")) == [
                "consumer_id:address=GCONSUMER", "provider_id:address=GPROVIDER", "deal_id:u32=3", "amount_usd:u128=5",
                "fb_repo_id:string=repo"
            ])
        #expect(
            try list(calls.depositToDeal(parties, deal: 3, amount: 5)) == [
                "consumer_id:address=GCONSUMER", "provider_id:address=GPROVIDER", "deal_id:u32=3", "amount_usd:u128=5"
            ])
        // The order turns where the provider or the owner calls.
        #expect(
            try list(calls.updateDealConsumption(parties, deal: 3, storage: 8, egress: 9)) == [
                "provider_id:address=GPROVIDER", "consumer_id:address=GCONSUMER", "deal_id:u32=3", "storage_gb:u32=8",
                "egress_gb:u32=9"
            ])
        #expect(
            try list(calls.updateDealSLA(parties, deal: 3, latencyMs: 40, uptime: 100_000_000)) == [
                "provider_id:address=GPROVIDER", "consumer_id:address=GCONSUMER", "deal_id:u32=3",
                "sla_avg_latency_ms:u32=40", "sla_avg_uptime_pct:u32=100000000"
            ])
        #expect(
            try list(
                calls.createBucket(
                    provider: "GPROVIDER", name: "b", region: "eu", platformBucket: "fb1", api: "s3",
                    conditions: conditions)) == [
                    "provider_id:address=GPROVIDER", "name:string=b", "region:string=eu", "fb_bucket_id:string=fb1",
                    "api_compatibility:string=s3", "price_per_gb_storage:u128=230000",
                    "price_per_gb_egress:u128=900000", "sla_avg_latency_ms:u32=50", "sla_avg_uptime_pct:u32=99900000"
                ])
        #expect(
            try list(calls.updateBucketConditions(provider: "GPROVIDER", bucket: 7, region: "us", storagePrice: 1)) == [
                "provider_id:address=GPROVIDER", "bucket_id:u32=7", "name:?string=none", "region:?string=us",
                "price_per_gb_storage:?u128=1", "price_per_gb_egress:?u128=none", "sla_avg_latency_ms:?u32=none",
                "sla_avg_uptime_pct:?u32=none"
            ])
    }

    @Test func megabytesAreWideAndNamed() throws {
        let profile = ContractProfile.megabytes
        #expect(try profile.units(100_000_000_000) == 102_400)
        #expect(try [0, 1, 1_000_000_001].map { try ContractProfile.version16.units($0) } == [0, 1, 2])
        #expect(try [0, 1].map { try profile.units($0) } == [0, 1])
        let call = try MarketplaceCalls(profile).createDeal(
            parties, bucket: nil, repository: nil, durationSeconds: 1, storage: 5_000_000_000, egress: 1, api: "s3")
        #expect(call["agreed_storage_mb"] == "5000000000" && call["bucket_id"] == nil)
        #expect(call.json.text().contains(#"{"name":"agreed_storage_mb","type":"u64","value":"5000000000"}"#))
        #expect(call.json.text().contains(#"{"name":"bucket_id","type":"u32","value":null}"#))
    }

    @Test func valuesOutOfTypeOrSenseAreRefused() throws {
        let calls = MarketplaceCalls(.version16)
        func deal(_ storage: Int128, _ seconds: Int = 1, bucket: Int = 1, api: String = "s3") throws {
            _ = try calls.createDeal(
                parties, bucket: bucket, repository: "r", durationSeconds: seconds, storage: storage, egress: 0,
                api: api)
        }
        try deal(4_294_967_295)
        #expect(
            throws: ContractError.outOfRange(
                argument: "create_deal.agreed_storage_gb", value: "4294967296", type: .u32)
        ) { try deal(4_294_967_296) }
        #expect(throws: ContractError.self) { try deal(-1) }
        #expect(throws: ContractError.self) { try deal(1, 0) }
        #expect(throws: ContractError.self) { try deal(1, bucket: -1) }
        #expect(throws: ContractError.self) { try deal(1, api: "") }
        #expect(throws: ContractError.self) { try deal(1, api: "s3\n") }
        #expect(throws: ContractError.self) { try calls.setDealFunded(parties, deal: 1, amount: 0, repository: "r") }
        for uptime in [100_000_000, 100_000_001, -1] {
            var bad = conditions
            bad.uptime = uptime
            #expect(throws: ContractError.self) {
                try calls.createBucket(
                    provider: "p", name: "b", region: "r", platformBucket: "f", api: "s3", conditions: bad)
            }
            #expect(throws: ContractError.self) {
                try calls.updateBucketConditions(provider: "p", bucket: 1, uptime: uptime)
            }
        }
        #expect(throws: ContractError.self) {
            try calls.updateDealSLA(parties, deal: 1, latencyMs: 1, uptime: 100_000_001)
        }
    }

    @Test func amountsRoundUp() throws {
        let profile = ContractProfile.version16
        #expect(try profile.amount(ExactDecimal("0.023")) == 230_000)
        #expect(try profile.amount(ExactDecimal("0.00000001")) == 1)
        #expect(try profile.amount(Amount("12.34", .usd)) == 123_400_000)
        #expect(throws: ContractError.self) { try profile.amount(Amount("1", Asset.named("EUR"))) }
        #expect(throws: ContractError.self) { try profile.amount(Amount(minor: .max, .usd)) }
    }

    @Test func profilesSurviveTheirJSON() throws {
        for profile in ContractProfile.known { #expect(try ContractProfile(profile.json) == profile) }
        let newer = try ContractProfile(
            JSONValue(
                parsing: Array(
                    #"{"name": "marketplace-18", "basedOn": "mb", "version": 18, "settlementDivisor": 1000, "platformFeeBasisPoints": "50"}"#
                        .utf8)))
        #expect(newer.volumeType == .u64 && newer.settlementDivisor == 1000 && newer.platformFeeBasisPoints == 50)
        for bad in [
            "{}", #"{"name": "x", "basedOn": "y"}"#, #"{"name": "x", "platformFeeBasisPoints": 10001}"#,
            #"{"name": "x", "settlementDivisor": 0}"#, #"{"name": "x", "feeBasisPoints": 1}"#,
            #"{"name": "x", "uptimeScale": "percent-e2", "newDealUptime": 10001}"#,
            #"{"name": "x", "settlesAfterBreach": 1}"#
        ] {
            #expect(throws: InputError.self, "\(bad)") { try ContractProfile(JSONValue(parsing: Array(bad.utf8))) }
        }
        let early = try ContractProfile(
            JSONValue(parsing: Array(#"{"name": "x", "uptimeScale": "percent-e2"}"#.utf8)))
        #expect(early.newDealUptime == 9999 && early.fullUptime == 10_000)
    }
}
