import Documents
import Hummingbird
import MarketplaceStore
import Signing

/// `GET /.well-known/jwks.json`: the keys by which quotes are verified.
enum KeyRoutes {
    static func add(to router: Router<APIContext>, _ keys: KeyRing?) {
        let text = (keys?.verification.jwks ?? ["keys": []]).text()
        router.get(".well-known/jwks.json") { _, _ in
            StoredResponse(.ok, headers: ["Cache-Control": "public, max-age=300"], json: text).http
        }
    }
}
