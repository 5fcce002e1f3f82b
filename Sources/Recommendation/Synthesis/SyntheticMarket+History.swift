import Foundation
import Marketplace

extension SyntheticMarket {
    private static let day = 86_400.0

    /// What all users did. O(users · (offers + events)).
    public func history() -> SyntheticHistory {
        var interactions: [Interaction] = []
        var choices: [SyntheticChoice] = []
        for user in users.indices { live(user, &interactions, &choices) }
        interactions.sort {
            ($0.time, $0.user, $0.offer, $0.kind.rawValue) < ($1.time, $1.user, $1.offer, $1.kind.rawValue)
        }
        return SyntheticHistory(interactions: interactions, choices: choices)
    }

    /// One user's life: it joins, looks at lists at random times, chooses, and keeps or cancels what it chose.
    private func live(_ user: Int, _ interactions: inout [Interaction], _ choices: inout [SyntheticChoice]) {
        var random = SyntheticRandom(seed: seed, stream: Stream.history(user))
        let utilities = utilities(user: user)
        let length = Double(days) * Self.day
        let joined = random.uniform(0, 0.6) * length
        // A few users come back far more often than most.
        let mean = max(0, settings.sessionsPerUser - 1) * random.logNormal(median: 0.8, sigma: 0.67)
        let sessions = 1 + random.poisson(min(mean, 200))
        let times = [joined] + (1..<sessions).map { _ in random.uniform(joined, length) }.sorted()
        for time in times {
            let shown = list(user, utilities, &random)
            let (chosen, order) = choose(utilities, among: shown, using: &random)
            choices.append(SyntheticChoice(time: clock(time), user: user, shown: shown, chosen: chosen))
            // The better an offer looks, the earlier it is looked at; what is chosen has been looked at.
            let viewed = order.prefix(1 + random.poisson(settings.extraViews))
            var now = time
            var events: [(Double, Int, InteractionKind)] = []
            for offer in viewed {
                events.append((now, offer, .viewed))
                now += 20 + 90 * random.exponential()
            }
            if let chosen {
                let inclusive = inclusiveValue(utilities, shown)
                events += reservation(chosen, at: now, excess: (utilities[chosen] ?? 0) - inclusive, length, &random)
                if viewed.count > 1, random.uniform() < 0.35 { events.append((now + 60, viewed[1], .quoted)) }
            } else if let first = viewed.first, random.uniform() < 0.2 {
                events.append((now + 60, first, .quoted))
            }
            for (time, offer, kind) in events where time < length {
                interactions.append(
                    Interaction(
                        time: clock(time), user: users[user].id, offer: catalog.offers[offer].id, kind: kind))
            }
        }
    }

    /// Seconds since 1970 of a time within the period.
    private func clock(_ time: Double) -> Int { settings.end - days * 86_400 + Int(time) }

    /// The offers of one list, drawn without replacement; nearby ones three times as often (exponential keys:
    /// Efraimidis and Spirakis, 2006). The draw does not look at utilities, as the logit demands.
    private func list(_ user: Int, _ utilities: [Double?], _ random: inout SyntheticRandom) -> [Int] {
        let isNear = terrain.isNear[users[user].region]
        var keys: [(key: Double, offer: Int)] = []
        keys.reserveCapacity(utilities.count)
        for (position, utility) in utilities.enumerated() {
            let key = random.exponential()
            if utility != nil { keys.append((isNear?[position] == true ? key / 3 : key, position)) }
        }
        keys.sort { $0.key < $1.key }
        return keys.prefix(max(0, settings.shown)).map(\.offer)
    }

    /// The logarithm of the mean of exp V over the list: what a draw from it is worth.
    private func inclusiveValue(_ utilities: [Double?], _ shown: [Int]) -> Double {
        let weights = shown.compactMap { utilities[$0].map { exp($0) } }
        return weights.isEmpty ? 0 : log(weights.reduce(0, +) / Double(weights.count))
    }

    /// From the quote of the chosen offer to the end of its reservation.
    ///
    /// - Parameter excess: how much better than the list the offer is for this user; the better, the longer it is kept.
    private func reservation(
        _ offer: Int, at start: Double, excess: Double, _ length: Double, _ random: inout SyntheticRandom
    ) -> [(Double, Int, InteractionKind)] {
        var now = start + random.logNormal(median: 900, sigma: 0.8)
        var events = [(now, offer, InteractionKind.quoted)]
        guard random.uniform() < 0.8 else { return events }
        now += random.logNormal(median: 5 * 3600, sigma: 0.9)
        events.append((now, offer, .accepted))
        guard random.uniform() < 0.95 else { return events }
        now += random.logNormal(median: 240, sigma: 0.6)
        events.append((now, offer, .reserved))
        let keeps = 1 / (1 + exp(-(0.9 + 0.7 * excess)))
        while now < length {
            guard random.uniform() < keeps else {
                events.append((now + Self.day * random.uniform(3, 29), offer, .cancelled))
                break
            }
            // Renewed in the last day of the term of thirty days.
            now += Self.day * random.uniform(29, 30)
            events.append((now, offer, .renewed))
        }
        return events
    }
}
