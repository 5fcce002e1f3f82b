import Documents
import Foundation
import HTTPTypes
import Hummingbird
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
    /// Faults with JSON pointers.
    var errors: [InputIssue] = []
    /// What conflicts in an infeasible request.
    var extensions: [(String, JSONValue?)] = []

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
                                    ("pointer", .string($0.location)), ("detail", .string($0.problem)),
                                    ("remedy", $0.remedy.isEmpty ? nil : .string($0.remedy))
                                ])
                            })
                )
            ] + extensions)
        return Response(
            status: status, headers: [.contentType: "application/problem+json"],
            body: .init(byteBuffer: .init(string: body.text())))
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
        case QuotingError.terms(let cause):
            self.init(
                status: .unprocessableContent, type: "terms", title: "The contract cannot carry the terms",
                detail: "\(cause)")
        case is NIOTooManyBytesError:
            self.init(status: .contentTooLarge, type: "too-large", title: "The body is too large")
        default:
            self.init(status: .internalServerError, type: "internal", title: "Something failed here")
        }
    }

    private init(_ input: InputError) {
        self.init(
            status: .badRequest, type: "invalid-request", title: "The request cannot be read", errors: input.issues)
    }
}
