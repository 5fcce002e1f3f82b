import Money

/// A change of prices that a provider has announced.
public struct PriceChange: Sendable, Hashable {
    /// The first day on which the new tariff is in force.
    public let from: CalendarDay
    /// The whole tariff from then on.
    public let tariff: Tariff

    /// `tariff` from the day `from` on.
    public init(from: CalendarDay, tariff: Tariff) {
        self.from = from
        self.tariff = tariff
    }
}

extension Offer {
    /// The tariff in force on `day`. O(changes).
    public func tariff(on day: CalendarDay) -> Tariff {
        var (tariff, since) = (tariff, Int.min)
        for change in changes where change.from <= day && change.from.ordinal >= since {
            (tariff, since) = (change.tariff, change.from.ordinal)
        }
        return tariff
    }

    /// The tariffs that bill the months of `request`, the earliest first.
    ///
    /// A billing month begins on the term's day of the month and is billed by the tariff in force on its first day, so
    /// that a change between two such days tells only from the next one on. O(changes × months).
    public func tariffs(for request: SLARequest) -> [Tariff] {
        guard !changes.isEmpty else { return [tariff] }
        var versions = [tariff(on: request.start)]
        for month in 0..<max(0, request.months) {
            let inForce = tariff(on: request.firstDay(ofMonth: month))
            if versions.last != inForce { versions.append(inForce) }
        }
        return versions
    }
}

extension SLARequest {
    /// The first day of month `month` of the term, counted from 0.
    public func firstDay(ofMonth month: Int) -> CalendarDay { start.addingMonths(month) }
}
