import Documents
import HTTPTypes
import Hummingbird
import Marketplace
import MarketplaceStore
import NIOCore
import Quoting
import Synchronization

/// `GET /v1/recommendations`: who suits a user, and why.
///
/// An answer is kept until anything that it was made from changes: the user's interactions, the catalogue, a model, a
/// measurement, the hour, or what accepted quotes hold. Whether anything has is asked of the store each time, so that an
/// interaction that was acknowledged, by whichever process, counts in the next ranking: whether anybody has written at all
/// first, and what of the user's only then.
struct RecommendationRoutes: Sendable {
    /// Bytes of answers that are kept.
    static let answerRoom = 64 * 1024 * 1024

    let state: MarketState
    let configuration: QuotingConfiguration
    let metrics: ServiceMetrics
    let clock: @Sendable () -> Int
    private let answers = BoundedCache<Place, Answer>(capacity: answerRoom)
    private let tables = BoundedCache<TableKey, RankingTable>(capacity: 512)

    /// Whose question it is, letter by letter.
    private struct Place: Hashable {
        let tenant: String
        let target: String
    }

    private struct TableKey: Hashable {
        let question: RecommendationQuery.Question
        let generation: Int
        let capacity: Int
    }

    /// An answer and what it was made from.
    private final class Answer: Sendable {
        let user: String
        let revision: StoreRevision
        let loaded: MarketState.Loaded
        let body: ByteBuffer
        /// The store's mark when the answer was last found to hold.
        let mark = Atomic<Int>(.min)

        init(user: String, revision: StoreRevision, loaded: MarketState.Loaded, body: ByteBuffer) {
            self.user = user
            self.revision = revision
            self.loaded = loaded
            self.body = body
        }

        /// Whether nothing has changed between the two states of the store that the answer depends on.
        func isAs(of now: StoreRevision) -> Bool {
            now.user == revision.user && now.imports == revision.imports
                && (now.capacity == revision.capacity || !loaded.market.hasCapacities)
        }
    }

    init(
        state: MarketState, configuration: QuotingConfiguration, metrics: ServiceMetrics,
        clock: @escaping @Sendable () -> Int
    ) {
        self.state = state
        self.metrics = metrics
        self.configuration = configuration
        self.clock = clock
    }

    func add(to router: inout OperationRouter) {
        router.add(.recommend) { try await read($0, $1) }
    }

    private func read(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller
        let now = clock()
        let place = Place(tenant: caller.tenant, target: request.uri.string)
        if let known = answers.value(place), try isCurrent(known, now) { return Self.response(known.body) }
        return Self.response(
            try await state.compute {
                try metrics.timing(.ranking) { try answer(request, place, caller, now) }
            })
    }

    private static func response(_ body: ByteBuffer) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "private, no-cache"],
            body: .init(byteBuffer: body))
    }

    /// Whether nothing has changed since.
    private func isCurrent(_ answer: Answer, _ now: Int) throws -> Bool {
        let mark = try state.store.changeMark()
        if let mark, answer.mark.load(ordering: .relaxed) == mark {
            return state.current(now: now, imports: answer.revision.imports) === answer.loaded
        }
        let revision = try state.store.revision(ofUser: answer.user)
        guard answer.isAs(of: revision), state.current(now: now, imports: revision.imports) === answer.loaded else {
            return false
        }
        if let mark { answer.mark.store(mark, ordering: .relaxed) }
        return true
    }

    /// Works an answer out and keeps it.
    private func answer(_ request: Request, _ place: Place, _ caller: Caller, _ now: Int) throws -> ByteBuffer {
        let loaded = try state.loaded(now: now)
        let market = loaded.market
        let query = try RecommendationQuery(request, market.catalog, today: UTCTime.day(now))
        let user = caller.user(query.user)
        let (history, revision) = try state.store.history(of: user)
        let table = try table(query.question, loaded, revision, now)
        let model = try market.preferences(history: history, features: query.question.features)
        let found = Recommendations(table, for: query.user, model: model, limit: query.limit, by: query.unit)
        var members: [String: JSONValue] = if case .object(let members) = found.json { members } else { [:] }
        members["user"] = .string(query.user)
        members["catalog"] = .string(market.catalog.version)
        let body = ByteBuffer(string: JSONValue.object(members).text())
        // What was read of the store is newer than the market, or as old: an answer of two states is not kept.
        if revision.imports == loaded.mark.revision {
            answers.insert(
                Answer(user: user, revision: revision, loaded: loaded, body: body), for: place,
                cost: body.readableBytes + place.target.utf8.count + 256)
        }
        return body
    }

    private func table(
        _ question: RecommendationQuery.Question, _ loaded: MarketState.Loaded, _ revision: StoreRevision, _ now: Int
    ) throws -> RankingTable {
        let key = TableKey(
            question: question, generation: loaded.generation,
            capacity: loaded.market.hasCapacities ? revision.capacity : 0)
        if let known = tables.value(key) { return known }
        let table = RankingTable(
            question, loaded.market, held: try loaded.market.heldCapacity(at: now), day: UTCTime.day(now),
            configuration.ranking)
        tables.insert(table, for: key)
        return table
    }
}
