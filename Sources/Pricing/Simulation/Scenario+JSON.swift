import Documents
import Money

extension Scenario {
    /// Reads a scenario. `name` and `market` are required; everything else has the default of its property.
    ///
    /// - Throws: `InputError` with everything that is wrong: unknown fields, numbers out of range, fields of another market.
    public init(_ document: JSONValue, document name: String = "scenario") throws(InputError) {
        let log = IssueLog()
        let reader = ObjectReader(document, log: log)
        self.init(
            name: reader.string("name") ?? "",
            market: reader.choice("market", Market.allCases.map(\.rawValue)).flatMap(Market.init(rawValue:)) ?? .logit)
        reader.whole("seed", in: 0...Int.max) { seed = UInt64($0) }
        reader.whole("quotes", in: 100...100_000) { quotes = $0 }
        reader.whole("weeks", in: 8...520) { weeks = $0 }
        reader.whole("providers", in: 3...60) { providers = $0 }
        reader.whole("replications", in: 1...10_000) { replications = $0 }
        reader.whole("rounds", in: 2...10_000) { rounds = $0 }
        if let inner = reader.object("shown") { shown = inner.range(shown.wide, in: 1...60).whole }
        if let inner = reader.object("demand") { demand = Demand(inner, market) }
        if let inner = reader.object("supply") { supply = Supply(inner, market) }
        if market == .program, let inner = reader.object("acceptance") { acceptance = Acceptance(inner) }
        reader.finish()
        if shown.upperBound > providers {
            log.report("/shown/to", "is \(shown.upperBound), above the number of providers, \(providers)")
        }
        if quotes < weeks { log.report("/quotes", "is below the number of weeks", remedy: "use at least \(weeks)") }
        try log.check(name)
    }
}

extension Scenario.Demand {
    fileprivate init(_ reader: ObjectReader, _ market: Scenario.Market) {
        self.init()
        if market != .program {
            reader.number("constant", in: -20...20) { constant = $0 }
            reader.number("priceSensitivity", in: 0.001...1000) { priceSensitivity = $0 }
            reader.number("egress", in: -10...10) { egress = $0 }
            reader.number("nines", in: -10...10) { nines = $0 }
            reader.number("latency", in: -10...10) { latency = $0 }
            reader.number("certification", in: -10...10) { certification = $0 }
            reader.number("lastingQuality", in: 0...5) { lastingQuality = $0 }
            reader.number("weeklyQuality", in: 0...5) { weeklyQuality = $0 }
        }
        if market == .nested {
            reader.number("dissimilarity", in: 0.05...1) { dissimilarity = $0 }
            reader.whole("groups", in: 1...20) { groups = $0 }
        }
        if market == .mixed { reader.number("sensitivitySpread", in: 0...2) { sensitivitySpread = $0 } }
        reader.finish()
    }
}

extension Scenario.Supply {
    fileprivate init(_ reader: ObjectReader, _ market: Scenario.Market) {
        self.init()
        if let inner = reader.object("cost") { cost = inner.range(cost, in: 0.001...10_000) }
        if let inner = reader.object("markup") { markup = inner.range(markup, in: 0...10) }
        reader.number("shifter", in: 0...100) { shifter = $0 }
        if market != .program { reader.number("qualityPassThrough", in: -100...100) { qualityPassThrough = $0 } }
        reader.number("noise", in: 0...100) { noise = $0 }
        reader.finish()
    }
}

extension Scenario.Acceptance {
    fileprivate init(_ reader: ObjectReader) {
        self.init()
        reader.number("intercept", in: -50...50) { intercept = $0 }
        reader.number("slope", in: 0.01...100) { slope = $0 }
        reader.number("referencePrice", in: 0.000001...1000) { referencePrice = $0 }
        reader.finish()
    }
}

extension ObjectReader {
    /// Takes an optional whole number.
    fileprivate func whole(_ key: String, in range: ClosedRange<Int>, _ take: (Int) -> Void) {
        if has(key), let value = integer(key, in: range) { take(value) }
    }

    /// Takes an optional number within bounds of at most six decimals.
    fileprivate func number(_ key: String, in range: ClosedRange<Double>, _ take: (Double) -> Void) {
        func exact(_ value: Double) -> ExactDecimal {
            (try? ExactDecimal(significand: Int128((value * 1e6).rounded()), scale: 6)) ?? .zero
        }
        guard has(key), let value = decimal(key, in: exact(range.lowerBound)...exact(range.upperBound)) else { return }
        take(value.doubleValue)
    }

    /// An object of `from` and `to`; the default of what is at fault, which is noted.
    fileprivate func range(_ standard: ClosedRange<Double>, in allowed: ClosedRange<Double>) -> ClosedRange<Double> {
        var (from, to) = (standard.lowerBound, standard.upperBound)
        number("from", in: allowed) { from = $0 }
        number("to", in: allowed) { to = $0 }
        finish()
        guard from <= to else {
            log.report(location("to"), "is \(to), below 'from', \(from)")
            return standard
        }
        return from...to
    }
}

extension ClosedRange where Bound == Int {
    fileprivate var wide: ClosedRange<Double> { Double(lowerBound)...Double(upperBound) }
}

extension ClosedRange where Bound == Double {
    /// The whole numbers within bounds that are small.
    fileprivate var whole: ClosedRange<Int> { Int(lowerBound.rounded())...Int(upperBound.rounded()) }
}
