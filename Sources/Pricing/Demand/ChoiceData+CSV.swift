import Documents

extension ChoiceData {
    /// What the columns of a file of choices mean; every other column is a variable.
    public struct Roles: Sendable {
        /// Rows with the same text here, adjacent, are one choice situation.
        public var situation = "request"
        /// 1 in the chosen row, else 0; all 0 where the outside option was taken.
        public var chosen = "chosen"
        /// Names the provider of a row; left out of the file where there is none.
        public var provider = "provider"
        /// What situations are grouped by, as far as the file has these columns: the same in all rows of a situation.
        public var groupings = ["week", "user"]

        /// The roles of a quote history.
        public init() {}
    }

    /// Choices from a CSV file in long format with a header, such as
    /// `request,week,provider,chosen,price,egress,nines,latency,cert,cost_shifter`.
    ///
    /// Groupings are whole numbers, or texts that are numbered in ascending order.
    /// - Throws: `PricingError.input` naming line and column of what is wrong. O(bytes).
    public init(csv bytes: [UInt8], document: String, roles: Roles = Roles()) throws(PricingError) {
        let table: CSVTable
        do {
            table = try CSVTable(parsing: bytes, requiring: [roles.situation, roles.chosen], document: document)
        } catch { throw .input(error) }
        func place(_ name: String) -> Int? { table.header.firstIndex(of: name) }
        guard let situationPlace = place(roles.situation), let chosenPlace = place(roles.chosen) else {
            throw .input(InputError(document, [InputIssue("line 1", "lacks \(roles.situation) or \(roles.chosen)")]))
        }
        let log = ChoiceLog()
        if table.rows.isEmpty { log.report("line 2", "there is no row", "give at least one choice") }
        let providerPlace = place(roles.provider)
        let groupings = roles.groupings.compactMap { name in place(name).map { (name, $0) } }
        let taken = [situationPlace, chosenPlace] + groupings.map(\.1) + (providerPlace.map { [$0] } ?? [])
        let variables = table.header.indices.filter { !taken.contains($0) }
        var columns = [[Double]](repeating: [], count: variables.count)
        var (sizes, chosen): ([Int], [Int?]) = ([], [])
        var labels = [[String]](repeating: [], count: groupings.count)
        var seen = Set<String>()
        var last: String?
        for row in table.rows {
            let id = row.fields[situationPlace]
            if id != last {
                if !seen.insert(id).inserted {
                    log.report(
                        "line \(row.line), \(roles.situation)", "'\(id)' has rows elsewhere", "put its rows together")
                }
                last = id
                sizes.append(0)
                chosen.append(nil)
                for (index, grouping) in groupings.enumerated() { labels[index].append(row.fields[grouping.1]) }
            }
            let situation = sizes.count - 1
            switch Double(row.fields[chosenPlace]) {
            case 1:
                if chosen[situation] != nil {
                    log.report("line \(row.line), \(roles.chosen)", "a second row of '\(id)' is chosen", "keep one")
                }
                chosen[situation] = sizes[situation]
            case 0: break
            default:
                log.report("line \(row.line), \(roles.chosen)", "'\(row.fields[chosenPlace])' is neither", "use 0 or 1")
            }
            sizes[situation] += 1
            for (index, grouping) in groupings.enumerated() where labels[index][situation] != row.fields[grouping.1] {
                log.report(
                    "line \(row.line), \(grouping.0)", "differs from other rows of '\(id)'", "one for each situation")
            }
            for (index, field) in variables.enumerated() {
                let text = row.fields[field]
                let value = Double(text)
                if value?.isFinite != true {
                    log.report(
                        "line \(row.line), \(table.header[field])", "'\(text)' is not a finite number",
                        "leave the situation out")
                }
                columns[index].append(value ?? 0)
            }
        }
        try log.check(document)
        try self.init(
            variables: variables.map { table.header[$0] }, columns: columns, sizes: sizes, chosen: chosen,
            providers: providerPlace.map { place in table.rows.map { $0.fields[place] } } ?? [],
            groupings: Dictionary(
                zip(groupings.map(\.0), labels.map(Self.numbered)), uniquingKeysWith: { first, _ in first }))
    }

    /// The numbers that the labels are, or their places in ascending order.
    private static func numbered(_ labels: [String]) -> [Int] {
        let numbers = labels.compactMap { Int($0) }
        guard numbers.count < labels.count else { return numbers }
        let sorted = Set(labels).sorted()
        let places = Dictionary(uniqueKeysWithValues: zip(sorted, sorted.indices))
        return labels.map { places[$0] ?? 0 }
    }
}
