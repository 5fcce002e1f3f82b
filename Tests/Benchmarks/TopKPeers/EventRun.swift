import Foundation
import Marketplace
import Recommendation
import TestSupport

/// The time from an event to the ranking that it changes, in memory: fold-in and the preferences for all offers.
struct EventRun {
    let serving: ServingModel
    let offers: [String]

    func run() throws {
        for length in [1, 10, 100, 400] {
            var random = SeededGenerator(seed: UInt64(length))
            var history = (0..<length).map { event($0, &random) }
            var folding: [Double] = []
            var ranking: [Double] = []
            for number in 0..<500 {
                let clock = ContinuousClock()
                let start = clock.now
                history[number % length] = event(length + number, &random)
                let user = try serving.user(history)
                let folded = clock.now
                let best = try serving.best(20, for: user, allowed: [String]?.none, denied: [], includesSeen: true)
                let preferences = offers.map { serving.preference(of: user, for: $0) }
                let end = clock.now
                guard best.count == 20, preferences.count == offers.count else { continue }
                folding.append((folded - start) / .milliseconds(1))
                ranking.append((end - start) / .milliseconds(1))
            }
            folding.sort()
            ranking.sort()
            TopKPeers.line(
                "event to ranking, \(length) events, p50", ranking[ranking.count / 2],
                String(
                    format: "p99 %.3f ms; fold-in of it %.3f and %.3f ms", ranking[ranking.count * 99 / 100],
                    folding[folding.count / 2], folding[folding.count * 99 / 100]))
        }
        // Folding in when an event is written would leave a look-up to the reader: what a cache could save at best.
        let cache = Dictionary(
            uniqueKeysWithValues: try (0..<10_000).map { ("user-\($0)", try serving.user([]).factors) })
        let names = (0..<500).map { "user-\($0 * 7)" }
        let looking = Stopwatch.each(names) { name in if cache[name]?.isEmpty ?? true { print(name) } }
        TopKPeers.line("  a look-up of factors kept at writing, p50", looking.p50)
    }

    private func event(_ number: Int, _ random: inout SeededGenerator) -> Interaction {
        Interaction(
            time: 1_790_000_000 + 3600 * number, user: "user-1", offer: random.pick(offers),
            kind: random.pick([.viewed, .quoted, .accepted, .reserved, .renewed]))
    }
}
