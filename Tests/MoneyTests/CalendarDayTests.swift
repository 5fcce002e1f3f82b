import Money
import Testing

@Suite struct CalendarDayTests {
    static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    static func length(_ year: Int, _ month: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Every day of three centuries by counting, from 1900-01-01, which was 25,567 days before 1970-01-01.
    @Test func everyDayFrom1900To2200() throws {
        var ordinal = -25_567
        for year in 1900...2200 {
            for month in 1...12 {
                for day in 1...Self.length(year, month) {
                    let value = CalendarDay(ordinal: ordinal)
                    guard (value.year, value.month, value.day) == (year, month, day),
                        try CalendarDay(value.description) == value
                    else {
                        Issue.record("\(year)-\(month)-\(day) is \(value)")
                        return
                    }
                    ordinal += 1
                }
            }
        }
        #expect(try CalendarDay("1970-01-01").ordinal == 0)
        #expect(try CalendarDay("2000-03-01").ordinal == 11_017)
    }

    @Test(arguments: [
        "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-1-01", "26-01-01", "2026-01-1",
        "2026/01/01", "", "2026-01-01T00:00", "+026-01-01", "0000-01-01", "2026-01-00", "２０２６-01-01", "2026-01-01 "
    ])
    func refusesWhatIsNoDay(_ text: String) {
        #expect(throws: MoneyError.notADay(text)) { try CalendarDay(text) }
    }

    @Test func monthsLater() throws {
        func later(_ text: String, _ months: Int) throws -> String {
            try CalendarDay(text).addingMonths(months).description
        }
        #expect(try later("2026-01-31", 1) == "2026-02-28")
        #expect(try later("2028-01-31", 1) == "2028-02-29")
        #expect(try later("2026-12-15", 1) == "2027-01-15")
        #expect(try later("2026-12-31", 14) == "2028-02-29")
        #expect(try later("2026-05-31", 0) == "2026-05-31")
        #expect(try later("2026-03-31", -1) == "2026-02-28")
        #expect(try later("2026-01-10", -13) == "2024-12-10")
        for offset in stride(from: -3000, to: 90_000, by: 17) {
            let day = CalendarDay(ordinal: offset)
            for months in [1, 5, 12, 25] {
                let next = day.addingMonths(months)
                let index = day.year * 12 + day.month - 1 + months
                #expect(next.year == index / 12 && next.month == index % 12 + 1)
                #expect(next.day == min(day.day, Self.length(next.year, next.month)))
            }
        }
    }

    @Test func order() throws {
        #expect(try CalendarDay("2026-09-30") < CalendarDay("2026-10-01"))
        #expect(CalendarDay(ordinal: -1).description == "1969-12-31")
    }
}
