import Foundation
import Recommendation
import Testing

@Suite("The search for hyperparameters")
struct SearchTests {
    private var search: HyperparameterSearch {
        var search = HyperparameterSearch(
            start: .init(factors: 2, epochs: 4, regularization: 0.1, unobservedWeight: 0.1))
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
        #expect(whole[0].hyperparameters.factors == 2 && whole[0].hyperparameters.regularization == 0.1)
        #expect(Set(whole.map(\.hyperparameters.regularization)).count == 9, "no trial is repeated")
        #expect(
            whole.allSatisfy {
                (1...8).contains($0.hyperparameters.factors) && (1...4).contains($0.hyperparameters.epochs)
            })
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
            #expect(try log.best()?.hyperparameters == HyperparameterSearch.best(trials)?.hyperparameters)
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
