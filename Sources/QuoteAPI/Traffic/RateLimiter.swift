import HTTPTypes
import Hummingbird
import Synchronization

/// How often each name may call: at most `quota` calls in any window, and the room comes back evenly.
///
/// The generic cell rate algorithm (ITU-T I.371, virtual scheduling): of each name one number is kept, the time at which
/// all its room will be free again. O(1) a call; names whose room is free are forgotten when there are many.
final class RateLimiter: Sendable {
    /// What a call was told.
    struct Verdict: Sendable, Equatable {
        let isAllowed: Bool
        /// Calls that would be allowed now.
        let remaining: Int
        /// Seconds until all room is free or, for a refused call, until one is allowed; rounded up.
        let seconds: Int
    }

    let quota: Int
    let window: Int
    private let mostNames: Int
    private let free = Mutex<[String: Double]>([:])

    /// - Parameters:
    ///   - quota: calls, at least 1.
    ///   - window: seconds, at least 1.
    ///   - mostNames: from how many names on those whose room is free are forgotten.
    init(quota: Int, window: Int, mostNames: Int = 100_000) {
        (self.quota, self.window, self.mostNames) = (max(1, quota), max(1, window), mostNames)
    }

    /// Counts a call of `name` at `now`, in seconds of a clock that never goes back.
    func call(_ name: String, at now: Double) -> Verdict {
        let (window, interval) = (Double(window), Double(window) / Double(quota))
        return free.withLock { free in
            let start = max(free[name] ?? now, now)
            // A millionth of a call's room, for what rounding takes.
            let slack = interval * 1e-6
            guard start + interval - now <= window + slack else {
                return Verdict(
                    isAllowed: false, remaining: 0, seconds: Int((start + interval - now - window).rounded(.up)))
            }
            if free[name] == nil, free.count >= mostNames { free = free.filter { $0.value > now } }
            free[name] = start + interval
            let used = start + interval - now
            return Verdict(
                isAllowed: true, remaining: max(0, Int((window - used + slack) / interval)),
                seconds: Int(used.rounded(.up)))
        }
    }
}

extension HTTPField.Name {
    /// `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
    static var rateLimit: HTTPField.Name { HTTPField.Name("RateLimit") ?? .retryAfter }
    /// `RateLimit-Policy` of the same draft.
    static var rateLimitPolicy: HTTPField.Name { HTTPField.Name("RateLimit-Policy") ?? .retryAfter }
}

/// Refuses who calls too often: a tenant or, where nobody is named, an address. Tells every caller what is left.
struct RateLimitMiddleware: RouterMiddleware {
    let limiter: RateLimiter
    let metrics: ServiceMetrics

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard !context.isWatch else { return try await next(request, context) }
        let fields =
            if let tenant = context.principal?.caller.tenant {
                try admit("t" + tenant, "tenant")
            } else {
                try admit("a" + (context.address ?? ""), "address")
            }
        do {
            var response = try await next(request, context)
            response.headers.append(contentsOf: fields)
            return response
        } catch var problem as Problem {
            problem.headers.append(contentsOf: fields)
            throw problem
        }
    }

    /// Counts a call of `name`, and tells what is left to it.
    ///
    /// - Parameter policy: what names are: tenants or addresses.
    /// - Throws: the problem of a call too many.
    func admit(_ name: String, _ policy: String) throws(Problem) -> HTTPFields {
        let verdict = limiter.call(name, at: ServiceMetrics.seconds())
        let fields: HTTPFields = [
            .rateLimitPolicy: "\"\(policy)\";q=\(limiter.quota);w=\(limiter.window)",
            .rateLimit: "\"\(policy)\";r=\(verdict.remaining);t=\(verdict.seconds)"
        ]
        guard verdict.isAllowed else {
            metrics.refused(.rate)
            throw Problem(
                status: .tooManyRequests, type: "rate", title: "Too many requests",
                detail: "\(limiter.quota) are allowed in \(limiter.window) s; repeat it in \(verdict.seconds) s",
                headers: fields + [.retryAfter: "\(verdict.seconds)"])
        }
        return fields
    }
}

extension HTTPFields {
    fileprivate static func + (one: HTTPFields, other: HTTPFields) -> HTTPFields {
        var all = one
        all.append(contentsOf: other)
        return all
    }
}
