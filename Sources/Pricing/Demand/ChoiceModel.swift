import LinearAlgebra

/// The probabilities of the alternatives of many choice situations.
public struct ChoiceProbabilities: Sendable, Equatable {
    /// The probability of each row.
    public let rows: [Double]
    /// The probability of each situation's outside option; 0 without one.
    public let outside: [Double]

    /// Given probabilities.
    public init(rows: [Double], outside: [Double]) {
        self.rows = rows
        self.outside = outside
    }

    /// The mean probability of each place in situations that all have `places` rows; nil where one has not.
    public func means(places: Int) -> [Double]? {
        guard places > 0, !outside.isEmpty, rows.count == places * outside.count else { return nil }
        return (0..<places).map { place in
            stride(from: place, to: rows.count, by: places).reduce(0) { $0 + rows[$1] } / Double(outside.count)
        }
    }
}

/// A model of what is chosen among the alternatives that are shown.
public protocol ChoiceModel: Sendable {
    /// The probability of each alternative. Whether anything was chosen does not matter.
    /// - Throws: `PricingError.unknownVariable` when the data lack a variable of the model. O(rows · k).
    func probabilities(of data: ChoiceData) throws(PricingError) -> ChoiceProbabilities
}

extension LogitFit: ChoiceModel {
    /// The probability of each alternative.
    public func probabilities(of data: ChoiceData) throws(PricingError) -> ChoiceProbabilities {
        var columns: [GroupedSoftmax.Column] = []
        for name in variables {
            columns.append(name == ChoiceData.constant ? .ones : .values(try data.values(of: name)))
        }
        do {
            // Any row may stand for the chosen one: probabilities do not ask for it.
            let softmax = try GroupedSoftmax(
                columns: columns, starts: data.starts, chosen: Array(data.starts.dropLast()), hasOutside: hasOutside)
            let (rows, outside) = try softmax.probabilities(at: coefficients)
            return ChoiceProbabilities(rows: rows, outside: outside)
        } catch { throw .badSetting("coefficients", problem: "\(error)") }
    }
}
