import Foundation
import LinearAlgebra

/// A probabilistic factorization of log-transformed QoS with noise of heavy tails.
///
/// `log(x_us + c) = μ + m_u + w_uᵀ z_s + σ_u ε`, z_s ~ N(0, I), ε of Student's t distribution with ν degrees of
/// freedom: probabilistic principal components (Tipping and Bishop 1999) over users, with missing values, robust by the
/// weights of Liu and Rubin (1995). Offers have few measurements, so that their posterior covariances count in every
/// step; without them the fit is far worse. Each sweep ends in the parameter expansion of Liu, Rubin and Wu (1998):
/// the factors are turned so that the offers' have mean 0 and covariance I, which saves most of the sweeps.
struct QoSFactorization: Sendable {
    /// c, in the unit of the skewed values.
    let offset: Double
    /// ν.
    let freedom: Double
    /// μ.
    let center: Double
    /// (w_u, m_u), users × (r + 1).
    var users: RowMoments
    /// (z_s, 1), offers × (r + 1).
    var offers: RowMoments
    /// σ_u².
    var noise: [Float]
    /// The variance of all transformed values, which scales the users' prior.
    let variance: Double

    /// μ + m_u + w_uᵀ z_s. O(r).
    @inline(__always)
    func location(_ user: ArraySlice<Float>, _ offer: ArraySlice<Float>) -> Float {
        var sum = Float(center)
        for (x, z) in zip(user, offer) { sum += x * z }
        return sum
    }

    /// The transform of a skewed value, less μ.
    func target(_ skewed: Double) -> Float { Float(log(skewed + offset) - center) }

    /// The weights w / σ² of Student's t: (ν + 1) / (ν + e² / σ²) / σ².
    static func weight(_ square: Float, _ noise: Float, _ freedom: Double) -> Float {
        Float(freedom + 1) / (Float(freedom) * noise + square)
    }
}

/// The entries of a fit in both orders.
struct QoSSystems: Sendable {
    let byUser: PosteriorSystems
    let byOffer: PosteriorSystems
    /// For each entry by offer, its place by user.
    let order: [Int]
    /// The skewed values, by user.
    let values: [Double]

    /// The systems of entries that are in order of users.
    init(_ entries: [QoSMeasurements.Entry], users: Int, offers: Int, scale: QoSScale) throws(RecommendationError) {
        var userStarts = [Int](repeating: 0, count: users + 1)
        var offerStarts = [Int](repeating: 0, count: offers + 1)
        for entry in entries {
            userStarts[entry.user + 1] += 1
            offerStarts[entry.offer + 1] += 1
        }
        for user in 0..<users { userStarts[user + 1] += userStarts[user] }
        for offer in 0..<offers { offerStarts[offer + 1] += offerStarts[offer] }
        var next = offerStarts
        var order = [Int](repeating: 0, count: entries.count)
        for (index, entry) in entries.enumerated() {
            order[next[entry.offer]] = index
            next[entry.offer] += 1
        }
        self.order = order
        values = entries.map { scale.skewed($0.value) }
        let (columns, rows) = (entries.map { Int32($0.offer) }, order.map { Int32(entries[$0].user) })
        byUser = try numerical { () throws(LinearAlgebraError) in
            try PosteriorSystems(rowStarts: userStarts, columns: columns)
        }
        byOffer = try numerical { () throws(LinearAlgebraError) in
            try PosteriorSystems(rowStarts: offerStarts, columns: rows)
        }
    }

    /// How many entries a user or an offer has.
    static func counts(_ systems: PosteriorSystems) -> [Int] {
        (0..<systems.count).map { systems.rowStarts[$0 + 1] - systems.rowStarts[$0] }
    }
}
