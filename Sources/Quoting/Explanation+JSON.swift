import Allocation
import Documents
import Marketplace

extension Explanation {
    /// The explanation as JSON, the `explanations` of an answer. Money is in ``asset`` for the whole term unless a name
    /// says otherwise.
    public var document: JSONValue {
        JSONValue(members: [
            ("cost", JSONValue(rounded(cost, 6))), ("asset", .string(asset)),
            ("preferenceCost", JSONValue(rounded(preferenceCost, 6))),
            ("likingWithoutBudget", likingWithoutBudget.map { JSONValue(rounded($0, 6)) }),
            ("constraints", .array(effects.map(\.json))), ("demand", .array(demandPrices.map(\.json))),
            ("runnersUp", .array(runnersUp.map(\.json))), ("entryPrices", .array(entryPrices.map(\.json))),
            ("exits", .array(exits.map(\.json))),
            (
                "robustness",
                JSONValue(members: [
                    ("storedTB", volumeRange?.json),
                    (
                        "storagePriceFactors",
                        .array(
                            priceRanges.map { entry in
                                ["offer": .string(entry.offer), "range": entry.range.json]
                            })
                    )
                ])
            ),
            ("unfinished", .array(unfinished.map { .string($0) })), ("solves", JSONValue(solves))
        ])
    }
}

/// Names as an array.
private func names(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }

/// Money that may not exist: null where nothing meets the request.
private func money(_ value: Double?) -> JSONValue { value.map { JSONValue(rounded($0, 6)) } ?? .null }

extension Explanation.Subject {
    /// What is asked for, and where the request or the catalogue states it.
    fileprivate var members: [(String, JSONValue?)] {
        switch self {
        case .constraint(let kind):
            [("constraint", .string(kind.rawValue)), ("pointer", .string(kind.pointer))]
        case .capacity(let offer):
            [("constraint", .string(ConstraintKind.capacity.rawValue)), ("offer", .string(offer))]
        case .egressLimit(let offer):
            [("constraint", .string(ConstraintKind.egressLimit.rawValue)), ("offer", .string(offer))]
        case .shards: [("constraint", "shards"), ("pointer", "/redundancy")]
        }
    }
}

extension Explanation.Effect {
    fileprivate var json: JSONValue {
        JSONValue(
            members: subject.members + [
                ("asked", .string(asked)), ("achieved", achieved.map { .string($0) }),
                ("binding", isBinding.map { .bool($0) }), ("cost", cost.map { money($0) }),
                ("costAtMost", costAtMost.map { money($0) }), ("price", price?.json), ("looser", looser?.json),
                ("stricter", stricter?.json)
            ])
    }
}

extension Explanation.Price {
    fileprivate var json: JSONValue {
        [
            "amount": JSONValue(rounded(amount, 9)), "unit": .string(unit), "value": JSONValue(rounded(value, 9)),
            "from": JSONValue(rounded(lower, 9)), "to": JSONValue(rounded(upper, 9)),
            "openBelow": .bool(isOpenBelow), "openAbove": .bool(isOpenAbove)
        ]
    }
}

extension Explanation.Step {
    fileprivate var json: JSONValue { ["value": .string(value), "change": money(change)] }
}

extension Explanation.DemandPrice {
    fileprivate var json: JSONValue {
        JSONValue(members: [
            ("demand", region == nil ? "stored" : "egress"), ("region", region.map { .string($0) }),
            ("pricePerMonth", price.json)
        ])
    }
}

extension Explanation.RunnerUp {
    fileprivate var json: JSONValue {
        [
            "without": .string(offer), "extraCost": money(extraCost), "enters": names(enters), "leaves": names(leaves),
            "schemes": .array(schemes.map { ["data": JSONValue($0.data), "shards": JSONValue($0.shards)] })
        ]
    }
}

extension Explanation.EntryPrice {
    fileprivate var json: JSONValue {
        [
            "offer": .string(offer), "listPricePerGBMonth": JSONValue(rounded(listPrice, 12)),
            "entryPricePerGBMonth": price.map { JSONValue(rounded($0, 12)) } ?? .null
        ]
    }
}

extension Explanation.Exit {
    fileprivate var json: JSONValue {
        JSONValue(members: [
            ("provider", .string(provider)), ("extraCost", money(extraCost)), ("enters", names(enters)),
            ("movingOut", movingOut.map { money($0) })
        ])
    }
}

extension Explanation.StableRange {
    fileprivate var json: JSONValue {
        [
            "value": JSONValue(rounded(value, 9)), "from": JSONValue(rounded(lower, 9)),
            "to": JSONValue(rounded(upper, 9)), "openBelow": .bool(isOpenBelow), "openAbove": .bool(isOpenAbove),
            "entersBelow": entersBelow.map(names) ?? .null, "entersAbove": entersAbove.map(names) ?? .null
        ]
    }
}
