import Documents
import HTTPTypes
import Hummingbird
import MarketplaceStore

/// One thing that the service does: how it is called and what it answers.
///
/// Routes and the served description are both made from it, so that they cannot differ.
struct Operation: Sendable {
    /// What operations are grouped by.
    enum Tag: String, Sendable, CaseIterable {
        case quotes, slas, recommendations, market, measurements, administration, service

        /// What the group is for.
        var summary: String {
            switch self {
            case .quotes: "Quotes: made, read, accepted, declined, cancelled, revised."
            case .slas: "Accepted quotes, and how they are settled."
            case .recommendations: "Who suits a user, and what users did."
            case .market: "The listing, its providers, and pricing advice."
            case .measurements: "What was measured."
            case .administration: "Catalogue and registers, by the operator."
            case .service: "The service itself."
            }
        }
    }

    /// The name that clients generated from the description use; unique.
    let id: String
    let method: HTTPRequest.Method
    /// The path template, e.g. `/v1/quotes/{id}`.
    let path: String
    let summary: String
    let tag: Tag
    /// What the caller must be allowed; nil for what everybody may call.
    let scope: Scope?
    let parameters: [Parameter]
    let body: Body?
    /// What is answered when all is well.
    let answers: [Answer]
    /// The statuses of the problems that may be answered, beside those that follow from the above.
    let problems: [HTTPResponse.Status]

    /// - Parameters:
    ///   - parameters: of the query and the header; those of the path follow from the template.
    ///   - problems: beside 400, 401, 403, 404, 413 and 422 where parameters, scope, path and body bring them, and 408,
    ///     414, 429 and 503, which may always come.
    init(
        _ id: String, _ method: HTTPRequest.Method, _ path: String, _ summary: String, tag: Tag, scope: Scope? = nil,
        parameters: [Parameter] = [], body: Body? = nil, answers: [Answer], problems: [HTTPResponse.Status] = []
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.summary = summary
        self.tag = tag
        self.scope = scope
        let segments = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
        // Those that are not described are IDs.
        let others = segments.filter { name in !parameters.contains { $0.place == .path && $0.name == name } }
        self.parameters = others.map { Parameter($0, in: .path, .text(maximum: 200), "Which one.") } + parameters
        self.body = body
        self.answers = answers
        self.problems = problems
    }

    /// The path as the router takes it: `/v1/quotes/:id`.
    var routerPath: RouterPath {
        RouterPath(path.replacing("{", with: ":").replacing("}", with: ""))
    }
}

extension Operation {
    /// A parameter of the path, the query or the header.
    struct Parameter: Sendable {
        /// Where it stands.
        enum Place: String, Sendable { case path, query, header }

        /// What it can be.
        enum Kind: Sendable {
            /// 1 to `maximum` characters.
            case text(maximum: Int)
            /// A whole number.
            case integer(ClosedRange<Int>)
            /// One word of a list.
            case choice([String])
        }

        let name: String
        let place: Place
        let kind: Kind
        let summary: String
        /// Path parameters always are.
        let isRequired: Bool

        init(_ name: String, in place: Place = .query, _ kind: Kind, _ summary: String, required: Bool = false) {
            self.name = name
            self.place = place
            self.kind = kind
            self.summary = summary
            isRequired = required || place == .path
        }

        /// The size of a page.
        static let limit = Parameter("limit", .integer(1...200), "The most elements to answer with; 50 by default.")
        /// Where a page begins.
        static let cursor = Parameter("cursor", .text(maximum: 500), "What `next` of the page before says.")
        /// Makes a call repeatable.
        static let idempotencyKey = Parameter(
            "Idempotency-Key", in: .header, .text(maximum: 255),
            "Repeating a call with the same key within seven days has no further effect and gets the same answer.")
        /// The condition of a change.
        static let ifMatch = Parameter(
            "If-Match", in: .header, .text(maximum: 1000), "Change it only if its entity tag is one of these.")
        /// The condition of a reading.
        static let ifNoneMatch = Parameter(
            "If-None-Match", in: .header, .text(maximum: 1000), "Answer 304 if its entity tag is one of these.")
    }

    /// What is sent.
    struct Body: Sendable {
        /// The name of its schema in ``Schemas``; nil for text that no schema describes.
        let schema: String?
        /// What it is written in.
        let mediaTypes: [String]
        /// The most bytes.
        let limit: Int
        /// Whether it must be there.
        let isRequired: Bool

        /// JSON of a schema.
        static func json(_ schema: String, limit: Int, required: Bool = true) -> Body {
            Body(schema: schema, mediaTypes: ["application/json"], limit: limit, isRequired: required)
        }
    }

    /// One status that is answered when all is well, and what comes with it.
    struct Answer: Sendable {
        let status: HTTPResponse.Status
        let summary: String
        /// The name of the body's schema; nil for no body, or text.
        let schema: String?
        /// What the body is written in; nil for no body.
        let mediaType: String?
        /// Header fields that come with it, and what they tell.
        let headers: [String: String]
        /// Operations that take the body's `id` next.
        var links: [String] = []

        /// JSON of a schema.
        static func json(
            _ schema: String, _ summary: String, status: HTTPResponse.Status = .ok, headers: [String: String] = [:],
            links: [String] = []
        ) -> Answer {
            Answer(
                status: status, summary: summary, schema: schema, mediaType: "application/json", headers: headers,
                links: links)
        }

        /// Text.
        static func text(
            _ mediaType: String = "text/plain", _ summary: String, headers: [String: String] = [:]
        ) -> Answer {
            Answer(status: .ok, summary: summary, schema: nil, mediaType: mediaType, headers: headers)
        }

        /// No body.
        static func empty(_ status: HTTPResponse.Status, _ summary: String) -> Answer {
            Answer(status: status, summary: summary, schema: nil, mediaType: nil, headers: [:])
        }

        /// What was asked for has not changed.
        static let notModified = empty(.notModified, "It has not changed.")
    }
}
