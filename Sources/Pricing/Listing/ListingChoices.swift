import Documents
import Money

/// What users picked from the listing by themselves: who was shown at which price, and what was taken.
///
/// Read from long format: the rows of one `request` are the offers that were shown, at most one of a `provider`; `price` is
/// in USD per GB (10⁹ bytes) and month, `volume` in gigabytes times months, stored if an offer is taken; `chosen` is 1 in at
/// most one row; `week` counts whole weeks. Columns whose names begin with `cost_shifter` move costs but not users; every
/// other column but `user` is an attribute that users see.
public struct ListingChoices: Sendable {
    /// The choices; each shifter has a column for each provider, for prices follow costs at a markup of the provider's own.
    private(set) var data: ChoiceData
    /// The attributes of utility.
    public private(set) var attributes: [String]
    /// The shifters, a provider each.
    let shifters: [String]
    /// The last day of the week of each choice.
    let days: [CalendarDay]
    /// Where they come from, for people.
    public let source: String

    static let price = "price"
    static let volume = "volume"
    /// Each provider's mean price, an attribute.
    static let usualPrice = "usual price"
    /// The most attributes.
    static let mostAttributes = 32
    /// The most providers where there are shifters, each of which has a column for each provider.
    static let mostProviders = 64
    /// What the name of a column that moves costs alone begins with.
    static let shifter = "cost_shifter"

    /// How many choices there are.
    public var count: Int { data.situations }

    /// Reads a file.
    ///
    /// - Parameter weekZero: the first day of week 0.
    /// - Throws: ``PricingError/input(_:)`` naming line or choice, and column, of what is wrong. O(bytes).
    public init(
        csv bytes: [UInt8], document: String, weekZero: CalendarDay = CalendarDay(ordinal: 0)
    ) throws(PricingError) {
        let data = try ChoiceData(csv: bytes, document: document)
        let log = IssueLog()
        let weeks = data.groupings["week"]
        for (column, isPresent, remedy) in [
            ("week", weeks != nil, "give whole weeks since week 0"),
            ("provider", !data.providers.isEmpty, "name the provider of each row"),
            (Self.price, data.variables.contains(Self.price), "give USD per GB and month"),
            (
                Self.volume, data.variables.contains(Self.volume),
                "give the gigabytes times months that are stored if an offer is taken"
            )
        ] where !isPresent {
            log.report("line 1", "the column '\(column)' is missing", remedy: remedy)
        }
        do { try log.check(document) } catch { throw .input(error) }
        try self.init(data, weeks: weeks ?? [], document: document, weekZero: weekZero, log: log)
    }

    private init(
        _ data: ChoiceData, weeks: [Int], document: String, weekZero: CalendarDay, log: IssueLog
    ) throws(PricingError) {
        let (prices, volumes) = (try data.values(of: Self.price), try data.values(of: Self.volume))
        for situation in 0..<data.situations where log.issues.count < 20 {
            let rows = data.starts[situation]..<data.starts[situation + 1]
            let place = "choice \(situation + 1)"
            if !rows.allSatisfy({ (0...100_000).contains(prices[$0]) }) {
                log.report("\(place), price", "lies outside of 0…100000", remedy: "give USD per GB and month")
            }
            let volume = volumes[rows.lowerBound]
            if !(volume > 0 && volume <= 1e15) || !rows.allSatisfy({ volumes[$0] == volume }) {
                log.report(
                    "\(place), volume", "is not one number above 0 and up to 1e15 in all its rows",
                    remedy: "give the gigabytes times months that the user stores")
            }
            if Set(rows.map { data.providerOfRow[$0] }).count < rows.count {
                log.report(
                    "\(place), provider", "is named in two rows", remedy: "keep the offer that the user looked at")
            }
            if !(-100_000...1_000_000).contains(weeks[situation]) {
                log.report("\(place), week", "\(weeks[situation]) is out of range", remedy: "count weeks from week 0")
            }
        }
        let own = data.variables.filter { $0.hasPrefix(Self.shifter) }
        attributes = data.variables.filter { $0 != Self.price && $0 != Self.volume && !own.contains($0) }
        if attributes.count > Self.mostAttributes {
            log.report(
                "line 1", "\(attributes.count) columns of attributes are more than \(Self.mostAttributes)",
                remedy: "keep those that users look at")
        }
        if !own.isEmpty, data.providers.count > Self.mostProviders {
            log.report(
                "line 1", "\(data.providers.count) providers with cost shifters are more than \(Self.mostProviders)",
                remedy: "keep the choices that showed your offer and its nearest rivals")
        }
        for name in [OwnChoiceLogit.own, OwnChoiceLogit.rival, ControlFunction.residual, Self.usualPrice]
        where attributes.contains(name) {
            log.report("line 1", "the name of the column '\(name)' is taken", remedy: "rename it")
        }
        do { try log.check(document) } catch { throw .input(error) }
        var (expanded, shifters) = (data, [String]())
        for name in own {
            let values = try data.values(of: name)
            for (index, provider) in data.providers.enumerated() {
                let column = values.indices.map { Int(data.providerOfRow[$0]) == index ? values[$0] : 0 }
                guard Self.isVarying(column) else { continue }
                expanded = try expanded.adding("\(name) \(provider)", column)
                shifters.append("\(name) \(provider)")
            }
        }
        self.data = expanded
        self.shifters = shifters
        days = weeks.map { CalendarDay(ordinal: weekZero.ordinal + 7 * $0 + 6) }
        source = document
    }

    private init(_ other: ListingChoices, _ kept: (Int) -> Bool) throws(PricingError) {
        data = try other.data.filtered(kept)
        days = other.days.indices.filter(kept).map { other.days[$0] }
        (attributes, source) = (other.attributes, other.source)
        let data = data
        shifters = other.shifters.filter { name in (try? data.values(of: name)).map(Self.isVarying) ?? false }
    }

    /// Whether a provider's shifter is on record in more than one state, so that it says what costs move; other providers'
    /// rows have 0.
    private static func isVarying(_ column: [Double]) -> Bool {
        let first = column.first { $0 != 0 }
        return column.contains { $0 != 0 && $0 != first }
    }

    /// The same choices with each provider's mean price over all of them as an attribute.
    ///
    /// Who is dear is good in ways that no column tells. What goes with usual prices is taken up by them, so that sensitivity
    /// to price is told by changes of price alone (Mundlak, *On the Pooling of Time Series and Cross Section Data*, 1978).
    func addingUsualPrices() throws(PricingError) -> ListingChoices {
        let prices = try data.values(of: Self.price)
        var sums = [(total: Double, count: Double)](repeating: (0, 0), count: data.providers.count)
        for (row, provider) in data.providerOfRow.enumerated() {
            sums[Int(provider)].total += prices[row]
            sums[Int(provider)].count += 1
        }
        var result = self
        result.data = try data.adding(
            Self.usualPrice, data.providerOfRow.map { sums[Int($0)].total / sums[Int($0)].count })
        result.attributes.append(Self.usualPrice)
        return result
    }

    /// The providers that some choice shows.
    var shown: Set<String> { Set(Set(data.providerOfRow).map { data.providers[Int($0)] }) }

    /// The choices, by index, that `isKept` says; nil when there is none.
    func kept(_ isKept: (Int) -> Bool) throws(PricingError) -> ListingChoices? {
        days.indices.contains(where: isKept) ? try ListingChoices(self, isKept) : nil
    }

    /// The row of `provider` in each choice; nil where it was not shown.
    func rows(of provider: String) -> [Int?] {
        let index = data.providers.firstIndex(of: provider).map { Int32(truncatingIfNeeded: $0) }
        return (0..<data.situations).map { situation in
            (data.starts[situation]..<data.starts[situation + 1]).first { data.providerOfRow[$0] == index }
        }
    }
}
