/// Makes an assignment of candidates keep the capacities, and then as cheap as single moves make it.
///
/// At clearing prices only requests that hardly mind must move: each move is judged by what it costs at these prices for
/// each byte that it frees.
struct FleetRepair {
    let market: FleetMarket
    /// By limited offer.
    let prices: [Double]
    /// By request in order: the candidates, and which is taken; nil is left out.
    private let entries: [FleetEntry]
    private(set) var choices: [Int?]
    /// By limited offer: raw bytes held.
    private(set) var held: [Double]

    private struct Move {
        let entry: Int
        let candidate: Int
        let rank: Double
    }

    init(_ entries: [FleetEntry], _ prices: [Double], _ market: FleetMarket) {
        self.entries = entries
        self.prices = prices
        self.market = market
        choices = entries.map { $0.choice(prices).candidate }
        held = [Double](repeating: 0, count: market.capacities.count)
        for (index, choice) in choices.enumerated() {
            guard let choice else { continue }
            for use in entries[index].candidates[choice].uses { held[use.offer] += use.bytes }
        }
    }

    mutating func run() {
        relieve()
        drop()
        for _ in 0..<6 { if !improve() { break } }
    }

    private func uses(_ entry: Int, _ candidate: Int?) -> [(offer: Int, bytes: Double)] {
        candidate.map { entries[entry].candidates[$0].uses } ?? []
    }

    private func isOver(_ offer: Int) -> Bool { held[offer] > market.capacities[offer] }

    /// What each limited offer would hold more.
    private func changes(_ entry: Int, to candidate: Int?) -> [(offer: Int, bytes: Double)] {
        var changes = uses(entry, candidate)
        for use in uses(entry, choices[entry]) {
            if let index = changes.firstIndex(where: { $0.offer == use.offer }) {
                changes[index].bytes -= use.bytes
            } else {
                changes.append((use.offer, -use.bytes))
            }
        }
        return changes
    }

    private func fits(_ changes: [(offer: Int, bytes: Double)]) -> Bool {
        changes.allSatisfy { $0.bytes <= 0 || held[$0.offer] + $0.bytes <= market.capacities[$0.offer] }
    }

    private mutating func take(_ entry: Int, _ candidate: Int?) {
        for change in changes(entry, to: candidate) { held[change.offer] += change.bytes }
        choices[entry] = candidate
    }

    /// Moves requests away from offers that are over their capacity.
    private mutating func relieve() {
        for _ in 0..<20 {
            guard held.indices.contains(where: isOver) else { return }
            var moves: [Move] = []
            for index in entries.indices {
                let now = uses(index, choices[index])
                guard let choice = choices[index], now.contains(where: { isOver($0.offer) }) else { continue }
                let value = entries[index].candidates[choice].priced(prices)
                for candidate in entries[index].candidates.indices where candidate != choice {
                    let changes = changes(index, to: candidate)
                    let relief = changes.reduce(0) { $0 + (isOver($1.offer) ? -$1.bytes : 0) }
                    guard relief > 0 else { continue }
                    let regret = entries[index].candidates[candidate].priced(prices) - value
                    moves.append(Move(entry: index, candidate: candidate, rank: regret / relief))
                }
            }
            moves.sort { ($0.rank, $0.entry, $0.candidate) < ($1.rank, $1.entry, $1.candidate) }
            var moved = false
            var seen: Set<Int> = []
            for move in moves where !seen.contains(move.entry) {
                let changes = changes(move.entry, to: move.candidate)
                guard changes.contains(where: { isOver($0.offer) && $0.bytes < 0 }), fits(changes) else { continue }
                take(move.entry, move.candidate)
                seen.insert(move.entry)
                moved = true
            }
            if !moved { return }
        }
    }

    /// Leaves requests out until all offers are within their capacity: those that free most for what they pay.
    private mutating func drop() {
        guard held.indices.contains(where: isOver) else { return }
        var moves: [Move] = []
        for index in entries.indices {
            guard let choice = choices[index] else { continue }
            let relief = uses(index, choice).reduce(0) { $0 + (isOver($1.offer) ? $1.bytes : 0) }
            guard relief > 0 else { continue }
            moves.append(
                Move(entry: index, candidate: choice, rank: entries[index].candidates[choice].cost / relief))
        }
        moves.sort { ($0.rank, $0.entry) < ($1.rank, $1.entry) }
        for move in moves where uses(move.entry, choices[move.entry]).contains(where: { isOver($0.offer) }) {
            take(move.entry, nil)
        }
    }

    /// Takes in what was left out, and moves requests to what costs them less, where there is room; whether any moved.
    private mutating func improve() -> Bool {
        var moves: [Move] = []
        for index in entries.indices {
            let now = choices[index].map { entries[index].candidates[$0].cost } ?? .infinity
            for candidate in entries[index].candidates.indices {
                let cost = entries[index].candidates[candidate].cost
                guard cost < now else { continue }
                let changes = changes(index, to: candidate)
                guard fits(changes) else { continue }
                let taken = changes.reduce(1) { $0 + max(0, $1.bytes) }
                moves.append(
                    Move(entry: index, candidate: candidate, rank: now == .infinity ? -.infinity : (cost - now) / taken)
                )
            }
        }
        moves.sort { ($0.rank, $0.entry, $0.candidate) < ($1.rank, $1.entry, $1.candidate) }
        var moved = false
        for move in moves {
            let now = choices[move.entry].map { entries[move.entry].candidates[$0].cost } ?? .infinity
            guard entries[move.entry].candidates[move.candidate].cost < now,
                fits(changes(move.entry, to: move.candidate))
            else { continue }
            take(move.entry, move.candidate)
            moved = true
        }
        return moved
    }
}
