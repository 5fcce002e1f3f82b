import Marketplace
import MathematicalProgramming

/// What keeps the optimizer from answering at all. An infeasible request is an answer, not an error.
public enum AllocationError: Error, Sendable, CustomStringConvertible {
    /// A holding names an offer that is not in the catalogue.
    case unknownOffer(String)
    /// The request or an offer is nothing that can be computed with.
    case unusable(String)
    /// An offer cannot be billed for what it would carry.
    case billing(offer: String, BillingError)
    /// The solver refused the model.
    case solver(ProgrammingError)
    /// There are too many placements to enumerate.
    case tooLarge(placements: Double, limit: Int)
    /// The answer did not pass the independent check.
    case checkFailed([String])

    /// What is wrong and what helps.
    public var description: String {
        switch self {
        case .unknownOffer(let id): "the offer '\(id)' is not in the catalogue; import it or leave it out of 'current'"
        case .unusable(let fault): fault
        case .billing(let offer, .unpublished(let price)):
            "the offer '\(offer)' publishes no price for \(price.rawValue), which the request needs there"
        case .billing(let offer, .money(let error)): "the offer '\(offer)' cannot be billed: \(error)"
        case .solver(let error): "the solver failed: \(error)"
        case .tooLarge(let placements, let limit):
            "\(placements) placements are too many to enumerate, at most \(limit) are tried; leave out the reference"
        case .checkFailed(let faults): "the answer failed its check: \(faults.joined(separator: "; "))"
        }
    }
}
