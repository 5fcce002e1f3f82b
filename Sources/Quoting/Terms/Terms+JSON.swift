import Documents
import MarketplaceContract
import Money

extension Terms {
    /// The terms as JSON: calls in signature order, guard, repository, promises, payments.
    public var json: JSONValue {
        [
            "contract": contract.json, "repository": repository.json,
            "enforcedOnChain": .array(Self.onChain.map { .string($0) }),
            "offChain": .array(Self.offChain.map { .string($0) }), "legs": .array(legs.map(\.json)),
            "payments": .array(payments.map(\.json))
        ]
    }
}

extension LegTerms {
    var json: JSONValue {
        JSONValue(members: [
            ("offer", .string(offer)), ("provider", .string(provider)), ("bucket", bucket.map { JSONValue($0) }),
            ("createDeal", createDeal.json), ("setDealFunded", setDealFunded.json), ("priceGuard", priceGuard.json),
            ("priceIs", .string(isPriceExact ? "the tariff's" : "an average of the tariff")),
            ("sla", .array(metrics.map(\.json))), ("breachProbability", breach.json)
        ])
    }
}

extension RepositoryPlan {
    var json: JSONValue {
        [
            "storageType": .string(storageType), "mode": .string(mode.rawValue),
            "repoBuckets": .array(
                buckets.map {
                    ["offer": .string($0.offer), "folder": .string($0.folder), "master": .bool($0.isMaster)]
                })
        ]
    }
}

extension PaymentStream {
    var json: JSONValue {
        let via: JSONValue =
            switch route {
            case .direct(let wallet): ["wallet": .string(wallet.address), "network": .string(wallet.network)]
            case .platform: "platform"
            }
        return JSONValue(members: [
            ("to", .string(provider ?? "platform")), ("from", .string(start.description)),
            ("until", .string(end.description)), ("amount", amount.json), ("paid", paid?.json),
            ("feeBasisPoints", JSONValue(feeBasisPoints)), ("via", via)
        ])
    }
}

extension SLAMetric {
    var json: JSONValue {
        let consequence: JSONValue =
            switch consequence {
            case .forfeit: "forfeit of all that is pending, reputation −1"
            case .credit(let basisPoints): ["creditBasisPoints": JSONValue(basisPoints)]
            }
        let isMaximum = name == .latency || name == .errorRate
        return [
            "metric": .string(name.rawValue), isMaximum ? "atMost" : "atLeast": .string(threshold.description),
            "window": .string(window), "onChain": .bool(isOnChain), "otherwise": consequence
        ]
    }
}

extension BreachProbability {
    var json: JSONValue {
        JSONValue(members: [
            ("latency", latency.map { JSONValue(rounded($0, 6)) }), ("latencyFrom", .string(latencyBasis.rawValue)),
            ("uptime", uptime.map { JSONValue(rounded($0, 6)) }), ("uptimeFrom", .string(uptimeBasis.rawValue)),
            ("either", either.map { JSONValue(rounded($0, 6)) })
        ])
    }
}
