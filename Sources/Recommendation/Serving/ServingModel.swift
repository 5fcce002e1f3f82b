import Foundation
import LinearAlgebra
import Marketplace

/// A model of any kind in service: ranks offers by their IDs for users that it has or has not seen.
///
/// A user is folded in from its own history at the moment of asking, exactly as training would, so that an interaction
/// counts as soon as it is recorded: nothing is kept between requests, so nothing is stale and nothing is locked.
///
/// What has no history stands on a prior from its features where the model has factors to foretell (`ials`, and that
/// part of `blend`). For the other kinds a user without history is the mean of all users, and of an offer that nobody
/// has dealt with nothing is claimed. `popularity` makes no difference between users, and explains nothing.
///
/// Immutable: a new catalogue or model makes a new value.
public struct ServingModel: Sendable {
    /// The version in the registry.
    public let version: String
    let model: any StorableModel
    /// The model, or its part, that has factors; nil without.
    let factorization: ImplicitALSModel?
    let columns: [String: Int]
    let offers: [String]
    let weighting: InteractionWeighting
    /// How scores become probabilities; nil leaves them as they are.
    public let calibration: Calibration?
    /// What a user without history is taken for, from features; nil takes the mean user.
    let userPrior: FeaturePrior?
    /// The mean of the users' factors; empty without a factorization.
    let meanUser: [Float]
    /// What kinds that score all offers at once show the mean user: of a blend, by its graph filters; else empty.
    let meanScores: [Float]
    /// How features foretell an offer's factors; nil without a catalogue.
    public private(set) var offerPrior: FeaturePrior?
    /// The columns that somebody dealt with.
    let dealtWith: [Bool]
    /// The factors of offers that nobody has dealt with, from their features.
    private var foretold: [String: [Float]] = [:]
    /// The items of a model that is a factorization and nothing else, ready for search.
    let index: InnerProductIndex?

    /// What kind of model it is.
    public var kind: ModelKind { model.recipe.kind }

    /// Opens the champion of the registry in `folder`, in a time that does not depend on its users.
    ///
    /// - Parameters:
    ///   - catalog: what is for sale; offers of it that the model does not know get a prior.
    ///   - weighting: that of models whose manifests have none; the others repeat their training's.
    /// - Throws: `noChampion`, `unknownVersion`, `brokenModel`.
    public init(
        championIn folder: String, catalog: Catalog? = nil, weighting: InteractionWeighting = .init()
    ) throws(RecommendationError) {
        let open = try ModelRegistry(folder: URL(fileURLWithPath: folder, isDirectory: true)).openChampion()
        try self.init(open, catalog: catalog, weighting: weighting)
    }

    /// Puts an opened version in service.
    /// - Throws: `brokenModel`.
    public init(
        _ open: OpenModel, catalog: Catalog? = nil, weighting: InteractionWeighting = .init()
    ) throws(RecommendationError) {
        let manifest = open.manifest
        guard let offers = open.itemIDs else {
            throw .brokenModel(version: manifest.version, reason: "a model without offer IDs cannot be put in service")
        }
        do throws(RecommendationError) {
            try self.init(
                version: manifest.version, model: open.model, offers: offers,
                weighting: manifest.weighting ?? weighting,
                calibration: manifest.calibration, userPrior: manifest.userPrior)
            if let catalog { self = try withOffers(of: catalog) }
        } catch {
            throw .brokenModel(version: manifest.version, reason: "\(error)")
        }
    }

    /// Puts `model` in service; `offers` are the IDs of its items.
    /// - Throws: `shapeMismatch`, `nonFinite`, `numerical`. O(items · d), and O(interactions) of kinds that keep them.
    public init(
        version: String, model: any StorableModel, offers: [String], weighting: InteractionWeighting = .init(),
        calibration: Calibration? = nil, userPrior: FeaturePrior? = nil
    ) throws(RecommendationError) {
        guard offers.count == model.itemCount else {
            throw .shapeMismatch(what: "offer IDs", expected: "\(model.itemCount)", found: "\(offers.count)")
        }
        let factors = model.recipe.factorization?.factors
        if let userPrior, userPrior.intercept.count != factors {
            throw .shapeMismatch(
                what: "user prior", expected: factors.map { "\($0)" } ?? "none, as there are no factors",
                found: "\(userPrior.intercept.count)")
        }
        self.version = version
        self.model = model
        self.offers = offers
        self.weighting = weighting
        self.calibration = calibration
        self.userPrior = userPrior
        columns = Dictionary(offers.enumerated().map { ($1, $0) }) { $1 }
        switch model {
        case let model as ImplicitALSModel:
            factorization = model
            meanScores = []
            index = try numerical { () throws(LinearAlgebraError) in try InnerProductIndex(model.itemFactors) }
            dealtWith = model.takenItems
        case let model as BlendModel:
            factorization = model.factorization
            meanScores = try model.filters.meanScores()
            index = nil
            dealtWith = model.filters.takenItems
        default:
            factorization = nil
            meanScores = try model.meanScores()
            index = nil
            dealtWith = (model as? any LinearModel)?.takenItems ?? meanScores.map { $0 != 0 }
        }
        meanUser = try factorization?.meanFactors() ?? []
    }

    /// The same model over what is for sale in `catalog`: offers that nobody has dealt with get a prior from features,
    /// where the model has factors.
    /// - Throws: `numerical`. O(offers · features²).
    public func withOffers(of catalog: Catalog) throws(RecommendationError) -> ServingModel {
        var result = self
        let known = catalog.offers.filter { offer in columns[offer.id].map { dealtWith[$0] } ?? false }
        result.foretold = [:]
        result.offerPrior = nil
        guard let factorization, !known.isEmpty else { return result }
        let factors = try numerical { () throws(LinearAlgebraError) in
            try factorization.itemFactors.gatheringRows(known.compactMap { columns[$0.id] })
        }
        let prior = try FeaturePrior.fit(known.map { $0.features(in: catalog) }, factors: factors)
        let learned = Set(known.map(\.id))
        for offer in catalog.offers where !learned.contains(offer.id) {
            result.foretold[offer.id] = prior.factors(offer.features(in: catalog))
        }
        result.offerPrior = prior
        return result
    }

    /// The column of an offer that somebody has dealt with.
    func learnedColumn(_ offer: String) -> Int? { columns[offer].flatMap { dealtWith[$0] ? $0 : nil } }

    /// The factors of an offer that nobody has dealt with, from its features.
    func foretoldFactors(of offer: String) -> [Float]? { foretold[offer] }
}
