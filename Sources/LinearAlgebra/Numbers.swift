import Foundation

/// Numbers that are read only, in an array or in a mapped file.
public struct Numbers<Element: BitwiseCopyable & Sendable>: Sendable {
    private enum Storage: Sendable {
        case array([Element])
        case mapped(MappedFile, offset: Int, count: Int)
    }
    private let storage: Storage

    /// The numbers of an array, shared with it.
    public init(_ array: [Element]) { storage = .array(array) }

    /// `count` numbers of a mapped file from byte `offset` on, in this machine's byte order; nil when they lie outside
    /// of it or not at a multiple of their size.
    public init?(_ file: MappedFile, offset: Int, count: Int) {
        let size = MemoryLayout<Element>.stride
        guard offset >= 0, count >= 0, offset % size == 0, offset <= file.count, count <= (file.count - offset) / size
        else { return nil }
        storage = .mapped(file, offset: offset, count: count)
    }

    /// How many there are.
    public var count: Int {
        switch storage {
        case .array(let array): array.count
        case .mapped(_, _, let count): count
        }
    }

    /// All of them.
    public var array: [Element] { slice(0..<count) }

    /// Those of a range, copied; the memory of a mapped file that they were read into is let go.
    public func slice(_ range: Range<Int>) -> [Element] {
        defer { release(range) }
        return withUnsafeBuffer { Array($0[range]) }
    }

    /// Calls `body` with the numbers.
    public func withUnsafeBuffer<Result>(_ body: (UnsafeBufferPointer<Element>) -> Result) -> Result {
        switch storage {
        case .array(let array): return array.withUnsafeBufferPointer(body)
        case .mapped(let file, let offset, let count):
            let start = (file.start + offset).bindMemory(to: Element.self, capacity: count)
            return body(UnsafeBufferPointer(start: start, count: count))
        }
    }

    /// Calls `body` with the numbers, or with nil.
    static func withUnsafeBuffer<Result>(
        _ numbers: Numbers?, _ body: (UnsafeBufferPointer<Element>?) -> Result
    ) -> Result {
        numbers?.withUnsafeBuffer { body($0) } ?? body(nil)
    }

    /// A hash of 64 bits that goes on from `hash`: the same for the same numbers in an array and in a file. O(count).
    public func mixed(into hash: UInt64) -> UInt64 {
        let result = withUnsafeBuffer { Checksum.mix(UnsafeRawBufferPointer($0), into: hash) }
        release(0..<count)
        return result
    }

    /// Lets the memory go that numbers of a mapped file were read into; they are read again when they are wanted.
    func release(_ range: Range<Int>) {
        guard case .mapped(let file, let offset, _) = storage else { return }
        let size = MemoryLayout<Element>.stride
        file.release(offset + range.lowerBound * size..<offset + range.upperBound * size)
    }
}

/// A file that is read as memory, page by page as it is wanted, shared by all processes that map it.
public final class MappedFile: @unchecked Sendable {
    /// Its length in bytes.
    public let count: Int
    let start: UnsafeRawPointer
    private let length: Int

    /// Maps a file. Whoever truncates it later ends the process that reads it: write such files anew, never in place.
    /// - Throws: `POSIXError`, `EINVAL` for what is no regular file.
    public init(_ file: URL) throws(POSIXError) {
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.error() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.error() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw POSIXError(.EINVAL) }
        count = Int(status.st_size)
        length = max(1, count)
        guard let start = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED else {
            throw Self.error()
        }
        self.start = UnsafeRawPointer(start)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: start), length) }

    /// All bytes, not copied; they keep the mapping alive.
    public var data: Data {
        guard count > 0 else { return Data() }
        return Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: count,
            deallocator: .custom { _, _ in withExtendedLifetime(self) {} })
    }

    /// `count` little-endian 32-bit numbers at byte `offset`; nil when they cannot be used where they lie.
    package func floats(at offset: Int, count: Int) -> UnsafeBufferPointer<Float>? {
        guard offset >= 0, offset % 4 == 0, count >= 0, count <= (self.count - offset) / 4,
            UInt16(littleEndian: 1) == 1
        else { return nil }
        return UnsafeBufferPointer(start: (start + offset).assumingMemoryBound(to: Float.self), count: count)
    }

    /// The checksum of the bytes from `offset` on, in parts of 16 MB that are let go at once. O(count).
    public func checksum(from offset: Int, into hash: UInt64) -> UInt64 {
        var hash = hash
        for first in stride(from: max(0, offset), to: count, by: 16 << 20) {
            let range = first..<min(count, first + (16 << 20))
            hash = Checksum.mix(UnsafeRawBufferPointer(start: start + first, count: range.count), into: hash)
            release(range)
        }
        return hash
    }

    /// Gives the whole pages within a range of bytes back. They are clean: nothing is lost.
    public func release(_ range: Range<Int>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let (first, last) = ((range.lowerBound + page - 1) / page * page, range.upperBound / page * page)
        guard first < last else { return }
        madvise(UnsafeMutableRawPointer(mutating: start + first), last - first, Int32(MADV_DONTNEED))
    }

    private static func error() -> POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}

/// A checksum of 64 bits that any change of one bit changes. Not for adversaries.
public enum Checksum {
    /// Mixes bytes into a hash, eight at a time: each step is a bijection of the hash and of the eight bytes. O(count).
    public static func mix(_ bytes: UnsafeRawBufferPointer, into start: UInt64) -> UInt64 {
        var hash = start ^ UInt64(truncatingIfNeeded: bytes.count)
        func take(_ word: UInt64) {
            hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 32
        }
        var offset = 0
        while offset + 8 <= bytes.count {
            take(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        var word: UInt64 = 0
        for byte in bytes[offset...] { word = word << 8 | UInt64(byte) }
        if offset < bytes.count { take(word) }
        return hash
    }
}
