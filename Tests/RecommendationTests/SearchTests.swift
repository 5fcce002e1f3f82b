import Foundation
import Recommendation
import Testing

@Suite("The search for hyperparameters")
struct SearchTests {
    private var search: HyperparameterSearch {
        var search = HyperparameterSearch(
            start: .ials(.init(factors: 2, epochs: 4, regularization: 0.1, unobservedWeight: 0.1)))
        search.maximumFactors = 8
        search.maximumEpochs = 4
        return search
    }

    private func run(
        _ search: HyperparameterSearch, past: [HyperparameterSearch.Trial] = [], trials: Int,
        isOver: () -> Bool = { false }
    ) throws -> [HyperparameterSearch.Trial] {
        var done = past
        let snapshot = InteractionSnapshot(TwoTastes.events(users: 120), offers: TwoTastes.offers)
        try search.run(snapshot, past: past, trials: trials, isOver: isOver) { done.append($0) }
        return done
    }

    @Test("A search that stops and goes on comes to the same trials")
    func resumes() throws {
        let whole = try run(search, trials: 9)
        #expect(whole.map(\.number) == Array(0..<9))
        let tried = whole.compactMap(\.recipe.factorization)
        #expect(tried.count == 9 && tried[0].factors == 2 && tried[0].regularization == 0.1)
        #expect(Set(tried.map(\.regularization)).count == 9, "no trial is repeated")
        #expect(tried.allSatisfy { (1...8).contains($0.factors) && (1...4).contains($0.epochs) })
        #expect(try run(search, past: Array(whole.prefix(4)), trials: 9) == whole)
        #expect(try run(search, past: whole, trials: 5) == whole)
        var calls = 0
        let some = try run(search, trials: 9) {
            calls += 1
            return calls > 3
        }
        #expect(some == Array(whole.prefix(3)))
        var other = search
        other.seed = 2
        #expect(try run(other, trials: 3)[1] != whole[1])
        let best = try #require(HyperparameterSearch.best(whole))
        #expect(whole.allSatisfy { $0.isGivenUp || $0.ndcg <= best.ndcg })
    }

    @Test("A search over kinds tries each, stays within bounds, and is the same when it goes on")
    func kinds() throws {
        var search = search
        search.kinds = ModelKind.allCases
        let whole = try run(search, trials: 12)
        #expect(Set(whole.prefix(6).map(\.recipe.kind)) == Set(ModelKind.allCases))
        #expect(try run(search, past: Array(whole.prefix(8)), trials: 12) == whole)
        for trial in whole {
            try trial.recipe.validate()
            #expect(trial.curve.count == (trial.recipe.factorization == nil ? 1 : trial.curve.count))
            #expect(
                try JSONDecoder().decode(ModelRecipe.self, from: JSONEncoder().encode(trial.recipe)) == trial.recipe)
        }
        let best = try #require(HyperparameterSearch.best(whole))
        #expect(best.recipe.kind != .popularity, "a market of two tastes is more than what most take")
    }

    @Test("A log of the time when factorizations alone were searched still opens")
    func oldLog() throws {
        try TemporaryFolder.with { folder in
            let registry = ModelRegistry(folder: folder)
            let old = """
                {"search":{"search":{"k":20,"maximumEpochs":4,"maximumFactors":8,"periods":3,"seed":1,"start":\
                {"epochs":4,"factors":2,"frequencyExponent":1,"regularization":0.1,"seed":1,"unobservedWeight":0.1},\
                "testShare":0.2,"users":2000,"validationShare":0.16,"weighting":\(try weighting())},"study":"s","until":7}}
                {"trial":{"curve":[0.5],"hyperparameters":{"epochs":1,"factors":2,"frequencyExponent":1,\
                "regularization":0.1,"seed":1,"unobservedWeight":0.1},"isGivenUp":false,"ndcg":0.5,"number":0,"recall":0.4}}

                """
            try Data(old.utf8).write(to: folder.appendingPathComponent("search.jsonl"))
            let best = try SearchLog(registry).best()
            #expect(best?.model == .ials(.init(factors: 2, epochs: 1, regularization: 0.1, unobservedWeight: 0.1)))
            #expect(try SearchLog(registry).best(.ease) == nil)
        }
    }

    private func weighting() throws -> String {
        String(decoding: try JSONEncoder().encode(InteractionWeighting()), as: UTF8.self)
    }

    @Test("The test period is never looked at")
    func noLeak() throws {
        let events = TwoTastes.events(users: 120)
        let snapshot = InteractionSnapshot(events, offers: TwoTastes.offers)
        let split = try snapshot.split()
        let altered = InteractionSnapshot(
            events.map { $0.time < split.test ? $0 : .init(time: $0.time, user: "u0", offer: $0.offer, kind: $0.kind) },
            offers: TwoTastes.offers)
        var (one, two) = ([HyperparameterSearch.Trial](), [HyperparameterSearch.Trial]())
        try search.run(snapshot, past: [], trials: 3, isOver: { false }) { one.append($0) }
        try search.run(altered, past: [], trials: 3, isOver: { false }) { two.append($0) }
        #expect(one == two)
        #expect(try search.study(snapshot) == search.study(altered))
    }

    @Test("The log keeps what was written, and names a line that it does not understand")
    func log() throws {
        try TemporaryFolder.with { folder in
            let log = SearchLog(ModelRegistry(folder: folder.appendingPathComponent("models")))
            #expect(try log.last() == nil && log.best() == nil)
            let trials = try run(search, trials: 3)
            let header = SearchLog.Header(study: "s", until: 7, search: search)
            try log.append(header)
            for trial in trials { try log.append(trial) }
            #expect(try log.last() == SearchLog.Search(header: header, trials: trials))
            #expect(try log.best()?.model == HyperparameterSearch.best(trials)?.recipe)
            try log.append(SearchLog.Header(study: "t", until: 8, search: search))
            #expect(try log.last()?.trials.isEmpty == true, "a new search begins without trials")
            let file = folder.appendingPathComponent("models/search.jsonl")
            try Data("nonsense\n".utf8).write(to: file)
            #expect(throws: RecommendationError.self) { try log.last() }
        }
    }

    @Test("An empty history is refused")
    func empty() {
        #expect(throws: RecommendationError.self) {
            try search.run(
                InteractionSnapshot([], offers: TwoTastes.offers), past: [], trials: 1, isOver: { false },
                record: { _ in })
        }
    }
}
