import Dispatch
import Foundation
import Logging
import Marketplace
import MarketplaceStore
import Recommendation
import Synchronization

/// The market that the service quotes from: loaded once, and again when an import or a promotion has changed it.
///
/// Whoever finds it unchanged reads it without a lock; whoever notices a change waits for its loading, so that what was
/// acknowledged counts in the next request.
final class MarketState: Sendable {
    /// What a state was loaded from.
    private struct Mark: Sendable, Equatable {
        var revision: Int
        var champion: String
        var qosChampion: String
        var hour: Int
    }

    private struct Loaded: Sendable {
        var market: Market
        var mark: Mark
    }

    /// The store.
    let store: MarketplaceDatabase
    private let models: String
    private let logger: Logger
    private let published = Published<Loaded?>(nil)
    /// Held by whoever changes the state: the versions that verification refused.
    private let changing = Mutex<Set<String>>([])
    private let workers = DispatchQueue(label: "quotes", attributes: .concurrent)
    private let checks = DispatchQueue(label: "model checks", qos: .background)

    init(store: MarketplaceDatabase, models: String, logger: Logger) {
        self.store = store
        self.models = models
        self.logger = logger
    }

    /// The market as it is at `now`, seconds since 1970. A state that cannot be loaded never replaces one that could.
    ///
    /// Blocks while it reads the store; for workers.
    func market(now: Int) throws -> Market {
        let mark = try mark(now)
        if let loaded = published.value, loaded.mark == mark { return loaded.market }
        return try changing.withLock { refused in try load(mark, now, &refused) }
    }

    /// Keeps measurements, and makes the next ranking know them. Returns how many were new.
    func record(_ measurements: [Marketplace.Measurement]) throws -> Int {
        try changing.withLock { _ in
            let new = try store.record(measurements)
            if var loaded = published.value, !new.isEmpty {
                let (market, refused) = loaded.market.recording(new)
                if !refused.isEmpty {
                    logger.warning("measurements that models cannot take in", metadata: ["count": "\(refused.count)"])
                }
                loaded.market = market
                published.publish(loaded)
            }
            return new.count
        }
    }

    /// Runs blocking work away from the event loops.
    func compute<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            workers.async { continuation.resume(with: Result { try body() }) }
        }
    }

    private func load(_ mark: Mark, _ now: Int, _ refused: inout Set<String>) throws -> Market {
        let before = published.value
        if let before {
            if before.mark == mark { return before.market }
            var sameHour = before.mark
            sameHour.hour = mark.hour
            if sameHour == mark {
                let market = try before.market.inHour(of: now)
                published.publish(Loaded(market: market, mark: mark))
                return market
            }
            // A pointer that was set anew may name a version that has been mended.
            if before.mark.champion != mark.champion { refused = [] }
        }
        do {
            let market = try Market(
                store: store, models: models, now: now, previous: before?.market, refused: refused)
            report(market)
            published.publish(Loaded(market: market, mark: mark))
            if let opened = market.opened { verify(opened, before?.market, now) }
            return market
        } catch {
            guard let before else { throw error }
            logger.error("the new state cannot be loaded; the old one stays", metadata: ["reason": "\(error)"])
            return before.market
        }
    }

    private func report(_ market: Market) {
        if let absence = market.modelAbsence {
            logger.warning(
                market.model == nil ? "no preference model" : "the preference model before stays",
                metadata: ["reason": "\(absence)"])
        }
        if let absence = market.qosAbsence {
            logger.warning(
                market.qos == nil ? "no model of performance: the catalogue tells it" : "the QoS models before stay",
                metadata: ["reason": "\(absence)"])
        }
        logger.info(
            "market loaded",
            metadata: [
                "offers": "\(market.catalog.offers.count)", "catalog": "\(market.catalog.version)",
                "model": "\(market.model?.version ?? "none")", "qos": "\(market.qos?.fingerprint ?? "none")"
            ])
    }

    /// Reads a model that was opened in full, in the background; one that is broken gives its place back.
    private func verify(_ opened: OpenModel, _ before: Market?, _ now: Int) {
        checks.async { [self] in
            do {
                try opened.verify()
            } catch {
                let version = opened.manifest.version
                logger.error("the champion is broken and taken out of service", metadata: ["reason": "\(error)"])
                changing.withLock { refused in
                    refused.insert(version)
                    guard var loaded = published.value, loaded.market.model?.version == version,
                        let market = try? Market(
                            store: store, models: models, now: now, previous: before, refused: refused)
                    else { return }
                    loaded.market = market
                    report(market)
                    published.publish(loaded)
                }
            }
        }
    }

    /// Waits until every model that was opened has been read in full.
    func verified() async { await withCheckedContinuation { done in checks.async { done.resume() } } }

    /// What decides whether a state is still the latest.
    private func mark(_ now: Int) throws -> Mark {
        let folder = URL(fileURLWithPath: models, isDirectory: true)
        func pointer(_ path: String) -> String {
            FileManager.default.contents(atPath: folder.appendingPathComponent(path).path)
                .map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
        return Mark(
            revision: try store.revision(), champion: pointer("champion"), qosChampion: pointer("qos/champion"),
            hour: Market.hour(now))
    }
}
