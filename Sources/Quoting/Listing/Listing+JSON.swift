import Documents
import Marketplace
import Money

extension ListedOffer {
    /// The offer with everything that a choice rests on; prices are for `volumeBytes`.
    public func json(volumeBytes: Int) -> JSONValue {
        let gigabytes = (try? ExactDecimal(significand: Int128(volumeBytes), scale: 9)) ?? .zero
        return JSONValue(members: [
            ("offer", offer.json), ("providerName", .string(provider.name)), ("metroName", .string(metro.name)),
            ("country", .string(metro.country)), ("continent", .string(metro.continent)),
            ("jurisdictions", .array(metro.jurisdictions.map { .string($0) })),
            ("apis", .array(provider.apis.map { .string($0) })),
            ("features", .array(provider.features.map { .string($0) })),
            ("certifications", .array(provider.certifications.map { .string($0) })),
            ("reputation", JSONValue(provider.reputation)),
            (
                "price",
                monthly.map { monthly in
                    JSONValue(members: [
                        ("storageGB", .string(gigabytes.description)), ("monthly", .string(monthly.decimalText)),
                        ("perGB", pricePerGB(volumeBytes).map { .string($0.description) }),
                        ("asset", .string(monthly.asset.code))
                    ])
                }
            ),
            ("latencyMs", latencyMs.map { JSONValue(rounded($0, 3)) }), ("measured", measured.json)
        ])
    }
}

extension [MeasurementMetric: MeasurementSummary] {
    /// By metric, in its unit.
    var json: JSONValue {
        .object(
            Dictionary<String, JSONValue>(
                uniqueKeysWithValues: map { metric, summary in
                    (
                        metric.rawValue,
                        [
                            "count": JSONValue(summary.count), "mean": JSONValue(rounded(summary.mean, 6)),
                            "p10": JSONValue(rounded(summary.tenth, 6)),
                            "p50": JSONValue(rounded(summary.median, 6)),
                            "p90": JSONValue(rounded(summary.ninetieth, 6)),
                            "newest": .string(UTCTime.text(summary.newest))
                        ]
                    )
                }))
    }
}

extension RegisterEntry {
    /// The entry with its days; `until` is absent while it has no end.
    var json: JSONValue {
        JSONValue(members: [
            ("status", .string(status)), ("since", .string(since.description)),
            ("until", until.map { .string($0.description) }), ("evidence", .string(evidence))
        ])
    }
}

extension ProviderProfile {
    /// The profile as JSON.
    public var json: JSONValue {
        func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
        return JSONValue(members: [
            ("id", .string(provider.id)), ("name", .string(provider.name)), ("kind", .string(provider.kind)),
            ("country", .string(provider.country)), ("apis", texts(provider.apis)),
            ("features", texts(provider.features)), ("certifications", texts(provider.certifications)),
            ("reputation", JSONValue(provider.reputation)),
            ("assumedAvailability", .string(provider.assumedAvailability.description)),
            (
                "standing",
                JSONValue(members: [
                    ("asOf", .string(day.description)), ("certified", .bool(standing.isCertified)),
                    ("current", standing.current?.json), ("history", .array(standing.history.map(\.json)))
                ])
            ),
            (
                "compliance",
                [
                    "jurisdictions": texts(jurisdictions),
                    "locations": .array(
                        locations.map { region, metro in
                            JSONValue(members: [
                                ("region", .string(region)), ("metro", .string(metro.id)),
                                ("name", .string(metro.name)), ("country", .string(metro.country)),
                                ("continent", .string(metro.continent)), ("jurisdictions", texts(metro.jurisdictions)),
                                ("latitude", metro.coordinates.map { JSONValue($0.latitude) }),
                                ("longitude", metro.coordinates.map { JSONValue($0.longitude) })
                            ])
                        })
                ]
            ),
            (
                "measuredPeriod",
                [
                    "from": .string(UTCTime.text(period.lowerBound)),
                    "until": .string(UTCTime.text(period.upperBound))
                ]
            ),
            ("offers", .array(offers.map { $0.json(volumeBytes: volumeBytes) }))
        ])
    }
}
