import Foundation
import Pricing
import TestSupport
import Testing

/// The logit of which only whether the own offer was taken is known.
@Suite struct OwnChoiceLogitTests {
    private func data(_ choices: [MadeUpListing.Choice], own: Int) throws -> (data: ChoiceData, rows: [Int]) {
        let showing = choices.filter { $0.rows.contains { $0.provider == own } }
        let rows = showing.flatMap(\.rows)
        let data = try ChoiceData(
            variables: ["price", "speed"], columns: [rows.map(\.price), rows.map(\.speed)],
            sizes: showing.map(\.rows.count), chosen: showing.map(\.taken))
        return (data, rows.indices.filter { rows[$0].provider == own })
    }

    /// The penalised log likelihood in plain words.
    private func objective(_ choices: [MadeUpListing.Choice], own: Int, _ b: [Double]) -> Double {
        var sum = -(b[0] * b[0] + b[1] * b[1]) / 200
        for choice in choices {
            guard let place = choice.rows.firstIndex(where: { $0.provider == own }) else { continue }
            let weights = choice.rows.enumerated().map { index, row in
                exp((index == place ? b[0] : b[1]) + b[2] * row.price + b[3] * row.speed)
            }
            let share = weights[place] / (1 + weights.reduce(0, +))
            sum += log(choice.taken == place ? share : 1 - share)
        }
        return sum
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func theMaximumIsOne(seed: UInt64) throws {
        var listing = MadeUpListing()
        listing.choices = 600
        let choices = listing.draw(seed: seed)
        let (data, rows) = try data(choices, own: 2)
        let found = try OwnChoiceLogit(data, variables: ["price", "speed"], ownRows: rows).maximize()
        let best = objective(choices, own: 2, found)
        var random = SeededGenerator(seed: seed &+ 100)
        for _ in 0..<200 {
            let sizes = [0.05, 0.05, 5, 0.05]
            let near = zip(found, sizes).map { $0 + $1 * random.normal() }
            #expect(objective(choices, own: 2, near) < best)
        }
        for (place, step) in [1e-4, 1e-4, 1e-2, 1e-4].enumerated() {
            var (up, down) = (found, found)
            up[place] += step
            down[place] -= step
            let slope = (objective(choices, own: 2, up) - objective(choices, own: 2, down)) / (2 * step)
            let bend = (objective(choices, own: 2, up) + objective(choices, own: 2, down) - 2 * best) / (step * step)
            #expect(abs(slope / bend) < 1e-6 * max(1, abs(found[place])), "of \(place): \(slope), \(bend)")
        }
    }

    @Test func oneOfferAloneIsTheUsualLogit() throws {
        // One row a choice, and nothing beside it: the conditional logit with an outside option and a ridge on its constant.
        var listing = MadeUpListing()
        listing.choices = 4000
        let choices = listing.draw(seed: 5).compactMap { choice -> MadeUpListing.Choice? in
            guard let place = choice.rows.firstIndex(where: { $0.provider == 1 }) else { return nil }
            var alone = choice
            alone.rows = [choice.rows[place]]
            alone.taken = choice.taken == place ? 0 : nil
            return alone
        }
        let (data, rows) = try data(choices, own: 1)
        let own = try OwnChoiceLogit(data, variables: ["price", "speed"], ownRows: rows).maximize()
        let usual = try ConditionalLogit.fit(data, variables: ["constant", "price", "speed"], outside: true)
        let errors = try #require(usual.standardErrors())
        for (one, (other, error)) in zip([own[0], own[2], own[3]], zip(usual.coefficients, errors)) {
            // The constant is drawn to 0 a little.
            #expect(abs(one - other) < 0.05 * error, "\(one) \(other) \(error)")
        }
    }

    @Test func theTruthIsFound() throws {
        var listing = MadeUpListing()
        (listing.choices, listing.weekly) = (40_000, 0)
        let choices = listing.draw(seed: 11)
        var (data, rows) = try data(choices, own: 3)
        // What is known of providers' lasting quality, beside what is not.
        let worths = choices.filter { $0.rows.contains { $0.provider == 3 } }.flatMap(\.rows).map {
            0.3 * Double($0.provider)
        }
        data = try data.adding("worth", worths)
        let found = try OwnChoiceLogit(data, variables: ["price", "speed", "worth"], ownRows: rows).maximize()
        #expect(abs(found[2] + listing.alpha) < 0.1 * listing.alpha, "\(found)")
        #expect(abs(found[3] - listing.speed) < 0.1, "\(found)")
        #expect(abs(found[4] - 1) < 0.2, "\(found)")
        #expect(abs(found[1] - listing.constant) < 0.3, "\(found)")
    }

    @Test func whatCannotBeToldIsRefused() throws {
        var listing = MadeUpListing()
        listing.choices = 500
        var choices = listing.draw(seed: 3)
        func refused(_ choices: [MadeUpListing.Choice]) throws -> PricingError? {
            let (data, rows) = try data(choices, own: 2)
            do {
                _ = try OwnChoiceLogit(data, variables: ["price", "speed"], ownRows: rows).maximize()
                return nil
            } catch { return error }
        }
        #expect(try refused(choices) == nil)
        var never = choices
        for index in never.indices where never[index].taken.map({ never[index].rows[$0].provider == 2 }) ?? false {
            never[index].taken = nil
        }
        guard case .separated = try refused(never) else {
            Issue.record("never taken")
            return
        }
        // Speed is the price in other words.
        for index in choices.indices {
            for place in choices[index].rows.indices {
                choices[index].rows[place].speed = 3 * choices[index].rows[place].price
            }
        }
        guard case .collinear(let names) = try refused(choices) else {
            Issue.record("collinear attributes")
            return
        }
        #expect(Set(names) == ["price", "speed"])
    }
}
