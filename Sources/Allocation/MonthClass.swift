import Foundation
import Marketplace
import Money

/// Months of a term that are alike: the same volume stored and the same credits alive.
public struct MonthClass: Sendable, Hashable {
    /// The months, counted from 0.
    public let months: [Int]
    /// Logical bytes stored in each of them.
    public let logicalBytes: Int
    /// Indices of the request's credits that pay for each of them.
    public let credits: [Int]
}

extension SLARequest {
    /// Logical bytes stored in month `month`, counted from 0: grown by compound interest, in whole bytes.
    public func logicalBytes(inMonth month: Int) -> Int {
        guard monthlyGrowth != .zero, month > 0 else { return logicalBytes }
        let grown = Double(logicalBytes) * pow(1 + monthlyGrowth.doubleValue, Double(month))
        return max(1, Int(min(grown, 9e18).rounded(.up)))
    }

    /// The term's months by class, in order of their first month.
    ///
    /// A credit pays for a month when it has not expired on the month's last day.
    public var monthClasses: [MonthClass] {
        struct Key: Hashable {
            let bytes: Int
            let credits: [Int]
        }
        var order: [Key] = []
        var months: [Key: [Int]] = [:]
        for month in 0..<self.months {
            let lastDay = start.addingMonths(month + 1).ordinal - 1
            let alive = credits.indices.filter { credits[$0].expires.ordinal >= lastDay }
            let key = Key(bytes: logicalBytes(inMonth: month), credits: alive)
            if months[key] == nil { order.append(key) }
            months[key, default: []].append(month)
        }
        return order.map { MonthClass(months: months[$0] ?? [], logicalBytes: $0.bytes, credits: $0.credits) }
    }

    /// The largest volume of the term, in logical bytes.
    public var peakLogicalBytes: Int { (0..<months).map(logicalBytes(inMonth:)).max() ?? logicalBytes }

    /// Days of the term, a month being 30 days as in the tariffs.
    public var termDays: Int { months * 30 }
}
