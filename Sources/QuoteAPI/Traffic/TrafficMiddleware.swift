import HTTPTypes
import Hummingbird
import Logging

extension HTTPField.Name {
    /// `traceparent` (W3C Trace Context).
    static var traceParent: HTTPField.Name { HTTPField.Name("traceparent") ?? .via }
}

/// The outermost: gives every request its place in a trace, refuses what is too much at once, and counts and times what was
/// answered.
struct TrafficMiddleware: RouterMiddleware {
    let metrics: ServiceMetrics
    let logger: Logger
    let concurrentRequests: Int
    let targetBytes: Int

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let begin = ServiceMetrics.seconds()
        var (context, generator) = (context, SystemRandomNumberGenerator())
        let trace = TraceParent(continuing: request.headers[.traceParent], using: &generator)
        context.trace = trace
        context.isWatch = HealthRoutes.paths.contains(request.uri.path)
        var response = try await answer(request, context, next)
        response.headers[.traceParent] = trace.field
        let seconds = ServiceMetrics.seconds() - begin
        let route = ServiceMetrics.Route(
            method: Self.known.contains(request.method) ? request.method.rawValue : "other",
            template: Self.template(context.endpointPath), status: response.status.code)
        metrics.answered(route, seconds: seconds)
        logger.debug(
            "answered",
            metadata: [
                "trace": "\(trace.trace)", "method": "\(route.method)", "route": "\(route.template)",
                "status": "\(route.status)", "seconds": "\(seconds)"
            ])
        return response
    }

    private static let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .delete, .patch, .options]

    private static func template(_ path: String?) -> String {
        // The router says so of what it has no route for.
        guard let path, path != "NotFound" else { return "none" }
        return path
    }

    private func answer(
        _ request: Request, _ context: APIContext, _ next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            guard request.uri.string.utf8.count <= targetBytes else {
                throw Problem(
                    status: .uriTooLong, type: "target-too-long", title: "The path and its query are too long",
                    detail: "at most \(targetBytes) bytes are read")
            }
            guard !context.isWatch else { return try await next(request, context) }
            guard metrics.begin(most: concurrentRequests) else {
                metrics.refused(.overload)
                throw Problem(
                    status: .serviceUnavailable, type: "overload", title: "Too many requests are being answered",
                    headers: [.retryAfter: "1"])
            }
            defer { metrics.end() }
            return try await next(request, context)
        } catch let problem as Problem {
            return try problem.response(from: request, context: context)
        }
    }
}
