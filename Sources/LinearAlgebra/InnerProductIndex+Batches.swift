import Synchronization

extension InnerProductIndex {
    /// Queries of one matrix product, and rows: the scores of both stay in the second-level cache.
    private static var batchQueries: Int { 256 }
    private static var batchRows: Int { 512 }

    /// All queries, by matrix products. Threads share the rows of one batch, or the batches when there are many.
    func searchMany(
        _ queries: Matrix<Float>, _ count: Int, _ filters: [ItemFilter], _ threads: Int
    ) -> [TopKSelector] {
        let batches = (queries.rows + Self.batchQueries - 1) / Self.batchQueries
        let shared = batches < threads
        let results = Mutex<[Int: [TopKSelector]]>([:])
        ParallelBlocks.forEach(
            count: queries.rows, blockSize: Self.batchQueries, threads: shared ? 1 : threads
        ) { batch, range in
            let found = searchBatch(queries, range, count, filters, shared ? threads : 1)
            results.withLock { $0[batch] = found }
        }
        return results.withLock { results in results.keys.sorted().flatMap { results[$0] ?? [] } }
    }

    private func searchBatch(
        _ queries: Matrix<Float>, _ range: Range<Int>, _ count: Int, _ filters: [ItemFilter], _ threads: Int
    ) -> [TopKSelector] {
        let d = rows.columns
        let vectors = range.map { Array(queries.row($0)) }
        guard count > 0, d > 0 else {
            return range.map { index in
                scan(vectors[index - range.lowerBound], count, filters[index], 1)
            }
        }
        // A sum of d products in any order is off by at most d ε ‖x‖ ‖y‖; here two of them meet.
        let slacks = vectors.map { vector in
            let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            return Float(Double(d + 8) * (norm * largestNorm * 0x1p-22 + Double(Float.leastNonzeroMagnitude))).nextUp
        }
        guard slacks.allSatisfy({ $0 < 1e24 }) else {
            return range.map { scan(vectors[$0 - range.lowerBound], count, filters[$0], threads) }
        }
        let blocks = (rows.rows + Self.batchRows - 1) / Self.batchRows
        let parts = Mutex<[[TopKSelector]]>([])
        let counter = Counter()
        ParallelBlocks.forEach(count: min(threads, blocks), blockSize: 1, threads: threads) { _, _ in
            var selectors = [TopKSelector](repeating: TopKSelector(count: count), count: range.count)
            var tile = [Float](repeating: 0, count: range.count * Self.batchRows)
            while true {
                let block = counter.value.wrappingAdd(1, ordering: .relaxed).oldValue
                guard block < blocks else { break }
                let items = block * Self.batchRows..<min(rows.rows, (block + 1) * Self.batchRows)
                multiply(queries, range, items, into: &tile)
                for row in range.indices {
                    let index = row - range.lowerBound
                    select(
                        tile, index * Self.batchRows, items, vectors[index], slacks[index], filters[row],
                        &selectors[index])
                }
            }
            parts.withLock { $0.append(selectors) }
        }
        let found = parts.withLock { $0 }
        return range.indices.map { row in .merged(found.map { $0[row - range.lowerBound] }, count: count) }
    }

    /// Queries × itemsᵀ into rows of the tile.
    private func multiply(_ queries: Matrix<Float>, _ range: Range<Int>, _ items: Range<Int>, into tile: inout [Float])
    {
        let d = rows.columns
        queries.withUnsafeElements { queries in
            rows.withUnsafeElements { elements in
                tile.withUnsafeMutableBufferPointer { tile in
                    guard let a = queries.baseAddress, let b = elements.baseAddress, let c = tile.baseAddress else {
                        return
                    }
                    Float.gemm(
                        .none, .transposed, range.count, items.count, d, 1, a + range.lowerBound * d, d,
                        b + items.lowerBound * d, d, 0, c, Self.batchRows)
                }
            }
        }
    }

    /// Scores again what may be among the best.
    private func select(
        _ tile: [Float], _ offset: Int, _ items: Range<Int>, _ query: [Float], _ slack: Float, _ filter: ItemFilter,
        _ selector: inout TopKSelector
    ) {
        let d = rows.columns
        rows.withUnsafeElements { elements in
            query.withUnsafeBufferPointer { query in
                tile.withUnsafeBufferPointer { tile in
                    guard let start = elements.baseAddress, let query = query.baseAddress, let scores = tile.baseAddress
                    else { return }
                    TopKSelector.forEach(of: items.count, in: scores + offset, above: selector.threshold - slack) { j in
                        let row = items.lowerBound + j
                        if filter.admits(row) {
                            selector.keep(InnerProduct.single(d, query, start + row * d), row)
                        }
                        return selector.threshold - slack
                    }
                }
            }
        }
    }
}
