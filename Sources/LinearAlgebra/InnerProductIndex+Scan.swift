import Dispatch
import Synchronization

extension InnerProductIndex {
    /// Rows that a thread takes at a time.
    private static var blockRows: Int { 2048 }

    /// One query against all rows, by blocks that threads take in ascending order.
    func scan(_ query: [Float], _ count: Int, _ filter: ItemFilter, _ threads: Int) -> TopKSelector {
        let screening = screening.flatMap { screening in
            screening.query(query).map { (screening, $0) }
        }
        return Self.parallel(
            blocks: (rows.rows + Self.blockRows - 1) / Self.blockRows, threads: threads, count: count
        ) { next in
            var selector = TopKSelector(count: count)
            while let block = next() {
                let range = block * Self.blockRows..<min(rows.rows, (block + 1) * Self.blockRows)
                if let (screening, rounded) = screening {
                    screen(query, range, screening, rounded, filter, &selector)
                } else {
                    score(query, range, filter, &selector)
                }
            }
            return selector
        }
    }

    /// Runs `worker` on each thread, which takes blocks from `next` until there are none, and merges what they keep.
    static func parallel(
        blocks: Int, threads: Int, count: Int, _ worker: @Sendable (_ next: () -> Int?) -> TopKSelector
    ) -> TopKSelector {
        let counter = Counter()
        let next: @Sendable () -> Int? = {
            let block = counter.value.wrappingAdd(1, ordering: .relaxed).oldValue
            return block < blocks ? block : nil
        }
        guard min(threads, blocks) > 1 else { return worker(next) }
        let parts = Mutex<[TopKSelector]>([])
        DispatchQueue.concurrentPerform(iterations: min(threads, blocks)) { _ in
            let selector = worker(next)
            parts.withLock { $0.append(selector) }
        }
        return .merged(parts.withLock { $0 }, count: count)
    }

    final class Counter: Sendable {
        let value = Atomic(0)
    }

    /// Scores every row of the range in Float.
    private func score(_ query: [Float], _ range: Range<Int>, _ filter: ItemFilter, _ selector: inout TopKSelector) {
        let d = rows.columns
        rows.withUnsafeElements { elements in
            query.withUnsafeBufferPointer { query in
                guard let start = elements.baseAddress, let query = query.baseAddress else {
                    for row in range where filter.admits(row) { selector.keep(0, row) }
                    return
                }
                var row = range.lowerBound
                while row + 4 <= range.upperBound {
                    let scores = InnerProduct.four(d, query, start + row * d)
                    if InnerProduct.mayExceed(scores, selector.threshold) {
                        for lane in 0..<4 where scores[lane] > selector.threshold && filter.admits(row + lane) {
                            selector.keep(scores[lane], row + lane)
                        }
                    }
                    row += 4
                }
                while row < range.upperBound {
                    let score = InnerProduct.single(d, query, start + row * d)
                    if score > selector.threshold, filter.admits(row) { selector.keep(score, row) }
                    row += 1
                }
            }
        }
    }

    /// Scores in Float only the rows whose rounded product may reach the threshold.
    private func screen(
        _ query: [Float], _ range: Range<Int>, _ screening: ScreeningRows, _ rounded: ScreeningRows.Query,
        _ filter: ItemFilter, _ selector: inout TopKSelector
    ) {
        let d = rows.columns
        let whole = range.lowerBound..<range.lowerBound + range.count / 4 * 4
        rows.withUnsafeElements { elements in
            query.withUnsafeBufferPointer { query in
                guard let start = elements.baseAddress, let query = query.baseAddress else { return }
                screening.forEachCandidate(of: rounded, in: whole, above: selector.threshold) { row in
                    if filter.admits(row) { selector.keep(InnerProduct.single(d, query, start + row * d), row) }
                    return selector.threshold
                }
            }
        }
        if whole.count < range.count { score(query, whole.upperBound..<range.upperBound, filter, &selector) }
    }
}
