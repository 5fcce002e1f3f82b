import Documents
import Money

extension Offer {
    /// The largest price, volume or fee that is taken for real.
    private static let plausible = ExactDecimal.zero...ExactDecimal(1_000_000_000)
    private static let price = ExactDecimal.zero...ExactDecimal(100_000)

    /// Reads one offer of a catalogue; what is wrong goes to `log`, and then there is none.
    public init?(_ value: JSONValue, log: IssueLog) {
        let before = log.issues.count
        let reader = ObjectReader(value, log: log)
        let id = reader.string("id")
        let provider = reader.string("provider")
        let region = reader.string("region")
        let storageClass = reader.string("storageClass")
        let metro = reader.string("metro")
        let tariff = reader.requiredObject("tariff").flatMap(Self.tariff)
        let changes = Self.changes(reader)
        let availability = reader.has("availability") ? reader.decimal("availability", in: .zero ... .one) : nil
        let durability = reader.has("durabilityNines") ? reader.integer("durabilityNines", in: 0...30) : nil
        let access = reader.choice("access", Access.allCases.map(\.rawValue))
        let zones = reader.choice("zones", Zones.allCases.map(\.rawValue))
        let capacity = reader.has("capacityGB") ? reader.decimal("capacityGB", in: Self.plausible, unit: "GB") : nil
        var provenance = Provenance(source: "", asOf: "")
        if let facts = reader.requiredObject("provenance") {
            provenance = Provenance(
                source: facts.string("source") ?? "", asOf: facts.string("asOf") ?? "",
                verified: facts.string("verified") ?? "", notes: facts.has("notes") ? facts.string("notes") ?? "" : "")
            facts.finish()
        }
        reader.finish()
        guard log.issues.count == before, let id, let provider, let region, let storageClass, let metro, let tariff,
            let access = access.flatMap(Access.init), let zones = zones.flatMap(Zones.init)
        else { return nil }
        self.init(
            id: id, provider: provider, region: region, storageClass: storageClass, metro: metro, tariff: tariff,
            changes: changes, availability: availability, durabilityNines: durability, access: access, zones: zones,
            capacityBytes: capacity.map { Int($0.doubleValue * 1e9) }, provenance: provenance)
    }

    private static func changes(_ reader: ObjectReader) -> [PriceChange] {
        var previous: CalendarDay?
        return reader.objects("changes").compactMap { part in
            let from = part.day("from")
            let tariff = part.requiredObject("tariff").flatMap(tariff)
            part.finish()
            if let from, let last = previous, from <= last {
                part.log.report(
                    part.location("from"), "price changes must follow one another",
                    remedy: "use a day after \(last)")
            }
            previous = from ?? previous
            guard let from, let tariff else { return nil }
            return PriceChange(from: from, tariff: tariff)
        }
    }

    private static func tariff(_ reader: ObjectReader) -> Tariff? {
        let asset = reader.asset("asset")
        if let asset, asset != .usd {
            reader.log.report(
                reader.location("asset"), "tariffs are listed in USD", remedy: "convert the prices at import")
        }
        let unit = reader.choice("unit", VolumeUnit.allCases.map(\.rawValue)).flatMap(VolumeUnit.init)
        let storage = tiers(reader, "storage")
        var egress: EgressTariff?
        if let part = reader.object("egress") {
            let steps = tiers(part, "tiers")
            var allowance: EgressAllowance?
            if let free = part.object("allowance") {
                if free.has("fixed") {
                    allowance = free.decimal("fixed", in: plausible).map { .fixed($0) }
                } else {
                    allowance = free.decimal("multipleOfStored", in: plausible).map { .multipleOfStored($0) }
                }
                free.finish()
            }
            var limit: ExactDecimal?
            if let bound = part.object("limit") {
                limit = bound.decimal("multipleOfStored", in: plausible)
                bound.finish()
            }
            part.finish()
            egress = EgressTariff(tiers: steps, allowance: allowance, limitMultipleOfStored: limit)
        }
        var writes: ExactDecimal?
        var reads: ExactDecimal?
        if let operations = reader.object("operations") {
            if operations.has("writesPer1000") { writes = operations.decimal("writesPer1000", in: price) }
            if operations.has("readsPer1000") { reads = operations.decimal("readsPer1000", in: price) }
            operations.finish()
        }
        let retrieval = reader.has("retrieval") ? reader.decimal("retrieval", in: price) : nil
        let fee = reader.has("monthlyFee") ? reader.decimal("monthlyFee", in: plausible) : .zero
        let minimum = reader.has("monthlyMinimum") ? reader.decimal("monthlyMinimum", in: plausible) : .zero
        let days = reader.has("minimumDays") ? reader.integer("minimumDays", in: 0...3650) : 0
        let size = reader.has("minimumObjectBytes") ? reader.integer("minimumObjectBytes", in: 0...(1 << 30)) : 0
        let overhead = reader.has("objectOverheadBytes") ? reader.integer("objectOverheadBytes", in: 0...(1 << 30)) : 0
        reader.finish()
        guard let asset, let unit, let fee, let minimum, let days, let size, let overhead, !storage.isEmpty else {
            return nil
        }
        return Tariff(
            asset: asset, unit: unit, storage: storage, egress: egress, writesPer1000: writes, readsPer1000: reads,
            retrieval: retrieval, monthlyFee: fee, monthlyMinimum: minimum, minimumDays: days, minimumObjectBytes: size,
            objectOverheadBytes: overhead)
    }

    private static func tiers(_ reader: ObjectReader, _ key: String) -> [Tier] {
        let steps = reader.objects(key)
        if steps.isEmpty {
            reader.log.report(reader.location(key), "has no tier", remedy: "give at least one {\"price\": \"…\"}")
        }
        var previous = ExactDecimal.zero
        return steps.enumerated().compactMap { index, step in
            var end: ExactDecimal?
            if index < steps.count - 1 {
                end = step.decimal("upTo", in: plausible)
                if let end, end <= previous {
                    step.log.report(step.location("upTo"), "tiers must rise", remedy: "use a value above \(previous)")
                }
                previous = end ?? previous
            }
            let price = step.decimal("price", in: price)
            step.finish()
            return price.map { Tier(upTo: end, price: $0) }
        }
    }
}
