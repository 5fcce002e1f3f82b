import Foundation
import Marketplace
import Money

/// Months of a term that are alike: the same volume stored, the same credits alive, and the same prices in force.
public struct MonthClass: Sendable, Hashable {
    /// The months, counted from 0; they follow one another.
    public let months: [Int]
    /// Logical bytes stored in each of them.
    public let logicalBytes: Int
    /// Indices of the request's credits that pay for each of them.
    public let credits: [Int]
    /// The first day of the first of them: what prices are in force then bill all of them.
    public let firstDay: CalendarDay
}

extension SLARequest {
    /// Logical bytes stored in month `month`, counted from 0: grown by compound interest, in whole bytes.
    public func logicalBytes(inMonth month: Int) -> Int {
        guard monthlyGrowth != .zero, month > 0 else { return logicalBytes }
        let grown = Double(logicalBytes) * pow(1 + monthlyGrowth.doubleValue, Double(month))
        return max(1, Int(min(grown, 9e18).rounded(.up)))
    }

    /// Indices of the credits that pay for month `month`: those that have not expired on its last day.
    func credits(inMonth month: Int) -> [Int] {
        let lastDay = firstDay(ofMonth: month + 1).ordinal - 1
        return credits.indices.filter { credits[$0].expires.ordinal >= lastDay }
    }

    /// The months, counted from 0, before which a price of `offers` changes, ascending.
    ///
    /// A month is billed by the tariff in force on its first day. O(offers + changes).
    func monthsOfChange(_ offers: [Offer]) -> [Int] {
        let days = Set(offers.lazy.flatMap(\.changes).map(\.from)).filter { $0 > start }
        let months = days.compactMap { day in (1..<max(1, self.months)).first { firstDay(ofMonth: $0) >= day } }
        return Set(months).sorted()
    }

    /// The term's months by class, in order, when the data may lie on `offers`.
    public func monthClasses(_ offers: [Offer]) -> [MonthClass] {
        let changes = monthsOfChange(offers)
        var classes: [MonthClass] = []
        for month in 0..<max(0, months) {
            let (bytes, alive) = (logicalBytes(inMonth: month), credits(inMonth: month))
            if let last = classes.last, last.logicalBytes == bytes, last.credits == alive, !changes.contains(month) {
                classes.removeLast()
                classes.append(
                    MonthClass(
                        months: last.months + [month], logicalBytes: bytes, credits: alive, firstDay: last.firstDay))
            } else {
                classes.append(
                    MonthClass(
                        months: [month], logicalBytes: bytes, credits: alive, firstDay: firstDay(ofMonth: month)))
            }
        }
        return classes
    }

    /// The largest volume of the term, in logical bytes.
    public var peakLogicalBytes: Int { (0..<months).map(logicalBytes(inMonth:)).max() ?? logicalBytes }

    /// Days of the term, a month being 30 days as in the tariffs.
    public var termDays: Int { months * 30 }
}
