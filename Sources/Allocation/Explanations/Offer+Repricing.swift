import Marketplace
import Money

/// Other terms of an offer whose provider may have announced price changes.
///
/// A variant changes every version of the tariff alike, the one in force and the announced ones: a month is billed by
/// the version in force on its first day, and what is asked is about the whole term.
extension Offer {
    /// Makes the same change to every version of the tariff.
    mutating func reprice(_ change: (inout Tariff) -> Void) {
        change(&tariff)
        changes = changes.map { announced in
            var tariff = announced.tariff
            change(&tariff)
            return PriceChange(from: announced.from, tariff: tariff)
        }
    }

    /// Multiplies all storage prices.
    mutating func scaleStorage(by factor: Double) {
        reprice { tariff in
            tariff.storage = tariff.storage.map {
                Tier(upTo: $0.upTo, price: Explainer.decimal($0.price.doubleValue * factor))
            }
        }
    }

    /// Stores every byte at one price a gigabyte (10⁹ bytes) a month, from the first month to the last.
    mutating func storeFlat(perGB price: Double) {
        reprice { tariff in
            tariff.storage = [Tier(price: Explainer.decimal(price * Double(tariff.unit.bytes) / 1e9))]
        }
    }

    /// The highest price of a step of storage a gigabyte (10⁹ bytes) a month, in the months of `request`.
    func dearestStorage(for request: SLARequest) -> Double {
        tariffs(for: request).flatMap { tariff in
            tariff.storage.map { $0.price.doubleValue * 1e9 / Double(tariff.unit.bytes) }
        }
        .max() ?? 0
    }

    /// The limits of egress in the months of `request`, in times what is stored, the earliest first, without repeats in a
    /// row; nil where there is none.
    func egressLimits(for request: SLARequest) -> [ExactDecimal?] {
        tariffs(for: request).map { $0.egress?.limitMultipleOfStored }.reduce(into: []) { limits, limit in
            if limits.last != .some(limit) { limits.append(limit) }
        }
    }

    /// Lifts all limits of egress.
    mutating func liftEgressLimits() { reprice { $0.egress = $0.egress?.limited(to: nil) } }

    /// Moves every limit of egress by `change` times what is stored.
    mutating func moveEgressLimits(by change: Double) {
        reprice { tariff in
            guard let limit = tariff.egress?.limitMultipleOfStored else { return }
            tariff.egress = tariff.egress?.limited(to: Explainer.decimal(limit.doubleValue + change))
        }
    }

    /// What storing `usages`, month by month of `request`, costs a gigabyte (10⁹ bytes) that is billed, free volumes
    /// apart: the flat price that would come to the same. 0 where nothing is stored.
    func meanStoragePrice(_ usages: [Usage], for request: SLARequest) -> Double {
        var (cost, gigabytes) = (0.0, 0.0)
        for (month, usage) in usages.enumerated() {
            let tariff = tariff(on: request.firstDay(ofMonth: month)).withoutFreeVolumes
            let bytes = Double(tariff.billedBytes(usage))
            // The last month is billed on to the minimum duration.
            let lacking = month == usages.count - 1 ? Double(max(0, tariff.minimumDays - request.termDays)) / 30 : 0
            cost += (1 + lacking) * GraduatedCost(tariff.storage, unit: tariff.unit)(bytes)
            gigabytes += (1 + lacking) * bytes / 1e9
        }
        return gigabytes > 0 ? cost / gigabytes : 0
    }
}

extension EgressTariff {
    /// The same prices under another limit, or under none.
    func limited(to multiple: ExactDecimal?) -> EgressTariff {
        EgressTariff(tiers: tiers, allowance: allowance, limitMultipleOfStored: multiple)
    }
}

extension Division {
    /// What an offer stores month by month when the data of `request` is divided so.
    func stored(at id: String, _ request: SLARequest) -> [Usage] {
        (0..<request.months).map { month in
            var usage = Usage(storedBytes: 0)
            for part in parts where part.offers.contains(id) {
                let logical = Int(min(part.share * Double(request.logicalBytes(inMonth: month)), 9e18).rounded())
                guard logical > 0 else { continue }
                usage.volumes += request.storedUsage(part.scheme, logicalBytes: logical).volumes
            }
            return usage
        }
    }
}
