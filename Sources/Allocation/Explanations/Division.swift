import Marketplace

/// A division of the data over placements that does not depend on where offers stand in a problem, so that it can be
/// held against variants of it.
struct Division: Sendable, Hashable {
    /// A share of the data under one placement, read in one way.
    struct Part: Sendable, Hashable {
        let scheme: RedundancyScheme
        /// IDs, in the order of the problem.
        let offers: [String]
        /// By traffic region: the offers that its reads fetch from.
        let fetched: [[String]]
        let share: Double
    }

    /// One placement, whichever share lies there.
    struct Place: Sendable, Hashable {
        let scheme: RedundancyScheme
        let offers: [String]
    }

    let parts: [Part]

    /// The placements in use.
    var places: Set<Place> { Set(parts.map { Place(scheme: $0.scheme, offers: $0.offers) }) }

    /// The schemes in use, the widest first.
    var schemes: [RedundancyScheme] {
        Set(parts.map(\.scheme)).sorted { ($0.shards, $0.data) > ($1.shards, $1.data) }
    }

    /// IDs of the offers that hold data.
    var offers: Set<String> { Set(parts.flatMap(\.offers)) }
}

extension Division {
    /// The division of an allocation, where every read of a placement fetches from the same offers; nil where shares of
    /// them fetch from others, so that the columns are not known any more.
    init?(_ placements: [Placement]) {
        var parts: [Part] = []
        for placement in placements {
            let regions = placement.legs.map(\.readShares.count).max() ?? 0
            guard placement.legs.allSatisfy({ $0.readShares.count == regions }) else { return nil }
            guard placement.legs.allSatisfy({ $0.readShares.allSatisfy { min($0, abs(1 - $0)) < 1e-9 } }) else {
                return nil
            }
            let fetched = (0..<regions).map { u in
                placement.legs.filter { $0.readShares[u] > 0.5 }.map(\.offer.id)
            }
            parts.append(
                Part(
                    scheme: placement.scheme, offers: placement.legs.map(\.offer.id), fetched: fetched,
                    share: placement.share))
        }
        self.parts = parts
    }
}

extension TermModel {
    /// A column by names.
    func part(_ column: ShareColumn, share: Double = 0) -> Division.Part {
        Division.Part(
            scheme: scheme(column), offers: column.members.map { problem.offers[$0].id },
            fetched: column.fetched.map { $0.map { problem.offers[$0].id } }, share: share)
    }

    /// A candidate by names.
    func division(_ candidate: ShareCandidate) -> Division {
        Division(parts: candidate.columns.map { part($0.column, share: $0.share) })
    }

    /// The columns of `parts` that this model admits, in their order; nil for the others.
    func columns(_ parts: [Division.Part]) -> [ShareColumn?] {
        let numbers = Dictionary(problem.offers.enumerated().map { ($1.id, $0) }) { first, _ in first }
        let positions = spaces.map { Dictionary(uniqueKeysWithValues: $0.offers.enumerated().map { ($1, $0) }) }
        return parts.map { part in
            guard let s = spaces.firstIndex(where: { $0.scheme == part.scheme }) else { return nil }
            let members = part.offers.compactMap { numbers[$0] }.sorted()
            let placed = members.compactMap { positions[s][$0] }
            guard placed.count == part.scheme.shards, spaces[s].admits(placed) else { return nil }
            var fetched: [[Int]] = []
            for (u, names) in part.fetched.enumerated() {
                let offers = names.compactMap { numbers[$0] }
                if let row = spaces[s].readers.firstIndex(of: u) {
                    let mayServe = offers.allSatisfy { positions[s][$0].map { spaces[s].serves[row][$0] } ?? false }
                    guard mayServe else { return nil }
                }
                // A region that reads nothing now may have read before.
                let part = request.traffic[u]
                let reads = part.egressBytes > 0 || part.reads > 0
                guard !reads || offers.count == spaces[s].scheme.data else { return nil }
                fetched.append(reads ? offers : [])
            }
            return ShareColumn(scheme: s, members: members, fetched: fetched)
        }
    }
}
