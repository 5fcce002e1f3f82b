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
    private var threshold: Float

    /// A selector of the `count` best; a negative count is zero.
    public init(count: Int) {
        self.count = max(0, count)
        threshold = self.count == 0 ? .infinity : -.infinity
        indices.reserveCapacity(self.count + 1)
        scores.reserveCapacity(self.count + 1)
    }

    /// Offers the scores of one row of a tile; column j is index `firstIndex + j`.
    /// Tiles must come in ascending order of their indices.
    public mutating func insert(row: Int, of tile: Matrix<Float>, firstIndex: Int) {
        tile.withUnsafeRow(row) { insert($0, firstIndex: firstIndex) }
    }

    mutating func insert(_ tile: UnsafeBufferPointer<Float>, firstIndex: Int) {
        let n = tile.count
        var j = 0
        while j + 16 <= n {
            // Sixteen at a time: nearly always none of them beats the threshold.
            let base = UnsafeRawPointer(tile.baseAddress.unsafelyUnwrapped + j)
            let lanes = base.loadUnaligned(as: SIMD16<Float>.self)
            if any(lanes .> threshold) {
                for lane in 0..<16 where lanes[lane] > threshold { keep(lanes[lane], firstIndex + j + lane) }
            }
            j += 16
        }
        while j < n {
            if tile[j] > threshold { keep(tile[j], firstIndex + j) }
            j += 1
        }
    }

    /// Inserts behind all scores that are at least as large: equal scores keep their index order.
    private mutating func keep(_ score: Float, _ index: Int) {
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
}
