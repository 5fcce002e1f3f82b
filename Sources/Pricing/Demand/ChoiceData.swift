import Documents

/// Choices in long format: one row for each alternative that was shown, rows of a choice situation adjacent.
///
/// Each situation has one chosen row, or none: then the outside option was taken (nothing bought). Each variable is one
/// array of rows doubles that copies of the data share, so that adding or dropping a variable copies none of the others.
public struct ChoiceData: Sendable {
    /// The name of the variable that is 1 in every row, which need not be among the columns: with an outside option its
    /// coefficient is the worth of any alternative against none. Ridge penalties spare it.
    public static let constant = "constant"

    /// The names of the columns.
    public let variables: [String]
    /// The columns, in the order of `variables`, `rows` numbers each, all finite.
    let columns: [[Double]]
    /// The first row of each situation, and at last the number of rows.
    public let starts: [Int]
    /// The chosen row of each situation; −1 is the outside option.
    public let chosen: [Int]
    /// The providers that occur, sorted; empty when rows name none.
    public let providers: [String]
    /// The provider of each row, an index into `providers`; empty when rows name none.
    public let providerOfRow: [Int32]
    /// Numbers that situations share by name, such as `week` or `user`: one for each situation.
    public let groupings: [String: [Int]]

    /// The number of rows.
    public var rows: Int { starts.last ?? 0 }
    /// The number of choice situations.
    public var situations: Int { chosen.count }
    /// How many situations ended with the outside option.
    public var outsideChoices: Int { chosen.count { $0 < 0 } }

    /// Choices from columns.
    ///
    /// - Parameters:
    ///   - variables: a name for each column, unique.
    ///   - columns: one array a variable, one number a row; kept as they are, not copied.
    ///   - sizes: the number of rows of each situation, ≥ 1.
    ///   - chosen: for each situation the place of the chosen row within it, from 0; nil is the outside option.
    ///   - providers: the provider of each row, when known.
    ///   - groupings: numbers of each situation by name, e.g. its week: for clustered errors and splits by time.
    /// - Throws: `PricingError.input` naming row and column of what is wrong; rows and situations count from 0.
    ///   O(rows · variables).
    public init(
        variables: [String], columns: [[Double]], sizes: [Int], chosen: [Int?], providers: [String] = [],
        groupings: [String: [Int]] = [:]
    ) throws(PricingError) {
        let log = ChoiceLog()
        var starts = [0]
        starts.reserveCapacity(sizes.count + 1)
        for (situation, size) in sizes.enumerated() {
            if size < 1 { log.report("situation \(situation)", "has \(size) rows", "give each at least one") }
            let (next, overflow) = starts[situation].addingReportingOverflow(max(0, size))
            starts.append(overflow ? starts[situation] : next)
        }
        let rows = starts[sizes.count]
        if sizes.isEmpty { log.report("situations", "there is none", "give at least one choice") }
        if chosen.count != sizes.count {
            log.report("chosen", "has \(chosen.count) entries", "give one for each of \(sizes.count) situations")
        }
        for (situation, place) in chosen.enumerated() where situation < sizes.count {
            if let place, place < 0 || place >= sizes[situation] {
                log.report(
                    "situation \(situation), chosen", "\(place) is none of its rows",
                    "use 0..<\(sizes[situation]), or nil for the outside option")
            }
        }
        Self.check(variables, columns, rows, log)
        if !providers.isEmpty, providers.count != rows {
            log.report("provider", "has \(providers.count) entries", "give one for each of \(rows) rows, or none")
        }
        for (name, values) in groupings.sorted(by: { $0.key < $1.key }) where values.count != sizes.count {
            log.report(name, "has \(values.count) entries", "give one for each of \(sizes.count) situations")
        }
        try log.check("choices")
        let names = Set(providers).sorted()
        let places = Dictionary(uniqueKeysWithValues: zip(names, names.indices.map { Int32(truncatingIfNeeded: $0) }))
        self.init(
            variables: variables, columns: columns, starts: starts,
            chosen: zip(starts, chosen).map { start, place in place.map { start + $0 } ?? -1 }, providers: names,
            providerOfRow: providers.map { places[$0] ?? 0 }, groupings: groupings)
    }

    /// Choices from long format: the situation of each row, and whether it was chosen.
    ///
    /// - Throws: `PricingError.input`, also where a situation's rows are not adjacent or two of them are chosen.
    public init(
        variables: [String], columns: [[Double]], situations: [Int], chosen: [Bool], providers: [String] = [],
        groupings: [String: [Int]] = [:]
    ) throws(PricingError) {
        let log = ChoiceLog()
        if chosen.count != situations.count {
            log.report("chosen", "has \(chosen.count) entries", "give one for each of \(situations.count) rows")
        }
        try log.check("choices")
        var sizes: [Int] = []
        var places: [Int?] = []
        var seen = Set<Int>()
        for (row, situation) in situations.enumerated() {
            if row == 0 || situation != situations[row - 1] {
                if !seen.insert(situation).inserted {
                    log.report("row \(row)", "situation \(situation) has rows elsewhere", "put its rows together")
                }
                sizes.append(0)
                places.append(nil)
            }
            if chosen[row] {
                if places[sizes.count - 1] != nil {
                    log.report("row \(row), chosen", "a second row of situation \(situation) is chosen", "keep one")
                }
                places[sizes.count - 1] = sizes[sizes.count - 1]
            }
            sizes[sizes.count - 1] += 1
        }
        try log.check("choices")
        try self.init(
            variables: variables, columns: columns, sizes: sizes, chosen: places, providers: providers,
            groupings: groupings)
    }

    /// Parts that are known to fit.
    init(
        variables: [String], columns: [[Double]], starts: [Int], chosen: [Int], providers: [String],
        providerOfRow: [Int32], groupings: [String: [Int]]
    ) {
        self.variables = variables
        self.columns = columns
        self.starts = starts
        self.chosen = chosen
        self.providers = providers
        self.providerOfRow = providerOfRow
        self.groupings = groupings
    }

    /// Notes columns that do not fit names or rows, and numbers that are not finite.
    static func check(_ variables: [String], _ columns: [[Double]], _ rows: Int, _ log: ChoiceLog) {
        if columns.count != variables.count {
            log.report("variables", "\(variables.count) names for \(columns.count) columns", "name each column")
        }
        var names = Set<String>()
        for (name, values) in zip(variables, columns) {
            if name.isEmpty { log.report("variables", "a name is empty", "name each column") }
            if !names.insert(name).inserted { log.report(name, "names two columns", "rename one") }
            if name == constant, values.contains(where: { $0 != 1 }) {
                log.report(name, "is not 1 in every row", "rename the column: the name is taken")
            }
            if values.count != rows {
                log.report(name, "has \(values.count) numbers", "give one for each of \(rows) rows")
            }
            if let row = values.firstIndex(where: { !$0.isFinite }) {
                log.report("row \(row), \(name)", "\(values[row]) is not a finite number", "leave the situation out")
            }
        }
    }
}

/// Issues of choices, the first twenty of them: one mistake of a program may spoil a million rows.
final class ChoiceLog {
    private let log = IssueLog()
    private var more = 0

    func report(_ location: String, _ problem: String, _ remedy: String) {
        if log.issues.count < 20 { log.report(location, problem, remedy: remedy) } else { more += 1 }
    }

    func check(_ document: String) throws(PricingError) {
        if more > 0 { log.report("", "and \(more) more issues") }
        do { try log.check(document) } catch { throw .input(error) }
    }
}
