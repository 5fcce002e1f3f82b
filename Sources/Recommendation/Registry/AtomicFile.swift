import Foundation

/// Writing that a crash cannot leave half done.
enum AtomicFile {
    /// Writes `bytes` beside `file`, flushes them to the disk, and renames the result into place.
    ///
    /// Whoever opens `file` sees the old contents or the new, never a mixture.
    /// - Throws: `fileFailure`.
    static func write(_ bytes: Data, to file: URL) throws(RecommendationError) {
        let temporary = temporary(beside: file)
        do {
            // Foundation would create it under yet another name first, which a kill could leave behind.
            let handle = try handle(of: temporary, O_WRONLY | O_EXCL)
            try handle.write(contentsOf: bytes)
            try handle.synchronize()
            try handle.close()
        } catch {
            try? FileManager.default.removeItem(at: temporary)
            throw .fileFailure(operation: "write", file: file.lastPathComponent, reason: error.localizedDescription)
        }
        try move(temporary, to: file)
    }

    /// Opens a file, which is created where it is absent.
    static func handle(of file: URL, _ flags: Int32) throws -> FileHandle {
        let descriptor = open(file.path, flags | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// A hidden name in the folder of `file` that nobody else uses.
    static func temporary(beside file: URL) -> URL {
        file.deletingLastPathComponent().appendingPathComponent(".\(file.lastPathComponent).\(UUID().uuidString)")
    }

    /// Whether `temporary` made the name: in a folder that nobody else writes into, something left behind.
    static func isTemporary(_ name: String) -> Bool {
        guard name.hasPrefix("."), let dot = name.lastIndex(of: ".") else { return false }
        return UUID(uuidString: String(name[name.index(after: dot)...])) != nil
    }

    /// Renames a file or folder within its folder and flushes the folder's entry.
    /// - Throws: `fileFailure`.
    static func move(_ source: URL, to target: URL) throws(RecommendationError) {
        guard rename(source.path, target.path) == 0 else {
            let reason = String(cString: strerror(errno))
            try? FileManager.default.removeItem(at: source)
            throw .fileFailure(operation: "put in place", file: target.lastPathComponent, reason: reason)
        }
        // Without this the rename itself may be lost with the power.
        let folder = open(target.deletingLastPathComponent().path, O_RDONLY)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }
}
