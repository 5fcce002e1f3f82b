import Allocation
import Documents
import Foundation
import Marketplace
import Money

extension QuoteAnswer {
    /// The answer as the document that machines get and that is stored.
    ///
    /// `solveMilliseconds` is left out of what is stored, as it differs from run to run; see ``timingJSON``.
    public var json: JSONValue {
        switch self {
        case .quote(let quote): quote.json
        case .refusal(let refusal): refusal.json
        }
    }

    /// Where the optimizer's time went.
    public var timing: Allocation.Timing {
        switch self {
        case .quote(let quote): quote.allocation.timing
        case .refusal(let refusal): refusal.allocation.timing
        }
    }

    /// Where the time went, in milliseconds by phase.
    public var timingJSON: JSONValue {
        let timing = timing
        return [
            "modelling": JSONValue(rounded(timing.modelling, 3)),
            "searching": JSONValue(rounded(timing.searching, 3)),
            "programming": JSONValue(rounded(timing.programming, 3)),
            "checking": JSONValue(rounded(timing.checking, 3)),
            "explaining": JSONValue(rounded(timing.explaining, 3))
        ]
    }
}

/// A double to `digits` decimals, for display.
func rounded(_ value: Double, _ digits: Int) -> Double {
    let scale = pow(10, Double(digits))
    return (value * scale).rounded() / scale
}

extension Quote {
    /// The quote as JSON; money and volumes are decimal strings.
    public var json: JSONValue {
        JSONValue(members: [
            ("id", .string(id)), ("status", .string(allocation.status.rawValue)),
            ("createdAt", .string(UTCTime.text(createdAt))), ("validUntil", .string(UTCTime.text(validUntil))),
            ("request", request.json), ("placements", allocation.placementsJSON),
            ("legs", .array(legs.map { $0.json(request) })), ("bill", bill.json(request)),
            ("total", .string(total.decimalText)), ("asset", .string(total.asset.code)),
            ("conversion", conversion?.json), ("payable", payable?.json),
            ("objective", allocation.objective.map { JSONValue(rounded($0, 6)) }),
            ("cheapest", allocation.cheapest.map { JSONValue(rounded($0, 6)) }),
            ("bound", allocation.bound.map { JSONValue(rounded($0, 6)) }),
            ("gap", allocation.gap.map { JSONValue(rounded($0, 9)) }), ("achieved", achieved.json(request)),
            ("asked", request.askedJSON), ("ranking", ranking.json), ("eligibility", eligibility.json),
            ("terms", terms.json),
            ("pins", pins.json)
        ])
    }
}

extension Allocation {
    /// The placements in use.
    package var placementsJSON: JSONValue {
        .array(
            placements.map {
                [
                    "data": JSONValue($0.scheme.data), "shards": JSONValue($0.scheme.shards),
                    "offers": .array($0.legs.map { .string($0.offer.id) }), "share": JSONValue(rounded($0.share, 12))
                ]
            })
    }
}

extension SLARequest {
    /// What an allocation is asked to achieve.
    package var askedJSON: JSONValue {
        JSONValue(members: [
            ("availability", qos.availability.map { .string($0.description) }),
            ("durabilityNines", qos.durabilityNines.map { JSONValue($0) }),
            ("latencyMs", qos.latencyMs.map { .string($0.description) }),
            (
                "tolerate",
                ["providers": JSONValue(toleratedProviders), "regions": JSONValue(toleratedRegions)]
            ),
            (
                "budget",
                budget.map {
                    [
                        "amount": .string($0.amount.decimalText), "asset": .string($0.amount.asset.code),
                        "per": .string($0.period.rawValue)
                    ]
                }
            )
        ])
    }
}

extension QuoteLeg {
    /// The leg with its lines.
    package func json(_ request: SLARequest) -> JSONValue {
        let first = usages.first
        let last = usages.last
        func gigabytes(_ bytes: Int?) -> JSONValue {
            .string((try? ExactDecimal(significand: Int128(bytes ?? 0), scale: 9))?.description ?? "0")
        }
        var shares: [String: JSONValue] = [:]
        for (index, part) in request.traffic.enumerated() {
            shares[part.region] = JSONValue(rounded(readShares[index], 9))
        }
        return [
            "offer": .string(offer.id), "provider": .string(offer.provider), "region": .string(offer.region),
            "metro": .string(offer.metro), "storageClass": .string(offer.storageClass),
            "storedGB": gigabytes(first?.storedBytes), "storedGBAtEnd": gigabytes(last?.storedBytes),
            "egressGB": gigabytes(first?.egressBytes), "reads": JSONValue(first?.reads ?? 0),
            "writes": JSONValue(first?.writes ?? 0), "readShares": .object(shares),
            "cost": .string(cost.decimalText),
            "lines": .array(
                lines.map { ["kind": .string($0.kind.rawValue), "amount": .string($0.amount.decimalText)] }),
            "price": [
                "source": .string(offer.provenance.source), "asOf": .string(offer.provenance.asOf),
                "verified": .string(offer.provenance.verified)
            ]
        ]
    }
}

extension Bill {
    func json(_ request: SLARequest) -> JSONValue {
        [
            "migration": .array(
                migration.map {
                    [
                        "offer": .string($0.offer), "kind": .string($0.kind.rawValue),
                        "amount": .string($0.amount.decimalText)
                    ]
                }),
            "credits": .array(
                credits.map {
                    [
                        "provider": .string(request.credits[$0.index].provider),
                        "amount": .string("-" + $0.amount.decimalText)
                    ]
                }),
            "platformFee": .string(platformFee.decimalText), "gateway": .string(gateway.decimalText),
            "payableByMonth": .array(payableByMonth.map { .string($0.decimalText) }),
            "largestMonthBeforeCredits": .string(largestMonth.decimalText)
        ]
    }
}

extension ExchangeRates.Conversion {
    var json: JSONValue {
        [
            "from": .string(from.decimalText), "fromAsset": .string(from.asset.code), "to": .string(to.decimalText),
            "toAsset": .string(to.asset.code), "withoutMargin": .string(withoutMargin.decimalText),
            "margin": .string(margin.decimalText), "marginBasisPoints": JSONValue(marginBasisPoints),
            "rates": .array(
                rates.map {
                    JSONValue(members: [
                        ("base", .string($0.base.code)), ("quote", .string($0.quote.code)),
                        ("rate", .string($0.rate.description)), ("date", .string($0.date.description)),
                        ("time", $0.time.map { .string(UTCTime.text($0)) }), ("source", .string($0.source))
                    ])
                })
        ]
    }
}

extension Achievement {
    /// What is achieved, with the latencies by region.
    package func json(_ request: SLARequest) -> JSONValue {
        var byRegion: [String: JSONValue] = [:]
        for (index, part) in request.traffic.enumerated() {
            byRegion[part.region] = latencies[index].map { JSONValue(rounded($0, 3)) } ?? .null
        }
        return [
            "availability": JSONValue(availability), "durabilityNines": JSONValue(rounded(durabilityNines, 2)),
            "latencyMs": .object(byRegion),
            "tolerate": ["providers": JSONValue(toleratedProviders), "regions": JSONValue(toleratedRegions)],
            "providers": JSONValue(providers), "largestProviderShare": JSONValue(rounded(largestProviderShare, 6))
        ]
    }
}

extension ScoreFactor {
    var json: JSONValue {
        JSONValue(members: [
            ("name", .string(name.rawValue)), ("value", JSONValue(rounded(value, 6))),
            ("contribution", JSONValue(rounded(contribution, 6))), ("note", note.map { .string($0) })
        ])
    }
}

extension Ranking {
    var json: JSONValue {
        JSONValue(members: [
            ("basis", .string(basis)), ("performanceBasis", performanceBasis.map { .string($0) }),
            (
                "providers",
                .array(
                    zip(providers, evidence).map { ranked, evidence in
                        JSONValue(members: [
                            ("provider", .string(ranked.offer.provider)), ("bestOffer", .string(ranked.offer.id)),
                            ("score", JSONValue(rounded(ranked.score, 6))),
                            ("preference", JSONValue(rounded(ranked.preference, 6))),
                            ("preferenceFrom", .string(ranked.origin.rawValue)),
                            ("qosUtility", JSONValue(rounded(ranked.qosUtility, 6))),
                            ("factors", .array(ranked.factors.map(\.json))),
                            ("moved", ranked.moved.map { .string($0) }),
                            ("latencyMs", ranked.meanLatency.map { JSONValue(rounded($0, 1)) }),
                            (
                                "because",
                                .array(
                                    evidence.map {
                                        [
                                            "offer": .string($0.offer),
                                            "contribution": JSONValue(rounded($0.contribution, 6))
                                        ]
                                    })
                            )
                        ])
                    })
            )
        ])
    }
}

extension Eligibility {
    /// How many offers passed, and how many each reason dropped: what a quote carries. Which ones tells ``rejectionsJSON``.
    public var json: JSONValue {
        var dropped: [String: JSONValue] = [:]
        for (reason, count) in counts { dropped[reason.rawValue] = JSONValue(count) }
        return [
            "eligible": JSONValue(offers.count), "dropped": JSONValue(rejections.count),
            "droppedByReason": .object(dropped)
        ]
    }

    /// Every offer that was dropped, with all reasons.
    public var rejectionsJSON: JSONValue {
        .array(
            rejections.map { rejection in
                [
                    "offer": .string(rejection.offer), "provider": .string(rejection.provider),
                    "causes": .array(
                        rejection.causes.map { ["reason": .string($0.reason.rawValue), "detail": .string($0.detail)] })
                ]
            })
    }
}

extension QuotePins {
    var json: JSONValue {
        JSONValue(members: [
            ("catalog", .string(catalog)), ("model", .string(model)),
            ("performance", performance.map { .string($0) }), ("inputHash", .string(inputHash))
        ])
    }
}

extension Refusal {
    /// The refusal as JSON: what conflicts and what would help.
    public var json: JSONValue {
        JSONValue(members: [
            ("status", .string(allocation.status.rawValue)), ("request", request.json),
            (
                "conflict",
                allocation.conflict.map { conflict in
                    .array(
                        conflict.members.map {
                            JSONValue(members: [
                                ("constraint", .string($0.constraint.rawValue)),
                                ("pointer", .string($0.constraint.pointer)), ("remedy", JSONValue($0.remedy))
                            ])
                        })
                }
            ),
            ("alternatives", allocation.conflict.map { .array($0.alternatives.map { .string($0) }) }),
            ("bound", allocation.bound.map { JSONValue(rounded($0, 6)) }), ("eligibility", eligibility.json),
            ("pins", pins.json)
        ])
    }
}
