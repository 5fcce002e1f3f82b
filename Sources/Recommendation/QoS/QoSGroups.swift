import LinearAlgebra

/// Means of factors over groups within groups: what an unknown party is taken for.
///
/// A group's mean is shrunk towards that of the group around it: `m_g = (Σ_{i∈g} x_i + κ m_parent) / (|g| + κ)`; the
/// outermost is the mean of all. A party's own row can be left out, so that it is judged as if it were new.
struct QoSGroups: Sendable {
    private struct Node {
        var sum: [Float]
        var count: Float = 0
    }
    private let width: Int
    private let prior: Float
    private var nodes: [[String]: Node] = [:]
    /// The keys of each row's groups, all first; nil for rows that do not count.
    private let memberships: [[[String]]?]

    /// The groups of those `rows` that are known.
    init(_ rows: Matrix<Float>, paths: [[String]], isKnown: [Bool], prior: Double) {
        width = rows.columns
        self.prior = Float(prior)
        memberships = zip(paths, isKnown).map { path, isKnown in isKnown ? Self.keys(path) : nil }
        for (row, keys) in memberships.enumerated() {
            for key in keys ?? [] {
                var node = nodes[key] ?? Node(sum: [Float](repeating: 0, count: width))
                for (i, x) in rows.row(row).enumerated() { node.sum[i] += x }
                node.count += 1
                nodes[key] = node
            }
        }
    }

    private static func keys(_ path: [String]) -> [[String]] { (0...path.count).map { Array(path.prefix($0)) } }

    /// The mean of the narrowest known group on `path`, without row `excluded` when that is given; zeros when there is
    /// nobody. O(width · path).
    func mean(_ path: [String], without excluded: (index: Int, values: ArraySlice<Float>)? = nil) -> [Float] {
        var mean = [Float](repeating: 0, count: width)
        for (level, key) in Self.keys(path).enumerated() {
            guard let node = nodes[key] else { break }
            var (sum, count) = (node.sum, node.count)
            if let excluded, memberships[excluded.index]?.contains(key) == true {
                for (i, x) in excluded.values.enumerated() { sum[i] -= x }
                count -= 1
            }
            guard count > 0 else { break }
            let weight = level == 0 ? 0 : prior
            for i in 0..<width { mean[i] = (sum[i] + weight * mean[i]) / (count + weight) }
        }
        return mean
    }
}
