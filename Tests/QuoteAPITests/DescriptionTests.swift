import Documents
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import MarketplaceStore
import QuoteAPI
import Quoting
import TestSupport
import Testing

extension TestService {
    /// A key of a tenant with some scopes.
    func key(of tenant: String, _ scopes: Set<String>) throws -> String {
        var generator = SystemRandomNumberGenerator()
        return try store.transact(by: .machine, at: 0) {
            try $0.createKey(for: tenant, name: "k", scopes: scopes, using: &generator).text
        }
    }
}

@Suite("The served description")
struct DescriptionTests {
    private func description(_ caller: TestCaller) async throws -> JSONValue {
        let answer = try await caller.call(.get, "/openapi.json", as: nil)
        #expect(answer.status == 200 && answer.field("Content-Type") == "application/json")
        return answer.json
    }

    /// Method, path and operation.
    private func operations(_ description: JSONValue) -> [(method: String, path: String, operation: JSONValue)] {
        (description["paths"]?.members ?? [:]).sorted { $0.key < $1.key }.flatMap { path, methods in
            methods.members.sorted { $0.key < $1.key }.map { ($0.key.uppercased(), path, $0.value) }
        }
    }

    @Test func itTellsOfEveryRouteAndOfNoOther() async throws {
        let service = try TestService()
        let server = QuoteServer(
            store: service.store, models: "/nonexistent", configuration: QuotingConfiguration(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let routes = server.router().routes.map { route in
            let segments = route.path.description.split(separator: "/").map { segment in
                segment.hasPrefix(":") ? "{" + segment.dropFirst() + "}" : String(segment)
            }
            return "\(route.method.rawValue) /" + segments.joined(separator: "/")
        }
        try await service.run { caller in
            let described = operations(try await description(caller)).map { "\($0.method) \($0.path)" }
            #expect(Set(routes) == Set(described) && routes.count == described.count)
        }
    }

    @Test func everyReferenceResolvesAndEverySchemaIsUsed() async throws {
        try await TestService().run { caller in
            let description = try await description(caller)
            let schemas = SchemaCheck(description).schemas
            var used: Set<String> = []
            func walk(_ value: JSONValue) {
                if let reference = value["$ref"]?.text {
                    #expect(reference.hasPrefix("#/components/schemas/"))
                    used.insert(String(reference.dropFirst(21)))
                }
                for member in value.members.values { walk(member) }
                for element in value.elements { walk(element) }
            }
            walk(description)
            #expect(used.subtracting(schemas.keys).isEmpty)
            #expect(Set(schemas.keys).subtracting(used).isEmpty)
            let ids = operations(description).compactMap { $0.operation["operationId"]?.text }
            #expect(Set(ids).count == ids.count)
        }
    }

    @Test func exampleRequestsAndTheirAnswersFitTheSchemas() async throws {
        try await TestService().run { caller in
            let check = SchemaCheck(try await description(caller))
            for name in try ShippedData.requestNames() {
                let request = try ShippedData.request(name)
                let faults = check.faults(try JSONValue(parsing: request), "SLARequest")
                #expect(faults.isEmpty, "\(name)")
                let answer = try await caller.call(.post, "/v1/quotes", body: request)
                let wrong = check.faults(answer.json, answer.status == 201 ? "Quote" : "Problem")
                #expect(wrong.isEmpty, "\(name)")
                #expect([201, 422].contains(answer.status))
            }
            let bad = try JSONValue(parsing: #"{"user":"","storage":{},"term":{"months":0},"x":1}"#.utf8)
            #expect(check.faults(bad, "SLARequest").count >= 5)
        }
    }

    @Test func everyScopeIsAskedFor() async throws {
        let service = try TestService()
        let all = Set(Scope.allCases.map(\.rawValue))
        try await service.run { caller in
            var open: Set<String> = []
            for (method, path, operation) in operations(try await description(caller)) {
                let place = path.replacing("{register}", with: "storage-provider").replacing("{", with: "")
                    .replacing("}", with: "")
                guard let verb = HTTPRequest.Method(method) else { continue }
                guard let scope = operation["security"]?.elements.first?["bearer"]?.elements.first?.text else {
                    open.insert(path)
                    continue
                }
                #expect(try await caller.call(verb, place, as: nil).status == 401, "\(method) \(path)")
                let weak = try service.key(of: "acme", all.subtracting([scope]))
                let answer = try await caller.call(verb, place, as: weak)
                #expect(answer.status == 403 && answer.problem == "forbidden", "\(method) \(path)")
                let query = try await caller.call(verb, place + "?nobody=1", as: try service.key(of: "acme", [scope]))
                #expect(query.status == 400 && query.problem == "invalid-parameter", "\(method) \(path)")
            }
            #expect(open.isSuperset(of: ["/livez", "/openapi.json", "/.well-known/jwks.json"]))
            #expect(
                !open.contains {
                    $0.hasPrefix("/v1/") && !$0.hasPrefix("/v1/listing") && !$0.hasPrefix("/v1/providers")
                })
        }
    }

    @Test func itIsCachedAndOtherMethodsAreRefused() async throws {
        try await TestService().run { caller in
            let first = try await caller.call(.get, "/openapi.json", as: nil)
            let again = try await caller.call(.get, "/openapi.json", as: nil, ["If-None-Match": first.tag])
            #expect(!first.tag.isEmpty && again.status == 304 && again.bytes.isEmpty)
            let other = try await caller.call(.delete, "/v1/quotes/x")
            #expect(other.status == 405 && other.field("Allow") == "GET")
            #expect(try await caller.call(.delete, "/v1/nothing").status == 404)
            let twice = try await caller.call(.get, "/v1/quotes?limit=1&limit=2")
            #expect(twice.status == 400)
        }
    }
}
