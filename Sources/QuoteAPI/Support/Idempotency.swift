import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import MarketplaceStore
import NIOCore
import Synchronization

extension HTTPField.Name {
    /// `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).
    static var idempotencyKey: HTTPField.Name { HTTPField.Name("Idempotency-Key") ?? .ifMatch }
    /// Whether an answer was given before.
    static var idempotencyReplayed: HTTPField.Name { HTTPField.Name("Idempotency-Replayed") ?? .ifMatch }
}

/// Calls that are being answered: whoever repeats one of them meanwhile is told to wait.
final class CallsInFlight: Sendable {
    private struct Place: Hashable {
        let tenant: String
        let key: String
    }

    private let places = Mutex<Set<Place>>([])

    /// Runs `body` for a call, unless it was answered before or is being answered.
    ///
    /// Whoever repeats an answered call never waits: all repetitions at once get the known answer.
    func run(
        _ call: IdempotentCall?, by caller: Caller, in state: MarketState,
        _ body: () async throws -> StoredResponse
    ) async throws -> StoredResponse {
        guard let call else { return try await body() }
        if let known = try await state.compute({ try state.store.answer(to: call, by: caller) }) { return known }
        let place = Place(tenant: caller.tenant, key: call.key)
        guard places.withLock({ $0.insert(place).inserted }) else {
            throw Problem(
                status: .conflict, type: "in-flight", title: "The same call is being answered",
                detail: "repeat it in a second", headers: [.retryAfter: "1"])
        }
        defer { places.withLock { _ = $0.remove(place) } }
        return try await body()
    }
}

extension IdempotentCall {
    /// The call that a request is; nil when it names no key.
    init?(_ request: Request, body: ByteBuffer) throws(Problem) {
        guard let key = request.headers[.idempotencyKey] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem(
                status: .badRequest, type: "invalid-header", title: "The Idempotency-Key cannot be taken",
                detail: "send 1 to 255 printable ASCII characters without spaces, such as a UUID")
        }
        var hash = SHA256()
        hash.update(data: Data("\(request.method.rawValue) \(request.uri.path)\n".utf8))
        hash.update(data: Data(body.readableBytesView))
        self.init(
            key: key,
            fingerprint: hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())
    }
}

extension StoredResponse {
    /// A JSON document as an answer.
    init(_ status: HTTPResponse.Status, headers: [String: String] = [:], json text: String) {
        self.init(
            status: status.code, headers: headers.merging(["Content-Type": "application/json"]) { own, _ in own },
            body: Array(text.utf8))
    }

    /// The answer as it goes out; one that was given before says so in a header, its body is the same.
    var http: Response {
        var fields = HTTPFields()
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        if isRepeated { fields[.idempotencyReplayed] = "true" }
        return Response(status: .init(code: status), headers: fields, body: .init(byteBuffer: .init(bytes: body)))
    }
}
