/// What `body` gives within `seconds`; beyond them it is cancelled.
/// - Throws: what `body` throws; ``Problem/slow(_:)`` when time is up.
func within<Value: Sendable>(
    seconds: Int, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: .seconds(seconds))
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else { throw Problem.slow(seconds) }
        return value
    }
}

extension Problem {
    /// A request that did not come in full in time.
    static func slow(_ seconds: Int) -> Problem {
        Problem(
            status: .requestTimeout, type: "slow", title: "The body took too long",
            detail: "send it within \(seconds) s", headers: [.connection: "close"])
    }
}
