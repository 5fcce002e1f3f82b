import Documents
import Hummingbird
import MarketplaceStore
import Signing

/// `GET /.well-known/jwks.json`: the keys by which quotes are verified.
enum KeyRoutes {
    static let read = Operation(
        "readKeys", .get, "/.well-known/jwks.json", "The public keys by which signed quotes are verified (RFC 7517).",
        tag: .service, answers: [.json("KeySet", "The keys.", headers: ["Cache-Control": "5 minutes."])])

    static func add(to router: inout OperationRouter, _ keys: KeyRing?) {
        let text = (keys?.verification.jwks ?? ["keys": []]).text()
        router.add(read) { _, _ in
            StoredResponse(.ok, headers: ["Cache-Control": "public, max-age=300"], json: text).http
        }
    }
}
