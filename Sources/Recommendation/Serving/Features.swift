import Foundation
import Marketplace

extension Offer {
    /// What is known of an offer before anyone has dealt with it: provider, place, class, price level, certification.
    public func features(in catalog: Catalog) -> [String: Double] {
        var features: [String: Double] = [
            "provider \(provider)": 1, "metro \(metro)": 1, "class \(storageClass)": 1,
            "access \(access.rawValue)": 1, "zones \(zones.rawValue)": 1
        ]
        if let metro = catalog.metros[metro] {
            features["country \(metro.country)"] = 1
            features["continent \(metro.continent)"] = 1
        }
        if let provider = catalog.providers[provider] {
            features["kind \(provider.kind)"] = 1
            for name in provider.certifications { features["certification \(name)"] = 1 }
            for name in provider.features { features["feature \(name)"] = 1 }
        }
        if let price = tariff.storage.first?.price.doubleValue, price > 0 { features["log storage price"] = log(price) }
        if let price = tariff.egress?.tiers.first?.price.doubleValue {
            features["egress is free"] = price > 0 ? 0 : 1
            features["log egress price"] = log(0.001 + max(0, price))
        }
        return features
    }
}

extension SLARequest {
    /// What is known of a user before it has dealt with anyone: where its readers are and how much it stores.
    public var userFeatures: [String: Double] {
        var features = ["log bytes": log(Double(max(1, logicalBytes)))]
        let counted = traffic.contains { $0.reads > 0 }
        let total = traffic.reduce(0.0) { $0 + Double(counted ? $1.reads : $1.egressBytes) }
        guard total > 0 else { return features }
        for part in traffic {
            features["region \(part.region)", default: 0] += Double(counted ? part.reads : part.egressBytes) / total
        }
        return features
    }
}
