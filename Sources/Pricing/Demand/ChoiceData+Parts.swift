extension ChoiceData {
    /// The numbers of a variable, row by row.
    /// - Throws: `unknownVariable`.
    public func values(of variable: String) throws(PricingError) -> [Double] {
        if let place = variables.firstIndex(of: variable) { return columns[place] }
        guard variable == Self.constant else { throw .unknownVariable(variable, known: variables) }
        return [Double](repeating: 1, count: rows)
    }

    /// The numbers of a grouping, situation by situation.
    /// - Throws: `unknownVariable`.
    public func grouping(_ name: String) throws(PricingError) -> [Int] {
        guard let values = groupings[name] else { throw .unknownVariable(name, known: groupings.keys.sorted()) }
        return values
    }

    /// The same choices with one more variable, or another in its place. The other columns are shared. O(rows).
    /// - Throws: `input` unless `values` has a finite number for each row.
    public func adding(_ variable: String, _ values: [Double]) throws(PricingError) -> ChoiceData {
        let log = ChoiceLog()
        Self.check([variable], [values], rows, log)
        try log.check("choices")
        var (names, columns) = (variables, columns)
        if let place = names.firstIndex(of: variable) {
            columns[place] = values
        } else {
            names.append(variable)
            columns.append(values)
        }
        return ChoiceData(
            variables: names, columns: columns, starts: starts, chosen: chosen, providers: providers,
            providerOfRow: providerOfRow, groupings: groupings)
    }

    /// The situations that `isKept` says, in their order. O(rows · variables).
    /// - Throws: `input` when none is left.
    public func filtered(_ isKept: (_ situation: Int) -> Bool) throws(PricingError) -> ChoiceData {
        let kept = (0..<situations).filter(isKept)
        let log = ChoiceLog()
        if kept.isEmpty { log.report("situations", "none of \(situations) is left", "choose another split") }
        try log.check("choices")
        var starts = [0]
        var chosen: [Int] = []
        for situation in kept {
            let start = starts[starts.count - 1]
            let row = self.chosen[situation]
            chosen.append(row < 0 ? -1 : row - self.starts[situation] + start)
            starts.append(start + self.starts[situation + 1] - self.starts[situation])
        }
        func gathered<Value>(_ values: [Value]) -> [Value] {
            guard !values.isEmpty else { return [] }
            var result: [Value] = []
            result.reserveCapacity(starts[kept.count])
            for situation in kept { result += values[self.starts[situation]..<self.starts[situation + 1]] }
            return result
        }
        return ChoiceData(
            variables: variables, columns: columns.map(gathered), starts: starts, chosen: chosen, providers: providers,
            providerOfRow: gathered(providerOfRow), groupings: groupings.mapValues { values in kept.map { values[$0] } }
        )
    }

    /// Earlier situations, whose `grouping` is below `boundary`, and later ones: fit on the former, score on the latter.
    /// - Throws: `unknownVariable`, `input` when either part is empty.
    public func split(
        by grouping: String, at boundary: Int
    ) throws(PricingError) -> (earlier: ChoiceData, later: ChoiceData) {
        let values = try self.grouping(grouping)
        return (try filtered { values[$0] < boundary }, try filtered { values[$0] >= boundary })
    }
}
