import LinearAlgebra
import Synchronization

/// A user's best items, in order.
public struct Ranking: Sendable, Equatable {
    /// The user's index.
    public let user: Int
    /// Item indices, best first.
    public let items: [Int32]
    /// The score of each.
    public let scores: [Float]
}

extension Recommender {
    /// The k best items of each user, exactly: descending score, ties to the lower item index.
    ///
    /// Users are taken in batches and items in tiles, so that a tile of scores stays in cache between the matrix
    /// product that writes it and the selection that reads it. Batches run on all threads. Fewer than k items come
    /// back when fewer are left.
    ///
    /// - Parameters:
    ///   - users: the users, in any order; the answer keeps it.
    ///   - count: k ≥ 0.
    ///   - excluding: row u holds the items that user u has seen and is not to be offered; nil excludes none.
    /// - Throws: `indexOutOfRange`, `shapeMismatch`.
    public func topK(
        users: [Int], count: Int, excluding seen: InteractionMatrix? = nil,
        threads: Int = ParallelBlocks.defaultThreads
    ) throws(RecommendationError) -> [Ranking] {
        if let outside = users.first(where: { $0 < 0 || $0 >= userCount }) {
            throw .indexOutOfRange(kind: "user", index: outside, count: userCount)
        }
        if let seen, seen.userCount != userCount || seen.itemCount != itemCount {
            throw .shapeMismatch(
                what: "items to exclude", expected: "\(userCount) × \(itemCount)",
                found: "\(seen.userCount) × \(seen.itemCount)")
        }
        let batchSize = max(1, min(128, (users.count + threads - 1) / max(1, threads)))
        let results = Mutex<[Int: [Ranking]]>([:])
        let failure = Mutex<RecommendationError?>(nil)
        ParallelBlocks.forEach(count: users.count, blockSize: batchSize, threads: threads) { block, range in
            do throws(RecommendationError) {
                let rankings = try topKOfBatch(Array(users[range]), count, seen)
                results.withLock { $0[block] = rankings }
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return results.withLock { results in results.keys.sorted().flatMap { results[$0] ?? [] } }
    }

    private func topKOfBatch(
        _ users: [Int], _ count: Int, _ seen: InteractionMatrix?
    ) throws(RecommendationError) -> [Ranking] {
        let tileWidth = Self.kind.scoresWholeRows ? max(1, itemCount) : 1024
        var selectors = [TopKSelector](repeating: TopKSelector(count: min(count, itemCount)), count: users.count)
        var nextSeen = users.map { seen?.rowStarts[$0] ?? 0 }
        var tile = Matrix<Float>(rows: users.count, columns: min(tileWidth, itemCount))
        for start in stride(from: 0, to: itemCount, by: tileWidth) {
            let items = start..<min(start + tileWidth, itemCount)
            if items.count != tile.columns { tile = Matrix(rows: users.count, columns: items.count) }
            try score(users: users, items: items, into: &tile)
            for (row, user) in users.enumerated() {
                if let seen {
                    let end = seen.rowStarts[user + 1]
                    while nextSeen[row] < end, Int(seen.items[nextSeen[row]]) < items.upperBound {
                        tile[row, Int(seen.items[nextSeen[row]]) - start] = -.infinity
                        nextSeen[row] += 1
                    }
                }
                selectors[row].insert(row: row, of: tile, firstIndex: start)
            }
        }
        return zip(users, selectors).map { Ranking(user: $0, items: $1.indices, scores: $1.scores) }
    }
}
