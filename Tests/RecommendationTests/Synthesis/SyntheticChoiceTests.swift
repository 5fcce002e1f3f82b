import Documents
import Foundation
import Marketplace
import Money
import Recommendation
import Testing

@Suite struct SyntheticChoiceTests {
    /// Pearson's statistic of `counts` against `probabilities`, rare cells pooled, and its degrees of freedom.
    private func chiSquare(_ counts: [Int], _ probabilities: [Double]) -> (statistic: Double, freedom: Int) {
        let total = Double(counts.reduce(0, +))
        var pooled: (count: Double, expected: Double) = (0, 0)
        var cells: [(count: Double, expected: Double)] = []
        for (count, probability) in zip(counts, probabilities) {
            let expected = total * probability
            if expected < 10 {
                pooled = (pooled.count + Double(count), pooled.expected + expected)
            } else {
                cells.append((Double(count), expected))
            }
        }
        if pooled.expected >= 1 { cells.append(pooled) }
        let statistic = cells.reduce(0) { $0 + ($1.count - $1.expected) * ($1.count - $1.expected) / $1.expected }
        return (statistic, cells.count - 1)
    }

    /// The 99.99 % point of chi-square, by Wilson and Hilferty's approximation.
    private func criticalValue(_ freedom: Int) -> Double {
        let share = 2 / (9 * Double(freedom))
        let root = 1 - share + 3.719 * share.squareRoot()
        return Double(freedom) * root * root * root
    }

    @Test(arguments: [0, 3, 11, 42, 77])
    func frequenciesApproachTheLogit(_ user: Int) throws {
        let market = try SyntheticFixture.market(users: 80)
        // A list on which the user is torn: the thirty offers nearest in utility to choosing nothing.
        let shown = market.utilities(user: user).enumerated()
            .compactMap { position, utility in utility.map { (position, abs($0 - market.settings.outsideUtility)) } }
            .sorted { $0.1 < $1.1 }.prefix(30).map(\.0)
        let (offers, outside) = market.probabilities(user: user, among: shown)
        #expect(abs(offers.reduce(outside, +) - 1) < 1e-12)
        var random = SyntheticRandom(seed: 99, stream: UInt64(user))
        var counts = [Int](repeating: 0, count: shown.count + 1)
        for _ in 0..<30_000 {
            let chosen = market.choice(user: user, among: shown, using: &random)
            counts[chosen.flatMap { shown.firstIndex(of: $0) } ?? shown.count] += 1
        }
        let fit = chiSquare(counts, offers + [outside])
        #expect(fit.freedom >= 5)
        #expect(fit.statistic < criticalValue(fit.freedom), "\(fit)")
        // The test can fail: probabilities that are off by three tenths do not pass it.
        var wrong = offers + [outside]
        wrong[shown.count] *= 0.7
        let sum = wrong.reduce(0, +)
        let misfit = chiSquare(counts, wrong.map { $0 / sum })
        #expect(misfit.statistic > criticalValue(misfit.freedom), "\(misfit)")
    }

    @Test func whatIsChosenOverAllListsIsWhatTheProbabilitiesSay() throws {
        let market = try SyntheticFixture.market(users: 600)
        var expected: [String: Double] = [:]
        var variance: [String: Double] = [:]
        var observed: [String: Double] = [:]
        for choice in market.history().choices {
            let (offers, outside) = market.probabilities(user: choice.user, among: choice.shown)
            var byProvider = ["nothing": outside]
            for (offer, probability) in zip(choice.shown, offers) {
                byProvider[market.catalog.offers[offer].provider, default: 0] += probability
            }
            for (provider, probability) in byProvider {
                expected[provider, default: 0] += probability
                variance[provider, default: 0] += probability * (1 - probability)
            }
            observed[choice.chosen.map { market.catalog.offers[$0].provider } ?? "nothing", default: 0] += 1
        }
        #expect(expected.count > 10)
        for (provider, mean) in expected where (variance[provider] ?? 0) > 9 {
            let deviation = (variance[provider] ?? 0).squareRoot()
            let score = ((observed[provider] ?? 0) - mean) / deviation
            #expect(abs(score) < 4.5, "\(provider): \(observed[provider] ?? 0) chosen, \(mean) expected")
        }
    }

    @Test func usersWhoMindThePricePayLess() throws {
        let market = try SyntheticFixture.market(users: 4000)
        var paid: [SyntheticArchetype: [(weight: Double, logPrice: Double)]] = [:]
        for choice in market.history().choices {
            guard let offer = choice.chosen, let price = market.monthlyPrice(user: choice.user, offer: offer) else {
                continue
            }
            let user = market.users[choice.user]
            let relative = log(price / market.referencePrice(user: choice.user))
            paid[user.archetype, default: []].append((user.priceWeight, relative))
        }
        for (archetype, rows) in paid {
            let sorted = rows.sorted { $0.weight < $1.weight }.map(\.logPrice)
            let third = sorted.count / 3
            #expect(third > 50)
            let careless = sorted.prefix(third).reduce(0, +) / Double(third)
            let careful = sorted.suffix(third).reduce(0, +) / Double(third)
            #expect(careful < careless, "\(archetype): \(careful) against \(careless)")
        }
    }

    @Test func aHigherPriceAloneLowersTheProbability() throws {
        let market = try SyntheticFixture.market(users: 20)
        let catalog = market.catalog
        var offers = catalog.offers
        let target = try #require(offers.firstIndex { $0.id == "aws/eu-central-1/s3-standard" })
        offers[target].tariff.monthlyFee = ExactDecimal(5000)
        let dearer = SyntheticMarket(
            seed: market.seed, users: 20, days: 180,
            catalog: Catalog(
                version: "dearer", offers: offers, providers: Array(catalog.providers.values),
                metros: Array(catalog.metros.values), readerRegions: Array(catalog.readerRegions.values),
                latencies: Dictionary(
                    uniqueKeysWithValues: catalog.readerRegions.keys.map { region in
                        let pairs = catalog.metros.keys.compactMap { metro in
                            catalog.latency(from: region, to: metro).map { (metro, $0) }
                        }
                        return (region, Dictionary(uniqueKeysWithValues: pairs))
                    }), register: catalog.register), settings: market.settings)
        let shown = Array(offers.indices)
        for user in market.users.indices {
            let before = market.probabilities(user: user, among: shown).offers[target]
            let after = dearer.probabilities(user: user, among: shown).offers[target]
            #expect(after < before)
        }
    }

    /// The utility, computed again from nothing but the published truth and the catalogue.
    @Test func thePublishedTruthGivesTheUtilities() throws {
        let market = try SyntheticFixture.market(users: 40)
        guard case .object(let truth) = try JSONValue(parsing: market.truthJSON().utf8),
            case .array(let users) = truth["users"], case .object(let classes) = truth["classes"]
        else { throw InputError("truth", [InputIssue("", "is not as documented")]) }
        func number(_ value: JSONValue?) throws -> Double {
            guard case .number(let digits) = value else { throw InputError("truth", [InputIssue("", "no number")]) }
            return try #require(Double(digits))
        }
        func vector(_ value: JSONValue?) throws -> [Double] {
            guard case .array(let values) = value else { throw InputError("truth", [InputIssue("", "no array")]) }
            return try values.map(number)
        }
        #expect(users.count == 40)
        for (index, user) in users.enumerated() {
            guard case .array(let row) = user, case .string(let region) = row[2] else { continue }
            let utilities = market.utilities(user: index)
            for (position, offer) in market.catalog.offers.enumerated() {
                guard let utility = utilities[position] else { continue }
                guard case .object(let parts) = classes["\(offer.provider)/\(offer.storageClass)"] else {
                    Issue.record("the class of \(offer.id) is missing")
                    return
                }
                let price = try #require(market.monthlyPrice(user: index, offer: position))
                let latency = market.catalog.latency(from: region, to: offer.metro)?.milliseconds ?? 60
                let assumed = try #require(market.catalog.providers[offer.provider]).assumedAvailability
                let availability = (offer.availability ?? assumed).doubleValue
                var expected = try number(parts["appeal"])
                expected -= try number(row[4]) * log(price / market.referencePrice(user: index))
                expected -= try number(row[5]) * log((latency + 10) / 70)
                expected += try number(row[6]) * (-log10(1 - availability) - 3)
                if case .string(let home) = row[8],
                    market.catalog.metros[offer.metro]?.jurisdictions.contains(home) != true
                {
                    expected -= try number(row[7])
                }
                if offer.access == .archive, market.users[index].archetype != .backup { expected -= 4 }
                expected += zip(try vector(row[9]), try vector(parts["traits"])).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(expected - utility) < 0.02, "\(offer.id): \(utility), from the truth \(expected)")
            }
        }
    }
}
