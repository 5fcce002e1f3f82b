/// The rows of a matrix, ready to be searched for those with the largest inner products, exactly.
///
/// A score is the inner product in the order of additions of `InnerProduct`, so one query or many, any number of
/// threads and any filter give the same bits; the order is descending score, ties to the lower row. Where a faster sum
/// comes first (a matrix product for many queries, rows rounded to 16 bits for one), it only decides which rows can be
/// among the best, by a bound on its error; those are scored again. Nothing as long as the matrix is written.
public struct InnerProductIndex: Sendable {
    /// The rows, n × d.
    public let rows: Matrix<Float>
    /// The largest norm of a row.
    let largestNorm: Double
    let screening: ScreeningRows?

    /// The rows found for one query, best first.
    public struct Found: Sendable, Equatable {
        /// Row indices.
        public let rows: [Int32]
        /// The score of each.
        public let scores: [Float]

        init(_ selector: TopKSelector) {
            rows = selector.indices
            scores = selector.scores
        }
    }

    /// From how many elements on a scan is bound by memory, so that half the bytes are worth their own copy.
    static let screenedElements = 1 << 20

    /// Reads the rows once. O(n d); takes n d / 2 words more of memory for large matrices.
    /// - Parameter screens: whether rows rounded to 16 bits are kept; by size unless told.
    /// - Throws: `nonFinite`.
    public init(
        _ rows: Matrix<Float>, screens: Bool? = nil, threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) {
        let (n, d) = (rows.rows, rows.columns)
        let norms = rows.withUnsafeElements { elements in
            let blocks = (n + 1023) / 1024
            return [Double](unsafeUninitializedCapacity: blocks) { target, count in
                target.initialize(repeating: 0)
                count = blocks
                guard let base = elements.baseAddress, d > 0 else { return }
                nonisolated(unsafe) let (target, start) = (target, base)
                ParallelBlocks.forEach(count: n, blockSize: 1024, threads: threads) { block, range in
                    for row in range {
                        let square = Double(InnerProduct.single(d, start + row * d, start + row * d))
                        // NaN spreads; an overflow to infinity is looked at again below.
                        target[block] = square > target[block] || square.isNaN ? square : target[block]
                    }
                }
            }
        }
        var largest = norms.max() ?? 0
        if !norms.allSatisfy(\.isFinite) || largest < 1e-25 {
            // Squares may have left the range of Float, at either end.
            try rows.requireFinite("the rows")
            largest = (0..<n).reduce(0) { max($0, rows.row($1).reduce(0) { $0 + Double($1) * Double($1) }) }
        }
        self.rows = rows
        largestNorm = largest.squareRoot()
        screening =
            screens ?? (n * d >= Self.screenedElements) ? ScreeningRows(rows, norm: largestNorm, threads: threads) : nil
    }

    /// The `count` rows that score highest with `query`; fewer when fewer pass the filter. O(n d), or O(a d) for a
    /// allowed rows where they are few.
    /// - Throws: `dimensionMismatch`, `nonFinite`.
    public func search(
        _ query: [Float], count: Int, filter: ItemFilter = .none, threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) -> Found {
        guard query.count == rows.columns else {
            throw .dimensionMismatch(
                operation: "search", expected: "a query of \(rows.columns)", found: "\(query.count)")
        }
        if let index = query.firstIndex(where: { !$0.isFinite }) { throw .nonFinite(argument: "query", index: index) }
        let count = min(max(0, count), rows.rows)
        guard count > 0 else { return Found(TopKSelector(count: 0)) }
        if let few = few(filter) { return Found(searchFew(query, count, filter, few)) }
        return Found(scan(query, count, filter, threads))
    }

    /// The best rows of each row of `queries`.
    ///
    /// - Parameter filters: one for each query, or none at all.
    /// - Throws: `dimensionMismatch`, `nonFinite`. O(queries · n · d), as matrix products.
    public func search(
        _ queries: Matrix<Float>, count: Int, filters: [ItemFilter] = [],
        threads: Int = ParallelBlocks.defaultThreads
    ) throws(LinearAlgebraError) -> [Found] {
        guard queries.columns == rows.columns, filters.isEmpty || filters.count == queries.rows else {
            throw .dimensionMismatch(
                operation: "search", expected: "queries of \(rows.columns), \(queries.rows) filters or none",
                found: "\(queries.columns), \(filters.count)")
        }
        try queries.requireFinite("queries")
        let count = min(max(0, count), rows.rows)
        let filters = filters.isEmpty ? [ItemFilter](repeating: .none, count: queries.rows) : filters
        return searchMany(queries, count, filters, threads).map { Found($0) }
    }

    /// The allowed rows when they are few enough to be scored one by one.
    func few(_ filter: ItemFilter) -> [Int32]? {
        filter.allowed.flatMap { $0.count <= rows.rows / 8 ? $0 : nil }
    }

    func searchFew(_ query: [Float], _ count: Int, _ filter: ItemFilter, _ allowed: [Int32]) -> TopKSelector {
        var selector = TopKSelector(count: count)
        let (n, d) = (rows.rows, rows.columns)
        rows.withUnsafeElements { elements in
            query.withUnsafeBufferPointer { query in
                for row in allowed where row >= 0 && row < n && filter.admits(Int(row)) {
                    // An empty row has no address; its product is zero.
                    guard let start = elements.baseAddress, let query = query.baseAddress else {
                        selector.keep(0, Int(row))
                        continue
                    }
                    selector.keep(InnerProduct.single(d, query, start + Int(row) * d), Int(row))
                }
            }
        }
        return selector
    }
}
