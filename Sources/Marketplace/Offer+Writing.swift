import Documents
import Money

extension Offer {
    /// The offer as a line of a catalogue; reading it gives the same offer, but for a capacity that is not whole GB.
    public var json: JSONValue {
        JSONValue(members: [
            ("id", .string(id)), ("provider", .string(provider)), ("region", .string(region)),
            ("storageClass", .string(storageClass)), ("metro", .string(metro)), ("tariff", tariff.json),
            (
                "changes",
                changes.isEmpty
                    ? nil
                    : .array(changes.map { ["from": .string($0.from.description), "tariff": $0.tariff.json] })
            ),
            ("availability", availability.map { .string($0.description) }),
            ("durabilityNines", durabilityNines.map { JSONValue($0) }), ("access", .string(access.rawValue)),
            ("zones", .string(zones.rawValue)),
            ("capacityGB", capacityBytes.map { .string(String($0 / 1_000_000_000)) }),
            (
                "provenance",
                JSONValue(members: [
                    ("source", .string(provenance.source)), ("asOf", .string(provenance.asOf)),
                    ("verified", .string(provenance.verified)),
                    ("notes", provenance.notes.isEmpty ? nil : .string(provenance.notes))
                ])
            )
        ])
    }
}

extension Tariff {
    /// The tariff as part of an offer; what is not published is absent, what is nothing likewise.
    var json: JSONValue {
        func text(_ value: ExactDecimal) -> JSONValue { .string(value.description) }
        func steps(_ tiers: [Tier]) -> JSONValue {
            .array(tiers.map { JSONValue(members: [("upTo", $0.upTo.map(text)), ("price", text($0.price))]) })
        }
        let operations = [("writesPer1000", writesPer1000.map(text)), ("readsPer1000", readsPer1000.map(text))]
        return JSONValue(members: [
            ("asset", .string(asset.code)), ("unit", .string(unit.rawValue)), ("storage", steps(storage)),
            (
                "egress",
                egress.map { egress in
                    let allowance: JSONValue? =
                        switch egress.allowance {
                        case nil: nil
                        case .fixed(let volume)?: ["fixed": text(volume)]
                        case .multipleOfStored(let multiple)?: ["multipleOfStored": text(multiple)]
                        }
                    return JSONValue(members: [
                        ("tiers", steps(egress.tiers)), ("allowance", allowance),
                        ("limit", egress.limitMultipleOfStored.map { ["multipleOfStored": text($0)] })
                    ])
                }
            ),
            ("operations", operations.contains { $0.1 != nil } ? JSONValue(members: operations) : nil),
            ("retrieval", retrieval.map(text)), ("monthlyFee", monthlyFee == .zero ? nil : text(monthlyFee)),
            ("monthlyMinimum", monthlyMinimum == .zero ? nil : text(monthlyMinimum)),
            ("minimumDays", minimumDays == 0 ? nil : JSONValue(minimumDays)),
            ("minimumObjectBytes", minimumObjectBytes == 0 ? nil : JSONValue(minimumObjectBytes)),
            ("objectOverheadBytes", objectOverheadBytes == 0 ? nil : JSONValue(objectOverheadBytes))
        ])
    }
}
