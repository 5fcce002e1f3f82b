import Allocation
import Documents

extension Frontier {
    /// The frontier as JSON: cost in units of the tariffs' asset, for the whole term.
    package var json: JSONValue {
        [
            "complete": .bool(isComplete), "unavailabilityFactor": JSONValue(unavailabilityFactor),
            "latencyFactor": JSONValue(latencyFactor), "solves": JSONValue(solves),
            "milliseconds": JSONValue(milliseconds),
            "points": .array(
                points.map { point in
                    JSONValue(members: [
                        ("cost", JSONValue(point.cost)),
                        ("unavailability", JSONValue(point.quality.unavailability)),
                        ("availability", .string(point.quality.availabilityText)),
                        ("latencyMs", JSONValue(point.quality.latency)),
                        ("misses", .array(point.misses.map { .string($0.rawValue) })),
                        ("placements", .array(point.placements.map(\.json)))
                    ])
                }),
            "gaps": .array(
                gaps.map {
                    [
                        "unavailability": JSONValue($0.quality.unavailability),
                        "latencyMs": JSONValue($0.quality.latency), "leastCost": JSONValue($0.leastCost)
                    ]
                })
        ]
    }
}

extension Placement {
    /// The placement as JSON.
    package var json: JSONValue {
        [
            "data": JSONValue(scheme.data), "shards": JSONValue(scheme.shards), "share": JSONValue(share),
            "offers": .array(legs.map { .string($0.offer.id) })
        ]
    }
}
