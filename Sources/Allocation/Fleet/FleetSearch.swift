import Foundation
import Marketplace

/// The cheapest placements of one scheme at linear prices, nearly: a bound and placements that come close to it.
///
/// The relaxation is that of ``PlacementSearch``, approached by the same steps, without its branching: for the many
/// requests of a fleet a bound that is close is worth more than one that is exact. Buffers are kept from request to
/// request.
final class FleetSearch {
    struct Found {
        let members: [Int]
        let cost: Double
    }

    private let space: PlacementSpace
    private let count: Int
    private let readers: Int
    private let data: Int
    private let shards: Int
    private let nats: [(weights: [Double], needed: Double)]
    private let sides: [[Int]]
    private let sideCaps: [Int]
    private var admitted: [[Int]: Bool] = [:]
    private var reduced: [Double]
    private var room: [Int]
    private var chosen: [Int] = []
    private var alive: [Int] = []
    private(set) var found: [Found] = []
    private var lasting: Multipliers?
    private var incumbent = Double.infinity

    init(_ space: PlacementSpace) {
        self.space = space
        count = space.offers.count
        readers = space.readers.count
        (data, shards) = (space.scheme.data, space.scheme.shards)
        nats =
            space.scheme.data == 1
            ? space.hazards.map { (weights: $0.logs.map { -$0 }, needed: -$0.allowed - 1e-9) } : []
        reduced = [Double](repeating: 0, count: count)
        room = space.providerCaps
        (sides, sideCaps) = space.sidesWithHazardLevels
    }

    /// Searches at `hold` and `read` (reader-major); the bound. ``found`` holds the admissible placements that were met.
    ///
    /// - Parameter cutoff: what costs more is of no interest; the bound is at most about that.
    func run(hold: [Double], read: [Double], cutoff: Double, tolerance: Double, iterations: Int = 80) -> Double {
        found.removeAll(keepingCapacity: true)
        lasting = nil
        incumbent = .infinity
        alive = Array(0..<count)
        var at = begin(hold, read)
        var best = at
        var top = -Double.infinity
        var (factor, stale) = (1.0, 0)
        for iteration in 0..<iterations {
            // Where too few offers are left, no placement is cheaper than what they were dropped for.
            guard let now = bound(at, hold, read) else { return min(incumbent, cutoff) }
            consider(chosen, hold, read)
            if iteration & 7 == 0 { considerRepaired(hold, read) }
            if now > top {
                if now > top + 1e-4 * abs(now) { stale = 0 } else { stale += 1 }
                top = now
                best = at
                prune(now, min(incumbent, cutoff))
            } else {
                stale += 1
            }
            let target = min(incumbent, cutoff)
            if target - top <= tolerance * abs(target) { break }
            if stale >= 4 {
                factor /= 2
                stale = 0
                if factor < 0.02 { break }
                at = best
                guard bound(at, hold, read) != nil else { break }
            }
            let aim = target < .infinity ? target : now + max(0.1 * abs(now), 1e-3)
            guard step(&at, now: now, aim: aim, factor, read) else { break }
        }
        considerRepaired(hold, read)
        lasting = best
        return min(top, incumbent, cutoff)
    }

    /// Reduced costs of all offers at prices, with the multipliers that the last search ended with, and the largest among
    /// the n that they select; nil when there are not as many.
    func reducedCosts(_ hold: [Double], _ read: [Double]) -> (costs: [Double], last: Double)? {
        guard let lasting else { return nil }
        alive = Array(0..<count)
        guard bound(lasting, hold, read) != nil, let last = chosen.last else { return nil }
        return (reduced, reduced[last])
    }

    /// Multipliers of the relaxation: by reader, by side group, by hazard.
    private struct Multipliers {
        var readers: [Double]
        var sides: [Double]
        var nats: [Double]
    }

    private func begin(_ hold: [Double], _ read: [Double]) -> Multipliers {
        let share = Double(data) / Double(shards)
        for j in 0..<count { reduced[j] = hold[j] }
        for u in 0..<readers {
            var dearest = 0.0
            for j in 0..<count where read[u * count + j] < .infinity { dearest = max(dearest, read[u * count + j]) }
            for j in 0..<count { reduced[j] += share * min(read[u * count + j], 2 * dearest + 1e-9) }
        }
        considerRepaired(hold, read)
        let members = found.last?.members ?? (select() ? chosen : [])
        var at = Multipliers(
            readers: [], sides: [Double](repeating: 0, count: sideCaps.count),
            nats: [Double](repeating: 0, count: nats.count))
        for u in 0..<readers {
            let prices = members.map { read[u * count + $0] }.filter { $0 < .infinity }.sorted()
            at.readers.append(prices.count >= data ? prices[data - 1] : (prices.last ?? 0) + 1)
        }
        return at
    }

    /// The bound at given multipliers, with ``chosen`` and ``reduced`` of it; nil when too few offers are left.
    private func bound(_ at: Multipliers, _ hold: [Double], _ read: [Double]) -> Double? {
        var value = 0.0
        for t in at.readers { value += Double(data) * t }
        for j in alive { reduced[j] = hold[j] }
        for u in 0..<readers {
            let (t, base) = (at.readers[u], u * count)
            for j in alive {
                let gain = t - read[base + j]
                if gain > 0 { reduced[j] -= gain }
            }
        }
        if at.sides.contains(where: { $0 > 0 }) {
            for s in at.sides.indices { value -= at.sides[s] * Double(sideCaps[s]) }
            for j in alive { for s in sides[j] { reduced[j] += at.sides[s] } }
        }
        for h in at.nats.indices where at.nats[h] > 0 {
            value += at.nats[h] * nats[h].needed
            for j in alive { reduced[j] -= at.nats[h] * nats[h].weights[j] }
        }
        guard select() else { return nil }
        for j in chosen { value += reduced[j] }
        return value
    }

    /// The n offers of least reduced cost under the caps of their providers.
    private func select() -> Bool {
        chosen.removeAll(keepingCapacity: true)
        for g in room.indices { room[g] = space.providerCaps[g] }
        for j in alive {
            let cost = reduced[j]
            if chosen.count == shards, cost >= reduced[chosen[shards - 1]] { continue }
            let group = space.provider[j]
            if room[group] > 0 {
                room[group] -= 1
                if chosen.count == shards { room[space.provider[chosen.removeLast()]] += 1 }
            } else {
                guard let worst = chosen.lastIndex(where: { space.provider[$0] == group }),
                    reduced[chosen[worst]] > cost
                else { continue }
                chosen.remove(at: worst)
            }
            var place = chosen.count
            while place > 0, reduced[chosen[place - 1]] > cost { place -= 1 }
            chosen.insert(j, at: place)
        }
        return chosen.count == shards
    }

    /// Drops offers that no placement cheaper than `most` holds.
    private func prune(_ now: Double, _ most: Double) {
        guard most < .infinity, alive.count > shards, let last = chosen.last else { return }
        let limit = reduced[last] + max(0, most - now) + 1e-9 * abs(most)
        alive.removeAll { reduced[$0] > limit }
    }

    private func step(
        _ at: inout Multipliers, now: Double, aim: Double, _ factor: Double, _ read: [Double]
    ) -> Bool {
        var norm = 0.0
        var reader = [Double](repeating: Double(data), count: readers)
        for u in 0..<readers {
            for j in chosen where read[u * count + j] < at.readers[u] { reader[u] -= 1 }
            norm += reader[u] * reader[u]
        }
        var side = [Double](repeating: 0, count: at.sides.count)
        if !side.isEmpty {
            for s in side.indices { side[s] = -Double(sideCaps[s]) }
            for j in chosen { for s in sides[j] { side[s] += 1 } }
            for s in side.indices {
                if at.sides[s] <= 0, side[s] < 0 { side[s] = 0 }
                norm += side[s] * side[s]
            }
        }
        var nat = [Double](repeating: 0, count: at.nats.count)
        for h in nat.indices {
            nat[h] = nats[h].needed
            for j in chosen { nat[h] -= nats[h].weights[j] }
            if at.nats[h] <= 0, nat[h] < 0 { nat[h] = 0 }
            norm += nat[h] * nat[h]
        }
        guard norm > 1e-12 else { return false }
        let length = factor * max(aim - now, 1e-7 * abs(aim)) / norm
        for u in 0..<readers { at.readers[u] += length * reader[u] }
        for s in side.indices { at.sides[s] = max(0, at.sides[s] + length * side[s]) }
        for h in nat.indices { at.nats[h] = max(0, at.nats[h] + length * nat[h]) }
        return true
    }

    // MARK: Placements

    /// What a placement costs, served from its cheapest offers; nil when a reader cannot be served.
    func cost(_ members: [Int], _ hold: [Double], _ read: [Double]) -> Double? {
        var cost = 0.0
        for j in members { cost += hold[j] }
        for u in 0..<readers {
            let base = u * count
            if data == 1 {
                var least = Double.infinity
                for j in members { least = min(least, read[base + j]) }
                guard least < .infinity else { return nil }
                cost += least
            } else {
                let near = members.map { read[base + $0] }.sorted()
                guard near[data - 1] < .infinity else { return nil }
                for price in near.prefix(data) { cost += price }
            }
        }
        return cost
    }

    private func consider(_ members: [Int], _ hold: [Double], _ read: [Double]) {
        guard members.count == shards, let cost = cost(members, hold, read), cost < 1.1 * incumbent + 1e-9 else {
            return
        }
        let members = members.sorted()
        guard !found.contains(where: { $0.members == members }), admits(members) else { return }
        found.append(Found(members: members, cost: cost))
        incumbent = min(incumbent, cost)
    }

    func admits(_ members: [Int]) -> Bool {
        if let known = admitted[members] { return known }
        let admits = space.admits(members)
        admitted[members] = admits
        return admits
    }

    /// Builds a placement greedily by reduced cost so that every group's cap is kept and every reader served.
    private func considerRepaired(_ hold: [Double], _ read: [Double]) {
        let order = alive.sorted { (reduced[$0], $0) < (reduced[$1], $1) }
        for g in room.indices { room[g] = space.providerCaps[g] }
        var left = sideCaps
        var lacking = [Int](repeating: data, count: readers)
        var members: [Int] = []
        func take(_ j: Int) {
            members.append(j)
            room[space.provider[j]] -= 1
            for s in sides[j] { left[s] -= 1 }
            for u in 0..<readers where read[u * count + j] < .infinity { lacking[u] -= 1 }
        }
        for j in order where members.count < shards {
            guard room[space.provider[j]] > 0, sides[j].allSatisfy({ left[$0] > 0 }) else { continue }
            // As many places as a reader lacks are kept for offers that serve it.
            let places = shards - members.count
            let serves = (0..<readers).allSatisfy { read[$0 * count + j] < .infinity || lacking[$0] < places }
            if serves { take(j) }
        }
        consider(members, hold, read)
    }
}
