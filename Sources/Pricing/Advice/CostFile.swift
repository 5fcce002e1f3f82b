import Documents
import Foundation
import Money

/// A provider's costs as it states them: a small JSON document in which every number carries its unit.
///
/// ```
/// {
///   "provider": "example", "asOf": "2026-11-01", "currency": "EUR",
///   "hardware": "15500 EUR", "life": "5 years", "capacity": "1.2 PB", "utilisation": "75 %",
///   "power": "720 W", "pue": "1.3", "electricity": "0.14 EUR/kWh", "bandwidth": "0.0008 EUR/GB",
///   "operations": "0.60 EUR/TB/month", "capital": "8 %/year", "egressShare": "20 %/month",
///   "sources": {"power": "data sheet of the chassis"}, "assumption": true
/// }
/// ```
///
/// `operations` (staff, space, spares), `capital` (cost of capital), `egressShare` (what leaves in a month, of what is
/// stored), `sources` and `assumption` may be left out. A number without its unit is refused.
public struct CostFile: Sendable, Hashable {
    /// Whose costs they are.
    public let provider: String
    /// The day they held.
    public let asOf: CalendarDay
    /// The currency of every price in the file.
    public let currency: Asset
    /// Price of the hardware, in ``currency``.
    public let hardware: Double
    /// Years until it is written off.
    public let lifeYears: Double
    /// What it can hold of users' data, in gigabytes (10⁹ bytes).
    public let capacityGB: Double
    /// The share of it that is filled, above 0, at most 1.
    public let utilisation: Double
    /// Mean power draw, in watts.
    public let watts: Double
    /// Power usage effectiveness: what the site draws for each watt of the hardware, at least 1.
    public let pue: Double
    /// Price of a kilowatt-hour, in ``currency``.
    public let electricity: Double
    /// Price of a gigabyte that leaves, in ``currency``.
    public let bandwidth: Double
    /// Cost of running a stored gigabyte for a month, in ``currency``; 0 when not stated.
    public let operations: Double
    /// Cost of capital a year, as a share; 0 when not stated.
    public let capital: Double
    /// What leaves in a month for each gigabyte stored; 0 when not stated.
    public let egressShare: Double
    /// Where figures come from, by field.
    public let sources: [String: String]
    /// Whether the figures are somebody's assumption and not the provider's own.
    public let isAssumption: Bool

    /// Reads a file.
    ///
    /// - Throws: `InputError` that names every field at fault and what to write instead.
    public init(parsing bytes: [UInt8], document: String) throws(InputError) {
        let log = IssueLog()
        let reader = ObjectReader(try JSONValue(parsing: bytes, document: document), log: log)
        let provider = reader.string("provider")
        let asOf = reader.day("asOf")
        let currency = reader.asset("currency")
        let code = currency?.code ?? "USD"
        let quantities = QuantityReader(reader: reader, log: log)
        let hardware = quantities.value("hardware", [code: 1], in: 0...1e12, example: "15500 \(code)")
        let life = quantities.value(
            "life", ["years": 1, "year": 1, "months": 1 / 12.0], in: 0.08...50, example: "5 years")
        let capacity = quantities.value(
            "capacity",
            [
                "GB": 1, "TB": 1e3, "PB": 1e6, "EB": 1e9, "GiB": 1.073741824, "TiB": 1.099511627776e3,
                "PiB": 1.125899906842624e6
            ], in: 0...1e13, example: "1.2 PB")
        let utilisation = quantities.value("utilisation", ["%": 0.01], in: 0...1, example: "75 %")
        let watts = quantities.value("power", ["W": 1, "kW": 1e3, "MW": 1e6], in: 0...1e10, example: "720 W")
        let pue = quantities.ratio("pue", in: 1...5)
        let electricity = quantities.value(
            "electricity", ["\(code)/kWh": 1, "\(code)/MWh": 1e-3], in: 0...1e6, example: "0.14 \(code)/kWh")
        let bandwidth = quantities.value(
            "bandwidth", ["\(code)/GB": 1, "\(code)/TB": 1e-3], in: 0...1e6, example: "0.0008 \(code)/GB")
        let operations = quantities.optional(
            "operations", ["\(code)/TB/month": 1e-3, "\(code)/GB/month": 1], in: 0...1e6,
            example: "0.60 \(code)/TB/month")
        let capital = quantities.optional("capital", ["%/year": 0.01], in: 0...1, example: "8 %/year")
        let egress = quantities.optional("egressShare", ["%/month": 0.01], in: 0...100, example: "20 %/month")
        var sources: [String: String] = [:]
        if case .object(let members) = reader.value("sources") {
            for (field, source) in members {
                if case .string(let text) = source {
                    sources[field] = text
                } else {
                    log.report("/sources/\(field)", "expected a string, found \(source.kind)")
                }
            }
        } else if let other = reader.value("sources") {
            log.report("/sources", "expected an object of texts, found \(other.kind)")
        }
        var isAssumption = false
        switch reader.value("assumption") {
        case nil: break
        case .bool(let value): isAssumption = value
        case .some(let other): log.report("/assumption", "expected true or false, found \(other.kind)")
        }
        reader.finish()
        if let capacity, let utilisation, capacity <= 0 || utilisation <= 0 {
            log.report(
                capacity <= 0 ? "/capacity" : "/utilisation", "is zero: there is nothing to share the costs among",
                remedy: "give what the hardware holds, and the share of it that is filled")
        }
        try log.check(document)
        guard let provider, let asOf, let currency, let hardware, let life, let capacity, let utilisation, let watts,
            let pue, let electricity, let bandwidth
        else { throw InputError(document, [InputIssue("", "is no cost file")]) }
        self.provider = provider
        self.asOf = asOf
        self.currency = currency
        self.hardware = hardware
        lifeYears = life
        capacityGB = capacity
        self.utilisation = utilisation
        self.watts = watts
        self.pue = pue
        self.electricity = electricity
        self.bandwidth = bandwidth
        self.operations = operations ?? 0
        self.capital = capital ?? 0
        egressShare = egress ?? 0
        self.sources = sources
        self.isAssumption = isAssumption
    }
}

/// Reads quantities such as `"0.14 EUR/kWh"` from the members of an object.
private struct QuantityReader {
    let reader: ObjectReader
    let log: IssueLog

    /// A required quantity in one of `units`, as a multiple of the one whose factor is 1.
    func value(
        _ field: String, _ units: [String: Double], in range: ClosedRange<Double>, example: String
    ) -> Double? {
        guard reader.has(field) else {
            log.report("/\(field)", "is missing", remedy: "write e.g. \"\(example)\"")
            return nil
        }
        return optional(field, units, in: range, example: example)
    }

    /// The same; nil when it is absent.
    func optional(
        _ field: String, _ units: [String: Double], in range: ClosedRange<Double>, example: String
    ) -> Double? {
        guard let value = reader.value(field) else { return nil }
        let remedy = "write e.g. \"\(example)\""
        switch value {
        case .number(let digits):
            log.report("/\(field)", "\(digits) has no unit", remedy: remedy)
        case .string(let text):
            let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
            guard let first = parts.first, let number = try? ExactDecimal(first) else {
                log.report("/\(field)", "'\(text)' is not a number with a unit", remedy: remedy)
                return nil
            }
            guard parts.count == 2 else {
                log.report("/\(field)", "'\(text)' has no unit", remedy: remedy)
                return nil
            }
            guard let factor = units[parts[1]] else {
                log.report(
                    "/\(field)", "unknown unit '\(parts[1])'",
                    remedy: "use \(units.keys.sorted().joined(separator: ", ")); \(remedy)")
                return nil
            }
            let scaled = number.doubleValue * factor
            if range.contains(scaled) { return scaled }
            log.report("/\(field)", "'\(text)' is out of range", remedy: remedy)
        default: log.report("/\(field)", "expected a text, found \(value.kind)", remedy: remedy)
        }
        return nil
    }

    /// A required number without dimension.
    func ratio(_ field: String, in range: ClosedRange<Double>) -> Double? {
        let digits: String? =
            switch reader.value(field) {
            case .number(let digits), .string(let digits): digits
            default: nil
            }
        guard let digits else {
            log.report("/\(field)", "is missing", remedy: "write a number such as \"1.3\"")
            return nil
        }
        guard let value = (try? ExactDecimal(digits))?.doubleValue, range.contains(value) else {
            log.report(
                "/\(field)", "'\(digits)' is no number \(range.lowerBound)…\(range.upperBound)",
                remedy: "write a number such as \"1.3\"")
            return nil
        }
        return value
    }
}
