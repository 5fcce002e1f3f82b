/// Parts of a test that a mean over everybody would hide: new users, rare offers, regions.
///
/// A slice is a part of what is to be found; the rankings are the same for all. Users with nothing in a slice do not
/// count there.
struct Slices: Sendable {
    /// The slices that have anything in them, by name.
    let parts: [(name: String, held: InteractionMatrix)]

    /// Divides what a period is to find.
    ///
    /// - by how much the users had dealt with before: nothing, 1 to 9 offers, 10 or more;
    /// - by how often the offers had been taken before: *head* offers, the fewest that make up half of all
    ///   commitments; *tail* offers, the other ones; *new* ones, never taken;
    /// - by the offers' regions.
    ///
    /// - Parameter regions: the region of each column; nil for offers that belong to none. O(entries · slices).
    init(_ period: InteractionSnapshot.Period, regions: [String?]) throws(RecommendationError) {
        let (train, held) = (period.train, period.held)
        var parts: [(String, InteractionMatrix)] = []
        for (name, range) in [
            ("users without history", 0...0), ("users with 1–9 offers", 1...9), ("users with 10+ offers", 10...Int.max)
        ] {
            parts.append((name, try held.filtered { user, _ in range.contains(train.entryRange(of: user).count) }))
        }
        let degrees = period.known.itemDegrees
        var isHead = [Bool](repeating: false, count: degrees.count)
        var left = (period.known.count + 1) / 2
        // Equal counts go by column, so that the same data give the same slices.
        for item in degrees.indices.sorted(by: { (degrees[$1], $0) < (degrees[$0], $1) }) where left > 0 {
            isHead[item] = degrees[item] > 0
            left -= degrees[item]
        }
        parts.append(("head offers", try held.filtered { isHead[Int($1)] }))
        parts.append(("tail offers", try held.filtered { !isHead[Int($1)] && degrees[Int($1)] > 0 }))
        parts.append(("new offers", try held.filtered { degrees[Int($1)] == 0 }))
        for region in Set(regions.compactMap { $0 }).sorted() {
            parts.append((region, try held.filtered { regions[Int($1)] == region }))
        }
        self.parts = parts.filter { $0.1.count > 0 }
    }
}
