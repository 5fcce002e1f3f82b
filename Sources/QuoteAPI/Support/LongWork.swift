import Dispatch
import HTTPTypes
import Synchronization

/// Work of seconds, away from requests: one piece at a time, few that wait, one for each tenant. Whoever asks for a piece
/// that is under way waits for it; a piece that was begun goes on when whoever asked for it has left.
final class LongWork<Value: Sendable>: Sendable {
    private struct Piece {
        let key: String
        let task: Task<Value, any Error>
    }

    private let queue: DispatchQueue
    private let limit: Int
    private let pieces = Mutex<[String: Piece]>([:])

    /// - Parameter limit: how many pieces may be under way or wait.
    init(_ label: String, limit: Int) {
        queue = DispatchQueue(label: label, qos: .utility)
        self.limit = limit
    }

    /// What `body` gives, which is run once for all who ask for `key` meanwhile.
    /// - Throws: what `body` throws; a ``Problem`` when the tenant waits for another piece already, or all places are
    ///   taken.
    func value(
        _ key: String, for tenant: String, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let task = try pieces.withLock { running throws(Problem) in
            if let piece = running[tenant] {
                guard piece.key == key else { throw Problem.oneAtATime }
                return piece.task
            }
            guard running.count < limit else { throw Problem.tooMuchWork }
            let task = Task { try await run(body, for: tenant) }
            running[tenant] = Piece(key: key, task: task)
            return task
        }
        return try await task.value
    }

    private func run(_ body: @escaping @Sendable () throws -> Value, for tenant: String) async throws -> Value {
        defer { pieces.withLock { $0[tenant] = nil } }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }
}

extension Problem {
    static var oneAtATime: Problem {
        Problem(
            status: .tooManyRequests, type: "one-at-a-time", title: "Another question of yours is being worked on",
            detail: "questions that take seconds are answered one at a time; repeat it in a few seconds",
            headers: [.retryAfter: "5"])
    }

    static var tooMuchWork: Problem {
        Problem(
            status: .serviceUnavailable, type: "busy", title: "Too many questions are being worked on",
            headers: [.retryAfter: "10"])
    }
}
