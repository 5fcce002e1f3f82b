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
            guard FileManager.default.createFile(atPath: temporary.path, contents: nil) else {
                throw CocoaError(.fileWriteUnknown)
            }
            let handle = try FileHandle(forWritingTo: temporary)
            try handle.write(contentsOf: bytes)
            try handle.synchronize()
            try handle.close()
        } catch {
            try? FileManager.default.removeItem(at: temporary)
            throw .fileFailure(operation: "write", file: file.lastPathComponent, reason: error.localizedDescription)
        }
        try move(temporary, to: file)
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
