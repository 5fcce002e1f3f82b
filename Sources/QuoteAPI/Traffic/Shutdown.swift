import ServiceLifecycle
import Synchronization

/// Whether the service has been told to stop, and the notice that it gives before it does.
final class Shutdown: Service, Sendable {
    private let stopping = Mutex(false)
    private let noticeSeconds: Int

    init(noticeSeconds: Int) { self.noticeSeconds = noticeSeconds }

    /// Whether it has been told to stop.
    var hasBegun: Bool { stopping.withLock { $0 } }

    /// Waits for the word; then notes it, and lets those who ask `/readyz` find out before the listener is closed: services
    /// are stopped one after the other, the last first.
    func run() async throws {
        try? await gracefulShutdown()
        stopping.withLock { $0 = true }
        try? await Task.sleep(for: .seconds(noticeSeconds))
    }
}
