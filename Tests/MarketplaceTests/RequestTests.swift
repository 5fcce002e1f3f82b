import Documents
import Foundation
import Marketplace
import Money
import TestSupport
import Testing

@Suite struct RequestTests {
    static let folder = SharedData.packageRoot.appendingPathComponent("datasets/requests")

    static let base = """
        {"user": "u", "storage": {"logicalGB": "50"}, "term": {"start": "2026-12-01", "months": 12},
         "redundancy": {"scheme": "replication", "copies": 3}}
        """

    static func read(_ text: String) throws -> SLARequest {
        try SLARequest(JSONValue(parsing: text.utf8, document: "request"), document: "request")
    }

    /// The base with one member added or replaced; no value takes it away.
    static func with(_ path: String, _ json: String?) throws -> SLARequest {
        var root = try JSONValue(parsing: base.utf8)
        func set(_ value: inout JSONValue, _ keys: ArraySlice<Substring>) throws {
            guard case .object(var members) = value, let key = keys.first.map(String.init) else { return }
            if keys.count == 1 {
                members[key] = try json.map { try JSONValue(parsing: $0.utf8) }
            } else {
                var inner = members[key] ?? [:]
                try set(&inner, keys.dropFirst())
                members[key] = inner
            }
            value = .object(members)
        }
        try set(&root, path.split(separator: "/")[...])
        return try SLARequest(root, document: "request")
    }

    @Test func everySampleRequestReads() throws {
        let files = try FileManager.default.contentsOfDirectory(at: Self.folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
        #expect(files.count == 9)
        for file in files {
            let request = try SLARequest(JSONValue(parsing: Data(contentsOf: file)), document: file.lastPathComponent)
            #expect(request.logicalBytes > 0 && request.months > 0 && !request.traffic.isEmpty)
        }
    }

    @Test func theWholeFormat() throws {
        let request = try Self.read(
            """
            {
              "user": "app-042",
              "storage": {"logicalGB": "50000", "meanObjectMB": "4", "monthlyGrowth": "0.02"},
              "term": {"start": "2026-12-01", "months": 12},
              "traffic": [{"region": "eu-west", "egressGB": "4000.5", "reads": 3000000, "writes": 200000}],
              "redundancy": {"scheme": "erasure", "data": 6, "parity": 3, "tolerate": {"providers": 1, "regions": 2}},
              "qos": {"availability": "0.9999", "durabilityNines": 11, "latencyMs": 150, "uploadMBps": 10,
                      "downloadMBps": 20, "errorRate": "0.0001"},
              "budget": {"amount": "700.00", "asset": "USD", "per": "month"},
              "eligibility": {"providers": {"allow": ["a"], "deny": ["b"]}, "jurisdictions": ["EU"],
                              "certifications": ["ISO27001"], "features": ["versioning"], "api": "s3",
                              "minReputation": 40},
              "diversification": {"maxProviderShare": "0.6", "minProviders": 2},
              "credits": [{"provider": "aws", "amount": "2000.00", "asset": "USD", "expires": "2027-03-31"}],
              "current": [{"offer": "aws/eu-west-1/standard", "logicalGB": "20000"}],
              "preference": {"recommended": "0.05"},
              "payment": {"asset": "XLM", "network": "stellar"}
            }
            """)
        #expect(request.logicalBytes == 50_000_000_000_000 && request.meanObjectBytes == 4_000_000)
        #expect(
            request.traffic == [
                .init(region: "eu-west", egressBytes: 4_000_500_000_000, reads: 3_000_000, writes: 200_000)
            ])
        #expect(request.redundancy == RedundancyScheme(data: 6, shards: 9).map { .fixed($0) })
        #expect(request.toleratedProviders == 1 && request.toleratedRegions == 2)
        #expect(request.qos.availability == decimal("0.9999") && request.qos.durabilityNines == 11)
        #expect(request.qos.latencyMs == ExactDecimal(150) && request.qos.errorRate == decimal("0.0001"))
        #expect(request.budget == .init(amount: Amount(minor: 70_000, .usd), period: .month))
        #expect(request.eligibility.allow == ["a"] && request.eligibility.deny == ["b"])
        #expect(request.eligibility.minReputation == 40 && request.eligibility.api == "s3")
        #expect(request.maxProviderShare == decimal("0.6") && request.minProviders == 2)
        #expect(request.credits.first?.expires.description == "2027-03-31")
        #expect(request.current == [.init(offer: "aws/eu-west-1/standard", logicalBytes: 20_000_000_000_000)])
        #expect(request.recommendedPreference == decimal("0.05") && request.payment?.code == "XLM")
        #expect(request.monthlyGrowth == decimal("0.02") && request.start.description == "2026-12-01")
    }

    @Test func defaults() throws {
        let request = try Self.read(Self.base)
        #expect(request.meanObjectBytes == 1_000_000 && request.monthlyGrowth == .zero && request.traffic.isEmpty)
        #expect(request.minProviders == 1 && request.maxProviderShare == nil && request.budget == nil)
        #expect(request.toleratedProviders == 0 && request.payment == nil)
    }

    /// What is wrong, where it stands, and a word of what the message says.
    static let faults: [(path: String, json: String?, pointer: String, word: String)] = [
        ("user", nil, "/user", "missing"), ("user", "\"\"", "/user", "not empty"), ("user", "7", "/user", "string"),
        ("storage", nil, "/storage", "missing"), ("storage", "5", "/storage", "object"),
        ("storage/logicalGB", nil, "/storage/logicalGB", "missing"),
        ("storage/logicalGB", "\"-5\"", "/storage/logicalGB", "out of range"),
        ("storage/logicalGB", "\"50 TB\"", "/storage/logicalGB", "plain digits"),
        ("storage/logicalGB", "1e6", "/storage/logicalGB", "plain digits"),
        ("storage/logicalGB", "\"1000000001\"", "/storage/logicalGB", "out of range"),
        ("storage/logicalGB", "0", "/storage/logicalGB", "less than a byte"),
        ("storage/logicalTB", "5", "/storage/logicalTB", "did you mean 'logicalGB'"),
        ("storage/meanObjectMB", "0", "/storage/meanObjectMB", "out of range"),
        ("storage/monthlyGrowth", "\"2\"", "/storage/monthlyGrowth", "out of range"),
        ("term/start", "\"2026-02-30\"", "/term/start", "YYYY-MM-DD"),
        ("term/months", "0", "/term/months", "1…120"),
        ("term/months", "1.5", "/term/months", "whole number"),
        ("term/months", "\"many\"", "/term/months", "whole number"),
        ("term/years", "1", "/term/years", "unknown field"),
        ("redundancy/scheme", "\"raid\"", "/redundancy/scheme", "use one of"),
        ("redundancy/copies", nil, "/redundancy/copies", "missing"),
        ("redundancy/copies", "0", "/redundancy/copies", "1…16"),
        ("redundancy/scheme", "\"erasure\"", "/redundancy/data", "missing"),
        ("redundancy/tolerate", "{\"provider\": 1}", "/redundancy/tolerate/provider", "did you mean 'providers'"),
        ("redundancy/tolerate", "{\"regions\": -1}", "/redundancy/tolerate/regions", "0…16"),
        ("traffic", "{}", "/traffic", "array"), ("traffic", "[{}]", "/traffic/0/region", "missing"),
        ("traffic", "[{\"region\": \"a\", \"egressGB\": -1}]", "/traffic/0/egressGB", "out of range"),
        ("traffic", "[{\"region\": \"a\", \"reads\": 1000000000001}]", "/traffic/0/reads", "whole number"),
        ("traffic", "[{\"region\": \"a\", \"egress\": 1}]", "/traffic/0/egress", "unknown field"),
        (
            "traffic",
            "[{\"region\": \"a\", \"egressGB\": 900000000}, {\"region\": \"b\", \"egressGB\": 900000000}]",
            "/traffic", "add up"
        ),
        ("qos/availability", "\"99.99\"", "/qos/availability", "out of range"),
        ("qos/availability", "1", "/qos/availability", "always"),
        ("qos/latencyMs", "0", "/qos/latencyMs", "out of range"),
        ("qos/durabilityNines", "99", "/qos/durabilityNines", "0…20"),
        ("budget", "{\"amount\": \"5\", \"asset\": \"USD\"}", "/budget/per", "missing"),
        (
            "budget", "{\"amount\": \"5.001\", \"asset\": \"USD\", \"per\": \"month\"}", "/budget/amount",
            "2 decimals"
        ),
        ("budget", "{\"amount\": \"5\", \"asset\": \"usd\", \"per\": \"month\"}", "/budget/asset", "USD"),
        ("budget", "{\"amount\": \"5\", \"asset\": \"USD\", \"per\": \"year\"}", "/budget/per", "use one of"),
        ("diversification", "{\"maxProviderShare\": 0}", "/diversification/maxProviderShare", "above 0"),
        ("diversification", "{\"minProviders\": 0}", "/diversification/minProviders", "1…32"),
        ("credits", "[{\"provider\": \"a\", \"amount\": 5, \"asset\": \"USD\"}]", "/credits/0/expires", "missing"),
        ("current", "[{\"offer\": \"a\", \"logicalGB\": 1, \"since\": \"March\"}]", "/current/0/since", "YYYY-MM-DD"),
        ("current", "[{\"offer\": \"a\", \"logicalGB\": 1, \"sinse\": \"2026-03-01\"}]", "/current/0/sinse", "'since'"),
        ("eligibility/features", "[1]", "/eligibility/features/0", "string"),
        ("eligibility", "{\"providers\": {\"block\": []}}", "/eligibility/providers/block", "unknown field"),
        ("preference/recommended", "2", "/preference/recommended", "out of range"),
        ("payment", "{\"asset\": \"XLM\", \"network\": \"bitcoin\"}", "/payment/network", "use 'stellar'"),
        ("payment", "{\"asset\": \"USD\", \"network\": \"bitcoin\"}", "/payment/network", "needs no network"),
        ("colour", "\"red\"", "/colour", "unknown field")
    ]

    @Test(arguments: faults)
    func faultsHaveAPointerAndARemedy(_ path: String, _ json: String?, _ pointer: String, _ word: String) {
        let error = #expect(throws: InputError.self) { try Self.with(path, json) }
        let issue = error?.issues.first { $0.location == pointer }
        #expect(issue?.description.contains(word) == true, "\(error?.description ?? "no error")")
    }

    @Test func allFaultsAreToldAtOnce() {
        let error = #expect(throws: InputError.self) {
            try Self.read("{\"storage\": {\"logicalGB\": -1}, \"term\": {}, \"extra\": 1, \"traffic\": [{}]}")
        }
        let pointers = Set(error?.issues.map(\.location) ?? [])
        for pointer in ["/user", "/storage/logicalGB", "/term/start", "/term/months", "/redundancy", "/extra"] {
            #expect(pointers.contains(pointer), "\(pointer)")
        }
        #expect(pointers.contains("/traffic/0/region"))
    }

    @Test func duplicateKeysAndTruncationAreRefused() throws {
        let twice = Self.base.replacingOccurrences(of: "\"user\": \"u\"", with: "\"user\": \"u\", \"user\": \"v\"")
        let error = #expect(throws: InputError.self) { try Self.read(twice) }
        #expect(error?.description.contains("'user' stands twice") == true)
        for length in 0..<Self.base.utf8.count {
            #expect(throws: InputError.self) { try SLARequest(JSONValue(parsing: Self.base.utf8.prefix(length))) }
        }
        for value in ["null", "[]", "5", "\"x\"", "{}"] { #expect(throws: InputError.self) { try Self.read(value) } }
    }

    @Test func schemes() throws {
        #expect(RedundancyScheme(data: 0, shards: 1) == nil && RedundancyScheme(data: 3, shards: 2) == nil)
        #expect(RedundancyScheme(data: 6, shards: 9)?.description == "(6, 9) erasure code")
        #expect(try Self.with("redundancy", "{\"scheme\": \"auto\"}").redundancy == .auto)
        let erasure = try Self.with("redundancy", "{\"scheme\": \"erasure\", \"data\": 1, \"parity\": 0}")
        #expect(erasure.redundancy == RedundancyScheme(data: 1, shards: 1).map { .fixed($0) })
    }
}

@Suite struct RequestValidationTests {
    static let catalog = Catalog(
        version: "1",
        offers: [
            Offer(
                id: "p/r/c", provider: "p", region: "r", storageClass: "c", metro: "m",
                tariff: Tariff(storage: [Tier(price: .one)]))
        ],
        providers: [
            Provider(
                id: "p", name: "P", kind: "cloud", country: "DE", apis: [], features: [], certifications: [],
                assumedAvailability: .zero, reputation: 1)
        ],
        metros: [
            Metro(id: "m", name: "M", country: "DE", continent: "EU", jurisdictions: ["DE", "EU"], coordinates: nil)
        ],
        readerRegions: [ReaderRegion(id: "eu-west", name: "W", metro: "m")],
        latencies: ["eu-west": ["m": Latency(milliseconds: 5, measured: true)]], register: [])

    @Test func namesTheUnknown() throws {
        var request = try RequestTests.read(RequestTests.base)
        #expect(throws: Never.self) { try request.validate(against: Self.catalog) }
        request.traffic = ["eu-wset", "eu-west", "eu-west"].map {
            .init(region: $0, egressBytes: 0, reads: 0, writes: 0)
        }
        request.eligibility.allow = ["q"]
        request.eligibility.deny = ["p", "r"]
        request.eligibility.jurisdictions = ["EU", "US"]
        request.credits = [.init(provider: "z", amount: try Amount("1", Asset.named("EUR")), expires: request.start)]
        request.budget = .init(amount: try Amount("1", Asset.named("EUR")), period: .term)
        request.current = [
            .init(offer: "p/r/d", logicalBytes: 1),
            .init(offer: "p/r/c", logicalBytes: 1, since: request.start.addingMonths(1)),
            .init(offer: "p/r/c", logicalBytes: 1, since: request.start)
        ]
        (request.toleratedProviders, request.toleratedRegions) = (3, 4)
        let error = #expect(throws: InputError.self) { try request.validate(against: Self.catalog) }
        #expect(
            error?.issues.map(\.location) == [
                "/traffic/0/region", "/traffic/2/region", "/eligibility/providers/allow/0",
                "/eligibility/providers/deny/1", "/eligibility/jurisdictions/1", "/credits/0/provider",
                "/credits/0/asset", "/budget/asset", "/current/0/offer", "/current/1/since",
                "/redundancy/tolerate/providers", "/redundancy/tolerate/regions"
            ])
        #expect(error?.issues.first?.remedy == "did you mean 'eu-west'?")
        #expect(error?.issues.allSatisfy { !$0.remedy.isEmpty } == true)
    }

    @Test func theCatalogueFindsItsParts() {
        #expect(Self.catalog.offer("p/r/c")?.provider == "p" && Self.catalog.offer("x") == nil)
        #expect(Self.catalog.latency(from: "eu-west", to: "m")?.milliseconds == 5)
        #expect(
            Self.catalog.latency(from: "eu-west", to: "n") == nil && Self.catalog.latency(from: "a", to: "m") == nil)
    }
}
