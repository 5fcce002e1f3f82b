import Foundation
import Marketplace
import MarketplaceStore
import Recommendation
import Testing

@Suite struct SyntheticEventTests {
    @Test func theSameSeedGivesTheSameBytes() throws {
        let (one, same) = (try SyntheticFixture.market(), try SyntheticFixture.market())
        let other = try SyntheticFixture.market(seed: 8)
        #expect(Interaction.csv(one.history().interactions) == Interaction.csv(same.history().interactions))
        #expect(Marketplace.Measurement.csv(one.measurements()) == Marketplace.Measurement.csv(same.measurements()))
        #expect(one.truthJSON() == same.truthJSON())
        #expect(one.history().interactions != other.history().interactions)
        #expect(one.measurements() != other.measurements())
    }

    @Test func moreUsersLeaveTheOthersAsTheyWere() throws {
        let (few, many) = (try SyntheticFixture.market(users: 50), try SyntheticFixture.market(users: 120))
        #expect(Array(many.users.prefix(50)) == few.users)
        let known = Set(few.users.map(\.id))
        #expect(many.history().interactions.filter { known.contains($0.user) } == few.history().interactions)
        #expect(many.measurements() == few.measurements())
    }

    @Test func everythingIsOfTheCatalogueAndOfThePeriod() throws {
        let market = try SyntheticFixture.market()
        let history = market.history()
        let period = (market.settings.end - 180 * 86_400)..<market.settings.end
        #expect(history.interactions.count > 3000)
        #expect(history.interactions.allSatisfy { market.catalog.offer($0.offer) != nil && period.contains($0.time) })
        #expect(Set(history.interactions.map(\.user)) == Set(market.users.map(\.id)))
        #expect(Set(history.interactions.map(\.kind)) == [.viewed, .quoted, .accepted, .reserved, .renewed, .cancelled])
        for choice in history.choices {
            #expect(choice.shown.count == market.settings.shown && Set(choice.shown).count == choice.shown.count)
            #expect(choice.chosen.map(choice.shown.contains) ?? true)
            #expect(choice.shown.allSatisfy { market.monthlyPrice(user: choice.user, offer: $0) != nil })
        }
        for measurement in market.measurements() {
            #expect(market.catalog.offer(measurement.offer)?.access == .online)
            #expect(market.catalog.readerRegions[measurement.region] != nil && period.contains(measurement.time))
        }
    }

    @Test func eachStepFollowsTheOneBefore() throws {
        let market = try SyntheticFixture.market()
        var seen: [String: [InteractionKind: Int]] = [:]
        for event in market.history().interactions {
            let before = seen[event.user + " " + event.offer] ?? [:]
            func count(_ kind: InteractionKind) -> Int { before[kind] ?? 0 }
            switch event.kind {
            case .viewed, .rated: break
            case .quoted: #expect(count(.viewed) > 0)
            case .accepted: #expect(count(.quoted) > count(.accepted))
            case .reserved: #expect(count(.accepted) > count(.reserved))
            case .renewed: #expect(count(.reserved) > count(.cancelled))
            case .cancelled: #expect(count(.reserved) > count(.cancelled))
            }
            seen[event.user + " " + event.offer, default: [:]][event.kind, default: 0] += 1
        }
    }

    @Test func whatSuitsIsKeptLonger() throws {
        let market = try SyntheticFixture.market(users: 1500)
        let positions = Dictionary(uniqueKeysWithValues: market.users.enumerated().map { ($1.id, $0) })
        let offers = Dictionary(uniqueKeysWithValues: market.catalog.offers.enumerated().map { ($1.id, $0) })
        let utilities = market.users.indices.map { market.utilities(user: $0) }
        func mean(_ kind: InteractionKind) throws -> Double {
            let values = try market.history().interactions.filter { $0.kind == kind }.map { event -> Double in
                let user = try #require(positions[event.user])
                let offer = try #require(offers[event.offer])
                return try #require(utilities[user][offer])
            }
            return values.reduce(0, +) / Double(values.count)
        }
        let (viewed, reserved) = (try mean(.viewed), try mean(.reserved))
        let (renewed, cancelled) = (try mean(.renewed), try mean(.cancelled))
        #expect(viewed < reserved && cancelled < renewed, "\(viewed) \(reserved) \(renewed) \(cancelled)")
    }

    @Test func theStoreTakesWhatIsWritten() throws {
        let market = try SyntheticFixture.market()
        let store = try SyntheticFixture.store()
        let before = try store.counts()
        let (events, measurements) = (market.history().interactions, market.measurements())
        let taken = try store.import(
            .interactions, Array(Interaction.csv(events).utf8), document: "i.csv", now: SyntheticFixture.now)
        #expect(taken.rows == events.count)
        try store.import(
            .measurements, Array(Marketplace.Measurement.csv(measurements).utf8), document: "m.csv",
            now: SyntheticFixture.now)
        let after = try store.counts()
        #expect(after.interactions > before.interactions && after.measurements > before.measurements)
        let stored = Set(try store.measurements())
        #expect(measurements.allSatisfy { stored.contains($0) })
    }

    @Test func meansOfMeasurementsAreTheTruth() throws {
        let market = try SyntheticFixture.market(users: 0) {
            $0.measuredShare = 0.3
            $0.observationsPerPair = 5
        }
        let positions = Dictionary(uniqueKeysWithValues: market.catalog.offers.enumerated().map { ($1.id, $0) })
        var ratios: [MeasurementMetric: [Double]] = [:]
        var failures = (observed: 0.0, expected: 0.0)
        for one in market.measurements() {
            let offer = try #require(positions[one.offer])
            switch one.metric {
            case .latencyMs:
                ratios[.latencyMs, default: []].append(one.value / market.meanLatency(region: one.region, offer: offer))
            case .throughputMBps:
                ratios[.throughputMBps, default: []].append(
                    one.value / market.meanThroughput(region: one.region, offer: offer))
            case .availability:
                failures.observed += 1 - one.value
                failures.expected += 1 - market.quality.availability[offer]
            }
        }
        let spread = market.settings.observationSpread
        for (metric, values) in ratios {
            let count = Double(values.count)
            #expect(count > 10_000)
            let mean = values.reduce(0, +) / count
            #expect(
                abs(mean - 1) < 5 * (exp(spread * spread) - 1).squareRoot() / count.squareRoot(), "\(metric) \(mean)")
            let logs = values.map { log($0) }
            let centre = logs.reduce(0, +) / count
            let deviation = (logs.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / count).squareRoot()
            #expect(abs(deviation / spread - 1) < 0.03, "\(metric) \(deviation)")
        }
        #expect(abs(failures.observed / failures.expected - 1) < 0.03, "\(failures)")
    }

    @Test func theHiddenFactorsBendTheCataloguesLatency() throws {
        let market = try SyntheticFixture.market(users: 0)
        let ratios = market.catalog.readerRegions.keys.flatMap { region in
            market.catalog.offers.indices.compactMap { offer -> Double? in
                let known = market.catalog.latency(from: region, to: market.catalog.offers[offer].metro)
                return known.map { market.meanLatency(region: region, offer: offer) / ($0.milliseconds + 12) }
            }
        }
        let logs = ratios.map { log($0) }
        let deviation = (logs.reduce(0) { $0 + $1 * $1 } / Double(logs.count)).squareRoot()
        #expect((0.2...0.6).contains(deviation), "\(deviation)")
    }

    @Test func nothingComesOfNothing() throws {
        let real = try SyntheticFixture.market(users: 3).catalog
        let empty = Catalog(
            version: "", offers: [], providers: [], metros: [], readerRegions: [], latencies: [:], register: [])
        for market in [
            SyntheticMarket(seed: 1, users: 5, days: 30, catalog: empty),
            SyntheticMarket(seed: 1, users: -5, days: 30, catalog: real),
            SyntheticMarket(seed: 1, users: 0, days: -1, catalog: real)
        ] {
            #expect(market.history().interactions.isEmpty && market.users.isEmpty)
        }
        #expect(SyntheticMarket(seed: 1, users: 5, days: 0, catalog: real).history().interactions.isEmpty)
        #expect(SyntheticMarket(seed: 1, users: 5, days: 30, catalog: empty).measurements().isEmpty)
    }
}
