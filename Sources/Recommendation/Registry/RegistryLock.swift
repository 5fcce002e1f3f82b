import Foundation

/// A right that one process at a time has.
///
/// The kernel ends it with the process that holds it, however that dies: no lock is ever stale. Readers need none.
public final class RegistryLock: Sendable {
    /// What the right is to.
    public enum Scope: String, Sendable {
        /// To train or search, for as long as that takes; services, promotion and rollback go on meanwhile.
        case job
        /// To add versions and change the champion, for a moment.
        case writing
    }

    private let descriptor: Int32

    /// Takes a right to the registry in `folder`, which is created where it is absent.
    ///
    /// - Parameter holder: who takes it, for the message that others get.
    /// - Throws: `busy` when another process has it, `fileFailure`.
    init(_ folder: URL, _ scope: Scope, holder: String) throws(RecommendationError) {
        let file = folder.appendingPathComponent(".\(scope.rawValue).lock")
        func failure() -> RecommendationError {
            .fileFailure(operation: "lock", file: folder.lastPathComponent, reason: String(cString: strerror(errno)))
        }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw .fileFailure(operation: "create", file: folder.lastPathComponent, reason: error.localizedDescription)
        }
        while true {
            let opened = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard opened >= 0 else { throw failure() }
            guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
                let error = errno == EWOULDBLOCK ? RecommendationError.busy(holder: Self.text(opened)) : failure()
                close(opened)
                throw error
            }
            // Someone may have deleted the file meanwhile: then another job can lock the one that took its place.
            var (mine, current) = (stat(), stat())
            guard fstat(opened, &mine) == 0, stat(file.path, &current) == 0, mine.st_ino == current.st_ino else {
                close(opened)
                continue
            }
            descriptor = opened
            break
        }
        // The message is a courtesy: a full disk must not keep a rollback from its lock.
        let note = Array((holder + "\n").utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, note, note.count, 0) }
    }

    private static func text(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    deinit { close(descriptor) }
}

extension ModelRegistry {
    /// Takes the right to train or search.
    ///
    /// - Parameter holder: who takes it, for the message that others get.
    /// - Throws: `busy`, `fileFailure`.
    public func lockForJob(holder: String) throws(RecommendationError) -> RegistryLock {
        try RegistryLock(folder, .job, holder: holder)
    }

    /// Takes the right to add versions and change the champion, waiting up to ten seconds for another's write to end,
    /// and clears away what a killed writer left half done.
    /// - Throws: `busy`, `fileFailure`.
    public func lockForWriting(holder: String) throws(RecommendationError) -> RegistryLock {
        for _ in 0..<200 {
            do throws(RecommendationError) {
                let lock = try RegistryLock(folder, .writing, holder: holder)
                removeLeftovers()
                return lock
            } catch {
                guard case .busy = error else { throw error }
                usleep(50_000)
            }
        }
        return try RegistryLock(folder, .writing, holder: holder)
    }

    private func removeLeftovers() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names where AtomicFile.isTemporary(name) {
            try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
    }
}
