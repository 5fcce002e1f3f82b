import Documents
import Foundation
import HTTPTypes
import Hummingbird
import MarketplaceContract
import MarketplaceStore
import NIOCore
import Quoting

/// An error as clients get it: RFC 9457 `application/problem+json` with a stable type.
struct Problem: Error, HTTPResponseError {
    let status: HTTPResponse.Status
    /// The last part of the type's URI; stable.
    let type: String
    let title: String
    var detail: String?
    /// Faults with JSON pointers, or with `?` and the name of a query parameter.
    var errors: [InputIssue] = []
    /// Further members, such as what conflicts in an infeasible request.
    var extensions: [(String, JSONValue?)] = []
    /// Further header fields.
    var headers: HTTPFields = [:]

    func response(from request: Request, context: some RequestContext) throws -> Response {
        let body = JSONValue(
            members: [
                ("type", .string("https://flashback.tech/problems/" + type)), ("title", .string(title)),
                ("status", JSONValue(status.code)), ("detail", detail.map { .string($0) }),
                (
                    "errors",
                    errors.isEmpty
                        ? nil
                        : .array(
                            errors.map {
                                JSONValue(members: [
                                    $0.location.hasPrefix("?")
                                        ? ("parameter", .string(String($0.location.dropFirst())))
                                        : ("pointer", .string($0.location)),
                                    ("detail", .string($0.problem)),
                                    ("remedy", $0.remedy.isEmpty ? nil : .string($0.remedy))
                                ])
                            })
                )
            ] + extensions)
        var fields = headers
        fields[.contentType] = "application/problem+json"
        return Response(
            status: status, headers: fields, body: .init(byteBuffer: .init(string: body.text())))
    }
}

extension Problem {
    /// The one place where errors become problems.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let input as InputError: self.init(input)
        case QuotingError.input(let input): self.init(input)
        case QuotingError.payment(let cause):
            self.init(
                status: .unprocessableContent, type: "payment", title: "The payment asset cannot be priced",
                detail: "\(cause)")
        case QuotingError.allocation(let cause):
            self.init(
                status: .unprocessableContent, type: "allocation", title: "The request cannot be allocated",
                detail: "\(cause)")
        case QuotingError.terms(let cause): self.init(cause)
        case let contract as ContractError: self.init(contract)
        case let store as StoreError: self.init(store)
        case is NIOTooManyBytesError:
            self.init(status: .contentTooLarge, type: "too-large", title: "The body is too large")
        default:
            self.init(status: .internalServerError, type: "internal", title: "Something failed here")
        }
    }

    /// A request that no allocation meets, with what conflicts in it and what would do.
    init(_ refusal: Refusal) {
        let members: [String: JSONValue] = if case .object(let members) = refusal.json { members } else { [:] }
        self.init(
            status: .unprocessableContent, type: "infeasible", title: "No allocation meets the request",
            detail: refusal.text,
            extensions: ["conflict", "alternatives", "pins"].map { ($0, members[$0]) }
                + [("answer", members["status"])])
    }

    /// What the marketplace contract cannot express or will not take.
    private init(_ error: ContractError) {
        self.init(
            status: .unprocessableContent, type: "contract", title: "The marketplace contract does not take this",
            detail: "\(error)")
    }

    private init(_ error: StoreError) {
        func conflict(_ type: String, _ title: String) -> Problem {
            Problem(status: .conflict, type: type, title: title, detail: "\(error)")
        }
        func unavailable(_ type: String, _ title: String) -> Problem {
            Problem(status: .serviceUnavailable, type: type, title: title, headers: [.retryAfter: "5"])
        }
        switch error {
        case .unknownQuote: self.init(status: .notFound, type: "not-found", title: "There is no such quote")
        case .quoteExpired: self = conflict("expired", "The quote has expired")
        case .illegalTransition: self = conflict("state", "The quote's state does not allow this")
        case .revised: self = conflict("revised", "The quote was revised already")
        case .quoteExists: self = conflict("exists", "Another quote has this ID")
        case .noCapacity: self = conflict("capacity", "An offer of the quote has too little capacity left")
        case .withdrawn: self = conflict("withdrawn", "An offer of the quote is no longer listed")
        case .settlementOrder: self = conflict("settlement-order", "A period does not follow what was settled")
        case .registerState: self = conflict("register-state", "The register does not allow this")
        case .unknownParticipant:
            self.init(status: .notFound, type: "not-found", title: "There is no such participant", detail: "\(error)")
        case .noCredit: self = conflict("credit", "A credit that the quote counts on is spoken for")
        case .reusedKey:
            self.init(
                status: .unprocessableContent, type: "reused-key", title: "The Idempotency-Key was used before",
                detail: "\(error)")
        case .refused(let input): self.init(input)
        case .unknownReference:
            self.init(
                status: .unprocessableContent, type: "unknown-reference",
                title: "An offer, provider or region is not known")
        case .busy: self = unavailable("busy", "The store is busy")
        case .diskFull: self = unavailable("storage", "Nothing can be stored at the moment")
        default: self.init(status: .internalServerError, type: "internal", title: "Something failed here")
        }
    }

    private init(_ input: InputError) {
        // A table of a million rows may have a fault in each.
        let (shown, all) = (input.issues.prefix(200), input.issues.count)
        self.init(
            status: .badRequest, type: "invalid-request", title: "The request cannot be read",
            detail: all > shown.count ? "the first \(shown.count) of \(all) faults" : nil, errors: Array(shown))
    }
}
