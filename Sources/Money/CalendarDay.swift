/// A day of the Gregorian calendar, without a time zone.
public struct CalendarDay: Sendable, Hashable {
    /// Days since 1970-01-01.
    public let ordinal: Int

    /// The day `ordinal` days after 1970-01-01.
    public init(ordinal: Int) { self.ordinal = ordinal }

    /// The day, in UTC, that a moment in seconds since 1970 lies in.
    public init(secondsSince1970 seconds: Int) {
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        ordinal = rest < 0 ? days - 1 : days
    }

    /// Reads `YYYY-MM-DD`; days that do not exist are refused.
    public init(_ text: String) throws(MoneyError) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), year > 0,
            (1...12).contains(month)
        else { throw .notADay(text) }
        self.init(year: year, month: month, day: day)
        guard (self.year, self.month, self.day) == (year, month, day) else { throw .notADay(text) }
    }

    /// Days from the civil date (Hinnant, *chrono-compatible low-level date algorithms*).
    private init(year: Int, month: Int, day: Int) {
        let y = month <= 2 ? year - 1 : year
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        ordinal = era * 146_097 + dayOfEra - 719_468
    }

    /// Year, month and day.
    private var civil: (year: Int, month: Int, day: Int) {
        let shifted = ordinal + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The year.
    public var year: Int { civil.year }
    /// The month, 1…12.
    public var month: Int { civil.month }
    /// The day of the month, 1…31.
    public var day: Int { civil.day }

    /// The same day `count` months later, or the last day of that month when it is shorter.
    public func addingMonths(_ count: Int) -> CalendarDay {
        let (year, month, day) = civil
        let index = year * 12 + month - 1 + count
        let first = CalendarDay(year: index / 12, month: index % 12 + 1, day: 1)
        let next = CalendarDay(year: (index + 1) / 12, month: (index + 1) % 12 + 1, day: 1)
        return CalendarDay(ordinal: first.ordinal + min(day, next.ordinal - first.ordinal) - 1)
    }
}

extension CalendarDay: Comparable {
    /// Earlier days come first.
    public static func < (one: CalendarDay, other: CalendarDay) -> Bool { one.ordinal < other.ordinal }
}

extension CalendarDay: CustomStringConvertible {
    /// `YYYY-MM-DD`.
    public var description: String {
        let (year, month, day) = civil
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}
