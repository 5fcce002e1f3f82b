import Hummingbird

/// What a request carries along its way beyond its own bytes.
public struct APIContext: RequestContext {
    /// The framework's part.
    public var coreContext: CoreRequestContextStorage
    /// Who calls, once that is known.
    var principal: Principal?
    /// The trace that it belongs to.
    var trace: TraceParent?
    /// Whether it asks how the service is, which is answered always.
    var isWatch = false
    /// Where it comes from.
    let address: String?

    /// The context of a request that has just come in.
    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress
    }

    /// Who calls, if they may do what `scope` names.
    func require(_ scope: Scope) throws(Problem) -> Principal {
        guard let principal else { throw .unauthenticated }
        guard principal.scopes.contains(scope) else { throw .lacking(scope) }
        return principal
    }
}

extension Problem {
    /// Nobody is known to call.
    static var unauthenticated: Problem {
        Problem(
            status: .unauthorized, type: "unauthenticated", title: "Who calls is not known",
            detail: "send 'Authorization: Bearer …' with a valid API key or token",
            headers: [.wwwAuthenticate: "Bearer"])
    }

    /// A key or token that opens nothing, with the error code of RFC 6750.
    static func invalidToken(_ reason: String) -> Problem {
        // A header field's quoted text is ASCII without quotes.
        let description = reason.replacing("'", with: "").replacing("…", with: " to ")
        return Problem(
            status: .unauthorized, type: "unauthenticated", title: "Who calls is not known", detail: reason,
            headers: [.wwwAuthenticate: "Bearer error=\"invalid_token\", error_description=\"\(description)\""])
    }

    /// Who calls may not do this.
    static func lacking(_ scope: Scope) -> Problem {
        Problem(
            status: .forbidden, type: "forbidden", title: "The key or token does not allow this",
            detail: "it needs the scope '\(scope.rawValue)'",
            headers: [.wwwAuthenticate: "Bearer error=\"insufficient_scope\", scope=\"\(scope.rawValue)\""])
    }
}
