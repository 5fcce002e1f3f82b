/// One side of QoS measurements, those who measure or what is measured: IDs, and where each belongs.
public struct QoSParties: Sendable, Equatable {
    /// The IDs in index order, each once.
    public private(set) var ids: [String]
    /// Where each belongs, from coarse to fine, as `["eu-west", "as3215"]`: what stands in for it when it is unknown.
    public private(set) var paths: [[String]]
    private var indices: [String: Int]

    /// Parties; those without an entry in `paths` belong nowhere in particular.
    /// - Throws: `invalidMeasurements` for an ID that stands twice.
    public init(ids: [String], paths: [String: [String]] = [:]) throws(RecommendationError) {
        self.ids = ids
        self.paths = ids.map { paths[$0] ?? [] }
        indices = Dictionary(ids.enumerated().map { ($1, $0) }) { first, _ in first }
        guard indices.count == ids.count else { throw .invalidMeasurements(reason: "an ID stands twice") }
    }

    /// `count` parties whose IDs are their indices.
    public init(count: Int) {
        ids = (0..<max(0, count)).map(String.init)
        paths = ids.map { _ in [] }
        indices = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
    }

    /// How many there are.
    public var count: Int { ids.count }

    /// The index of an ID; nil when it is unknown.
    public func index(_ id: String) -> Int? { indices[id] }

    /// The index of an ID, which joins at the end when it is new.
    mutating func join(_ id: String, path: [String]) -> Int {
        if let index = indices[id] { return index }
        indices[id] = ids.count
        ids.append(id)
        paths.append(path)
        return ids.count - 1
    }
}
