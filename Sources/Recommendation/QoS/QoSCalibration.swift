import Foundation
import LinearAlgebra

/// How far measured values lay from predictions that did not know them, by what was predicted.
///
/// Cross-conformal calibration (Vovk 2015): the ratio (x + c) / e^prediction of every training entry that was held out
/// once. Entries are cut into cells of equal counts, first by the robust prediction p, then by how far the second
/// prediction q, which heeds large values, stands from it: skewness and spread depend on both. Each cell keeps quantiles.
struct QoSCalibration: Sendable {
    /// The predictions of one entry, both in logarithms.
    struct Feature {
        var p: Float
        var q: Float
        var difference: Float { q - p }
    }

    /// The least entries of a cell, and the most rows and columns of cells.
    static let (leastCell, mostRows, mostColumns) = (40, 25, 8)

    /// Ascending bounds between rows.
    let rowEdges: [Float]
    /// Ascending bounds between the columns of each row, row after row.
    let columnEdges: [Float]
    /// The columns of each row.
    let columns: Int
    /// The quantiles of ratios of each cell, ascending.
    let cells: [[Float]]

    /// The calibration of entries that were predicted `features` and measured `logs`, log(x + c).
    ///
    /// Without entries the only cell says that predictions are exact. O(n log n).
    init(_ features: [Feature], logs: [Float], atoms: Int) {
        let n = features.count
        let columns = min(Self.mostColumns, max(1, Int(Double(n / Self.leastCell).squareRoot() / 2)))
        let rows = min(Self.mostRows, max(1, n / (Self.leastCell * columns)))
        self.columns = columns
        let byRow = features.indices.sorted { (features[$0].p, $0) < (features[$1].p, $1) }
        var (rowEdges, columnEdges, cells): ([Float], [Float], [[Float]]) = ([], [], [])
        for row in 0..<rows {
            let members = byRow[row * n / rows..<(row + 1) * n / rows]
            if row > 0 { rowEdges.append(members.first.map { features[$0].p } ?? .infinity) }
            let sorted = members.sorted { (features[$0].difference, $0) < (features[$1].difference, $1) }
            for column in 0..<columns {
                let cell = sorted[column * sorted.count / columns..<(column + 1) * sorted.count / columns]
                if column > 0 { columnEdges.append(cell.first.map { features[$0].difference } ?? .infinity) }
                cells.append(Self.quantiles(cell.map { logs[$0] - features[$0].p }.sorted(), atoms))
            }
        }
        self.rowEdges = rowEdges
        self.columnEdges = columnEdges
        self.cells = cells
    }

    /// The calibration of stored parts; nil when they do not fit together.
    init?(rowEdges: [Float], columnEdges: [Float], cells: [[Float]]) {
        let rows = rowEdges.count + 1
        guard columnEdges.count % rows == 0, cells.count == rows + columnEdges.count,
            cells.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0 > 0 && $0.isFinite } })
        else { return nil }
        self.rowEdges = rowEdges
        self.columnEdges = columnEdges
        self.cells = cells
        columns = columnEdges.count / rows + 1
    }

    /// The ratios behind a prediction. O(log cells).
    func ratios(_ feature: Feature) -> [Float] {
        let row = Self.position(feature.p, rowEdges[...])
        let edges = columnEdges[row * (columns - 1)..<(row + 1) * (columns - 1)]
        return cells[row * columns + Self.position(feature.difference, edges)]
    }

    /// How many of the ascending `edges` are at most `value`.
    private static func position(_ value: Float, _ edges: ArraySlice<Float>) -> Int {
        var (low, high) = (edges.startIndex, edges.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if edges[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low - edges.startIndex
    }

    /// e to the power of `atoms` quantiles at (i + ½) / atoms, where the k-th of n values stands at k / (n + 1), as
    /// conformal prediction has it: beyond the outermost values there are none.
    private static func quantiles(_ sorted: [Float], _ atoms: Int) -> [Float] {
        guard !sorted.isEmpty else { return [1] }
        return (0..<atoms).map { i in
            let position = (Double(i) + 0.5) / Double(atoms) * Double(sorted.count + 1) - 1
            let inside = min(max(position, 0), Double(sorted.count - 1))
            let low = Int(inside)
            let high = min(low + 1, sorted.count - 1)
            let value = Double(sorted[low]) + (inside - Double(low)) * Double(sorted[high] - sorted[low])
            return Float(min(max(exp(value), 1e-30), 1e30))
        }
    }
}
