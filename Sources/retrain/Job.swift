import CommandSupport
import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Recommendation

/// One retraining, from the database to the champion. The caller holds the registry's lock for jobs.
struct Job {
    let registry: ModelRegistry
    let store: MarketplaceDatabase
    let now: Int
    let retraining: Retraining
    let engine: EngineOptions
    let checkpointSeconds: Double
    /// From how many interactions on they are trained on from a mapped file.
    let mapFrom: Int

    /// What a job came to.
    struct Result {
        let outcome: Retraining.Outcome
        let snapshot: InteractionSnapshot
        /// The version that was promoted; nil when the gate stayed closed.
        let version: String?
    }

    /// Who holds a lock, for those who meet it.
    static func holder(_ command: String) -> String {
        "retrain \(command), process \(getpid()), since \(UTCTime.text(Int(Date().timeIntervalSince1970)))"
    }

    /// Seconds from any fixed moment.
    static func clock() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }

    /// Runs; nil when the champion is what this job would come to.
    func run(fresh: Bool, force: Bool) throws -> Result? {
        let catalog = try store.catalog()
        let (snapshot, identity) = try begin(catalog, fresh: fresh)
        let version = try registry.championVersion()
        let champion = version.flatMap { try? registry.manifest($0) }
        if let version, champion == nil {
            Terminal.log("retrain: the champion \(version) cannot be read; none to beat")
        }
        if !force, let champion, champion.job == identity.hash {
            Terminal.log("retrain: the champion \(champion.version) has learned from this very data; nothing to do")
            return nil
        }
        if !force, let refused = try rolledBack(), refused.job == identity.hash {
            Terminal.log(
                "retrain: this job would come to \(refused.version), which was rolled back; --force promotes it all the same"
            )
            return nil
        }
        let job = try JobFolder(identity, in: registry, interval: checkpointSeconds, clock: Self.clock)
        let outcome = try retraining.run(
            snapshot, champion: champion.map { Recipe($0) }, regions: regions(catalog),
            engine: engine.make(job: job, folder: registry.jobFolder, mapFrom: mapFrom), job: job, clock: Self.clock
        ) { Terminal.progress($0) }
        Terminal.progress("", done: true)
        let promoted = try outcome.model.map {
            try promote($0, outcome, snapshot, identity, over: version)
        }
        registry.forgetJob()
        return Result(outcome: outcome, snapshot: snapshot, version: promoted)
    }

    /// The version that the last change took out of service, when that was a rollback.
    private func rolledBack() throws -> ModelManifest? {
        let history = try registry.history()
        guard history.last?.action == .rollback, history.count >= 2 else { return nil }
        return try? registry.manifest(history[history.count - 2].version)
    }

    /// The data of the job that was killed, when that was this one; else the data until now.
    private func begin(
        _ catalog: Catalog, fresh: Bool
    ) throws -> (InteractionSnapshot, JobFolder.Identity) {
        let offers = catalog.offers.map(\.id)
        func snapshot(_ until: Int) throws -> (InteractionSnapshot, JobFolder.Identity) {
            let snapshot = try store.snapshot(until: until, offers: offers)
            return (
                snapshot, try retraining.identity(of: snapshot, until: until, codeVersion: CodeVersion.current)
            )
        }
        if fresh {
            registry.forgetJob()
        } else if let unfinished = registry.unfinishedJob(), unfinished.until <= now {
            let found = try snapshot(unfinished.until)
            if found.1 == unfinished {
                Terminal.log("retrain: going on with the job of \(UTCTime.text(unfinished.until))")
                return found
            }
        }
        return try snapshot(now)
    }

    /// The continent of each offer.
    private func regions(_ catalog: Catalog) -> [String: String] {
        Dictionary(
            catalog.offers.compactMap { offer in
                catalog.metros[offer.metro].map { (offer.id, "offers in \($0.continent)") }
            }
        ) { $1 }
    }

    /// Stores the model and makes it the champion in place of `judged`, the one that it was compared with.
    private func promote(
        _ model: any StorableModel, _ outcome: Retraining.Outcome, _ snapshot: InteractionSnapshot,
        _ identity: JobFolder.Identity, over judged: String?
    ) throws -> String {
        let lock = try registry.lockForWriting(holder: Self.holder("run"))
        defer { withExtendedLifetime(lock) {} }
        guard try registry.championVersion() == judged else {
            throw CommandEnd(
                .failure, "error: the champion was changed while this job ran; nothing promoted, run it again")
        }
        let time = Date(timeIntervalSince1970: Double(now))
        // A job that died between storing and promoting has left its version behind.
        let versions = try registry.versions()
        let stored = versions.first { version in
            (try? registry.manifest(version))?.job == identity.hash && version != judged
                && (try? registry.load(version)) != nil
        }
        if let stored {
            try registry.promote(stored, at: time)
            return stored
        }
        let stamp = UTCTime.text(now).filter { $0 != ":" && $0 != "-" }
        let name = "\(model.recipe.kind.rawValue)-\(stamp)"
        let names = [name] + (2...versions.count + 2).map { "\(name)-\($0)" }
        guard
            let version = names.first(where: {
                !FileManager.default.fileExists(atPath: registry.folder.appendingPathComponent($0).path)
            })
        else { throw CommandEnd(.failure, "error: there is no name left for a version of \(stamp)") }
        func date(_ seconds: Int?) -> Date? { seconds.map { Date(timeIntervalSince1970: Double($0)) } }
        var provenance = ModelProvenance(
            version: version, createdAt: time, seed: model.recipe.seed,
            data: .init(
                start: date(snapshot.period?.lowerBound), end: date(outcome.report.split.end), of: outcome.interactions),
            metrics: outcome.report.contenders.first?.metrics ?? [:], codeVersion: CodeVersion.current,
            userIDs: snapshot.users, itemIDs: snapshot.offers, engine: outcome.recipe.engine,
            weighting: outcome.recipe.weighting, evaluation: try outcome.report.encoded(), job: identity.hash)
        provenance.calibration = outcome.calibration
        if let factors = (model as? ImplicitALSModel ?? (model as? BlendModel)?.factorization)?.userFactors {
            provenance.userPrior = try FeaturePrior.ofUsers(
                store.userFeatures(before: identity.until), users: snapshot.users, factors: factors)
        }
        try registry.save(model, provenance)
        try registry.promote(version, at: time)
        return version
    }
}
