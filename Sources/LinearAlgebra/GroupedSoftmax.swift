/// The choices of a multinomial logit: groups of rows, one row of each chosen, or the outside option of utility 0.
///
/// P(row j of group g) = exp(xⱼᵀb) / (o + Σ_{i ∈ g} exp(xᵢᵀb)), o = 1 with the outside option, else 0
/// (McFadden, *Conditional logit analysis of qualitative choice behavior*, 1974). Columns are read where they lie and
/// standardized on the way, x = (value − shift) / scale; nothing of their size is held besides them.
/// Results are the same bits at any number of threads.
public struct GroupedSoftmax: Sendable {
    /// A variable: its values row by row, or 1 in every row.
    public enum Column: Sendable {
        /// One value a row.
        case values([Double])
        /// 1 in every row, neither shifted nor scaled.
        case ones
    }

    /// The variables, k of them.
    public private(set) var columns: [Column]
    /// What is subtracted from each column, k numbers.
    public let shifts: [Double]
    /// What each column is then divided by, k numbers.
    public let scales: [Double]
    /// The first row of each group and the number of rows: groups + 1 numbers.
    public let starts: [Int]
    /// The chosen row of each group; −1 is the outside option.
    public let chosen: [Int]
    /// Whether there is an outside option.
    public let hasOutside: Bool
    /// How often each group counts, ≥ 0; nil is once.
    public private(set) var weights: [Double]?
    /// The number of rows.
    public var rows: Int { starts.last ?? 0 }
    /// The number of groups.
    public var groups: Int { starts.count - 1 }
    /// The first group of each chunk of work, and the number of groups.
    let chunks: [Int]

    /// Checks the shapes. O(groups).
    /// - Throws: `dimensionMismatch` unless columns, shifts and scales are k, columns are as long as there are rows,
    ///   groups follow each other with a row at least, and each chosen row is one of its group, or −1 with the outside.
    public init(
        columns: [Column], shifts: [Double]? = nil, scales: [Double]? = nil, starts: [Int], chosen: [Int],
        hasOutside: Bool
    ) throws(LinearAlgebraError) {
        let k = columns.count
        let (shifts, scales) = (
            shifts ?? [Double](repeating: 0, count: k), scales ?? [Double](repeating: 1, count: k)
        )
        guard k > 0, shifts.count == k, scales.count == k else {
            throw .dimensionMismatch(
                operation: "GroupedSoftmax", expected: "columns, each with its shift and scale",
                found: "\(k), \(shifts.count) and \(scales.count)")
        }
        guard starts.first == 0, chosen.count == starts.count - 1, zip(starts, starts.dropFirst()).allSatisfy(<) else {
            throw .dimensionMismatch(
                operation: "GroupedSoftmax", expected: "starts that ascend from 0, one more than groups",
                found: "\(starts.count) starts, \(chosen.count) groups")
        }
        let rows = starts[chosen.count]
        for case .values(let values) in columns where values.count != rows {
            throw .dimensionMismatch(
                operation: "GroupedSoftmax", expected: "columns of \(rows)", found: "\(values.count) values")
        }
        for (group, row) in chosen.enumerated()
        where !(row == -1 && hasOutside) && !(starts[group]..<starts[group + 1]).contains(row) {
            throw .dimensionMismatch(
                operation: "GroupedSoftmax", expected: "a row of group \(group) chosen", found: "row \(row)")
        }
        self.columns = columns
        self.shifts = shifts
        self.scales = scales
        self.starts = starts
        self.chosen = chosen
        self.hasOutside = hasOutside
        chunks = Self.chunks(starts)
    }

    /// The same choices, each group counted `weights` times. O(groups).
    /// - Throws: `dimensionMismatch` unless there is a weight ≥ 0 for each group.
    public func weighted(_ weights: [Double]) throws(LinearAlgebraError) -> GroupedSoftmax {
        guard weights.count == groups, weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            throw .dimensionMismatch(
                operation: "GroupedSoftmax", expected: "\(groups) weights ≥ 0", found: "\(weights.count)")
        }
        var result = self
        result.weights = weights
        return result
    }

    /// The same choices with other values in one column, standardized as those before. O(k).
    /// - Throws: `dimensionMismatch` unless there is such a column and a value for each row.
    public func replacing(column: Int, by values: [Double]) throws(LinearAlgebraError) -> GroupedSoftmax {
        guard columns.indices.contains(column), values.count == rows else {
            throw .dimensionMismatch(
                operation: "GroupedSoftmax", expected: "\(rows) values for a column in 0..<\(columns.count)",
                found: "\(values.count) for \(column)")
        }
        var result = self
        result.columns[column] = .values(values)
        return result
    }

    /// Rows that are unpacked at a time, so that they stay in the cache.
    static let blockRows = 1024
    /// Rows of a chunk, the work of one task.
    private static let chunkRows = 16 * blockRows

    private static func chunks(_ starts: [Int]) -> [Int] {
        var result = [0]
        var first = 0
        for group in 1..<max(1, starts.count) where starts[group] - first >= chunkRows {
            result.append(group)
            first = starts[group]
        }
        if result.last != starts.count - 1 { result.append(starts.count - 1) }
        return result
    }

    /// Calls `body` for each chunk of groups and gives the results in order.
    func mapChunks<Result: Sendable>(
        threads: Int, _ body: @Sendable (Range<Int>, [UnsafePointer<Double>?]) -> Result
    ) -> [Result] {
        withColumns { pointers in
            nonisolated(unsafe) let pointers = pointers
            return ParallelBlocks.map(count: chunks.count - 1, blockSize: 1, threads: threads) { chunk, _ in
                body(chunks[chunk]..<chunks[chunk + 1], pointers)
            }
        }
    }

    /// Calls `body` with where each column lies, nil for ones.
    private func withColumns<Result>(_ body: ([UnsafePointer<Double>?]) -> Result) -> Result {
        func descend(_ index: Int, _ found: [UnsafePointer<Double>?]) -> Result {
            guard index < columns.count else { return body(found) }
            guard case .values(let values) = columns[index] else { return descend(index + 1, found + [nil]) }
            return values.withUnsafeBufferPointer { descend(index + 1, found + [$0.baseAddress]) }
        }
        return descend(0, [])
    }

    /// The ranges of whole groups of `chunk` that have about `blockRows` rows, at least one group each.
    func blocks(of chunk: Range<Int>) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var first = chunk.lowerBound
        while first < chunk.upperBound {
            var end = first + 1
            while end < chunk.upperBound, starts[end + 1] - starts[first] <= Self.blockRows { end += 1 }
            result.append(first..<end)
            first = end
        }
        return result
    }

    /// Standardized rows of a block, row-major.
    func unpack(
        _ range: Range<Int>, _ pointers: [UnsafePointer<Double>?], into target: UnsafeMutablePointer<Double>
    ) {
        let k = columns.count
        // A tile of rows at a time, so that what the columns write side by side stays in the first cache.
        for start in stride(from: 0, to: range.count, by: Self.tileRows) {
            let end = min(start + Self.tileRows, range.count)
            for (column, source) in pointers.enumerated() {
                guard let source else {
                    for row in start..<end { target[row * k + column] = 1 }
                    continue
                }
                let (shift, factor) = (shifts[column], 1 / scales[column])
                let from = source + range.lowerBound
                for row in start..<end { target[row * k + column] = (from[row] - shift) * factor }
            }
        }
    }

    private static let tileRows = 32
}
