import Documents
import Foundation
import Hummingbird

/// A part of a long list: at most `limit` elements behind an opaque cursor.
struct Page: Sendable {
    /// How many elements at most.
    let limit: Int
    /// The last element of the page before.
    let after: (createdAt: Int, id: String)?

    /// Reads `limit` (1…200, 50 by default) and `cursor`.
    init(_ request: Request) throws(Problem) {
        let query = request.uri.queryParameters
        if let text = query["limit"] {
            guard let limit = Int(text), (1...200).contains(limit) else {
                throw .parameter("limit", "'\(text)' is no number of elements", "1…200")
            }
            self.limit = limit
        } else {
            limit = 50
        }
        guard let text = query["cursor"] else {
            after = nil
            return
        }
        let parts = Data(base64Encoded: String(text).replacing("-", with: "+").replacing("_", with: "/"))
            .flatMap { String(validating: $0, as: UTF8.self) }?.split(separator: " ")
        guard let parts, parts.count == 2, let time = Int(parts[0]) else {
            throw .parameter("cursor", "is none of ours", "what 'next' of the page before says")
        }
        after = (time, String(parts[1]))
    }

    /// The cursor behind an element.
    static func cursor(_ createdAt: Int, _ id: String) -> String {
        Data("\(createdAt) \(id)".utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    }
}

extension Problem {
    /// A query parameter that cannot be taken.
    static func parameter(_ name: String, _ problem: String, _ allowed: String) -> Problem {
        Problem(
            status: .badRequest, type: "invalid-parameter", title: "A parameter cannot be taken",
            detail: "'\(name)' \(problem); allowed: \(allowed)",
            errors: [InputIssue("?" + name, problem, remedy: "allowed: \(allowed)")])
    }
}
