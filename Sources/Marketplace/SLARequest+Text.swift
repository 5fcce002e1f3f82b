import Documents
import Money

extension SLARequest {
    /// The request as JSON, with every default spelled out; reading it gives an equal request.
    public var json: JSONValue {
        func text(_ value: ExactDecimal?) -> JSONValue? { value.map { .string($0.description) } }
        var redundancy: [(String, JSONValue?)] = [
            ("tolerate", ["providers": JSONValue(toleratedProviders), "regions": JSONValue(toleratedRegions)])
        ]
        switch self.redundancy {
        case .auto: redundancy.append(("scheme", "auto"))
        case .fixed(let scheme) where scheme.data == 1:
            redundancy += [("scheme", "replication"), ("copies", JSONValue(scheme.shards))]
        case .fixed(let scheme):
            redundancy += [
                ("scheme", "erasure"), ("data", JSONValue(scheme.data)), ("parity", JSONValue(scheme.parity))
            ]
        }
        return JSONValue(members: [
            ("user", .string(user)),
            (
                "storage",
                [
                    "logicalGB": .string(Self.volumeText(logicalBytes, decimals: 9)),
                    "meanObjectMB": .string(Self.volumeText(meanObjectBytes, decimals: 6)),
                    "monthlyGrowth": .string(monthlyGrowth.description)
                ]
            ),
            ("term", ["start": .string(start.description), "months": JSONValue(months)]),
            ("traffic", .array(traffic.map(\.json))),
            ("redundancy", JSONValue(members: redundancy)),
            ("qos", qosJSON),
            (
                "budget",
                budget.map {
                    [
                        "amount": .string($0.amount.decimalText), "asset": .string($0.amount.asset.code),
                        "per": .string($0.period.rawValue)
                    ]
                }
            ),
            ("eligibility", eligibilityJSON),
            (
                "diversification",
                JSONValue(members: [
                    ("maxProviderShare", text(maxProviderShare)), ("minProviders", JSONValue(minProviders))
                ])
            ),
            ("credits", .array(credits.map(\.json))),
            (
                "current",
                .array(
                    current.map {
                        JSONValue(members: [
                            ("offer", .string($0.offer)),
                            ("logicalGB", .string(Self.volumeText($0.logicalBytes, decimals: 9))),
                            ("since", $0.since.map { .string($0.description) })
                        ])
                    })
            ),
            ("preference", ["recommended": .string(recommendedPreference.description)]),
            ("payment", payment.map { ["asset": .string($0.code)] })
        ])
    }

    private var qosJSON: JSONValue {
        JSONValue(members: [
            ("availability", qos.availability.map { .string($0.description) }),
            ("durabilityNines", qos.durabilityNines.map { JSONValue($0) }),
            ("latencyMs", qos.latencyMs.map { .string($0.description) }),
            ("uploadMBps", qos.uploadMBps.map { .string($0.description) }),
            ("downloadMBps", qos.downloadMBps.map { .string($0.description) }),
            ("errorRate", qos.errorRate.map { .string($0.description) })
        ])
    }

    private var eligibilityJSON: JSONValue {
        func list(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
        return JSONValue(members: [
            ("providers", ["allow": list(eligibility.allow), "deny": list(eligibility.deny)]),
            ("jurisdictions", list(eligibility.jurisdictions)), ("certifications", list(eligibility.certifications)),
            ("features", list(eligibility.features)), ("api", eligibility.api.map { .string($0) }),
            ("minReputation", eligibility.minReputation.map { JSONValue($0) })
        ])
    }

    /// Bytes as a decimal of units of 10^`decimals` bytes.
    static func volumeText(_ bytes: Int, decimals: Int) -> String {
        (try? ExactDecimal(significand: Int128(bytes), scale: decimals))?.description ?? "0"
    }
}

extension SLARequest.Traffic {
    /// The traffic as a request states it.
    var json: JSONValue {
        [
            "region": .string(region), "egressGB": .string(SLARequest.volumeText(egressBytes, decimals: 9)),
            "reads": JSONValue(reads), "writes": JSONValue(writes)
        ]
    }
}

extension SLARequest.Credit {
    /// The credit as a request states it.
    var json: JSONValue {
        [
            "provider": .string(provider), "amount": .string(amount.decimalText), "asset": .string(amount.asset.code),
            "expires": .string(expires.description)
        ]
    }
}
