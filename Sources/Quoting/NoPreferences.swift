import Marketplace

/// The preference model of a marketplace that has not learned anything yet: nobody is preferred.
public struct NoPreferences: PreferenceModel {
    /// No model.
    public init() {}

    /// `none`
    public var version: String { "none" }

    /// `none`
    public var fingerprint: String { version }

    /// Says that there is no model.
    public func basis(for user: String) -> String { "nothing: no model is in service, so QoS alone ranks" }

    /// Knows no offer.
    public func preferences(of user: String, for offers: [Offer]) -> [PredictedPreference?] { offers.map { _ in nil } }

    /// Has none.
    public func evidence(of user: String, for offer: Offer) -> [Evidence] { [] }
}
