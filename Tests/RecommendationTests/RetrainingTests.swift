import Foundation
import Marketplace
import Recommendation
import TestSupport
import Testing

/// A market of two tastes: users of a group take offers of their group's half.
enum TwoTastes {
    static let day = 86_400
    static let offers = (0..<24).map { "p\($0 % 3)/offer-\($0)" }

    static func events(users: Int = 240, seed: UInt64 = 1, noise: Double = 0.1) -> [Interaction] {
        var generator = SeededGenerator(seed: seed)
        var events: [Interaction] = []
        for user in 0..<users {
            for _ in 0..<9 {
                let group = generator.chance(noise) ? 1 - user % 2 : user % 2
                let offer = offers[group * 12 + min(generator.int(0...11), generator.int(0...11))]
                let time = generator.int(0...99) * day
                events.append(Interaction(time: time, user: "u\(user)", offer: offer, kind: .viewed))
                events.append(Interaction(time: time + 60, user: "u\(user)", offer: offer, kind: .reserved))
            }
        }
        return events
    }

    static func recipe(_ factors: Int = 4, epochs: Int = 6) -> Recipe {
        Recipe(
            model: .ials(.init(factors: factors, epochs: epochs, regularization: 0.02, unobservedWeight: 0.1)))
    }
}

@Suite("Retraining and its gate")
struct RetrainingTests {
    private func run(
        _ retraining: Retraining, _ events: [Interaction] = TwoTastes.events(), champion: Recipe? = nil,
        regions: [String: String] = [:], clock: () -> Double = { 0 }
    ) throws -> Retraining.Outcome {
        try retraining.run(
            InteractionSnapshot(events, offers: TwoTastes.offers), champion: champion, regions: regions,
            engine: LocalEngine(), clock: clock)
    }

    @Test("A market of two tastes opens the gate, and the same input gives the same outcome")
    func opens() throws {
        let outcome = try run(Retraining(TwoTastes.recipe()))
        #expect(outcome.report.passed, "\(outcome.report.conditions)")
        #expect(outcome.model?.itemCount == 24)
        let again = try run(Retraining(TwoTastes.recipe()))
        #expect(
            again.report == outcome.report && (again.model as? ImplicitALSModel) == (outcome.model as? ImplicitALSModel)
        )
        #expect(try RetrainingReport(decoding: outcome.report.encoded()) == outcome.report)
        #expect(outcome.report.overPopularity.lower > 0)
        let reliability = try #require(outcome.report.reliability)
        #expect(reliability.error < 0.05 && reliability.bins.count > 2)
    }

    @Test("Nothing after the validation period is seen before the judgement")
    func noLeak() throws {
        let events = TwoTastes.events()
        let outcome = try run(Retraining(TwoTastes.recipe()), events)
        // Whatever happens in the test period, epochs and curve stay.
        let split = outcome.report.split
        let altered = events.map { event in
            event.time < split.test
                ? event
                : Interaction(time: event.time, user: event.user, offer: TwoTastes.offers[0], kind: event.kind)
        }
        let other = try run(Retraining(TwoTastes.recipe()), altered)
        #expect(other.report.split == split && other.report.curve == outcome.report.curve)
        #expect(other.recipe == outcome.recipe)
        #expect(other.report["challenger"]?.metrics != outcome.report["challenger"]?.metrics)
    }

    @Test("Noise does not pass: no better than popularity beyond doubt")
    func noise() throws {
        let outcome = try run(Retraining(TwoTastes.recipe()), TwoTastes.events(seed: 4, noise: 0.5))
        #expect(!outcome.report.passed && outcome.model == nil)
        #expect(outcome.report.conditions.contains { $0.name == "better than popularity" && !$0.passed })
    }

    @Test("A worse recipe does not replace the champion, its own recipe does")
    func champions() throws {
        let good = TwoTastes.recipe()
        let bad = Recipe(
            model: .ials(.init(factors: 1, epochs: 1, regularization: 20, unobservedWeight: 1)))
        let refused = try run(Retraining(bad), champion: good)
        #expect(refused.model == nil && refused.report["champion"] != nil)
        #expect(refused.report.conditions.contains { $0.name == "not worse than the champion" && !$0.passed })
        var seeded = good
        seeded.model.seed = 77
        let variant = try run(Retraining(seeded), champion: good)
        #expect(variant.report.passed, "\(variant.report.conditions)")
        let better = try run(Retraining(good), champion: bad)
        #expect(better.report.passed && (better.report.overChampion?.lower ?? -1) > 0)
    }

    @Test(
        "Any kind is retrained, judged against a champion of another kind, and made to serve",
        arguments: ModelKind.allCases)
    func kinds(kind: ModelKind) throws {
        let recipe = Recipe(model: SmallData.recipe(kind, factors: 4))
        let champion = kind == .ease ? TwoTastes.recipe() : Recipe(model: SmallData.recipe(.ease))
        var retraining = Retraining(recipe)
        retraining.gate.margin = 1
        retraining.gate.sliceMargin = 1
        let outcome = try run(retraining, champion: champion)
        let report = outcome.report
        #expect(report["challenger"]?.recipe?.model.kind == kind && report["champion"]?.recipe == champion)
        #expect(report.overChampion != nil)
        #expect(try RetrainingReport(decoding: report.encoded()) == report)
        guard kind != .popularity else {
            #expect(outcome.model == nil, "popularity is not better than itself")
            return
        }
        #expect(report["challenger"]?.metrics["ndcg@20"] ?? 0 > 1.2 * (report["popularity"]?.metrics["ndcg@20"] ?? 1))
        #expect(report.passed, "\(report.conditions)")
        let model = try #require(outcome.model)
        let serving = try ServingModel(
            version: "v", model: model, offers: TwoTastes.offers.sorted(), calibration: outcome.calibration)
        let history = TwoTastes.events().filter { $0.user == "u0" }
        let best = try serving.best(3, for: try serving.user(history))
        #expect(best.count == 3)
        let unseen = try #require(best.first)
        let probability = try #require(serving.preference(of: try serving.user(history), for: unseen.offer)).probability
        #expect(probability > 0 && probability < 1)
        #expect(model.recipe.epochs == (kind == .ials || kind == .blend ? outcome.recipe.model.epochs : 0))
    }

    @Test("A champion of the same kind but for seed and epochs is a variant, of another weight it is not")
    func variants() throws {
        let blend = Recipe(model: SmallData.recipe(.blend, factors: 4))
        var seeded = blend
        seeded.model.seed = 99
        #expect(
            try run(Retraining(seeded), champion: blend).report.conditions.contains { $0.detail.contains("at most") })
        guard case .blend(var parts) = blend.model else { return }
        parts.graphFilterWeight = 0.1
        let other = try run(Retraining(Recipe(model: .blend(parts))), champion: blend)
        #expect(!other.report.conditions.contains { $0.detail.contains("at most") })
    }

    @Test(
        "Training from a mapped file gives the model of memory, and leaves no file", arguments: [ModelKind.ials, .blend]
    )
    func mapped(kind: ModelKind) throws {
        try TemporaryFolder.with { folder in
            let snapshot = InteractionSnapshot(TwoTastes.events(), offers: TwoTastes.offers)
            let retraining = Retraining(Recipe(model: SmallData.recipe(kind, factors: 20)))
            let registry = ModelRegistry(folder: folder)
            let job = try JobFolder(
                try retraining.identity(of: snapshot, until: 0, codeVersion: "test"), in: registry, interval: 1000,
                clock: { 0 })
            let outcome = try retraining.run(
                snapshot, champion: nil, engine: LocalEngine(job: job, mapsFrom: 0), job: job, clock: { 0 })
            let memory = try run(retraining)
            #expect(outcome.report == memory.report)
            #expect(try outcome.model?.scores(user: 3) == memory.model?.scores(user: 3) && memory.model != nil)
            let left = try FileManager.default.contentsOfDirectory(atPath: registry.jobFolder.path)
            #expect(!left.contains { $0.contains("interactions") }, "\(left)")
        }
    }

    @Test("An engine that trains factors refuses models without")
    func foreignEngine() throws {
        #expect(throws: RecommendationError.self) {
            try run(Retraining(Recipe(engine: .spark, model: .ease(.init()))))
        }
    }

    @Test("The gate closes on latency, coverage and too few users")
    func thresholds() throws {
        var time = 0.0
        let slow = try run(Retraining(TwoTastes.recipe())) {
            time += 0.15
            return time
        }
        #expect(slow.report.conditions.filter { !$0.passed }.map(\.name) == ["latency"])
        #expect(abs(slow.report.rankingMilliseconds - 150) < 1e-6)
        var retraining = Retraining(TwoTastes.recipe())
        retraining.gate.minimumTestUsers = 10_000
        retraining.k = 3
        retraining.gate.minimumCoverage = 1
        let few = try run(retraining, TwoTastes.events(users: 40))
        #expect(few.report.conditions.filter { !$0.passed }.map(\.name).contains("enough to test"))
        #expect(few.model == nil)
        retraining.gate.margin = .nan
        #expect(throws: RecommendationError.self) { try run(retraining) }
        retraining.gate.margin = 0
        retraining.testShare = 0.9
        #expect(throws: RecommendationError.self) { try run(retraining) }
    }

    @Test("Slices divide what is to be found")
    func slices() throws {
        let regions = Dictionary(
            uniqueKeysWithValues: TwoTastes.offers.map { ($0, $0.hasPrefix("p0") ? "north" : "south") })
        var events = TwoTastes.events()
        let last = events.map(\.time).max() ?? 0
        for user in 0..<35 {
            events.append(
                Interaction(time: last, user: "new\(user)", offer: TwoTastes.offers[user % 24], kind: .reserved))
        }
        let report = try run(Retraining(TwoTastes.recipe()), events, regions: regions).report
        let slices = try #require(report["challenger"]?.slices)
        let users = Dictionary(uniqueKeysWithValues: slices.map { ($0.name, $0.users) })
        #expect(users["users without history"] ?? 0 >= 35)
        let byUser = slices.filter { $0.name.hasPrefix("users") }
        #expect(byUser.reduce(0) { $0 + $1.users } == report.testUsers)
        // A mean over all users is the mean of the slices of users.
        let mean = byUser.reduce(0) { $0 + Double($1.users) * ($1.metrics["ndcg@20"] ?? 0) } / Double(report.testUsers)
        #expect(abs(mean - (report["challenger"]?.metrics["ndcg@20"] ?? 0)) < 1e-12)
        #expect(users["north"] != nil && users["south"] != nil && users["head offers"] != nil)
        #expect(report["popularity"]?.slices.map(\.name) == slices.map(\.name))
    }

    @Test("Degenerate histories are refused or judged, never a trap", arguments: 0..<6)
    func degenerate(_ history: Int) throws {
        func event(_ user: Int, _ offer: Int, _ time: Int, _ kind: InteractionKind = .reserved) -> Interaction {
            Interaction(
                time: time, user: "u\(user)", offer: offer < 24 ? TwoTastes.offers[offer] : "unknown", kind: kind)
        }
        let events: [Interaction] =
            switch history {
            case 0: []
            case 1: (0..<50).map { event($0, 24, $0) }
            case 2: (0..<24).map { event(0, $0, $0) }
            case 3: (0..<50).map { event($0, 0, $0) }
            case 4: (0..<50).flatMap { user in (0..<24).map { event(user, $0, .max - 1) } }
            default: (0..<50).flatMap { user in (0..<6).map { event(user, $0, $0, .cancelled) } } + [event(0, 0, 9)]
            }
        do {
            let outcome = try run(Retraining(TwoTastes.recipe()), events)
            #expect(!outcome.report.passed && outcome.model == nil)
            #expect(history >= 2)
        } catch let error as RecommendationError {
            #expect(history < 2 && error.description.contains("import interactions"))
        }
    }
}

@Suite("The paired bootstrap")
struct PairedBootstrapTests {
    @Test("Bounds agree with the normal approximation of a mean")
    func normal() {
        var generator = SeededGenerator(seed: 5)
        let differences = (0..<400).map { _ in Double.random(in: -1..<1.2, using: &generator) }
        let bootstrap = PairedBootstrap(differences, confidence: 0.95, resamples: 20_000, seed: 3)
        let mean = differences.reduce(0, +) / 400
        let deviation = (differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 399).squareRoot() / 20
        #expect(abs(bootstrap.mean - mean) < 1e-12)
        #expect(abs(bootstrap.lower - (mean - 1.6449 * deviation)) < 0.1 * deviation)
        #expect(abs(bootstrap.upper - (mean + 1.6449 * deviation)) < 0.1 * deviation)
        #expect(bootstrap == PairedBootstrap(differences, confidence: 0.95, resamples: 20_000, seed: 3))
    }

    @Test("A 95% bound is wrong in about one of twenty cases")
    func coverage() {
        var generator = SeededGenerator(seed: 6)
        let wrong = (0..<600).count { round in
            let sample = (0..<60).map { _ in Double.random(in: -1..<1, using: &generator) }
            return PairedBootstrap(sample, resamples: 500, seed: UInt64(round)).lower > 0
        }
        // 30 are expected, with a standard deviation of 5.3.
        #expect((12...50).contains(wrong), "\(wrong) of 600")
    }

    @Test("Degenerate samples")
    func degenerate() {
        #expect(PairedBootstrap([]).lower == 0)
        let constant = PairedBootstrap([0.5, 0.5, 0.5])
        #expect(constant.lower == 0.5 && constant.upper == 0.5)
        let bad = PairedBootstrap([1, .nan])
        #expect(!(bad.lower > 0) && !(bad.upper >= 0))
    }
}
