import LinearAlgebra

/// What the operator chooses before a model of one kind is trained.
///
/// As JSON it is one flat object of its properties.
public protocol ModelHyperparameters: Sendable, Equatable, Codable {
    /// What they train.
    associatedtype Model: StorableModel where Model.Hyperparameters == Self
    /// They as a recipe among those of all kinds.
    var recipe: ModelRecipe { get }
    /// Refuses values that have no meaning.
    /// - Throws: `invalidHyperparameter`.
    func validate() throws(RecommendationError)
    /// Trains the model. The same seed gives the same bits at any number of threads.
    /// - Parameter progress: called after each epoch of a factorization with its number, from 1.
    /// - Throws: `invalidHyperparameter`, `numerical`.
    func train(
        _ interactions: InteractionMatrix, threads: Int, progress: (_ epoch: Int) -> Void
    ) throws(RecommendationError) -> Model
}

extension ModelHyperparameters {
    /// Trains the model on all threads.
    public func train(_ interactions: InteractionMatrix) throws(RecommendationError) -> Model {
        try train(interactions, threads: ParallelBlocks.defaultThreads) { _ in }
    }

    /// The stored model that they trained.
    func open(_ file: TensorFile, users: Int, items: Int) throws(RecommendationError) -> any StorableModel {
        try Model(file, hyperparameters: self, users: users, items: items)
    }
}

/// A kind of model with all that its training depends on besides the interactions: what manifests, reports, searches
/// and commands name a model by.
///
/// As JSON it is the object of its hyperparameters with `kind`, as `{"kind": "ease", "regularization": 200, …}`. Without
/// `kind` it is `ials`, as recipes from before there was a choice are.
public enum ModelRecipe: Sendable, Equatable {
    /// Counts.
    case popularity
    /// Implicit alternating least squares.
    case ials(ImplicitALS.Hyperparameters)
    /// Cosine similarity of items.
    case itemCosine(ItemCosine)
    /// The linear autoencoder in closed form.
    case ease(EASE)
    /// Graph filters.
    case graphFilter(GraphFilter)
    /// iALS and graph filters.
    case blend(Blend)

    /// The recipe of a kind with its defaults.
    public init(_ kind: ModelKind) {
        self =
            switch kind {
            case .popularity: .popularity
            case .ials: .ials(.init())
            case .itemCosine: .itemCosine(.init())
            case .ease: .ease(.init())
            case .graphFilter: .graphFilter(.init())
            case .blend: .blend(.init())
            }
    }

    /// The hyperparameters alone.
    public var hyperparameters: any ModelHyperparameters {
        switch self {
        case .popularity: Popularity()
        case .ials(let chosen): chosen
        case .itemCosine(let chosen): chosen
        case .ease(let chosen): chosen
        case .graphFilter(let chosen): chosen
        case .blend(let chosen): chosen
        }
    }

    /// The kind of model that the recipe gives.
    public var kind: ModelKind {
        switch self {
        case .popularity: .popularity
        case .ials: .ials
        case .itemCosine: .itemCosine
        case .ease: .ease
        case .graphFilter: .graphFilter
        case .blend: .blend
        }
    }

    /// The factorization that is, or is part of, the model; nil without one. Setting it changes that part alone.
    public var factorization: ImplicitALS.Hyperparameters? {
        get {
            switch self {
            case .ials(let chosen): chosen
            case .blend(let chosen): chosen.ials
            case .popularity, .itemCosine, .ease, .graphFilter: nil
            }
        }
        set {
            guard let newValue else { return }
            switch self {
            case .ials: self = .ials(newValue)
            case .blend(var chosen):
                chosen.ials = newValue
                self = .blend(chosen)
            case .popularity, .itemCosine, .ease, .graphFilter: break
            }
        }
    }

    /// How often all rows of its factorization are solved; 0 without one.
    public var epochs: Int { factorization?.epochs ?? 0 }

    /// What its random start depends on; 0 where nothing is random, and then it stays so.
    public var seed: UInt64 {
        get {
            switch self {
            case .popularity, .itemCosine: 0
            case .ials(let chosen): chosen.seed
            case .ease(let chosen): chosen.seed
            case .graphFilter(let chosen): chosen.seed
            case .blend(let chosen): chosen.ials.seed
            }
        }
        set {
            switch self {
            case .popularity, .itemCosine: break
            case .ials(var chosen):
                chosen.seed = newValue
                self = .ials(chosen)
            case .ease(var chosen):
                chosen.seed = newValue
                self = .ease(chosen)
            case .graphFilter(var chosen):
                chosen.seed = newValue
                self = .graphFilter(chosen)
            case .blend(var chosen):
                chosen.ials.seed = newValue
                chosen.graphFilter.seed = newValue
                self = .blend(chosen)
            }
        }
    }

    /// Refuses hyperparameters that have no meaning.
    /// - Throws: `invalidHyperparameter`.
    public func validate() throws(RecommendationError) { try hyperparameters.validate() }

    /// Trains the model.
    /// - Parameter progress: called after each epoch of a factorization with its number, from 1.
    /// - Throws: `invalidHyperparameter`, `numerical`.
    public func train(
        _ interactions: InteractionMatrix, threads: Int = ParallelBlocks.defaultThreads,
        progress: (_ epoch: Int) -> Void = { _ in }
    ) throws(RecommendationError) -> any StorableModel {
        try hyperparameters.train(interactions, threads: threads, progress: progress)
    }

    /// The stored model that the recipe trained, of so many users and items.
    /// - Throws: `malformedTensors`, `shapeMismatch`, `nonFinite`, `numerical`.
    func open(_ file: TensorFile, users: Int, items: Int) throws(RecommendationError) -> any StorableModel {
        try hyperparameters.open(file, users: users, items: items)
    }
}

extension ModelRecipe: Codable {
    private enum CodingKeys: String, CodingKey { case kind }

    /// Reads a recipe; one whose hyperparameters have no meaning is refused.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self =
            switch try values.decodeIfPresent(ModelKind.self, forKey: .kind) ?? .ials {
            case .popularity: .popularity
            case .ials: .ials(try .init(from: decoder))
            case .itemCosine: .itemCosine(try .init(from: decoder))
            case .ease: .ease(try .init(from: decoder))
            case .graphFilter: .graphFilter(try .init(from: decoder))
            case .blend: .blend(try .init(from: decoder))
            }
        try validate()
    }

    /// Writes `kind` and the hyperparameters into one object.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(kind, forKey: .kind)
        try hyperparameters.encode(to: encoder)
    }
}
