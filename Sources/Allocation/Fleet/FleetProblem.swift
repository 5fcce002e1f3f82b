import Marketplace
import Money

/// Many requests that are planned at once against what offers can take together.
public struct FleetProblem: Sendable {
    /// The requests, validated against the catalogue; they are named by their position here.
    public let requests: [SLARequest]
    /// What is for sale.
    public let catalog: Catalog
    /// The offers that may serve a request. Asked once for all requests that differ in volumes, term, budget, credits
    /// and user only, so it must not look at these.
    public let eligible: @Sendable (SLARequest) -> [Offer]
    /// By offer ID the raw bytes that all requests together may hold there, as far as its own `capacityBytes` allows. An
    /// offer that is not named takes that, or anything.
    public let capacities: [String: Int]
    /// How failures are shared.
    public let failures: FailureModel
    /// The platform's own charges.
    public let charges: PlatformCharges
    /// Schemes that `auto` chooses among.
    public let schemes: [RedundancyScheme]

    /// A problem of given parts.
    ///
    /// - Parameter eligible: the offers that may serve a request; all of the catalogue unless given.
    public init(
        requests: [SLARequest], catalog: Catalog, capacities: [String: Int] = [:],
        failures: FailureModel = FailureModel(), charges: PlatformCharges = PlatformCharges(),
        schemes: [RedundancyScheme] = AllocationProblem.defaultSchemes,
        eligible: (@Sendable (SLARequest) -> [Offer])? = nil
    ) {
        self.requests = requests
        self.catalog = catalog
        self.capacities = capacities
        self.failures = failures
        self.charges = charges
        self.schemes = schemes
        self.eligible = eligible ?? { _ in catalog.offers }
    }

    /// The raw bytes that an offer can take from all requests together; nil without a limit. A negative capacity is none.
    public func capacity(of offer: Offer) -> Int? {
        guard let given = capacities[offer.id] else { return offer.capacityBytes.map { max(0, $0) } }
        return max(0, min(given, offer.capacityBytes ?? given))
    }

    /// The problem of one request alone, without what the others take.
    public func problem(of request: SLARequest) throws(AllocationError) -> AllocationProblem {
        try AllocationProblem(
            request: request, offers: eligible(request), catalog: catalog, failures: failures, charges: charges,
            schemes: schemes)
    }
}
