import Hummingbird
import MarketplaceStore

/// Takes operations with their handlers, and makes the router of them.
struct OperationRouter {
    /// What was taken, in order.
    private(set) var operations: [Operation] = []
    private var routes: [(Router<APIContext>) -> Void] = []
    private let bodySeconds: Int

    /// - Parameter bodySeconds: how long a request's body may take to arrive.
    init(bodySeconds: Int) { self.bodySeconds = bodySeconds }

    /// Answers `operation` by `handler`, which is called only for callers that have the operation's scope, with no query
    /// parameter that the operation does not know, and whose body has come in full.
    mutating func add(
        _ operation: Operation,
        use handler: @escaping @Sendable (Request, APIContext) async throws -> some ResponseGenerator
    ) {
        operations.append(operation)
        let bodySeconds = bodySeconds
        routes.append { router in
            router.on(operation.routerPath, method: operation.method) { request, context in
                try operation.check(request, context)
                guard let body = operation.body else { return try await handler(request, context) }
                let arriving = request
                var arrived = request
                let bytes = try await within(seconds: bodySeconds) {
                    try await arriving.body.collect(upTo: body.limit)
                }
                arrived.body = .init(buffer: bytes)
                return try await handler(arrived, context)
            }
        }
    }

    /// Adds a route for each operation to `router`, behind the middleware that it has.
    func add(to router: Router<APIContext>) { for route in routes { route(router) } }
}

/// Which methods each path has: whoever calls another one is told so.
struct AllowedMethods: Sendable {
    private let paths: [(segments: [Substring], method: String)]

    /// - Parameter pages: paths that are read and nothing else, beside the operations.
    init(_ operations: [Operation], pages: [String] = []) {
        paths =
            operations.map { ($0.path.split(separator: "/"), $0.method.rawValue) }
            + pages.flatMap { path in ["GET", "HEAD"].map { (path.split(separator: "/"), $0) } }
    }

    /// The methods of the path, sorted; none when there is nothing. O(operations).
    func methods(of path: String) -> [String] {
        let segments = path.split(separator: "/")
        return Set(
            paths.filter { template, _ in
                template.count == segments.count
                    && zip(template, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
            }.map(\.method)
        ).sorted()
    }
}

extension APIContext {
    /// Who calls, for handlers of operations that need a scope.
    var caller: Caller {
        get throws(Problem) {
            guard let principal else { throw .unauthenticated }
            return principal.caller
        }
    }
}
