import Crypto
import Documents
import Foundation
import Hummingbird
import MarketplaceStore

/// `GET /openapi.json`: what the service can do, for machines. Added last, as it tells of all that was added before.
enum DocumentRoutes {
    static let read = Operation(
        "readDescription", .get, "/openapi.json", "This description.", tag: .service, parameters: [.ifNoneMatch],
        answers: [
            .json("Description", "OpenAPI 3.1.", headers: ["ETag": "The entity tag.", "Cache-Control": "5 minutes."]),
            .notModified
        ])

    static func add(to router: inout OperationRouter) {
        let text = Operation.document(router.operations + [read]).text()
        let digest = SHA256.hash(data: Data(text.utf8)).prefix(12)
        let tag = "\"" + Data(digest).base64EncodedString().replacing("/", with: "_").replacing("+", with: "-") + "\""
        let headers = ["ETag": tag, "Cache-Control": "public, max-age=300"]
        router.add(read) { request, _ in
            if let field = request.headers[.ifNoneMatch], EntityTag.list(field, contains: tag) {
                return StoredResponse(status: 304, headers: headers, body: []).http
            }
            return StoredResponse(.ok, headers: headers, json: text).http
        }
    }
}
