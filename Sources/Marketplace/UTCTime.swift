import Money

/// Seconds since 1970-01-01T00:00:00Z as the text that files and documents carry: `2026-05-01T12:34:56Z`.
public enum UTCTime {
    /// The seconds that `text` names; nil unless it is exactly of the form `YYYY-MM-DDThh:mm:ssZ`.
    public static func seconds(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 20, bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"), bytes[19] == UInt8(ascii: "Z"),
            let day = try? CalendarDay(String(decoding: bytes[0..<10], as: UTF8.self)),
            let hour = twoDigits(bytes[11], bytes[12]), let minute = twoDigits(bytes[14], bytes[15]),
            let second = twoDigits(bytes[17], bytes[18]), hour < 24, minute < 60, second < 60
        else { return nil }
        return day.ordinal * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// `seconds` as `YYYY-MM-DDThh:mm:ssZ`.
    public static func text(_ seconds: Int) -> String {
        let day = day(seconds)
        let rest = seconds - day.ordinal * 86_400
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(day)T\(padded(rest / 3600)):\(padded(rest / 60 % 60)):\(padded(rest % 60))Z"
    }

    /// The day, in UTC, that `seconds` lies in.
    public static func day(_ seconds: Int) -> CalendarDay { CalendarDay(secondsSince1970: seconds) }

    private static func twoDigits(_ tens: UInt8, _ ones: UInt8) -> Int? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard digits.contains(tens), digits.contains(ones) else { return nil }
        return Int(tens - digits.lowerBound) * 10 + Int(ones - digits.lowerBound)
    }
}
