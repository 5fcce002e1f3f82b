import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Quoting
import Recommendation
import TestSupport

/// An event's whole way to the ranking that it changes, on the data that ships: recorded durably, read back, folded in,
/// and all eligible offers of a request ranked, with their factors and evidence.
struct StoreRun {
    let options: PeerOptions

    func run() throws {
        let folder = URL(fileURLWithPath: options.scratch).appendingPathComponent("topk-peers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let now = 1_796_000_000  // 2026-11-30
        let store = try MarketplaceDatabase(path: folder.appendingPathComponent("market.sqlite").path, .creating)
        _ = try store.importFolder(ShippedData.folder.path, now: now)
        let catalog = try store.catalog()
        let snapshot = InteractionSnapshot(try store.interactions(), offers: catalog.offers.map(\.id))
        let matrix = try snapshot.matrix(before: (snapshot.period?.upperBound ?? 0) + 1, weighting: .init())
        let model = try ImplicitALS(.init(factors: options.factors)).train(matrix)
        let serving = try ServingModel(version: "benchmark", model: model, offers: snapshot.offers)
            .withOffers(of: catalog)
        let name = "small-app"
        let request = try SLARequest(
            JSONValue(parsing: ShippedData.request(name), document: name), document: name)
        let eligible = Eligibility(request, catalog, on: UTCTime.day(now)).offers

        var random = SeededGenerator(seed: 1)
        var (recording, reading): ([Double], [Double]) = ([], [])
        var last: [String] = []
        var changes = 0
        for number in 0..<500 {
            let event = Interaction(
                time: now + number, user: request.user, offer: random.pick(eligible).id,
                kind: random.pick([.viewed, .reserved, .renewed, .cancelled]))
            let clock = ContinuousClock()
            let start = clock.now
            try store.record([event])
            let acknowledged = clock.now
            let preferences = try LearnedPreferences(
                model: serving, history: store.interactions(of: request.user), features: request.userFeatures)
            let ranking = Ranking(eligible, request: request, catalog: catalog, model: preferences)
            let end = clock.now
            recording.append((acknowledged - start) / .milliseconds(1))
            reading.append((end - acknowledged) / .milliseconds(1))
            let order = ranking.offers.map(\.offer.id)
            changes += order == last ? 0 : 1
            last = order
        }
        recording.sort()
        reading.sort()
        print("an event through the store, \(eligible.count) of \(catalog.offers.count) offers eligible")
        TopKPeers.line(
            "recorded and acknowledged, p50", recording[250], "p99 \(TopKPeers.text(recording[495]))")
        TopKPeers.line(
            "from there to the changed ranking, p50", reading[250],
            "p99 \(TopKPeers.text(reading[495])); \(changes) of 500 events changed the order")
    }
}
