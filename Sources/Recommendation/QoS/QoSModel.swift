import Foundation
import LinearAlgebra

/// Predicts one QoS metric between any user and any offer, as a distribution.
///
/// Two factorizations of the logarithm, one that heeds small values and one that heeds large, predict; calibration turns
/// their predictions into a distribution. Whoever is unknown is taken for the mean of the narrowest known group.
/// A value: an update gives a new state and disturbs no reader of the old one.
public struct QoSModel: Sendable {
    /// How it was fitted.
    public let hyperparameters: QoSHyperparameters
    /// How values are spread.
    public let scale: QoSScale
    /// Who measured.
    public internal(set) var users: QoSParties
    /// What was measured.
    public internal(set) var offers: QoSParties
    /// The robust factorization, with a small offset, and the one that heeds large values.
    var factorizations: [QoSFactorization]
    /// Of the slices before, in each factorization's axes; empty after a cold start.
    let anchors: [QoSAnchor]
    /// By `level`.
    let calibrations: [QoSCalibration]
    /// The range of skewed values that training saw.
    var support: ClosedRange<Double>
    var userEntries: [[QoSLink]]
    var offerEntries: [[QoSLink]]
    /// Whether a user or an offer has been measured enough to be judged by itself.
    var userIsKnown: [Bool]
    var offerIsKnown: [Bool]
    let userGroups: [QoSGroups]
    let offerGroups: [QoSGroups]
    /// The pairs that were measured since training.
    var pairs: [QoSPairKey: QoSPair] = [:]

    /// The measurements that someone who joined after training needs before its own factors' accuracy is trusted.
    public static let measurementsToBeKnown = 5

    init(
        hyperparameters: QoSHyperparameters, scale: QoSScale, users: QoSParties, offers: QoSParties,
        factorizations: [QoSFactorization], calibrations: [QoSCalibration], support: ClosedRange<Double>,
        entries: [QoSMeasurements.Entry], previous: QoSModel? = nil
    ) {
        self.hyperparameters = hyperparameters
        self.scale = scale
        self.users = users
        self.offers = offers
        self.factorizations = factorizations
        self.calibrations = calibrations
        self.support = support
        var userEntries = [[QoSLink]](repeating: [], count: users.count)
        var offerEntries = [[QoSLink]](repeating: [], count: offers.count)
        for entry in entries {
            let skewed = scale.skewed(entry.value)
            userEntries[entry.user].append(QoSLink(other: entry.offer, skewed: skewed))
            offerEntries[entry.offer].append(QoSLink(other: entry.user, skewed: skewed))
        }
        self.userEntries = userEntries
        self.offerEntries = offerEntries
        anchors = previous?.factorizations.map { QoSAnchor(users: $0.users.means, offers: $0.offers.means) } ?? []
        func known(_ entries: [[QoSLink]], _ before: [Bool]) -> [Bool] {
            entries.indices.map { !entries[$0].isEmpty || ($0 < before.count && before[$0]) }
        }
        let userIsKnown = known(userEntries, previous?.userIsKnown ?? [])
        let offerIsKnown = known(offerEntries, previous?.offerIsKnown ?? [])
        self.userIsKnown = userIsKnown
        self.offerIsKnown = offerIsKnown
        userGroups = factorizations.map {
            QoSGroups($0.users.means, paths: users.paths, isKnown: userIsKnown, prior: hyperparameters.groupPrior)
        }
        offerGroups = factorizations.map {
            QoSGroups($0.offers.means, paths: offers.paths, isKnown: offerIsKnown, prior: hyperparameters.groupPrior)
        }
    }

    /// The distribution of what `user` will see at `offer`.
    ///
    /// An ID that the model does not know is no error: the party is taken for the mean of its narrowest known group, and
    /// the distribution is as wide as such predictions have shown to need. O(factors · path).
    /// - Parameters:
    ///   - userPath: where the user belongs, from coarse to fine, if the model does not know it.
    ///   - offerPath: where the offer belongs, if the model does not know it.
    public func predict(
        user: String, offer: String, userPath: [String] = [], offerPath: [String] = []
    ) -> QoSDistribution {
        let (row, column) = (users.index(user), offers.index(offer))
        return predict(
            row, column, row.map { users.paths[$0] } ?? userPath, column.map { offers.paths[$0] } ?? offerPath)
    }

    /// The distribution between a user and an offer by their indices.
    /// - Throws: `indexOutOfRange`.
    public func predict(user: Int, offer: Int) throws(RecommendationError) -> QoSDistribution {
        guard (0..<users.count).contains(user) else {
            throw .indexOutOfRange(kind: "user", index: user, count: users.count)
        }
        guard (0..<offers.count).contains(offer) else {
            throw .indexOutOfRange(kind: "offer", index: offer, count: offers.count)
        }
        return predict(user, offer, users.paths[user], offers.paths[offer])
    }

    /// Which calibration applies: 0 both known, 1 the user unknown, 2 the offer, 3 both.
    static func level(userIsKnown: Bool, offerIsKnown: Bool) -> Int { (userIsKnown ? 0 : 1) + (offerIsKnown ? 0 : 2) }

    /// The ratios over their median: a level that began anew is no prediction of factors, whose bias they make up for.
    private static func centred(_ ratios: [Float]) -> [Float] {
        guard !ratios.isEmpty else { return ratios }
        let median = (ratios[(ratios.count - 1) / 2] + ratios[ratios.count / 2]) / 2
        return median > 0 ? ratios.map { $0 / median } : ratios
    }

    private func predict(_ user: Int?, _ offer: Int?, _ userPath: [String], _ offerPath: [String]) -> QoSDistribution {
        let pair: QoSPair? = if let user, let offer { pairs[QoSPairKey(user: user, offer: offer)] } else { nil }
        let locations = factorizations.indices.map { k in
            // A row is there for everyone with an index: the group's mean until the first measurement.
            factorizations[k].location(
                user.map { factorizations[k].users.means.row($0) } ?? userGroups[k].mean(userPath)[...],
                offer.map { factorizations[k].offers.means.row($0) } ?? offerGroups[k].mean(offerPath, last: 1)[...])
                + (pair?.levels[k] ?? 0)
        }
        let feature = QoSCalibration.Feature(p: locations[0], q: locations[1])
        let level = Self.level(
            userIsKnown: user.map { userIsKnown[$0] } ?? false, offerIsKnown: offer.map { offerIsKnown[$0] } ?? false)
        let ratios = calibrations[level].ratios(feature)
        return QoSDistribution(
            valueScale: scale, scale: exp(Double(feature.p)), offset: factorizations[0].offset, support: support,
            ratios: pair?.isRestarted == true ? Self.centred(ratios) : ratios)
    }
}

/// Factors of earlier time slices: prior means of those who were there.
struct QoSAnchor: Sendable {
    let users: Matrix<Float>
    let offers: Matrix<Float>

    /// The row of a user; nil for one who joined later.
    func user(_ index: Int) -> [Float]? { index < users.rows ? Array(users.row(index)) : nil }

    /// The row of an offer; nil for one that joined later.
    func offer(_ index: Int) -> [Float]? { index < offers.rows ? Array(offers.row(index)) : nil }
}

/// The other party of a measurement, and the skewed value.
struct QoSLink: Sendable {
    var other: Int
    var skewed: Double
}

extension QoSGroups {
    /// The mean with its last coordinate, an intercept's, replaced.
    func mean(_ path: [String], last: Float) -> [Float] {
        var mean = mean(path)
        if !mean.isEmpty { mean[mean.count - 1] = last }
        return mean
    }
}
