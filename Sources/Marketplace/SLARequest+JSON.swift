import Documents
import Money

extension SLARequest {
    private static let volume = ExactDecimal.zero...ExactDecimal(1_000_000_000)
    private static let money = ExactDecimal.zero...ExactDecimal(1_000_000_000_000)
    private static let share = ExactDecimal.zero...ExactDecimal.one

    /// Reads a request as users write it; every fault is reported with its JSON pointer, unknown fields are refused.
    ///
    /// Whether regions, providers and offers exist is for ``validate(against:document:)`` to say.
    public init(_ json: JSONValue, document: String = "") throws(InputError) {
        let log = IssueLog()
        let reader = ObjectReader(json, log: log)
        let user = reader.string("user")
        let storage = reader.requiredObject("storage")
        let logical = storage.flatMap { $0.decimal("logicalGB", in: Self.volume, unit: "GB") }
        if let logical, logical.doubleValue * 1e9 < 1 {
            log.report("/storage/logicalGB", "is less than a byte", remedy: "give the volume in GB (10⁹ bytes)")
        }
        let objectSize = storage.flatMap {
            $0.has("meanObjectMB")
                ? $0.decimal("meanObjectMB", in: Self.decimal("0.000001")...ExactDecimal(50_000_000), unit: "MB") : nil
        }
        let growth = storage.flatMap {
            $0.has("monthlyGrowth") ? $0.decimal("monthlyGrowth", in: Self.decimal("-0.5")...ExactDecimal.one) : .zero
        }
        storage?.finish()
        let term = reader.requiredObject("term")
        let start = term?.day("start")
        let months = term?.integer("months", in: 1...120)
        term?.finish()
        let redundancy = reader.requiredObject("redundancy")
        let choice = redundancy.flatMap(Self.redundancy)
        let tolerate = redundancy?.object("tolerate")
        redundancy?.finish()
        guard let user, let logical, let start, let months, let choice else {
            var ignored = SLARequest(
                user: "", logicalBytes: 1, start: CalendarDay(ordinal: 0), months: 1, redundancy: .auto)
            Self.readRest(of: reader, into: &ignored)
            try log.check(document)
            throw InputError(document, [InputIssue("", "the request cannot be read")])
        }
        self.init(
            user: user, logicalBytes: Self.bytes(logical, 1_000_000_000), start: start, months: months,
            redundancy: choice)
        if let objectSize { meanObjectBytes = max(1, Self.bytes(objectSize, 1_000_000)) }
        monthlyGrowth = growth ?? .zero
        if let tolerate {
            toleratedProviders = tolerate.has("providers") ? tolerate.integer("providers", in: 0...16) ?? 0 : 0
            toleratedRegions = tolerate.has("regions") ? tolerate.integer("regions", in: 0...16) ?? 0 : 0
            tolerate.finish()
        }
        Self.readRest(of: reader, into: &self)
        try log.check(document)
    }

    /// Reads the optional parts.
    private static func readRest(of reader: ObjectReader, into request: inout SLARequest) {
        request.traffic = reader.objects("traffic").compactMap(traffic)
        let read = request.traffic.reduce(Int128(0)) { $0 + Int128($1.egressBytes) }
        if read > 1_000_000_000_000_000_000 {
            reader.log.report(
                reader.location("traffic"), "the volumes add up to more than 1000000000 GB a month",
                remedy: "check the unit: egressGB is in GB (10⁹ bytes) a month")
        }
        if let part = reader.object("qos") { request.qos = qos(part) }
        if let part = reader.object("budget") { request.budget = budget(part) }
        if let part = reader.object("eligibility") { request.eligibility = eligibility(part) }
        if let part = reader.object("diversification") {
            request.maxProviderShare = part.has("maxProviderShare") ? part.decimal("maxProviderShare", in: share) : nil
            if let share = request.maxProviderShare, share == .zero {
                part.log.report(
                    part.location("maxProviderShare"), "no provider could hold anything", remedy: "use a share above 0")
            }
            request.minProviders = part.has("minProviders") ? part.integer("minProviders", in: 1...32) ?? 1 : 1
            part.finish()
        }
        request.credits = reader.objects("credits").compactMap(credit)
        request.current = reader.objects("current").compactMap(holding)
        if let part = reader.object("preference") {
            if part.has("recommended") {
                request.recommendedPreference = part.decimal("recommended", in: share) ?? .zero
            }
            part.finish()
        }
        if let part = reader.object("payment") {
            request.payment = part.asset("asset")
            if part.has("network"), let network = part.string("network"), let asset = request.payment,
                asset.network != network
            {
                part.log.report(
                    part.location("network"), "\(asset.code) is not paid on '\(network)'",
                    remedy: asset.network.map { "use '\($0)'" } ?? "leave it out: \(asset.code) needs no network")
            }
            part.finish()
        }
        reader.finish()
    }

    private static func redundancy(_ reader: ObjectReader) -> RedundancyChoice? {
        let scheme = reader.choice("scheme", ["replication", "erasure", "auto"])
        _ = reader.has("tolerate")
        func optional(_ key: String, _ range: ClosedRange<Int>) -> Int? {
            reader.has(key) ? reader.integer(key, in: range) : nil
        }
        let copies = optional("copies", 1...16)
        let data = optional("data", 1...64)
        let parity = optional("parity", 0...64)
        func missing(_ key: String, _ scheme: String) {
            reader.log.report(reader.location(key), "is missing", remedy: "the scheme '\(scheme)' needs it")
        }
        switch scheme {
        case "replication":
            guard let copies else {
                if !reader.has("copies") { missing("copies", "replication") }
                return nil
            }
            return RedundancyScheme(data: 1, shards: copies).map { .fixed($0) }
        case "erasure":
            if !reader.has("data") { missing("data", "erasure") }
            if !reader.has("parity") { missing("parity", "erasure") }
            guard let data, let parity else { return nil }
            return RedundancyScheme(data: data, shards: data + parity).map { .fixed($0) }
        case "auto": return .auto
        default: return nil
        }
    }

    private static func traffic(_ reader: ObjectReader) -> Traffic? {
        let region = reader.string("region")
        let egress = reader.has("egressGB") ? reader.decimal("egressGB", in: volume, unit: "GB a month") : .zero
        let count = 0...1_000_000_000_000
        let reads = reader.has("reads") ? reader.integer("reads", in: count) : 0
        let writes = reader.has("writes") ? reader.integer("writes", in: count) : 0
        reader.finish()
        guard let region, let egress, let reads, let writes else { return nil }
        return Traffic(region: region, egressBytes: bytes(egress, 1_000_000_000), reads: reads, writes: writes)
    }

    private static func qos(_ reader: ObjectReader) -> QoS {
        var qos = QoS()
        func optional(_ key: String, _ range: ClosedRange<ExactDecimal>, _ unit: String = "") -> ExactDecimal? {
            reader.has(key) ? reader.decimal(key, in: range, unit: unit) : nil
        }
        qos.availability = optional("availability", share)
        if let asked = qos.availability, asked == .one {
            reader.log.report(
                reader.location("availability"), "nothing is available always",
                remedy: "use a probability below 1, e.g. \"0.9999\"")
        }
        qos.durabilityNines = reader.has("durabilityNines") ? reader.integer("durabilityNines", in: 0...20) : nil
        qos.latencyMs = optional("latencyMs", decimal("0.1")...ExactDecimal(100_000), "ms")
        qos.uploadMBps = optional("uploadMBps", .zero...ExactDecimal(1_000_000), "MB/s")
        qos.downloadMBps = optional("downloadMBps", .zero...ExactDecimal(1_000_000), "MB/s")
        qos.errorRate = optional("errorRate", share)
        reader.finish()
        return qos
    }

    private static func budget(_ reader: ObjectReader) -> Budget? {
        let amount = amount(reader)
        let period = reader.choice("per", BudgetPeriod.allCases.map(\.rawValue)).flatMap(BudgetPeriod.init)
        reader.finish()
        guard let amount, let period else { return nil }
        return Budget(amount: amount, period: period)
    }

    private static func credit(_ reader: ObjectReader) -> Credit? {
        let provider = reader.string("provider")
        let amount = amount(reader)
        let expires = reader.day("expires")
        reader.finish()
        guard let provider, let amount, let expires else { return nil }
        return Credit(provider: provider, amount: amount, expires: expires)
    }

    private static func amount(_ reader: ObjectReader) -> Amount? {
        let value = reader.decimal("amount", in: money)
        guard let asset = reader.asset("asset"), let value else { return nil }
        guard value.scale <= asset.decimals, let minor = try? value.scaled(by: asset.unit, rounding: .halfEven) else {
            reader.log.report(
                reader.location("amount"), "\(asset.code) has \(asset.decimals) decimals",
                remedy: "round the amount to them")
            return nil
        }
        return Amount(minor: minor, asset)
    }

    private static func holding(_ reader: ObjectReader) -> Holding? {
        let offer = reader.string("offer")
        let logical = reader.decimal("logicalGB", in: volume, unit: "GB")
        let since = reader.has("since") ? reader.day("since") : nil
        reader.finish()
        guard let offer, let logical else { return nil }
        return Holding(offer: offer, logicalBytes: bytes(logical, 1_000_000_000), since: since)
    }

    private static func eligibility(_ reader: ObjectReader) -> Eligibility {
        var eligibility = Eligibility()
        if let providers = reader.object("providers") {
            eligibility.allow = providers.strings("allow")
            eligibility.deny = providers.strings("deny")
            providers.finish()
        }
        eligibility.jurisdictions = reader.strings("jurisdictions")
        eligibility.certifications = reader.strings("certifications")
        eligibility.features = reader.strings("features")
        eligibility.api = reader.has("api") ? reader.string("api") : nil
        eligibility.minReputation = reader.has("minReputation") ? reader.integer("minReputation", in: 0...100) : nil
        reader.finish()
        return eligibility
    }

    /// Whole bytes of a volume, rounded up.
    private static func bytes(_ volume: ExactDecimal, _ unit: Int128) -> Int {
        (try? volume.scaled(by: unit, rounding: .up)).flatMap { Int(exactly: $0) } ?? 0
    }

    /// A literal of this file as a decimal.
    private static func decimal(_ literal: StaticString) -> ExactDecimal { (try? ExactDecimal("\(literal)")) ?? .zero }
}
