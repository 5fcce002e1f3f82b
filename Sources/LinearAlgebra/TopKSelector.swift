/// The k largest of a stream of scores, in order: descending score, ties to the lower index.
///
/// Scores come in ascending index order. A score enters only when it beats the smallest kept one, so most are read
/// once and dropped: O(n + k log n) insertions are expected for scores in random order. NaN and −∞ never enter.
public struct TopKSelector: Sendable {
    /// The most that are kept.
    public let count: Int
    /// The indices kept, best first.
    public private(set) var indices: [Int32] = []
    /// The scores kept, best first.
    public private(set) var scores: [Float] = []
    /// A score enters when it is larger than this.
    package private(set) var threshold: Float

    /// A selector of the `count` best; a negative count is zero.
    public init(count: Int) {
        self.count = max(0, count)
        threshold = self.count == 0 ? .infinity : -.infinity
    }

    /// Offers the scores of one row of a tile; column j is index `firstIndex + j`.
    /// Tiles must come in ascending order of their indices.
    public mutating func insert(row: Int, of tile: Matrix<Float>, firstIndex: Int) {
        tile.withUnsafeRow(row) { insert($0, firstIndex: firstIndex) }
    }

    mutating func insert(_ tile: UnsafeBufferPointer<Float>, firstIndex: Int) {
        guard let scores = tile.baseAddress else { return }
        Self.forEach(of: tile.count, in: scores, above: threshold) { j in
            keep(scores[j], firstIndex + j)
            return threshold
        }
    }

    /// Inserts behind all scores that are at least as large: equal scores keep their index order.
    package mutating func keep(_ score: Float, _ index: Int) {
        guard score > threshold else { return }
        var (low, high) = (0, scores.count)
        while low < high {
            let middle = (low + high) / 2
            if scores[middle] >= score { low = middle + 1 } else { high = middle }
        }
        scores.insert(score, at: low)
        indices.insert(Int32(truncatingIfNeeded: index), at: low)
        if scores.count > count {
            scores.removeLast()
            indices.removeLast()
        }
        if scores.count == count { threshold = scores[count - 1] }
    }

    /// Calls `body` for each of `n` scores above the threshold, in order; it answers the threshold from then on.
    ///
    /// Sixteen at a time, as nearly always none of them is above it.
    @inline(__always)
    static func forEach(
        of n: Int, in scores: UnsafePointer<Float>, above threshold: Float, _ body: (Int) -> Float
    ) {
        var threshold = threshold
        var j = 0
        while j + 16 <= n {
            let lanes = UnsafeRawPointer(scores + j).loadUnaligned(as: SIMD16<Float>.self)
            if InnerProduct.mayExceed(lanes, threshold) {
                for lane in j..<j + 16 where scores[lane] > threshold { threshold = body(lane) }
            }
            j += 16
        }
        while j < n {
            if scores[j] > threshold { threshold = body(j) }
            j += 1
        }
    }

    /// The best of several selectors of disjoint indices, in order. O(parts · k log(parts · k)).
    static func merged(_ parts: [TopKSelector], count: Int) -> TopKSelector {
        var pairs: [(score: Float, index: Int32)] = []
        for part in parts { pairs += zip(part.scores, part.indices).map { (score: $0, index: $1) } }
        pairs.sort { $0.score != $1.score ? $0.score > $1.score : $0.index < $1.index }
        var result = TopKSelector(count: count)
        for pair in pairs.prefix(result.count) { result.keep(pair.score, Int(pair.index)) }
        return result
    }
}
