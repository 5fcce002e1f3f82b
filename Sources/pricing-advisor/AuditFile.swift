import CommandSupport
import Documents
import Foundation
import Pricing

/// The audit trail on disk: one line a record, only ever appended to.
struct AuditFile {
    let path: String

    /// Runs `body` with the verified trail, appends the records that it returns, and hands out its value.
    ///
    /// A lock makes readers of the trail's end wait for each other, so that two answers at once still make one chain. The
    /// records are on disk before this returns: an answer that cannot be recorded is not given.
    ///
    /// - Throws: `CommandEnd` for a file that cannot be written or whose chain is broken; what `body` throws.
    func append<Value>(_ body: (AuditTrail) throws -> (records: [AuditRecord], value: Value)) throws -> Value {
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandEnd(
                .failure, "error: the audit trail '\(path)' cannot be written; name a file by --audit")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard flock(descriptor, LOCK_EX) == 0 else {
            throw CommandEnd(.failure, "error: the audit trail '\(path)' cannot be locked; put it on a local disk")
        }
        let trail = try verified(Array(try file.readToEnd() ?? Data()))
        let (records, value) = try body(trail)
        do {
            try file.write(contentsOf: Data(records.map { $0.line + "\n" }.joined().utf8))
            try file.synchronize()
        } catch {
            throw CommandEnd(
                .failure, "error: the audit trail '\(path)' cannot be written: \(error.localizedDescription)")
        }
        return value
    }

    /// The verified trail.
    func read() throws -> AuditTrail { try verified(try Terminal.read(path, "the audit trail")) }

    /// The same; an empty one where there is no file yet.
    func readIfPresent() throws -> AuditTrail {
        FileManager.default.fileExists(atPath: path) ? try read() : try verified([])
    }

    private func verified(_ bytes: [UInt8]) throws -> AuditTrail {
        do throws(InputError) { return try AuditTrail(verifying: bytes, document: path) } catch {
            throw CommandEnd(.refused, error.description)
        }
    }
}
