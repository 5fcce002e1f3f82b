import Foundation

/// A file mapped into memory, read only, until the last reference to it goes.
///
/// Opening reads nothing: pages come in when they are touched, shared by all processes that map the file, and go again
/// when memory is short. The file must not be changed in place, least of all cut, while it is mapped: reading behind
/// its new end would end the process. The registry never does; it replaces files whole, and a mapping keeps the old one.
final class MappedFile: Sendable {
    private nonisolated(unsafe) let base: UnsafeMutableRawPointer?
    private let count: Int

    /// Maps a regular file.
    /// - Throws: `fileFailure`.
    init(_ file: URL) throws(RecommendationError) {
        func failure(_ reason: String) -> RecommendationError {
            .fileFailure(operation: "map", file: file.lastPathComponent, reason: reason)
        }
        func systemFailure() -> RecommendationError { failure(String(cString: strerror(errno))) }
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemFailure() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw systemFailure() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw failure("it is not a file") }
        count = Int(status.st_size)
        guard count > 0 else {
            base = nil
            return
        }
        base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard base != MAP_FAILED else { throw systemFailure() }
    }

    deinit {
        if let base { munmap(base, count) }
    }

    /// All bytes, not copied; they keep the mapping alive.
    var data: Data {
        guard let base else { return Data() }
        return Data(bytesNoCopy: base, count: count, deallocator: .custom { _, _ in withExtendedLifetime(self) {} })
    }

    /// `count` little-endian 32-bit numbers at byte `offset`; nil when they cannot be used where they lie.
    func floats(at offset: Int, count: Int) -> UnsafeBufferPointer<Float>? {
        guard let base, offset >= 0, offset % 4 == 0, count >= 0, offset + 4 * count <= self.count,
            UInt16(littleEndian: 1) == 1
        else { return nil }
        return UnsafeBufferPointer(start: (base + offset).assumingMemoryBound(to: Float.self), count: count)
    }
}
