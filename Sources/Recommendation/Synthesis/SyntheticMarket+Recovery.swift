/// How well a model's order of offers is the true one.
public struct RankRecovery: Sendable, Equatable {
    /// The users that could be compared.
    public let users: Int
    /// The mean, over users, of Spearman's correlation of the model's scores with the true utilities.
    public let correlation: Double
    /// The mean true standing of the model's first ten offers: 1 for the very best of all offers, 0.5 for chance.
    public let standing: Double
}

extension SyntheticMarket {
    /// Compares a model with the utilities behind the market.
    ///
    /// Users and offers that the market does not have do not count, nor do offers that are not for sale to a user.
    /// - Parameters:
    ///   - model: what is compared.
    ///   - userIDs: the users by row.
    ///   - offerIDs: the offers by column.
    /// - Throws: `shapeMismatch`, what scoring throws. O(users · offers · log offers).
    public func recovery(
        of model: some Recommender, userIDs: [String], offerIDs: [String]
    ) throws(RecommendationError) -> RankRecovery {
        guard userIDs.count == model.userCount, offerIDs.count == model.itemCount else {
            throw .shapeMismatch(
                what: "IDs", expected: "\(model.userCount) × \(model.itemCount)",
                found: "\(userIDs.count) × \(offerIDs.count)")
        }
        let positions = Dictionary(catalog.offers.enumerated().map { ($1.id, $0) }) { $1 }
        let people = Dictionary(users.enumerated().map { ($1.id, $0) }) { $1 }
        let columns = offerIDs.map { positions[$0] }
        var (count, correlation, standing) = (0, 0.0, 0.0)
        for (row, id) in userIDs.enumerated() {
            guard let user = people[id] else { continue }
            let truth = utilities(user: user)
            var pairs: [(score: Double, utility: Double)] = []
            for (score, column) in zip(try model.scores(user: row), columns) {
                if let column, let utility = truth[column] { pairs.append((Double(score), utility)) }
            }
            guard pairs.count > 1 else { continue }
            let utilityRanks = Self.ranks(pairs.map(\.utility))
            guard let own = Self.correlation(Self.ranks(pairs.map(\.score)), utilityRanks) else { continue }
            count += 1
            correlation += own
            let first = pairs.indices.sorted { (pairs[$1].score, $0) < (pairs[$0].score, $1) }.prefix(10)
            standing += first.reduce(0) { $0 + utilityRanks[$1] / Double(pairs.count - 1) } / Double(first.count)
        }
        let divisor = Double(max(1, count))
        return RankRecovery(users: count, correlation: correlation / divisor, standing: standing / divisor)
    }

    /// Ranks from 0, ascending; equal values share the mean of theirs. O(n log n).
    static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = Double(start + end - 1) / 2 }
            start = end
        }
        return ranks
    }

    /// Pearson's correlation; nil when either does not vary.
    private static func correlation(_ one: [Double], _ other: [Double]) -> Double? {
        let (meanOne, meanOther) = (one.reduce(0, +) / Double(one.count), other.reduce(0, +) / Double(other.count))
        var (product, squareOne, squareOther) = (0.0, 0.0, 0.0)
        for (a, b) in zip(one, other) {
            product += (a - meanOne) * (b - meanOther)
            squareOne += (a - meanOne) * (a - meanOne)
            squareOther += (b - meanOther) * (b - meanOther)
        }
        let scale = (squareOne * squareOther).squareRoot()
        return scale > 0 ? product / scale : nil
    }
}
