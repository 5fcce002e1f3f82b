import Foundation
import LinearAlgebra
import Marketplace

/// A factorization in service: ranks offers by their IDs for users that it has or has not seen.
///
/// A user's factors are folded in from the user's own history at the moment of asking, exactly as training solves
/// them, so that an interaction counts as soon as it is recorded: nothing is kept between requests, so nothing is
/// stale and nothing is locked. What has no history stands on a prior from its features.
///
/// Immutable: a new catalogue or model makes a new value.
public struct ServingModel: Sendable {
    /// The version in the registry.
    public let version: String
    let model: ImplicitALSModel
    let columns: [String: Int]
    let offers: [String]
    let weighting: InteractionWeighting
    /// How scores become probabilities; nil leaves them as they are.
    public let calibration: Calibration?
    /// What a user without history is taken for, from features; nil takes the mean user.
    let userPrior: FeaturePrior?
    /// The mean of all users' factors.
    let meanUser: [Float]
    /// How features foretell an offer's factors; nil without a catalogue.
    public private(set) var offerPrior: FeaturePrior?
    /// The columns that somebody dealt with.
    let dealtWith: [Bool]
    /// The factors of offers that nobody has dealt with, from their features.
    private var foretold: [String: [Float]] = [:]
    /// The items, ready for search.
    let index: InnerProductIndex

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
        guard let model = open.model as? ImplicitALSModel, let offers = open.itemIDs else {
            throw .brokenModel(
                version: manifest.version, reason: "only factorizations with offer IDs can be put in service")
        }
        do throws(RecommendationError) {
            try self.init(
                version: manifest.version, model: model, offers: offers,
                weighting: manifest.weighting ?? weighting,
                calibration: manifest.calibration, userPrior: manifest.userPrior)
            if let catalog { self = try withOffers(of: catalog) }
        } catch {
            throw .brokenModel(version: manifest.version, reason: "\(error)")
        }
    }

    /// Puts `model` in service; `offers` are the IDs of its items.
    /// - Throws: `shapeMismatch`, `nonFinite`. O(items · d).
    public init(
        version: String, model: ImplicitALSModel, offers: [String], weighting: InteractionWeighting = .init(),
        calibration: Calibration? = nil, userPrior: FeaturePrior? = nil
    ) throws(RecommendationError) {
        guard offers.count == model.itemCount else {
            throw .shapeMismatch(what: "offer IDs", expected: "\(model.itemCount)", found: "\(offers.count)")
        }
        if let userPrior, userPrior.intercept.count != model.hyperparameters.factors {
            throw .shapeMismatch(
                what: "user prior", expected: "\(model.hyperparameters.factors)", found: "\(userPrior.intercept.count)")
        }
        self.version = version
        self.model = model
        self.offers = offers
        self.weighting = weighting
        self.calibration = calibration
        self.userPrior = userPrior
        columns = Dictionary(offers.enumerated().map { ($1, $0) }) { $1 }
        meanUser = try Self.mean(model.userFactors)
        dealtWith = (0..<model.itemCount).map { model.itemFactors.row($0).contains { $0 != 0 } }
        index = try numerical { () throws(LinearAlgebraError) in try InnerProductIndex(model.itemFactors) }
    }

    /// The mean of all rows up to 4096, and of 8 evenly spaced runs of 512 beyond: of a million mapped users some pages
    /// are read, not all.
    private static func mean(_ users: Matrix<Float>) throws(RecommendationError) -> [Float] {
        let (runs, length) = (8, 512)
        let isSmall = users.rows <= runs * length
        let starts = isSmall ? [0] : (0..<runs).map { $0 * (users.rows - length) / (runs - 1) }
        let count = isSmall ? users.rows : length
        var sum = [Double](repeating: 0, count: users.columns)
        for start in starts {
            for row in start..<start + count {
                for (j, x) in users.row(row).enumerated() { sum[j] += Double(x) }
            }
        }
        let mean = sum.map { Float($0 / Double(max(1, starts.count * count))) }
        guard mean.allSatisfy(\.isFinite) else { throw .nonFinite(what: "the user factors") }
        return mean
    }

    /// The same model over what is for sale in `catalog`: offers that nobody has dealt with get a prior from features.
    /// - Throws: `numerical`. O(offers · features²).
    public func withOffers(of catalog: Catalog) throws(RecommendationError) -> ServingModel {
        var result = self
        let known = catalog.offers.filter { offer in columns[offer.id].map { dealtWith[$0] } ?? false }
        result.foretold = [:]
        result.offerPrior = nil
        guard !known.isEmpty else { return result }
        let factors = try numerical { () throws(LinearAlgebraError) in
            try model.itemFactors.gatheringRows(known.compactMap { columns[$0.id] })
        }
        let prior = try FeaturePrior.fit(known.map { $0.features(in: catalog) }, factors: factors)
        let learned = Set(known.map(\.id))
        for offer in catalog.offers where !learned.contains(offer.id) {
            result.foretold[offer.id] = prior.factors(offer.features(in: catalog))
        }
        result.offerPrior = prior
        return result
    }

    /// An offer's factors and whether they were learned; nil for an offer that neither model nor catalogue has.
    func factors(of offer: String) -> (factors: [Float], isLearned: Bool)? {
        if let column = columns[offer], dealtWith[column] { return (Array(model.itemFactors.row(column)), true) }
        return foretold[offer].map { ($0, false) }
    }
}
