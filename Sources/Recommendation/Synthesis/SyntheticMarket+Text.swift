import Documents
import Foundation
import Marketplace

extension Interaction {
    /// Interactions as the CSV file that the store imports: `time,user,offer,kind`.
    public static func csv(_ interactions: some Sequence<Interaction>) -> String {
        var text = "time,user,offer,kind\n"
        for event in interactions {
            text += "\(UTCTime.text(event.time)),\(field(event.user)),\(field(event.offer)),\(event.kind.rawValue)\n"
        }
        return text
    }
}

extension Marketplace.Measurement {
    /// Measurements as the CSV file that the store imports: `time,region,offer,metric,value`.
    public static func csv(_ measurements: some Sequence<Marketplace.Measurement>) -> String {
        var text = "time,region,offer,metric,value\n"
        for one in measurements {
            text += "\(UTCTime.text(one.time)),\(field(one.region)),\(field(one.offer)),"
            text += "\(one.metric.rawValue),\(one.value)\n"
        }
        return text
    }
}

/// A field of a CSV row, in quotes where it needs them (RFC 4180).
private func field(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
}

extension SyntheticMarket {
    /// Everything that is hidden behind the events and measurements, as compact JSON.
    ///
    /// Users and offers are arrays of values in the order of `userColumns` and `offerColumns`. Numbers have three
    /// decimals; with the catalogue of `catalogVersion` they give every utility and every mean.
    public func truthJSON() -> String {
        let userRows = users.map { user -> JSONValue in
            .array(
                [
                    .string(user.id), .string(user.archetype.rawValue), .string(user.region), JSONValue(user.volumeGB),
                    number(user.priceWeight), number(user.latencyWeight), number(user.availabilityWeight),
                    number(user.jurisdictionWeight), JSONValue(user.jurisdiction), vector(user.taste)
                ])
        }
        let offerRows = catalog.offers.indices.map { position -> JSONValue in
            .array([
                .string(catalog.offers[position].id), number(quality.offerEffect[position]),
                vector(quality.offerVector[position]), number(quality.throughput[position]),
                .number(decimal(quality.availability[position], places: 7))
            ])
        }
        let value: JSONValue = [
            "seed": .number(String(seed)), "days": JSONValue(days), "catalogVersion": .string(catalog.version),
            "end": .string(UTCTime.text(settings.end)), "shown": JSONValue(settings.shown),
            "outsideUtility": number(settings.outsideUtility), "observationSpread": number(settings.observationSpread),
            "referenceLatencyMs": number(Self.referenceLatency), "serviceTimeMs": number(SyntheticQuality.serviceTime),
            "userColumns": [
                "id", "archetype", "region", "volumeGB", "priceWeight", "latencyWeight", "availabilityWeight",
                "jurisdictionWeight", "jurisdiction", "taste"
            ],
            "users": .array(userRows),
            "offerColumns": ["id", "latencyEffect", "latencyVector", "throughputMBps", "availability"],
            "offers": .array(offerRows),
            "regions": .object(quality.regionEffect.mapValues(number)),
            "regionVectors": .object(quality.regionVector.mapValues(vector)),
            "classes": .object(
                Dictionary(
                    catalog.offers.indices.map { position in
                        let parts: JSONValue = [
                            "appeal": number(appeal[position]), "traits": vector(traits[position])
                        ]
                        return (catalog.offers[position].className, parts)
                    }
                ) { $1 })
        ]
        return value.text() + "\n"
    }

    private func number(_ value: Double) -> JSONValue { .number(decimal(value, places: 3)) }

    private func vector(_ values: [Double]) -> JSONValue { .array(values.map(number)) }

    /// A finite number with so many decimals at most and no superfluous zeros.
    private func decimal(_ value: Double, places: Int) -> String {
        var text = String(format: "%.\(places)f", value)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : text
    }
}
